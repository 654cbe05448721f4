//! Why a response is what it is, and what a person can do about it.

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

    /// One sentence. It is fixed text, so no secret of a request can be in it.
    pub(crate) const fn advice(self) -> &'static str {
        match self {
            Self::Served => "Nothing to do: the provider served the request.",
            Self::Blocked => {
                "The answer was blocked for its content; change the prompt or the safety settings, another key returns the same."
            }
            Self::KeyInvalid => {
                "The key is not valid: check that it was copied whole and belongs to this provider, or create a new one."
            }
            Self::KeyExpired => "The key has expired: renew it or create a new one.",
            Self::KeyLeaked => {
                "The provider found this key in public and ended it for good: create a new one, and keep it out of pages and repositories."
            }
            Self::KeyMissing => {
                "No key reached the provider: check that the key is not empty and that no proxy drops its header."
            }
            Self::KeyKind => {
                "This endpoint does not take this kind of credential: use an API key made for it, in the header it expects."
            }
            Self::TwoCredentials => {
                "Two credentials were sent at once: remove the Authorization header, the ?key= parameter, or the SDK's own key."
            }
            Self::KeyApis => {
                "The key is restricted to other APIs or methods: allow this API in the key's restrictions."
            }
            Self::KeyReferrer => {
                "The key only works from certain web pages: add this page to its referrer restrictions, or use a key without them on a server."
            }
            Self::KeyAddress => {
                "The key only works from certain IP addresses: add this machine's address to its restrictions."
            }
            Self::KeyApp => "The key only works from a certain mobile app: use a key without an app restriction.",
            Self::ApiDisabled => {
                "The API is disabled in the key's project: enable it in the provider's console, then wait a few minutes."
            }
            Self::BillingDisabled => "Billing is disabled in the key's project: enable it in the provider's console.",
            Self::Suspended => {
                "The provider suspended the key's project for good: contact its support, or use another project."
            }
            Self::Location => {
                "The provider does not serve the place this request came from: send it from a supported region, another key does not help."
            }
            Self::BillingNeeded => "The free tier does not include this: enable billing for the key's project.",
            Self::Denied => {
                "The provider refused the key's project: check its billing country, its permissions and its access to this model."
            }
            Self::NoQuota => {
                "The project's tier has no quota for this model at all, so waiting never helps: enable billing, or choose another model."
            }
            Self::Credit => "The account has no credit left: add credit or a payment method; waiting does not help.",
            Self::SpendCap => {
                "The spending cap is reached: raise it in the provider's console, or wait for the next billing period."
            }
            Self::MinuteQuota => {
                "The per-minute quota is used up: wait as told, slow down, or add a key of another project."
            }
            Self::DailyQuota => {
                "The daily quota is used up: wait for its reset, add a key of another project, or raise the tier."
            }
            Self::SharedCapacity => {
                "The provider refused for lack of shared capacity, not because of a quota of this project: wait a little and try again."
            }
            Self::Overloaded => {
                "The provider is overloaded: try again in a while, or use another model; another key does not help."
            }
            Self::UpstreamPool => {
                "The router's shared pool for this model is used up: use another model, or add the upstream provider's own key to the router."
            }
            Self::ContextTooLong => {
                "The request is larger than the model takes: shorten the prompt or the history, or choose a model with a longer context."
            }
            Self::NeverFits => {
                "The request alone exceeds the limit of a whole window, so waiting never helps: shorten it, or lower max_tokens."
            }
            Self::NotFound => {
                "The model or path does not exist: check its spelling, and whether the model was renamed or retired."
            }
            Self::FileMissing => {
                "The file or cache is gone, or belongs to another key's project: upload it and use it with keys of one project."
            }
            Self::ToolCall => {
                "The model produced an invalid tool call: send the request again, or simplify the tool's schema."
            }
            Self::BadRequest => {
                "The request is malformed: correct it as the provider's message says; another key does not help."
            }
            Self::Transient => {
                "The provider failed on its side: try again; if it lasts, look at the provider's status page."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_advises_in_one_sentence() {
        for cause in Cause::ALL {
            let advice = cause.advice();
            assert!(advice.ends_with('.') && advice.matches(". ").count() == 0, "{cause:?}: {advice}");
        }
    }

    #[test]
    fn no_two_causes_advise_the_same() {
        let mut advice: Vec<_> = Cause::ALL.iter().map(|cause| cause.advice()).collect();
        advice.sort_unstable();
        advice.dedup();
        assert_eq!(advice.len(), Cause::ALL.len());
    }
}
