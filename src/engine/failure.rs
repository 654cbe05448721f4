//! Who pays for a failure, and what a call that found no way is told.

use super::gate::Cause;
use super::only::Only;
use super::time::Millis;
use super::units::KeyId;
use super::verdict::{Classification, Scope, Verdict};

/// Who is charged for a failed attempt. Exactly one of them is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Payer {
    /// The key is closed: it is dead or restricted.
    KeyClosed(Cause),
    /// The key gets one more error in a row.
    KeyStruck,
    /// The project, all its models.
    Project(Cause),
    /// The pool of the project and model.
    Pool(Cause),
    /// The model's capacity at the provider.
    Capacity,
    /// Nobody: the request or the caller is at fault, and no rotation helps.
    Nobody,
}

impl Payer {
    pub(crate) fn of(classification: &Classification) -> Self {
        let by_scope = |project: bool, cause| if project { Self::Project(cause) } else { Self::Pool(cause) };
        let whole_project = classification.scope == Scope::Project;
        match classification.verdict {
            Verdict::RateLimited => by_scope(whole_project, Cause::MinuteQuota),
            Verdict::QuotaExhausted => by_scope(whole_project, Cause::DayQuota),
            Verdict::OutOfCredit => Self::Project(Cause::OutOfCredit),
            Verdict::InvalidKey => Self::KeyClosed(Cause::Invalid),
            Verdict::Permission if classification.limit == Some(0) => by_scope(whole_project, Cause::NoQuota),
            Verdict::Permission => match classification.scope {
                Scope::Key => Self::KeyClosed(Cause::Restricted),
                Scope::Project => Self::Project(Cause::Denied),
                Scope::Model => Self::Pool(Cause::NoQuota),
                Scope::None => Self::Nobody,
            },
            Verdict::Overloaded => Self::Capacity,
            Verdict::Transient | Verdict::Network | Verdict::Timeout => Self::KeyStruck,
            Verdict::Ok
            | Verdict::BadRequest
            | Verdict::NotFound
            | Verdict::TooLarge
            | Verdict::Blocked
            | Verdict::Aborted => Self::Nobody,
        }
    }
}

impl Payer {
    /// The same payer, with the cause that the penalty came to (a minute's refusal can turn out to be the day's, a dead key one
    /// that was ended for good).
    pub(crate) const fn with(self, cause: Cause) -> Self {
        match self {
            Self::Project(_) => Self::Project(cause),
            Self::Pool(_) => Self::Pool(cause),
            Self::KeyClosed(_) => Self::KeyClosed(cause),
            other => other,
        }
    }
}

/// Why a call ended without a response. The names are those of `QuotaAwareError.code`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureCode {
    /// Every key's daily quota or credit is used up.
    QuotaExceeded,
    /// Some keys' daily quota is used up, and the others could not serve.
    PartialQuota,
    /// Every key is invalid or restricted, or its project is suspended.
    InvalidKeys,
    /// No key could serve within the attempts and the wait allowed.
    Exhausted,
    /// Larger than the limit itself.
    NeverFits,
    /// As many calls wait already as may.
    QueueFull,
    /// Its session calls more often than one may.
    SessionLimit,
    /// The call's deadline passed, or would pass before quota is free.
    Deadline,
    /// The last attempt's time was up.
    Timeout,
    /// No key is configured for this provider and model.
    NoKey,
    /// The one project that could serve it has no quota for the day, no key that is accepted, or no key at all.
    OwnerUnavailable,
    /// A stream broke after its first content.
    StreamBroken,
}

impl FailureCode {
    /// The public name. A call that no configured key may serve is a mistake in the configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::QuotaExceeded => "QUOTA_EXCEEDED",
            Self::PartialQuota => "PARTIAL_QUOTA",
            Self::InvalidKeys => "INVALID_KEYS",
            Self::Exhausted => "EXHAUSTED",
            Self::NeverFits => "NEVER_FITS",
            Self::QueueFull => "QUEUE_FULL",
            Self::SessionLimit => "SESSION_LIMIT",
            Self::Deadline => "DEADLINE",
            Self::Timeout => "TIMEOUT",
            Self::NoKey => "CONFIG_INVALID",
            Self::OwnerUnavailable => "OWNER_UNAVAILABLE",
            Self::StreamBroken => "STREAM_BROKEN",
        }
    }
}

/// One failed attempt, as the error tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttemptNote {
    /// With which key.
    pub key: KeyId,
    /// The HTTP status, where there was a response.
    pub status: Option<u16>,
    /// What it came to.
    pub verdict: Verdict,
    /// How long the call had waited before it, in all.
    pub waited: Millis,
}

/// The account of a call that found no way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Why.
    pub code: FailureCode,
    /// When it is worth coming back, from now on, where that is known.
    pub retry_after: Option<Millis>,
    /// What was tried.
    pub attempts: Vec<AttemptNote>,
    /// What the last response meant.
    pub last: Option<Box<Classification>>,
    /// Keys that could have served such a call, whatever their health.
    pub keys: u32,
    /// Of those, how many are out for the day, for want of credit, or have no quota for the model.
    pub keys_exhausted: u32,
    /// Of those, how many are invalid or restricted, or of a suspended project.
    pub keys_invalid: u32,
    /// The limit that can never be met, for `NeverFits`; the number that may wait, for `QueueFull`; calls a second, for
    /// `SessionLimit`.
    pub limit: Option<u64>,
    /// How long the call was under way.
    pub elapsed: Millis,
    /// The one project that might have served it, where only one might.
    pub only: Option<Only>,
}
