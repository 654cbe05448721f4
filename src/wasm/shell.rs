//! The shell: the engine's state behind one door, and everything that follows from an input.

use std::cell::{Cell, RefCell, RefMut};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::task::Waker;

use js_sys::Function;
use wasm_bindgen::prelude::*;

use super::alarm::Alarm;
use super::convert;
use super::events::{self, Listened};
use super::flight::{Flight, HeaderNames, Mail, Reader, Route};
use super::host::Host;
use super::told::{Ear, Told};
use super::vault::Vault;
use crate::engine::{CallId, Engine, Event, Input, KeyId, KeySpec, Now, Output};
use crate::options::KeyEntry;

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) engine: Engine,
    pub(crate) vault: Vault,
    pub(crate) routes: Vec<Rc<Route>>,
    /// A tree of its own, as of the engine's calls, which are looked up most. Boxed: nodes are half empty when ids only grow.
    pub(crate) flights: BTreeMap<CallId, Box<Flight>>,
    pub(crate) names: HeaderNames,
    pub(crate) listened: Listened,
    calls: u64,
}

impl State {
    pub(crate) fn new(engine: Engine) -> Self {
        Self {
            engine,
            vault: Vault::default(),
            routes: Vec::new(),
            flights: BTreeMap::new(),
            names: HeaderNames::new(),
            listened: Listened::default(),
            calls: 0,
        }
    }

    /// The keys as they were given.
    pub(crate) fn entries(&self) -> Vec<KeyEntry> {
        let entry = |(id, spec): (KeyId, &KeySpec)| {
            Some(KeyEntry { spec: spec.clone(), secret: self.vault.secret(id)?.clone() })
        };
        self.engine.keys().filter_map(entry).collect()
    }

    pub(crate) fn next_call(&mut self) -> CallId {
        self.calls += 1;
        CallId(self.calls)
    }
}

#[derive(Debug)]
pub(crate) struct Shell {
    pub(crate) host: Host,
    ear: Ear,
    /// `(ticket)`: a call has waited long enough, or the attempt that JavaScript awaits was given up. Go on by `resume`.
    go_on: Function,
    state: RefCell<State>,
    /// Apart from the state: a state that a trap has locked must not leave a timer behind that keeps a process alive.
    alarm: RefCell<Alarm>,
    /// Set while the state is borrowed. Found set at the door, it tells of a call that never came back: a trap.
    inside: Cell<bool>,
    closed: Cell<bool>,
    /// Each call keeps its own time (`vigil`): no timer of ours, and nobody is told or woken by what happens to another.
    apart: bool,
    /// Whether the host's clocks have ever shown a time. Those of the edge stand still until there is a request.
    began: Cell<bool>,
}

/// What has to happen once the borrow has ended.
#[derive(Debug, Default)]
struct Aftermath {
    events: Vec<Told>,
    wakers: Vec<Waker>,
    go_on: Vec<CallId>,
}

impl Shell {
    pub(crate) fn new(host: Host, ear: Ear, go_on: Function, state: State, apart: bool) -> Rc<Self> {
        Rc::new(Self {
            host,
            ear,
            go_on,
            state: RefCell::new(state),
            alarm: RefCell::default(),
            inside: Cell::new(false),
            closed: Cell::new(false),
            apart,
            began: Cell::new(!apart),
        })
    }

    /// The one way to the state: reads the clock, borrows, lets `work` be done, drains the engine, ends the borrow, and
    /// only then lets anybody hear of it.
    pub(crate) fn enter<R>(self: &Rc<Self>, work: impl FnOnce(&mut State, Now) -> R) -> Result<R, JsValue> {
        self.enter_and(work, |_, result| result)
    }

    /// The same, with a second look at the state after the drain.
    pub(crate) fn enter_and<R, S>(
        self: &Rc<Self>,
        work: impl FnOnce(&mut State, Now) -> R,
        look: impl FnOnce(&mut State, R) -> S,
    ) -> Result<S, JsValue> {
        let (now, mut state) = self.open()?;
        let result = work(&mut state, now);
        let aftermath = self.drain(&mut state, now);
        let seen = look(&mut state, result);
        self.leave(state, aftermath);
        Ok(seen)
    }

    // This and the next apart from the above, which there is one of for each method of the class.
    #[inline(never)]
    fn open(&self) -> Result<(Now, RefMut<'_, State>), JsValue> {
        if self.inside.get() {
            return Err(convert::fault(&super::last_panic()));
        }
        if self.closed.get() {
            return Err(convert::closed());
        }
        let now = self.host.now()?;
        self.inside.set(true);
        let mut state = self.state.borrow_mut();
        if !self.began.get() && now.mono.0 > 0 && now.wall.0 > 0 {
            self.began.set(true);
            state.engine.begin_at(now);
        }
        Ok((now, state))
    }

    #[inline(never)]
    fn leave(&self, state: RefMut<'_, State>, aftermath: Aftermath) {
        drop(state);
        self.inside.set(false);
        self.deliver(aftermath);
    }

    /// Feeds one input.
    pub(crate) fn input(self: &Rc<Self>, input: Input) -> Result<(), JsValue> {
        self.enter(|state, now| state.engine.handle_input(now, input))
    }

    /// Whether the engine has said something about a call, or there is nobody left to say anything. If not, this is who
    /// hears of it when it does.
    pub(crate) fn has_mail(&self, call: CallId, reader: Reader) -> bool {
        let Ok(mut state) = self.state.try_borrow_mut() else { return true };
        match state.flights.get_mut(&call) {
            Some(flight) if matches!(flight.mail, Mail::None) => {
                flight.reader = reader;
                false
            }
            _ => true,
        }
    }

    pub(crate) fn close(self: &Rc<Self>) {
        if self.closed.replace(true) {
            return;
        }
        if let Ok(mut alarm) = self.alarm.try_borrow_mut() {
            alarm.clear();
        }
        // Each call's request ends it itself: what it has under way is nothing that another may touch.
        if self.apart {
            return;
        }
        let Ok(mut state) = self.state.try_borrow_mut() else { return };
        let reason = convert::closed();
        let mut flights = core::mem::take(&mut state.flights);
        drop(state);
        while let Some((_, flight)) = flights.pop_first() {
            flight.cancel(&reason);
            if let Reader::Task(Some(waker)) = flight.reader {
                waker.wake();
            }
        }
    }

    /// A call that is taken out, where there are no more.
    pub(crate) fn take(&self, call: CallId) -> Option<Box<Flight>> {
        self.state.try_borrow_mut().ok()?.flights.remove(&call)
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.get()
    }

    #[inline(never)]
    fn drain(self: &Rc<Self>, state: &mut State, now: Now) -> Aftermath {
        let mut aftermath = Aftermath::default();
        let deadline = loop {
            match state.engine.poll_output() {
                Output::Send(send) => self.post(state, send.call, Mail::Send(send), &mut aftermath),
                Output::Done(call, finish) => self.post(state, call, Mail::Done(finish), &mut aftermath),
                Output::Cancel(call) if self.apart => {
                    if let Some(flight) = state.flights.get_mut(&call) {
                        flight.given_up = true;
                    }
                }
                Output::Cancel(call) => {
                    if let Some(flight) = state.flights.get_mut(&call) {
                        flight.cancel(&convert::time_out());
                        if matches!(flight.reader, Reader::Attempt) {
                            flight.reader = Reader::Task(None);
                            aftermath.go_on.push(call);
                        }
                    }
                }
                Output::Event(event) => Self::note(state, now, event, &mut aftermath),
                Output::Wait(deadline) => break deadline,
            }
        };
        if self.apart {
            return aftermath;
        }
        let shell = Rc::downgrade(self);
        let waiting = state.engine.waiting() > 0;
        self.alarm.borrow_mut().set(now.mono, deadline, waiting, move || {
            if let Some(shell) = shell.upgrade() {
                shell.tick();
            }
        });
        aftermath
    }

    fn post(&self, state: &mut State, call: CallId, mail: Mail, aftermath: &mut Aftermath) {
        let Some(flight) = state.flights.get_mut(&call) else { return };
        flight.mail = mail;
        if self.apart {
            return;
        }
        match &mut flight.reader {
            Reader::Attempt => {}
            Reader::Told => {
                flight.reader = Reader::Task(None);
                aftermath.go_on.push(call);
            }
            Reader::Task(waker) => aftermath.wakers.extend(waker.take()),
        }
    }

    fn note(state: &mut State, now: Now, event: Event, aftermath: &mut Aftermath) {
        if state.listened.has(events::name(&event)) {
            aftermath.events.push(Told::of(&mut state.engine, now, event));
        }
    }

    fn deliver(&self, aftermath: Aftermath) {
        for waker in aftermath.wakers {
            waker.wake();
        }
        for call in aftermath.go_on {
            let _ = self.go_on.call1(&JsValue::UNDEFINED, &JsValue::from_f64(call.0 as f64));
        }
        for told in aftermath.events {
            told.tell(&self.ear);
        }
    }

    fn tick(self: &Rc<Self>) {
        // A closed or broken instance has no time to keep.
        let _ = self.enter(|state, now| {
            self.alarm.borrow_mut().rang();
            state.engine.handle_input(now, Input::Tick);
        });
    }
}
