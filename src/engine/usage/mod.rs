//! Usage over time: what each key, pool, session and operation has used, counted by minute, hour and day.
//!
//! Attempts are counted in the minute in which they end, tokens in that in which an answer tells of them. Only the minute
//! that runs is written to; once it is over, it is added to its hour and its day. So an attempt costs one look into one
//! table, and what hours and days say is what their minutes said.
//!
//! The memory is bounded three times: by age, by the number of cells (the oldest minutes go first, then hours, then days),
//! and by the number of names that are told apart.

mod book;
mod cell;
mod lasting;
mod level;
mod names;
mod policy;
mod question;
mod sparse;

pub(crate) use book::Usage;
pub(crate) use cell::Place;
pub use policy::UsagePolicy;
pub use question::{Step, UsageQuery, UsageSums};
