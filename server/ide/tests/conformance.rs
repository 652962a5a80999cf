//! Compares the verdict about files with that of dstack, for real files and for probes (small documents that test one
//! question), over the releases of dstack. Its verdicts are in `../shared/dstack` next to the checkout; if that folder is
//! absent, these tests print a note and pass.

use std::{fs, path::PathBuf};

use ide::{Document, Stage, diagnostics};
use schema::{DocumentKind, Release};
use yaml::Text;

/// Files of the corpus for which dstack reports "No such file" in at least one release: the verdict depends on files of the
/// machine, and this crate reads no files.
const ABOUT_FILES: &[&str] = &[
    "docs__changelog__posts__0.15.1.md__L35__a0ab31ea.yml",
    "docs__changelog__posts__0.15.1.md__L72__1ab23ac5.yml",
    "docs__docs__concepts__backends.md__L1046__1b511dad.yml",
    "docs__docs__concepts__backends.md__L1047__fca5d4c9.yml",
    "docs__docs__concepts__backends.md__L1089__68ede1bf.yml",
    "docs__docs__concepts__backends.md__L436__462a4452.yml",
    "docs__docs__installation__index.md__L241__d67382dd.yml",
    "mkdocs__docs__concepts__backends.md__L1095__b9357b75.yml",
    "mkdocs__docs__concepts__backends.md__L1194__48dade7c.yml",
    "mkdocs__docs__concepts__backends.md__L1291__00d445a4.yml",
    "mkdocs__docs__concepts__backends.md__L484__56a0bee5.yml",
    "mkdocs__docs__concepts__backends.md__L695__8d692984.yml",
    "mkdocs__docs__concepts__backends.md__L723__811c6b4a.yml",
    "mkdocs__docs__examples__clusters__crusoe.md__L92__e6125b3d.yml",
    "mkdocs__docs__examples__clusters__nebius.md__L115__f5467426.yml",
    "mkdocs__docs__examples__clusters__nebius.md__L34__dd8561a0.yml",
];

/// The kind of document of a file or probe.
fn kind_of(kind: &str) -> DocumentKind {
    let named = DocumentKind::ALL.into_iter().find(|it| it.name() == kind);
    named.unwrap_or_else(|| if kind == "apply" { DocumentKind::Configuration } else { panic!("unknown kind `{kind}`") })
}

/// The newest release that the probes were run with.
const PROBED: Release = Release::new(0, 22, 5);

fn shared() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/dstack");
    if folder.join("corpus.tsv").exists() {
        return Some(folder);
    }
    println!("skipped: the verdicts of dstack are not at {}", folder.display());
    None
}

/// Whether the file is accepted, and the findings that reject it.
fn parses(text: &str, kind: &str, release: Release) -> (bool, String) {
    let document = Document::new(Text::new(text), kind_of(kind), release);
    let findings = diagnostics(&document);
    let rejections: Vec<String> = findings
        .iter()
        .filter(|it| it.stage == Stage::Parse)
        .map(|it| format!("{} at {}: {}", it.rule, ide::path(&document, it), it.message))
        .collect();
    (rejections.is_empty(), rejections.join("; "))
}

#[derive(Default)]
struct Score {
    compared: usize,
    agreed: usize,
    differences: Vec<String>,
}

impl Score {
    fn add(&mut self, name: &str, kind: &str, release: Release, text: &str, accepted: bool) {
        let (is_accepted, why) = parses(text, kind, release);
        self.compared += 1;
        if is_accepted == accepted {
            self.agreed += 1;
            return;
        }
        let verdict = if accepted { "accepts" } else { "rejects" };
        let found = if is_accepted { "no finding".to_string() } else { format!("found {why}") };
        self.differences.push(format!("{name} at {release}: dstack {verdict} it, {found}"));
    }

    fn percent(&self) -> f64 {
        100.0 * self.agreed as f64 / self.compared.max(1) as f64
    }

    fn print(&self, what: &str) {
        println!("{what}: {} of {} agree, {:.2} %", self.agreed, self.compared, self.percent());
        for it in self.differences.iter().take(400) {
            println!("  {it}");
        }
    }
}

#[test]
fn real_files_parse_where_dstack_parses_them() {
    let Some(shared) = shared() else { return };
    let table = fs::read_to_string(shared.join("corpus.tsv")).unwrap();
    let mut lines = table.lines();
    let header: Vec<&str> = lines.next().unwrap().split('\t').collect();
    let releases: Vec<(usize, Release)> =
        header.iter().enumerate().filter_map(|(i, it)| Some((i, it.parse().ok()?))).collect();
    assert_eq!(releases.len(), 5);
    let mut total = Score::default();
    for (column, release) in releases {
        let mut score = Score::default();
        for line in table.lines().skip(1) {
            let cells: Vec<&str> = line.split('\t').collect();
            let Ok(text) = fs::read_to_string(shared.join("corpus").join(cells[0])) else { continue };
            if ABOUT_FILES.contains(&cells[0]) {
                continue;
            }
            score.add(cells[0], cells[1], release, &text, cells[column] == "ok");
        }
        score.print(&format!("files of the corpus at {release}"));
        assert!(score.compared > 300, "{}", score.compared);
        assert_eq!(score.agreed, score.compared);
        total.compared += score.compared;
        total.agreed += score.agreed;
    }
    total.print("files of the corpus, all five releases");
}

#[test]
fn probes_parse_where_dstack_parses_them() {
    let Some(shared) = shared() else { return };
    let probes = fs::read_to_string(shared.join("probes.jsonl")).unwrap();
    let probes: Vec<serde_json::Value> = probes.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let text = |probe: &serde_json::Value, key: &str| probe[key].as_str().unwrap().to_string();
    // These verdicts depend on files of the machine.
    let is_about_files = |probe: &serde_json::Value| probe.to_string().contains("No such file");
    let tested: Vec<&serde_json::Value> = probes.iter().filter(|probe| !is_about_files(probe)).collect();
    assert!(tested.len() > 900, "{}", tested.len());
    for release in [Release::new(0, 18, 43), PROBED] {
        let mut score = Score::default();
        for probe in &tested {
            let accepted = probe[release.to_string()]["accept"].as_bool().unwrap();
            score.add(&text(probe, "id"), &text(probe, "kind"), release, &text(probe, "text"), accepted);
        }
        score.print(&format!("probes at {release}"));
        assert_eq!(score.agreed, score.compared);
    }
    // Every release, by the history of each verdict.
    let mut score = Score::default();
    for probe in &tested {
        let changes: Vec<(Release, bool)> = probe["changes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| {
                let (verdict, since) = it.as_str().unwrap().split_once('@').unwrap();
                (since.parse().unwrap(), verdict == "ok")
            })
            .collect();
        let all: Vec<Release> = Release::all().filter(|it| *it <= PROBED).collect();
        for (i, release) in all.iter().copied().enumerate() {
            let accepted = changes.iter().rev().find(|it| it.0 <= release).map(|it| it.1).unwrap_or(false);
            // Debug builds test only the releases around changes, where mistakes are likely.
            let changes_here = |at: Option<&Release>| at.is_some_and(|at| changes.iter().any(|it| it.0 == *at));
            if cfg!(debug_assertions) && !changes_here(Some(&release)) && !changes_here(all.get(i + 1)) {
                continue;
            }
            score.add(&text(probe, "id"), &text(probe, "kind"), release, &text(probe, "text"), accepted);
        }
    }
    score.print("probes, over the releases");
    assert_eq!(score.agreed, score.compared);
}
