//! Helpers for the tests of the laws: texts, random edits, and trees as lines to compare.
#![allow(dead_code)]

use std::{ffi::OsString, fmt::Write};

use yaml::{Edit, Edits, Grain, Span, Text, Tree};

pub(crate) const GRAINS: [(&str, Grain); 3] =
    [("every entry", Grain::ENTRIES), ("small runs", Grain::SMALL), ("real", Grain::DEFAULT)];

pub(crate) fn tree(text: &str, grain: Grain) -> Tree {
    yaml::parse_in(&Text::new(text), None, grain).1
}

/// The factor by which random tests are repeated: more with `DSTACK_LSP_FUZZ=50`.
pub(crate) fn effort() -> usize {
    std::env::var("DSTACK_LSP_FUZZ").ok().and_then(|it| it.parse().ok()).unwrap_or(1)
}

/// A Python with PyYAML, which `DSTACK_LSP_PYTHON` names. Without it, a test prints that it is skipped; with `CI=true` it fails.
pub(crate) fn python() -> Option<OsString> {
    let python = std::env::var_os("DSTACK_LSP_PYTHON");
    if python.is_none() {
        let why = "DSTACK_LSP_PYTHON does not name a Python with PyYAML";
        assert!(!std::env::var("CI").is_ok_and(|it| it == "true"), "with CI=true nothing may be skipped: {why}");
        println!("skipped: {why}");
    }
    python
}

/// Prints all of a tree, with one node or comment a line.
pub(crate) fn dump(tree: &Tree) -> String {
    let mut out = nodes(tree);
    for problem in tree.problems() {
        writeln!(out, "problem {:?} {} {:?}", problem.span, problem.message, problem.related).unwrap();
    }
    out
}

/// Prints a tree as [`dump`] does, without the problems.
pub(crate) fn nodes(tree: &Tree) -> String {
    let mut out = String::new();
    for id in tree.ids() {
        let properties = tree.properties(id).map(|it| format!(" {it:?}")).unwrap_or_default();
        let target = tree.target(id).filter(|it| *it != id).map(|it| format!(" -> {it:?}")).unwrap_or_default();
        let (kind, style, span) = (tree.kind(id), tree.style(id), tree.span(id));
        let (parent, value) = (tree.parent(id), tree.value(id));
        writeln!(out, "{} {kind:?} {style:?} {span:?} in {parent:?} {value:?}{properties}{target}", id.0).unwrap();
    }
    writeln!(out, "roots {:?}", tree.roots()).unwrap();
    for comment in tree.comments() {
        writeln!(out, "comment {comment:?} {:?}", &tree.source()[comment.span.range()]).unwrap();
    }
    out
}

/// Returns every scalar with the path of keys above it.
pub(crate) fn leaves(tree: &Tree) -> Vec<(String, Span)> {
    let keys = |id| {
        let mut keys: Vec<String> = vec![];
        for step in tree.path(id).0 {
            if let yaml::Step::Key(key) = step {
                keys.push(key.to_string());
            }
        }
        keys.join("/")
    };
    let scalar = |id: &yaml::NodeId| matches!(tree.kind(*id), yaml::Kind::Scalar | yaml::Kind::Alias);
    let is_key = |id| tree.entry_of(id).is_some_and(|entry| entry.key == id);
    tree.ids()
        .filter(scalar)
        .filter(|id| !tree.span(*id).is_empty())
        .map(|id| (format!("{}{}", keys(id), if is_key(id) { "#" } else { "" }), tree.span(id)))
        .collect()
}

/// A small random number generator with the same results everywhere.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % n.max(1)
    }

    pub(crate) fn choice<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
}

const BITS: &[&str] = &[
    "x",
    " ",
    "\n",
    ":",
    ": ",
    "\"",
    "'",
    "[",
    "]",
    "{",
    "}",
    "#",
    " # c",
    "- ",
    "-",
    "|",
    "|\n",
    ">",
    "&a ",
    "*a",
    "!t ",
    "%",
    "@",
    ",",
    "\t",
    "  ",
    "\n  ",
    "\nkey: v\n",
    "\n- i\n",
    "? ",
    "---\n",
    "...\n",
    "\r\n",
    "é",
    "🎉",
    "\u{2028}",
    "\\",
    "key",
    "\n\n",
    "<<: *a",
    "\n\"",
    "\n]",
    "a: b\n",
    "\r",
    "\u{feff}",
    "\0",
    "!!int ",
    "=",
    "\n? ",
    "2024-13-01",
    // Byte order marks start with the first byte of these.
    "\n＃",
    "\n\u{f000}: v\n",
    "Ａ",
    "\u{fffd}",
    "\u{85}",
    "\u{2029}",
    "!x,",
    "[!!str, ",
    "\n\u{feff}",
    "%TAG !e! tag:e,2000:\n",
];

/// One edit as a person or a program might make it.
pub(crate) fn random_edit(text: &str, random: &mut Random) -> Edit {
    let boundary = |mut at: usize| {
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let at = boundary(random.below(text.len() + 1));
    let line = text[..at].rfind('\n').map_or(0, |it| it + 1);
    let next = text[at..].find('\n').map_or(text.len(), |it| at + it + 1);
    let edit = |start: usize, end: usize, text: &str| Edit {
        span: Span::new(start as u32, end.max(start) as u32),
        text: text.to_string(),
    };
    match random.below(12) {
        0..=3 => edit(at, at, random.choice(BITS)),
        4 | 5 => edit(at, boundary((at + 1 + random.below(3)).min(text.len())), ""),
        6 => edit(at, boundary((at + 1).min(text.len())), random.choice(BITS)),
        7 => edit(line, line, &text[line..next]),
        8 => edit(line, next, ""),
        9 => edit(line, line, &" ".repeat(1 + random.below(3))),
        10 => {
            let indent = text[line..].bytes().take_while(|it| *it == b' ').count();
            edit(line, line + random.below(indent + 1), "")
        }
        _ => {
            let mut end = next;
            for _ in 0..random.below(5) {
                end = text[end..].find('\n').map_or(text.len(), |it| end + it + 1);
            }
            let shift = |line: &str| match line.strip_prefix("  ") {
                Some(rest) if random.below(2) == 0 => format!("{rest}\n"),
                _ => format!("  {line}\n"),
            };
            let shifted: String = text[line..end].lines().map(shift).collect();
            edit(line, end, &shifted)
        }
    }
}

/// The text with one to three random edits, some with the line breaks of Windows.
pub(crate) fn mutant(text: &str, random: &mut Random) -> String {
    let mut text = if random.below(8) == 0 { text.replace('\n', "\r\n") } else { text.to_string() };
    for _ in 0..1 + random.below(3) {
        let edit = random_edit(&text, random);
        text = Edits::replace(edit.span, edit.text).apply(&text);
    }
    text
}

/// Texts that are long enough to be cut at every size.
pub(crate) fn texts() -> Vec<String> {
    let mut texts: Vec<String> = TEXTS.iter().map(|it| it.trim_start_matches('\n').to_string()).collect();
    texts.extend(["env", "commands", "indentless", "profiles", "deep", "wide"].map(|kind| large(kind, 160)));
    texts
}

/// The real files beside the checkout, where they are.
pub(crate) fn corpus() -> Vec<String> {
    corpus_files().into_iter().filter_map(|path| std::fs::read_to_string(path).ok()).collect()
}

pub(crate) fn corpus_files() -> Vec<std::path::PathBuf> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/dstack/corpus");
    let Ok(files) = std::fs::read_dir(folder) else { return vec![] };
    let mut paths: Vec<_> = files.filter_map(|it| Some(it.ok()?.path())).collect();
    paths.sort();
    paths
}

/// A generated file of about `lines` lines.
pub(crate) fn large(kind: &str, lines: usize) -> String {
    let mut random = Random::new(7);
    let mut out = String::new();
    match kind {
        "env" => {
            out += "type: task\nname: big\nenv:\n";
            for i in 0..lines.saturating_sub(6) {
                writeln!(out, "  KEY_{i:06}: value {}", random.below(1 << 30)).unwrap();
            }
            out += "commands:\n  - echo hi\nresources:\n  gpu: 24GB\n";
        }
        "commands" | "indentless" => {
            let indent = if kind == "commands" { "  " } else { "" };
            out += "type: task\nname: big\ncommands:\n";
            for i in 0..lines.saturating_sub(5) {
                writeln!(out, "{indent}- python train.py --step {i} --seed {}", random.below(1 << 16)).unwrap();
            }
            out += "resources:\n  gpu: 24GB\n";
        }
        "profiles" => {
            out += "profiles:\n";
            for i in 0..lines / 10 {
                let (zone, price) = (random.below(9), random.below(90));
                writeln!(
                    out,
                    "  - name: p{i}\n    # profile {i}\n    backends: [aws, gcp]\n    regions:\n      - us-east-1\n      \
                     - eu-west-{zone}\n    max_price: {price}.5\n    retry:\n      on_events: [no-capacity]\n      \
                     duration: {price}h"
                )
                .unwrap();
            }
        }
        "deep" => {
            for i in 0..lines / 180 + 1 {
                writeln!(out, "k{i}:").unwrap();
                for depth in 1..20 {
                    writeln!(out, "{}n{depth}:", "  ".repeat(depth)).unwrap();
                    for entry in 0..8 {
                        writeln!(out, "{}e{entry}: {}", "  ".repeat(depth + 1), random.below(99)).unwrap();
                    }
                }
            }
        }
        // characters from U+F000 on, with which a piece may begin
        "wide" => {
            for i in 0..lines / 4 {
                writeln!(out, "Ａ{i}: v\n＃{i}:\n  \u{f013}: 1\n  \u{ff08}x: !!str y").unwrap();
            }
        }
        _ => unreachable!("no such kind: {kind}"),
    }
    out
}

const TEXTS: &[&str] = &[
    r#"
type: task
name: train # a name
nodes: 2

python: "3.12"
env:
  - HF_TOKEN
  - MODEL=llama # which
commands:
  # get it
  - pip install -r requirements.txt
  - |
    for i in 1 2 3; do
      echo "x # y" $i
    done

  - >-
    python train.py
      --epochs 3
ports:
- 8080
- "8000:80"
resources:
  gpu: {name: [A100, H100], count: 1..8, memory: 24GB..}
  shm_size: 16GB
  disk: 100GB
retry:
  on_events: [no-capacity, interruption]
  duration: 1h
"#,
    r#"
# A service
type: service
image: 'it''s'
env:
  A: "1"
  B: &b two
  C: *b
  "D E": ~
model:
  name: meta-llama/Meta-Llama-3.1-8B
  format: openai
volumes:
  - name: v
    path: /x
  - /a:/b
  -
  - instance_path: /c
    path: /d
base: &base
  spot_policy: auto
  max_price: 1.5
more:
  <<: *base
  region: eu
? complex
: value
auth: false
rate_limits:
- prefix: /api/
  rps: 0.5
  key:
    type: header
    header: X
"#,
    r#"
---
type: dev-environment
ide: vscode
init:
    - echo 1
    - "multi
      line"
    - plain
      text over
      lines
resources: {
  cpu: 4,
  gpu: 24GB
}
schedule:
  cron: "0 8 * * mon-fri"
"#,
    r#"
a:
  b:
    c:
      - d: 1
        e: 2
        f:
        - g
        - h: |+
            text

          i: j
      - - k
        - - l
          - m
      -
        n: o
  p: !!str 12
  q: ! x
  r: 'a

    b'
s: []
t: {}
u:
v: ""
"#,
];
