//! What a failure means: the words that the provider's room speaks to the engine.

use super::time::Millis;

/// What one attempt came to. The first twelve are read from a response, the last three come from our side of the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The provider served the request.
    Ok,
    /// A per-minute limit: wait and send again.
    RateLimited,
    /// A per-day limit: closed until a reset.
    QuotaExhausted,
    /// No money: credit, balance or spending cap.
    OutOfCredit,
    /// This credential is dead.
    InvalidKey,
    /// Recognised, but not allowed: API disabled, key restricted, project suspended, or a tier with a limit of zero.
    Permission,
    /// The server lacks capacity; nobody's quota is at fault.
    Overloaded,
    /// A failure on the server's side.
    Transient,
    /// The request is malformed.
    BadRequest,
    /// The model or path does not exist.
    NotFound,
    /// The request can never fit as it stands.
    TooLarge,
    /// Refused for its content (safety).
    Blocked,
    /// No response arrived.
    Network,
    /// No response arrived in time.
    Timeout,
    /// The caller gave up.
    Aborted,
}

impl Verdict {
    /// Every verdict, in the order of declaration.
    pub const ALL: [Self; 15] = [
        Self::Ok,
        Self::RateLimited,
        Self::QuotaExhausted,
        Self::OutOfCredit,
        Self::InvalidKey,
        Self::Permission,
        Self::Overloaded,
        Self::Transient,
        Self::BadRequest,
        Self::NotFound,
        Self::TooLarge,
        Self::Blocked,
        Self::Network,
        Self::Timeout,
        Self::Aborted,
    ];

    /// The public name, as in `index.d.ts`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::RateLimited => "rate-limited",
            Self::QuotaExhausted => "quota-exhausted",
            Self::OutOfCredit => "out-of-credit",
            Self::InvalidKey => "invalid-key",
            Self::Permission => "permission",
            Self::Overloaded => "overloaded",
            Self::Transient => "transient",
            Self::BadRequest => "bad-request",
            Self::NotFound => "not-found",
            Self::TooLarge => "too-large",
            Self::Blocked => "blocked",
            Self::Network => "network",
            Self::Timeout => "timeout",
            Self::Aborted => "aborted",
        }
    }

    /// What counts as an error of the key or the provider. A request that is itself at fault is no error of theirs, and an
    /// aborted one of nobody.
    pub const fn is_error(self) -> bool {
        !matches!(self, Self::Ok | Self::BadRequest | Self::NotFound | Self::TooLarge | Self::Blocked | Self::Aborted)
    }

    /// The four kinds of error that the systems before this one told apart: `quota`, `rate_limit`, `invalid_key`, `other`.
    /// `None` for what was served.
    pub const fn category(self) -> Option<&'static str> {
        match self {
            Self::Ok => None,
            Self::RateLimited => Some("rate_limit"),
            Self::QuotaExhausted | Self::OutOfCredit => Some("quota"),
            // Somebody has to see to the key, or take another.
            Self::InvalidKey | Self::Permission => Some("invalid_key"),
            Self::Overloaded
            | Self::Transient
            | Self::BadRequest
            | Self::NotFound
            | Self::TooLarge
            | Self::Blocked
            | Self::Network
            | Self::Timeout
            | Self::Aborted => Some("other"),
        }
    }

    /// A refusal for quota, of a minute or a day.
    pub const fn is_rate_limit(self) -> bool {
        matches!(self, Self::RateLimited | Self::QuotaExhausted)
    }
}

/// Who else is hit by a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// This credential.
    Key,
    /// Every key of the project or organisation, all models.
    Project,
    /// This model within the project or organisation; for `Overloaded` and `NotFound`, the model for everyone.
    Model,
    /// The request or the caller itself, or a capacity shared by all.
    None,
}

impl Scope {
    /// The public name, as in `index.d.ts`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Project => "project",
            Self::Model => "model",
            Self::None => "none",
        }
    }
}

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// Requests (for batch embeddings: items).
    Requests,
    /// Input tokens only.
    InputTokens,
    /// Input and output tokens together.
    Tokens,
}

impl Metric {
    /// The public name, as in `index.d.ts`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::InputTokens => "input-tokens",
            Self::Tokens => "tokens",
        }
    }
}

/// Over which span a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Span {
    /// A minute, fixed or rolling.
    Minute,
    /// A day.
    Day,
}

impl Span {
    /// The public name, as in `index.d.ts`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Day => "day",
        }
    }
}

/// What a server said about waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hint {
    /// The wait, rounded up to whole milliseconds.
    pub delay: Millis,
    /// The server cut the figure to whole seconds (`retryDelay` does), so it may be up to a second too early.
    pub truncated: bool,
}

/// Why a credential or a project will not come back by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Finality {
    /// It may be repaired: worth a probe now and then.
    #[default]
    Repairable,
    /// The provider ended it (reported as leaked, suspended): never tried again.
    ForGood,
}

/// What a response means. Produced by `provider::classify`, paid for by the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Classification {
    /// What it came to.
    pub verdict: Verdict,
    /// The most exact hint on the wire, also where obeying it would be wrong (a short hint on a daily quota, limit 0).
    pub retry_after: Option<Hint>,
    /// Who else is hit.
    pub scope: Scope,
    /// What the limit counts, where stated.
    pub metric: Option<Metric>,
    /// Over which span, where stated or told by the length of the hint.
    pub window: Option<Span>,
    /// The limit as stated, 0 included.
    pub limit: Option<u64>,
    /// The resolved model's name, where stated.
    pub model: Option<String>,
    /// Whether the credential or project can come back.
    pub finality: Finality,
    /// The provider's own words, unredacted: the wasm shell removes known secrets before anybody sees them.
    pub message: Option<String>,
    /// The tier of the project or organisation, where stated: `free`, `paid`, or the provider's own word.
    pub tier: Option<String>,
    /// Why, finer than the verdict, in one word of `index.d.ts`: what a person can do is told by it.
    pub cause: &'static str,
}

impl Classification {
    /// A classification that states nothing but its verdict and scope.
    pub const fn new(verdict: Verdict, scope: Scope) -> Self {
        Self {
            verdict,
            retry_after: None,
            scope,
            metric: None,
            window: None,
            limit: None,
            model: None,
            finality: Finality::Repairable,
            message: None,
            tier: None,
            cause: "",
        }
    }
}
