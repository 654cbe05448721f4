//! The shapes of what leaves the engine for people and programs. Field names are those of `index.d.ts`.

use serde::Serialize;

/// The workshop's counters first, exactly as its scripts read them; then ours.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stats {
    /// Whose turn it is, counted from 1.
    pub current_key: usize,
    /// Keys present.
    pub total_keys: usize,
    /// Attempts sent, by key.
    pub request_counts: Vec<u64>,
    /// Failed attempts, by key.
    pub error_counts: Vec<u64>,
    /// Attempts sent.
    pub total_requests: u64,
    /// Failed attempts.
    pub total_errors: u64,
    /// `"98.3%"` of all attempts that are over, or `"N/A"`.
    pub success_rate: String,
    /// `"12s"`.
    pub uptime: String,
    /// From sending to response headers, of served attempts.
    pub latency: Latency,
    /// As the providers reported them.
    pub tokens: TokenTotals,
    /// Attempts refused for quota.
    pub rate_limited: u64,
    /// Attempts beyond a call's first.
    pub retries: u64,
    /// Attempts that a limit would have held back, under `shadow`.
    pub held_back: u64,
    /// How much of the known quota of the present minute is in use, over all pools: 0 to 1; null where no limit is known.
    pub utilisation: Option<f64>,
    /// Served of the attempts that are over: 0 to 1; null before the first. What is missing was spent in vain.
    pub efficiency: Option<f64>,
    /// Moves from one key to another, with a reason in the history.
    pub rotations: u64,
    /// Calls that had to wait.
    pub waited: Waited,
}

/// Quantiles, in milliseconds, to within 1 %.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Latency {
    /// Half of the attempts were at least as fast.
    pub p50: u64,
    /// 95 % were.
    pub p95: u64,
    /// 99 % were.
    pub p99: u64,
}

/// Tokens, as reported in `usage` of the responses that callers have read.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct TokenTotals {
    /// Sent.
    pub input: u64,
    /// Received, thoughts included.
    pub output: u64,
    /// Both.
    pub total: u64,
}

/// Waits.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Waited {
    /// Calls that waited.
    pub calls: u64,
    /// How long, in all.
    pub total_ms: u64,
}

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
    /// The one project that may serve it, where only one may.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
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
    /// One project alone may serve it.
    Only {
        /// When; Unix milliseconds, here and below.
        at: u64,
        /// Which.
        project: String,
        /// Why, in a few words.
        reason: &'static str,
    },
    /// Keys that could not serve.
    Skipped {
        /// When.
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

/// Something that somebody should look at.
#[derive(Clone, Debug, Serialize)]
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
}
