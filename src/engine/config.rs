//! The policy of one client. A `Config` that exists is valid: `options` parses what users write into it.

use super::backoff::{Backoff, Jitter};
use super::budget::BudgetPolicy;
use super::habits::Minute;
use super::limits::{LimitTable, PresetTable};
use super::strategy::{Assignment, Strategy};
use super::time::Millis;
use super::usage::UsagePolicy;

/// Everything that can be set about how calls are spread, retried and kept waiting.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// How keys are chosen.
    pub strategy: Strategy,
    /// Limits of projects whose keys declare none.
    pub limits: Option<LimitTable>,
    /// Dated tables of known limits, for pools of which nothing is declared. What the provider answers beats them.
    pub tables: Vec<&'static PresetTable>,
    /// Length of the per-minute window.
    pub window: Millis,
    /// How the provider's minute runs.
    pub minute: Minute,
    /// Whether sends are spread over the minute.
    pub pacing: Pacing,
    /// Sends per call at most, the first included. `None`: projects + 2, at most 10.
    pub max_attempts: Option<u32>,
    /// Waits before the same pool is tried again.
    pub backoff: Backoff,
    /// Whether a move to another project waits too (the workshop's class does), or goes at once.
    pub moves_wait: bool,
    /// Pays for retries on the same pool. `None`: they are free.
    pub budget: Option<BudgetPolicy>,
    /// When keys and pools are left alone for a while.
    pub cooldown: Cooldown,
    /// How many more tries a call gets that meets an overloaded model.
    pub overload_retries: u32,
    /// How long one attempt may take to its response headers.
    pub timeout: Millis,
    /// How long one call may take, waiting and retries included.
    pub deadline: Millis,
    /// Who may wait, and for how long.
    pub queue: QueuePolicy,
    /// Shares of a limit, in thousandths, whose crossing is told; each once, the lowest first.
    pub warn_at: Vec<u64>,
    /// When an alert is raised. `None`: never.
    pub alerts: Option<AlertPolicy>,
    /// Limits are counted and told, and nothing waits for them: to see what they would do before they do it.
    pub shadow: bool,
    /// How often each session may call. `None`: as often as it likes.
    pub session_rate: Option<SessionRate>,
    /// How much of the past is counted and kept. `None`: none of it.
    pub usage: Option<UsagePolicy>,
    /// The share of each minute, in thousandths, that only calls of a workload may use.
    pub reserves: Vec<(String, u64)>,
}

/// From when on somebody should look. Rates are those of the last 100 to 200 attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlertPolicy {
    /// The share of a key's attempts, in thousandths, that should be served.
    pub success_rate: u64,
    /// The share of all attempts, in thousandths, that may fail other than for quota.
    pub error_rate: u64,
    /// Fewer attempts say nothing about a rate.
    pub min_requests: u32,
    /// Whether it is noted that several keys of one provider name no project.
    pub terms: bool,
}

/// Cooldowns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cooldown {
    /// Closes a pool after a per-minute refusal without a hint. `None`: to the end of the observed window.
    pub rate_limit: Option<Millis>,
    /// A key's first cooldown after errors in a row; each further one is twice as long.
    pub error: Millis,
    /// No cooldown is longer than this.
    pub error_max: Millis,
    /// Errors in a row that cause one.
    pub error_threshold: u32,
}

/// The waiting room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueuePolicy {
    /// Longest wait for quota. What we add to a server's hint ourselves is not counted against it.
    pub max_wait: Millis,
    /// Calls that may wait at once.
    pub max_size: u32,
    /// Calls of one session that may wait at once.
    pub per_session: u32,
    /// Whether sessions take turns, and greedy ones leave room for others. False: who came first goes first.
    pub fair: bool,
}

/// How often one session may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionRate {
    /// Calls a second, on average.
    pub per_second: core::num::NonZeroU32,
    /// Calls at once.
    pub burst: core::num::NonZeroU32,
}

/// Whether sends are spread over the minute or go as soon as there is room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pacing {
    /// At once while a minute's quota can take all that wait, spread once it can't: bursts have the best median, even
    /// spacing the best 95th percentile at saturation.
    #[default]
    Auto,
    /// Always at once.
    Burst,
    /// Always spread.
    Even,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            strategy: Strategy::RoundRobin,
            limits: None,
            tables: Vec::new(),
            window: Millis::from_secs(60),
            minute: Minute::Auto,
            pacing: Pacing::Auto,
            max_attempts: None,
            backoff: Backoff::default(),
            moves_wait: false,
            budget: Some(BudgetPolicy::default()),
            cooldown: Cooldown::default(),
            // Where one request in twenty is turned away, one call in 8,000 would fail after two.
            overload_retries: 4,
            timeout: Millis::from_secs(60),
            // Peers have none, or 100 minutes; people leave after two.
            deadline: Millis::from_secs(120),
            queue: QueuePolicy::default(),
            // The four fifths of the workshop plan and the rotation report, and once more when little is left to act in.
            warn_at: vec![800, 950],
            alerts: Some(AlertPolicy::default()),
            shadow: false,
            session_rate: None,
            usage: Some(UsagePolicy::default()),
            reserves: Vec::new(),
        }
    }
}

impl Default for AlertPolicy {
    /// The multi-key service's four fifths after more than ten requests, and the workshop plan's tenth of errors.
    fn default() -> Self {
        Self { success_rate: 800, error_rate: 100, min_requests: 10, terms: true }
    }
}

impl Default for Cooldown {
    /// The quest app's 30 s after 3 errors; half open with one call afterwards.
    fn default() -> Self {
        Self { rate_limit: None, error: Millis::from_secs(30), error_max: Millis::from_mins(5), error_threshold: 3 }
    }
}

impl Default for QueuePolicy {
    /// Bounded on all sides: unlimited queues are a known trap.
    fn default() -> Self {
        Self { max_wait: Millis::from_secs(60), max_size: 1_000, per_session: 50, fair: true }
    }
}

/// Named sets of values: the retry manners of the systems that this one replaces, with their exact figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// 100 ms doubling to 2 s without jitter, also between keys; as many sends as keys.
    Workshop,
    /// A base of 15 s with jitter, five sends.
    Handler,
    /// Three sends, 60 s after a rate limit, 30 s after three errors, quest `n` on key `n mod k`.
    Quest,
}

impl Preset {
    /// The preset's name in options.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Workshop => "workshop",
            Self::Handler => "handler",
            Self::Quest => "quest",
        }
    }

    /// All of them.
    pub const ALL: [Self; 3] = [Self::Workshop, Self::Handler, Self::Quest];

    /// The defaults as this preset has them, for a client of so many keys.
    pub fn config(self, keys: usize) -> Config {
        let base = Config::default();
        match self {
            Self::Workshop => Config {
                max_attempts: Some(keys.max(1) as u32),
                backoff: Backoff { base: Millis(100), max: Millis(2_000), factor: 2.0, jitter: Jitter::None },
                moves_wait: true,
                ..base
            },
            Self::Handler => Config {
                max_attempts: Some(5),
                backoff: Backoff { base: Millis::from_secs(15), max: Millis::from_mins(5), ..base.backoff },
                // Five waits from a base of 15 s do not fit into two minutes.
                deadline: Millis::from_mins(15),
                // Nor does its longest wait into the usual patience.
                queue: QueuePolicy { max_wait: Millis::from_mins(5), ..base.queue },
                ..base
            },
            Self::Quest => Config {
                strategy: Strategy::Assigned(Assignment::Modulo),
                max_attempts: Some(3),
                cooldown: Cooldown { rate_limit: Some(Millis::from_secs(60)), ..base.cooldown },
                ..base
            },
        }
    }
}
