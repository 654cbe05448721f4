//! How everything stands now.

use serde::Serialize;

use super::WaitReport;

/// The state of everything now.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// `ok`, `degraded`, `exhausted` or `invalid-keys`.
    pub state: &'static str,
    /// Every key.
    pub keys: Vec<KeyStatus>,
    /// Every pool that was used so far.
    pub pools: Vec<PoolStatus>,
    /// Who waits.
    pub queue: QueueStatus,
    /// What a user interface should tell people who are about to ask.
    pub pace: Pace,
    /// What somebody should look at.
    pub alerts: Vec<Alert>,
    /// What is good to know, and no problem.
    pub notices: Vec<Notice>,
    /// When the first key can serve again, where none can now; Unix milliseconds.
    pub next_available_at: Option<u64>,
}

/// Whether people should slow down.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Pace {
    /// `go`: there is room; `slow`: a limit is nearly used up; `wait`: whoever asks now has to wait.
    pub signal: &'static str,
    /// How long whoever asks now would wait, where that can be told.
    pub wait_ms: Option<u64>,
    /// The share of the tightest limit of the present minute or day that is used, over the pool with most room: 0 to 1.
    pub used: Option<f64>,
}

/// One key.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyStatus {
    /// Its id.
    pub id: String,
    /// `…` and the last characters of the secret, three at most.
    pub hint: String,
    /// Whose key it is, where that is known.
    pub provider: Option<&'static str>,
    /// The project whose quota it uses.
    pub project: String,
    /// In one word of `index.d.ts`.
    pub health: &'static str,
    /// When it may serve again, where it can't now and that is known; Unix milliseconds.
    pub available_at: Option<u64>,
    /// The same as a span from now.
    pub available_in_ms: Option<u64>,
    /// Why it can't serve, in a few words.
    pub reason: Option<&'static str>,
    /// Whether the day's quota of its project is used up.
    pub quota_exceeded: bool,
    /// When that is over, where it is so and that is known; Unix milliseconds.
    pub quota_reset_time: Option<u64>,
    /// Attempts sent.
    pub requests: u64,
    /// Of those, served.
    pub successes: u64,
    /// Of those, failed through the key's or the provider's fault.
    pub errors: u64,
    /// Of those, refused for quota.
    pub rate_limited: u64,
    /// Errors in a row.
    pub consecutive_errors: u32,
    /// Served of those that were served or failed: 0 to 1.
    pub success_rate: Option<f64>,
    /// Mean time to response headers of served attempts.
    pub latency_ms: Option<u64>,
    /// Unix milliseconds.
    pub last_used_at: Option<u64>,
}

/// One pool.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PoolStatus {
    /// The provider.
    pub provider: &'static str,
    /// The project.
    pub project: String,
    /// The model, `*` for calls that named none.
    pub model: String,
    /// What is known of its limits.
    pub limits: LimitStatus,
    /// What was used.
    pub used: UsedStatus,
    /// What is left of each known limit.
    pub remaining: RemainingStatus,
    /// How the provider's minute runs, as far as is known: `rolling`, `fixed` or `unknown` (then it is taken to roll).
    pub minute: &'static str,
    /// When use begins to leave the minute, and when the day ends; Unix milliseconds.
    pub resets_at: ResetStatus,
    /// Why it is closed, where it is.
    pub closed: Option<&'static str>,
    /// When it may be tried again, where it is closed and that is known; Unix milliseconds.
    pub available_at: Option<u64>,
}

/// Known limits.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct LimitStatus {
    /// Requests per minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rpm: Option<u64>,
    /// Tokens per minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tpm: Option<u64>,
    /// Requests per day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rpd: Option<u64>,
    /// Tokens per day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tpd: Option<u64>,
    /// Requests under way at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<u64>,
    /// Of `rpm`, at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub burst: Option<u64>,
    /// Whether they were learned from answers. Declared ones are not.
    pub learned: bool,
}

/// What a pool has used.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UsedStatus {
    /// Requests in the present minute window.
    pub requests: u64,
    /// Tokens in the present minute window.
    pub tokens: u64,
    /// Requests since 00:00 UTC.
    pub requests_today: u64,
}

/// What is left of a pool.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct RemainingStatus {
    /// Of `rpm`.
    pub rpm: Option<u64>,
    /// Of `tpm`.
    pub tpm: Option<u64>,
    /// Of `rpd`.
    pub rpd: Option<u64>,
}

/// When a pool refills.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ResetStatus {
    /// When the minute's use begins to leave.
    pub minute: u64,
    /// When the day ends.
    pub day: u64,
}

/// Who waits and who is under way.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct QueueStatus {
    /// Calls that wait, for quota or by their back-off.
    pub waiting: usize,
    /// Attempts under way.
    pub in_flight: u32,
    /// How long the oldest of the waiting has waited.
    pub oldest_ms: u64,
    /// The waiting calls in the order in which they will go, as far as that is known; the first hundred.
    pub calls: Vec<WaitReport>,
}

/// Something that somebody should look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Alert {
    /// `medium` or `critical`.
    pub severity: &'static str,
    /// `warning` or `error`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// For programs.
    pub code: &'static str,
    /// For people.
    pub message: String,
    /// The key in question, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The limit in question, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<LimitDrift>,
}

/// A limit that is another than declared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LimitDrift {
    /// The project.
    pub project: String,
    /// The model, `*` for calls that named none.
    pub model: String,
    /// What is counted.
    pub metric: &'static str,
    /// Over which span.
    pub window: &'static str,
    /// What was declared.
    pub declared: u64,
    /// What the provider states, where it does.
    pub stated: Option<u64>,
    /// After how many it refuses, where it states nothing less than declared.
    pub found: Option<u64>,
}

/// Something that is good to know.
#[derive(Clone, Debug, Serialize)]
pub struct Notice {
    /// `info`.
    pub severity: &'static str,
    /// For programs.
    pub code: &'static str,
    /// For people.
    pub message: String,
    /// The limit in question, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<LimitDrift>,
}
