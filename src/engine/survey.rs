//! What was seen while looking for a key: how many could serve in principle, what stands in the way, until when.

use super::event::WaitReason;
use super::failure::FailureCode;
use super::gate::{Cause, Until};
use super::terms::{Level, Refusal};
use super::time::Instant;

/// The answer "not now", with everything needed to wait or to explain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Survey {
    /// Keys for such calls, whatever their health.
    pub(crate) keys: u32,
    /// Of those: could serve now.
    pub(crate) able: u32,
    /// Of those: out for the day or longer.
    pub(crate) exhausted: u32,
    /// Of those: invalid or restricted, or their project is.
    pub(crate) invalid: u32,
    /// Of those: taken out by hand.
    pub(crate) by_hand: u32,
    /// Of those: whose limit is smaller than the request.
    pub(crate) too_small: u32,
    /// The largest such limit.
    pub(crate) limit: Option<u64>,
    /// The soonest instant at which one of them may do, with what is waited for.
    soonest: Option<(Instant, WaitReason)>,
    /// Somebody's return is not a matter of time but of an attempt under way.
    pending: Option<WaitReason>,
}

impl Survey {
    /// One more key that could not be taken.
    pub(crate) fn note(&mut self, refusal: Refusal) {
        self.keys += 1;
        match refusal.cause() {
            Some(Cause::Invalid | Cause::Leaked | Cause::Restricted | Cause::Denied) => self.invalid += 1,
            Some(Cause::DayQuota | Cause::NoQuota | Cause::OutOfCredit) => self.exhausted += 1,
            Some(Cause::ByHand) => self.by_hand += 1,
            _ => {}
        }
        if let Refusal::NeverFits { limit, .. } = refusal {
            self.too_small += 1;
            self.limit = self.limit.max(Some(limit));
        }
        // A limit of nothing is looked at again, and a wait for that would be no wait for quota.
        if refusal.cause() != Some(Cause::NoQuota) {
            self.wait(refusal.until(), reason(refusal));
        }
    }

    /// One more key that could be taken now.
    pub(crate) fn able(&mut self) {
        self.keys += 1;
        self.able += 1;
    }

    /// One more thing to wait for.
    fn wait(&mut self, until: Until, reason: WaitReason) {
        match until {
            Until::At(at) if self.soonest.is_none_or(|(soonest, _)| at < soonest) => self.soonest = Some((at, reason)),
            Until::Probe => self.pending = self.pending.or(Some(reason)),
            Until::At(_) | Until::Never => {}
        }
    }

    /// When to look again. `Never` where no time and no attempt under way can help.
    pub(crate) fn until(&self) -> Until {
        match (self.soonest, self.pending) {
            (Some((at, _)), _) => Until::At(at),
            (None, Some(_)) => Until::Probe,
            (None, None) => Until::Never,
        }
    }

    /// What a call is told that will not wait for this.
    pub(crate) fn code(&self) -> FailureCode {
        // What is true of all keys that a person has left in.
        let present = self.keys - self.by_hand;
        match self {
            Self { keys: 0, .. } => FailureCode::NoKey,
            _ if present == 0 => FailureCode::Exhausted,
            Self { invalid, .. } if *invalid == present => FailureCode::InvalidKeys,
            Self { too_small, invalid, .. } if too_small + invalid == present => FailureCode::NeverFits,
            Self { exhausted, invalid, .. } if exhausted + invalid == present => FailureCode::QuotaExceeded,
            Self { exhausted: 1.., .. } => FailureCode::PartialQuota,
            _ => FailureCode::Exhausted,
        }
    }
}

pub(crate) fn reason(refusal: Refusal) -> WaitReason {
    match refusal {
        Refusal::Shut(shut) => WaitReason::Gate(shut.cause),
        Refusal::Full { level: Level { span, .. }, .. } => WaitReason::QuotaWindow(span),
        Refusal::Paced { .. } => WaitReason::Pacing,
        Refusal::Betting => WaitReason::Finding,
        Refusal::Held { .. } => WaitReason::Backoff,
        Refusal::Busy => WaitReason::Concurrency,
        Refusal::NeverFits { .. } => WaitReason::Deadline,
    }
}
