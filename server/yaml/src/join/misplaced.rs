//! Messages about lines whose indentation fits no open collection.

use super::Join;
use crate::{
    chars::is_blank,
    cut::NO_CONTENT,
    group::Part,
    lines::line_end,
    node::Kind,
    problem::{self, SyntaxProblem},
    span::Span,
};

impl Join {
    /// Returns the message about a bare word at a place where none can be. `next` is the indentation of the line after it.
    pub(super) fn misplaced(&self, start: u32, indent: u32, next: Option<u32>) -> Option<String> {
        let top = self.open.last()?;
        let text = problem::quoted(self.line(start));
        if top.kind == Kind::Sequence && top.indent == indent {
            return Some(format!("expected a list item, found {text}; start the line with `- `"));
        }
        (top.indent < indent && indent != NO_CONTENT && next != Some(indent)).then(|| {
            format!(
                "{text} is indented by {}, but belongs to no entry above; change its indentation, or write `key: value`",
                spaces(indent)
            )
        })
    }

    /// Returns the problem of lines that fit nowhere. `beside` is the kind of the collection that was open at their
    /// indentation, `left` the indentations of deeper ones.
    pub(super) fn stray(&self, part: &Part, base: u32, beside: Option<Kind>, left: &[u32]) -> SyntaxProblem {
        let root = &part.piece.nodes[0];
        let start = base + root.start;
        let span = Span::new(start, start + self.line(start).len() as u32);
        let message = match (beside, root.kind) {
            (Some(Kind::Sequence), Kind::Mapping) => {
                "expected a list item, found a key; start the line with `- `, or change its indentation".to_string()
            }
            (Some(Kind::Mapping), Kind::Sequence) => {
                "expected a key, found a list item; indent it below its key, or write `key: value`".to_string()
            }
            _ => {
                let open = self.open.iter().filter(|open| open.kind == root.kind).map(|open| open.indent);
                // A line that is indented with tabs has no number of spaces.
                let mut fitting: Vec<u32> = open.chain(left.iter().copied()).filter(|it| *it != NO_CONTENT).collect();
                fitting.dedup();
                let fitting: Vec<String> = fitting.iter().map(u32::to_string).collect();
                let found = part.indent;
                match &*fitting {
                    [] => format!("wrong indentation: no entry above has {}", spaces(found)),
                    [one] if one == "1" => format!("wrong indentation: expected 1 space, found {found}"),
                    [one] => format!("wrong indentation: expected {one} spaces, found {found}"),
                    [others @ .., last] => {
                        format!("wrong indentation: expected {} or {last} spaces, found {found}", others.join(", "))
                    }
                }
            }
        };
        SyntaxProblem::new(span, message)
    }

    /// Returns the text from `start` to the end of its line.
    fn line(&self, start: u32) -> &str {
        let text = self.out.tree.source();
        text[start as usize..line_end(text, start as usize)].trim_end_matches(is_blank)
    }
}

fn spaces(n: u32) -> String {
    if n == 1 { "1 space".into() } else { format!("{n} spaces") }
}
