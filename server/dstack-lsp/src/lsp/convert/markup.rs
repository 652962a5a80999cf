//! Markdown, for clients that render it and for those that do not; hovers.

use tower_lsp::ls_types as lsp;

use super::view::View;

impl View<'_> {
    /// A hover.
    pub(crate) fn hover(&self, hover: &ide::Hover) -> lsp::Hover {
        let contents = lsp::HoverContents::Markup(markup(&hover.markdown, self.abilities.hover_markdown));
        lsp::Hover { contents, range: Some(self.range(hover.span)) }
    }
}

pub(super) fn markup(markdown: &str, as_markdown: bool) -> lsp::MarkupContent {
    match as_markdown {
        true => lsp::MarkupContent { kind: lsp::MarkupKind::Markdown, value: markdown.to_owned() },
        false => lsp::MarkupContent { kind: lsp::MarkupKind::PlainText, value: plain(markdown) },
    }
}

/// Converts Markdown to plain text, without fences and emphasis. Code is not changed.
fn plain(markdown: &str) -> String {
    let mut lines = vec![];
    let mut in_code = false;
    for line in markdown.lines() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        } else if in_code {
            lines.push(line.to_owned());
        } else if line.trim() != "---" {
            lines.push(plain_line(line.trim_start_matches('#').trim_start_matches(if line.starts_with('#') {
                " "
            } else {
                ""
            })));
        }
    }
    lines.dedup_by(|a, b| a.is_empty() && b.is_empty());
    lines.join("\n").trim().to_owned()
}

fn plain_line(line: &str) -> String {
    let mut out = String::new();
    for (i, part) in line.split('`').enumerate() {
        if i % 2 == 1 {
            out.push('`');
            out.push_str(part);
            out.push('`');
            continue;
        }
        let mut rest = part;
        while let Some((before, link)) = rest.split_once('[') {
            out.push_str(&before.replace("**", ""));
            match link.split_once("](").and_then(|(text, after)| Some((text, after.split_once(')')?))) {
                Some((text, (address, after))) => {
                    out.push_str(&format!("{text} ({address})"));
                    rest = after;
                }
                None => {
                    out.push('[');
                    rest = link;
                }
            }
        }
        out.push_str(&rest.replace("**", ""));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_has_no_fences_and_no_emphasis() {
        let markdown = "# `gpu`\n\n**Type** [range](https://x.y/z), `**kwargs`; see [a]\n\n```yaml\n# **not** bold\ngpu: 1\n```\n\n---\n\nEnd";
        let expected = "`gpu`\n\nType range (https://x.y/z), `**kwargs`; see [a]\n\n# **not** bold\ngpu: 1\n\nEnd";
        assert_eq!(plain(markdown), expected);
    }
}
