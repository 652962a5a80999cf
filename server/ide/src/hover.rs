//! Hover: a field with its documentation and history, the parts of a scalar with their meaning, and how YAML 1.1 reads a scalar
//! if that is surprising.

use std::ops::Range;

use schema::{Deprecation, DocumentKind, EnumValue, Field, Grammar, Release, Status, Type};
use yaml::{Kind, NodeId, Scalar, Span, Style};

use crate::{
    bind,
    cursor::Cursor,
    document::Document,
    expected::or,
    prose,
    secret::{Quotes, Secrets},
    types::{self, Title},
};

/// The text to show.
#[derive(Clone, Debug, PartialEq)]
pub struct Hover {
    /// The range it describes.
    pub span: Span,
    /// The text, in Markdown.
    pub markdown: String,
}

/// The hover at `offset`.
pub fn hover(document: &Document, offset: u32) -> Option<Hover> {
    let cursor = Cursor::at(document, offset);
    let node = cursor.node.filter(|it| matches!(document.tree().kind(*it), Kind::Scalar | Kind::Alias))?;
    if cursor.span.is_empty() {
        return None;
    }
    let (span, paragraphs) = match cursor.key() {
        Some(entry) => (cursor.span, telling_key(document, entry.key).or_else(|| key(document, entry.key))?),
        None => value(document, node, &cursor)?,
    };
    let markdown = paragraphs.into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join("\n\n");
    let hover = (!markdown.is_empty()).then(|| Hover { span, markdown: prose::wrapped(&markdown, prose::WINDOW) });
    document.without_secrets(hover)
}

impl Quotes for Hover {
    fn hide(&mut self, secrets: &Secrets) {
        let Hover { span: _, markdown } = self;
        secrets.hide_in_docs(markdown);
    }
}

/// The documentation of a field, with its status in the release.
pub(crate) fn field_docs(field: &Field, release: Release) -> String {
    let status = status(field.status(release), release);
    let parts = [status, field.docs.trim().to_string()];
    parts.into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join("\n\n")
}

/// The key that decides the kind of the document, with the release it is checked against.
fn telling_key(document: &Document, it: NodeId) -> Option<Vec<String>> {
    let tree = document.tree();
    let is_outermost = tree.parent(it) == tree.root();
    if !is_outermost || !DocumentKind::telling_keys().contains(&tree.value(it)) {
        return None;
    }
    let mut paragraphs = key(document, it).unwrap_or_else(|| vec![format!("**{}**", quoted(document, it))]);
    paragraphs.push(checked_against(document));
    Some(paragraphs)
}

/// `Checked against dstack 0.19.40 (from `uv.lock`)`, with a note if it is not the requested release.
fn checked_against(document: &Document) -> String {
    let target = document.target();
    let words = format!("Checked against {}", target.words());
    target.note.as_ref().map_or(words.clone(), |note| format!("{words}: {note}"))
}

fn key(document: &Document, key: NodeId) -> Option<Vec<String>> {
    let fact = document.binding().fact(key);
    if let Some(field) = fact.field.and_then(|it| schema::catalogue().field_by_id(it)) {
        return Some(field_paragraphs(document, field));
    }
    // A key of a table is the user's own; the documentation of the table is more useful.
    let table = document.tree().parent(key).and_then(|it| types::field_of(document, it))?;
    let grammar = fact.ty.and_then(|it| grammar(it, document.release()));
    let name = quoted(document, key);
    let title = grammar.map_or(String::new(), |it| format!(": {}", it.title()));
    Some(vec![format!("**{name}** in `{}`{title}", table.name), field_docs(table, document.release())])
}

fn field_paragraphs(document: &Document, field: &Field) -> Vec<String> {
    let release = document.release();
    let mut title = format!("**`{}`**: {}", field.name, type_title(field, release));
    if let Some(default) = types::default(field, release) {
        title.push_str(&format!(", default {}", code(default)));
    }
    if field.is_required(release) {
        title.push_str(" (required)");
    }
    let footer: Vec<String> = since(field, release).into_iter().chain(reference(document)).collect();
    vec![title, field_docs(field, release), words(field, release), footer.join(" · ")]
}

/// Maximum number of values that are listed.
pub(crate) const MANY: usize = 12;

/// The values with their documentation, as a list; empty if there is only one or too many.
fn words(field: &Field, release: Release) -> String {
    let Some(words) = types::enumeration(field.ty, release).filter(|it| it.values.len() <= MANY) else {
        return String::new();
    };
    let current: Vec<&EnumValue> =
        words.values.iter().filter(|it| matches!(it.status(release), Status::Current)).collect();
    // The title already names a single value.
    if current.len() < 2 && types::titles(field.ty, release).len() < 2 {
        return String::new();
    }
    let lines = current.iter().map(|it| format!("* `{}`: {}", it.value, it.docs.trim().replace('\n', "\n  ")));
    lines.collect::<Vec<_>>().join("\n")
}

fn type_title(field: &Field, release: Release) -> String {
    let titles = types::titles(field.ty, release);
    let title = |it| match it {
        Title::Type(text) => text,
        Title::Value(value) => code(&value),
    };
    let titles: Vec<String> = titles.into_iter().map(title).collect();
    if titles.is_empty() { "anything".into() } else { or(&titles) }
}

/// The hover of a value.
fn value(document: &Document, node: NodeId, cursor: &Cursor) -> Option<(Span, Vec<String>)> {
    let (tree, release) = (document.tree(), document.release());
    if tree.kind(node) == Kind::Alias {
        return alias(document, node).map(|it| (cursor.span, vec![it]));
    }
    if let Some(paragraphs) = configuration(document, node) {
        return Some((cursor.span, paragraphs));
    }
    if document.secrets().contains(node) {
        let (field, _) = nearest_field(document, node)?;
        return Some((cursor.span, field_paragraphs(document, field)));
    }
    let ty = document.binding().fact(node).ty;
    let surprise = surprise(document, node);
    if let Some(grammar) = ty.and_then(|it| grammar(it, release)) {
        let (span, parts) = parts(document, node, grammar, cursor);
        if !parts.is_empty() || !surprise.is_empty() {
            return Some((span, vec![parts, surprise, grammar.docs().trim().to_string()]));
        }
    }
    let (field, is_item) = nearest_field(document, node)?;
    if let Some(word) = ty.and_then(|it| word(document, node, it)) {
        let title = format!("**{}**: a value of `{}`", quoted(document, node), field.name);
        return Some((cursor.span, vec![title, status(word.status(release), release), word.docs.trim().into()]));
    }
    let mut paragraphs = field_paragraphs(document, field);
    if is_item {
        paragraphs[0] = format!("Item of {}", paragraphs[0]);
    }
    paragraphs.insert(1, surprise);
    Some((cursor.span, paragraphs))
}

/// The value of the `type` of a configuration.
fn configuration(document: &Document, node: NodeId) -> Option<Vec<String>> {
    let tree = document.tree();
    let mapping = tree.parent(node)?;
    let entry = tree.entry_of(node).filter(|it| it.value == node)?;
    let union = types::tagged_union(document, mapping, tree.value(entry.key))?;
    let index = union.tags.iter().position(|it| &**it == tree.value(node))?;
    let (variant, tag_status) = union.variant(&union.tags[index], document.release())?;
    let docs = union.docs.get(index).filter(|it| !it.is_empty()).cloned();
    let mapping = || schema::catalogue().mapping(schema::catalogue().resolve(variant, document.release())?);
    let docs = docs.or_else(|| Some(mapping()?.docs.clone())).unwrap_or_default();
    let footer: Vec<String> = [checked_against(document)].into_iter().chain(reference(document)).collect();
    let title = format!("**`{}`**", union.tags[index]);
    let elsewhere = types::elsewhere(union, &union.tags[index], document.release()).map(|it| format!("⚠ {it}"));
    let status = elsewhere.unwrap_or_else(|| status(tag_status, document.release()));
    Some(vec![title, status, docs.trim().into(), footer.join(" · ")])
}

fn alias(document: &Document, node: NodeId) -> Option<String> {
    let tree = document.tree();
    let target = tree.target(node)?;
    let hidden = |place: Span, text: &str| code(&document.secrets().quoted(place, text));
    let name = hidden(tree.span(node), tree.text(node));
    let path = hidden(Span::at(tree.span(target).start), &tree.path(target).to_string());
    let line = tree.text(target).lines().next().unwrap_or_default();
    if document.secrets().contains(node) || holds_secret(document, target) {
        return Some(format!("{name} is the value of {path}"));
    }
    Some(format!("{name} is the value of {path}: {}", hidden(tree.span(target), line)))
}

/// The parts of a scalar with a grammar, the one under the cursor in bold.
fn parts(document: &Document, node: NodeId, grammar: &dyn Grammar, cursor: &Cursor) -> (Span, String) {
    let tree = document.tree();
    let text = tree.value(node);
    let Some(value) = tree.scalar(node).as_ref().map(bind::python_value) else { return (cursor.span, String::new()) };
    let parsed = grammar.parse(value, document.release());
    let span = |range: &Range<usize>| {
        // If quotes or escapes change the text, parts have no range of their own.
        let inner = match tree.style(node) {
            Style::SingleQuoted | Style::DoubleQuoted => Span::new(cursor.span.start + 1, cursor.span.end.max(1) - 1),
            _ => cursor.span,
        };
        let verbatim = tree.source().get(inner.range()) == Some(text);
        verbatim.then(|| Span::new(inner.start + range.start as u32, inner.start + range.end as u32))
    };
    let mut found = cursor.span;
    let secrets = document.secrets();
    let mut lines = vec![format!("**{}**: {}", quoted(document, node), grammar.title())];
    let mut bold = false;
    for part in &parsed.parts {
        let here = span(&part.range).filter(|it| it.touches(cursor.offset) && !it.is_empty());
        let written = match text.get(part.range.clone()) {
            Some(written) if !written.is_empty() => {
                let place = span(&part.range).unwrap_or(cursor.span);
                format!("{}: ", code(&secrets.quoted(place, written)))
            }
            _ => String::new(),
        };
        let meaning = secrets.hidden(&part.meaning);
        let line = match here {
            Some(span) if !bold && parsed.parts.len() > 1 => {
                (found, bold) = (span, true);
                format!("* **{written}{meaning}**")
            }
            _ => format!("* {written}{meaning}"),
        };
        lines.push(line);
    }
    match parsed.parts.is_empty() {
        true => (found, String::new()),
        false => (found, format!("{}\n\n{}", lines[0], lines[1..].join("\n"))),
    }
}

/// How YAML 1.1 reads a plain scalar, if that differs from its text.
fn surprise(document: &Document, node: NodeId) -> String {
    let tree = document.tree();
    if tree.style(node) != Style::Plain || document.secrets().cover(tree.span(node)) {
        return String::new();
    }
    let text = tree.value(node);
    let read = match tree.scalar(node) {
        Some(Scalar::Bool(it)) if !text.eq_ignore_ascii_case(if it { "true" } else { "false" }) => it.to_string(),
        Some(Scalar::Int(it)) if it.to_string() != text => it.to_string(),
        Some(Scalar::Float(it)) if !same_number(text, it) => it.to_string(),
        Some(Scalar::Timestamp) => "a date".into(),
        _ => return String::new(),
    };
    let read = if read == "a date" { read } else { code(&read) };
    let why = match text.contains(':') && !matches!(tree.scalar(node), Some(Scalar::Timestamp)) {
        true => " (a number in base 60)",
        false => "",
    };
    let reads = format!("YAML reads {} as {read}{why}", code(text));
    match is_wanted(document, node) {
        true => reads,
        false => format!("{reads}; write {} for a string", code(&format!("\"{text}\""))),
    }
}

/// Whether a boolean is valid here: `off` as a duration, `on` as a switch.
fn is_wanted(document: &Document, node: NodeId) -> bool {
    let Some(scalar @ Scalar::Bool(_)) = document.tree().scalar(node) else { return false };
    let release = document.release();
    let Some(ty) = document.binding().fact(node).ty else { return false };
    let wanted = |it: &schema::TypeId| match types::get(*it, release) {
        Some(Type::Boolean) => true,
        Some(Type::Grammar(name)) => schema::grammar::named(name)
            .is_some_and(|it| it.parse(bind::python_value(&scalar), release).problems.is_empty()),
        _ => false,
    };
    types::alternatives(ty, release).iter().any(wanted)
}

/// Whether the text is the number as Python writes it, apart from a final `.0`.
fn same_number(text: &str, number: f64) -> bool {
    let shown = number.to_string();
    text == shown || text.strip_suffix(".0") == Some(&shown)
}

fn word(document: &Document, node: NodeId, ty: schema::TypeId) -> Option<&'static EnumValue> {
    let value = document.tree().value(node);
    let Some(Type::Enum(it)) = types::get(ty, document.release()) else { return None };
    let same = |word: &&EnumValue| match it.any_case {
        true => word.value.eq_ignore_ascii_case(value),
        false => &*word.value == value,
    };
    it.values.iter().find(same)
}

fn grammar(ty: schema::TypeId, release: Release) -> Option<&'static dyn Grammar> {
    match types::get(ty, release)? {
        Type::Grammar(name) => schema::grammar::named(name),
        _ => None,
    }
}

/// The field whose value the node is, or whose value contains it as an item.
fn nearest_field(document: &Document, node: NodeId) -> Option<(&'static Field, bool)> {
    let tree = document.tree();
    let within = tree.ancestors(node).take_while(|it| *it == node || tree.kind(*it) == Kind::Sequence);
    within.enumerate().find_map(|(i, it)| Some((types::field_of(document, it)?, i > 0)))
}

/// The status of a field or value as a sentence; empty if it is current.
pub(crate) fn status(status: Status<'_>, release: Release) -> String {
    let instead = |it: &Deprecation| {
        let instead = it.instead.as_ref().map(|it| format!("; use `{it}`")).unwrap_or_default();
        let note = it.note.as_ref().map(|it| format!("; {it}")).unwrap_or_default();
        instead + &note
    };
    match status {
        Status::Current => String::new(),
        Status::Unavailable(since) => {
            format!("⚠ Requires dstack {since} or later (this file is checked against {release})")
        }
        Status::Deprecated(it) => format!("⚠ Deprecated since {}{}", it.since, instead(it)),
        Status::Ignored(it) => format!("⚠ No effect since {}{}", it.ignored.unwrap_or(it.since), instead(it)),
        Status::Removed(since) => format!("⚠ Removed in dstack {since}"),
    }
}

/// `Since 0.18.1`: the first release that accepts the field, if it is not the oldest known and the field is accepted now.
pub(crate) fn since(field: &Field, release: Release) -> Option<String> {
    let first = field.accepted.0.iter().find(|it| it.1).map(|it| it.0).filter(|it| *it > Release::OLDEST);
    first.filter(|_| field.status(release).is_accepted()).map(|it| format!("Since {it}"))
}

/// A link to dstack's own reference for this kind of file.
fn reference(document: &Document) -> Option<String> {
    let page = match document.kind() {
        DocumentKind::Configuration => {
            let root = schema::catalogue().named(document.kind().name())?;
            let Some(Type::Union(union)) = types::get(root, document.release()) else { return None };
            union.page(document.configuration_type()?)?.to_string()
        }
        DocumentKind::Profiles => "profiles.yml".into(),
        DocumentKind::ServerConfig => "server/config.yml".into(),
        DocumentKind::ClientConfig | DocumentKind::Template => return None,
    };
    Some(format!("[Reference](https://dstack.ai/docs/reference/{page})"))
}

/// Whether the value is or contains a secret.
fn holds_secret(document: &Document, node: NodeId) -> bool {
    (node.0..document.tree().subtree_end(node).0).any(|it| document.secrets().contains(NodeId(it)))
}

/// A scalar as code, without secrets.
fn quoted(document: &Document, node: NodeId) -> String {
    let tree = document.tree();
    code(&document.secrets().quoted(tree.span(node), tree.value(node)))
}

/// The user's text as code, whatever it contains, and cut if it is long.
fn code(text: &str) -> String {
    let line: String = text.chars().take(80).map(|c| if c.is_control() { ' ' } else { c }).collect();
    let dots = if line.chars().count() < text.chars().count() { "…" } else { "" };
    let longest = line.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let space = if longest > 0 { " " } else { "" };
    format!("{fence}{space}{line}{dots}{space}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    /// The hover, below the text that it describes.
    fn shown(text: &str, release: Release) -> String {
        let (text, offset) = fixture::cursor(text);
        match hover(&fixture::document_at(&text, release), offset) {
            Some(it) => format!("{}{}", fixture::underlined(&text, &[it.span]), it.markdown),
            None => "nothing".into(),
        }
    }

    fn against(before: &str) -> String {
        format!("{before}Checked against dstack {}", Release::NEWEST)
    }

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        check_at(text, Release::NEWEST, expected);
    }

    #[track_caller]
    fn check_at(text: &str, release: Release, expected: &[&str]) {
        let shown = shown(text, release);
        for it in expected {
            assert!(shown.contains(it), "{it:?} is not in\n{shown}");
        }
    }

    #[test]
    fn keys() {
        check(
            "type: task\nspot_pol$0icy: auto\n",
            &[
                "spot_policy: auto\n^^^^^^^^^^^\n",
                "**`spot_policy`**: `spot`, `on-demand` or `auto`, default `on-demand`",
                "\n* `spot`: Spot",
            ],
        );
        check(
            "type: task\nidle_dur$0ation: 5m\n",
            &["Since 0.18.34", "[Reference](https://dstack.ai/docs/reference/dstack.yml/task)"],
        );
        check("type: service\npo$0rt: 80\n", &["**`port`**: port or mapping (required)"]);
        check("type: task\nvolu$0mes: []\n", &["**`volumes`**: list of mounts or mappings\n"]);
        check("type: task\nretry: {on_ev$0ents: []}\n", &["**`on_events`**: list of values\n", "\n* `error`: "]);
        check("type: task\nresources:\n  gp$0u: 1\n", &["  gpu: 1\n  ^^^\n", "**`gpu`**"]);
        check("type: task\ntermination_pol$0icy: x\n", &["⚠ Removed in dstack 0.20.0"]);
        let old = Release::new(0, 18, 43);
        check_at("type: task\ntermination_pol$0icy: x\n", old, &["⚠ Deprecated since 0.18.34; use `idle_duration`"]);
        check_at("type: task\nsched$0ule: x\n", old, &["⚠ Requires dstack 0.19.21 or later"]);
        check("type: task\nenv:\n  HF_TO$0KEN: x\n", &["**`HF_TOKEN`** in `env`"]);
    }

    #[test]
    fn values() {
        check("type: ta$0sk\n", &["type: task\n      ^^^^\n", "**`task`**", &against("")]);
        check("type: task\nspot_policy: au$0to\n", &["**`auto`**: a value of `spot_policy`"]);
        check(
            "type: task\nbackends: [a$0ws]\n",
            &["backends: [aws]\n           ^^^\n", "**`aws`**: a value of `backends`"],
        );
        check("type: task\nimage: &x y`\nname: *$0x\n", &["`*x` is the value of `image`: `` y` ``"]);
        check("type: task\nprivileged: o$0n\n", &["YAML reads `on` as `true`\n"]);
        check("type: task\nname: o$0n\n", &["YAML reads `on` as `true`; write `\"on\"` for a string"]);
        check("type: task\nname: 22:$022\n", &["YAML reads `22:22` as `1342` (a number in base 60)"]);
        check("type: task\nname: 3.1$00\n", &["YAML reads `3.10` as `3.1`"]);
        check("type: task\nname: 01$00\n", &["YAML reads `010` as `8`"]);
        check("type: task\nname: 2024-01-0$01\n", &["YAML reads `2024-01-01` as a date"]);
    }

    #[test]
    fn what_a_file_is_checked_against() {
        let by_comment = "Checked against dstack 0.19.40 (by a comment in the file)";
        check("# dstack-lsp: release=0.19.40\nty$0pe: task\n", &["type: task\n^^^^\n", by_comment]);
        check("# dstack-lsp: release=0.19.40\ntype: ta$0sk\n", &["**`task`**", by_comment]);
        let note = "0.21.5 (by a comment in the file): unknown dstack\nrelease 0.21.9; using the nearest known release, 0.21.5";
        check("# dstack-lsp: release=0.21.9\ntype: ta$0sk\n", &[note]);
        check("ty$0pe: task\n", &["**`type`**", &against("\n\n")]);
    }

    #[test]
    fn parts_of_scalars() {
        let gpu = [
            "  gpu: A100:80GB:2\n            ^^^^\n",
            "**`A100:80GB:2`**: a GPU spec",
            "\n* `A100`: ",
            "\n* **`80GB`: 80 GB per GPU**\n* `2`: 2 GPUs\n",
        ];
        check("type: task\nresources:\n  gpu: A100:80$0GB:2\n", &gpu);
        let quoted = "  gpu: \"A100:2\"\n             ^\n";
        check("type: task\nresources:\n  gpu: \"A100:$02\"\n", &[quoted, "* **`2`: 2 GPUs**"]);
        check("type: task\nmax_duration: o$0ff\n", &["no time limit", "YAML reads `off` as `false`\n"]);
        check("type: task\nports:\n  - 80$0:8000\n", &["* **`80`: local port 80**\n* `8000`: "]);
        check(
            "type: task\nports:\n  - 22:$022\n",
            &["* port 1342 on both sides", "`1342` (a number in base 60); write"],
        );
        check("type: task\npython: 3.1$00\n", &["* Python 3.10", "YAML reads `3.10` as `3.1`; write `\"3.10\"`"]);
        check("type: task\ncommands:\n  - echo ${{ sec$0rets.x }}\n", &["the project secret `x`"]);
        check("type: task\ncommands:\n  - echo $0hi\n", &["Item of **`commands`**: list of"]);
    }

    #[test]
    fn volumes_and_gateways() {
        check("type: volume\nback$0end: aws\n", &["**`backend`**: `aws`", "(required)", "dstack.yml/volume"]);
        check("type: volume\nbackend: a$0ws\n", &["backend: aws\n         ^^^\n", "**`aws`**", "Elastic Block Store"]);
        check("type: volume\nbackend: kubernetes\nclaim_n$0ame: x\n", &["`PersistentVolumeClaim`", "Since 0.20.17"]);
        check("type: volume\nclaim_n$0ame: x\n", &["`PersistentVolumeClaim`"]);
        check("type: volume\nbackend: aws\nauto_cleanup_duration: 7$0d\n", &["* `7d`: 1 week", "`off` to keep"]);
        check("type: gateway\ncertificate:\n  type: ac$0m\n", &["**`acm`**", "AWS Certificate Manager"]);
        check("type: gateway\ndomain: ${{ run.proj$0ect_name }}.x.org\n", &["the project name"]);
        check("type: gateway\nrou$0ter: {}\n", &["⚠ Removed in dstack 0.21.0"]);
        let old = Release::new(0, 20, 16);
        check_at(
            "type: volume\nback$0end: azure\n",
            old,
            &["**`backend`**: ", "`aws`, `gcp` and `runpod` support volumes"],
        );
    }

    #[test]
    fn nothing() {
        for text in ["$0", "# ty$0pe\ntype: task", "type: task\n\n$0\nname: x", "foo: b$0ar\n", "resources:$0\n"] {
            assert_eq!(shown(text, Release::NEWEST), "nothing", "{text}");
        }
    }
}
