//! Evidence for `src/provider`: recorded responses, the grammars they follow, their traps, and survival of anything else.

// Helpers of tests count as production code for these two lints, which are right about production code.
#![allow(clippy::unwrap_used, clippy::panic)]

mod anthropic;
mod common;
mod fixtures;
mod google;
mod google_quota;
mod hosts;
mod learning;
mod openai;
mod others;
mod streams;
mod survival;
mod traps;
mod waits;
