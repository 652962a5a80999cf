//! The loop between standard input and output, and when it ends.
//!
//! The framework's own transport (`tower_lsp::Server`) ends silently on one malformed message, lets four waiting answers block
//! all others, and outlives its client. This one reads on a thread, passes each message to the [`Guard`] in order of arrival,
//! writes on another thread, and ends when the client is gone.

use std::{
    cell::Cell,
    io::{self, Write},
    pin::pin,
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc as blocking,
    },
    time::Duration,
};

use futures_util::{FutureExt, SinkExt, StreamExt, stream::FuturesUnordered};
use serde_json::{Value, json};
use tokio::{sync::mpsc, time};
use tower_lsp::{
    ClientSocket, ExitedError,
    jsonrpc::{Request, Response},
};
use tower_service::Service;
use tracing::{Instrument, warn};

use super::{
    encoded,
    frame::{Frame, read_frame},
    guard::{Answer, Guard},
    message::{Incoming, refusal, without_null},
    normalize::{UNREADABLE, normalized},
    parent::Parent,
    trace::{Handling, Trace},
    uri::Spellings,
};
use crate::sync::lock;

/// Maximum number of bytes that wait to be written to a client that does not read; beyond it no message is handled.
const MAX_UNWRITTEN: usize = 64 << 20;
/// Maximum number of bytes that are read and not handled yet; beyond it only [`MAX_TRICKLE`] bytes are read at a time.
const MAX_PENDING: usize = 8 << 20;
/// Number of bytes that are read in each [`TRICKLE_INTERVAL`] beyond [`MAX_PENDING`], so that the end of the input, which
/// comes after what a pipe holds, is still noticed.
const MAX_TRICKLE: usize = 256 << 10;
/// Maximum number of bytes that are read and not handled yet, under all circumstances. If a client sends more than this, reads
/// nothing and closes standard input, the server notices only the end of its process: the end of the input is not reached.
const MAX_PENDING_EVER: usize = 128 << 20;
/// How often [`MAX_TRICKLE`] bytes are read beyond [`MAX_PENDING`].
const TRICKLE_INTERVAL: Duration = Duration::from_millis(500);
/// Maximum number of answers that are being computed; beyond it no message is handled.
const MAX_ANSWERS: usize = 1024;
/// How long answers may still take after the client has closed standard input.
const GRACE: Duration = Duration::from_millis(200);

/// Why the loop ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// `exit` after `shutdown`.
    Clean,
    /// `exit` without `shutdown`, end of input, or the client is gone.
    Abrupt,
}

/// Serves until the client leaves.
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
    let mut trace = Trace::default();

    loop {
        let ready = answers.len() < MAX_ANSWERS && output.unwritten() < MAX_UNWRITTEN;
        tokio::select! {
            frame = input.next(), if ready => {
                let Some(frame) = frame else { break };
                if frame.follows_garbage {
                    // It may have been an edit.
                    _ = guard.call(Request::build(UNREADABLE).params(json!({})).finish());
                }
                let body = match frame.body {
                    Ok(body) => body,
                    Err(why) => {
                        warn!("a message cannot be read");
                        output.send(&refusal(-32700, Value::Null, &why), &spellings);
                        continue;
                    }
                };
                match Incoming::of(&body) {
                    Incoming::Exit => return end(guard, output, written).await,
                    Incoming::Reply(reply) => _ = replies.send(reply).await,
                    Incoming::Dropped => {}
                    Incoming::Refused(reply) => {
                        warn!("a message is refused");
                        output.send(&reply, &spellings);
                        let text = String::from_utf8_lossy(&body).into_owned();
                        _ = guard.call(Request::build(UNREADABLE).params(text).finish());
                    }
                    Incoming::Request(request) => {
                        parent.watch(&request);
                        trace.watch(&request);
                        let handling = Handling::new(&request);
                        let span = handling.span.clone();
                        match span.in_scope(|| guard.call(normalized(request, &mut spellings))) {
                            Answer::Now(response) => output.send_answer(response, handling, trace, &spellings),
                            Answer::Later(answer) => answers.push(answer.map(|it| (it, handling)).instrument(span)),
                        }
                    }
                }
            },
            Some((response, handling)) = answers.next() => output.send_answer(response, handling, trace, &spellings),
            Some(request) = requests.next() => output.send(&without_null(request), &spellings),
            _ = tick.tick() => {
                // A client that neither reads nor writes any more is gone, even if it keeps standard output open.
                let is_deaf = output.is_stuck() && !ready && input.has_ended();
                if parent.is_gone() || is_deaf {
                    return end(guard, output, written).await;
                }
            }
            _ = &mut written => return if guard.is_shut_down() { End::Clean } else { End::Abrupt },
        }
    }

    // The input is closed. A client that wrote its requests and waits for the answers still gets them.
    let rest = async {
        while let Some((response, handling)) = answers.next().await {
            output.send_answer(response, handling, trace, &spellings);
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

/// Reads on a thread: a blocked read must not keep the process from ending.
struct Input {
    frames: mpsc::UnboundedReceiver<Frame>,
    pending: Arc<Pending>,
}

/// What is read and not handled yet.
#[derive(Default)]
struct Pending {
    bytes: Mutex<usize>,
    /// A message was handled.
    handled: Condvar,
    /// Whether the end of the input was read.
    ended: AtomicBool,
}

impl Input {
    fn spawn() -> Input {
        let (sender, frames) = mpsc::unbounded_channel();
        let pending = Arc::<Pending>::default();
        let reading = pending.clone();
        std::thread::spawn(move || {
            let mut input = io::BufReader::with_capacity(64 << 10, io::stdin().lock());
            let mut trickle = 0;
            while let Ok(Some(frame)) = read_frame(&mut input) {
                let len = frame.len();
                *lock(&reading.bytes) += len;
                if sender.send(frame).is_err() {
                    return;
                }
                reading.wait_for_room(len, &mut trickle);
            }
            reading.ended.store(true, Ordering::Release);
        });
        Input { frames, pending }
    }

    /// The next message; `None` at the end of the input.
    async fn next(&mut self) -> Option<Frame> {
        let frame = self.frames.recv().await?;
        *lock(&self.pending.bytes) -= frame.len();
        self.pending.handled.notify_one();
        Some(frame)
    }

    /// Whether the client has closed standard input; there may still be messages to handle.
    fn has_ended(&self) -> bool {
        self.pending.ended.load(Ordering::Acquire)
    }
}

impl Pending {
    /// Waits until messages are handled if too many are pending, but not so long that the end of the input is never noticed.
    /// `trickle` is the number of bytes that were read since the last wait.
    fn wait_for_room(&self, read: usize, trickle: &mut usize) {
        let mut bytes = lock(&self.bytes);
        *trickle = if *bytes <= MAX_PENDING { 0 } else { *trickle + read };
        if *trickle >= MAX_TRICKLE {
            *trickle = 0;
            let waited = self.handled.wait_timeout_while(bytes, TRICKLE_INTERVAL, |bytes| *bytes > MAX_PENDING);
            bytes = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        drop(self.handled.wait_while(bytes, |bytes| *bytes > MAX_PENDING_EVER));
    }
}

/// Writes on a thread: a client that does not read must not keep the server from reading.
struct Output {
    sender: blocking::Sender<Vec<u8>>,
    traffic: Arc<Traffic>,
    /// The number of bytes that were written at the last call of [`Output::is_stuck`].
    written_before: Cell<usize>,
}

/// Numbers of bytes.
#[derive(Default)]
struct Traffic {
    unwritten: AtomicUsize,
    written: AtomicUsize,
}

impl Output {
    /// The receiver resolves when the thread ends: all is written, or the client has closed standard output.
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
        self.send_body(body.unwrap_or_default());
    }

    fn send_body(&self, body: Vec<u8>) {
        if body.is_empty() || body == b"null" {
            return;
        }
        let mut bytes = format!("Content-Length: {}\r\n\r\n", body.len()).into_bytes();
        bytes.extend(body);
        self.traffic.unwritten.fetch_add(bytes.len(), Ordering::Relaxed);
        _ = self.sender.send(bytes);
    }

    /// Sends the response to a message, if it has one, and what the client wants to know about it.
    fn send_answer(&self, response: Option<Response>, handling: Handling, trace: Trace, spellings: &Spellings) {
        let traced = handling.finish(response.as_ref(), trace);
        let message = response.as_ref().filter(|_| spellings.is_empty()).and_then(encoded::message);
        match (message, response) {
            (Some(message), _) => self.send_body(message),
            (None, Some(response)) => self.send(&encoded::decode(response), spellings),
            (None, None) => {}
        }
        traced.iter().for_each(|it| self.send(it, spellings));
    }

    fn unwritten(&self) -> usize {
        self.traffic.unwritten.load(Ordering::Relaxed)
    }

    /// Whether the client has read nothing since the last call although there is something to read.
    fn is_stuck(&self) -> bool {
        let written = self.traffic.written.load(Ordering::Relaxed);
        self.written_before.replace(written) == written && self.unwritten() > 0
    }
}

fn write_all(from: &blocking::Receiver<Vec<u8>>, traffic: &Traffic, to: &mut impl Write) -> io::Result<()> {
    while let Ok(bytes) = from.recv() {
        let mut next = Some(bytes);
        while let Some(bytes) = next {
            // In parts, so that a client that reads a long message slowly counts as one that reads.
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
