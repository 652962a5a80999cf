//! A small client: starts the real server, talks to it over pipes, and waits with a timeout.

use std::{
    collections::VecDeque,
    io::{self, BufRead, BufReader, Write},
    process::{Child, ChildStdin, Command, ExitStatus, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

/// How long a step may take before a test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// The server's input, written by a thread because the server may have stopped reading. It is closed when this is dropped.
struct Input {
    unwritten: Sender<Vec<u8>>,
    written: Receiver<io::Result<()>>,
}

impl Input {
    fn new(mut pipe: ChildStdin) -> Input {
        let (unwritten, bytes) = channel::<Vec<u8>>();
        let (sender, written) = channel();
        thread::spawn(move || {
            for bytes in bytes {
                // ends: with the server, which `Client` kills when it is dropped.
                let result = pipe.write_all(&bytes).and_then(|()| pipe.flush());
                if sender.send(result).is_err() {
                    break;
                }
            }
        });
        Input { unwritten, written }
    }

    /// Writes bytes. Panics if the server does not read them in time.
    fn write(&self, bytes: &[u8], patience: Duration) {
        self.unwritten.send(bytes.to_vec()).expect("the thread runs as long as the input is open");
        match self.written.recv_timeout(patience) {
            Ok(result) => result.expect("the server reads"),
            Err(error) => panic!("the server does not read its input ({error})"),
        }
    }
}

/// A client and its server.
pub(crate) struct Client {
    process: Child,
    input: Option<Input>,
    messages: Receiver<Value>,
    /// Messages that were read and not used yet.
    unread: VecDeque<Value>,
    last_id: i64,
    /// The answer to `workspace/configuration`, a list for several folders; `None` if the client never answers.
    pub(crate) settings: Option<Value>,
}

impl Client {
    /// Starts a server.
    pub(crate) fn start() -> Client {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dstack-lsp"));
        Client::spawn(command.arg("--stdio").stderr(Stdio::null()))
    }

    /// Starts a server with a command.
    pub(crate) fn spawn(command: &mut Command) -> Client {
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().expect("the server starts");
        let input = process.stdin.take().map(Input::new);
        let mut output = BufReader::new(process.stdout.take().expect("output is a pipe"));
        let (sender, messages) = channel();
        thread::spawn(move || {
            while let Some(message) = read(&mut output) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        Client { process, input, messages, unread: VecDeque::new(), last_id: 0, settings: None }
    }

    /// Starts a session with these parameters of `initialize`, which may be incomplete.
    pub(crate) fn with(params: Value) -> Client {
        let mut client = Client::start();
        client.initialize(params);
        client
    }

    /// Starts a session of a client without optional capabilities.
    pub(crate) fn plain() -> Client {
        Client::with(json!({}))
    }

    /// Initializes the session; returns the result of `initialize`.
    pub(crate) fn initialize(&mut self, mut params: Value) -> Value {
        if params.get("capabilities").is_none() {
            params["capabilities"] = json!({});
        }
        if params.get("processId").is_none() {
            params["processId"] = std::process::id().into();
        }
        let offered = self.ask("initialize", params);
        self.notify("initialized", json!({}));
        offered["result"].clone()
    }

    /// Sends bytes as they are.
    pub(crate) fn send_bytes(&mut self, bytes: &[u8]) {
        self.input.as_ref().expect("the input is open").write(bytes, PATIENCE);
    }

    /// Sends any message.
    pub(crate) fn send(&mut self, message: &Value) {
        let bytes = framed(message.to_string().as_bytes());
        self.send_bytes(&bytes);
    }

    /// Sends a notification.
    pub(crate) fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    /// Sends a request; returns its identifier.
    pub(crate) fn request(&mut self, method: &str, params: Value) -> i64 {
        self.last_id += 1;
        let mut message = json!({"jsonrpc": "2.0", "id": self.last_id, "method": method, "params": params});
        if message["params"].is_null() {
            message.as_object_mut().expect("an object").remove("params");
        }
        self.send(&message);
        self.last_id
    }

    /// Sends a request and returns the response.
    pub(crate) fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.request(method, params);
        self.response(id)
    }

    /// Waits for the response to a request.
    pub(crate) fn response(&mut self, id: i64) -> Value {
        self.wait(&format!("the response to {id}"), |it| it["id"] == id && it.get("method").is_none())
    }

    /// Waits for the next message that fits; others are kept for later.
    pub(crate) fn wait(&mut self, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.unread.iter().position(&fits) {
            return self.unread.remove(at).expect("it is there");
        }
        let end = Instant::now() + PATIENCE;
        loop {
            let message = match self.messages.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(message) => message,
                Err(RecvTimeoutError::Timeout) => panic!("no {what} in time; unread: {:#?}", self.unread),
                Err(RecvTimeoutError::Disconnected) => panic!("the server ended before {what}"),
            };
            self.answer(&message);
            if fits(&message) {
                return message;
            }
            self.unread.push_back(message);
        }
    }

    /// All messages that were not used yet, after the server has handled everything that was sent.
    pub(crate) fn rest(&mut self) -> Vec<Value> {
        self.ask("dstack/nothing", Value::Null);
        self.unread.drain(..).collect()
    }

    fn answer(&mut self, message: &Value) {
        if let (true, Some(settings)) = (message["method"] == "workspace/configuration", self.settings.clone()) {
            let result = if settings.is_array() { settings } else { json!([settings]) };
            self.send(&json!({"jsonrpc": "2.0", "id": message["id"], "result": result}));
        }
    }

    /// Opens a document.
    pub(crate) fn open(&mut self, uri: &str, text: &str) {
        let document = json!({"uri": uri, "languageId": "yaml", "version": 1, "text": text});
        self.notify("textDocument/didOpen", json!({"textDocument": document}));
    }

    /// Edits a document: replaces ranges `[line, column, line, column]`, or the whole text.
    pub(crate) fn change(&mut self, uri: &str, version: i64, changes: &[(Option<[u32; 4]>, &str)]) {
        let change = |(range, text): &(Option<[u32; 4]>, &str)| match range {
            Some(range) => json!({"range": self::range(*range), "text": text}),
            None => json!({"text": text}),
        };
        let changes: Vec<Value> = changes.iter().map(change).collect();
        let document = json!({"uri": uri, "version": version});
        self.notify("textDocument/didChange", json!({"textDocument": document, "contentChanges": changes}));
    }

    /// Waits for the diagnostics of a version of a document.
    pub(crate) fn published(&mut self, uri: &str, version: i64) -> Vec<Value> {
        let message = self.wait(&format!("diagnostics of version {version}"), |it| {
            it["method"] == "textDocument/publishDiagnostics"
                && it["params"]["uri"] == uri
                && it["params"]["version"] == version
        });
        message["params"]["diagnostics"].as_array().expect("a list").clone()
    }

    /// Sends a request about a position in a document; returns the result.
    pub(crate) fn at(&mut self, method: &str, uri: &str, line: u32, column: u32) -> Value {
        let position = json!({"line": line, "character": column});
        let params = json!({"textDocument": {"uri": uri}, "position": position});
        let response = self.ask(&format!("textDocument/{method}"), params);
        assert_eq!(response.get("error"), None, "{method}");
        response["result"].clone()
    }

    /// The identifier of the server's process.
    pub(crate) fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// Closes the server's input.
    pub(crate) fn close_input(&mut self) {
        self.input = None;
    }

    /// Ends the session with `shutdown` and `exit`; returns the exit code.
    pub(crate) fn quit(&mut self) -> Option<i32> {
        assert_eq!(self.ask("shutdown", Value::Null)["result"], Value::Null);
        self.send(&json!({"jsonrpc": "2.0", "method": "exit"}));
        self.exit_code()
    }

    /// Waits for the end of the server; returns its exit code.
    pub(crate) fn exit_code(&mut self) -> Option<i32> {
        self.exit_status().code()
    }

    fn exit_status(&mut self) -> ExitStatus {
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            if let Some(status) = self.process.try_wait().expect("it is our child") {
                return status;
            }
            thread::sleep(Duration::from_millis(1));
        }
        panic!("the server runs still");
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        _ = self.process.kill();
        // ends: it was killed.
        _ = self.process.wait();
    }
}

/// A range of the protocol.
pub(crate) fn range([start_line, start, end_line, end]: [u32; 4]) -> Value {
    json!({"start": {"line": start_line, "character": start}, "end": {"line": end_line, "character": end}})
}

/// A message with its header.
pub(crate) fn framed(body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    bytes.extend(body);
    bytes
}

fn read(output: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        // ends: with the server, and waits for this thread have a limit.
        if output.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim().split_once(": ") {
            Some(("Content-Length", value)) => length = value.parse().ok()?,
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    // ends: as above.
    output.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}

/// A test of a server that stops reading fails.
#[test]
#[cfg(unix)]
fn writing_to_a_server_that_does_not_read_fails() {
    let mut child = Command::new("sleep").arg("600").stdin(Stdio::piped()).spawn().expect("it starts");
    let input = Input::new(child.stdin.take().expect("input is a pipe"));
    // More than a pipe holds.
    let write = || input.write(&vec![b' '; 1 << 20], Duration::from_millis(50));
    let hung = std::panic::catch_unwind(std::panic::AssertUnwindSafe(write));
    _ = child.kill();
    // ends: it was killed.
    _ = child.wait();
    let words = *hung.expect_err("it hangs").downcast::<String>().expect("a message");
    assert!(words.starts_with("the server does not read its input"), "{words}");
}
