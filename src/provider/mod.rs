//! The dialects of LLM APIs: where the key goes, how limits, usage and errors are spelled.
//!
//! Pure: no clock, no randomness, no network, no JavaScript. [`classify()`] turns a response into the engine's words,
//! [`limits()`] reads what headers tell about limits, [`by_host`] and [`Endpoint`] know hosts and paths.
//!
//! The way of a response: its body becomes one envelope, whatever its form (`json`, `stream`, `envelope`, `details`);
//! messages are read by their grammars (`text`, `size`, `model`, `google`, `duration`, `date`); the rules decide
//! (`rules`), and a cause names why, as finely as people can act on it (`cause`).

#![forbid(unsafe_code)]

mod cause;
mod classify;
mod date;
mod details;
mod duration;
mod endpoint;
mod envelope;
mod google;
mod headers;
mod json;
mod limits;
mod model;
mod presets;
mod readings;
mod rules;
mod scan;
mod size;
mod stream;
mod text;
mod tier;
mod vendor;

pub use crate::engine::Provider;
pub use classify::{Response, classify, error_in_stream, status_in_stream};
pub use endpoint::{CallKind, Endpoint};
pub use headers::Headers;
pub use limits::{LimitReading, limits};
pub use presets::{GEMINI_FREE, GROQ_FREE, PRESETS};
pub use readings::readings;
pub use vendor::{CREDENTIAL_HEADERS, KeyHeader, Vendor, by_host, key_header, provider_of_key};
