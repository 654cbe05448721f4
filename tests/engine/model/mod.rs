//! A model beside the engine: a provider that tells the truth, books that an outsider could keep, and what has to be true
//! of both. Slow and obvious, so that where the two disagree it is the engine that is looked at.

mod aliases;
mod books;
mod days;
mod fairness;
mod fixed;
mod learning;
mod limits;
mod pacing;
mod promises;
mod provider;
mod recovery;
mod road;
mod sharing;
mod stage;
mod traces;
mod turns;
