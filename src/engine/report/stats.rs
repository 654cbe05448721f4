//! Counters since the start.

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
    /// The part of `input` that came out of a provider's cache.
    pub cached: u64,
    /// The part of `output` that was thoughts.
    pub thoughts: u64,
}

/// Waits.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Waited {
    /// Calls that waited.
    pub calls: u64,
    /// How long, in all.
    pub total_ms: u64,
    /// Half of all calls waited no longer, also not at all; within 1 %.
    pub p50: u64,
    /// 95 % did.
    pub p95: u64,
    /// 99 % did.
    pub p99: u64,
}

/// Counters for monitoring systems: none of them ever goes down.
#[derive(Clone, Debug, Serialize)]
pub struct Metrics {
    /// Attempts by verdict.
    pub verdicts: Vec<(&'static str, u64)>,
    /// From sending to response headers, of served attempts.
    pub latency: Distribution,
    /// How long calls waited.
    pub waits: Distribution,
}

/// How often which span.
#[derive(Clone, Debug, Serialize)]
pub struct Distribution {
    /// Milliseconds, and how many were no longer.
    pub buckets: Vec<(u64, u64)>,
    /// How many there were.
    pub count: u64,
    /// All of them added up, in milliseconds.
    pub sum: u64,
}
