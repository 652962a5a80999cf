//! The text that is inserted for a field, with the fields that it requires.

use schema::{Mapping, Release, Status, Type};

use super::layout::Layout;
use crate::types;

/// The text that is inserted for a field, its lines indented relative to its key.
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

    /// A mapping below its key; the snippet contains its required fields.
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

/// Escapes a string for a snippet.
pub fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('$', "\\$").replace('}', "\\}")
}
