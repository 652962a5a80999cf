//! The page of values: every spelling that a field of some page takes, and the long lists of words.

use std::fmt::Write;

use schema::{Enum, EnumValue, Release, Status, grammar};

use super::{Page, VALUES, phrases};
use crate::hover;

/// What the pages have mentioned so far.
#[derive(Default)]
pub(super) struct Shared {
    grammars: Vec<String>,
    words: Vec<&'static Enum>,
}

impl Shared {
    /// The title of a grammar, with a link to how it is written.
    pub(super) fn grammar(&mut self, name: &str) -> String {
        let Some(grammar) = grammar::named(name) else { return "string".into() };
        if !self.grammars.iter().any(|it| it == name) {
            self.grammars.push(name.into());
        }
        let title = grammar.title().trim_start_matches("an ").trim_start_matches("a ");
        format!("[{title}]({VALUES}#{name})")
    }

    /// The name of a list of words, with a link to it.
    pub(super) fn words(&mut self, words: &'static Enum) -> String {
        if !self.words.iter().any(|it| it.name == words.name) {
            self.words.push(words);
        }
        format!("[{}]({VALUES}#{})", words.name.replace('-', " "), words.name)
    }

    /// The page.
    pub(super) fn page(&self) -> Page {
        let title = "How values are written".to_string();
        let mut text = format!(
            "# {title}\n\nMany values are small languages of their own, such as `A100:80GB:2` or `8080:80`. The formal \
             grammars, and what happens at their edges, are in [grammar-notes.md]\
             (../../grammar-notes.md#3-dstacks-string-grammars).\n\n[All files](README.md) · made from the code by \
             `UPDATE=1 cargo test --test tests reference`\n\n"
        );
        let grammars: Vec<_> =
            grammar::all().iter().filter(|it| self.grammars.iter().any(|name| name == it.name())).collect();
        for it in &grammars {
            let _ = write!(text, "[`{0}`](#{0}) ", it.name());
        }
        for it in &self.words {
            let _ = write!(text, "[`{0}`](#{0}) ", it.name);
        }
        text.truncate(text.trim_end().len());
        text.push_str("\n\n");
        for it in grammars {
            let _ = writeln!(text, "## {}\n\n{}\n", it.name(), it.docs().trim());
        }
        for words in &self.words {
            let _ = writeln!(text, "## {}\n", words.name);
            for it in &words.values {
                let _ = writeln!(text, "{}", word(it, Release::OLDEST, Release::NEWEST));
            }
            text.push('\n');
        }
        Page { file: VALUES.into(), title, markdown: text.trim_end().to_owned() + "\n" }
    }
}

/// A word with what it means, as an item of a list.
pub(super) fn word(word: &EnumValue, floor: Release, at: Release) -> String {
    let accepted = phrases::accepted(&word.accepted, floor);
    let status = match word.status(at) {
        // `accepted` says it.
        Status::Removed(_) | Status::Unavailable(_) => String::new(),
        status => hover::status(status, at).trim_start_matches("⚠ ").to_lowercase(),
    };
    let notes: Vec<String> = [accepted, status].into_iter().filter(|it| !it.is_empty()).collect();
    let notes = if notes.is_empty() { String::new() } else { format!(" ({})", notes.join("; ")) };
    let docs = word.docs.trim().replace('\n', "\n  ");
    format!("* `{}`{notes}: {docs}", word.value)
}
