//! What a pool allows, as far as it is known.

use core::num::NonZeroU64;

/// The limits of one pool. `None`: not known, and so not enforced before the provider says otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Requests per minute window.
    pub rpm: Option<NonZeroU64>,
    /// Tokens per minute window: input tokens for Gemini, all tokens for OpenAI and Groq.
    pub tpm: Option<NonZeroU64>,
    /// Requests per day.
    pub rpd: Option<NonZeroU64>,
    /// Tokens per day.
    pub tpd: Option<NonZeroU64>,
    /// Requests under way at once.
    pub concurrency: Option<NonZeroU64>,
    /// How many of `rpm` may go at once. `None`: all of them.
    pub burst: Option<NonZeroU64>,
}

/// Limits by model name, with `"*"` for every model that has no entry of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LimitTable(pub Vec<(String, Limits)>);

impl LimitTable {
    /// The same limits for every model.
    pub fn all(limits: Limits) -> Self {
        Self(vec![(String::from("*"), limits)])
    }

    /// What the table says of a model, if anything.
    pub fn of(&self, model: &str) -> Option<Limits> {
        self.named(model).or_else(|| self.of_others())
    }

    /// What the table says of a model by its name.
    pub fn named(&self, model: &str) -> Option<Limits> {
        self.0.iter().find(|(known, _)| known == model).map(|(_, limits)| *limits)
    }

    /// What the table says of every model that has no entry of its own.
    pub fn of_others(&self) -> Option<Limits> {
        self.named("*")
    }
}
