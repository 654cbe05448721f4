//! Traces: what was decided about a call, and why. Kept for the last calls always, since a question about a decision is
//! asked after it.

use std::collections::VecDeque;

use super::event::{WaitLimit, WaitReason};
use super::only::Only;
use super::time::{Millis, UnixMillis};
use super::units::{CallId, KeyId, ModelId};
use super::verdict::Verdict;

/// The account of one call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trace {
    pub(crate) steps: Vec<(UnixMillis, Step)>,
    /// Steps that found no place any more.
    pub(crate) left_out: u32,
}

/// One decision, or one thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// One project alone may serve it.
    Only(Only),
    /// Keys that could not serve, and why: the first few, or all where that was asked for.
    Skipped(Vec<Skip>),
    /// It waits.
    Waits { ahead: u32, starts: Option<UnixMillis>, reason: WaitReason, limit: Option<WaitLimit> },
    /// It backs off.
    BacksOff { until: UnixMillis },
    /// It was sent.
    Sent { key: KeyId, attempt: u32 },
    /// Its attempt has ended.
    Ended { key: KeyId, verdict: Verdict, status: Option<u16>, latency: Millis },
    /// It is over.
    Over(&'static str),
}

/// A key that was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Skip {
    pub(crate) key: KeyId,
    pub(crate) reason: WaitReason,
    pub(crate) limit: Option<WaitLimit>,
    pub(crate) until: Option<UnixMillis>,
}

/// A call that is over, with its account.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) call: CallId,
    pub(crate) model: ModelId,
    pub(crate) session: Option<String>,
    pub(crate) began: UnixMillis,
    pub(crate) waited: Millis,
    pub(crate) trace: Trace,
}

impl Trace {
    pub(crate) fn note(&mut self, at: UnixMillis, step: Step) {
        if self.steps.is_empty() {
            // Whoever waits has mostly this one: a vector's usual first four would be a third of a waiter's memory.
            self.steps.reserve_exact(1);
        }
        if self.steps.len() < MOST_STEPS {
            self.steps.push((at, step));
        } else {
            self.left_out += 1;
        }
    }
}

/// The accounts of the last calls.
#[derive(Debug, Default)]
pub(crate) struct Traces(VecDeque<Told>);

impl Traces {
    pub(crate) fn keep(&mut self, told: Told) {
        if self.0.len() == MOST_TRACES {
            self.0.pop_front();
        }
        self.0.push_back(told);
    }

    /// Newest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Told> {
        self.0.iter().rev()
    }
}

/// Ten attempts with a wait before each.
const MOST_STEPS: usize = 48;
/// A minute of a busy workshop.
const MOST_TRACES: usize = 100;
/// Keys that are named without being asked for.
pub(crate) const FEW: usize = 8;
