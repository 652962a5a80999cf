//! Drafts: files that contain nothing but their first word, which may be incomplete. dstack rejects such a file, but its author
//! has only started typing.
//!
//! ```yaml
//! # the cursor is behind the `p`
//! typ
//! ```

use crate::{
    diagnostic::{Diagnostic, Severity},
    document::Document,
};

/// Turns the findings of a draft into hints, so that an editor marks no errors until something follows the first word.
pub(crate) fn soften(document: &Document, acc: &mut [Diagnostic]) {
    if is_draft(document.text().as_str()) {
        acc.iter_mut().for_each(|it| it.severity = Severity::Hint);
    }
}

/// Whether a text is empty or ends with its first word, which may already be a key: `typ`, `type:`. Comments and `---` may
/// precede it, and blanks may follow.
fn is_draft(text: &str) -> bool {
    let lines = text.trim_start_matches('\u{feff}').split(['\n', '\r']).map(str::trim);
    let mut content = lines.skip_while(|it| it.is_empty() || it.starts_with('#') || *it == "---");
    let is_word = |it: &str| {
        let word = it.strip_suffix(':').unwrap_or(it).trim_matches(['"', '\'']);
        word.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'_' | b'-'))
    };
    content.next().is_none_or(is_word) && content.all(str::is_empty)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ActionKind, Resolve, Stage, actions, diagnostics, findings, fixture};

    /// The severities that an editor shows. Checks that every finding makes dstack reject the file.
    fn shown(text: &str) -> Vec<Severity> {
        let document = fixture::document(text);
        let shown = &findings(&document).shown;
        assert!(
            shown.iter().all(|it| (it.stage, it.severity) == (Stage::Parse, Severity::Error)),
            "{text:?} {shown:?}"
        );
        diagnostics(&document).iter().map(|it| it.severity).collect()
    }

    #[test]
    fn findings_of_a_draft_are_hints() {
        for text in [
            "",
            "\n",
            "  \n\n",
            "# a fleet\n",
            "---\n",
            "c",
            "com",
            "type",
            "type:",
            "type: ",
            "ty\n",
            "ty\n\n  \n",
            "\"ty",
            "'type':",
            "# a fleet\n\n---\nty",
            "  ty",
            "type:\n  ",
            "comands:\r\n",
            "--",
            "\u{feff}ty",
        ] {
            let severities = shown(text);
            assert!(
                !severities.is_empty() && severities.iter().all(|it| *it == Severity::Hint),
                "{text:?} {severities:?}"
            );
        }
    }

    #[test]
    fn findings_of_a_longer_file_are_errors() {
        for text in [
            "comands:\n  - a\n",
            "com\n# more\n",
            "com\nname",
            "type: nope",
            "type: task",
            "a b",
            "- a",
            "{",
            "com: x",
            "[]",
            "type:\nname:",
            "com #",
        ] {
            let severities = shown(text);
            assert!(severities.contains(&Severity::Error), "{text:?} {severities:?}");
        }
    }

    #[test]
    fn actions_on_a_draft_carry_hints() {
        let text = yaml::Text::new("profils:");
        let document = Document::new(text, schema::DocumentKind::Profiles, schema::Release::NEWEST);
        let actions = actions(&document, yaml::Span::at(0), &[ActionKind::QuickFix], Resolve::Now);
        assert!(
            !actions.is_empty() && actions.iter().all(|it| it.diagnostic.as_ref().unwrap().severity == Severity::Hint),
            "{actions:?}"
        );
    }
}
