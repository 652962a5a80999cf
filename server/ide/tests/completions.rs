//! Completion in real files: accepting an item adds no syntax error, and a partly deleted key is offered again. The files are
//! in `../shared/dstack/corpus` next to the checkout; if that folder is absent, these tests print a note and pass.
//!
//! Tests some offsets of each file, or all of them with `EVERY=1`.

use std::{fs, path::PathBuf};

use ide::{CompletionItem, Document, ItemKind, completion};
use schema::{DocumentKind, Release};
use yaml::{Edits, Span, Text};

/// The run configurations among the real files.
fn files() -> Vec<(String, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/dstack/corpus");
    let Ok(entries) = fs::read_dir(&folder) else {
        println!("skipped: no real files at {}", folder.display());
        return vec![];
    };
    let mut files: Vec<_> = entries.filter_map(|it| Some(it.ok()?.path())).collect();
    files.sort();
    let texts =
        files.into_iter().filter_map(|it| Some((it.file_name()?.to_str()?.into(), fs::read_to_string(it).ok()?)));
    texts.filter(|(_, text)| is_run(&document(text))).collect()
}

fn is_run(document: &Document) -> bool {
    let known = ["dev-environment", "task", "service"];
    document.configuration_type().is_some_and(|it| known.contains(&it)) && document.tree().problems().is_empty()
}

fn document(text: &str) -> Document {
    Document::new(Text::new(text), DocumentKind::Configuration, Release::NEWEST)
}

/// Whether to test a place: every `n`th one, or all of them.
fn is_tested(place: usize, n: usize) -> bool {
    std::env::var_os("EVERY").is_some() || place.is_multiple_of(n)
}

/// The document after an item is accepted.
fn accepted(document: &Document, item: &CompletionItem) -> Document {
    document.edited(&Edits::replace(item.span, item.text.clone()))
}

#[test]
fn accepting_an_item_adds_no_syntax_error() {
    let (mut places, mut tested) = (0, 0);
    for (name, text) in files() {
        let document = document(&text);
        for offset in (0..=text.len()).filter(|it| text.is_char_boundary(*it)) {
            places += 1;
            if !is_tested(places, 997) {
                continue;
            }
            let items = completion(&document, offset as u32);
            for item in items.iter().enumerate().filter(|(i, _)| *i < 3 || is_tested(i + offset, 13)).map(|it| it.1) {
                tested += 1;
                let after = accepted(&document, item);
                assert!(after.tree().problems().is_empty(), "{name} at {offset}: {item:?}\n{}", after.text().as_str());
            }
        }
    }
    println!("{tested} items accepted at {places} offsets");
}

#[test]
fn a_partly_deleted_key_is_offered_again() {
    let (mut tested, mut offered) = (0, 0);
    for (name, text) in files() {
        let whole = document(&text);
        let tree = whole.tree();
        for id in tree.ids() {
            let is_key = tree.entry_of(id).is_some_and(|entry| entry.key == id);
            let field = whole.binding().fact(id).field.and_then(|it| schema::catalogue().field_by_id(it));
            let Some(field) = field.filter(|it| is_key && it.status(Release::NEWEST) == schema::Status::Current) else {
                continue;
            };
            // Keep two letters, and nothing else on the line.
            let start = tree.span(id).start;
            let line = whole.text().line(whole.text().position(start, yaml::Encoding::Utf8).line);
            let flow = tree.ancestors(id).any(|it| tree.style(it) == yaml::Style::Flow);
            let duplicate = tree.entry(tree.parent(id).unwrap(), tree.value(id)).is_none_or(|it| it.key != id);
            if flow || duplicate || !is_tested(id.0 as usize, 11) {
                continue;
            }
            tested += 1;
            let half = whole.edited(&Edits::replace(Span::new(start + 2, line.end.max(start + 2)), ""));
            let items = completion(&half, start + 2);
            match items.iter().find(|it| it.label == *field.name && it.kind == ItemKind::Field) {
                Some(item) => {
                    offered += 1;
                    let (before, after) = (half.tree().problems().len(), accepted(&half, item));
                    assert!(after.tree().problems().len() <= before, "{name}: {}", after.text().as_str());
                }
                None => println!("{name}: `{}` is not offered at {start}", field.name),
            }
        }
    }
    println!("{offered} of {tested} partly deleted keys are offered");
    assert!(offered * 100 >= tested * 97, "{offered} of {tested}");
}

#[test]
fn a_deleted_enum_value_is_offered_again() {
    let (mut tested, mut offered) = (0, 0);
    for (name, text) in files() {
        let whole = document(&text);
        let tree = whole.tree();
        for id in tree.ids().filter(|it| is_tested(it.0 as usize, 3)) {
            let ty = whole.binding().fact(id).ty.and_then(|it| schema::catalogue().get(it, Release::NEWEST));
            let is_value = tree.kind(id) == yaml::Kind::Scalar && tree.style(id) == yaml::Style::Plain;
            if !is_value || !matches!(ty, Some(schema::Type::Enum(_) | schema::Type::Boolean)) {
                continue;
            }
            tested += 1;
            let span = tree.span(id);
            let half = whole.edited(&Edits::replace(span, ""));
            match completion(&half, span.start).iter().any(|it| it.label.eq_ignore_ascii_case(tree.value(id))) {
                true => offered += 1,
                false => println!("{name}: `{}` is not offered at {}", tree.value(id), span.start),
            }
        }
    }
    println!("{offered} of {tested} deleted values are offered");
    assert!(offered * 100 >= tested * 95, "{offered} of {tested}");
}
