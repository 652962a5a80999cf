//! Skeletons: a field with the fields that it needs, and whole configurations for an empty file.

use schema::{DocumentKind, Mapping, Release, Status, Type, TypeId};

use super::{Candidates, CompletionItem, ItemKind, layout::Layout};
use crate::{
    cursor::{TypedKey, Typing},
    types,
};

/// What is inserted for a field, its lines indented from its key.
pub(super) struct Skeleton {
    pub(super) plain: String,
    pub(super) snippet: Option<String>,
    pub(super) retrigger: bool,
}

impl Skeleton {
    pub(super) fn new(plain: String, snippet: String, retrigger: bool) -> Skeleton {
        Skeleton { plain, snippet: Some(snippet), retrigger }
    }

    pub(super) fn plain(plain: String, retrigger: bool) -> Skeleton {
        let snippet = plain.contains('\n').then(|| escaped(&plain));
        Skeleton { plain, snippet, retrigger }
    }

    /// A mapping below its key; with a snippet, the fields that it must have.
    pub(super) fn required_fields(name: &str, mapping: &Mapping, layout: &Layout, release: Release) -> Skeleton {
        let (indent, list) = (" ".repeat(layout.step), " ".repeat(layout.list));
        let mut lines: Vec<String> = vec![];
        for field in mapping.fields.iter().filter(|it| it.is_required(release)) {
            let alternatives = types::alternatives(field.ty, release);
            let any = |is: fn(&Type) -> bool| alternatives.iter().any(|it| types::get(*it, release).is_some_and(is));
            let name = escaped(&field.name);
            let number = lines.len() + 1;
            if !matches!(field.status(release), Status::Current) {
                continue;
            } else if any(types::is_scalar) {
                lines.push(format!("\n{indent}{name}: ${number}"));
            } else if any(|it| matches!(it, Type::Sequence(_))) {
                lines.push(format!("\n{indent}{name}:\n{indent}{list}- ${number}"));
            }
        }
        let plain = format!("{name}:\n{indent}");
        match lines.is_empty() {
            true => Skeleton::plain(plain, true),
            false => Skeleton::new(plain, format!("{}:{}", escaped(name), lines.concat()), true),
        }
    }
}

/// Offers whole configurations where a file has nothing yet.
pub(super) fn complete(typing: &Typing, key: &TypedKey, acc: &mut Candidates) {
    let document = &typing.document;
    let tree = document.tree();
    let empty = tree.parent(key.mapping).is_none() && typing.value.is_some() && tree.roots().len() == 1;
    if !empty || key.flow || key.colon || document.kind() != DocumentKind::Configuration {
        return;
    }
    let Some(Type::Union(union)) =
        schema::catalogue().named(DocumentKind::Configuration.name()).and_then(|it| types::get(it, document.release()))
    else {
        return;
    };
    for (rank, (tag, body)) in CONFIGURATIONS.into_iter().enumerate() {
        let Some((variant, status)) = union.variant(tag, document.release()) else { continue };
        if !status.is_accepted() {
            continue;
        }
        let body = &configuration(body, variant, document.release());
        let docs = union.tags.iter().position(|it| &**it == tag).and_then(|it| union.docs.get(it));
        let plain = filled(body);
        let column = key.span.start as usize - yaml_line_start(acc, key);
        acc.add(
            1 + rank as u32,
            CompletionItem {
                label: tag.into(),
                kind: ItemKind::Snippet,
                detail: format!("a whole {tag}"),
                docs: format!("{}\n\n```yaml\n{plain}\n```", docs.map_or("", |it| it)).trim_start().into(),
                span: key.span,
                text: acc.layout.absolute(&plain, column),
                snippet: Some(acc.layout.relative(body, column)),
                deprecated: false,
                retrigger: false,
            },
        );
    }
}

/// The lines of a configuration that the release understands.
fn configuration(body: &str, ty: TypeId, release: Release) -> String {
    let mut kept: Vec<&str> = vec![];
    let mut keeps = false;
    for line in body.lines() {
        if !line.starts_with(' ') {
            let (name, value) = line.split_once(':').unwrap_or((line, ""));
            let field = schema::catalogue().field(ty, name).map(|it| it.1);
            keeps = field.is_some_and(|it| {
                let alternatives = types::alternatives(it.ty, release);
                let takes_text =
                    || alternatives.iter().any(|it| types::get(*it, release).is_some_and(types::is_scalar));
                it.status(release).is_accepted() && (value.is_empty() || takes_text())
            });
        }
        if keeps {
            kept.push(line);
        }
    }
    let ides = schema::catalogue().named("ide").and_then(|it| match types::get(it, release)? {
        Type::Enum(it) => Some(it.values.iter().filter(|it| it.status(release).is_accepted()).map(|it| &*it.value)),
        _ => None,
    });
    let ides = ides.map_or(String::new(), |it| it.collect::<Vec<_>>().join(","));
    kept.join("\n").replace(IDES, &ides)
}

/// Stands for the editors that the release knows.
const IDES: &str = "IDES";

/// Configurations to start with, as snippets. One field a line, but for what is indented.
const CONFIGURATIONS: [(&str, &str); 4] = [
    ("dev-environment", "type: dev-environment\nname: ${1:my-dev}\nide: ${2|IDES|}\nresources:\n  gpu: ${3:24GB}"),
    (
        "task",
        "type: task\nname: ${1:train}\ncommands:\n  - ${2:pip install -r requirements.txt}\n  - ${3:python train.py}\nresources:\n  gpu: ${4:24GB}",
    ),
    (
        "service",
        "type: service\nname: ${1:my-service}\nimage: ${2:vllm/vllm-openai:latest}\ncommands:\n  - ${3:vllm serve Qwen/Qwen2.5-7B-Instruct}\nport: ${4:8000}\nmodel: ${5:Qwen/Qwen2.5-7B-Instruct}\nresources:\n  gpu: ${6:24GB}",
    ),
    ("fleet", "type: fleet\nname: ${1:my-fleet}\nnodes: ${2:0..2}\nresources:\n  gpu: ${3:24GB}"),
];

fn yaml_line_start(acc: &Candidates, key: &TypedKey) -> usize {
    let text = acc.document.text();
    text.line(text.position(key.span.start, yaml::Encoding::Utf8).line).start as usize
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

/// Text as it is written in a snippet.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('$', "\\$").replace('}', "\\}")
}
