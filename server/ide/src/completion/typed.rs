//! Puts the typed text first if it is a valid value.
//!
//! Most editors accept the first item at Enter. So if dstack accepts the typed text, the first item is that text, unchanged:
//!
//! ```yaml
//! ports:
//!   - 9000 # first `9000`, then `*:9000`
//! ```

use schema::{Type, View};
use yaml::{Kind, Scalar, Span, Style, Text, resolve};

use super::{
    alias,
    item::{CompletionItem, ItemKind},
    value,
};
use crate::{
    bind,
    cursor::{CursorSlot, TypedValue, Typing},
    document::Document,
    types,
};

/// Puts the text up to `offset` first if it is a valid value. If nothing is offered, nothing is added: Enter then inserts a
/// line break. Behind the space after a valid value, nothing is offered.
pub(super) fn put_first(document: &Document, typing: &Typing, offset: u32, items: &mut Vec<CompletionItem>) {
    let Some(value) = &typing.value else { return };
    // An editor compares each item with the text that its span covers, and the longest match wins. If the other items only
    // continue the value (`24GB..` with an upper bound), the whole value is compared.
    let Some(start) = items.iter().map(|it| it.span.start).min() else { return };
    let start = if start == offset { value.span.start } else { start };
    let source = document.text().as_str();
    let typed = &source[start as usize..offset as usize];
    // A word on the line below a key is a field, although dstack would accept `c` as the name of a GPU.
    let is_key = value.slot == CursorSlot::OwnLine && items.iter().any(|it| it.kind == ItemKind::Field);
    if typed.is_empty() || is_key {
        return;
    }
    let Some(detail) = meaning(typing, value, start.saturating_sub(value.span.start) as usize) else { return };
    if !value.quoted && typed.ends_with([' ', '\t']) {
        items.clear();
        return;
    }
    let is_typed = |it: &CompletionItem| it.span.start == start && source[it.span.range()] == it.text;
    let item = match items.iter().position(is_typed) {
        Some(idx) => items.remove(idx),
        None => CompletionItem {
            label: source[start as usize..value.span.end.max(offset) as usize].trim_end().into(),
            kind: ItemKind::Value,
            detail,
            docs: String::new(),
            span: Span::at(offset),
            text: String::new(),
            snippet: None,
            deprecated: false,
            retrigger: false,
        },
    };
    // The text after the cursor stays, too, whether the editor inserts or replaces.
    items.insert(0, CompletionItem { span: Span::new(start, offset), text: typed.into(), ..item });
}

/// The meaning of the value from its byte `from` on, which may be empty. `None` if dstack does not accept the value, or if it
/// is only the start of a known value.
fn meaning(typing: &Typing, value: &TypedValue, from: usize) -> Option<String> {
    let (document, release) = (&typing.document, typing.document.release());
    let text = if value.quoted { &value.text } else { value.text.trim_end_matches([' ', '\t']) };
    if alias::is_alias(value) {
        return alias::anchors_above(document, value).any(|it| it.0 == &text[1..]).then(String::new);
    }
    let scalar = scalar(value, text).filter(|_| !is_in_braces(value))?;
    if let Some(union) = value::tagged_union(document, value) {
        return union.variant(text, release).is_some_and(|it| it.1.is_accepted()).then(String::new);
    }
    let expected = types::expected(document, value.node)?;
    types::alternatives(expected, release).into_iter().find_map(|ty| {
        let found = types::get(ty, release).filter(|_| View::new(release).takes(ty, bind::python_value(&scalar)))?;
        match found {
            // Their shorthands are separate alternatives.
            Type::Mapping(_) | Type::Table(_) | Type::Sequence(_) => None,
            // pydantic accepts `t` for `true`, but `t` is more likely the start of `true`.
            Type::Boolean => matches!(scalar, Scalar::Bool(_)).then(String::new),
            Type::Grammar(name) => {
                let grammar = schema::grammar::named(name).filter(|it| it.is_whole(text))?;
                let parts = grammar.parse(bind::python_value(&scalar), release).parts.into_iter();
                let meanings: Vec<String> = parts.filter(|it| it.range.start >= from).map(|it| it.meaning).collect();
                Some(meanings.join(", "))
            }
            _ => Some(String::new()),
        }
    })
}

/// `text`, the typed part of the value, as a scalar; `None` if it is not a complete scalar.
fn scalar<'a>(value: &TypedValue, text: &'a str) -> Option<Scalar<'a>> {
    // If the dash is missing, the text is not an item yet.
    if text.is_empty() || !value.lead.is_empty() {
        return None;
    }
    if value.quoted {
        return Some(Scalar::Str(text));
    }
    let alone = if value.slot == CursorSlot::Flow { format!("[{text}]") } else { format!("- {text}") };
    let (_, tree) = yaml::parse(&Text::new(&alone), None);
    let items: Vec<_> = tree.items(tree.root()?).collect();
    let is_scalar = |it| tree.kind(it) == Kind::Scalar && tree.style(it) == Style::Plain && tree.text(it) == text;
    let is_sound = tree.problems().is_empty() && matches!(items[..], [item] if is_scalar(item));
    is_sound.then(|| resolve::scalar(text, Style::Plain, None))
}

/// Whether `${{` is open at the cursor.
fn is_in_braces(value: &TypedValue) -> bool {
    let before = value.text.get(..value.at).unwrap_or_default();
    before.rfind("${{") > before.rfind("}}")
}
