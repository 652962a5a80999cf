//! Enter accepts the first item of a list. So if dstack accepts the typed value, that value is the first item or there are no
//! items; and directly behind `key:` of a block, the first item opens the block. Tested on every field of the catalogue, with
//! its example, with every value that is offered, and with prefixes of both; in blocks, brackets and quotes.
//!
//! Tests some of the prefixes, or all of them with `EVERY=1`.

use std::collections::BTreeSet;

use ide::{CompletionItem, Document, Stage, completion, diagnostics};
use schema::{Release, Type, TypeId, catalogue};
use yaml::{Edits, Kind, NodeId, Span, Style, Text};

#[path = "../examples/documents/collect.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod collect;

/// The type of the scalar, with unions and shorthands resolved.
fn ty(document: &Document, node: NodeId) -> Option<&'static Type> {
    catalogue().get(document.binding().fact(node).ty?, document.release())
}

/// The plain scalars that are values of known fields.
fn values(document: &Document) -> Vec<NodeId> {
    let tree = document.tree();
    let is_value = |it: &NodeId| tree.entry_of(*it).is_none_or(|entry| entry.key != *it);
    let is_plain = |it: &NodeId| tree.kind(*it) == Kind::Scalar && tree.style(*it) == Style::Plain;
    tree.ids().filter(|it| is_value(it) && is_plain(it) && ty(document, *it).is_some()).collect()
}

/// Whether the node is not within brackets.
fn is_in_blocks(document: &Document, node: NodeId) -> bool {
    document.tree().ancestors(node).all(|it| document.tree().style(it) != Style::Flow)
}

/// The text after an item is accepted by an editor that inserts it, and by one that also replaces the rest of the word.
fn accepted(text: &str, item: &CompletionItem, offset: u32) -> [String; 2] {
    let insert = Span::new(item.span.start, offset.clamp(item.span.start, item.span.end));
    [insert, item.span].map(|span| Edits::replace(span, item.text.clone()).apply(text))
}

/// The fault in what Enter does at `offset`, behind a value that dstack accepts, with these items.
fn fault(document: &Document, offset: u32, items: &[CompletionItem]) -> Option<String> {
    let text = document.text().as_str();
    let first = items.first()?;
    if accepted(text, first, offset).iter().any(|it| it != text) {
        return Some(format!("accepts `{}` for `{}`", first.text, &text[first.span.start as usize..offset as usize]));
    }
    // Editors rank items by the length of their match between the start of the span and the cursor, so an item that starts
    // before the first one would win.
    let earlier = items.iter().find(|it| it.span.start < first.span.start);
    earlier.map(|it| format!("`{}` starts before `{}`", it.text, first.text))
}

/// What has been tested, and the faults that were found.
#[derive(Default)]
struct Report {
    seen: BTreeSet<String>,
    texts: usize,
    offered: usize,
    blocks: usize,
    faults: Vec<String>,
}

impl Report {
    /// Tests `value` and its prefixes in place of `span`.
    fn test_value(&mut self, id: &str, document: &Document, span: Span, value: &str) {
        let ends = (1..=value.len()).filter(|it| value.is_char_boundary(*it));
        let every = std::env::var_os("EVERY").is_some();
        for end in ends.filter(|it| every || *it == value.len() || *it < 3 || *it == value.len() / 2) {
            let typed = &value[..end];
            self.test(id, document, span, [typed, "", "", typed]);
            if every || end == value.len() {
                self.test(id, document, span, [typed, "", " # why", typed]);
                self.test(id, document, span, [typed, " ", "", typed]);
                self.test(id, document, span, [&format!("\"{typed}"), "", "\"", typed]);
                self.test(id, document, span, [&format!("\"{typed}"), "", "", typed]);
            }
        }
    }

    /// Tests the offset directly behind the colon of each key of a block, and behind the space that follows.
    fn test_blocks(&mut self, id: &str, document: &Document) {
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
                let (is_block, is_scalar) = accepts(ty, document.release());
                let opens = items.first().is_some_and(|it| it.text.contains('\n'));
                // Behind the space, a value may follow if the field accepts one; known values come first.
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
                    self.faults.push(format!("{id}: `{path}` changes other nodes in\n{}", after.text().as_str()));
                }
            }
        }
    }

    /// Tests a text with `before`, `blank` and `after` around the cursor; `typed` is the value.
    fn test(&mut self, id: &str, document: &Document, span: Span, [before, blank, after, typed]: [&str; 4]) {
        let offset = span.start + (before.len() + blank.len()) as u32;
        // Whether dstack accepts the value is determined with closed quotes.
        let close = if before.starts_with('"') { "\"" } else { "" };
        let closed = document.edited(&Edits::replace(span, format!("{before}{close}")));
        let Some(node) = closed.tree().node_at(span.start + close.len() as u32) else { return };
        let is_whole = closed.tree().value(node) == typed && closed.tree().kind(node) == Kind::Scalar;
        let around = closed.tree().span(node);
        let is_within = |it: Span| around.start <= it.start && it.end <= around.end;
        let is_rejected = |it: &ide::Diagnostic| it.stage == Stage::Parse && is_within(it.span);
        if !is_whole || diagnostics(&closed).iter().any(is_rejected) || is_prefix(&closed, node) {
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

/// The paths of the nodes of a document, except those at or below `path`.
fn others(document: &Document, path: &str) -> Vec<String> {
    let tree = document.tree();
    tree.ids().map(|it| tree.path(it).to_string()).filter(|it| !it.starts_with(path)).collect()
}

/// Whether the type accepts a list or a mapping, and whether it accepts a scalar.
fn accepts(ty: TypeId, release: Release) -> (bool, bool) {
    let either = |one: (bool, bool), two: (bool, bool)| (one.0 || two.0, one.1 || two.1);
    match catalogue().get(ty, release) {
        None | Some(Type::Any | Type::Timed(_)) => (false, false),
        Some(Type::Nullable(inner)) => accepts(*inner, release),
        Some(Type::Union(it)) => it.variants.iter().map(|it| accepts(*it, release)).fold((false, false), either),
        Some(Type::Mapping(it)) => {
            either((true, false), it.shorthand.map_or((false, false), |it| accepts(it, release)))
        }
        Some(Type::Table(_) | Type::Sequence(_)) => (true, false),
        Some(_) => (false, true),
    }
}

/// Whether dstack accepts the value although it is an incomplete one: a prefix of the name of a GPU, of `true`, or of `${{ }}`.
fn is_prefix(document: &Document, node: NodeId) -> bool {
    let value = document.tree().value(node);
    let lone = value.split([':', ',']).next_back().unwrap_or_default();
    match ty(document, node) {
        Some(Type::Grammar(name)) if matches!(&**name, "gpu" | "gpu-name") => {
            let names = schema::grammar::vocabulary::gpus().iter().map(|it| it.name.to_lowercase());
            let mut known = names.chain(schema::grammar::vocabulary::VENDORS.map(|it| it.0.to_owned()));
            let lone = lone.to_lowercase();
            // A word that ends with two digits may be an unknown name.
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

/// Documents of all fields, except the fields in files that only other commands than `dstack apply` read.
fn documents() -> Vec<(String, Document)> {
    let collected = collect::fields();
    let elsewhere = ["endpoint.", "preset.", "identity-key.type"];
    let missing = collected.unplaced.iter().filter(|it| !elsewhere.iter().any(|other| it.starts_with(other)));
    assert_eq!(missing.collect::<Vec<_>>(), Vec::<&String>::new());
    let document = |it: collect::Example| (it.id, Document::new(Text::new(&it.text), it.kind, it.release));
    collected.documents.into_iter().map(document).collect()
}

#[test]
fn enter_keeps_a_valid_value_and_opens_blocks() {
    let documents = documents();
    let mut report = Report::default();
    for (id, document) in &documents {
        for node in values(document) {
            let (span, value) = (document.tree().span(node), document.tree().value(node).to_owned());
            let fact = document.binding().fact(node);
            if report.seen.insert(format!("{fact:?} {value}")) {
                report.test_value(id, document, span, &value);
            }
            // The items depend on the type, and on whether the value is an item of a list.
            if !report.seen.insert(format!("{:?} {}", fact.ty, fact.field.is_none())) {
                continue;
            }
            let empty = document.edited(&Edits::replace(span, ""));
            let offered = completion(&empty, span.start);
            for item in offered.iter().filter(|it| it.span == Span::at(span.start) && !it.text.contains('\n')).take(12)
            {
                report.test_value(id, document, span, item.text.trim_matches('"'));
            }
        }
        report.test_blocks(id, document);
    }
    println!("{} texts, a list at {} of them, {} blocks opened", report.texts, report.offered, report.blocks);
    assert!(report.offered > 3000 && report.blocks > 300, "{} {}", report.offered, report.blocks);
    let first: Vec<&String> = report.faults.iter().take(10).collect();
    assert!(report.faults.is_empty(), "{} faults: {first:#?}", report.faults.len());
}
