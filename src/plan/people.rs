//! People: who asks, and when. All of it is drawn before the first call, except for those who wait for answers first.

use super::rng::Rng;
use super::scenario::{Pace, Scenario, Spread};
use crate::engine::{Instant, Millis};

/// Everybody who asks.
#[derive(Debug)]
pub(crate) struct Crowd {
    ends: Instant,
    rng: Rng,
    weights: Vec<u32>,
}

/// Who asks, and what an answer leads to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asker {
    /// The number of the person, from 0; the greedy come after all others.
    pub(crate) person: u32,
    /// The pause after which this person asks again, if the answer is what is waited for.
    pause: Option<Spread>,
}

impl Asker {
    /// Whether more calls will follow this one, nobody knows how many.
    pub(crate) const fn asks_again(&self) -> bool {
        self.pause.is_some()
    }
}

impl Crowd {
    /// Everybody, and what they will ask in any case.
    pub(crate) fn of(scenario: &Scenario) -> (Self, Vec<(Instant, Asker)>) {
        let mut rng = Rng::stream(scenario.seed, 1);
        let people = scenario.people.get();
        let span = scenario.span.0.max(1);
        let once = |person: u64| Asker { person: (person % u64::from(people)) as u32, pause: None };
        let mut asks = Vec::new();
        match &scenario.pace {
            Pace::Open { gap } => {
                let calls = u64::from(people).saturating_mul(scenario.span.0) / gap.0.max(1);
                asks.extend((0..calls).map(|call| (Instant(rng.below(span)), once(call))));
            }
            Pace::Loop { pause: mean } => {
                let spread = Spread::new(Millis(mean.0 / 2), *mean + Millis(mean.0 / 2));
                // They don't all think of their first question at once.
                let first = mean.0.min(span) + 1;
                let all = (0..people).map(|person| Asker { person, pause: Some(spread) });
                asks.extend(all.map(|asker| (Instant(rng.below(first)), asker)));
            }
            Pace::Trace(instants) => {
                let all = instants.iter().filter(|at| **at <= scenario.span).enumerate();
                asks.extend(all.map(|(call, at)| (Instant(at.0), once(call as u64))));
            }
        }
        for burst in &scenario.bursts {
            let first = rng.below(u64::from(people));
            let within = burst.within.0 + 1;
            let all = (0..burst.people).map(|one| once(first + u64::from(one)));
            asks.extend(all.map(|asker| (Instant(burst.at.0 + rng.below(within)), asker)));
        }
        if let Some(greedy) = scenario.greedy {
            let each = (0..greedy.people.get()).flat_map(|one| (0..greedy.parallel.get()).map(move |_| one));
            let at_once = Some(Spread::always(Millis::ZERO));
            asks.extend(each.map(|one| (Instant(0), Asker { person: people.saturating_add(one), pause: at_once })));
        }
        let weights = scenario.models.iter().map(|model| model.weight.get()).collect();
        (Self { ends: Instant(scenario.span.0), rng, weights }, asks)
    }

    /// When somebody whose call has just ended asks again, if at all.
    pub(crate) fn again(&mut self, now: Instant, asker: Asker, served: bool) -> Option<Instant> {
        // Not in the same millisecond: where nothing takes any time, the clock would stand still.
        let pause = self.rng.within(asker.pause?).max(Millis(1));
        let pause = if served { pause } else { pause.max(AFTER_FAILURE) };
        Some(now + pause).filter(|at| *at < self.ends)
    }

    /// Which model a call asks for.
    pub(crate) fn model(&mut self) -> usize {
        if self.weights.len() < 2 {
            return 0;
        }
        let all: u64 = self.weights.iter().map(|weight| u64::from(*weight)).sum();
        let mut drawn = self.rng.below(all);
        self.weights
            .iter()
            .position(|weight| {
                let hit = drawn < u64::from(*weight);
                drawn = drawn.saturating_sub(u64::from(*weight));
                hit
            })
            .unwrap_or(0)
    }
}

/// Nobody presses the button again sooner after an error: it has to be read.
const AFTER_FAILURE: Millis = Millis::from_secs(5);
