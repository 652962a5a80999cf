//! Enter takes the first item of a list. So where what is typed is a value that dstack takes, it is the first item or there is
//! none; right behind `key:` of a block the first item opens the block. Tried on every field of the catalogue, with its example,
//! with all that is offered at its place, and with what these begin with; in blocks, brackets and quotes.
//!
//! Asks about some of the beginnings; `EVERY=1` asks about all of them.

use std::collections::BTreeSet;

use ide::{CompletionItem, Document, Stage, completion, diagnostics};
use schema::{Release, Type, TypeId, catalogue};
use yaml::{Edits, Kind, NodeId, Span, Style, Text};

#[path = "../examples/documents/collect.rs"]
#[expect(dead_code, reason = "another user asks for the examples")]
mod collect;

/// The types of the scalar at the node, with unions and shorthands taken apart.
fn ty(document: &Document, node: NodeId) -> Option<&'static Type> {
    catalogue().get(document.binding().fact(node).ty?, document.release())
}

/// The scalars in the place of values of known fields.
fn values(document: &Document) -> Vec<NodeId> {
    let tree = document.tree();
    let is_value = |it: &NodeId| tree.entry_of(*it).is_none_or(|entry| entry.key != *it);
    let is_plain = |it: &NodeId| tree.kind(*it) == Kind::Scalar && tree.style(*it) == Style::Plain;
    tree.ids().filter(|it| is_value(it) && is_plain(it) && ty(document, *it).is_some()).collect()
}

/// Whether no brackets are around the node.
fn is_in_blocks(document: &Document, node: NodeId) -> bool {
    document.tree().ancestors(node).all(|it| document.tree().style(it) != Style::Flow)
}

/// What the client makes of `span`, in the mode in which it leaves what follows the cursor and in that in which it does not.
fn taken(text: &str, item: &CompletionItem, offset: u32) -> [String; 2] {
    let insert = Span::new(item.span.start, offset.clamp(item.span.start, item.span.end));
    [insert, item.span].map(|span| Edits::replace(span, item.text.clone()).apply(text))
}

/// What is wrong with what Enter does at `offset`, behind a value that dstack takes, if these are offered there.
fn fault(document: &Document, offset: u32, items: &[CompletionItem]) -> Option<String> {
    let text = document.text().as_str();
    let first = items.first()?;
    if taken(text, first, offset).iter().any(|it| it != text) {
        return Some(format!("takes `{}` for `{}`", first.text, &text[first.span.start as usize..offset as usize]));
    }
    // Editors rank by how much an item matches of what stands between the start of its span and the cursor; an item that
    // begins earlier than the first would win.
    let earlier = items.iter().find(|it| it.span.start < first.span.start);
    earlier.map(|it| format!("`{}` begins earlier than `{}`", it.text, first.text))
}

/// What is there to ask about, and what was found.
#[derive(Default)]
struct Asked {
    seen: BTreeSet<String>,
    texts: usize,
    offered: usize,
    blocks: usize,
    faults: Vec<String>,
}

impl Asked {
    /// Asks with `value` in the place of `span`, and with its beginnings.
    fn about(&mut self, id: &str, document: &Document, span: Span, value: &str) {
        let ends = (1..=value.len()).filter(|it| value.is_char_boundary(*it));
        let every = std::env::var_os("EVERY").is_some();
        for end in ends.filter(|it| every || *it == value.len() || *it < 3 || *it == value.len() / 2) {
            let typed = &value[..end];
            self.at(id, document, span, [typed, "", "", typed]);
            if every || end == value.len() {
                self.at(id, document, span, [typed, "", " # why", typed]);
                self.at(id, document, span, [typed, " ", "", typed]);
                self.at(id, document, span, [&format!("\"{typed}"), "", "\"", typed]);
                self.at(id, document, span, [&format!("\"{typed}"), "", "", typed]);
            }
        }
    }

    /// Asks right behind the colon of each key of a block, and behind the space that follows.
    fn about_blocks(&mut self, id: &str, document: &Document) {
        let tree = document.tree();
        for node in tree.ids() {
            let Some(entry) = tree.entry_of(node).filter(|it| it.key == node) else { continue };
            let Some(field) = document.binding().fact(node).field.filter(|_| is_in_blocks(document, node)) else {
                continue;
            };
            let ty = catalogue().field_by_id(field).unwrap().ty;
            if !self.seen.insert(format!("{field:?} {}", document.release())) {
                continue;
            }
            let (path, key) = (tree.path(entry.value).to_string(), tree.span(node));
            let end = tree.span(entry.value).end.max(key.end + 1);
            for blank in ["", " "] {
                let bare = document.edited(&Edits::replace(Span::new(key.end, end), format!(":{blank}")));
                let offset = key.end + 1 + blank.len() as u32;
                let items = completion(&bare, offset);
                let (is_block, is_scalar) = takes(ty, document.release());
                let opens = items.first().is_some_and(|it| it.text.contains('\n'));
                // Behind the space a value may follow where the field takes one: those that are known come first.
                let has_values = is_scalar && items.iter().any(|it| !it.text.contains('\n'));
                if opens != (is_block && (blank.is_empty() || !has_values)) {
                    self.faults.push(format!("{id}: opens {opens} at `{path}` in\n{}", bare.text().as_str()));
                }
                if !opens {
                    continue;
                }
                self.blocks += 1;
                let after = bare.edited(&Edits::replace(items[0].span, items[0].text.clone()));
                if others(&after, &path) != others(&bare, &path)
                    || after.tree().problems().len() > bare.tree().problems().len()
                {
                    self.faults.push(format!("{id}: `{path}` takes others along in\n{}", after.text().as_str()));
                }
            }
        }
    }

    /// Asks in the text with `before`, `blank` and `after` around the cursor; `typed` is the value.
    fn at(&mut self, id: &str, document: &Document, span: Span, [before, blank, after, typed]: [&str; 4]) {
        let offset = span.start + (before.len() + blank.len()) as u32;
        // Whether dstack takes it is asked of the text in which nothing is open any more.
        let close = if before.starts_with('"') { "\"" } else { "" };
        let closed = document.edited(&Edits::replace(span, format!("{before}{close}")));
        let Some(node) = closed.tree().node_at(span.start + close.len() as u32) else { return };
        let is_whole = closed.tree().value(node) == typed && closed.tree().kind(node) == Kind::Scalar;
        let around = closed.tree().span(node);
        let is_within = |it: Span| around.start <= it.start && it.end <= around.end;
        let is_rejected = |it: &ide::Diagnostic| it.stage == Stage::Parse && is_within(it.span);
        if !is_whole || diagnostics(&closed).iter().any(is_rejected) || is_beginning(&closed, node) {
            return;
        }
        let text = document.edited(&Edits::replace(span, format!("{before}{blank}{after}")));
        let items = completion(&text, offset);
        self.texts += 1;
        self.offered += usize::from(!items.is_empty());
        if let Some(fault) = fault(&text, offset, &items) {
            self.faults.push(format!("{id}: {fault} in\n{}", text.text().as_str()));
        }
    }
}

/// The paths of what stands in the document, but for what stands at `path` or in it.
fn others(document: &Document, path: &str) -> Vec<String> {
    let tree = document.tree();
    tree.ids().map(|it| tree.path(it).to_string()).filter(|it| !it.starts_with(path)).collect()
}

/// Whether the type takes a list or a mapping, and whether it takes a scalar.
fn takes(ty: TypeId, release: Release) -> (bool, bool) {
    let either = |one: (bool, bool), two: (bool, bool)| (one.0 || two.0, one.1 || two.1);
    match catalogue().get(ty, release) {
        None | Some(Type::Any | Type::Timed(_)) => (false, false),
        Some(Type::Nullable(inner)) => takes(*inner, release),
        Some(Type::Union(it)) => it.variants.iter().map(|it| takes(*it, release)).fold((false, false), either),
        Some(Type::Mapping(it)) => either((true, false), it.shorthand.map_or((false, false), |it| takes(it, release))),
        Some(Type::Table(_) | Type::Sequence(_)) => (true, false),
        Some(_) => (false, true),
    }
}

/// Whether the value is taken by dstack, but is plainly the beginning of a word: of a GPU's name, of `true`, of `${{ }}`.
fn is_beginning(document: &Document, node: NodeId) -> bool {
    let value = document.tree().value(node);
    let lone = value.split([':', ',']).next_back().unwrap_or_default();
    match ty(document, node) {
        Some(Type::Grammar(name)) if matches!(&**name, "gpu" | "gpu-name") => {
            let names = schema::grammar::vocabulary::gpus().iter().map(|it| it.name.to_lowercase());
            let mut known = names.chain(schema::grammar::vocabulary::VENDORS.map(|it| it.0.to_owned()));
            let lone = lone.to_lowercase();
            // Whatever ends in two digits may be a name that we do not know.
            let has_number = lone.len() - lone.trim_end_matches(|it: char| it.is_ascii_digit()).len() >= 2;
            !lone.is_empty()
                && !has_number
                && known.clone().all(|it| it != lone)
                && known.any(|it| it.starts_with(&lone))
        }
        Some(Type::Boolean) => document.tree().scalar(node).is_none_or(|it| !matches!(it, yaml::Scalar::Bool(_))),
        _ => value.rfind("${{") > value.rfind("}}"),
    }
}

/// The documents of all fields. No file of `dstack apply` gets to the others, which other commands read.
fn documents() -> Vec<(String, Document)> {
    let collected = collect::fields();
    let elsewhere = ["endpoint.", "preset.", "identity-key.type"];
    let lost = collected.homeless.iter().filter(|it| !elsewhere.iter().any(|other| it.starts_with(other)));
    assert_eq!(lost.collect::<Vec<_>>(), Vec::<&String>::new());
    let document = |it: collect::Example| (it.id, Document::new(Text::new(&it.text), it.kind, it.release));
    collected.documents.into_iter().map(document).collect()
}

#[test]
fn enter_leaves_alone_what_is_valid_as_typed_and_opens_blocks() {
    let documents = documents();
    let mut asked = Asked::default();
    for (id, document) in &documents {
        for node in values(document) {
            let (span, value) = (document.tree().span(node), document.tree().value(node).to_owned());
            let fact = document.binding().fact(node);
            if asked.seen.insert(format!("{fact:?} {value}")) {
                asked.about(id, document, span, &value);
            }
            // What is offered depends on the type, and on whether it is an item.
            if !asked.seen.insert(format!("{:?} {}", fact.ty, fact.field.is_none())) {
                continue;
            }
            let empty = document.edited(&Edits::replace(span, ""));
            let offered = completion(&empty, span.start);
            for item in offered.iter().filter(|it| it.span == Span::at(span.start) && !it.text.contains('\n')).take(12)
            {
                asked.about(id, document, span, item.text.trim_matches('"'));
            }
        }
        asked.about_blocks(id, document);
    }
    println!("{} texts, a list at {} of them, {} blocks opened", asked.texts, asked.offered, asked.blocks);
    assert!(asked.offered > 3000 && asked.blocks > 300, "{} {}", asked.offered, asked.blocks);
    let shown: Vec<&String> = asked.faults.iter().take(10).collect();
    assert!(asked.faults.is_empty(), "{} faults: {shown:#?}", asked.faults.len());
}
