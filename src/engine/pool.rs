//! A pool: the quota of one provider, project and model. It hands out permits, and without a permit nothing is sent.
//!
//! What is learned from answers is in `learning`.

use core::mem;
use core::num::NonZeroU64;
use std::collections::VecDeque;

use super::day::Day;
use super::gate::{Finding, Gate, Pass};
use super::habits::{Counting, Habits, Unserved};
use super::learned::{Drift, Learned};
use super::limits::Limits;
use super::permit::{Bet, Contest, Permit, Receipt, Signs};
use super::provider::Provider;
use super::terms::{Demand, Leave, Level, Refusal};
use super::time::{Instant, Millis, Now, UnixMillis};
use super::units::{ModelId, PoolId, ProjectId, Tokens};
use super::verdict::{Metric, Span};
use super::window::{Frame, Use, Window};

#[derive(Debug)]
pub(crate) struct Pool {
    pub(crate) id: PoolId,
    pub(crate) provider: Provider,
    pub(crate) project: ProjectId,
    pub(crate) model: ModelId,
    /// The limits in force: what is declared, a preset's, or learned.
    pub(crate) limits: Limits,
    pub(super) declared: Limits,
    pub(super) preset: Limits,
    pub(super) learned: Learned,
    pub(crate) gate: Gate,
    /// A request of its own was answered at some time, whatever the answer.
    pub(super) answered: bool,
    /// Refusals in a row, over all calls.
    pub(crate) refusals: u32,
    pub(super) minute: Window,
    /// What refused and lost requests would use if the provider counts them, while that is not known.
    pub(super) ghosts: [Window; 2],
    pub(super) day: Day,
    pub(super) in_flight: u64,
    /// Served, and their bodies still coming: they count among the requests under way.
    pub(crate) streams: u64,
    /// It turned out to be another pool under another name, which goes on for both.
    pub(super) moved: Option<PoolId>,
    /// Where its own minute begins, if not where its provider's does.
    pub(super) boundary: Option<Instant>,
    /// A call of its own has shown that its minute is fixed there.
    pub(super) proved: bool,
    /// A call is under way that bets on this pool.
    pub(super) betting: bool,
    /// When the next send may go if they are spread evenly.
    pub(super) paced: Instant,
    /// The last sends, as many as may go in a burst.
    pub(super) burst: VecDeque<Instant>,
    /// When places were last seen to have just become ours again, and how many.
    pub(super) freed: (Instant, u64),
    warned: Warned,
}

/// Which limits have been warned about in their present window: each crossing is told once. Of each threshold, until when it
/// is known.
#[derive(Debug, Default)]
struct Warned {
    until: Vec<[UnixMillis; 4]>,
}

impl Pool {
    pub(crate) fn new(
        id: PoolId,
        (provider, project, model): (Provider, ProjectId, ModelId),
        (declared, preset): (Limits, Limits),
        now: Now,
    ) -> Self {
        Self {
            id,
            provider,
            project,
            model,
            limits: Learned::default().in_force(declared, preset),
            declared,
            preset,
            learned: Learned::default(),
            gate: Gate::default(),
            answered: false,
            refusals: 0,
            minute: Window::default(),
            ghosts: [Window::default(), Window::default()],
            day: Day::new(provider, now),
            in_flight: 0,
            streams: 0,
            moved: None,
            boundary: None,
            proved: false,
            betting: false,
            paced: Instant::default(),
            burst: VecDeque::new(),
            freed: (Instant::default(), 0),
            warned: Warned::default(),
        }
    }

    /// How its minute runs, as far as is known.
    pub(crate) fn frame(&self, habits: &Habits) -> Frame {
        match habits.frame() {
            Frame::Fixed { boundary, span } => Frame::Fixed { boundary: self.boundary.unwrap_or(boundary), span },
            rolling @ Frame::Rolling(_) => rolling,
        }
    }

    /// Other limits are declared from now on.
    pub(crate) fn declare(&mut self, declared: Limits, preset: Limits) {
        (self.declared, self.preset) = (declared, preset);
        self.limits = self.learned.in_force(declared, preset);
    }

    /// Whether a request of this size may ever go.
    pub(crate) fn fits(&self, demand: Demand) -> Result<(), Refusal> {
        demand.within(&self.limits).map(|_| ())
    }

    /// A permit whatever the gate and the limits say, counted like any other: for a test of one key.
    pub(crate) fn admit_anyway(&mut self, now: Now, habits: &mut Habits) -> Permit {
        self.day.turn(now);
        let pass = self.gate.check(now.mono).unwrap_or(Pass::Free);
        self.reserve(now, habits, plain(pass, Tokens(1), Bet::None))
    }

    /// Takes the permit that `check` has just allowed.
    pub(crate) fn reserve(&mut self, now: Now, habits: &mut Habits, leave: Leave) -> Permit {
        self.gate.enter(now.mono);
        match leave.bet {
            Bet::None => {}
            Bet::FixedMinute | Bet::Above | Bet::NewDay => self.betting = true,
            Bet::Early => habits.tries(),
        }
        let used = Use::one(leave.tokens.0);
        // Until it is answered, from its send on: a promise may be early by the allowance, never late.
        let counted = now.mono;
        self.minute.add(counted, self.frame(habits), used);
        self.day.add(counted, used);
        self.in_flight += 1;
        self.pace(now.mono, self.frame(habits).span(), leave.tokens);
        Permit {
            pool: self.id,
            pass: leave.pass,
            sent: now.mono,
            counted,
            day: self.day.marker(),
            reserved: leave.tokens,
            bet: leave.bet,
            signs: leave.signs,
        }
    }

    /// The provider counted the request, somewhere between its send and its answer.
    pub(crate) fn settle(&mut self, now: Instant, habits: &Habits, permit: Permit) -> Receipt {
        self.in_flight -= 1;
        let frame = self.frame(habits);
        let counted = habits.counted_at(permit.sent, now);
        let taken = self.minute.take_back(permit.counted, frame, Use::one(permit.reserved.0));
        self.minute.add_sent(permit.sent, counted, frame, taken);
        let receipt = Receipt { pool: self.id, counted, day: permit.day, reserved: permit.reserved };
        mem::forget(permit);
        receipt
    }

    /// The provider did not serve the request, and may or may not have counted it.
    pub(crate) fn unserved(&mut self, now: Instant, habits: &Habits, permit: Permit, how: Unserved) {
        if habits.counting(how) == Counting::Counts {
            self.settle(now, habits, permit);
            return;
        }
        let frame = self.frame(habits);
        if habits.counting(how) == Counting::Unknown {
            self.ghosts[how as usize].add(habits.counted_at(permit.sent, now), frame, Use::one(permit.reserved.0));
        }
        self.in_flight -= 1;
        self.minute.take_back(permit.counted, frame, Use::one(permit.reserved.0));
        // Nor was it a turn of those that are spread.
        self.paced = Instant(self.paced.0.saturating_sub(self.step(frame.span(), permit.reserved).0));
        // Of the day it stays a part until one call has shown otherwise: users report that refused calls ate theirs.
        self.day.unserved(permit.day);
        mem::forget(permit);
    }

    /// The request was never sent, or never counted: everything is as if it had not been.
    pub(crate) fn release(&mut self, habits: &Habits, permit: Permit) {
        self.in_flight -= 1;
        let used = Use::one(permit.reserved.0);
        self.minute.take_back(permit.counted, self.frame(habits), used);
        self.day.take_back(permit.day, permit.counted, used);
        self.paced = Instant(self.paced.0.saturating_sub(self.step(self.frame(habits).span(), permit.reserved).0));
        if let Some(at) = self.burst.iter().rposition(|sent| *sent == permit.sent) {
            self.burst.remove(at);
        }
        mem::forget(permit);
    }

    /// An answer has told how many tokens a request has used in truth.
    pub(crate) fn correct(&mut self, habits: &Habits, receipt: Receipt, used: Tokens) {
        let (frame, only) = (self.frame(habits), |tokens| Use { requests: 0, tokens });
        if used < receipt.reserved {
            let over = only(receipt.reserved.0 - used.0);
            self.minute.take_back(receipt.counted, frame, over);
            self.day.take_back(receipt.day, receipt.counted, over);
        } else {
            let more = only(used.0 - receipt.reserved.0);
            self.minute.add(receipt.counted, frame, more);
            self.day.add(receipt.counted, more);
        }
    }

    /// The other pool is this one under another name: what it has used counts here from now on.
    pub(crate) fn absorb(&mut self, other: &mut Self, habits: &Habits) {
        let frame = self.frame(habits);
        self.minute.absorb(&mut other.minute, frame);
        for (ghosts, its) in self.ghosts.iter_mut().zip(&mut other.ghosts) {
            ghosts.absorb(its, frame);
        }
        self.day.absorb(&mut other.day);
        self.in_flight += mem::take(&mut other.in_flight);
        self.streams += mem::take(&mut other.streams);
        self.betting |= other.betting;
        self.answered |= other.answered;
        if let Gate::Closed { cause, until } = other.gate {
            self.gate.close(cause, until);
        }
        other.moved = Some(self.id);
    }

    /// Ends a probe of this pool's gate; see `Gate::conclude`.
    pub(crate) fn conclude(&mut self, now: Instant, pass: Pass, finding: Finding) -> bool {
        pass == Pass::Probe && self.gate.conclude(now, finding)
    }

    /// Forgets what is held against it. What was used stays used.
    pub(crate) fn reset(&mut self) {
        self.gate.open();
        self.refusals = 0;
        self.learned.ceiling = None;
    }

    /// When a refused minute should be over, if the server gave no hint: the end of the window that we have observed.
    pub(crate) fn observed_window_ends(&mut self, now: Instant, habits: &Habits) -> Option<Instant> {
        self.minute.used(now, self.frame(habits));
        self.minute.oldest_leaves(self.frame(habits))
    }

    /// What is used of the minute and of the day.
    pub(crate) fn used(&mut self, now: Now, habits: &Habits) -> (Use, Use) {
        self.day.turn(now);
        (self.minute.used(now.mono, self.frame(habits)), self.day.used(habits.midnight))
    }

    /// When the minute's use begins to leave, and when the day ends.
    pub(crate) fn resets(&mut self, now: Now, habits: &Habits) -> (Instant, UnixMillis) {
        self.day.turn(now);
        (self.minute.oldest_leaves(self.frame(habits)).unwrap_or(now.mono), self.day.ends(now, habits.midnight))
    }

    /// How many requests a minute can be had, as far as is known.
    pub(crate) fn requests_a_minute(&self) -> Option<u64> {
        let ceiling = self.learned.ceiling.map(|ceiling| ceiling.at_most);
        self.limits.rpm.map(NonZeroU64::get).into_iter().chain(ceiling).min()
    }

    /// Whether some limit in force was learned.
    pub(crate) fn has_learned(&self) -> bool {
        self.learned.is_in(self.limits, self.declared)
    }

    /// What its minute holds and when that leaves, oldest first.
    pub(crate) fn departures(&self, habits: &Habits) -> impl Iterator<Item = (Instant, u64)> {
        self.minute.slices(self.frame(habits)).map(|(leaves, used)| (leaves, used.requests))
    }

    /// The share of the tightest known limit that is left, in thousandths; `None` where no limit is known.
    pub(crate) fn headroom(&mut self, now: Now, habits: &Habits) -> Option<u64> {
        let left = |used: u64, limit: u64| limit.saturating_sub(used).saturating_mul(1000) / limit.max(1);
        self.levels(now, habits).into_iter().flatten().map(|level| left(level.used, level.limit)).min()
    }

    /// Declared limits that answers contradict.
    pub(crate) fn drifts(&self) -> Vec<Drift> {
        self.learned.drifts(self.declared)
    }

    /// A limit that has just crossed one of `thresholds` (thousandths, the lowest first), and which; each told once a window.
    pub(crate) fn pressing(&mut self, now: Now, habits: &Habits, thresholds: &[u64]) -> Option<(Level, u64)> {
        let Self { limits: Limits { rpm, tpm, rpd, tpd, .. }, .. } = *self;
        if rpm.or(tpm).or(rpd).or(tpd).is_none() && self.learned.ceiling.is_none() {
            return None;
        }
        let (levels, frame) = (self.levels(now, habits), self.frame(habits));
        self.warned.until.resize(thresholds.len(), [UnixMillis::default(); 4]);
        let above =
            |level: &Level, threshold: u64| level.used.saturating_mul(1000) >= level.limit.saturating_mul(threshold);
        for (n, level) in levels.iter().enumerate() {
            let Some(level) = level else { continue };
            let crossed = thresholds.iter().copied().take_while(|threshold| above(level, *threshold));
            for (known, threshold) in self.warned.until.iter_mut().zip(crossed) {
                if known[n] <= now.wall {
                    known[n] = match n {
                        0 | 1 => now.wall + frame.span(),
                        _ => self.day.ends(now, habits.midnight),
                    };
                    return Some((*level, threshold));
                }
            }
        }
        None
    }

    fn levels(&mut self, now: Now, habits: &Habits) -> [Option<Level>; 4] {
        let (minute, day) = self.used(now, habits);
        let level = |limit: Option<u64>, used, metric, span| limit.map(|limit| Level { metric, span, used, limit });
        let value = |limit: Option<NonZeroU64>| limit.map(NonZeroU64::get);
        let Limits { tpm, rpd, tpd, .. } = self.limits;
        [
            level(self.requests_a_minute(), minute.requests, Metric::Requests, Span::Minute),
            level(value(tpm), minute.tokens, Metric::Tokens, Span::Minute),
            level(value(rpd), day.requests, Metric::Requests, Span::Day),
            level(value(tpd), day.tokens, Metric::Tokens, Span::Day),
        ]
    }

    /// The next send, if sends are spread: a minute's share later, of requests or of tokens.
    fn pace(&mut self, now: Instant, span: Millis, tokens: Tokens) {
        self.paced = self.paced.max(now) + self.step(span, tokens);
        if let Some(burst) = self.limits.burst {
            self.burst.push_back(now);
            while self.burst.len() as u64 > burst.get() {
                self.burst.pop_front();
            }
        }
    }

    pub(super) fn step(&self, span: Millis, tokens: Tokens) -> Millis {
        let by_requests = self.requests_a_minute().map_or(0, |rpm| span.0 / rpm.max(1));
        let by_tokens = self.limits.tpm.map_or(0, |tpm| span.0.saturating_mul(tokens.0) / tpm.get());
        Millis(by_requests.max(by_tokens))
    }
}

const NO_SIGNS: Signs = Signs { tight: false, beyond_rolling: false, contest: Contest::None };

/// A leave of which nothing is to be learned besides its bet.
pub(super) const fn plain(pass: Pass, tokens: Tokens, bet: Bet) -> Leave {
    Leave { pass, tokens, bet, signs: NO_SIGNS, shadowed: false }
}
