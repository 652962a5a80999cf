//! A section as Markdown.

use std::fmt::Write;

use schema::{Constraint, ConstraintKind, Release, Timed};

use super::{
    entry, phrases,
    sections::{Choice, Place, Section, docs as docs_of},
    values,
};
use crate::expected::or;

/// Writes a section.
pub(super) fn write(section: &Section, all: &[Section], shared: &mut values::Shared, text: &mut String) {
    let _ = writeln!(text, "## {}\n", section.heading);
    if !section.docs.is_empty() {
        let _ = writeln!(text, "{}\n", section.docs);
    }
    if !section.others.is_empty() {
        let _ = writeln!(text, "Also used at {}.\n", section.others.join(", "));
    }
    if let Some(choice) = &section.choice {
        write_choice(choice, section, all, text);
    }
    for place in section.fields.iter().filter(|it| !it.is_gone) {
        let _ = writeln!(text, "### {}\n\n{}\n", place.heading, entry::described(place, all, shared));
    }
    let rules: Vec<String> = section.rules.iter().filter_map(|it| rule(it, section)).collect();
    if !rules.is_empty() {
        let _ = writeln!(text, "**Rules for these fields:**\n\n{}\n", rules.join("\n"));
    }
    let gone: Vec<&Place> = section.fields.iter().filter(|it| it.is_gone).collect();
    if !gone.is_empty() {
        text.push_str("**Removed:**\n\n");
        for place in gone {
            let _ = writeln!(text, "* {}", entry::gone(place));
        }
        text.push('\n');
    }
}

fn write_choice(choice: &Choice, section: &Section, all: &[Section], text: &mut String) {
    let what = if section.is_root { "file" } else { "mapping" };
    let _ = writeln!(text, "### {}\n\n**required** · determines the type of the {what}\n", choice.heading);
    for (i, (tag, variant)) in choice.union.tags.iter().zip(&choice.union.variants).enumerate() {
        let docs = choice.union.docs.get(i).map(|it| it.trim()).filter(|it| !it.is_empty());
        let docs = docs.unwrap_or_else(|| phrases::first_sentence(docs_of(*variant)));
        let accepted = choice.union.accepted.get(i).map(|it| phrases::accepted(it, choice.floor)).unwrap_or_default();
        let accepted = if accepted.is_empty() { accepted } else { format!(" ({accepted})") };
        let link = match all.iter().find(|it| it.ty == *variant) {
            Some(it) => format!("[`{tag}`](#{})", phrases::slug(&it.heading)),
            None => format!("`{tag}`"),
        };
        let _ = writeln!(text, "* {link}{accepted}: {docs}");
    }
    text.push('\n');
}

/// A rule between fields, in words.
fn rule(rule: &Constraint, section: &Section) -> Option<String> {
    let code = |it: &str| format!("`{it}`");
    let all = |names: &[Box<str>]| names.iter().map(|it| code(it)).collect::<Vec<_>>();
    let words = match &rule.kind {
        ConstraintKind::Exclusive(names) => {
            format!("Only one of {} and {} can be set", all(&names[..names.len() - 1]).join(", "), code(names.last()?))
        }
        ConstraintKind::AnyOf(names) => format!("{} must be set", or(&all(names))),
        ConstraintKind::Requires(one, other) => format!("{} requires {}", code(one), code(other)),
        ConstraintKind::Forbidden(name) => format!("{} must be omitted", code(name)),
        ConstraintKind::Custom(_) => phrases::capital(rule.note.as_deref()?),
    };
    let span = Timed(
        [(Release::OLDEST, false), (rule.since, true)].into_iter().chain(rule.until.map(|it| (it, false))).collect(),
    );
    let when = phrases::accepted(&span, section.fields.first().map_or(Release::OLDEST, |it| it.floor));
    let when = if when.is_empty() { when } else { format!(" ({when})") };
    let note = match &rule.kind {
        ConstraintKind::Custom(_) => String::new(),
        _ => rule.note.as_ref().map(|it| format!(": {it}")).unwrap_or_default(),
    };
    Some(format!("* {words}{when}{note}"))
}
