//! The gate: one circuit breaker, used by everything that a failure can close.
//!
//! A key, a project, a pool and a model's capacity each own a gate. Closed, it names why and until when; past that
//! instant it is half open: one call goes through as a probe, and the rest wait for what it finds. A gate is closed for
//! one cause at a time; of two closures the one that ends later wins (a shorter one must not cut a long one short).

use super::snapshot::{Clock, Note};
use super::time::Instant;

/// Why a gate is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A per-minute limit (pool, or project where the limit spans models).
    MinuteQuota,
    /// A per-day limit.
    DayQuota,
    /// The tier has no quota at all for this model (`limit: 0`).
    NoQuota,
    /// Credit, balance or spending cap used up (project).
    OutOfCredit,
    /// The project is not allowed: API disabled, suspended (project).
    Denied,
    /// Errors in a row (key).
    Errors,
    /// The credential is dead (key).
    Invalid,
    /// The provider has ended the credential, because it was found in public (key).
    Leaked,
    /// The key is restricted to other uses (key).
    Restricted,
    /// The model lacks capacity at the provider (capacity).
    Overload,
    /// A person has taken it out (key).
    ByHand,
}

impl Cause {
    /// All of them, in the order of declaration.
    pub(crate) const ALL: [Self; Self::ByHand as usize + 1] = [
        Self::MinuteQuota,
        Self::DayQuota,
        Self::NoQuota,
        Self::OutOfCredit,
        Self::Denied,
        Self::Errors,
        Self::Invalid,
        Self::Leaked,
        Self::Restricted,
        Self::Overload,
        Self::ByHand,
    ];

    /// What snapshots call it: never anything else.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::MinuteQuota => "minute-quota",
            Self::DayQuota => "day-quota",
            Self::NoQuota => "no-quota",
            Self::OutOfCredit => "out-of-credit",
            Self::Denied => "denied",
            Self::Errors => "errors",
            Self::Invalid => "invalid",
            Self::Restricted => "restricted",
            Self::Overload => "overload",
            Self::Leaked => "leaked",
            Self::ByHand => "by-hand",
        }
    }

    /// What people are told, in a few words.
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::MinuteQuota => "per-minute quota used up",
            Self::DayQuota => "daily quota used up",
            Self::NoQuota => "no quota for this model (limit 0)",
            Self::OutOfCredit => "out of credit",
            Self::Denied => "project not allowed",
            Self::Errors => "errors in a row",
            Self::Invalid => "key not valid",
            Self::Leaked => "key reported as leaked",
            Self::Restricted => "key restricted",
            Self::Overload => "model overloaded",
            Self::ByHand => "taken out by hand",
        }
    }
}

/// What a gate says to somebody who may not pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shut {
    pub(crate) cause: Cause,
    pub(crate) until: Until,
}

/// When a shut gate may let somebody pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Until {
    /// When the probe that is under way comes back.
    Probe,
    /// At this instant.
    At(Instant),
    /// Not by itself.
    Never,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Gate {
    #[default]
    Open,
    /// `until: None` means not by itself.
    Closed { cause: Cause, until: Option<Instant> },
    /// Half open, with the one probe under way.
    Probing { cause: Cause },
}

/// How a call got through a gate. Whoever passed as a probe must tell the gate what came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pass {
    Free,
    Probe,
}

/// What a probe found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finding {
    /// What was closed works again.
    Sound,
    /// The probe failed for another reason, or never got there: somebody else may probe.
    Nothing,
}

impl Gate {
    pub(crate) fn check(&self, now: Instant) -> Result<Pass, Shut> {
        match *self {
            Self::Open => Ok(Pass::Free),
            Self::Closed { until: Some(at), .. } if at <= now => Ok(Pass::Probe),
            Self::Closed { cause, until: Some(at) } => Err(Shut { cause, until: Until::At(at) }),
            Self::Closed { cause, until: None } => Err(Shut { cause, until: Until::Never }),
            Self::Probing { cause } => Err(Shut { cause, until: Until::Probe }),
        }
    }

    /// A call passes: a half-open gate lets nobody else through until `conclude`.
    pub(crate) fn enter(&mut self, now: Instant) {
        if let Self::Closed { cause, until: Some(at) } = *self
            && at <= now
        {
            *self = Self::Probing { cause };
        }
    }

    /// Closes, or stays closed for longer. Returns whether it was open before.
    pub(crate) fn close(&mut self, cause: Cause, until: Option<Instant>) -> bool {
        if let Self::Closed { until: present, .. } = *self {
            let longer = match (present, until) {
                (None, _) => false,
                (Some(_), None) => true,
                (Some(present), Some(new)) => new > present,
            };
            if longer {
                *self = Self::Closed { cause, until };
            }
            return false;
        }
        let was_open = *self == Self::Open;
        *self = Self::Closed { cause, until };
        was_open
    }

    /// Whether it is closed at this instant: neither open nor half open.
    pub(crate) fn is_closed(&self, now: Instant) -> bool {
        matches!(self.check(now), Err(Shut { until: Until::At(_) | Until::Never, .. }))
    }

    /// What the probe found. Returns whether the gate has opened by it. A gate that was closed anew meanwhile (by the
    /// probe's own refusal) is left alone.
    pub(crate) fn conclude(&mut self, now: Instant, finding: Finding) -> bool {
        let Self::Probing { cause } = *self else { return false };
        *self = match finding {
            Finding::Sound => Self::Open,
            Finding::Nothing => Self::Closed { cause, until: Some(now) },
        };
        *self == Self::Open
    }

    pub(crate) fn open(&mut self) {
        *self = Self::Open;
    }

    pub(crate) fn cause(&self) -> Option<Cause> {
        match *self {
            Self::Open => None,
            Self::Closed { cause, .. } | Self::Probing { cause } => Some(cause),
        }
    }

    /// For a snapshot. What a probe under way finds out will be told to nobody: another may probe.
    pub(crate) fn recorded(&self, clock: &Clock) -> Note {
        let (cause, until) = match *self {
            Self::Open => return Note::Nothing,
            Self::Closed { cause, until } => (cause, until.map(|at| clock.wall(at))),
            Self::Probing { cause } => (cause, Some(clock.now.wall.0)),
        };
        Note::of([(cause as u32).into(), until.into()])
    }

    /// From a snapshot.
    pub(crate) fn restore(&mut self, clock: &Clock, shut: &Note) {
        let [cause, until] = shut.parts();
        if *shut != Note::Nothing {
            self.close(cause.word(&Cause::ALL), until.maybe().map(|wall| clock.instant(wall)));
        }
    }

    /// When it may be passed again, where it is closed and that is known.
    pub(crate) fn reopens_at(&self) -> Option<Instant> {
        match *self {
            Self::Closed { until, .. } => until,
            Self::Open | Self::Probing { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_open_lets_exactly_one_through() {
        let mut gate = Gate::default();
        assert!(gate.close(Cause::Errors, Some(Instant(100))));
        assert_eq!(gate.check(Instant(99)).unwrap_err().until, Until::At(Instant(100)));
        assert_eq!(gate.check(Instant(100)), Ok(Pass::Probe));
        gate.enter(Instant(100));
        assert_eq!(gate.check(Instant(101)).unwrap_err().until, Until::Probe);
        assert!(gate.conclude(Instant(102), Finding::Sound));
        assert_eq!(gate.check(Instant(102)), Ok(Pass::Free));
    }

    #[test]
    fn a_probe_that_found_nothing_leaves_the_place_to_the_next() {
        let mut gate = Gate::default();
        gate.close(Cause::DayQuota, Some(Instant(10)));
        gate.enter(Instant(10));
        assert!(!gate.conclude(Instant(20), Finding::Nothing));
        assert_eq!(gate.check(Instant(20)), Ok(Pass::Probe));
    }

    #[test]
    fn the_later_end_wins_and_never_is_latest() {
        let mut gate = Gate::default();
        gate.close(Cause::DayQuota, Some(Instant(1000)));
        assert!(!gate.close(Cause::MinuteQuota, Some(Instant(60))));
        assert_eq!(gate.check(Instant(0)), Err(Shut { cause: Cause::DayQuota, until: Until::At(Instant(1000)) }));
        gate.close(Cause::NoQuota, None);
        gate.close(Cause::DayQuota, Some(Instant(2000)));
        assert_eq!(gate.check(Instant(5000)).unwrap_err().until, Until::Never);
    }

    #[test]
    fn a_refused_probe_closes_anew_and_its_conclusion_changes_nothing() {
        let mut gate = Gate::default();
        gate.close(Cause::MinuteQuota, Some(Instant(10)));
        gate.enter(Instant(10));
        gate.close(Cause::MinuteQuota, Some(Instant(70)));
        assert!(!gate.conclude(Instant(11), Finding::Sound));
        assert_eq!(gate.check(Instant(12)).unwrap_err().until, Until::At(Instant(70)));
    }
}
