//! What happened: for listeners, logs and dashboards. Nothing here holds a secret; the engine has none.

use std::rc::Rc;

use super::gate::Cause;
use super::learned::Source;
use super::report::Alert;
use super::standing::State;
use super::suspicion::Suspicion;
use super::time::{Instant, Millis, UnixMillis};
use super::units::{CallId, KeyId, ModelId, PoolId};
use super::verdict::{Metric, Span, Verdict};

/// One thing that happened. The host names the keys and pools when it tells people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// An attempt was sent.
    Attempt {
        /// Of this call.
        call: CallId,
        /// With this key.
        key: KeyId,
        /// For this model.
        model: ModelId,
        /// The how-manieth of the call, from 1.
        attempt: u32,
    },
    /// An attempt came to its end.
    Settled(Rc<Settled>),
    /// A call moved on to another key, or somebody rotated.
    Rotate(Rotation),
    /// A pool was closed by a refusal, or its model by a lack of capacity.
    RateLimited {
        /// The pool.
        pool: PoolId,
        /// The key that was refused.
        key: KeyId,
        /// Minute, day or overload.
        verdict: Verdict,
        /// When it opens again, where that is known.
        until: Option<UnixMillis>,
    },
    /// A key, or all keys of its project, can't serve.
    KeyDown {
        /// The key that found out.
        key: KeyId,
        /// Why.
        cause: Cause,
        /// When it is tried again, where that is known.
        until: Option<UnixMillis>,
    },
    /// A key that was down serves again, or may be tried again.
    KeyRestored {
        /// The key.
        key: KeyId,
    },
    /// No key can serve.
    AllKeysDown {
        /// The soonest return, where that is known.
        until: Option<UnixMillis>,
    },
    /// After `AllKeysDown`: some key can serve again.
    ServiceRestored,
    /// A limit's use crossed a warning threshold; once a window for each.
    QuotaWarning {
        /// The pool.
        pool: PoolId,
        /// What is counted.
        metric: Metric,
        /// Over which span.
        span: Span,
        /// Used so far.
        used: u64,
        /// Out of.
        limit: u64,
        /// The threshold, in thousandths.
        threshold: u64,
    },
    /// A call has to wait.
    Waiting {
        /// The call.
        call: CallId,
        /// How many wait before it for the same quota.
        ahead: u32,
        /// When it is promised to go, where that can be told.
        until: Option<UnixMillis>,
        /// For what.
        reason: WaitReason,
        /// The limit that is waited for, where it is one.
        limit: Option<WaitLimit>,
    },
    /// A limit became known, or another than was known.
    LimitLearned {
        /// The pool.
        pool: PoolId,
        /// What is counted.
        metric: Metric,
        /// Over which span.
        span: Span,
        /// How much.
        limit: u64,
        /// How it became known.
        source: Source,
    },
    /// Two projects that were not declared together behave as one.
    SharedQuotaSuspected(Suspicion),
    /// What all keys together can do has changed; once an input.
    State {
        /// What it was.
        from: State,
        /// What it is.
        to: State,
        /// What keeps most of those that can't serve.
        cause: Option<Cause>,
    },
    /// There is something that somebody should look at.
    Alert(Box<Alert>),
    /// Its reason has been gone for a while.
    AlertOver {
        /// As it was told.
        alert: Box<Alert>,
        /// When it was told.
        since: UnixMillis,
    },
}

/// An attempt that came to its end: what records of attempts are made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// Of this call.
    pub call: CallId,
    /// The how-manieth of the call, from 1.
    pub attempt: u32,
    /// With this key.
    pub key: KeyId,
    /// On this pool.
    pub pool: PoolId,
    /// For this model, as it was asked for.
    pub model: ModelId,
    /// For whom.
    pub session: Option<String>,
    /// For what.
    pub operation: Option<String>,
    /// What it came to.
    pub verdict: Verdict,
    /// The HTTP status, where there was a response.
    pub status: Option<u16>,
    /// From sending to the response's headers.
    pub latency: Millis,
    /// How long the call had waited before it was sent, in all.
    pub waited: Millis,
}

/// A limit that a call waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitLimit {
    /// Of the pool of this key.
    pub key: KeyId,
    /// What is counted.
    pub metric: Metric,
    /// Over which span.
    pub span: Span,
    /// How much is used.
    pub used: u64,
    /// Out of.
    pub limit: u64,
}

/// When and why a call, or the client, went from one key to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// When.
    pub at: UnixMillis,
    /// From which key.
    pub from: Option<KeyId>,
    /// To which key; `None` where no other could serve.
    pub to: Option<KeyId>,
    /// What made it move; `Ok` where somebody asked for it.
    pub verdict: Verdict,
    /// In a few words.
    pub reason: &'static str,
}

/// What a wait is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitReason {
    /// The back-off after a failure.
    Backoff,
    /// A gate: a quota that a provider refused, a cooldown, a probe.
    Gate(Cause),
    /// A limit that we count ourselves.
    QuotaWindow(Span),
    /// Its turn, as sends are spread over the minute.
    Pacing,
    /// The next place of a session that has had what the others leave.
    Share,
    /// What a call under way finds out about the limit.
    Finding,
    /// A place among the requests under way.
    Concurrency,
    /// The end of an attempt's or a call's time.
    Deadline,
    /// A closed key or pool that may be tried again: somebody may want to know.
    Reopening,
}

impl WaitReason {
    /// What people are told, in a few words.
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::Backoff => "backing off after a failure",
            Self::Gate(cause) => cause.phrase(),
            Self::QuotaWindow(Span::Minute) => "the minute's quota is in use",
            Self::QuotaWindow(Span::Day) => "the day's quota is used up",
            Self::Pacing => "requests are spread over the minute",
            Self::Share => "its session has had what the others leave of the minute",
            Self::Finding => "a call is finding out whether there is more quota",
            Self::Concurrency => "as many requests as allowed are under way",
            Self::Deadline => "a time limit",
            Self::Reopening => "a closed key or pool may be tried again",
        }
    }
}

/// An instant at which the engine wants to be called, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// When.
    pub at: Instant,
    /// Why.
    pub reason: WaitReason,
}
