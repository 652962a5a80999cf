//! The reference pages in `server/docs/` are up to date with the catalogue.

use std::{
    fs,
    path::{Path, PathBuf},
};

use schema::Release;

const HOW: &str = "run `UPDATE=1 cargo test --test tests reference` and commit `server/docs`";

#[test]
fn the_reference_is_up_to_date() {
    let mut stale = vec![];
    for page in ide::reference::pages() {
        let path = folder().join(&page.file);
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&path, &page.markdown).unwrap();
        }
        if fs::read_to_string(&path).unwrap_or_default() != page.markdown {
            stale.push(page.file);
        }
    }
    assert!(stale.is_empty(), "{} in server/docs: not what the catalogue says; {HOW}", stale.join(", "));
}

/// The README names the known releases.
#[test]
fn the_readme_names_the_known_releases() {
    let path = folder().join("../../README.md");
    let text = fs::read_to_string(&path).unwrap();
    let start = text.find("* **Releases**: ").expect("a sentence about releases");
    let end = start + text[start..].find(". ").expect("the end of the sentence");
    let (count, oldest, newest) = (Release::all().count(), Release::OLDEST, Release::NEWEST);
    let sentence = format!("* **Releases**: all {count} releases of dstack from {oldest} to {newest}");
    let updated = format!("{}{sentence}{}", &text[..start], &text[end..]);
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &updated).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), updated, "{HOW}");
}

/// Every link leads to a heading, and no two headings of a page have the same anchor.
#[test]
fn links_lead_to_headings() {
    let pages = ide::reference::pages();
    let anchors = |markdown: &str| -> Vec<String> {
        let mut is_code = false;
        let headings = markdown.lines().filter(|line| {
            is_code ^= line.starts_with("```");
            !is_code && line.starts_with('#')
        });
        headings.map(|it| anchor(it.trim_start_matches('#').trim())).collect()
    };
    let mut broken = vec![];
    for page in &pages {
        let own = anchors(&page.markdown);
        for (i, anchor) in own.iter().enumerate() {
            if own[..i].contains(anchor) {
                broken.push(format!("{}: two headings are #{anchor}", page.file));
            }
        }
        for link in page.markdown.split("](").skip(1).filter_map(|it| it.split(')').next()) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = pages.iter().find(|it| it.file == file || file.is_empty() && it.file == page.file);
            let is_there = match target {
                Some(it) => anchor.is_empty() || anchors(&it.markdown).iter().any(|it| it == anchor),
                None => folder().join(file).exists(),
            };
            if !is_there && !link.starts_with("https://") {
                broken.push(format!("{}: nothing at {link}", page.file));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn a_mapping_has_a_name_if_there_are_alternatives() {
    let page = |file: &str| ide::reference::pages().into_iter().find(|it| it.file == file).unwrap().markdown;
    assert!(page("task.md").contains("[network mounts](#in-volumes-network-mount)"));
    // The backend around it does not describe the mapping itself.
    assert!(page("server-config.md").contains("list of strings or [mappings](#in-contexts-kubernetes)"));
}

/// The anchor that GitHub, GitLab and Forgejo derive from a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase().replace(' ', "-");
    kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs")
}
