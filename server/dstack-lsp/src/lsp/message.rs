//! What a message is: a request, a reply, or something to refuse.

use serde_json::{Value, json};
use tower_lsp::jsonrpc::{Request, Response};

use super::convert::number::whole;

/// Maximum number of characters of an error that may quote what was sent.
const MAX_SHOWN: usize = 300;

/// A message from the client.
pub(crate) enum Incoming {
    Request(Request),
    Reply(Response),
    Exit,
    /// A reply that cannot be read; it must not be answered.
    Dropped,
    /// Not a message of the protocol, with the answer that says so.
    Refused(Value),
}

impl Incoming {
    /// Decodes the body of a message.
    pub(crate) fn of(body: &[u8]) -> Incoming {
        let Some(mut message) = json(body) else {
            return Incoming::refused(-32700, Value::Null, "the message is not JSON");
        };
        if let Some(fields) = message.as_object_mut() {
            match fields.get("id") {
                // Some clients write `null` for no identifier.
                Some(Value::Null) if fields.contains_key("method") => _ = fields.remove("id"),
                Some(id) if id.is_f64() => _ = whole(id).map(|id| fields.insert("id".to_owned(), id.into())),
                _ => {}
            }
        }
        let Some(fields) = message.as_object() else {
            let why = if message.is_array() {
                "batches of messages are not part of the language server protocol"
            } else {
                "a message must be a JSON object"
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
            None => Incoming::refused(-32600, id, "a message must have a `method`, a `result` or an `error`"),
        }
    }

    fn refused(code: i32, id: Value, message: &str) -> Incoming {
        Incoming::Refused(refusal(code, id, message))
    }
}

/// An answer that refuses a message.
pub(crate) fn refusal(code: i32, id: Value, message: &str) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message}})
}

/// Parses JSON. Half of a surrogate pair, which JavaScript, Python and Lisp allow in a string, is read as U+FFFD: it has the
/// same length in UTF-16, so that later edits still apply at the right place.
fn json(body: &[u8]) -> Option<Value> {
    serde_json::from_slice(body).or_else(|_| serde_json::from_slice(&without_lone_surrogates(body))).ok()
}

/// Replaces each half of a surrogate pair with U+FFFD: an escape without its other half, and one that is encoded as bytes, as
/// if it were a character.
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
                // With the next character, which may be another backslash.
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

/// Removes parameters that are `null`, which the framework writes for none and JSON-RPC does not allow.
pub(crate) fn without_null(request: Request) -> Request {
    if request.params() != Some(&Value::Null) {
        return request;
    }
    let (method, id, _) = request.into_parts();
    id.into_iter().fold(Request::build(method), |request, id| request.id(id)).finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_surrogate_pair_becomes_a_replacement_character() {
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
}
