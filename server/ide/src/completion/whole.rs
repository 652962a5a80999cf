//! Offers skeletons of whole files in an empty file.

use schema::{DocumentKind, Release, Skeleton, Status, Type, TypeId, View};
use yaml::Encoding;

use super::{
    candidates::Candidates,
    item::{CompletionItem, ItemKind},
};
use crate::{
    cursor::{TypedKey, Typing},
    types,
};

/// Offers skeletons of whole files if the file is empty except for the typed word.
pub(super) fn complete(typing: &Typing, key: &TypedKey, acc: &mut Candidates) {
    let document = &typing.document;
    let (tree, release) = (document.tree(), document.release());
    let is_empty = tree.parent(key.mapping).is_none() && tree.entries(key.mapping).count() == 1;
    // A word without a colon may become a whole file; a key, a word in braces, or one of several keys may not.
    if !is_empty || typing.value.is_none() || tree.roots().len() != 1 || key.flow || key.colon {
        return;
    }
    let skeletons = schema::catalogue().skeletons().iter().filter(|it| &*it.kind == document.kind().name());
    for (rank, skeleton) in skeletons.enumerate() {
        let Some((ty, docs)) = meaning(skeleton, document.kind(), release) else { continue };
        let mut body = body_at(skeleton, ty, release);
        if acc.is_before_comment(key.span.end) {
            // The comment would move to the last line.
            body.truncate(body.find('\n').unwrap_or(body.len()));
        }
        let plain = filled(&body);
        let column = acc.document.text().position(key.span.start, Encoding::Utf32).column as usize;
        acc.add(
            1 + rank as u32,
            CompletionItem {
                label: skeleton.label.to_string(),
                kind: ItemKind::Snippet,
                detail: skeleton.detail.to_string(),
                docs: format!("{docs}\n\n```yaml\n{plain}\n```").trim_start().into(),
                span: key.span,
                text: acc.layout.absolute(&plain, column),
                snippet: Some(acc.layout.relative(&body, column)),
                deprecated: false,
                retrigger: false,
            },
        );
    }
}

/// The type of the file in the release, with its documentation; `None` if the release does not accept the file.
fn meaning(skeleton: &Skeleton, kind: DocumentKind, release: Release) -> Option<(TypeId, &'static str)> {
    let root = schema::catalogue().named(kind.name())?;
    let Some(Type::Union(union)) = types::get(root, release) else { return Some((root, "")) };
    let tag = skeleton.body.lines().next()?.strip_prefix("type: ")?;
    let (ty, _) = union.variant(tag, release).filter(|it| it.1.is_accepted())?;
    let docs = union.tags.iter().position(|it| &**it == tag).and_then(|it| union.docs.get(it));
    Some((ty, docs.map_or("", |it| it)))
}

/// The lines of a skeleton that the release accepts.
fn body_at(skeleton: &Skeleton, ty: TypeId, release: Release) -> String {
    let view = View::new(release);
    let variants = view.alternatives(ty);
    let is_accepted = |line: &str| {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let mut fields = variants.iter().filter_map(|it| view.field(*it, name)).map(|it| it.1);
        fields.any(|field| {
            let is_scalar = |it: &TypeId| view.get(*it).is_some_and(types::is_scalar);
            let fits = value.is_empty() || value.starts_with(" [") || view.alternatives(field.ty).iter().any(is_scalar);
            matches!(field.status(release), Status::Current) && fits
        })
    };
    let mut keeps = false;
    let lines = skeleton.body.lines().filter(|line| {
        keeps = if line.starts_with(' ') { keeps } else { is_accepted(line) };
        keeps
    });
    let mut body = lines.collect::<Vec<_>>().join("\n");
    while let Some(at) = body.find("|@") {
        let name = body[at + 2..].split('|').next().unwrap_or_default().to_string();
        body = body.replace(&format!("@{name}"), &values_of(&name, view));
    }
    body
}

/// The values of an enum that the release accepts, separated as in a snippet.
fn values_of(name: &str, view: View) -> String {
    let ty = schema::catalogue().named(name).and_then(|it| view.get(it));
    let Some(Type::Enum(it)) = ty else { return String::new() };
    let accepted = it.values.iter().filter(|it| it.status(view.release()).is_accepted());
    accepted.map(|it| &*it.value).collect::<Vec<_>>().join(",")
}

/// A snippet with its placeholders filled in: `${1:x}` becomes `x`, `${1|a,b|}` becomes `a`, `$1` becomes empty.
fn filled(snippet: &str) -> String {
    let mut out = String::new();
    let mut rest = snippet;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = rest[at + 1..].trim_start_matches(|c: char| c.is_ascii_digit());
        if let Some(inner) = rest.strip_prefix('{').and_then(|it| it.split_once('}')) {
            let choice = inner.0.trim_start_matches(|c: char| c.is_ascii_digit());
            out.push_str(match choice.strip_prefix('|') {
                Some(values) => values.split([',', '|']).next().unwrap_or_default(),
                None => choice.trim_start_matches(':'),
            });
            rest = inner.1;
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use yaml::{Edits, Text};

    use super::*;
    use crate::{Document, completion, diagnostics, fixture};

    /// The items in an empty file.
    fn offered(kind: DocumentKind, release: Release) -> Vec<CompletionItem> {
        completion(&Document::new(Text::new(""), kind, release), 0)
    }

    fn labels(kind: DocumentKind, release: Release) -> String {
        let items = offered(kind, release).into_iter().filter(|it| it.kind == ItemKind::Snippet);
        items.map(|it| it.label).collect::<Vec<_>>().join(", ")
    }

    /// Every way to fill in a snippet: with the first value of each choice, and with each value of each choice.
    fn fillings(snippet: &str) -> Vec<String> {
        let mut all = vec![filled(snippet)];
        for (at, _) in snippet.match_indices('|').step_by(2) {
            let (before, rest) = snippet.split_at(at);
            let (values, after) = rest[1..].split_once("|}").unwrap();
            let before = &before[..before.rfind("${").unwrap()];
            all.extend(values.split(',').map(|value| filled(&format!("{before}{value}{after}"))));
        }
        all
    }

    #[test]
    fn every_skeleton_is_a_valid_file_at_every_release() {
        let mut seen = 0;
        for release in Release::all() {
            for kind in DocumentKind::ALL {
                for item in offered(kind, release).into_iter().filter(|it| it.kind == ItemKind::Snippet) {
                    for text in fillings(&item.snippet.unwrap()).iter().chain([&item.text]) {
                        let found = diagnostics(&Document::new(Text::new(text), kind, release));
                        assert!(found.is_empty(), "{release} {}\n{text}\n{found:#?}", item.label);
                        seen += 1;
                    }
                }
            }
        }
        assert!(seen > 4000, "{seen}");
    }

    #[test]
    fn skeletons_of_every_kind_of_file_that_a_release_knows_are_offered() {
        let new = "dev-environment, task, service, fleet, fleet (ssh), volume, gateway, preset";
        assert_eq!(labels(DocumentKind::Configuration, Release::NEWEST), new);
        assert_eq!(labels(DocumentKind::Configuration, Release::new(0, 21, 2)), new);
        assert_eq!(
            labels(DocumentKind::Configuration, Release::new(0, 20, 29)),
            "dev-environment, task, service, fleet, fleet (ssh), volume, gateway"
        );
        assert_eq!(labels(DocumentKind::Configuration, Release::OLDEST), "dev-environment, task, service");
        for release in [Release::OLDEST, Release::NEWEST] {
            assert_eq!(labels(DocumentKind::Profiles, release), "profile");
            assert_eq!(labels(DocumentKind::ClientConfig, release), "project");
            assert_eq!(
                labels(DocumentKind::ServerConfig, release),
                "server with its cloud's default credentials, server with an API key"
            );
        }
        assert_eq!(labels(DocumentKind::Template, Release::NEWEST), "template");
        assert_eq!(labels(DocumentKind::Template, Release::new(0, 20, 11)), "");
    }

    #[test]
    fn example_values_are_placeholders() {
        let newest = offered(DocumentKind::Configuration, Release::NEWEST);
        let snippet = newest[1].snippet.as_deref().unwrap();
        assert!(snippet.contains("\nide: ${2|vscode,cursor,windsurf,zed|}\nresources:\n  gpu: ${3:24GB}"), "{snippet}");
        assert!(newest[2].text.contains("\ncommands:\n  - pip install -r requirements.txt\n"), "{}", newest[2].text);
        let old = offered(DocumentKind::Configuration, Release::new(0, 18, 43));
        assert!(old[1].snippet.as_deref().unwrap().contains("\nide: ${2|vscode|}\n"), "{old:?}");
    }

    #[test]
    fn skeletons_follow_type_and_fit_the_position_of_the_cursor() {
        for text in ["", "\n\n", "# about\n", "---\n", "# dstack-lsp: release=0.22.5\n\n"] {
            let document = fixture::document(text);
            let items = completion(&document, text.len() as u32);
            let first: Vec<&str> = items.iter().take(4).map(|it| &*it.label).collect();
            assert_eq!(first, ["type", "dev-environment", "task", "service"], "{text:?}");
            for item in items.iter().filter(|it| it.kind == ItemKind::Snippet) {
                let after = document.edited(&Edits::replace(item.span, item.text.clone()));
                assert_eq!(diagnostics(&after), [], "{text:?} {}", item.label);
            }
        }
        let typed = fixture::document("vol");
        assert_eq!(completion(&typed, 3)[0].text.lines().next(), Some("type: volume"));
    }

    #[test]
    fn no_skeleton_is_offered_in_a_file_that_is_not_empty() {
        for text in ["name: x\n", "ta: ", "{", "type: task\n---\nname: x\n", "- "] {
            let document = fixture::document(text);
            let items = completion(&document, text.len() as u32);
            assert!(items.iter().all(|it| it.kind != ItemKind::Snippet), "{text:?}");
        }
    }
}
