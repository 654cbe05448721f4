//! The only room that knows JavaScript. It lends the engine the host's clocks, does what the engine says, and speaks
//! JavaScript's types at the door.
//!
//! Rules of this room, each learnt from a measured trap of the boundary (tests/js/boundary.test.js):
//! - No borrow of the state lives across an await, and none while JavaScript runs: clocks are read before, events and
//!   wake-ups are delivered after. So nothing can re-enter.
//! - A panic traps without running destructors. `Shell::enter` notices at the next call and says so.
//! - The hot path has no Rust future: it begins when a call must wait or be sent again.

// What #[wasm_bindgen] expands to is full of unsafe blocks; we write none ourselves.
#![allow(unsafe_code)]
// Exported functions are public for JavaScript, though no Rust path leads to them, and take their strings by value:
// that is how the boundary hands them over.
#![allow(unreachable_pub, clippy::needless_pass_by_value)]

mod alarm;
mod api;
mod classify;
mod convert;
mod events;
mod fetch;
mod flight;
mod host;
mod json;
mod plan;
mod question;
mod read;
mod resume;
mod shell;
mod told;
mod vault;

use std::cell::RefCell;
use std::panic;

use wasm_bindgen::prelude::*;

thread_local! {
    static LAST_PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Keeps the words of a panic: the trap that follows says only `unreachable`.
#[wasm_bindgen(start)]
fn start() {
    panic::set_hook(Box::new(|info| LAST_PANIC.with(|last| *last.borrow_mut() = info.to_string())));
}

/// Where and why the module last panicked; empty where it never did.
pub(crate) fn last_panic() -> String {
    LAST_PANIC.with(|last| last.borrow().clone())
}
