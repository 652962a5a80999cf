//! What clients send, in our terms. With `to_lsp`, the only place that knows the types of the protocol from inside.

use std::{collections::HashSet, path::PathBuf};

use schema::DocumentKind;
use serde_json::Value;
use tower_lsp::ls_types as lsp;
use yaml::{Change, Encoding, Position, Span, Text};

use super::uri;

/// A position; beyond a line's end it is the line's end.
pub(crate) fn offset(text: &Text, at: lsp::Position, encoding: Encoding) -> u32 {
    text.offset(position(at), encoding)
}

/// A range; one that is written backwards means the same forwards.
pub(crate) fn span(text: &Text, range: lsp::Range, encoding: Encoding) -> Span {
    text.span(position(range.start), position(range.end), encoding)
}

fn position(at: lsp::Position) -> Position {
    Position { line: at.line, column: at.character }
}

/// A document that the client has opened.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) uri: lsp::Uri,
    /// Empty where the client does not tell.
    pub(crate) language: String,
    pub(crate) version: Option<i32>,
    /// `None` where what was sent is not a text.
    pub(crate) text: Option<String>,
}

/// A document that the client has edited.
#[derive(Debug)]
pub(crate) struct Edited {
    pub(crate) uri: lsp::Uri,
    pub(crate) version: Option<i32>,
    /// `None` where one of them cannot be applied, so that the text is unknown from then on.
    pub(crate) changes: Option<Vec<Change>>,
}

/// The parameters of `textDocument/didOpen`; `None` if they name no document.
pub(crate) fn opened(mut sent: Value) -> Option<Opened> {
    let text = text(sent.pointer_mut("/textDocument/text").map(Value::take).unwrap_or_default());
    let language = sent["textDocument"]["languageId"].as_str().unwrap_or_default().to_owned();
    Some(Opened { uri: document_uri(&sent)?, language, version: version(&sent), text })
}

/// The parameters of `textDocument/didChange`; `None` if they name no document.
pub(crate) fn edited(mut sent: Value) -> Option<Edited> {
    let changes = changes(sent.get_mut("contentChanges").map(Value::take).unwrap_or_default());
    Some(Edited { uri: document_uri(&sent)?, version: version(&sent), changes })
}

/// The document of `textDocument/didClose`; `None` if the parameters name none.
pub(crate) fn closed(sent: &Value) -> Option<lsp::Uri> {
    document_uri(sent)
}

/// Which of the open documents a message that is refused, or not even JSON, may be about: all of them if it is an edit that
/// names none of them, and `None` if it changes no text.
pub(crate) fn may_be_about(message: &str, open: Vec<String>) -> Option<Vec<String>> {
    let methods: Vec<String> = strings(message, "method").collect();
    let is = |method: &str| methods.iter().any(|it| it == method);
    // U+FFFD stands for bytes that are no UTF-8.
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

/// The strings that stand behind a key, wherever in a message that is not sound JSON. Within a string a key is not found: its
/// quotes have backslashes.
fn strings(message: &str, key: &str) -> impl Iterator<Item = String> {
    let key = format!("\"{key}\"");
    let places: Vec<usize> = message.match_indices(&key).map(|(at, _)| at).collect();
    places.into_iter().filter(|at| !message[..*at].ends_with('\\')).filter_map(move |at| {
        let value = message[at + key.len()..].trim_ascii_start().strip_prefix(':')?;
        serde_json::Deserializer::from_str(value).into_iter().next()?.ok()
    })
}

fn document_uri(sent: &Value) -> Option<lsp::Uri> {
    Some(uri::accepted(sent["textDocument"]["uri"].as_str()?))
}

/// The number of a version; none is as good as one that does not fit into the protocol's 32 bits.
fn version(sent: &Value) -> Option<i32> {
    i32::try_from(whole(&sent["textDocument"]["version"])?).ok()
}

/// A whole number. Some clients know only one kind of number, and write `3.0`; some have more than 32 bits of it.
pub(crate) fn whole(sent: &Value) -> Option<i64> {
    // Beyond 53 bits it may have been another number before it was rounded.
    let float = || sent.as_f64().filter(|it| it.fract() == 0.0 && it.abs() < 9e15).map(|it| it as i64);
    sent.as_i64().or_else(float)
}

/// Changes that follow each other. What stands before a change of the whole text does not matter.
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

/// A line, column or the like. Some clients know only one kind of number, and write `3.0`; what is beyond 32 bits is
/// beyond every text.
pub(crate) fn count(sent: &Value) -> Option<u32> {
    let whole = || sent.as_f64().filter(|it| it.fract() == 0.0 && *it >= 0.0).map(|it| it as u64);
    let count = sent.as_u64().or_else(whole)?;
    Some(u32::try_from(count).unwrap_or(u32::MAX))
}

/// How we know what a document is to dstack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// Its name says it.
    As(DocumentKind),
    /// It has a language that only dstack has: its content tells which of dstack's files it is.
    Dstack,
    /// It is some YAML file: its content tells.
    Yaml,
    /// It is no YAML.
    Other,
}

/// What a document is by its name, else by the language that the client gives it. An empty language is that of a client
/// which does not tell.
pub(crate) fn kind(uri: &str, language: &str) -> Known {
    let language = language.to_ascii_lowercase();
    match (DocumentKind::of_path(&path(uri)), &*language) {
        (Some(kind), _) => Known::As(kind),
        (None, "dstack" | "yaml.dstack") => Known::Dstack,
        (None, "yaml" | "yml" | "") => Known::Yaml,
        (None, _) => Known::Other,
    }
}

/// The path within a URI: `/c:/ü/.dstack.yml` of `file:///c%3A/%C3%BC/.dstack.yml`, `Untitled-1` of `untitled:Untitled-1`.
pub(crate) fn path(uri: &str) -> String {
    let (_, rest) = uri.split_once(':').unwrap_or(("", uri));
    let rest = match rest.strip_prefix("//") {
        Some(rest) => rest.find('/').map_or("", |at| &rest[at..]),
        None => rest,
    };
    let path = rest.split(['?', '#']).next().unwrap_or("");
    let mut bytes = Vec::with_capacity(path.len());
    let mut left = path.as_bytes();
    while let [first, rest @ ..] = left {
        let digits = rest.get(..2).and_then(|it| std::str::from_utf8(it).ok());
        let code = digits.filter(|_| *first == b'%').and_then(|it| u8::from_str_radix(it, 16).ok());
        bytes.push(code.unwrap_or(*first));
        left = if code.is_some() { &rest[2..] } else { rest };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The file that a URI names, if it is one on this machine.
pub(crate) fn file(uri: &str) -> Option<PathBuf> {
    let path = uri.starts_with("file:").then(|| path(uri))?;
    // `/c:/x`
    let drive = cfg!(windows) && path.as_bytes().get(2) == Some(&b':');
    let path = if drive { &path[1..] } else { &path };
    (!path.is_empty()).then(|| PathBuf::from(path))
}

/// The folders of the workspace that a client sends with `initialize`, by all the ways there ever were.
pub(crate) fn folders(params: &Value) -> Vec<String> {
    let folders = params["workspaceFolders"].as_array().into_iter().flatten();
    let mut uris: Vec<String> = folders.filter_map(|it| it["uri"].as_str()).map(str::to_owned).collect();
    if uris.is_empty() {
        let path = params["rootPath"].as_str().map(uri_of_path);
        uris.extend(params["rootUri"].as_str().map(str::to_owned).or(path));
    }
    uris
}

/// The URI of a path: what a URI would take for something else is escaped.
fn uri_of_path(path: &str) -> String {
    let path = path.replace('%', "%25").replace('?', "%3F").replace('#', "%23");
    // `C:\x`
    let is_rooted = path.starts_with('/');
    if is_rooted { format!("file://{path}") } else { format!("file:///{}", path.replace('\\', "/")) }
}

/// The encoding of positions: UTF-8 where the client knows it, since we count bytes; else what it likes best.
pub(crate) fn encoding(offered: &Value) -> Encoding {
    let known = |name: &Value| match name.as_str()? {
        "utf-8" => Some(Encoding::Utf8),
        "utf-16" => Some(Encoding::Utf16),
        "utf-32" => Some(Encoding::Utf32),
        _ => None,
    };
    let offered: Vec<Encoding> = offered.as_array().into_iter().flatten().filter_map(known).collect();
    let utf8 = offered.iter().find(|it| **it == Encoding::Utf8);
    utf8.or(offered.first()).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_document_is_known_by_its_name() {
        let kind = |uri| match super::kind(uri, "plaintext") {
            Known::As(kind) => Some(kind.name()),
            _ => None,
        };
        assert_eq!(kind("file:///a/.dstack.yml"), Some("configuration"));
        assert_eq!(kind("file:///c%3A/My%20Files/train.dstack.yaml"), Some("configuration"));
        assert_eq!(kind("file:///C:/x/.dstack/profiles.yml"), Some("profiles"));
        assert_eq!(kind("file://server/share/a%2edstack%2Eyml"), Some("configuration"));
        assert_eq!(kind("untitled:train.dstack.yml"), Some("configuration"));
        assert_eq!(kind("untitled:Untitled-1"), None);
        assert_eq!(kind("git:/a/.dstack.yml?%7B%22ref%22%7D"), Some("configuration"));
        assert_eq!(kind("file:///a/docker-compose.yml"), None);
        assert_eq!(kind("file:///a/100%.dstack.yml"), Some("configuration"));
        assert_eq!(kind("file://.dstack.yml"), None);
        assert_eq!(kind(""), None);
    }

    #[test]
    fn a_document_is_known_by_a_language_that_only_dstack_has() {
        assert_eq!(kind("untitled:Untitled-1", "dstack"), Known::Dstack);
        assert_eq!(kind("untitled:Untitled-1", "yaml.dstack"), Known::Dstack);
        assert_eq!(kind("untitled:/a/train.dstack.yml", "dstack"), Known::As(DocumentKind::Configuration));
        assert_eq!(kind("file:///a/.dstack/profiles.yml", "dstack"), Known::As(DocumentKind::Profiles));
    }

    #[test]
    fn the_content_of_any_other_yaml_tells_what_it_is() {
        for (language, expected) in [
            ("yaml", Known::Yaml),
            ("YAML", Known::Yaml),
            ("", Known::Yaml),
            ("plaintext", Known::Other),
            ("dockercompose", Known::Other),
            ("github-actions-workflow", Known::Other),
            ("yaml.ansible", Known::Other),
        ] {
            assert_eq!(kind("file:///a/b.yml", language), expected, "{language}");
            assert_eq!(kind("untitled:Untitled-1", language), expected, "{language}");
            assert_eq!(kind("file:///a/b.dstack.yml", language), Known::As(DocumentKind::Configuration));
        }
    }

    #[test]
    fn a_file_and_the_folders_of_the_workspace() {
        assert_eq!(file("file:///a%20b/c.yml"), Some(PathBuf::from("/a b/c.yml")));
        for other in ["untitled:Untitled-1", "vscode-remote://ssh/a.yml", "file://", ""] {
            assert_eq!(file(other), None, "{other}");
        }
        let all = json!({"workspaceFolders": [{"uri": "file:///a"}, {"name": "b"}], "rootUri": "file:///b"});
        assert_eq!(folders(&all), ["file:///a"]);
        assert_eq!(
            folders(&json!({"workspaceFolders": null, "rootUri": "file:///b", "rootPath": "/c"})),
            ["file:///b"]
        );
        assert_eq!(folders(&json!({"rootPath": "/c"})), ["file:///c"]);
        for path in ["/c", "/tmp/50%20x", "/a#b?c", "/a b/ü%"] {
            let uri = uri::accepted(&folders(&json!({"rootPath": path}))[0]).to_string();
            assert_eq!(file(&uri), Some(PathBuf::from(path)), "{uri}");
        }
        assert_eq!(folders(&json!({"rootPath": r"C:\a b"})), ["file:///C:/a b"]);
        assert_eq!(folders(&json!({"workspaceFolders": [], "rootUri": null})), [""; 0]);
    }

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
        // Which one is edited cannot be read.
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
    fn a_version_may_be_missing() {
        let version = |sent: Value| super::version(&json!({"textDocument": {"version": sent}}));
        assert_eq!([json!(7), json!(7.0), json!(-1)].map(version), [Some(7), Some(7), Some(-1)]);
        assert_eq!([json!(null), json!(1_u64 << 40), json!("7"), json!(1.5)].map(version), [None; 4]);
        assert_eq!(
            [1.7e12, -1.0, 0.5, 1e19].map(|it| whole(&json!(it))),
            [Some(1_700_000_000_000), Some(-1), None, None]
        );
    }

    #[test]
    fn what_was_opened_is_known_as_far_as_it_can_be_read() {
        let opened =
            |document: Value| super::opened(json!({"textDocument": document})).map(|it| (it.language, it.text));
        assert_eq!(opened(json!({"uri": "file:///a", "text": "a"})), Some((String::new(), Some("a".to_owned()))));
        assert_eq!(opened(json!({"uri": "file:///a", "languageId": "yaml"})), Some(("yaml".to_owned(), None)));
        assert!(opened(json!({"text": "a"})).is_none() && opened(json!([])).is_none());
    }

    #[test]
    fn bytes_are_the_best_encoding() {
        let encoding = |offered: &str| super::encoding(&serde_json::from_str(offered).unwrap());
        assert_eq!(encoding(r#"["utf-16", "utf-8"]"#), Encoding::Utf8);
        assert_eq!(encoding(r#"["utf-32", "utf-16"]"#), Encoding::Utf32);
        assert_eq!(encoding(r#"["ebcdic", "utf-16"]"#), Encoding::Utf16);
        assert_eq!(encoding(r#"["ebcdic"]"#), Encoding::Utf16);
        assert_eq!(encoding(r#""utf-8""#), Encoding::Utf16);
        assert_eq!(encoding("null"), Encoding::Utf16);
    }
}
