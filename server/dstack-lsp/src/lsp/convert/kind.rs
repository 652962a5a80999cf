//! What the name and the language of a document say about its kind.

use schema::DocumentKind;

use crate::lsp::uri;

/// What is known about the kind of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// The kind, from the name.
    As(DocumentKind),
    /// The language is that of dstack files; the content decides which kind it is.
    Dstack,
    /// A YAML file; the content decides whether it is a dstack file, and of which kind.
    Yaml,
    /// Not a YAML file.
    Other,
}

/// What is known from the name of a document, else from its language. The language is empty if the client does not send one.
pub(crate) fn kind(uri: &str, language: &str) -> Known {
    let language = language.to_ascii_lowercase();
    match (DocumentKind::of_path(&uri::path(uri)), &*language) {
        (Some(kind), _) => Known::As(kind),
        (None, "dstack" | "yaml.dstack") => Known::Dstack,
        (None, "yaml" | "yml" | "") => Known::Yaml,
        (None, _) => Known::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_recognized_by_its_name() {
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
    fn a_document_is_recognized_by_the_language_dstack() {
        assert_eq!(kind("untitled:Untitled-1", "dstack"), Known::Dstack);
        assert_eq!(kind("untitled:Untitled-1", "yaml.dstack"), Known::Dstack);
        assert_eq!(kind("untitled:/a/train.dstack.yml", "dstack"), Known::As(DocumentKind::Configuration));
        assert_eq!(kind("file:///a/.dstack/profiles.yml", "dstack"), Known::As(DocumentKind::Profiles));
    }

    #[test]
    fn the_content_decides_about_other_yaml_files() {
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
}
