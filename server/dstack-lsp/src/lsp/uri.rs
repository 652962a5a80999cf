//! URIs as clients spell them, and as the framework accepts them.
//!
//! Clients send brackets, spaces, lone `%` and even plain paths, and the framework refuses messages with these. So each is
//! escaped when it comes in, and replaced by the client's own spelling when it goes out: to the client, any other spelling is
//! another document.

use std::{collections::HashMap, path::PathBuf, str::FromStr};

use percent_encoding::percent_decode_str;
use serde_json::Value;
use tower_lsp::ls_types as lsp;

/// Maximum number of remembered spellings; beyond it, those of documents that are not open are forgotten.
const MAX_SPELLINGS: usize = 10_000;

/// The URI for what a client sent: the same if it is valid, else an escaped one that names the same path.
pub(crate) fn accepted(uri: &str) -> lsp::Uri {
    let valid = |uri: &str| lsp::Uri::from_str(uri).ok();
    let whole = || valid(&format!("unknown:{}", escaped(uri, |c| c.is_ascii_alphanumeric() || "-._~/".contains(c))));
    let parts = |(scheme, rest)| valid(&format!("{scheme}:{}", escaped(rest, is_allowed_in_uri)));
    valid(uri).or_else(|| parts(uri.split_once(':')?)).or_else(whole).expect("escaped characters are valid")
}

/// Whether a character is allowed in a URI after the scheme. Brackets are allowed only in the name of a host, which a file does
/// not have.
fn is_allowed_in_uri(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~:/?#@!$&'()*+,;=%".contains(c)
}

/// Escapes all characters that are not allowed, a `%` that escapes nothing, and each `#` after the first.
fn escaped(text: &str, is_allowed: impl Fn(char) -> bool) -> String {
    let mut acc = String::with_capacity(text.len());
    let mut has_fragment = false;
    for (at, c) in text.char_indices() {
        let is_hex = |it: &[u8]| it.iter().all(u8::is_ascii_hexdigit);
        let is_kept = match c {
            '%' => is_allowed(c) && text.as_bytes().get(at + 1..at + 3).is_some_and(is_hex),
            '#' => is_allowed(c) && !std::mem::replace(&mut has_fragment, true),
            c => is_allowed(c),
        };
        if is_kept {
            acc.push(c);
        } else {
            c.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| acc.push_str(&format!("%{byte:02X}")));
        }
    }
    acc
}

/// The path within a URI: `/c:/ü/.dstack.yml` of `file:///c%3A/%C3%BC/.dstack.yml`, `Untitled-1` of `untitled:Untitled-1`.
pub(crate) fn path(uri: &str) -> String {
    let (_, rest) = uri.split_once(':').unwrap_or(("", uri));
    let rest = match rest.strip_prefix("//") {
        Some(rest) => rest.find('/').map_or("", |at| &rest[at..]),
        None => rest,
    };
    let path = rest.split(['?', '#']).next().unwrap_or("");
    percent_decode_str(path).decode_utf8_lossy().into_owned()
}

/// The local file that a URI names, if it does.
pub(crate) fn file(uri: &str) -> Option<PathBuf> {
    let path = uri.starts_with("file:").then(|| path(uri))?;
    // `/c:/x`
    let drive = cfg!(windows) && path.as_bytes().get(2) == Some(&b':');
    let path = if drive { &path[1..] } else { &path };
    (!path.is_empty()).then(|| PathBuf::from(path))
}

/// The folders of the workspace in the parameters of `initialize`, including the deprecated ways to name them.
pub(crate) fn folders(params: &Value) -> Vec<String> {
    let folders = params["workspaceFolders"].as_array().into_iter().flatten();
    let mut uris: Vec<String> = folders.filter_map(|it| it["uri"].as_str()).map(str::to_owned).collect();
    if uris.is_empty() {
        let path = params["rootPath"].as_str().map(uri_of_path);
        uris.extend(params["rootUri"].as_str().map(str::to_owned).or(path));
    }
    uris
}

/// The URI of a path; characters with a meaning in URIs are escaped.
fn uri_of_path(path: &str) -> String {
    let path = path.replace('%', "%25").replace('?', "%3F").replace('#', "%23");
    // `C:\x`
    let is_rooted = path.starts_with('/');
    if is_rooted { format!("file://{path}") } else { format!("file:///{}", path.replace('\\', "/")) }
}

/// The client's own spellings of the URIs that had to be escaped.
#[derive(Debug, Default)]
pub(crate) struct Spellings {
    own: HashMap<String, Spelling>,
    /// How many were left when spellings were last forgotten.
    left: usize,
}

#[derive(Debug)]
struct Spelling {
    own: String,
    /// Whether the document is open, or the folder belongs to the workspace. Delayed messages may still be about others.
    is_open: bool,
}

impl Spellings {
    /// Remembers how the client spells a document that it opens, or a folder; returns the valid URI.
    pub(crate) fn learn(&mut self, uri: &str) -> String {
        let accepted = accepted(uri).as_str().to_owned();
        if accepted == uri {
            self.own.remove(uri);
            return accepted;
        }
        if self.own.len() >= MAX_SPELLINGS.max(2 * self.left) {
            self.own.retain(|_, it| it.is_open);
            self.left = self.own.len();
        }
        self.own.insert(accepted.clone(), Spelling { own: uri.to_owned(), is_open: true });
        accepted
    }

    /// Marks the spelling of a closed document, or of a removed folder, as one that may be forgotten; returns the valid URI.
    pub(crate) fn close(&mut self, uri: &str) -> String {
        let accepted = accepted(uri).as_str().to_owned();
        if let Some(spelling) = self.own.get_mut(&accepted) {
            spelling.is_open = false;
        }
        accepted
    }

    /// Whether all URIs were valid, so that there is nothing to restore.
    pub(crate) fn is_empty(&self) -> bool {
        self.own.is_empty()
    }

    /// Replaces valid URIs in a message with the client's spellings.
    pub(crate) fn restore(&self, mut message: Value) -> Value {
        self.restore_in(&mut message);
        message
    }

    fn restore_in(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Some(own) = self.own.get(text) {
                    text.clone_from(&own.own);
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|it| self.restore_in(it)),
            Value::Object(fields) => {
                // In workspace edits, the URIs of documents are keys.
                let keys: Vec<String> = fields.keys().filter(|it| self.own.contains_key(*it)).cloned().collect();
                for key in keys {
                    if let (Some(own), Some(value)) = (self.own.get(&key), fields.remove(&key)) {
                        fields.insert(own.own.clone(), value);
                    }
                }
                fields.values_mut().for_each(|it| self.restore_in(it));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn invalid_characters_are_escaped() {
        for (uri, expected) in [
            ("file:///a%20b/c.yml?d#e", "file:///a%20b/c.yml?d#e"),
            ("file:///a b/ü[1].yml", "file:///a%20b/%C3%BC%5B1%5D.yml"),
            ("file:///100%.yml", "file:///100%25.yml"),
            ("file:///50%of%2", "file:///50%25of%252"),
            ("file:///a#b#c", "file:///a#b%23c"),
            ("file:///a%5b[%5D", "file:///a%5b%5B%5D"),
            ("file://[a/b.yml", "file://%5Ba/b.yml"),
            ("vscode-vfs://[::1]:80/a", "vscode-vfs://[::1]:80/a"),
            (r"C:\My Files\a.yml", "C:%5CMy%20Files%5Ca.yml"),
            ("/a/b c.dstack.yml", "unknown:/a/b%20c.dstack.yml"),
            ("1a:b", "unknown:1a%3Ab"),
            ("", "unknown:"),
            ("\u{0}%", "unknown:%00%25"),
        ] {
            assert_eq!(accepted(uri).as_str(), expected);
            assert_eq!(accepted(expected).as_str(), expected);
        }
    }

    #[test]
    fn the_client_gets_its_own_spelling_back() {
        let mut spellings = Spellings::default();
        let accepted = spellings.learn("file:///a b");
        let message = json!({"uri": accepted, "changes": {&accepted: [accepted]}, "text": format!("{accepted}.")});
        let expected =
            json!({"uri": "file:///a b", "changes": {"file:///a b": ["file:///a b"]}, "text": "file:///a%20b."});
        assert_eq!(spellings.restore(message.clone()), expected);
        // It opens the same file with its valid URI.
        spellings.learn("file:///a%20b");
        assert_eq!(spellings.restore(message.clone()), message);
    }

    #[test]
    fn an_open_document_keeps_its_spelling_after_many_others() {
        let mut spellings = Spellings::default();
        let accepted = spellings.learn("file:///open a");
        for i in 0..3 * MAX_SPELLINGS {
            let uri = format!("file:///closed {i}");
            spellings.learn(&uri);
            spellings.close(&uri);
        }
        assert_eq!(spellings.restore(json!(accepted)), "file:///open a");
        assert!(spellings.own.len() <= MAX_SPELLINGS);
        let many: Vec<String> = (0..2 * MAX_SPELLINGS).map(|i| spellings.learn(&format!("file:///more {i}"))).collect();
        assert!(many.iter().enumerate().all(|(i, it)| spellings.restore(json!(it)) == format!("file:///more {i}")));
    }

    #[test]
    fn files_and_folders_of_the_workspace_are_found() {
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
            let uri = accepted(&folders(&json!({"rootPath": path}))[0]).to_string();
            assert_eq!(file(&uri), Some(PathBuf::from(path)), "{uri}");
        }
        assert_eq!(folders(&json!({"rootPath": r"C:\a b"})), ["file:///C:/a b"]);
        assert_eq!(folders(&json!({"workspaceFolders": [], "rootUri": null})), [""; 0]);
    }
}
