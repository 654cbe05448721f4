//! On what terms a request is admitted, and what a pool says to one that it cannot admit.

use super::gate::{Cause, Pass, Shut, Until};
use super::limits::Limits;
use super::permit::{Bet, Signs};
use super::time::Instant;
use super::units::Tokens;
use super::verdict::{Metric, Span};

/// Use of one limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Level {
    pub(crate) metric: Metric,
    pub(crate) span: Span,
    pub(crate) used: u64,
    pub(crate) limit: u64,
}

/// How many tokens a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// The caller said so: larger than the limit means never.
    Stated(Tokens),
    /// Our own guess from the body's length: a guess above the limit is cut to it, and the request goes alone.
    Guessed(Tokens),
}

impl Demand {
    pub(crate) const fn tokens(self) -> Tokens {
        match self {
            Self::Stated(tokens) | Self::Guessed(tokens) => tokens,
        }
    }

    pub(super) fn within(self, limits: &Limits) -> Result<Tokens, Refusal> {
        let most = [limits.tpm, limits.tpd].into_iter().flatten().min();
        match (self, most) {
            (Self::Stated(tokens), Some(most)) if tokens.0 > most.get() => {
                Err(Refusal::NeverFits { limit: most.get(), metric: Metric::Tokens })
            }
            (Self::Guessed(tokens), Some(most)) => Ok(tokens.min(Tokens(most.get()))),
            (Self::Stated(tokens) | Self::Guessed(tokens), _) => Ok(tokens),
        }
    }
}

/// On what terms a request is admitted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    pub(crate) demand: Demand,
    /// The share of each minute's limit, in thousandths, that it must leave to others.
    pub(crate) spare: u64,
    pub(crate) spread: Spread,
    /// What limits say is noted, and not obeyed.
    pub(crate) shadow: bool,
}

/// Whether a request waits for its turn although there is room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Spread {
    #[default]
    No,
    /// Once half of the minute is used.
    Scarce,
    Always,
}

impl Terms {
    /// Whether the same request might go on other terms.
    pub(crate) const fn is_strict(&self) -> bool {
        self.spare > 0 || !matches!(self.spread, Spread::No)
    }
}

/// How a request may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Leave {
    pub(crate) pass: Pass,
    pub(super) tokens: Tokens,
    pub(super) bet: Bet,
    pub(super) signs: Signs,
    /// It should have waited.
    pub(crate) shadowed: bool,
}

/// What a pool says to a call that it cannot admit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Its gate is shut.
    Shut(Shut),
    /// A limit is reached; there is room at this instant if nobody else takes it.
    Full { until: Instant, level: Level },
    /// Sends are spread, and the last one was just before.
    Paced { until: Instant },
    /// Somebody is finding out whether there is more.
    Betting,
    /// The call itself backs off from this pool.
    Held { until: Instant },
    /// As many requests as allowed are under way; the next settlement makes room.
    Busy,
    /// Larger than the limit itself: not ever.
    NeverFits { limit: u64, metric: Metric },
}

impl Refusal {
    /// When this may change, as far as it is known.
    pub(crate) fn until(&self) -> Until {
        match self {
            Self::Shut(shut) => shut.until,
            Self::Full { until, .. } | Self::Held { until } | Self::Paced { until } => Until::At(*until),
            Self::Busy | Self::Betting => Until::Probe,
            Self::NeverFits { .. } => Until::Never,
        }
    }

    /// The same where it is somebody's turn only later.
    pub(super) fn not_before(self, turn: Option<Instant>) -> Self {
        match (self, turn) {
            (Self::Full { until, level }, Some(turn)) => Self::Full { until: until.max(turn), level },
            (other, _) => other,
        }
    }

    /// The cause in a gate's words, for reports.
    pub(crate) fn cause(&self) -> Option<Cause> {
        match self {
            Self::Shut(shut) => Some(shut.cause),
            Self::Full { level: Level { span: Span::Minute, .. }, .. } | Self::Paced { .. } => Some(Cause::MinuteQuota),
            Self::Full { level: Level { span: Span::Day, .. }, .. } => Some(Cause::DayQuota),
            Self::Held { .. } | Self::Busy | Self::Betting | Self::NeverFits { .. } => None,
        }
    }
}
