//! What was learned of a pool's limits, and how sure of it we are.
//!
//! A provider that states a limit is believed. Where it states none, or serves less than it states (somebody else uses
//! the quota, or keys that look apart share it), what it had served when it refused is the ceiling; ceilings are tried
//! again with one call, ever more rarely while that fails.

use core::num::NonZeroU64;

use super::limits::Limits;
use super::snapshot::{Clock, Note};
use super::time::{Instant, Millis};
use super::verdict::{Metric, Span};

/// How a limit became known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A refusal stated it.
    Refusal,
    /// The headers of an answer stated it.
    Headers,
    /// It refused after having served so many.
    Observed,
    /// Another project's pool of the same model has it.
    Neighbour,
}

impl Source {
    /// All of them, in the order of declaration.
    pub(crate) const ALL: [Self; Self::Neighbour as usize + 1] =
        [Self::Refusal, Self::Headers, Self::Observed, Self::Neighbour];

    /// What snapshots call it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Refusal => "refusal",
            Self::Headers => "headers",
            Self::Observed => "observed",
            Self::Neighbour => "neighbour",
        }
    }

    /// What people are told, in a few words.
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::Refusal => "a refusal stated it",
            Self::Headers => "response headers stated it",
            Self::Observed => "it refused after so many",
            Self::Neighbour => "another project has it",
        }
    }
}

/// A limit that the provider stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stated {
    limit: NonZeroU64,
    at: Instant,
}

/// How much of a minute's requests can be had, where that is less than stated or nothing is stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ceiling {
    pub(crate) at_most: u64,
    pub(crate) source: Source,
    /// From then on, one call may go above it.
    pub(crate) tried_at: Instant,
    /// How many windows it holds after it was found true.
    hold: u64,
    /// In how many windows it has refused at it or not far from it, and when last.
    findings: u32,
    found_at: Instant,
}

/// A declared limit that answers contradict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Drift {
    pub(crate) metric: Metric,
    pub(crate) span: Span,
    pub(crate) declared: u64,
    /// What the provider states.
    pub(crate) stated: Option<u64>,
    /// After how many it refuses, where it states nothing less.
    pub(crate) found: Option<u64>,
}

impl Drift {
    /// Whether there is less than declared. More may be meant to be left alone.
    pub(crate) fn is_short(&self) -> bool {
        self.stated.is_none_or(|stated| stated < self.declared)
    }
}

#[derive(Debug, Default)]
pub(crate) struct Learned {
    /// Requests and tokens per minute, requests and tokens per day.
    stated: [Option<Stated>; 4],
    pub(crate) ceiling: Option<Ceiling>,
}

impl Learned {
    /// The provider has stated a limit. Returns whether it is another than known.
    pub(crate) fn state(&mut self, now: Instant, metric: Metric, span: Span, limit: NonZeroU64) -> bool {
        let known = &mut self.stated[place(metric, span)];
        let is_news = known.is_none_or(|known| known.limit != limit);
        *known = Some(Stated { limit, at: now });
        if is_news && (metric, span) == (Metric::Requests, Span::Minute) {
            self.ceiling = None;
        }
        is_news
    }

    /// The limits in force: what is declared, unless the provider states less; else what it states, else the preset's.
    /// A declared limit below a stated one is somebody's wish.
    pub(crate) fn in_force(&self, declared: Limits, preset: Limits) -> Limits {
        let stated = |metric, span| self.stated[place(metric, span)].map(|stated| stated.limit);
        let of = |declared: Option<NonZeroU64>, stated: Option<NonZeroU64>, preset: Option<NonZeroU64>| match declared {
            Some(declared) => Some(stated.map_or(declared, |stated| stated.min(declared))),
            None => stated.or(preset),
        };
        Limits {
            rpm: of(declared.rpm, stated(Metric::Requests, Span::Minute), preset.rpm),
            tpm: of(declared.tpm, stated(Metric::Tokens, Span::Minute), preset.tpm),
            rpd: of(declared.rpd, stated(Metric::Requests, Span::Day), preset.rpd),
            tpd: of(declared.tpd, stated(Metric::Tokens, Span::Day), preset.tpd),
            concurrency: declared.concurrency.or(preset.concurrency),
            burst: declared.burst.or(preset.burst),
        }
    }

    /// Whether anything in force was learned rather than declared.
    pub(crate) fn is_in(&self, in_force: Limits, declared: Limits) -> bool {
        self.ceiling.is_some()
            || [
                (in_force.rpm, declared.rpm, 0),
                (in_force.tpm, declared.tpm, 1),
                (in_force.rpd, declared.rpd, 2),
                (in_force.tpd, declared.tpd, 3),
            ]
            .into_iter()
            .any(|(in_force, declared, at)| in_force != declared && self.stated[at].is_some())
    }

    /// The declared limits that answers contradict: by another figure, or by refusing well below, in two windows, since one may
    /// be somebody else's doing.
    #[inline(never)]
    pub(crate) fn drifts(&self, declared: Limits) -> Vec<Drift> {
        let mut drifts = Vec::new();
        for (place, metric, span, declared) in [
            (0, Metric::Requests, Span::Minute, declared.rpm),
            (1, Metric::Tokens, Span::Minute, declared.tpm),
            (2, Metric::Requests, Span::Day, declared.rpd),
            (3, Metric::Tokens, Span::Day, declared.tpd),
        ] {
            let Some(declared) = declared.map(NonZeroU64::get) else { continue };
            let stated = self.stated[place].map(|stated| stated.limit.get()).filter(|stated| *stated != declared);
            let found = self.confirmed().filter(|most| {
                place == 0 && stated.is_none_or(|stated| stated > declared) && most * 5 < declared.saturating_mul(4)
            });
            if stated.is_some() || found.is_some() {
                drifts.push(Drift { metric, span, declared, stated: stated.filter(|_| found.is_none()), found });
            }
        }
        drifts
    }

    /// How many requests a minute it has served before it refused, in more than one.
    fn confirmed(&self) -> Option<u64> {
        let found = self.ceiling.filter(|ceiling| ceiling.source == Source::Observed && ceiling.findings > 1);
        found.map(|ceiling| ceiling.at_most)
    }

    /// Whether the provider has stated a minute's requests, and so long ago that it may be tried whether it still holds.
    pub(crate) fn is_stale(&self, now: Instant) -> bool {
        self.stated[0].is_some_and(|stated| now - stated.at >= STALE)
    }

    /// The stale limit was passed by a call that was served: it holds no more.
    pub(crate) fn outgrown(&mut self, now: Instant, served: u64) {
        self.stated[0] = None;
        self.ceiling = Some(Ceiling {
            at_most: served,
            source: Source::Observed,
            tried_at: now,
            hold: 1,
            findings: 0,
            found_at: now,
        });
    }

    /// What the neighbours have is the first guess, tried as soon as it is reached.
    pub(crate) fn presume(&mut self, now: Instant, limit: u64) {
        if self.ceiling.is_none() && self.stated[0].is_none() {
            let source = Source::Neighbour;
            self.ceiling = Some(Ceiling { at_most: limit, source, tried_at: now, hold: 1, findings: 0, found_at: now });
        }
    }

    /// It refused after having served `served` in its minute. Returns whether the ceiling was higher before.
    pub(crate) fn refused_after(&mut self, now: Instant, served: u64, span: Millis) -> bool {
        let at_most = served.max(1);
        let (lower, hold, (findings, found_at)) = match self.ceiling {
            Some(Ceiling { at_most: known, source: Source::Observed, tried_at, hold, findings, found_at }) => {
                // Refusals of one burst are one finding.
                let again = tried_at > now;
                let is_new = now - found_at >= span || findings == 0;
                let found = if is_new { (findings.saturating_add(1), now) } else { (findings, found_at) };
                (at_most.min(known), if again { hold } else { (hold * 2).min(MOST_HOLD) }, found)
            }
            _ => (at_most, FIRST_HOLD, (1, now)),
        };
        let changed = self.ceiling.is_none_or(|known| known.at_most != lower || known.source != Source::Observed);
        let (source, tried_at) = (Source::Observed, now + span.times(hold));
        self.ceiling = Some(Ceiling { at_most: lower, source, tried_at, hold, findings, found_at });
        changed
    }

    /// A call above the ceiling was served. `limit`: what the provider states, if it does.
    pub(crate) fn rose(&mut self, now: Instant, served: u64, limit: Option<u64>, span: Millis) {
        let Some(ceiling) = &mut self.ceiling else { return };
        if ceiling.source == Source::Neighbour {
            // A guess that was too low: on in strides, since nothing speaks for the next number.
            ceiling.at_most = served.max(ceiling.at_most + ceiling.at_most.div_ceil(4));
            ceiling.tried_at = now;
        } else {
            ceiling.at_most = served.max(ceiling.at_most + 1);
            ceiling.hold = 1;
            ceiling.tried_at = now + span;
        }
        if limit.is_some_and(|limit| ceiling.at_most >= limit) {
            self.ceiling = None;
        }
    }
}

impl Learned {
    /// For a snapshot: what was stated, and the ceiling.
    pub(crate) fn recorded(&self, clock: &Clock) -> [Note; 2] {
        let stated = |known: Option<Stated>| match known {
            None => Note::Nothing,
            Some(Stated { limit, at }) => Note::numbers(&[limit.get(), clock.wall(at)]),
        };
        let ceiling = match self.ceiling {
            None => Note::Nothing,
            Some(Ceiling { at_most, source, tried_at, hold, findings, found_at }) => {
                let found = [u64::from(findings), clock.wall(found_at)];
                Note::numbers(&[at_most, source as u64, clock.wall_from_now(tried_at), hold, found[0], found[1]])
            }
        };
        [Note::of(self.stated.map(stated)), ceiling]
    }

    /// From a snapshot; `still`: of which limits it may be.
    pub(crate) fn restore(&mut self, clock: &Clock, [stated, ceiling]: [&Note; 2], still: [bool; 4]) {
        for (n, note) in stated.list().iter().take(still.len()).enumerate() {
            let [limit, at] = note.parts();
            let at = clock.instant(at.number());
            let is_news = still[n] && self.stated[n].is_none_or(|known| known.at < at);
            if let Some(limit) = NonZeroU64::new(limit.number()).filter(|_| is_news) {
                self.stated[n] = Some(Stated { limit, at });
            }
        }
        // A guess is no more than that: a pool that has just been made begins with one.
        if still[0] && self.ceiling.is_none_or(|own| own.source == Source::Neighbour) {
            let [at_most, source, tried_at, hold, findings, found_at] = ceiling.parts();
            self.ceiling = at_most.maybe().map(|at_most| Ceiling {
                at_most: at_most.max(1),
                source: source.word(&Source::ALL),
                tried_at: clock.instant(tried_at.number()),
                hold: hold.number().clamp(1, MOST_HOLD),
                findings: findings.count(),
                found_at: clock.instant(found_at.number()),
            });
        }
    }
}

const fn place(metric: Metric, span: Span) -> usize {
    match (metric, span) {
        (Metric::Requests, Span::Minute) => 0,
        (Metric::InputTokens | Metric::Tokens, Span::Minute) => 1,
        (Metric::Requests, Span::Day) => 2,
        (Metric::InputTokens | Metric::Tokens, Span::Day) => 3,
    }
}

/// A stated limit is tried again after this long: tiers change, and providers have cut and raised limits unannounced.
const STALE: Millis = Millis::from_hours(1);
/// A ceiling that was found is left alone for two windows, then tried with one call a window while that succeeds.
const FIRST_HOLD: u64 = 2;
const MOST_HOLD: u64 = 16;
