//! The dialects of LLM APIs: where the key goes, how limits, usage and errors are spelled.
//!
//! Pure: no clock, no randomness, no network, no JavaScript. [`classify()`] turns a response into the engine's words,
//! [`limits()`] reads what headers tell about limits, [`by_host`] and [`Endpoint`] know hosts and paths.
//!
//! The way of a response: its body becomes one envelope, whatever its form (`json`, `stream`, `envelope`, `details`);
//! messages are read by their grammars (`text`, `size`, `model`, `google`, `duration`, `date`); the rules decide
//! (`rules`), and a cause names what a person can do (`advice`).

#![forbid(unsafe_code)]

use core::fmt;

mod advice;
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
mod rules;
mod scan;
mod size;
mod stream;
mod text;
mod vendor;

pub use classify::{Response, classify};
pub use endpoint::{CallKind, Endpoint};
pub use headers::Headers;
pub use limits::{LimitReading, limits};
pub use vendor::{CREDENTIAL_HEADERS, KeyHeader, Vendor, by_host, key_header, provider_of_key};

/// A dialect. Vendors that speak the same one share it; [`Vendor`] holds what differs between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Provider {
    /// Google's Gemini Developer API, and Vertex AI.
    Gemini,
    /// Groq.
    Groq,
    /// `OpenAI`.
    OpenAi,
    /// Anthropic.
    Anthropic,
    /// Any other that speaks the `OpenAI` form.
    Compatible,
}

impl Provider {
    /// Every provider, in the order of declaration.
    pub const ALL: [Self; 5] = [Self::Gemini, Self::Groq, Self::OpenAi, Self::Anthropic, Self::Compatible];

    /// The public name, as in `index.d.ts`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gemini => "gemini",
            Self::Groq => "groq",
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
            Self::Compatible => "openai-compatible",
        }
    }

    /// The provider of a public name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|provider| provider.name() == name)
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
