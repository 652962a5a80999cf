//! Framing: a message and its headers.

use std::io::{self, BufRead};

/// Maximum number of bytes of a message; a longer one is refused. Real files have a few kilobytes.
const MAX_BODY: usize = 64 << 20;
/// Maximum number of bytes of a line that are searched for a header.
const MAX_HEADER: usize = 4096;
/// The header that counts.
const CONTENT_LENGTH: &[u8] = b"content-length:";

/// What follows a header.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// Whether bytes that are not a message came before it, or instead of it.
    pub(crate) follows_garbage: bool,
    /// A message, or why there is none.
    pub(crate) body: Result<Vec<u8>, String>,
}

impl Frame {
    fn unreadable(why: String) -> Frame {
        Frame { follows_garbage: true, body: Err(why) }
    }

    /// Approximate size in memory.
    pub(crate) fn len(&self) -> usize {
        64 + self.body.as_ref().map_or_else(String::len, Vec::len)
    }
}

/// Reads the next message; `None` at the end of the input. After a broken header it continues with the next `Content-Length`,
/// at whatever column.
pub(crate) fn read_frame(input: &mut impl BufRead) -> io::Result<Option<Frame>> {
    let mut line = vec![];
    let mut length = None;
    let mut any = false;
    let mut follows_garbage = false;
    loop {
        if !read_line(input, &mut line)? {
            return Ok(None);
        }
        let header = line.trim_ascii();
        if !header.is_empty() {
            any = true;
            follows_garbage |= !is_header(header);
            length = content_length(header).or(length);
        } else if any {
            break;
        }
    }
    let Some(length) = length else {
        return Ok(Some(Frame::unreadable("a message must begin with `Content-Length: N`".to_owned())));
    };
    match length.parse::<usize>() {
        Ok(length) if length <= MAX_BODY => {
            let mut body = vec![0; length];
            match input.read_exact(&mut body) {
                Ok(()) => Ok(Some(Frame { follows_garbage, body: Ok(body) })),
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
                Err(error) => Err(error),
            }
        }
        _ if !length.is_empty() && length.bytes().all(|it| it.is_ascii_digit()) => {
            Ok(Some(Frame::unreadable(format!("a message of {length} bytes is too long; the limit is {MAX_BODY}"))))
        }
        _ => Ok(Some(Frame::unreadable(format!("`Content-Length: {length}` is not a number of bytes")))),
    }
}

/// The position of the last `Content-Length` in a line, in any case and after any other text.
fn place_of_length(line: &[u8]) -> Option<usize> {
    line.windows(CONTENT_LENGTH.len()).rposition(|it| it.eq_ignore_ascii_case(CONTENT_LENGTH))
}

/// The length that a line states.
fn content_length(line: &[u8]) -> Option<String> {
    let value = String::from_utf8_lossy(line[place_of_length(line)? + CONTENT_LENGTH.len()..].trim_ascii());
    Some(value.chars().take(40).collect())
}

/// Whether a line is a header and nothing else, such as the rest of a message whose length was wrong.
fn is_header(line: &[u8]) -> bool {
    let Some(end) = line.iter().position(|it| *it == b':') else { return false };
    let name = line[..end].trim_ascii_end();
    let is_name = !name.is_empty() && name.iter().all(|it| it.is_ascii_alphanumeric() || *it == b'-');
    is_name && place_of_length(line).is_none_or(|at| at == 0)
}

/// Reads a line up to its LF; of a long one only the end, where a header may be. Returns false at the end of the input.
fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    loop {
        let available = match input.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            other => other?,
        };
        if available.is_empty() {
            return Ok(false);
        }
        let end = available.iter().position(|it| *it == b'\n');
        let used = end.map_or(available.len(), |end| end + 1);
        line.extend_from_slice(&available[..used]);
        input.consume(used);
        if end.is_some() {
            return Ok(true);
        }
        if line.len() > MAX_HEADER {
            line.drain(..line.len() - 64);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(input: &[u8]) -> Vec<String> {
        let mut input = io::BufReader::with_capacity(7, input);
        let mut frames = vec![];
        while let Ok(Some(frame)) = read_frame(&mut input) {
            frames.push(match frame.body {
                Ok(body) if frame.follows_garbage => format!("? {}", String::from_utf8(body).unwrap()),
                Ok(body) => String::from_utf8(body).unwrap(),
                Err(why) => format!("! {why}"),
            });
        }
        frames
    }

    #[test]
    fn reads_headers_however_they_are_written() {
        let input = b"Content-Length: 2\r\n\r\n{}content-length:3\nContent-Type: x; charset=utf-8\n\n[1]\r\n\r\nCONTENT-LENGTH : 9\r\nContent-Length: 1\r\n\r\n7";
        assert_eq!(frames(input), ["{}", "[1]", "7"]);
    }

    #[test]
    fn finds_the_next_message_after_a_broken_header() {
        let input = b"Hello: 1\r\n\r\n{\"a\":1}Content-Length: 2\r\n\r\n{}";
        assert_eq!(frames(input), ["! a message must begin with `Content-Length: N`", "? {}"]);
        let input = b"Content-Length: -1\r\n\r\n{}Content-Length: 2\r\n\r\n{}";
        assert_eq!(frames(input), ["! `Content-Length: -1` is not a number of bytes", "? {}"]);
    }

    #[test]
    fn finds_the_next_message_after_the_rest_of_another() {
        // The length of the first message is too small, or too large.
        for rest in
            ["}Content-Length: 2\r\n\r\n{}", "}\nContent-Length: 2\r\n\r\n{}", "\n\n}\r\nContent-Length: 2\r\n\r\n{}"]
        {
            let input = format!("Content-Length: 1\r\n\r\n{{{rest}Content-Length: 3\r\n\r\n[1]");
            assert_eq!(frames(input.as_bytes()), ["{", "? {}", "[1]"], "{rest}");
        }
        let input = b"Content-Length: 9\r\n\r\n{}ContentContent-Length: 2\r\n\r\n{}Content-Length: 3\r\n\r\n[1]";
        assert_eq!(frames(input), ["{}Content", "{}", "[1]"]);
        let long = format!("{}Content-Length: 2\r\n\r\n{{}}", "x".repeat(3 * MAX_HEADER));
        assert_eq!(frames(long.as_bytes()), ["? {}"]);
    }

    #[test]
    fn refuses_a_message_that_is_too_long_and_continues() {
        let mut input = b"Content-Length: 99999999999999999999999\r\n\r\n".to_vec();
        input.extend(vec![b'x'; 20_000]);
        input.extend(b"Content-Length: 2\r\n\r\n{}");
        let limit = "! a message of 99999999999999999999999 bytes is too long; the limit is 67108864";
        assert_eq!(frames(&input), [limit, "? {}"]);
    }

    #[test]
    fn ends_with_the_input_even_within_a_message() {
        assert!(frames(b"Content-Length: 5\r\n\r\n{}").is_empty());
        assert!(frames(b"Content-Len").is_empty());
    }
}
