//! Messages in, messages out: framing, the loop that joins them, and when to end.
//!
//! The framework's own transport ends silently on one malformed message, lets four waiting answers block all others,
//! and outlives a client that is gone (`tower_lsp::Server`). This one reads on a thread of its own, hands each message
//! to the [`Guard`] in order of arrival, writes on another thread, and leaves when the client does.

use std::{
    cell::Cell,
    io::{self, BufRead, Write},
    pin::pin,
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc as blocking,
    },
    time::Duration,
};

use futures_util::{SinkExt, StreamExt, stream::FuturesUnordered};
use serde_json::{Value, json};
use tokio::{sync::mpsc, time};
use tower_lsp::{
    ClientSocket, ExitedError,
    jsonrpc::{Request, Response},
};
use tower_service::Service;

use super::{
    convert::number::whole,
    guard::{Answer, Guard},
    lenient::{UNREADABLE, lenient},
    parent::Parent,
    uri::Spellings,
};

/// A message that is longer is refused. Real files have a few kilobytes.
const MAX_BODY: usize = 64 << 20;
/// No more is answered while so much is still to be written to a client that does not read.
const MAX_UNWRITTEN: usize = 64 << 20;
/// Maximum number of bytes that are read and not looked at yet; beyond it only [`MAX_TRICKLE`] is read.
const MAX_UNHEARD: usize = 8 << 20;
/// Number of bytes that are read in a [`TRICKLE`] beyond [`MAX_UNHEARD`]: only so the end of the input is seen, which
/// comes behind what a pipe holds.
const MAX_TRICKLE: usize = 256 << 10;
/// Maximum number of bytes that are read and not looked at yet, whatever happens. A client that sends more than this, reads
/// nothing and closes our input is seen to be gone only when its process ends: the end of the input is not reached.
const MAX_UNHEARD_EVER: usize = 128 << 20;
/// How often a little is read beyond [`MAX_UNHEARD`].
const TRICKLE: Duration = Duration::from_millis(500);
/// No more is read while so many answers are due.
const MAX_ANSWERS: usize = 1024;
/// Maximum number of characters of an error that may repeat what was sent.
const MAX_SHOWN: usize = 300;
/// How much of a line is looked at for a header.
const MAX_HEADER: usize = 4096;
/// How long answers may still take when the client has closed our input.
const GRACE: Duration = Duration::from_millis(200);

/// Why the loop ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// After `shutdown`, as it should be.
    Clean,
    /// `exit` without `shutdown`, end of input, or the client is gone.
    Abrupt,
}

/// Serve until the client leaves.
pub(crate) async fn serve<S>(service: S, socket: ClientSocket, parent: Parent) -> End
where
    S: Service<Request, Response = Option<Response>, Error = ExitedError>,
    S::Future: Send + 'static,
{
    let mut input = Input::spawn();
    let (output, mut written) = Output::spawn();
    let mut spellings = Spellings::default();
    let mut guard = Guard::new(service);
    let (requests, mut replies) = socket.split();
    let mut requests = pin!(requests.fuse());
    let mut answers = FuturesUnordered::new();
    let mut tick = time::interval(Duration::from_secs(1));
    let mut parent = parent;

    loop {
        let ready = answers.len() < MAX_ANSWERS && output.unwritten() < MAX_UNWRITTEN;
        tokio::select! {
            frame = input.next(), if ready => {
                let Some(frame) = frame else { break };
                if frame.is_behind_lost {
                    // An edit may have been among it.
                    _ = guard.call(Request::build(UNREADABLE).params(json!({})).finish());
                }
                let body = match frame.body {
                    Ok(body) => body,
                    Err(why) => {
                        output.send(&refusal(-32700, Value::Null, &why), &spellings);
                        continue;
                    }
                };
                match Incoming::of(&body) {
                    Incoming::Exit => return end(guard, output, written).await,
                    Incoming::Reply(reply) => _ = replies.send(reply).await,
                    Incoming::Dropped => {}
                    Incoming::Refused(reply) => {
                        output.send(&reply, &spellings);
                        let text = String::from_utf8_lossy(&body).into_owned();
                        _ = guard.call(Request::build(UNREADABLE).params(text).finish());
                    }
                    Incoming::Request(request) => {
                        parent.watch(&request);
                        match guard.call(lenient(request, &mut spellings)) {
                            Answer::Now(response) => response.iter().for_each(|it| output.send(it, &spellings)),
                            Answer::Later(answer) => answers.push(answer),
                        }
                    }
                }
            },
            Some(response) = answers.next() => response.iter().for_each(|it| output.send(it, &spellings)),
            Some(request) = requests.next() => output.send(&without_null(request), &spellings),
            _ = tick.tick() => {
                // A client that reads nothing and writes nothing more is gone, even if it keeps our output open.
                let is_deaf = output.is_stuck() && !ready && input.has_ended();
                if parent.is_gone() || is_deaf {
                    return end(guard, output, written).await;
                }
            }
            _ = &mut written => return if guard.is_shut_down() { End::Clean } else { End::Abrupt },
        }
    }

    // The input is closed. A client that wrote its questions and waits for the answers still gets them.
    let rest = async {
        while let Some(response) = answers.next().await {
            response.iter().for_each(|it| output.send(it, &spellings));
        }
    };
    _ = time::timeout(GRACE, rest).await;
    end(guard, output, written).await
}

async fn end<S>(guard: Guard<S>, output: Output, written: tokio::sync::oneshot::Receiver<()>) -> End {
    drop(output);
    _ = time::timeout(GRACE, written).await;
    if guard.is_shut_down() { End::Clean } else { End::Abrupt }
}

/// What a message turns out to be.
enum Incoming {
    Request(Request),
    Reply(Response),
    Exit,
    /// A reply that cannot be read: it must not be answered in turn.
    Dropped,
    /// Not a message of the protocol; the answer that says so.
    Refused(Value),
}

impl Incoming {
    fn of(body: &[u8]) -> Incoming {
        let Some(mut message) = json(body) else {
            return Incoming::refused(-32700, Value::Null, "the message is not JSON");
        };
        if let Some(fields) = message.as_object_mut() {
            match fields.get("id") {
                // A client that sends no identifier where there is none to send.
                Some(Value::Null) if fields.contains_key("method") => _ = fields.remove("id"),
                Some(id) if id.is_f64() => _ = whole(id).map(|id| fields.insert("id".to_owned(), id.into())),
                _ => {}
            }
        }
        let Some(fields) = message.as_object() else {
            let why = if message.is_array() {
                "batches of messages are no part of the language server protocol"
            } else {
                "a message is a JSON object"
            };
            return Incoming::refused(-32600, Value::Null, why);
        };
        let id = fields.get("id").filter(|id| id.is_string() || id.is_i64()).cloned().unwrap_or_default();
        let is_request = fields.contains_key("method");
        let is_reply = !is_request && (fields.contains_key("result") || fields.contains_key("error"));
        if fields.get("method").is_some_and(|it| it == "exit") {
            return Incoming::Exit;
        }
        if is_reply {
            return serde_json::from_value(message).map_or(Incoming::Dropped, Incoming::Reply);
        }
        match is_request.then(|| serde_json::from_value(message)) {
            Some(Ok(request)) => Incoming::Request(request),
            Some(Err(error)) => {
                let error = schema::shown(&error.to_string(), MAX_SHOWN);
                Incoming::refused(-32600, id, &format!("not a request: {error}"))
            }
            None => Incoming::refused(-32600, id, "a message has a `method`, a `result` or an `error`"),
        }
    }

    fn refused(code: i32, id: Value, message: &str) -> Incoming {
        Incoming::Refused(refusal(code, id, message))
    }
}

fn refusal(code: i32, id: Value, message: &str) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message}})
}

/// A message as JSON. Half of a surrogate pair, which JavaScript, Python and Lisp allow in a text, is taken as U+FFFD: it
/// counts as much in UTF-16, so that later edits still find their places.
fn json(body: &[u8]) -> Option<Value> {
    serde_json::from_slice(body).or_else(|_| serde_json::from_slice(&without_lone_surrogates(body))).ok()
}

/// A message with U+FFFD for each half of a surrogate pair: those that are escaped without their other half, and those
/// that are written as bytes, as if they were characters.
fn without_lone_surrogates(body: &[u8]) -> Vec<u8> {
    let escaped = |at: usize| {
        let digits = body.get(at..at + 6)?.strip_prefix(b"\\u")?;
        u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    let is_high = |unit: u32| (0xd800..0xdc00).contains(&unit);
    let is_low = |unit: u32| (0xdc00..0xe000).contains(&unit);
    let mut acc = Vec::with_capacity(body.len());
    let mut at = 0;
    while let Some(byte) = body.get(at) {
        let (written, taken): (&[u8], usize) = match (byte, &body[at + 1..]) {
            (b'\\', _) => match (escaped(at), escaped(at + 6)) {
                (Some(high), Some(low)) if is_high(high) && is_low(low) => (&body[at..at + 12], 12),
                (Some(unit), _) if is_high(unit) || is_low(unit) => (br"\ufffd", 6),
                // With the character behind it, which may be another backslash.
                _ => (&body[at..body.len().min(at + 2)], 2),
            },
            (0xed, [0xa0..=0xbf, 0x80..=0xbf, ..]) => ("\u{fffd}".as_bytes(), 3),
            _ => (&body[at..=at], 1),
        };
        acc.extend(written);
        at += taken;
    }
    acc
}

/// What stands between two headers.
#[derive(Debug, PartialEq, Eq)]
struct Frame {
    /// Whether something that is no message came before it, or instead of it.
    is_behind_lost: bool,
    /// A message, or why it is none.
    body: Result<Vec<u8>, String>,
}

impl Frame {
    fn unreadable(why: String) -> Frame {
        Frame { is_behind_lost: true, body: Err(why) }
    }

    /// About how much memory it takes.
    fn len(&self) -> usize {
        64 + self.body.as_ref().map_or_else(String::len, Vec::len)
    }
}

/// Reads on a thread of its own: a blocked read must not keep the process from ending.
struct Input {
    frames: mpsc::UnboundedReceiver<Frame>,
    unheard: Arc<Unheard>,
}

/// What is read and not looked at yet.
#[derive(Default)]
struct Unheard {
    bytes: Mutex<usize>,
    /// Something was looked at.
    heard: Condvar,
    /// Whether the end of the input was read.
    ended: AtomicBool,
}

impl Input {
    fn spawn() -> Input {
        let (sender, frames) = mpsc::unbounded_channel();
        let unheard = Arc::<Unheard>::default();
        let reading = unheard.clone();
        std::thread::spawn(move || {
            let mut input = io::BufReader::with_capacity(64 << 10, io::stdin().lock());
            let mut trickle = 0;
            while let Ok(Some(frame)) = read_frame(&mut input) {
                let len = frame.len();
                *reading.bytes.lock().unwrap_or_else(PoisonError::into_inner) += len;
                if sender.send(frame).is_err() {
                    return;
                }
                reading.wait_for_room(len, &mut trickle);
            }
            reading.ended.store(true, Ordering::Release);
        });
        Input { frames, unheard }
    }

    /// The next message; `None` at the end of the input.
    async fn next(&mut self) -> Option<Frame> {
        let frame = self.frames.recv().await?;
        *self.unheard.bytes.lock().unwrap_or_else(PoisonError::into_inner) -= frame.len();
        self.unheard.heard.notify_one();
        Some(frame)
    }

    /// Whether the client has closed our input, behind messages that may still have to be looked at.
    fn has_ended(&self) -> bool {
        self.unheard.ended.load(Ordering::Acquire)
    }
}

impl Unheard {
    /// Waits until messages are looked at, where too many are not; but not so long that the end of the input is never
    /// seen. `trickle` is what was read without such a wait since the last one.
    fn wait_for_room(&self, read: usize, trickle: &mut usize) {
        let mut bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        *trickle = if *bytes <= MAX_UNHEARD { 0 } else { *trickle + read };
        if *trickle >= MAX_TRICKLE {
            *trickle = 0;
            let waited = self.heard.wait_timeout_while(bytes, TRICKLE, |bytes| *bytes > MAX_UNHEARD);
            bytes = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        drop(self.heard.wait_while(bytes, |bytes| *bytes > MAX_UNHEARD_EVER));
    }
}

/// The next message; `None` at the end of the input.
///
/// Where a header is broken, the next `Content-Length` is looked for, wherever in a line it stands.
fn read_frame(input: &mut impl BufRead) -> io::Result<Option<Frame>> {
    let mut line = vec![];
    let mut length = None;
    let mut any = false;
    let mut is_behind_lost = false;
    loop {
        if !read_line(input, &mut line)? {
            return Ok(None);
        }
        let header = line.trim_ascii();
        if !header.is_empty() {
            any = true;
            is_behind_lost |= !is_header(header);
            length = content_length(header).or(length);
        } else if any {
            break;
        }
    }
    let Some(length) = length else {
        return Ok(Some(Frame::unreadable("a message begins with `Content-Length: N`".to_owned())));
    };
    match length.parse::<usize>() {
        Ok(length) if length <= MAX_BODY => {
            let mut body = vec![0; length];
            match input.read_exact(&mut body) {
                Ok(()) => Ok(Some(Frame { is_behind_lost, body: Ok(body) })),
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

/// The name of the header that counts.
const CONTENT_LENGTH: &[u8] = b"content-length:";

/// Where in a line the last one stands, however it is written and whatever stands before it.
fn place_of_length(line: &[u8]) -> Option<usize> {
    line.windows(CONTENT_LENGTH.len()).rposition(|it| it.eq_ignore_ascii_case(CONTENT_LENGTH))
}

/// What a line gives as the length.
fn content_length(line: &[u8]) -> Option<String> {
    let value = String::from_utf8_lossy(line[place_of_length(line)? + CONTENT_LENGTH.len()..].trim_ascii());
    Some(value.chars().take(40).collect())
}

/// Whether a line is a header and nothing else: not the rest of a message whose length was wrong.
fn is_header(line: &[u8]) -> bool {
    let Some(end) = line.iter().position(|it| *it == b':') else { return false };
    let name = line[..end].trim_ascii_end();
    let is_name = !name.is_empty() && name.iter().all(|it| it.is_ascii_alphanumeric() || *it == b'-');
    is_name && place_of_length(line).is_none_or(|at| at == 0)
}

/// A line up to its LF; of a long one only the end, which is where a header may be. False at the end of the input.
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

/// Where there are no parameters the framework says `null`, which JSON-RPC does not know: they are left out.
fn without_null(request: Request) -> Request {
    if request.params() != Some(&Value::Null) {
        return request;
    }
    let (method, id, _) = request.into_parts();
    id.into_iter().fold(Request::build(method), |request, id| request.id(id)).finish()
}

/// Writes on a thread of its own: a client that does not read must not keep us from reading.
struct Output {
    sender: blocking::Sender<Vec<u8>>,
    traffic: Arc<Traffic>,
    /// What was written when it was last asked whether the client reads.
    written_before: Cell<usize>,
}

/// Numbers of bytes.
#[derive(Default)]
struct Traffic {
    unwritten: AtomicUsize,
    written: AtomicUsize,
}

impl Output {
    /// The receiver hears when the thread has ended: all is written, or the client has closed our output.
    fn spawn() -> (Output, tokio::sync::oneshot::Receiver<()>) {
        let (sender, receiver) = blocking::channel();
        let (ended, written) = tokio::sync::oneshot::channel();
        let traffic = Arc::<Traffic>::default();
        let count = traffic.clone();
        std::thread::spawn(move || {
            _ = write_all(&receiver, &count, &mut io::BufWriter::new(io::stdout().lock()));
            _ = ended.send(());
        });
        (Output { sender, traffic, written_before: Cell::new(0) }, written)
    }

    fn send(&self, message: &impl serde::Serialize, spellings: &Spellings) {
        let body = match spellings.is_empty() {
            true => serde_json::to_vec(message),
            false => serde_json::to_value(message).and_then(|it| serde_json::to_vec(&spellings.restore(it))),
        };
        let body = body.unwrap_or_default();
        if body.is_empty() || body == b"null" {
            return;
        }
        let mut bytes = format!("Content-Length: {}\r\n\r\n", body.len()).into_bytes();
        bytes.extend(body);
        self.traffic.unwritten.fetch_add(bytes.len(), Ordering::Relaxed);
        _ = self.sender.send(bytes);
    }

    fn unwritten(&self) -> usize {
        self.traffic.unwritten.load(Ordering::Relaxed)
    }

    /// Whether the client has read nothing since this was asked last, though there is something to read.
    fn is_stuck(&self) -> bool {
        let written = self.traffic.written.load(Ordering::Relaxed);
        self.written_before.replace(written) == written && self.unwritten() > 0
    }
}

fn write_all(from: &blocking::Receiver<Vec<u8>>, traffic: &Traffic, to: &mut impl Write) -> io::Result<()> {
    while let Ok(bytes) = from.recv() {
        let mut next = Some(bytes);
        while let Some(bytes) = next {
            // In parts, so that a client that reads a long message slowly is not taken for one that does not read.
            for part in bytes.chunks(64 << 10) {
                to.write_all(part)?;
                traffic.unwritten.fetch_sub(part.len(), Ordering::Relaxed);
                traffic.written.fetch_add(part.len(), Ordering::Relaxed);
            }
            next = from.try_recv().ok();
        }
        to.flush()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_surrogate_pair_is_a_replacement_character() {
        let mended = |body: &[u8]| json(body).map(|it| it.as_str().unwrap().to_owned());
        for (body, expected) in [
            (br#""a\ud83d""# as &[u8], "a\u{fffd}"),
            (br#""\ude00\ud83d\ude00\ud83d\u0041""#, "\u{fffd}😀\u{fffd}A"),
            (br#""\\ud83d\\\uD83D\"\n""#, "\\ud83d\\\u{fffd}\"\n"),
            (b"\"\xed\xa0\xbd|\xed\xb8\x80\xed\x9f\xbf\"", "\u{fffd}|\u{fffd}\u{d7ff}"),
        ] {
            assert_eq!(mended(body).as_deref(), Some(expected), "{}", String::from_utf8_lossy(body));
        }
        for broken in [br#""\ud83"# as &[u8], br#""\"#, b"\"\xed\xa0", b"\"\xff\"", br#""\ud83d\"#] {
            assert_eq!(mended(broken), None);
        }
    }

    fn frames(input: &[u8]) -> Vec<String> {
        let mut input = io::BufReader::with_capacity(7, input);
        let mut frames = vec![];
        while let Ok(Some(frame)) = read_frame(&mut input) {
            frames.push(match frame.body {
                Ok(body) if frame.is_behind_lost => format!("? {}", String::from_utf8(body).unwrap()),
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
        assert_eq!(frames(input), ["! a message begins with `Content-Length: N`", "? {}"]);
        let input = b"Content-Length: -1\r\n\r\n{}Content-Length: 2\r\n\r\n{}";
        assert_eq!(frames(input), ["! `Content-Length: -1` is not a number of bytes", "? {}"]);
    }

    #[test]
    fn tells_what_comes_behind_the_rest_of_a_message() {
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
    fn refuses_a_message_that_is_too_long_and_goes_on() {
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
