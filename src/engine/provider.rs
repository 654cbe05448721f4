//! Whose API a call is for. What the dialects are like is the provider room's knowledge; here they are only told apart.

use core::fmt;

/// A dialect. Vendors that speak the same one share it; [`Vendor`](crate::provider::Vendor) holds what differs between them.
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
