//! Wraps Markdown to the width of a terminal: editors in a terminal do not wrap lines, and make a window as wide as its longest
//! line.

/// The width of a separate window: 80 columns, minus its border.
pub(crate) const WINDOW: usize = 76;
/// The width of a window beside a list: only the editor knows it, and every editor wraps lines there.
pub(crate) const BESIDE: usize = usize::MAX;

/// The text with its paragraphs and list items wrapped at `width` columns. Code is not changed.
pub(crate) fn wrapped(markdown: &str, width: usize) -> String {
    let mut out: Vec<String> = vec![];
    let mut lines = markdown.lines().peekable();
    while let Some(line) = lines.next() {
        if is_fence(line) {
            out.push(line.to_owned());
            for line in lines.by_ref() {
                out.push(line.to_owned());
                if is_fence(line) {
                    break;
                }
            }
            continue;
        }
        let mut paragraph = line.to_owned();
        while let Some(next) = lines.next_if(|it| !line.trim().is_empty() && continues(it)) {
            paragraph = format!("{} {}", paragraph.trim_end(), next.trim());
        }
        wrap(&paragraph, width, &mut out);
    }
    out.join("\n")
}

fn is_fence(line: &str) -> bool {
    line.trim_start().starts_with("```")
}

/// Whether a line belongs to the paragraph or item above it.
fn continues(line: &str) -> bool {
    !line.trim().is_empty() && !is_fence(line) && !starts_block(line.trim_start())
}

/// Whether a line with this text at its start is a heading, an item, a quotation or a table row in Markdown.
fn starts_block(text: &str) -> bool {
    let word = text.split(' ').next().unwrap_or("");
    let is_number =
        word.strip_suffix(['.', ')']).is_some_and(|it| !it.is_empty() && it.bytes().all(|c| c.is_ascii_digit()));
    ["*", "-", "+", "---"].contains(&word) || is_number || word.starts_with(['#', '>', '|'])
}

/// Wraps a paragraph or an item. The lines after the first line of an item are aligned with its text.
fn wrap(paragraph: &str, max: usize, out: &mut Vec<String>) {
    let text = paragraph.trim_start();
    let mut indent = paragraph.len() - text.len();
    let mut line = " ".repeat(indent);
    let mut width = indent;
    if starts_block(text) && !text.starts_with('|') {
        indent += text.find(' ').map_or(0, |it| it + 1);
    }
    for word in words(text) {
        let room = width + 1 + columns(word);
        let is_first = line.trim().is_empty();
        if !is_first && room > max && !starts_block(word) {
            out.push(std::mem::replace(&mut line, " ".repeat(indent)));
            width = indent;
        } else if !is_first {
            line.push(' ');
            width += 1;
        }
        line.push_str(word);
        width += columns(word);
    }
    out.push(line.trim_end().to_owned());
}

/// The words of a text, separated by blanks; inline code is part of one word.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text.trim_end();
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(' ');
        if rest.is_empty() {
            return None;
        }
        let mut at = 0;
        while let Some(found) = rest[at..].find([' ', '`']) {
            at += found;
            if rest[at..].starts_with(' ') {
                break;
            }
            let fence = rest[at..].len() - rest[at..].trim_start_matches('`').len();
            let ticks = &rest[at..at + fence];
            at += fence;
            // Unpaired backticks are ordinary characters.
            at += rest[at..].find(ticks).map_or(0, |end| end + fence);
        }
        let end = if rest[at..].starts_with(' ') { at } else { rest.len() };
        let (word, after) = rest.split_at(end);
        rest = after;
        Some(word)
    })
}

/// The width of a word in columns. Of a link, only the text is visible.
fn columns(word: &str) -> usize {
    let text = word.split_once("](http").map_or(word, |(text, _)| text.trim_start_matches('['));
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::{wrapped as wrapped_at, *};

    fn wrapped(markdown: &str) -> String {
        wrapped_at(markdown, WINDOW)
    }

    #[test]
    fn paragraphs_and_items_fit_the_width() {
        let text = "One two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen\nsixteen.\n\n\
                    * `a`: one two three four five six seven eight nine ten eleven twelve thirteen fourteen\n  fifteen\n* b";
        let expected = "One two three four five six seven eight nine ten eleven twelve thirteen\nfourteen fifteen sixteen.\n\n\
                        * `a`: one two three four five six seven eight nine ten eleven twelve\n  thirteen fourteen fifteen\n* b";
        assert_eq!(wrapped(text), expected);
        assert_eq!(wrapped(expected), expected);
    }

    #[test]
    fn code_is_not_wrapped() {
        let long = "x ".repeat(60);
        for text in [format!("a\n\n```yaml\n{long}\n\n* b\n  c\n```\n\nd"), format!("```\n{long}")] {
            assert_eq!(wrapped(&text), text);
        }
        let code = format!("{} `one two three` and ``a ` b`` end", "word ".repeat(14).trim_end());
        assert_eq!(wrapped(&code), format!("{}\n`one two three` and ``a ` b`` end", "word ".repeat(14).trim_end()));
        let address = format!("{} [Reference](https://example.com/{long})", "word ".repeat(12).trim_end());
        assert!(wrapped(&address).starts_with(&address[..80]));
    }

    #[test]
    fn no_word_becomes_a_list_marker() {
        let before = "word ".repeat(15);
        for marker in ["-", "*", "+", "#1", "1.", ">", "|"] {
            let text = format!("{before}{marker} more");
            let lines = wrapped(&text);
            assert!(lines.lines().skip(1).all(|it| it == "more"), "{lines}");
        }
        assert_eq!(wrapped("a `b c"), "a `b c");
    }
}
