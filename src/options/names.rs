//! The words that options may say, and what they stand for.

use crate::engine::{Assignment, Jitter, Minute, Pacing, Preset, PresetTable, Strategy};
use crate::provider::{GEMINI_FREE, GROQ_FREE, Provider};

/// A word and its meaning.
pub(super) type Names<T> = [(&'static str, T)];

pub(super) const PROVIDERS: &Names<Provider> = &[
    (Provider::Gemini.name(), Provider::Gemini),
    (Provider::Groq.name(), Provider::Groq),
    (Provider::OpenAi.name(), Provider::OpenAi),
    (Provider::Anthropic.name(), Provider::Anthropic),
    (Provider::Compatible.name(), Provider::Compatible),
];

pub(super) const STRATEGIES: &Names<Strategy> = &[
    ("round-robin", Strategy::RoundRobin),
    ("failover", Strategy::Failover),
    ("least-loaded", Strategy::LeastLoaded),
    ("weighted", Strategy::Weighted),
    ("priority", Strategy::Priority),
    ("assigned", Strategy::Assigned(Assignment::Rendezvous)),
];

/// What `keys.json` may say: the same, and two words of the systems that wrote such files.
pub(super) const FILE_STRATEGIES: &Names<Strategy> = &[
    STRATEGIES[0],
    STRATEGIES[1],
    STRATEGIES[2],
    STRATEGIES[3],
    STRATEGIES[4],
    STRATEGIES[5],
    ("smart", Strategy::LeastLoaded),
    ("quest", Strategy::Assigned(Assignment::Modulo)),
];

/// What a preset's name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// The retry manners of a source system.
    Manners(Preset),
    /// A dated table of known limits.
    Table(&'static PresetTable),
}

pub(super) const PRESETS: &Names<Named> = &[
    (Preset::Workshop.name(), Named::Manners(Preset::Workshop)),
    (Preset::Quest.name(), Named::Manners(Preset::Quest)),
    (Preset::Handler.name(), Named::Manners(Preset::Handler)),
    (GEMINI_FREE.name, Named::Table(&GEMINI_FREE)),
    (GROQ_FREE.name, Named::Table(&GROQ_FREE)),
];

pub(super) const PACINGS: &Names<Pacing> = &[("auto", Pacing::Auto), ("burst", Pacing::Burst), ("even", Pacing::Even)];

pub(super) const MINUTES: &Names<Minute> = &[("auto", Minute::Auto), ("rolling", Minute::Rolling)];

pub(super) const JITTERS: &Names<Jitter> = &[("full", Jitter::Full), ("equal", Jitter::Equal), ("none", Jitter::None)];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::PRESETS as TABLES;

    #[test]
    fn every_preset_of_the_engine_has_its_name() {
        assert!(Preset::ALL.iter().all(|preset| PRESETS.contains(&(preset.name(), Named::Manners(*preset)))));
        assert!(TABLES.iter().all(|table| PRESETS.contains(&(table.name, Named::Table(table)))));
        assert_eq!(PRESETS.len(), Preset::ALL.len() + TABLES.len());
    }

    #[test]
    fn every_provider_has_its_name() {
        assert!(Provider::ALL.iter().all(|provider| PROVIDERS.contains(&(provider.name(), *provider))));
        assert_eq!(PROVIDERS.len(), Provider::ALL.len());
    }
}
