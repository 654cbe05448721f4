//! How events reach JavaScript, and when: after the borrow has ended, since whoever hears of one may do whatever they like.

use std::rc::Rc;

use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::convert::to_js;
use super::events;
use crate::engine::{CallId, Engine, Event, KeyId, ModelId, Now, ProjectId, Provider, Settled, UnixMillis, Verdict};

#[wasm_bindgen]
extern "C" {
    /// Who hears of events: those of the hooks that tell of them. They keep to themselves what listeners throw.
    #[derive(Debug)]
    pub(crate) type Ear;

    #[wasm_bindgen(method)]
    fn notify(this: &Ear, name: &str, detail: &JsValue);

    #[wasm_bindgen(method)]
    #[allow(clippy::too_many_arguments, reason = "an object for them is what took the time")]
    fn attempt(this: &Ear, at: f64, call: f64, key: u32, position: u32, of: u32, model: u32, attempt: u32);

    #[wasm_bindgen(method)]
    #[allow(clippy::too_many_arguments, reason = "an object for them is what took the time")]
    fn settled(
        this: &Ear,
        at: f64,
        call: f64,
        attempt: u32,
        key: u32,
        position: u32,
        of: u32,
        provider: u32,
        project: u32,
        model: u32,
        session: Option<&str>,
        operation: Option<&str>,
        verdict: u32,
        status: Option<u32>,
        latency: f64,
        waited: f64,
    );
}

/// An event that is ready to be told. The two that each attempt has cross as numbers, whose names JavaScript asks for once: as
/// JSON they took 9 us each, which was as much as all the rest of a call.
#[derive(Debug)]
pub(crate) enum Told {
    Attempt { at: UnixMillis, call: CallId, key: KeyId, seat: Seat, model: ModelId, attempt: u32 },
    Settled { at: UnixMillis, seat: Seat, owner: (Provider, ProjectId), settled: Rc<Settled> },
    Other(&'static str, JsValue),
}

/// A key's number, counted from 1, or 0 where it was taken away meanwhile; and that of all keys.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seat(u32, u32);

impl Seat {
    fn of(engine: &Engine, key: KeyId) -> Self {
        let (position, of) = engine.key_position(key);
        Self(position.map_or(0, |at| at as u32 + 1), of as u32)
    }
}

impl Told {
    pub(crate) fn of(engine: &mut Engine, now: Now, event: Event) -> Self {
        let at = now.wall;
        match event {
            Event::Attempt { call, key, model, attempt } => {
                Self::Attempt { at, call, key, seat: Seat::of(engine, key), model, attempt }
            }
            Event::Settled(settled) => {
                let (seat, owner) = (Seat::of(engine, settled.key), engine.owner_of(settled.pool));
                Self::Settled { at, seat, owner, settled }
            }
            event => Self::Other(events::name(&event), to_js(&events::detail(engine, now, &event))),
        }
    }

    /// Not while anything is borrowed: whoever hears of it may do whatever they like.
    pub(crate) fn tell(&self, ear: &Ear) {
        match self {
            Self::Attempt { at, call, key, seat: Seat(position, of), model, attempt } => {
                ear.attempt(at.0 as f64, call.0 as f64, key.0, *position, *of, model.0, *attempt);
            }
            Self::Settled { at, seat: Seat(position, of), owner: (provider, project), settled } => {
                let Settled { call, attempt, key, model, session, operation, verdict, status, .. } = &**settled;
                ear.settled(
                    at.0 as f64,
                    call.0 as f64,
                    *attempt,
                    key.0,
                    *position,
                    *of,
                    *provider as u32,
                    project.0,
                    model.0,
                    session.as_deref(),
                    operation.as_deref(),
                    *verdict as u32,
                    status.map(u32::from),
                    settled.latency.0 as f64,
                    settled.waited.0 as f64,
                );
            }
            Self::Other(name, detail) => ear.notify(name, detail),
        }
    }
}

/// What the numbers of verdicts and providers stand for: `{ providers: [name], verdicts: [[name, category]] }`.
#[wasm_bindgen(js_name = eventWords)]
pub fn event_words() -> JsValue {
    #[derive(Serialize)]
    struct Words {
        providers: [&'static str; Provider::ALL.len()],
        verdicts: [(&'static str, Option<&'static str>); Verdict::ALL.len()],
    }
    to_js(&Words {
        providers: Provider::ALL.map(Provider::name),
        verdicts: Verdict::ALL.map(|verdict| (verdict.name(), verdict.category())),
    })
}
