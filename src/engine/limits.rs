//! What a pool allows, as far as it is known.

use core::num::NonZeroU64;

use super::provider::Provider;

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

/// Limits that were known of some models at a provider on some day.
#[derive(Debug, PartialEq, Eq)]
pub struct PresetTable {
    /// Its name in options.
    pub name: &'static str,
    /// When they were known, as `2026-10`.
    pub as_of: &'static str,
    /// Whose.
    pub provider: Provider,
    /// Model, or how its name begins where it ends in `*`; then requests and tokens per minute and per day. Zero: not known.
    pub rows: &'static [PresetRow],
}

/// One model's known limits.
#[derive(Debug, PartialEq, Eq)]
pub struct PresetRow {
    /// The model's name, or how it begins where this ends in `*`.
    pub model: &'static str,
    /// Requests per minute; 0 is not known, here and below.
    pub rpm: u64,
    /// Tokens per minute.
    pub tpm: u64,
    /// Requests per day.
    pub rpd: u64,
    /// Tokens per day.
    pub tpd: u64,
    /// Where that was seen.
    pub source: &'static str,
}

impl PresetTable {
    /// What the table says of a model, if anything. The first row that fits counts.
    pub fn of(&self, provider: Provider, model: &str) -> Option<Limits> {
        let fits = |row: &&PresetRow| match row.model.strip_suffix('*') {
            Some(beginning) => model.starts_with(beginning),
            None => row.model == model,
        };
        let row = self.rows.iter().find(fits).filter(|_| provider == self.provider)?;
        let of = NonZeroU64::new;
        Some(Limits { rpm: of(row.rpm), tpm: of(row.tpm), rpd: of(row.rpd), tpd: of(row.tpd), ..Limits::default() })
    }
}
