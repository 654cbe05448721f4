//! Limits that people have been given, with the date on which somebody saw them. All of them are wrong some day: Google
//! publishes none, and AI Studio shows each project its own. They are for plans only; the client believes what it is told.

use core::num::NonZeroU64;

use crate::engine::Limits;

/// What a free-tier project is allowed of a model, as far as is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// The model.
    pub model: &'static str,
    /// Requests a minute.
    pub rpm: u64,
    /// Requests a day.
    pub rpd: u64,
    /// When that was last seen: year and month.
    pub seen: &'static str,
    /// Whether refusals that state these numbers were recorded; else they are hearsay.
    pub recorded: bool,
}

impl Known {
    /// What is known of a model.
    pub fn of(model: &str) -> Option<&'static Self> {
        FREE_TIER.iter().find(|known| known.model == model)
    }

    /// As limits of a project.
    pub fn limits(&self) -> Limits {
        Limits { rpm: NonZeroU64::new(self.rpm), rpd: NonZeroU64::new(self.rpd), ..Limits::default() }
    }
}

/// The free tier of Gemini. Sources: bodies of refusals in issue trackers (MinusPod#435, stremio-ai-search#170) for the
/// models with 20 a day; for `gemini-3.5-flash-lite` only what people say.
pub const FREE_TIER: &[Known] = &[
    Known { model: "gemini-3.5-flash-lite", rpm: 15, rpd: 500, seen: "2026", recorded: false },
    Known { model: "gemini-3.5-flash", rpm: 5, rpd: 20, seen: "2026-10", recorded: true },
    Known { model: "gemini-3.6-flash", rpm: 5, rpd: 20, seen: "2026-10", recorded: true },
    Known { model: "gemini-3.8-flash", rpm: 5, rpd: 20, seen: "2026-10", recorded: true },
    Known { model: "gemini-2.5-flash", rpm: 5, rpd: 20, seen: "2025-12", recorded: true },
    Known { model: "gemini-2.5-flash-lite", rpm: 5, rpd: 20, seen: "2025-12", recorded: true },
];
