//! Markdown whose lines fit into a window of a terminal: editors there show lines as they are, and as wide as the widest.

/// The width of a window of its own: 80 columns, less what it has around it.
pub(crate) const WINDOW: usize = 76;
/// The width of a window beside a list: nobody but the editor knows it, and every editor breaks lines there by itself.
pub(crate) const BESIDE: usize = usize::MAX;

/// The text with its paragraphs and list items broken anew at `most` columns. Code is left as it is.
pub(crate) fn wrapped(markdown: &str, most: usize) -> String {
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
        while let Some(next) = lines.next_if(|it| !line.trim().is_empty() && goes_on(it)) {
            paragraph = format!("{} {}", paragraph.trim_end(), next.trim());
        }
        wrap(&paragraph, most, &mut out);
    }
    out.join("\n")
}

fn is_fence(line: &str) -> bool {
    line.trim_start().starts_with("```")
}

/// Whether a line belongs to the paragraph or item above it.
fn goes_on(line: &str) -> bool {
    !line.trim().is_empty() && !is_fence(line) && !begins_block(line.trim_start())
}

/// Whether Markdown takes what stands at the beginning of a line for the mark of a heading, an item, a quotation or a table.
fn begins_block(text: &str) -> bool {
    let word = text.split(' ').next().unwrap_or("");
    let is_number =
        word.strip_suffix(['.', ')']).is_some_and(|it| !it.is_empty() && it.bytes().all(|c| c.is_ascii_digit()));
    ["*", "-", "+", "---"].contains(&word) || is_number || word.starts_with(['#', '>', '|'])
}

/// Break a paragraph or an item; what follows the first line of an item is indented as its text.
fn wrap(paragraph: &str, most: usize, out: &mut Vec<String>) {
    let text = paragraph.trim_start();
    let mut indent = paragraph.len() - text.len();
    let mut line = " ".repeat(indent);
    let mut width = indent;
    if begins_block(text) && !text.starts_with('|') {
        indent += text.find(' ').map_or(0, |it| it + 1);
    }
    for word in words(text) {
        let room = width + 1 + shown(word);
        let is_first = line.trim().is_empty();
        if !is_first && room > most && !begins_block(word) {
            out.push(std::mem::replace(&mut line, " ".repeat(indent)));
            width = indent;
        } else if !is_first {
            line.push(' ');
            width += 1;
        }
        line.push_str(word);
        width += shown(word);
    }
    out.push(line.trim_end().to_owned());
}

/// The parts of a text between blanks; a blank within code does not count.
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
            // Ticks without their like are ticks.
            at += rest[at..].find(ticks).map_or(0, |end| end + fence);
        }
        let end = if rest[at..].starts_with(' ') { at } else { rest.len() };
        let (word, after) = rest.split_at(end);
        rest = after;
        Some(word)
    })
}

/// How wide a word is where it is shown: of a link one sees its text.
fn shown(word: &str) -> usize {
    let text = word.split_once("](http").map_or(word, |(text, _)| text.trim_start_matches('['));
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::{wrapped as broken, *};

    fn wrapped(markdown: &str) -> String {
        broken(markdown, WINDOW)
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
    fn code_stays_as_it_is() {
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
    fn no_word_becomes_the_mark_of_a_list() {
        let before = "word ".repeat(15);
        for mark in ["-", "*", "+", "#1", "1.", ">", "|"] {
            let text = format!("{before}{mark} more");
            let lines = wrapped(&text);
            assert!(lines.lines().skip(1).all(|it| it == "more"), "{lines}");
        }
        assert_eq!(wrapped("a `b c"), "a `b c");
    }
}
