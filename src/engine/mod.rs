//! The engine decides, and does nothing else: no clock, no randomness, no network, no JavaScript.
//!
//! One input goes in ([`Engine::handle_input`], with what the host's clocks say), its outputs are drained
//! ([`Engine::poll_output`]), and the last output names the next deadline with its reason. Only then comes the next
//! input. The same seed and the same inputs give the same outputs, so a bug is a seed and a list of inputs.
//!
//! Three nouns can be at fault for a failure, and exactly one is charged: a key (health), a pool or its project (limits
//! and use), a model's capacity at its provider (overload). Each owns a gate. A send is made only out of a pool's
//! permit, and a permit is settled or released, once.

mod account;
mod admission;
mod agenda;
mod alert;
mod availability;
mod backoff;
mod budget;
mod call;
mod client;
mod code;
mod command;
mod config;
mod day;
mod event;
mod failure;
mod fair;
mod forecast;
mod gate;
mod habits;
mod histogram;
mod inbound;
mod io;
mod journal;
mod key;
mod lately;
mod learned;
mod learning;
mod limits;
mod notice;
mod only;
mod outcome;
mod penalty;
mod permit;
mod pool;
mod pools;
mod promise;
mod provider;
mod queue;
mod ranking;
mod report;
mod rng;
mod room;
mod roster;
mod scheduler;
mod settlement;
mod shares;
pub(crate) mod snapshot;
mod spreading;
mod standing;
mod status;
mod strategy;
mod stream;
mod supply;
mod survey;
mod suspicion;
mod table;
mod terms;
mod time;
mod timetable;
mod trace;
mod turnout;
mod units;
mod usage;
mod verdict;
mod waiting;
mod watch;
mod window;

pub use backoff::{Backoff, Jitter};
pub use budget::BudgetPolicy;
pub use client::Engine;
pub(crate) use code::Code;
pub use command::KeyError;
pub use config::{AlertPolicy, Config, Cooldown, Pacing, Preset, QueuePolicy, SessionRate};
pub use event::{Deadline, Event, Rotation, Settled, WaitLimit, WaitReason};
pub use failure::{AttemptNote, Failure, FailureCode};
pub use gate::Cause;
pub use habits::Minute;
pub use io::{Ask, Finish, Input, Outcome, Output, Send};
pub use key::KeySpec;
pub use learned::Source;
pub use learning::Reading;
pub use limits::{LimitTable, Limits, PresetRow, PresetTable};
pub use only::{Only, Thing, Tie};
pub use provider::Provider;
pub use report::{
    Alert, Distribution, KeyStatus, Latency, LimitDrift, LimitStatus, Metrics, Notice, Pace, PoolStatus, QueueStatus,
    RemainingStatus, ResetStatus, RotationReport, SkipReport, Stats, Status, StepReport, SuspicionReport, TokenTotals,
    TraceReport, UsedStatus, WaitLimitReport, WaitReport, Waited,
};
pub(crate) use rng::Rng;
pub use snapshot::{OLDEST, Restored, Snapshot, VERSION};
pub use standing::State;
pub use strategy::{Assignment, Strategy};
pub use suspicion::Suspicion;
pub(crate) use table::Set;
pub use terms::Demand;
pub use time::{Instant, Millis, Now, UnixMillis};
pub use units::{CallId, KeyId, ModelId, PoolId, ProjectId, Tokens, Used};
pub use usage::{Step as UsageStep, UsagePolicy, UsageQuery, UsageSums};
pub use verdict::{Classification, Finality, Hint, Metric, Scope, Span, Verdict};
