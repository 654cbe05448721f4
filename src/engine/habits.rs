//! Habits: what a provider has been seen to do, for all of its projects alike.
//!
//! Nobody documents these, they differ, and they decide between a quota used up quietly and one lost or hammered at: how
//! the minute runs, whether refused requests count, and how much later than its send a request is counted. All of it is
//! learned from answers, and dropped when an answer contradicts it.

use super::day::Midnight;
use super::provider::Provider;
use super::time::{Instant, Millis};
use super::window::Frame;

/// What the user says about the provider's minute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Minute {
    /// Taken to roll until answers show that it is fixed: from refusals, and from two deliberate probes at the most.
    #[default]
    Auto,
    /// It rolls, whatever answers look like. No request is ever sent above a limit to find out.
    Rolling,
}

/// What is known of how the minute runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Run {
    /// Nothing yet: taken to roll, which is right for fixed minutes too, and loses a quarter of them.
    Unknown,
    /// An answer fitted a rolling minute and no other, or fixed was disproved.
    Rolls,
    /// It is fixed, and begins at this instant and every span from it. Until a request that only a fixed minute
    /// would have served was served, one call at a time bets on it.
    Fixed { boundary: Instant, proved: bool },
}

/// Whether the provider counts requests that it did not serve.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Counting {
    /// Taken not to, until an answer tells.
    #[default]
    Unknown,
    Free,
    Counts,
}

/// Requests that were not served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unserved {
    /// Refused for quota.
    Refused,
    /// The connection broke: it may or may not have arrived.
    Lost,
}

#[derive(Debug)]
pub(crate) struct Habits {
    pub(crate) provider: Provider,
    run: Run,
    span: Millis,
    /// Probes of how the minute runs that were sent so far.
    probes: u32,
    /// A call is under way whose answer tells how the minute runs.
    pub(crate) betting: bool,
    counting: [Counting; 2],
    /// Which midnight ends the day, once an answer has told.
    pub(crate) midnight: Option<Midnight>,
    allowance: Millis,
    /// When the allowance last changed: a burst is one experience.
    judged: Option<Instant>,
}

impl Habits {
    pub(crate) fn new(provider: Provider, span: Millis) -> Self {
        Self {
            provider,
            run: Run::Unknown,
            span,
            probes: 0,
            betting: false,
            counting: [Counting::Unknown; 2],
            midnight: None,
            allowance: FIRST_ALLOWANCE,
            judged: None,
        }
    }

    pub(crate) fn frame(&self) -> Frame {
        match self.run {
            Run::Unknown | Run::Rolls => Frame::Rolling(self.span),
            Run::Fixed { boundary, .. } => Frame::Fixed { boundary, span: self.span },
        }
    }

    /// Whether the minute is thought to be fixed, and no call has shown it yet.
    pub(crate) fn is_unproved(&self) -> bool {
        matches!(self.run, Run::Fixed { proved: false, .. })
    }

    /// Whether one call above a limit may be spent on finding out how the minute runs. Groq's, `OpenAI`'s and
    /// Anthropic's documents say that theirs refill evenly: nothing to find out.
    pub(crate) fn is_curious(&self) -> bool {
        let open = matches!(self.provider, Provider::Gemini | Provider::Compatible);
        open && self.run == Run::Unknown && !self.betting && self.probes < MOST_PROBES
    }

    pub(crate) fn probed(&mut self) {
        self.probes += 1;
        self.betting = true;
    }

    /// How much later than its send a request is counted at the most: `min` of this and its own round trip. A place is
    /// ours again a span after that. The first burst opens connections, the next goes faster: released a minute after
    /// their sends, its places would be early by the difference.
    pub(crate) fn counted_at(&self, sent: Instant, now: Instant) -> Instant {
        now.min(sent + self.allowance)
    }

    pub(crate) fn allowance(&self) -> Millis {
        self.allowance
    }

    /// A request that took a place as soon as it was ours again was served.
    pub(crate) fn was_in_time(&mut self, now: Instant) {
        if self.judged.is_none_or(|last| now - last >= self.span) {
            self.judged = Some(now);
            self.allowance = Millis(self.allowance.0 / 2).max(LEAST_ALLOWANCE);
        }
    }

    /// A request came this much too early, by the server's own words or by what we know.
    pub(crate) fn was_early(&mut self, now: Instant, by: Millis) {
        // The calls of one burst are early together: that is one experience.
        let again = self.judged.replace(now).is_some_and(|last| now - last < TOLERANCE);
        let doubled = if again { self.allowance } else { self.allowance.times(2) };
        self.allowance = doubled.max(by + LEAST_ALLOWANCE).min(MOST_ALLOWANCE);
    }

    pub(crate) fn counting(&self, of: Unserved) -> Counting {
        self.counting[of as usize]
    }

    /// An answer has told. Returns whether that is news.
    pub(crate) fn learn_counting(&mut self, of: Unserved, counting: Counting) -> bool {
        core::mem::replace(&mut self.counting[of as usize], counting) != counting
    }

    /// A full pool was refused with this hint, and a rolling minute would have said `rolling`. Returns whether what is
    /// thought of the minute has changed by it.
    pub(crate) fn heard(&mut self, minute: Minute, now: Instant, hint: Millis, rolling: Millis) -> bool {
        let like_rolling = hint.0.abs_diff(rolling.0) <= TOLERANCE.0;
        match self.run {
            _ if minute == Minute::Rolling => false,
            Run::Unknown if like_rolling => {
                self.run = Run::Rolls;
                false
            }
            Run::Unknown if hint < rolling && matches!(self.provider, Provider::Gemini | Provider::Compatible) => {
                // Counted from the answer: the server has worked the hint out a little earlier.
                self.run = Run::Fixed { boundary: now + hint, proved: false };
                true
            }
            // The better figure of two: an early boundary costs refusals, a late one time.
            Run::Fixed { boundary, proved } => {
                let heard = now + hint;
                let span = self.span.0.max(1);
                let off = (heard.0 % span + span - boundary.0 % span) % span;
                let near = off <= TOLERANCE.0 || span - off <= TOLERANCE.0;
                if off <= TOLERANCE.0 {
                    self.run = Run::Fixed { boundary: heard, proved };
                }
                !near && self.roll()
            }
            Run::Unknown | Run::Rolls => false,
        }
    }

    /// A request was served that a rolling minute would have refused: the minute is fixed, and has begun before it.
    pub(crate) fn served_above(&mut self, minute: Minute, sent: Instant) -> bool {
        match self.run {
            Run::Fixed { proved: false, boundary } => {
                self.run = Run::Fixed { boundary, proved: true };
                true
            }
            Run::Unknown if minute == Minute::Auto => {
                self.run = Run::Fixed { boundary: sent, proved: false };
                true
            }
            Run::Unknown | Run::Rolls | Run::Fixed { .. } => false,
        }
    }

    /// A request was refused that a fixed minute would have served: it rolls after all. Returns whether that is news.
    pub(crate) fn roll(&mut self) -> bool {
        let was_fixed = matches!(self.run, Run::Fixed { .. });
        self.run = Run::Rolls;
        was_fixed
    }

    /// In a word, for people.
    pub(crate) fn minute_name(&self) -> &'static str {
        match self.run {
            Run::Unknown => "unknown",
            Run::Rolls => "rolling",
            Run::Fixed { .. } => "fixed",
        }
    }
}

/// By hand, the best limiters needed half a second of margin to draw no refusal in a burst of 120 new connections.
const FIRST_ALLOWANCE: Millis = Millis(500);
/// On warm connections travel times differ by less; timers and event loops are off by some milliseconds themselves.
const LEAST_ALLOWANCE: Millis = Millis(25);
/// What takes longer is the model at work, not the request on its way.
const MOST_ALLOWANCE: Millis = Millis::from_secs(2);
/// Hints are cut to seconds, and travel takes time: closer than this is the same instant.
const TOLERANCE: Millis = Millis(1_500);
const MOST_PROBES: u32 = 2;
