//! Whether a file parses is dstack's verdict, not ours: its answers about real files and one-question documents, over its
//! releases. The answers are in `../shared/dstack` beside the checkout; where that is absent, these tests say so and pass.

use std::{fs, path::PathBuf};

use ide::{Document, Stage, diagnostics};
use schema::{DocumentKind, Release};
use yaml::Text;

fn shared() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/dstack");
    if folder.join("corpus.tsv").exists() {
        return Some(folder);
    }
    println!("skipped: dstack's answers are not at {}", folder.display());
    None
}

/// Our verdict, and what we say.
fn parses(text: &str, release: Release) -> (bool, String) {
    let document = Document::new(Text::new(text), DocumentKind::Configuration, release);
    let findings = diagnostics(&document);
    let rejections: Vec<String> = findings
        .iter()
        .filter(|it| it.stage == Stage::Parse)
        .map(|it| format!("{} at {}: {}", it.rule, it.path, it.message))
        .collect();
    (rejections.is_empty(), rejections.join("; "))
}

/// The type that the file says it has.
fn type_of(text: &str) -> Option<String> {
    let document = Document::new(Text::new(text), DocumentKind::Configuration, Release::NEWEST);
    document.configuration_type().map(str::to_string)
}

fn is_run(ty: Option<&str>) -> bool {
    matches!(ty, Some("dev-environment" | "task" | "service"))
}

#[derive(Default)]
struct Score {
    asked: usize,
    agreed: usize,
    differences: Vec<String>,
}

impl Score {
    fn add(&mut self, name: &str, release: Release, text: &str, accepted: bool) {
        let (ours, why) = parses(text, release);
        self.asked += 1;
        if ours == accepted {
            self.agreed += 1;
            return;
        }
        let verdict = if accepted { "accepts" } else { "rejects" };
        let ours = if ours { "we accept".to_string() } else { format!("we say {why}") };
        self.differences.push(format!("{name} at {release}: dstack {verdict}, {ours}"));
    }

    fn percent(&self) -> f64 {
        100.0 * self.agreed as f64 / self.asked.max(1) as f64
    }

    fn print(&self, what: &str) {
        println!("{what}: {} of {} agree, {:.2} %", self.agreed, self.asked, self.percent());
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
            if cells[1] != "apply" || !is_run(Some(cells[2])) || cells[column] == "file" {
                continue;
            }
            score.add(cells[0], release, &text, cells[column] == "ok");
        }
        score.print(&format!("run configurations of the corpus at {release}"));
        assert!(score.asked > 300, "{}", score.asked);
        assert_eq!(score.agreed, score.asked);
        total.asked += score.asked;
        total.agreed += score.agreed;
    }
    total.print("run configurations of the corpus, all five releases");
}

#[test]
fn questions_are_answered_as_dstack_answers_them() {
    let Some(shared) = shared() else { return };
    let probes = fs::read_to_string(shared.join("probes.jsonl")).unwrap();
    let probes: Vec<serde_json::Value> = probes.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of_runs = |probe: &&serde_json::Value| {
        let text = probe["text"].as_str().unwrap();
        let id = probe["id"].as_str().unwrap();
        probe["kind"] == "apply" && (is_run(type_of(text).as_deref()) || id.starts_with("doc/"))
    };
    let runs: Vec<&serde_json::Value> = probes.iter().filter(of_runs).collect();
    assert!(runs.len() > 600, "{}", runs.len());
    for release in [Release::new(0, 18, 43), Release::NEWEST] {
        let mut score = Score::default();
        for probe in &runs {
            let accepted = probe[release.to_string()]["accept"].as_bool().unwrap();
            score.add(probe["id"].as_str().unwrap(), release, probe["text"].as_str().unwrap(), accepted);
        }
        score.print(&format!("probes at {release}"));
        assert_eq!(score.agreed, score.asked);
    }
    // Every release, by the history of each answer.
    let mut score = Score::default();
    for probe in &runs {
        let changes: Vec<(Release, bool)> = probe["changes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| {
                let (verdict, since) = it.as_str().unwrap().split_once('@').unwrap();
                (since.parse().unwrap(), verdict == "ok")
            })
            .collect();
        let all: Vec<Release> = Release::all().collect();
        for (i, release) in all.iter().copied().enumerate() {
            let accepted = changes.iter().rev().find(|it| it.0 <= release).map(|it| it.1).unwrap_or(false);
            // In debug builds only around changes, which is where mistakes are.
            let changes_here = |at: Option<&Release>| at.is_some_and(|at| changes.iter().any(|it| it.0 == *at));
            if cfg!(debug_assertions) && !changes_here(Some(&release)) && !changes_here(all.get(i + 1)) {
                continue;
            }
            score.add(probe["id"].as_str().unwrap(), release, probe["text"].as_str().unwrap(), accepted);
        }
    }
    score.print("probes, over the releases");
    assert_eq!(score.agreed, score.asked);
}
