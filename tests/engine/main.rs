//! What the engine promises, told as stories on a virtual clock. `world.rs` is the stage; each module is a subject.

// Helpers of tests count as production code for these two lints, which are right about production code.
#![allow(clippy::unwrap_used, clippy::panic)]
// Tables read row by row, and hours are small.
#![allow(clippy::match_same_arms, clippy::cast_possible_wrap)]

mod alerts;
mod calls;
mod events;
mod failures;
mod invariants;
mod lasting;
mod model;
mod only;
mod pacific;
mod rotation;
mod snapshots;
mod streams;
mod usage;
mod world;
