//! What the engine promises, told as stories on a virtual clock. `world.rs` is the stage; each module is a subject.

mod calls;
mod events;
mod failures;
mod invariants;
mod pacific;
mod rotation;
mod world;
