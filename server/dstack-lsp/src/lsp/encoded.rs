//! Answers that are serialized on the thread that computes them.
//!
//! The framework copies the value of an answer on the thread that reads and writes messages. That takes milliseconds for the
//! tree of values of a long outline, and next to nothing for a string. So an answer passes through the framework as one string:
//! its JSON, after a prefix that no other answer has.

use serde::Serialize;
use serde_json::Value;
use tower_lsp::jsonrpc::Response;

/// Marks the string of an encoded answer.
const PREFIX: &str = "\0json:";

/// Returns an answer as the string of its JSON.
pub(crate) fn encode(answer: &impl Serialize) -> serde_json::Result<Value> {
    let mut json = PREFIX.as_bytes().to_vec();
    serde_json::to_writer(&mut json, answer)?;
    String::from_utf8(json).map(Value::String).map_err(<serde_json::Error as serde::ser::Error>::custom)
}

/// Returns the JSON of the answer in a response; `None` if it is not encoded.
fn json(response: &Response) -> Option<&str> {
    response.result()?.as_str()?.strip_prefix(PREFIX)
}

/// Returns the message of a response with an encoded answer; `None` for other responses.
pub(crate) fn message(response: &Response) -> Option<Vec<u8>> {
    let json = json(response)?;
    let id = serde_json::to_string(response.id()).ok()?;
    Some(format!("{{\"jsonrpc\":\"2.0\",\"result\":{json},\"id\":{id}}}").into_bytes())
}

/// Returns a response with its answer decoded.
pub(crate) fn decode(response: Response) -> Response {
    match json(&response).map(serde_json::from_str) {
        Some(Ok(answer)) => Response::from_ok(response.id().clone(), answer),
        _ => response,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tower_lsp::jsonrpc::Error;

    use super::*;

    #[test]
    fn a_message_has_the_answer_as_it_was() {
        for answer in [json!(null), json!([{"a": "é\u{0}\"\n", "b": 1.5}]), json!("text")] {
            let response = Response::from_ok(7.into(), encode(&answer).unwrap());
            let expected = json!({"jsonrpc": "2.0", "result": answer, "id": 7});
            assert_eq!(serde_json::from_slice::<Value>(&message(&response).unwrap()).unwrap(), expected);
            assert_eq!(json!(decode(response)), expected);
        }
    }

    #[test]
    fn other_responses_stay_as_they_are() {
        for response in
            [Response::from_ok(1.into(), json!("text")), Response::from_error(1.into(), Error::internal_error())]
        {
            assert_eq!(message(&response), None);
            assert_eq!(json!(decode(response.clone())), json!(response));
        }
    }
}
