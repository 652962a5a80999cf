//! What clients send, in our terms. With `to_lsp`, the only place that knows the types of the protocol from inside.

use std::path::PathBuf;

use schema::DocumentKind;
use serde_json::{Value, json};
use tower_lsp::{jsonrpc::Request, ls_types as lsp};
use yaml::{Encoding, Position, Span, Text};

/// A position; beyond a line's end it is the line's end.
pub(crate) fn offset(text: &Text, at: lsp::Position, encoding: Encoding) -> u32 {
    text.offset(position(at), encoding)
}

/// A range; one that is written backwards means the same forwards.
pub(crate) fn span(text: &Text, range: lsp::Range, encoding: Encoding) -> Span {
    text.span(position(range.start), position(range.end), encoding)
}

/// The text after the changes of one message.
pub(crate) fn changed(text: &Text, changes: &[lsp::TextDocumentContentChangeEvent], encoding: Encoding) -> Text {
    let change = |it: &lsp::TextDocumentContentChangeEvent| yaml::text::Change {
        range: it.range.map(|range| (position(range.start), position(range.end))),
        text: it.text.clone(),
    };
    text.changed(&changes.iter().map(change).collect::<Vec<_>>(), encoding)
}

fn position(at: lsp::Position) -> Position {
    Position { line: at.line, column: at.character }
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
        let path = params["rootPath"].as_str().map(|it| format!("file://{it}"));
        uris.extend(params["rootUri"].as_str().map(str::to_owned).or(path));
    }
    uris
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

/// A request in a form that the framework accepts.
///
/// It refuses an `initialize`, and with it the session, for one odd value in fields that we never look at; so it gets an
/// empty one, and we read what the client sent from `initializationOptions`. It drops an edit whose URI contains a
/// blank; so that is escaped.
pub(crate) fn lenient(request: Request) -> Request {
    let (method, id, params) = request.into_parts();
    let params = match params {
        Some(params) if method == "initialize" => Some(json!({"capabilities": {}, "initializationOptions": params})),
        Some(mut params) => {
            if let Some(Value::String(uri)) = params.pointer_mut("/textDocument/uri") {
                escape(uri);
            }
            Some(params)
        }
        None => None,
    };
    let request = Request::build(method);
    let request = params.into_iter().fold(request, |request, params| request.params(params));
    id.into_iter().fold(request, |request, id| request.id(id)).finish()
}

/// Escape what may not stand in a URI.
fn escape(uri: &mut String) {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#@!$&'()*+,;=%".contains(c);
    if uri.chars().all(allowed) {
        return;
    }
    let escaped = |c: char| {
        let mut buffer = [0; 4];
        let bytes = c.encode_utf8(&mut buffer).bytes();
        if allowed(c) { c.to_string() } else { bytes.map(|byte| format!("%{byte:02X}")).collect() }
    };
    *uri = uri.chars().map(escaped).collect();
}

#[cfg(test)]
mod tests {
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
        assert_eq!(folders(&json!({"workspaceFolders": [], "rootUri": null})), [""; 0]);
    }

    #[test]
    fn changes_apply_one_after_another() {
        let change = |range: Option<[u32; 4]>, text: &str| lsp::TextDocumentContentChangeEvent {
            range: range.map(|[a, b, c, d]| lsp::Range::new(lsp::Position::new(a, b), lsp::Position::new(c, d))),
            range_length: None,
            text: text.to_owned(),
        };
        let after = |text: &str, changes: &[_]| changed(&Text::new(text), changes, Encoding::Utf16).as_str().to_owned();
        assert_eq!(after("a😀b", &[change(Some([0, 3, 0, 4]), "c"), change(Some([0, 3, 0, 4]), "d")]), "a😀d");
        assert_eq!(after("a\r\nb", &[change(Some([9, 9, 0, 1]), "x"), change(Some([0, 2, 0, 2]), "y")]), "axy");
        assert_eq!(after("a", &[change(None, "b\n"), change(Some([1, 0, 1, 0]), "c")]), "b\nc");
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

    #[test]
    fn an_odd_uri_is_escaped() {
        let escaped = |uri: &str| {
            let mut uri = uri.to_owned();
            escape(&mut uri);
            uri
        };
        assert_eq!(escaped("file:///a b/ü[1].yml"), "file:///a%20b/%C3%BC%5B1%5D.yml");
        assert_eq!(escaped("file:///a%20b.yml"), "file:///a%20b.yml");
    }
}
