//! One shape for all error bodies.
//!
//! | form | shape |
//! |---|---|
//! | A | `{"error":{"code":429,"message":…,"status":…,"details":[…]}}` |
//! | B | the same in an array |
//! | C | A or B with `errors:[{message,domain,reason}]` |
//! | D | A as a JSON string in `error.message`, or after some words there; also in Python's spelling |
//! | E | `{"error":{"message":…,"code":"too_many_requests"}}`: the code is a word |
//! | F | broken JSON |
//!
//! and, beyond Google: `error` as a string, `error.error`, `detail`, a bare `message` and `code`, a problem document,
//! `OpenRouter`'s `metadata.raw`, error events of streams, plain text, HTML.

use super::details;
use super::google::Quota;
use super::json::{self, Value};
use super::scan::Prose;
use super::stream;
use crate::engine::Millis;

/// An error message is shorter than this in every recording; a longer one is cut, and searching it stays cheap.
const MAX_TEXT: usize = 16 << 10;

/// How often a document may be found inside a message.
const MAX_UNWRAPS: u8 = 5;

/// What an error body says, whatever its form.
#[derive(Debug, Default)]
pub(crate) struct Envelope {
    /// The innermost message.
    pub(crate) message: Option<String>,
    /// Every message on the way, one a line: what rules search for words.
    pub(crate) prose: String,
    /// Codes, types, status words and reasons, in lower case.
    pub(crate) codes: Vec<String>,
    /// The body's own status, from a numeric code.
    pub(crate) status: Option<u16>,
    pub(crate) violations: Vec<Quota>,
    /// `RetryInfo`, and whether it was cut to whole seconds.
    pub(crate) retry_delay: Option<(Millis, bool)>,
    /// The model named in a field.
    pub(crate) model: Option<String>,
    /// Headers that the body repeats.
    pub(crate) headers: Vec<(String, String)>,
    /// Google's error model: a `@type` of `google.rpc`, or one of its status words.
    pub(crate) google: bool,
    /// The document was read to its end.
    pub(crate) whole: bool,
}

impl Envelope {
    /// Reads the body of a failure. The first byte decides how, not the content type.
    pub(crate) fn read(body: &str) -> Self {
        let body = body.trim_start_matches('\u{feff}').trim();
        let envelope = if body.starts_with(['{', '[']) {
            let document = json::read(body);
            Self::of(&document.value, document.complete)
        } else if let Some(envelope) = stream::first_error(body) {
            envelope
        } else {
            let mut envelope = Self { whole: true, ..Self::default() };
            // The words of an HTML page are the edge's, not the API's.
            if !body.starts_with('<') {
                envelope.add_message(body, 0);
            }
            envelope
        };
        envelope.repaired(body)
    }

    /// Reads a document that was already parsed.
    pub(crate) fn of(value: &Value<'_>, whole: bool) -> Self {
        let mut envelope = Self { whole, ..Self::default() };
        envelope.add_document(value, 0);
        envelope
    }

    pub(crate) fn has_code(&self, code: &str) -> bool {
        self.codes.iter().any(|known| known == code)
    }

    pub(crate) fn has_any_code(&self, codes: &[&str]) -> bool {
        codes.iter().any(|code| self.has_code(code))
    }

    /// The HTTP status that this error would have had, for those that arrive under 200.
    pub(crate) fn own_status(&self) -> Option<u16> {
        self.status.or_else(|| self.codes.iter().find_map(|code| status_of(code)))
    }

    /// Form F and bodies cut short: whatever the reader missed is searched in the text.
    fn repaired(mut self, body: &str) -> Self {
        if self.violations.is_empty() || self.retry_delay.is_none() {
            let text = Prose::new(json::head(body, 4 * MAX_TEXT));
            if self.violations.is_empty() {
                self.violations = details::scanned_violations(&text);
                let found = !self.violations.is_empty();
                self.google |= found;
                self.whole &= !found;
            }
            self.retry_delay = self.retry_delay.or_else(|| details::scanned_delay(&text));
        }
        self
    }

    fn add_document(&mut self, value: &Value<'_>, depth: u8) {
        if depth > MAX_UNWRAPS {
            return;
        }
        match value {
            Value::List(elements) => {
                let error = elements.iter().find(|element| element.get("error").is_some()).or_else(|| elements.first());
                if let Some(element) = error {
                    self.add_document(element, depth + 1);
                }
            }
            Value::Object(_) => {
                // A failed response of the Responses API carries its error one level down.
                let holder = value.get("response").filter(|inner| inner.get("error").is_some()).unwrap_or(value);
                self.add_error(holder, depth);
                match holder.get("error") {
                    Some(Value::Text(words)) => self.add_message(words, depth),
                    Some(error) => self.add_document(error, depth + 1),
                    None => {}
                }
            }
            Value::Text(words) => self.add_message(words, depth),
            _ => {}
        }
    }

    /// The members of an error object, or of a document that is one itself.
    fn add_error(&mut self, error: &Value<'_>, depth: u8) {
        for key in ["code", "status", "type", "error_type", "error_code", "reason", "raw_status_code"] {
            if let Some(code) = error.text_of(key) {
                self.add_code(code);
            }
        }
        // The last one stands as the message: a title is less than a detail.
        for key in ["title", "message", "detail"] {
            match error.get(key) {
                Some(Value::Text(words)) => self.add_message(words, depth),
                Some(Value::List(faults)) => faults
                    .iter()
                    .filter_map(|fault| fault.text_of("msg"))
                    .for_each(|words| self.add_message(words, depth)),
                Some(object @ Value::Object(_)) => self.add_document(object, depth + 1),
                _ => {}
            }
        }
        for listed in error.get("errors").map_or(&[][..], Value::elements) {
            if let Some(reason) = listed.text_of("reason") {
                self.add_code(reason);
            }
        }
        for detail in error.get("details").map_or(&[][..], Value::elements) {
            details::add(self, detail);
        }
        if let Some(metadata) = error.get("metadata") {
            self.add_router_metadata(metadata, depth);
        }
    }

    /// `OpenRouter`: the upstream's own words, and headers that a page could not read otherwise.
    fn add_router_metadata(&mut self, metadata: &Value<'_>, depth: u8) {
        if let Some(raw) = metadata.text_of("raw") {
            self.add_message(raw, depth);
        }
        if let Some(Value::Object(headers)) = metadata.get("headers") {
            let pairs = headers.iter().filter_map(|(name, value)| Some((name.to_string(), value.text()?.to_owned())));
            self.headers.extend(pairs);
        }
        if let Some(code) = metadata.text_of("limit_source") {
            self.add_code(code);
        }
    }

    pub(crate) fn add_code(&mut self, code: &str) {
        let code = code.trim();
        if let Ok(status @ 400..=599) = code.parse() {
            self.status = self.status.or(Some(status));
        }
        // A problem document names its type by a URL, with the name at its end.
        let name = if code.contains("://") { code.rsplit('/').next().unwrap_or(code) } else { code };
        let name = name.to_ascii_lowercase();
        self.google |= GOOGLE_STATUSES.contains(&&*name);
        if !self.has_code(&name) {
            self.codes.push(name);
        }
    }

    /// A message, or the document that stands in its place.
    fn add_message(&mut self, words: &str, depth: u8) {
        let words = json::head(words.trim(), MAX_TEXT);
        if words.is_empty() {
            return;
        }
        if let Some((before, inner)) = inner_document(words).filter(|_| depth < MAX_UNWRAPS) {
            self.add_words(before);
            self.add_document(&inner.value, depth + 1);
            self.whole &= inner.complete;
        } else {
            self.add_words(words);
        }
    }

    fn add_words(&mut self, words: &str) {
        if words.is_empty() || self.prose.len() + words.len() > 2 * MAX_TEXT {
            return;
        }
        self.prose.push_str(words);
        self.prose.push('\n');
        self.message = Some(words.to_owned());
    }
}

/// The error document that a message is, or ends with: `litellm.RateLimitError: geminiException - {"error": …}`.
fn inner_document(words: &str) -> Option<(&str, json::Document<'_>)> {
    // A few brackets may come first: `Invalid 'messages[3]'`. More are prose.
    words.match_indices(['{', '[']).take(4).find_map(|(at, _)| {
        let (before, document) = words.split_at(at);
        // Only a document with an error in it: `[google.rpc.error_details_ext] { message: …` is plain text.
        let opening = json::head(document, 200);
        if !opening.contains("error") && !opening.contains("\"message\"") {
            return None;
        }
        let read = json::read(document);
        let inner = match &read.value {
            Value::List(elements) => elements.first()?,
            value => value,
        };
        (inner.get("error").is_some() || inner.get("message").is_some()).then_some((before.trim(), read))
    })
}

const GOOGLE_STATUSES: [&str; 12] = [
    "resource_exhausted",
    "invalid_argument",
    "failed_precondition",
    "unauthenticated",
    "permission_denied",
    "unavailable",
    "internal",
    "deadline_exceeded",
    "cancelled",
    "aborted",
    "out_of_range",
    "too_many_requests",
];

/// The status that a code stands for: Google's words, its string codes of form E, and the types of `OpenAI` and Anthropic.
fn status_of(code: &str) -> Option<u16> {
    Some(match code {
        "invalid_argument" | "failed_precondition" | "out_of_range" | "invalid_request" | "invalid_request_error" => {
            400
        }
        "unauthenticated" | "authentication" | "authentication_error" | "invalid_api_key" => 401,
        "billing_error" => 402,
        "permission_denied" | "permission_error" => 403,
        "not_found" | "not_found_error" | "model_not_found" => 404,
        "request_too_large" => 413,
        "resource_exhausted"
        | "too_many_requests"
        | "rate_limit_exceeded"
        | "rate_limit_error"
        | "rate_limited"
        | "quota_exceeded"
        | "quota-exceeded"
        | "insufficient_quota" => 429,
        "cancelled" => 499,
        "internal" | "api_error" | "server_error" => 500,
        "unavailable" | "service_unavailable" | "temporary-reduced-capacity" => 503,
        "deadline_exceeded" | "timeout_error" => 504,
        "overloaded_error" => 529,
        _ => return None,
    })
}
