//! Laws that hold for every item at every offset.

use proptest::prelude::*;
use schema::Release;

use crate::{
    Diagnostic,
    completion::{ItemKind, candidates::distance, completion},
    diagnostics, fixture,
};

/// Documents with every kind of syntax.
const SAMPLES: [&str; 5] = [
    "type: dev-environment\nname: x\nide: vscode\nresources:\n  gpu:\n    name: [A100, H100]\n    count: 1..2\n  disk: 100GB\n\nvolumes:\n  - name: a\n    path: /b\n  - c:/d\nenv:\n  A: b\n",
    "# about\ntype: task\ncommands:\n- |\n  echo ${{ secrets.x }}\n\n- \"quoted\"\nbackends: [aws, gcp] # why\nports:\n- 8080\n- \"22:22\"\nresources: {gpu: A100, cpu: 2..}\nretry:\n    on_events: [error]\n    duration: 1h\n",
    "type: fleet\nnodes:\n  min: 0\n  max: 4\nssh_config:\n  user: a\n  hosts:\n    - 10.0.0.1\n    - hostname: b\n      blocks: auto\n  network: 10.0.0.0/8\n",
    "type: service\r\nport: 80\r\nreplicas: 1..4\r\nscaling:\r\n  metric: rps\r\n  target: 10\r\nimage:\r\nspot_policy: auto\r\n",
    "name: &n x\nregistry_auth: {username: *n,\n  password: y}\nresour\n  gpu: 1\nbackends:\n  - aws\n  \nenv: [\ntype: task",
];

/// Checks items at every offset of a text: accepting one adds no syntax error, and an accepted field is known.
#[track_caller]
fn check_all(text: &str, release: Release) {
    let document = fixture::document_at(text, release);
    let before = document.tree().problems().len();
    for offset in (0..=text.len() as u32).filter(|it| text.is_char_boundary(*it as usize)) {
        let items = completion(&document, offset);
        // Neighboring items often differ only in their value, so some of them suffice.
        for item in
            items.iter().enumerate().filter(|(i, _)| *i < 1 || (i + offset as usize).is_multiple_of(11)).map(|it| it.1)
        {
            let edited = document.edited(&yaml::Edits::replace(item.span, item.text.clone()));
            let context = || format!("{offset} {item:?}\n{}", edited.text().as_str());
            assert!(edited.tree().problems().len() <= before, "{}", context());
            if item.kind == ItemKind::Field {
                let unknown = |it: &Diagnostic| it.rule == "unknown-field" && it.span.touches(item.span.start + 2);
                assert!(!diagnostics(&edited).iter().any(unknown), "{}", context());
            }
            assert!(item.span.touches(offset), "{item:?}");
            let typed = &text[item.span.start as usize..offset as usize];
            assert!(distance(typed, &item.label).is_some(), "{typed:?} {item:?}");
        }
    }
}

#[test]
fn accepting_an_item_is_harmless_everywhere() {
    for text in SAMPLES {
        check_all(text, Release::NEWEST);
        check_all(text, Release::new(0, 18, 43));
    }
}

#[test]
fn accepting_an_item_in_a_truncated_file_is_harmless() {
    for text in SAMPLES {
        for end in (0..text.len()).filter(|it| text.is_char_boundary(*it)) {
            let document = fixture::document(&text[..end]);
            for item in completion(&document, end as u32).iter().take(2) {
                let edited = document.edited(&yaml::Edits::replace(item.span, item.text.clone()));
                let (before, after) = (document.tree().problems().len(), edited.tree().problems().len());
                assert!(after <= before, "{item:?}\n{}", edited.text().as_str());
            }
        }
    }
}

proptest! {
    // Each text is completed at every offset, so a few texts suffice.
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn never_panics(
        text in r#"(type: task\n|resources:|  |\n|gpu|env:|- |: |backends|[a-c:\[\]{}"'|#&*$é\t\r\n]){0,24}"#
    ) {
        let document = fixture::document(&text);
        for offset in 0..=text.len() as u32 + 1 {
            completion(&document, offset);
            crate::hover(&document, offset);
        }
        crate::symbols(&document);
    }
}
