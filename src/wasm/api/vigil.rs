//! Calls that keep their own time: for hosts where timers, requests and promises belong to the request of a worker that
//! made them, and no other may touch them. There is no alarm then, and nobody is told of what another's request has brought
//! about: each call looks after itself now and then, by a timer of its own request.

use wasm_bindgen::prelude::*;

use super::RawQuotaAware;
use crate::engine::{CallId, Input, Now};
use crate::wasm::convert;
use crate::wasm::flight::{self, Mail, Reader};
use crate::wasm::shell::State;

#[wasm_bindgen]
impl RawQuotaAware {
    /// Looks how a call stands; to be called from its own request. Milliseconds until the next look; 0: go on by `resume`
    /// now; -1: it is over, and nobody will say more.
    pub fn look(&self, ticket: f64) -> Result<f64, JsValue> {
        let call = CallId(ticket as u64);
        if self.shell.is_closed() {
            if let Some(flight) = self.shell.take(call) {
                flight.cancel(&convert::closed());
            }
            return Ok(OVER);
        }
        let (answer, stopped, waker) = self.shell.enter_and(
            |state, now| {
                state.engine.handle_input(now, Input::Tick);
                now
            },
            |state, now| {
                let next = until_next(state, call, now);
                let Some(flight) = state.flights.get_mut(&call) else { return (OVER, None, None) };
                let is_told = matches!(flight.reader, Reader::Told) && !matches!(flight.mail, Mail::None);
                let is_stopped = matches!(flight.reader, Reader::Attempt) && flight.given_up;
                let stopped = flight.given_up();
                if is_told || is_stopped {
                    flight.reader = Reader::Task(None);
                    return (GO_ON, stopped, None);
                }
                let waker = match &mut flight.reader {
                    Reader::Task(waker) if !matches!(flight.mail, Mail::None) => waker.take(),
                    _ => None,
                };
                (next, stopped, waker)
            },
        )?;
        flight::stop(stopped);
        if let Some(waker) = waker {
            waker.wake();
        }
        Ok(answer)
    }

    /// The request that a call belongs to has ended, and took with it whatever the call had under way: its place and its
    /// permit are free. May be called from any other.
    pub fn abandon(&self, ticket: f64) -> Result<(), JsValue> {
        let call = CallId(ticket as u64);
        self.shell.input(Input::Abort(call))?;
        self.shell.enter(|state, _| drop(state.flights.remove(&call)))
    }
}

/// One that waits looks often, since a place may come early; one that was sent has nothing to look for but the end of its
/// time. Both soon enough that others see that it is still there.
fn until_next(state: &State, call: CallId, now: Now) -> f64 {
    let waits = state.flights.get(&call).is_some_and(|flight| matches!(flight.reader, Reader::Told));
    let (due, most) = if waits {
        (state.engine.next_deadline().map(|deadline| deadline.at), WAITS)
    } else {
        (state.engine.due(call), IS_SENT)
    };
    due.map_or(most, |at| ((at - now.mono).0 as f64).clamp(1.0, most))
}

const GO_ON: f64 = 0.0;
const OVER: f64 = -1.0;
/// A look costs some ten microseconds.
const WAITS: f64 = 50.0;
const IS_SENT: f64 = 1000.0;
