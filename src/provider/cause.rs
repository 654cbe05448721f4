//! Why a response is what it is, as finely as people can act on it.

use crate::engine::Verdict;

/// A cause is finer than a verdict: two that call for different actions are two causes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    Served,
    Blocked,
    KeyInvalid,
    KeyExpired,
    KeyLeaked,
    KeyMissing,
    KeyKind,
    TwoCredentials,
    KeyApis,
    KeyReferrer,
    KeyAddress,
    KeyApp,
    ApiDisabled,
    BillingDisabled,
    Suspended,
    Location,
    BillingNeeded,
    Denied,
    NoQuota,
    Credit,
    SpendCap,
    MinuteQuota,
    DailyQuota,
    SharedCapacity,
    Overloaded,
    UpstreamPool,
    ContextTooLong,
    NeverFits,
    NotFound,
    FileMissing,
    ToolCall,
    BadRequest,
    Transient,
}

impl Cause {
    /// Every cause, for tests.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 33] = [
        Self::Served,
        Self::Blocked,
        Self::KeyInvalid,
        Self::KeyExpired,
        Self::KeyLeaked,
        Self::KeyMissing,
        Self::KeyKind,
        Self::TwoCredentials,
        Self::KeyApis,
        Self::KeyReferrer,
        Self::KeyAddress,
        Self::KeyApp,
        Self::ApiDisabled,
        Self::BillingDisabled,
        Self::Suspended,
        Self::Location,
        Self::BillingNeeded,
        Self::Denied,
        Self::NoQuota,
        Self::Credit,
        Self::SpendCap,
        Self::MinuteQuota,
        Self::DailyQuota,
        Self::SharedCapacity,
        Self::Overloaded,
        Self::UpstreamPool,
        Self::ContextTooLong,
        Self::NeverFits,
        Self::NotFound,
        Self::FileMissing,
        Self::ToolCall,
        Self::BadRequest,
        Self::Transient,
    ];

    pub(crate) const fn verdict(self) -> Verdict {
        match self {
            Self::Served => Verdict::Ok,
            Self::Blocked => Verdict::Blocked,
            Self::KeyInvalid | Self::KeyExpired | Self::KeyLeaked | Self::KeyMissing | Self::KeyKind => {
                Verdict::InvalidKey
            }
            Self::TwoCredentials | Self::ToolCall | Self::BadRequest => Verdict::BadRequest,
            Self::KeyApis
            | Self::KeyReferrer
            | Self::KeyAddress
            | Self::KeyApp
            | Self::ApiDisabled
            | Self::BillingDisabled
            | Self::Suspended
            | Self::Location
            | Self::BillingNeeded
            | Self::Denied
            | Self::NoQuota => Verdict::Permission,
            Self::Credit | Self::SpendCap => Verdict::OutOfCredit,
            Self::MinuteQuota | Self::SharedCapacity => Verdict::RateLimited,
            Self::DailyQuota => Verdict::QuotaExhausted,
            Self::Overloaded | Self::UpstreamPool => Verdict::Overloaded,
            Self::ContextTooLong | Self::NeverFits => Verdict::TooLarge,
            Self::NotFound | Self::FileMissing => Verdict::NotFound,
            Self::Transient => Verdict::Transient,
        }
    }

    /// The public name, as in `index.d.ts`. What a person can do about it is said in JavaScript, under the same name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Served => "served",
            Self::Blocked => "blocked",
            Self::KeyInvalid => "key-invalid",
            Self::KeyExpired => "key-expired",
            Self::KeyLeaked => "key-leaked",
            Self::KeyMissing => "key-missing",
            Self::KeyKind => "key-kind",
            Self::TwoCredentials => "two-credentials",
            Self::KeyApis => "key-apis",
            Self::KeyReferrer => "key-referrer",
            Self::KeyAddress => "key-address",
            Self::KeyApp => "key-app",
            Self::ApiDisabled => "api-disabled",
            Self::BillingDisabled => "billing-disabled",
            Self::Suspended => "suspended",
            Self::Location => "location",
            Self::BillingNeeded => "billing-needed",
            Self::Denied => "denied",
            Self::NoQuota => "no-quota",
            Self::Credit => "credit",
            Self::SpendCap => "spend-cap",
            Self::MinuteQuota => "minute-quota",
            Self::DailyQuota => "daily-quota",
            Self::SharedCapacity => "shared-capacity",
            Self::Overloaded => "overloaded",
            Self::UpstreamPool => "upstream-pool",
            Self::ContextTooLong => "context-too-long",
            Self::NeverFits => "never-fits",
            Self::NotFound => "not-found",
            Self::FileMissing => "file-missing",
            Self::ToolCall => "tool-call",
            Self::BadRequest => "bad-request",
            Self::Transient => "transient",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_causes_have_the_same_name() {
        let mut names: Vec<_> = Cause::ALL.iter().map(|cause| cause.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Cause::ALL.len());
    }
}
