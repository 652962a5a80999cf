//! Messages about the texts of documents: opened, edited, closed.

use std::collections::HashSet;

use serde_json::Value;
use tower_lsp::ls_types as lsp;
use yaml::{Change, Position};

use super::number::{count, whole};
use crate::lsp::uri;

/// A document that the client has opened.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) uri: lsp::Uri,
    /// Empty if the client does not send it.
    pub(crate) language: String,
    pub(crate) version: Option<i32>,
    /// `None` if it is not a string.
    pub(crate) text: Option<String>,
}

/// A document that the client has edited.
#[derive(Debug)]
pub(crate) struct Edited {
    pub(crate) uri: lsp::Uri,
    pub(crate) version: Option<i32>,
    /// `None` if one of them cannot be applied; the text is unknown from then on.
    pub(crate) changes: Option<Vec<Change>>,
}

/// Reads the parameters of `textDocument/didOpen`; `None` if they name no document.
pub(crate) fn opened(mut sent: Value) -> Option<Opened> {
    let text = text(sent.pointer_mut("/textDocument/text").map(Value::take).unwrap_or_default());
    let language = sent["textDocument"]["languageId"].as_str().unwrap_or_default().to_owned();
    Some(Opened { uri: uri_of(&sent)?, language, version: version(&sent), text })
}

/// Reads the parameters of `textDocument/didChange`; `None` if they name no document.
pub(crate) fn edited(mut sent: Value) -> Option<Edited> {
    let changes = changes(sent.get_mut("contentChanges").map(Value::take).unwrap_or_default());
    Some(Edited { uri: uri_of(&sent)?, version: version(&sent), changes })
}

/// The document of `textDocument/didClose`; `None` if the parameters name none.
pub(crate) fn closed(sent: &Value) -> Option<lsp::Uri> {
    uri_of(sent)
}

/// The open documents that a refused message, which may not even be JSON, may be about: all of them if it is an edit that names
/// none of them, and `None` if it changes no text.
pub(crate) fn may_be_about(message: &str, open: Vec<String>) -> Option<Vec<String>> {
    let methods: Vec<String> = strings(message, "method").collect();
    let is = |method: &str| methods.iter().any(|it| it == method);
    // U+FFFD replaces bytes that are not UTF-8.
    let is_unknown = match &methods[..] {
        [] => ["contentChanges", "textDocument"].into_iter().any(|it| message.contains(it)),
        methods => methods.iter().any(|it| it.contains('\u{fffd}')),
    };
    let (is_edit, is_open) = (is("textDocument/didChange") || is_unknown, is("textDocument/didOpen"));
    if !is_edit && !is_open && !is("textDocument/didClose") {
        return None;
    }
    let named: HashSet<String> = strings(message, "uri").map(|it| uri::accepted(&it).to_string()).collect();
    let about: Vec<String> = open.iter().filter(|it| named.contains(*it)).cloned().collect();
    match about.is_empty() {
        false => Some(about),
        true if is_edit && !open.is_empty() => Some(open),
        true => is_open.then(Vec::new),
    }
}

/// The strings that are values of a key, anywhere in a message that is not valid JSON. Within a string no key is found, because
/// its quotes are escaped.
fn strings(message: &str, key: &str) -> impl Iterator<Item = String> {
    let key = format!("\"{key}\"");
    let places: Vec<usize> = message.match_indices(&key).map(|(at, _)| at).collect();
    places.into_iter().filter(|at| !message[..*at].ends_with('\\')).filter_map(move |at| {
        let value = message[at + key.len()..].trim_ascii_start().strip_prefix(':')?;
        serde_json::Deserializer::from_str(value).into_iter().next()?.ok()
    })
}

/// The URI of the document that a message is about; `None` if it names none.
pub(crate) fn uri_of(sent: &Value) -> Option<lsp::Uri> {
    Some(uri::accepted(sent["textDocument"]["uri"].as_str()?))
}

/// The number of a version; `None` if there is none, or if it does not fit into the protocol's 32 bits.
fn version(sent: &Value) -> Option<i32> {
    i32::try_from(whole(&sent["textDocument"]["version"])?).ok()
}

/// Successive changes; those before a change of the whole text are left out.
fn changes(sent: Value) -> Option<Vec<Change>> {
    let Value::Array(sent) = sent else { return None };
    let changes: Vec<Option<Change>> = sent.into_iter().map(change).collect();
    let is_whole = |it: &Option<Change>| it.as_ref().is_some_and(|it| it.range.is_none());
    let first = changes.iter().rposition(is_whole).unwrap_or(0);
    changes.into_iter().skip(first).collect()
}

fn change(mut sent: Value) -> Option<Change> {
    let position = |it: &Value| Some(Position { line: count(&it["line"])?, column: count(&it["character"])? });
    let range = match &sent["range"] {
        Value::Null => None,
        range => Some((position(&range["start"])?, position(&range["end"])?)),
    };
    Some(Change { range, text: text(sent.get_mut("text")?.take())? })
}

fn text(sent: Value) -> Option<String> {
    match sent {
        Value::String(text) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The changes as `LINE:COLUMN-LINE:COLUMN=TEXT`, or `=TEXT` for the whole text.
    fn shown(sent: Value) -> String {
        let at = |it: &Position| format!("{}:{}", it.line, it.column);
        let range = |it: &(Position, Position)| format!("{}-{}", at(&it.0), at(&it.1));
        let one = |it: &Change| format!("{}={}", it.range.as_ref().map(range).unwrap_or_default(), it.text);
        let edited = edited(json!({"textDocument": {"uri": "file:///a"}, "contentChanges": sent})).unwrap();
        edited.changes.map_or("unknown".to_owned(), |it| it.iter().map(one).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn changes_that_cannot_be_applied_make_the_text_unknown() {
        let range =
            |line: Value| json!({"start": {"line": line, "character": 2.0}, "end": {"line": 3, "character": 4}});
        let part = |line: Value| json!({"range": range(line), "rangeLength": "?", "text": "a"});
        let whole = || json!({"range": null, "text": "b"});
        for (sent, expected) in [
            (json!([]), ""),
            (json!([part(json!(1))]), "1:2-3:4=a"),
            (json!([part(json!(1.0)), part(json!(1_u64 << 40))]), "1:2-3:4=a 4294967295:2-3:4=a"),
            (json!([whole(), part(json!(1))]), "=b 1:2-3:4=a"),
            (json!([part(json!(-1)), whole(), part(json!(1))]), "=b 1:2-3:4=a"),
            (json!([part(json!(1)), part(json!(-1))]), "unknown"),
            (json!([whole(), part(json!(1.5))]), "unknown"),
            (json!([part(json!("1"))]), "unknown"),
            (json!([{"text": null}]), "unknown"),
            (json!([{"range": {}, "text": ""}]), "unknown"),
            (json!([{"range": 1, "text": ""}]), "unknown"),
            (json!(["b"]), "unknown"),
            (json!({"text": "b"}), "unknown"),
            (json!(null), "unknown"),
        ] {
            assert_eq!(shown(sent.clone()), expected, "{sent}");
        }
    }

    #[test]
    fn a_message_that_is_not_json_may_be_about_a_document() {
        let open = ["file:///a", "file:///a%20b", "file:///%C3%BC"].map(str::to_owned).to_vec();
        let about = |message: &str| may_be_about(message, open.clone());
        let only = |uri: &str| Some(vec![uri.to_owned()]);
        let edit = |uri: &str| about(&format!(r#"{{"method": "textDocument/didChange", "uri" : "{uri}", "text": "\x"#));
        for uri in ["file:///a", r"file:\/\/\/a"] {
            assert_eq!(edit(uri), only("file:///a"));
        }
        for uri in ["file:///a b", "file:///a%20b", r"file:\/\/\/a\u0020b"] {
            assert_eq!(edit(uri), only("file:///a%20b"));
        }
        for uri in ["file:///ü", r"file:///\u00fc", "file:///%C3%BC"] {
            assert_eq!(edit(uri), only("file:///%C3%BC"));
        }
        // The edited document cannot be read.
        for uri in ["file:///\u{fffd}", r"file:///a\x", "file:///another", r#"file:///"a"#] {
            assert_eq!(edit(uri), Some(open.clone()));
        }
        assert_eq!(about(r#"{"contentChanges": ["#), Some(open.clone()));
        assert_eq!(about("{\"method\": \"textDocument/did\u{fffd}hange\", \"uri\": \"file:///a\""), only("file:///a"));
        for other in
            [r#"{"id": 1, "result": ["#, r#"{"id": 1}"#, r#"{"id": 1, "method": ["initialize"]}"#, "{}", "3", ""]
        {
            assert_eq!(about(other), None, "{other}");
        }
        assert_eq!(about(r#"{"method": "textDocument\/didClose", "uri": "file:///a""#), only("file:///a"));
        assert_eq!(about(r#"{"method": "textDocument/didOpen", "uri": "file:///b""#), Some(vec![]));
        assert_eq!(may_be_about(r#"{"method": "textDocument/didChange", "uri": "file:///a""#, vec![]), None);
        for method in ["textDocument/didSave", "textDocument/hover", "workspace/didChangeConfiguration"] {
            assert_eq!(about(&format!(r#"{{"method": "{method}", "uri": "file:///a", "contentChanges""#)), None);
        }
        let quoted = r#"{"method": "textDocument/hover", "text": "\"method\": \"textDocument/didChange\"""#;
        assert_eq!(about(quoted), None);
    }

    #[test]
    fn a_version_may_be_missing_or_too_large() {
        let version = |sent: Value| super::version(&json!({"textDocument": {"version": sent}}));
        assert_eq!([json!(7), json!(7.0), json!(-1)].map(version), [Some(7), Some(7), Some(-1)]);
        assert_eq!([json!(null), json!(1_u64 << 40), json!("7"), json!(1.5)].map(version), [None; 4]);
        assert_eq!(
            [1.7e12, -1.0, 0.5, 1e19].map(|it| whole(&json!(it))),
            [Some(1_700_000_000_000), Some(-1), None, None]
        );
    }

    #[test]
    fn the_parameters_of_an_opened_document_may_be_incomplete() {
        let opened =
            |document: Value| super::opened(json!({"textDocument": document})).map(|it| (it.language, it.text));
        assert_eq!(opened(json!({"uri": "file:///a", "text": "a"})), Some((String::new(), Some("a".to_owned()))));
        assert_eq!(opened(json!({"uri": "file:///a", "languageId": "yaml"})), Some(("yaml".to_owned(), None)));
        assert!(opened(json!({"text": "a"})).is_none() && opened(json!([])).is_none());
    }
}
