//! What is told of single calls, and of what made them move.

use serde::Serialize;

/// A waiting call.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WaitReport {
    /// Its number, as in events.
    pub call: u64,
    /// Whose it is.
    pub session: Option<String>,
    /// 0 to 9.
    pub priority: u8,
    /// How many are before it.
    pub ahead: u32,
    /// When it is promised to go, where that can be told; Unix milliseconds.
    pub starts_at: Option<u64>,
    /// For how long it has waited.
    pub waited_ms: u64,
    /// For what it waits, in a few words.
    pub reason: &'static str,
    /// The limit that it waits for, where it is one.
    pub limit: Option<WaitLimitReport>,
}

/// A limit that somebody waits for.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WaitLimitReport {
    /// The project whose limit it is.
    pub project: String,
    /// What is counted.
    pub metric: &'static str,
    /// Over which span.
    pub window: &'static str,
    /// How much is used.
    pub used: u64,
    /// Out of.
    pub limit: u64,
}

/// Two projects that seem to be one, with the evidence.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SuspicionReport {
    /// Their names; of keys without a declared project, the keys' own.
    pub projects: [String; 2],
    /// For this model.
    pub model: String,
    /// How often both refused within three seconds, unexplained by their own use.
    pub coincidences: u32,
    /// How much each had served of its minute when it refused last.
    pub served: [u64; 2],
    /// What the provider says the limit is, where it says.
    pub limit: Option<u64>,
}

/// The account of one call.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TraceReport {
    /// Its number, as in events.
    pub call: u64,
    /// The model that was asked for.
    pub model: String,
    /// Whose it was.
    pub session: Option<String>,
    /// When it came; Unix milliseconds.
    pub began: u64,
    /// How long it waited in all.
    pub waited_ms: u64,
    /// What was decided and what happened, in order.
    pub steps: Vec<StepReport>,
    /// Steps that found no place any more.
    pub left_out: u32,
}

/// One step of an account.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "step", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum StepReport {
    /// Keys that could not serve.
    Skipped {
        /// When; Unix milliseconds, here and below.
        at: u64,
        /// Each with the reason.
        keys: Vec<SkipReport>,
    },
    /// It waits.
    Waits {
        /// When.
        at: u64,
        /// How many are before it.
        ahead: u32,
        /// When it is promised to go.
        starts_at: Option<u64>,
        /// For what.
        reason: &'static str,
        /// Which limit, with the arithmetic.
        limit: Option<WaitLimitReport>,
    },
    /// It backs off after a failure.
    BacksOff {
        /// When.
        at: u64,
        /// Until.
        until: u64,
    },
    /// It was sent.
    Sent {
        /// When.
        at: u64,
        /// With this key.
        key: String,
        /// The how-manieth attempt.
        attempt: u32,
    },
    /// An attempt has ended.
    Ended {
        /// When.
        at: u64,
        /// Which key's.
        key: String,
        /// What it came to.
        verdict: &'static str,
        /// The HTTP status, where there was a response.
        status: Option<u16>,
        /// From sending to response headers.
        latency_ms: u64,
    },
    /// The call is over.
    Over {
        /// When.
        at: u64,
        /// `response`, `aborted`, or the code of its error.
        with: &'static str,
    },
}

/// A key that was not taken.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SkipReport {
    /// The key.
    pub key: String,
    /// Why, in a few words.
    pub reason: &'static str,
    /// Which limit, with the arithmetic.
    pub limit: Option<WaitLimitReport>,
    /// Until when, where that is known.
    pub until: Option<u64>,
}

/// One entry of the rotation history.
#[derive(Clone, Debug, Serialize)]
pub struct RotationReport {
    /// Unix milliseconds.
    pub at: u64,
    /// The key that was left.
    pub from: Option<String>,
    /// The key that was taken; null where none could serve.
    pub to: Option<String>,
    /// What made it move.
    pub verdict: &'static str,
    /// In a few words.
    pub reason: &'static str,
}
