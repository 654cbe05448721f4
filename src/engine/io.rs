//! All that crosses the engine's edge: one input at a time goes in, outputs are drained.

use super::event::{Deadline, Event};
use super::failure::Failure;
use super::learning::Reading;
use super::only::Only;
use super::permit::Permit;
use super::provider::Provider;
use super::terms::Demand;
use super::time::Millis;
use super::units::{CallId, KeyId, PoolId};
use super::verdict::Classification;

/// What a call asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Whose API.
    pub provider: Provider,
    /// Which model, where that is known.
    pub model: Option<String>,
    /// The user, participant or quest behind the call.
    pub session: Option<String>,
    /// 0 is soonest, 9 latest, 5 normal.
    pub priority: u8,
    /// Served by keys of the same workload first.
    pub workload: Option<String>,
    /// What it is for, in the caller's words: usage is told apart by it.
    pub operation: Option<String>,
    /// How many tokens it will be counted for.
    pub demand: Demand,
    /// One attempt's time, instead of the configured one.
    pub timeout: Option<Millis>,
    /// The whole call's time, instead of the configured one.
    pub deadline: Option<Millis>,
    /// Sends at most, instead of the configured number.
    pub max_attempts: Option<u32>,
    /// False: never sent twice once the provider may have acted on it.
    pub idempotent: bool,
    /// Only this key, whatever its health: a test of the key.
    pub pinned: Option<KeyId>,
    /// Only keys of this project, as their health and quota allow.
    pub only: Option<Only>,
    /// Every key that was not taken is in the call's account, not only the first few.
    pub explain: bool,
}

impl Ask {
    /// A call of which nothing is known but the provider.
    pub const fn to(provider: Provider) -> Self {
        Self {
            provider,
            model: None,
            session: None,
            priority: 5,
            workload: None,
            operation: None,
            demand: Demand::Guessed(super::units::Tokens(0)),
            timeout: None,
            deadline: None,
            max_attempts: None,
            idempotent: true,
            pinned: None,
            only: None,
            explain: false,
        }
    }
}

/// What came in.
#[derive(Debug)]
pub enum Input {
    /// Somebody calls. Answered by exactly one `Done` of the same id.
    Call(CallId, Ask),
    /// The attempt that was last sent for a call came to an end.
    Outcome {
        /// The call.
        call: CallId,
        /// Which of its attempts, as the `Send` said. An older one is ignored: it has been given up.
        attempt: u32,
        /// To what end.
        outcome: Outcome,
    },
    /// The caller gave up.
    Abort(CallId),
    /// Time has passed: the deadline that was asked for is here.
    Tick,
}

/// The end of one attempt.
#[derive(Debug)]
pub enum Outcome {
    /// A response with a 2xx status, handed to the caller as it is, and what its headers tell of limits.
    Served(u16, Vec<Reading>),
    /// Any other response, and what it means.
    Answered(u16, Box<Classification>),
    /// No response: connection failures of every kind.
    Unreachable,
}

/// What the host has to do.
#[derive(Debug)]
pub enum Output {
    /// Send this attempt.
    Send(Send),
    /// Give up on the attempt under way: abort its request, and expect nothing more of it.
    Cancel(CallId),
    /// The call is over.
    Done(CallId, Finish),
    /// Tell whoever listens.
    Event(Event),
    /// Nothing more to do before this deadline. Always the last of a drain.
    Wait(Option<Deadline>),
}

/// An attempt to send. Only the engine makes one, and only out of a permit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Send {
    /// For this call.
    pub call: CallId,
    /// With this key.
    pub key: KeyId,
    /// On this pool.
    pub pool: PoolId,
    /// The how-manieth of the call, from 1.
    pub attempt: u32,
}

impl Send {
    pub(crate) const fn new(permit: &Permit, call: CallId, key: KeyId, attempt: u32) -> Self {
        Self { call, key, pool: permit.pool, attempt }
    }
}

/// How a call ends.
#[derive(Debug)]
pub enum Finish {
    /// With the response of its last attempt.
    Response,
    /// The caller gave up, and knows why.
    Aborted,
    /// With an error.
    Failed(Box<Failure>),
}
