//! The shapes of what leaves the engine for people and programs. Field names are those of `index.d.ts`.

mod calls;
mod stats;
mod status;

pub use calls::{RotationReport, SkipReport, StepReport, SuspicionReport, TraceReport, WaitLimitReport, WaitReport};
pub use stats::{Distribution, Latency, Metrics, Stats, TokenTotals, Waited};
pub use status::{
    Alert, KeyStatus, LimitDrift, LimitStatus, Notice, Pace, PoolStatus, QueueStatus, RemainingStatus, ResetStatus,
    Status, UsedStatus,
};
