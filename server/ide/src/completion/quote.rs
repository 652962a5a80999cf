//! Words as scalars: in quotes where YAML would read something else into them.

use yaml::{Scalar, Style};

/// What a scalar stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Context {
    Block,
    Flow,
}

/// `value` as a scalar on one line.
pub(super) fn scalar(value: &str, context: Context) -> String {
    let is_text = matches!(yaml::resolve::scalar(value, Style::Plain, None), Scalar::Str(_));
    let first = value.chars().next().is_some_and(|c| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '$' | '~'));
    let inside = !value.contains([',', '[', ']', '{', '}']) || context == Context::Block;
    let separate = !value.contains(": ") && !value.contains(" #") && !value.ends_with([':', ' ']);
    if is_text && first && inside && separate && !value.chars().any(char::is_control) {
        return value.into();
    }
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}
