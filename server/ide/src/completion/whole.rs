//! Whole files to begin with, where a file has nothing yet.

use schema::{DocumentKind, Release, Status, Type, TypeId};
use yaml::Encoding;

use super::{Candidates, CompletionItem, ItemKind};
use crate::{
    cursor::{TypedKey, Typing},
    types,
};

/// A file to begin with.
struct Whole {
    kind: DocumentKind,
    /// What it is called in the list; of files with a `type`, that word.
    label: &'static str,
    /// A few words beside it.
    detail: &'static str,
    /// A snippet. Fields at its top that a release does not know are left out there, with what is indented below them.
    body: &'static str,
}

/// Stands for the editors that the release knows.
const IDES: &str = "IDES";

/// All of them, the likeliest first. The names are examples; what is a choice is one in every release.
const ALL: [Whole; 13] = [
    Whole {
        kind: DocumentKind::Configuration,
        label: "dev-environment",
        detail: "a whole dev environment",
        body: "type: dev-environment\nname: ${1:my-dev}\nide: ${2|IDES|}\nresources:\n  gpu: ${3:24GB}",
    },
    Whole {
        kind: DocumentKind::Configuration,
        label: "task",
        detail: "a whole task",
        body: "type: task\nname: ${1:train}\ncommands:\n  - ${2:pip install -r requirements.txt}\n  - ${3:python train.py}\nresources:\n  gpu: ${4:24GB}",
    },
    Whole {
        kind: DocumentKind::Configuration,
        label: "service",
        detail: "a whole service",
        body: "type: service\nname: ${1:my-service}\nimage: ${2:vllm/vllm-openai:latest}\ncommands:\n  - ${3:vllm serve Qwen/Qwen2.5-7B-Instruct}\nport: ${4:8000}\nmodel: ${5:Qwen/Qwen2.5-7B-Instruct}\nresources:\n  gpu: ${6:24GB}",
    },
    Whole {
        kind: DocumentKind::Configuration,
        label: "fleet",
        detail: "a whole fleet in the cloud",
        body: "type: fleet\nname: ${1:my-fleet}\nnodes: ${2:0..2}\nresources:\n  gpu: ${3:24GB}",
    },
    Whole {
        kind: DocumentKind::Configuration,
        label: "fleet (ssh)",
        detail: "a whole fleet of your own machines",
        body: "type: fleet\nname: ${1:my-machines}\nssh_config:\n  user: ${2:ubuntu}\n  identity_file: ${3:~/.ssh/id_rsa}\n  hosts:\n    - ${4:192.168.100.10}",
    },
    Whole {
        kind: DocumentKind::Configuration,
        label: "volume",
        detail: "a whole volume",
        body: "type: volume\nname: ${1:my-volume}\nbackend: ${2|aws,gcp,runpod|}\nregion: ${3:eu-west-1}\nsize: ${4:100GB}",
    },
    Whole {
        kind: DocumentKind::Configuration,
        label: "gateway",
        detail: "a whole gateway",
        body: "type: gateway\nname: ${1:my-gateway}\nbackend: ${2|aws,azure,gcp,kubernetes|}\nregion: ${3:eu-west-1}\ndomain: ${4:example.com}",
    },
    Whole {
        kind: DocumentKind::Configuration,
        label: "preset",
        detail: "a whole preset",
        body: "type: preset\nname: ${1:my-preset}\nbase: ${2:Qwen/Qwen3-8B}\nfleets: [${3:my-fleet}]\ntrials: ${4:5}\nmin_context_length: ${5:32768}\nconcurrency: ${6:8}",
    },
    Whole {
        kind: DocumentKind::Profiles,
        label: "profile",
        detail: "a whole file with one profile",
        body: "profiles:\n  - name: ${1:my-profile}\n    spot_policy: ${2|auto,spot,on-demand|}\n    max_price: ${3:2.5}\n    max_duration: ${4:1d}",
    },
    Whole {
        kind: DocumentKind::ServerConfig,
        label: "server with its cloud's default credentials",
        detail: "a whole configuration",
        body: "projects:\n  - name: ${1:main}\n    backends:\n      - type: aws\n        creds:\n          type: default",
    },
    Whole {
        kind: DocumentKind::ServerConfig,
        label: "server with an API key",
        detail: "a whole configuration",
        body: "projects:\n  - name: ${1:main}\n    backends:\n      - type: ${2|runpod,lambda,vastai|}\n        creds:\n          type: api_key\n          api_key: ${3:my-api-key}",
    },
    Whole {
        kind: DocumentKind::ClientConfig,
        label: "project",
        detail: "a whole file with one project",
        body: "projects:\n  - name: ${1:main}\n    url: ${2:http://127.0.0.1:3000}\n    token: ${3:my-token}\n    default: true",
    },
    Whole {
        kind: DocumentKind::Template,
        label: "template",
        detail: "a whole template",
        body: "type: template\nname: ${1:my-template}\ntitle: ${2:My template}\nparameters:\n  - type: name\n  - type: resources\nconfiguration:\n  type: dev-environment\n  ide: ${3|IDES|}",
    },
];

/// Offers whole files where there is nothing yet.
pub(super) fn complete(typing: &Typing, key: &TypedKey, acc: &mut Candidates) {
    let document = &typing.document;
    let (tree, release) = (document.tree(), document.release());
    let is_empty = tree.parent(key.mapping).is_none() && tree.entries(key.mapping).count() == 1;
    // A word without a colon may become a whole file; a key, or what stands in braces or is one of several, does not.
    if !is_empty || typing.value.is_none() || tree.roots().len() != 1 || key.flow || key.colon {
        return;
    }
    for (rank, whole) in ALL.iter().filter(|it| it.kind == document.kind()).enumerate() {
        let Some((ty, docs)) = whole.ty(release) else { continue };
        let mut body = whole.at(ty, release);
        if acc.is_before_comment(key.span.end) {
            // The comment would go along to the last line.
            body.truncate(body.find('\n').unwrap_or(body.len()));
        }
        let plain = filled(&body);
        let column = acc.document.text().position(key.span.start, Encoding::Utf32).column as usize;
        acc.add(
            1 + rank as u32,
            CompletionItem {
                label: whole.label.into(),
                kind: ItemKind::Snippet,
                detail: whole.detail.into(),
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

impl Whole {
    /// What the file is in the release, with a sentence about it; `None` if the release does not take it.
    fn ty(&self, release: Release) -> Option<(TypeId, &'static str)> {
        let root = schema::catalogue().named(self.kind.name())?;
        let Some(Type::Union(union)) = types::get(root, release) else { return Some((root, "")) };
        let tag = self.body.lines().next()?.strip_prefix("type: ")?;
        let (ty, _) = union.variant(tag, release).filter(|it| it.1.is_accepted())?;
        let docs = union.tags.iter().position(|it| &**it == tag).and_then(|it| union.docs.get(it));
        Some((ty, docs.map_or("", |it| it)))
    }

    /// The lines that the release understands.
    fn at(&self, ty: TypeId, release: Release) -> String {
        let catalogue = schema::catalogue();
        let variants = types::alternatives(ty, release);
        let is_taken = |line: &str| {
            let (name, value) = line.split_once(':').unwrap_or((line, ""));
            let mut fields = variants.iter().filter_map(|it| catalogue.field(*it, name)).map(|it| it.1);
            fields.any(|field| {
                let of_field = types::alternatives(field.ty, release);
                let is_text = |it: &TypeId| types::get(*it, release).is_some_and(types::is_scalar);
                let fits = value.is_empty() || value.starts_with(" [") || of_field.iter().any(is_text);
                matches!(field.status(release), Status::Current) && fits
            })
        };
        let mut keeps = false;
        let lines = self.body.lines().filter(|line| {
            keeps = if line.starts_with(' ') { keeps } else { is_taken(line) };
            keeps
        });
        lines.collect::<Vec<_>>().join("\n").replace(IDES, &ides(release))
    }
}

/// The editors that the release knows.
fn ides(release: Release) -> String {
    let words = schema::catalogue().named("ide").and_then(|it| match types::get(it, release)? {
        Type::Enum(it) => Some(it.values.iter().filter(|it| it.status(release).is_accepted()).map(|it| &*it.value)),
        _ => None,
    });
    words.map_or(String::new(), |it| it.collect::<Vec<_>>().join(","))
}

/// A snippet with its placeholders filled in: `${1:x}` is `x`, `${1|a,b|}` is `a`, `$1` is nothing.
fn filled(snippet: &str) -> String {
    let mut out = String::new();
    let mut rest = snippet;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = rest[at + 1..].trim_start_matches(|c: char| c.is_ascii_digit());
        if let Some(inner) = rest.strip_prefix('{').and_then(|it| it.split_once('}')) {
            let choice = inner.0.trim_start_matches(|c: char| c.is_ascii_digit());
            out.push_str(match choice.strip_prefix('|') {
                Some(words) => words.split([',', '|']).next().unwrap_or_default(),
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
    use crate::{Document, completion, diagnostics};

    /// What is offered in an empty file.
    fn offered(kind: DocumentKind, release: Release) -> Vec<CompletionItem> {
        completion(&Document::new(Text::new(""), kind, release), 0)
    }

    fn labels(kind: DocumentKind, release: Release) -> String {
        let items = offered(kind, release).into_iter().filter(|it| it.kind == ItemKind::Snippet);
        items.map(|it| it.label).collect::<Vec<_>>().join(", ")
    }

    /// Every way to fill in a snippet: as it comes, and with each word of each choice.
    fn fillings(snippet: &str) -> Vec<String> {
        let mut all = vec![filled(snippet)];
        for (at, _) in snippet.match_indices('|').step_by(2) {
            let (before, rest) = snippet.split_at(at);
            let (words, after) = rest[1..].split_once("|}").unwrap();
            let before = &before[..before.rfind("${").unwrap()];
            all.extend(words.split(',').map(|word| filled(&format!("{before}{word}{after}"))));
        }
        all
    }

    #[test]
    fn what_is_offered_is_a_whole_file_at_every_release() {
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
    fn every_kind_of_file_that_a_release_knows_is_offered() {
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
    fn what_is_an_example_is_a_place_to_type_at() {
        let newest = offered(DocumentKind::Configuration, Release::NEWEST);
        let snippet = newest[1].snippet.as_deref().unwrap();
        assert!(snippet.contains("\nide: ${2|vscode,cursor,windsurf,zed|}\nresources:\n  gpu: ${3:24GB}"), "{snippet}");
        assert!(newest[2].text.contains("\ncommands:\n  - pip install -r requirements.txt\n"), "{}", newest[2].text);
        let old = offered(DocumentKind::Configuration, Release::new(0, 18, 43));
        assert!(old[1].snippet.as_deref().unwrap().contains("\nide: ${2|vscode|}\n"), "{old:?}");
    }

    #[test]
    fn they_come_right_behind_type_and_fit_where_the_cursor_is() {
        for text in ["", "\n\n", "# about\n", "---\n", "# dstack-lsp: release=0.22.5\n\n"] {
            let document = Document::new(Text::new(text), DocumentKind::Configuration, Release::NEWEST);
            let items = completion(&document, text.len() as u32);
            let first: Vec<&str> = items.iter().take(4).map(|it| &*it.label).collect();
            assert_eq!(first, ["type", "dev-environment", "task", "service"], "{text:?}");
            for item in items.iter().filter(|it| it.kind == ItemKind::Snippet) {
                let after = document.edited(&Edits::replace(item.span, item.text.clone()));
                assert_eq!(diagnostics(&after), [], "{text:?} {}", item.label);
            }
        }
        let typed = Document::new(Text::new("vol"), DocumentKind::Configuration, Release::NEWEST);
        assert_eq!(completion(&typed, 3)[0].text.lines().next(), Some("type: volume"));
    }

    #[test]
    fn a_file_with_something_in_it_is_no_place_for_them() {
        for text in ["name: x\n", "ta: ", "{", "type: task\n---\nname: x\n", "- "] {
            let document = Document::new(Text::new(text), DocumentKind::Configuration, Release::NEWEST);
            let items = completion(&document, text.len() as u32);
            assert!(items.iter().all(|it| it.kind != ItemKind::Snippet), "{text:?}");
        }
    }
}
