//! Bodies that are more than one document: event streams, arrays of chunks, and bare JSON after the last event.
//!
//! The content type says nothing (Google labels a plain error `text/event-stream`), so the first byte decides. An error
//! inside a stream comes as `event: error`, as a `data:` line with an `error` member, or as pretty-printed JSON without
//! any `data:`, which a strict parser of event streams drops.

use super::envelope::Envelope;
use super::json::{self, Value};

/// What a body under status 200 holds.
pub(crate) enum Outcome {
    /// An answer, or nothing that says otherwise.
    Served,
    /// An answer refused for its content.
    Blocked,
    /// An error document or event.
    Failed(Box<Envelope>),
}

/// Finish reasons that come back the same with any key.
const REFUSED: [&str; 11] = [
    "SAFETY",
    "RECITATION",
    "LANGUAGE",
    "BLOCKLIST",
    "PROHIBITED_CONTENT",
    "SPII",
    "IMAGE_SAFETY",
    "IMAGE_PROHIBITED_CONTENT",
    "IMAGE_RECITATION",
    "content_filter",
    "refusal",
];

/// Looks for an error, then for a block, in the body of a success.
pub(crate) fn inspect(body: &str) -> Outcome {
    let mut finish = Finish::default();
    let mut failure = None;
    each(body, &mut |event| {
        if is_error(event) {
            failure = Some(Envelope::of(&event.value, event.whole));
        } else {
            finish.observe(&event.value);
        }
        failure.is_none()
    });
    match failure {
        Some(envelope) => Outcome::Failed(Box::new(envelope)),
        None if finish.refused && !finish.served => Outcome::Blocked,
        None => Outcome::Served,
    }
}

/// The first error event of a body that has no document at its start.
pub(crate) fn first_error(body: &str) -> Option<Envelope> {
    let mut found = None;
    each(body, &mut |event| {
        if event.value.get("error").is_some() || is_error(event) {
            found = Some(Envelope::of(&event.value, event.whole));
        }
        found.is_none()
    });
    found
}

/// One document of a body.
struct Event<'a> {
    value: Value<'a>,
    /// `event: error` stood above it.
    named_error: bool,
    whole: bool,
}

/// Hands over every document of a body until `next` says no.
fn each(body: &str, next: &mut dyn FnMut(&Event<'_>) -> bool) {
    let mut rest = body;
    let mut named_error = false;
    while !rest.is_empty() {
        // Before any search for the end of the line: there may be a megabyte of documents on it.
        let start = rest.trim_start_matches([' ', '\t', '\r', ',']);
        if start.starts_with(['{', '[']) {
            let document = json::read(start);
            rest = document.rest;
            if !hand_over(document.value, named_error, document.complete, next) {
                return;
            }
            continue;
        }
        let (line, tail) = rest.split_once('\n').unwrap_or((rest, ""));
        let line = line.trim();
        rest = tail;
        if let Some(name) = line.strip_prefix("event:") {
            named_error = name.trim() == "error";
        } else if let Some(data) = line.strip_prefix("data:").map(str::trim_start) {
            let mut joined = String::new();
            if data.starts_with(['{', '[']) && !json::read(data).complete {
                rest = join_data(data, tail, &mut joined);
            }
            let document = json::read(if joined.is_empty() { data } else { &joined });
            if !matches!(document.value, Value::Text(_))
                && !hand_over(document.value, named_error, document.complete, next)
            {
                return;
            }
        } else if line.is_empty() {
            named_error = false;
        }
    }
}

/// A document may span several `data:` lines. Returns what follows them.
fn join_data<'a>(first: &str, mut rest: &'a str, joined: &mut String) -> &'a str {
    joined.push_str(first);
    while let Some(data) = rest.strip_prefix("data:") {
        let (line, tail) = data.split_once('\n').unwrap_or((data, ""));
        joined.push('\n');
        joined.push_str(line);
        rest = tail;
    }
    rest
}

/// An array is handed over by element: Gemini streams without `alt=sse` are one array of chunks.
fn hand_over(value: Value<'_>, named_error: bool, whole: bool, next: &mut dyn FnMut(&Event<'_>) -> bool) -> bool {
    match value {
        Value::List(elements) => elements.into_iter().all(|value| next(&Event { value, named_error, whole })),
        value => next(&Event { value, named_error, whole }),
    }
}

fn is_error(event: &Event<'_>) -> bool {
    let value = &event.value;
    let holds_error = |value: &Value<'_>| match value.get("error") {
        Some(Value::Object(members)) => !members.is_empty(),
        Some(Value::Text(text)) => !text.is_empty(),
        _ => false,
    };
    let says_error = |key: &str| value.text_of(key).is_some_and(|text| text == "error");
    event.named_error
        || holds_error(value)
        || value.get("response").is_some_and(holds_error)
        || says_error("type")
        || says_error("event_type")
        || says_error("object")
}

/// How the candidates of an answer ended.
#[derive(Default)]
struct Finish {
    served: bool,
    refused: bool,
}

impl Finish {
    fn observe(&mut self, chunk: &Value<'_>) {
        if chunk.get("promptFeedback").and_then(|feedback| feedback.text_of("blockReason")).is_some() {
            self.refused = true;
        }
        let candidates = chunk.get("candidates").map_or(&[][..], Value::elements);
        let choices = chunk.get("choices").map_or(&[][..], Value::elements);
        let reasons = candidates.iter().map(|candidate| candidate.text_of("finishReason"));
        let reasons = reasons.chain(choices.iter().map(|choice| choice.text_of("finish_reason")));
        let own = chunk.get("delta").unwrap_or(chunk).text_of("stop_reason");
        for reason in reasons.chain([own]).flatten() {
            if REFUSED.contains(&reason) {
                self.refused = true;
            } else if !reason.is_empty() {
                // One good candidate is an answer. `FINISH_REASON_UNSPECIFIED` and the like are no refusal either.
                self.served |= matches!(
                    reason,
                    "STOP" | "MAX_TOKENS" | "stop" | "length" | "tool_calls" | "end_turn" | "max_tokens"
                );
            }
        }
    }
}
