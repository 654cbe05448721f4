//! Habits: what a provider has been seen to do, for all of its projects alike.
//!
//! Nobody documents these, they differ, and they decide between a quota used up quietly and one lost or hammered at: how
//! the minute runs, whether refused requests count, and how much later than its send a request is counted. All of it is
//! learned from answers, and dropped when an answer contradicts it.

use super::day::Midnight;
use super::provider::Provider;
use super::snapshot::{Clock, Note};
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
    /// It is fixed, and begins at this instant and every span from it; `proved` once a request was served that only a
    /// fixed minute would have served.
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

impl Counting {
    /// All of them, in the order of declaration.
    pub(crate) const ALL: [Self; 3] = [Self::Unknown, Self::Free, Self::Counts];

    /// What snapshots call it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Free => "free",
            Self::Counts => "counts",
        }
    }
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
    /// From when on the next may go.
    probes_at: Instant,
    /// Refusals in a row that fit a rolling minute better than the fixed one that is known.
    doubts: u32,
    doubted: Option<Instant>,
    /// When a service first spoke for the fixed minute since the last doubt.
    trusted: Option<Instant>,
    /// A probe is under way.
    pub(crate) betting: bool,
    counting: [Counting; 2],
    /// Which midnight ends the day, once an answer has told.
    pub(crate) midnight: Option<Midnight>,
    allowance: Millis,
    /// An allowance that was too small, by what a server said.
    too_small: Millis,
    /// When the allowance last grew: a burst is one experience.
    grew: Option<Instant>,
    /// A call is under way that tries a smaller allowance, and when the next one may.
    trying: bool,
    tries_at: Instant,
    /// Minutes from a failed try to the next.
    rests: u64,
}

impl Habits {
    pub(crate) fn new(provider: Provider, span: Millis) -> Self {
        Self {
            provider,
            run: Run::Unknown,
            span,
            probes: 0,
            probes_at: Instant(0),
            doubts: 0,
            doubted: None,
            trusted: None,
            betting: false,
            counting: [Counting::Unknown; 2],
            midnight: None,
            allowance: FIRST_ALLOWANCE,
            too_small: Millis::ZERO,
            grew: None,
            trying: false,
            tries_at: Instant(0),
            rests: FIRST_REST,
        }
    }

    pub(crate) fn frame(&self) -> Frame {
        match self.run {
            Run::Unknown | Run::Rolls => Frame::Rolling(self.span),
            Run::Fixed { boundary, .. } => Frame::Fixed { boundary, span: self.span },
        }
    }

    /// How long the minute is.
    pub(crate) fn span(&self) -> Millis {
        self.span
    }

    /// Whether some call has shown that the minute is fixed.
    pub(crate) fn is_proved(&self) -> bool {
        matches!(self.run, Run::Fixed { proved: true, .. })
    }

    /// From when on a call above a limit may be spent on finding out how the minute runs, if at all. Groq's, `OpenAI`'s and
    /// Anthropic's documents say that theirs refill evenly: nothing to find out.
    pub(crate) fn curious_from(&self) -> Option<Instant> {
        let open = matches!(self.provider, Provider::Gemini | Provider::Compatible);
        let asks = open && self.run == Run::Unknown && !self.betting && self.probes < MOST_PROBES;
        asks.then_some(self.probes_at)
    }

    /// The second probe is for those who give no hint: so late in the minute it finds nine of ten boundaries, and who begins
    /// in the last tenth loses nothing by taking the minute to roll.
    pub(crate) fn probed(&mut self, now: Instant) {
        self.probes += 1;
        self.probes_at = now + Millis(self.span.0 / 10 * 9);
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

    /// How long after the send of what it follows a call may try to go, if one may: sooner than the others, to find out
    /// whether they could. One call a minute for all projects, so that a try that fails costs one refusal, not a burst.
    pub(crate) fn try_after(&self, now: Instant) -> Option<Millis> {
        let smaller = if self.too_small == Millis::ZERO { LEAST_ALLOWANCE } else { Millis(self.allowance.0 / 4 * 3) };
        let smaller = smaller.max(self.least());
        (!self.trying && now >= self.tries_at && smaller < self.allowance).then_some(smaller)
    }

    pub(crate) fn tries(&mut self) {
        self.trying = true;
    }

    /// The try is over, and nothing was learned from it.
    pub(crate) fn tried_in_vain(&mut self, now: Instant) {
        if core::mem::take(&mut self.trying) {
            self.tries_at = now + self.span;
        }
    }

    /// It was served: all may go a little sooner. By an eighth of the way only, since one request says little about the
    /// many of a burst: halving it drew a refusal for every seventeenth answer where 120 connections are opened at once.
    pub(crate) fn try_held(&mut self, now: Instant) {
        self.trying = false;
        self.tries_at = now + self.span;
        self.allowance =
            Millis(self.allowance.0 - self.allowance.0.saturating_sub(self.least().0) / 8).max(self.least());
    }

    /// What was too small once is so again, give or take the jitter of travel times.
    fn least(&self) -> Millis {
        Millis(self.too_small.0 / 4) + self.too_small + LEAST_ALLOWANCE
    }

    /// It was refused, so many milliseconds too early.
    pub(crate) fn try_failed(&mut self, now: Instant, tried: Millis, by: Millis) {
        self.trying = false;
        self.tries_at = now + self.span.times(self.rests);
        self.rests = (self.rests * 2).min(LONGEST_REST);
        self.too_small = (tried + by).min(MOST_ALLOWANCE);
        self.allowance = self.allowance.max(self.least());
    }

    /// A request that went when the allowance said so came this much too early.
    pub(crate) fn was_early(&mut self, now: Instant, by: Millis) {
        // The calls of one burst are early together: that is one experience.
        let again = self.grew.replace(now).is_some_and(|last| now - last < TOLERANCE);
        if !again {
            self.too_small = (self.allowance + by).min(MOST_ALLOWANCE);
            self.allowance = self.allowance.times(2).max(self.least()).min(MOST_ALLOWANCE);
            self.tries_at = now + self.span.times(self.rests);
        }
    }

    pub(crate) fn counting(&self, of: Unserved) -> Counting {
        self.counting[of as usize]
    }

    /// An answer has told. Returns whether that is news.
    pub(crate) fn learn_counting(&mut self, of: Unserved, counting: Counting) -> bool {
        core::mem::replace(&mut self.counting[of as usize], counting) != counting
    }

    /// A full pool was refused with this hint, and a rolling minute would have said something from `rolling.0` to
    /// `rolling.1`. Returns whether what is thought of the minute has changed by it.
    pub(crate) fn heard(&mut self, minute: Minute, now: Instant, hint: Millis, rolling: (Millis, Millis)) -> bool {
        let (least, most) = (rolling.0.0.saturating_sub(TOLERANCE.0), rolling.1.0 + TOLERANCE.0);
        let like_rolling = (least..=most).contains(&hint.0);
        match self.run {
            _ if minute == Minute::Rolling => false,
            Run::Unknown if like_rolling => {
                self.run = Run::Rolls;
                false
            }
            Run::Unknown
                if hint.0 + AT_LATEST.0 < rolling.0.0
                    && matches!(self.provider, Provider::Gemini | Provider::Compatible) =>
            {
                // Counted from the answer: the server has worked the hint out a little earlier.
                self.run = Run::Fixed { boundary: now + hint, proved: false };
                true
            }
            Run::Unknown | Run::Rolls | Run::Fixed { .. } => false,
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

    /// A refusal fits a rolling minute as well as the fixed one that is known, or better. Once a call has shown that the
    /// minute is fixed, one minute's may be somebody else's doing: two in a row, without a service that only a fixed minute
    /// explains, are not. Returns whether it is thought to roll from now on.
    pub(crate) fn doubt(&mut self, now: Instant) -> bool {
        // The calls of one burst are refused together: that is one doubt.
        let again = self.doubted.replace(now).is_some_and(|last| now - last <= TOLERANCE);
        if self.trusted.take().is_some_and(|at| now - at > BURST) {
            self.doubts = 0;
        }
        self.doubts += u32::from(!again);
        let enough = if self.is_proved() { ENOUGH_DOUBTS } else { 1 };
        self.doubts >= enough && self.roll()
    }

    /// A request was served that only a fixed minute had room for. In a burst of which others were refused that says
    /// nothing: calls overtake each other on their way, and those got the places that were there.
    pub(crate) fn trust(&mut self, now: Instant) {
        if self.doubted.is_none_or(|last| now - last > BURST) {
            self.trusted.get_or_insert(now);
        }
    }

    fn roll(&mut self) -> bool {
        let was_fixed = matches!(self.run, Run::Fixed { .. });
        self.run = Run::Rolls;
        was_fixed
    }

    /// For a snapshot. What a try or a probe under way finds out will be told to nobody: the next comes a minute later.
    pub(crate) fn recorded(&self, clock: &Clock) -> Note {
        let next = if self.trying { clock.now.mono + self.span } else { self.tries_at };
        let minute = match self.run {
            Run::Unknown => Note::Nothing,
            Run::Rolls => Note::of([Note::Nothing, false.into()]),
            Run::Fixed { boundary, proved } => Note::of([clock.wall(boundary).into(), proved.into()]),
        };
        Note::of([
            (self.provider as u32).into(),
            minute,
            (self.counting[0] as u32).into(),
            (self.counting[1] as u32).into(),
            self.midnight.map(|midnight| midnight as u32).into(),
            self.allowance.0.into(),
            self.too_small.0.into(),
            clock.wall_from_now(next).into(),
            self.rests.into(),
            self.probes.into(),
            clock.wall_from_now(self.probes_at).into(),
            self.doubts.into(),
        ])
    }

    /// From a snapshot, as far as nothing is known yet. `minute`: what the user says of it knows better.
    pub(crate) fn restore(&mut self, clock: &Clock, minute: Minute, note: &Note) {
        let [_, run, refused, lost, midnight, allowance, too_small, tries_at, rests, probes, probes_at, doubts] =
            note.parts();
        let is_new = self.run == Run::Unknown && self.allowance == FIRST_ALLOWANCE && self.too_small == Millis::ZERO;
        let [boundary, proved] = run.parts();
        if *run != Note::Nothing && self.run == Run::Unknown {
            match boundary.maybe() {
                None => self.run = Run::Rolls,
                Some(_) if minute == Minute::Rolling => {}
                Some(wall) => {
                    self.run = Run::Fixed { boundary: clock.boundary(wall, self.span), proved: proved.flag() };
                }
            }
        }
        for (own, told) in self.counting.iter_mut().zip([refused, lost]) {
            *own = if *own == Counting::Unknown { told.word(&Counting::ALL) } else { *own };
        }
        if *midnight != Note::Nothing {
            self.midnight.get_or_insert(midnight.word(&Midnight::ALL));
        }
        if is_new {
            self.allowance = Millis(allowance.number()).clamp(LEAST_ALLOWANCE, MOST_ALLOWANCE);
            self.too_small = Millis(too_small.number()).min(MOST_ALLOWANCE);
            self.tries_at = clock.instant(tries_at.number());
            self.rests = rests.number().clamp(FIRST_REST, LONGEST_REST);
            self.probes = self.probes.max(probes.count()).min(MOST_PROBES);
            self.probes_at = clock.instant(probes_at.number());
            self.doubts = doubts.count().min(ENOUGH_DOUBTS);
        }
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
pub(crate) const TOLERANCE: Millis = Millis(1_500);
/// By so much a place may be ours for longer than it is the provider's: it counts here from the answer, up to two seconds
/// after the send, and for what is allowed for.
pub(crate) const AT_LATEST: Millis = Millis(4_000);
/// The answers to one burst are here within this time.
const BURST: Millis = Millis::from_secs(10);
const MOST_PROBES: u32 = 2;
const ENOUGH_DOUBTS: u32 = 2;
const FIRST_REST: u64 = 4;
const LONGEST_REST: u64 = 60;
