//! Plans: will the keys last for the day that is to come? Answered by playing it: the engine itself on a virtual clock,
//! a provider that counts truthfully, and people who ask as people do.
//!
//! Pure like the engine: the same [`Scenario`] gives the same [`Report`], to the millisecond.

mod advice;
mod known;
mod ledger;
mod meter;
mod people;
mod profiles;
mod provider;
mod report;
mod rng;
mod run;
mod scenario;
mod wire;

pub use advice::{Change, Fix, Plan, plan};
pub use known::{FREE_TIER, Known};
pub use provider::{Emulator, Limit, Reply};
pub use report::{Bar, Break, BrokenLimit, Calls, Count, How, Report, Slice, Supply, Waits};
pub use run::run;
pub use scenario::{
    Burst, Day, Faults, Greedy, Model, Pace, Project, QUIET_MORNING, Scenario, Service, Spread, Window,
};
