//! Writes strings as scalars: without quotes if PyYAML reads them back as the same string, otherwise in the shorter quotes.

use crate::{
    chars::{is_break, is_printable},
    node::Style,
    resolve,
};

/// The collection around a scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context {
    /// In a block collection, or at the root.
    Block,
    /// Within brackets or braces, where `,` and similar characters are syntax.
    Flow,
}

/// Returns `value` as a scalar on one line: plain, or in the shorter quotes.
pub fn scalar(value: &str, context: Context) -> String {
    scalar_in_style(value, context, Style::Plain)
}

/// Returns `value` as a scalar on one line, in the given style if possible. Block styles are written in quotes.
pub fn scalar_in_style(value: &str, context: Context, style: Style) -> String {
    match style {
        Style::SingleQuoted if can_be_single(value) => single(value),
        Style::DoubleQuoted => double(value),
        Style::Plain if is_plain(value, context) => value.to_string(),
        _ if can_be_single(value) && single(value).len() < double(value).len() => single(value),
        _ => double(value),
    }
}

fn single(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

fn can_be_single(value: &str) -> bool {
    value.chars().all(|c| is_printable(c) && !is_break(c) && c != '\t')
}

fn double(value: &str) -> String {
    let mut out = String::from("\"");
    for c in value.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0' => out.push_str("\\0"),
            _ if is_printable(c) && !is_break(c) => out.push(c),
            _ => match c as u32 {
                code @ 0..=0xff => out.push_str(&format!("\\x{code:02x}")),
                code @ 0..=0xffff => out.push_str(&format!("\\u{code:04x}")),
                code => out.push_str(&format!("\\U{code:08x}")),
            },
        }
    }
    out.push('"');
    out
}

/// Whether `value` without quotes is read as this string: `Scanner.check_plain` and `scan_plain` of PyYAML, and its
/// resolver.
pub(crate) fn is_plain(value: &str, context: Context) -> bool {
    let flow = context == Context::Flow;
    let mut chars = value.chars();
    let Some(first) = chars.next() else { return false };
    let second = chars.next();
    let may_start = match first {
        '-' => second.is_some_and(|it| it != ' '),
        '?' | ':' => !flow && second.is_some_and(|it| it != ' '),
        ' ' | ',' | '[' | ']' | '{' | '}' | '#' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' => false,
        _ => true,
    };
    let ends = value.ends_with([' ', ':']) || value.contains(": ") || value.contains(" #");
    let flow_ends = flow && value.contains([',', '?', '[', ']', '{', '}']);
    // At the start of a line these are document markers.
    let marker =
        ["---", "..."].iter().any(|it| value.strip_prefix(it).is_some_and(|it| it.is_empty() || it.starts_with(' ')));
    let strange = value.chars().any(|c| !is_printable(c) || is_break(c) || c == '\t');
    may_start && !ends && !flow_ends && !marker && !strange && resolve::is_plain_string(value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Scalar, Text, parse};

    #[test]
    fn quotes_only_where_needed() {
        let block = |value: &str| scalar(value, Context::Block);
        for plain in ["5m", "24GB", "A100:8", "ghcr.io/x:latest", "-x", "a#b", "x, y", "[x"] {
            let expected = if plain.starts_with('[') { format!("\"{plain}\"") } else { plain.to_string() };
            assert_eq!(block(plain), expected);
        }
        let cases = [
            ("", "\"\""),
            ("off", "\"off\""),
            ("8", "\"8\""),
            ("1:30", "\"1:30\""),
            ("2024-01-01", "\"2024-01-01\""),
            ("~", "\"~\""),
            ("a: b", "\"a: b\""),
            ("a #b", "\"a #b\""),
            ("a:", "\"a:\""),
            (" a", "\" a\""),
            ("- a", "\"- a\""),
            ("a\nb", "\"a\\nb\""),
            ("a\tb", "\"a\\tb\""),
            ("\"a\": \"b\"", "'\"a\": \"b\"'"),
            ("C:\\x: y", "'C:\\x: y'"),
            ("\u{7f}\u{feff}\u{2028}", "\"\\x7f\\ufeff\\u2028\""),
            ("--- a", "\"--- a\""),
            ("=", "\"=\""),
        ];
        for (value, expected) in cases {
            assert_eq!(block(value), expected);
        }
        assert_eq!(scalar("x, y", Context::Flow), "\"x, y\"");
        assert_eq!(scalar("A100:8", Context::Flow), "A100:8");
        assert_eq!(scalar_in_style("x", Context::Block, Style::SingleQuoted), "'x'");
        assert_eq!(scalar_in_style("x\n", Context::Block, Style::SingleQuoted), "\"x\\n\"");
    }

    /// Strings with many characters that are syntax in YAML.
    fn any_value() -> impl Strategy<Value = String> {
        let parts = vec![
            "a", "b1", " ", "  ", ":", "#", "-", "?", ",", "[", "]", "{", "}", "'", "\"", "\\", "!", "&", "*", "|",
            ">", "%", "@", "`", "=", "<<", "~", "---", "...", "\n", "\r", "\t", "\u{85}", "\u{2028}", "\u{feff}",
            "\u{7}", "é", "😀", "0", "1.5", "off", "null", "5m", "\u{fffe}", "\u{7f}",
        ];
        prop::collection::vec(prop::sample::select(parts), 0..6).prop_map(|it| it.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn is_read_back(value in any_value()) {
            for style in [Style::Plain, Style::SingleQuoted, Style::DoubleQuoted] {
                let block = scalar_in_style(&value, Context::Block, style);
                let flow = scalar_in_style(&value, Context::Flow, style);
                for text in [
                    format!("k: {block}\n"),
                    format!("- {block} # c\n"),
                    format!("{block}: x\n"),
                    format!("{{k: {flow}, {flow}: {flow}}}"),
                    format!("[{flow}, {flow}]"),
                ] {
                    let (_, tree) = parse(&Text::new(&text), None);
                    prop_assert!(tree.problems().is_empty(), "{text:?}: {:?}", tree.problems());
                    let found = tree.ids().filter(|it| tree.scalar(*it) == Some(Scalar::Str(&value))).count();
                    let wanted = text.matches(&flow).count().min(if text.starts_with(['{', '[']) { 2 } else { 1 });
                    prop_assert!(found >= wanted.max(1), "{text:?} is not {value:?}");
                }
            }
        }
    }
}
