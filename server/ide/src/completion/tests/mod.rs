//! Tests of completion, written as documents with `$0` at the cursor.

mod accepted;
mod laws;
mod offered;

use schema::Release;

use super::completion;
use crate::fixture;

/// The labels of the first items at the cursor.
fn labels(text: &str) -> String {
    labels_at(text, Release::NEWEST)
}

fn labels_at(text: &str, release: Release) -> String {
    let (text, offset) = fixture::cursor(text);
    let items = completion(&fixture::document_at(&text, release), offset);
    let first = items.iter().take(8).map(|it| it.label.as_str());
    let more = if items.len() > 8 { " …" } else { "" };
    first.collect::<Vec<_>>().join(", ") + more
}

/// The text after the item with this label is accepted.
fn accepted(text: &str, label: &str) -> String {
    let (text, offset) = fixture::cursor(text);
    let items = completion(&fixture::document(&text), offset);
    match items.iter().find(|it| it.label == label) {
        Some(it) => yaml::Edits::replace(it.span, it.text.clone()).apply(&text),
        None => format!("`{label}` is not offered"),
    }
}

/// The text after Enter, which accepts the first item; the same text if there is no item.
fn entered(text: &str) -> String {
    let (text, offset) = fixture::cursor(text);
    let items = completion(&fixture::document(&text), offset);
    items.first().map_or(text.clone(), |it| yaml::Edits::replace(it.span, it.text.clone()).apply(&text))
}

/// Checks the answer for each text, and reports all wrong ones.
#[track_caller]
fn check(cases: &[(&str, &str)], answer: impl Fn(&str) -> String) {
    let answers = cases.iter().map(|(text, expected)| (text, answer(text), expected));
    let wrong: Vec<_> = answers
        .filter(|it| it.1 != *it.2)
        .map(|it| format!("{}\n  actual   {}\n  expected {}\n", it.0, it.1, it.2))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
