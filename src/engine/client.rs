//! The engine's door: takes one input, and lets the outputs that follow be drained.
//!
//! What a call does next is in `waiting`, what the end of an attempt means in `outcome`.

use std::collections::{BTreeMap, VecDeque};

use super::agenda::{Agenda, Due};
use super::budget::Budget;
use super::call::{Call, Landed, Manners, Phase};
use super::config::{Config, QueuePolicy};
use super::event::{Deadline, Event, WaitReason};
use super::failure::FailureCode;
use super::forecast::Forecast;
use super::inbound::Inbound;
use super::io::{Ask, Finish, Input, Outcome, Output};
use super::journal::Journal;
use super::queue::Queue;
use super::rng::Rng;
use super::roster::LaneId;
use super::scheduler::Scheduler;
use super::shares::Shares;
use super::stream::Served;
use super::suspicion::Suspicions;
use super::table::Table;
use super::time::{Instant, Millis, Now};
use super::trace::{Step, Trace, Traces};
use super::units::{CallId, KeyId};
use super::usage::Usage;
use super::verdict::{Classification, Scope, Verdict};
use super::watch::Watch;

/// The state of one client: keys, quota, calls. It decides; whoever owns it acts, and lends it the time.
#[derive(Debug)]
pub struct Engine {
    pub(super) config: Config,
    pub(super) scheduler: Scheduler,
    pub(super) journal: Journal,
    /// `None`: nothing is counted over time.
    pub(super) usage: Option<Usage>,
    pub(super) queue: Queue,
    pub(super) began: Now,
    pub(super) in_flight: u32,
    /// Boxed: a tree's nodes are half empty when ids only grow, and a call is large.
    pub(super) calls: BTreeMap<CallId, Box<Call>>,
    pub(super) agenda: Agenda,
    pub(super) budget: Budget,
    pub(super) rng: Rng,
    pub(super) out: VecDeque<Output>,
    /// When a call last moved to another project at once: who moves right after it is spread a little.
    pub(super) last_move: Option<Instant>,
    pub(super) all_down: bool,
    pub(super) watch: Watch,
    pub(super) forecasts: Table<LaneId, Forecast>,
    pub(super) shares: Table<LaneId, Shares>,
    pub(super) suspicions: Suspicions,
    inbound: Inbound,
    pub(super) traces: Traces,
    /// Attempts that were served, until their answers tell what they have used.
    pub(super) served: VecDeque<Served>,
    /// Those whose answers are streams that are still coming.
    pub(super) streams: Table<CallId, Served>,
}

impl Engine {
    /// An engine without keys. The same seed and the same inputs give the same outputs.
    pub fn new(config: Config, seed: u64, now: Now) -> Self {
        Self {
            scheduler: Scheduler::new(&config),
            journal: Journal::default(),
            usage: config.usage.map(|policy| Usage::new(policy, now.wall)),
            queue: Queue::new(config.queue.fair),
            began: now,
            in_flight: 0,
            calls: BTreeMap::default(),
            agenda: Agenda::default(),
            budget: Budget::new(config.budget),
            rng: Rng::new(seed),
            out: VecDeque::new(),
            last_move: None,
            all_down: false,
            watch: Watch::default(),
            forecasts: Table::default(),
            shares: Table::default(),
            suspicions: Suspicions::default(),
            inbound: Inbound::default(),
            traces: Traces::default(),
            served: VecDeque::new(),
            streams: Table::default(),
            config,
        }
    }

    /// Takes in one input. What follows from it is drained with `poll_output`.
    pub fn handle_input(&mut self, now: Now, input: Input) {
        match input {
            Input::Call(id, ask) => {
                // What time has freed since is for whoever waits: calls of another kind may want the same keys.
                if self.queue.len() > 0 {
                    self.pump(now);
                }
                self.on_call(now, id, ask);
            }
            Input::Outcome { call, attempt, outcome } => self.on_outcome(now, call, attempt, outcome),
            Input::Abort(call) => self.on_abort(now, call),
            Input::Tick => {}
        }
        // Whatever came in, time has passed: a host whose timer is late must not make us act past a deadline.
        self.fire_due(now);
        self.pump(now);
        self.review(now);
    }

    /// The next thing to do. `Output::Wait` ends the drain.
    pub fn poll_output(&mut self) -> Output {
        self.out.pop_front().unwrap_or_else(|| Output::Wait(self.next_deadline()))
    }

    /// When the engine wants an `Input::Tick`, and why.
    pub fn next_deadline(&self) -> Option<Deadline> {
        let agenda = self.agenda.next().map(|(at, due)| (at, self.reason(due)));
        let lanes = self.queue.next();
        agenda.into_iter().chain(lanes).min_by_key(|(at, _)| *at).map(|(at, reason)| Deadline { at, reason })
    }

    /// When a call's own timer rings: its attempt's time is up, its back-off is over, or it has waited long enough.
    pub fn due(&self, call: CallId) -> Option<Instant> {
        self.calls.get(&call)?.timer
    }

    /// Begins at this instant: for a host whose clocks stand still, and whose dice are the same every time, until somebody
    /// asks it for something.
    pub fn begin_at(&mut self, now: Now) {
        self.began = now;
        if let Some(usage) = &mut self.usage {
            usage.begin_at(now.wall);
        }
        self.rng = Rng::new(self.rng.next() ^ now.wall.0);
    }

    /// How many calls are kept waiting, for quota or by their back-off.
    pub fn waiting(&self) -> usize {
        self.calls.len() - self.in_flight as usize
    }

    /// The wait after a failed attempt, counted from 0, as the configured back-off has it.
    pub fn backoff(&mut self, attempt: u32) -> Millis {
        self.config.backoff.wait(attempt, &mut self.rng)
    }

    // ------------------------------------------------------------ inputs

    fn on_call(&mut self, now: Now, id: CallId, mut ask: Ask) {
        let max_attempts = ask.max_attempts.unwrap_or_else(|| self.usual_attempts());
        // The name is known by its number from here on: ten thousand that wait need no copies of it.
        let model = self.scheduler.models.intern(ask.model.take().as_deref());
        let only = ask.only;
        let mut trace = Trace::default();
        if let Some(only) = only {
            trace.note(now.wall, Step::Only(only));
        }
        let call = Call {
            model,
            lane: self.scheduler.lane_of(ask.provider, model, ask.workload.as_deref(), only.map(|only| only.project)),
            began: now.mono,
            deadline: now.mono + ask.deadline.unwrap_or(self.config.deadline),
            max_attempts: max_attempts.max(1),
            phase: Phase::Deciding,
            timer: None,
            sent: 0,
            notes: Vec::new(),
            last: None,
            overloads: 0,
            waited: Millis::ZERO,
            holds: Vec::new(),
            costs: Vec::new(),
            leaving: None,
            had: None,
            manners: Manners::default(),
            trace,
            ask,
        };
        let (lane, session) = (call.lane, call.ask.session.clone());
        self.calls.insert(id, Box::new(call));
        self.note_session(lane, session.as_deref(), true);
        if let (Some(rate), Some(session)) = (self.config.session_rate, &session)
            && let Err(wait) = self.inbound.admit(now.mono, session, rate)
        {
            return self.refuse_session(now, id, wait);
        }
        self.proceed(now, id);
    }

    fn on_outcome(&mut self, now: Now, id: CallId, attempt: u32, outcome: Outcome) {
        // An attempt that was given up may still answer, while its call waits to be sent again.
        let is_current = |call: &&mut Box<Call>| call.sent == attempt && matches!(call.phase, Phase::InFlight { .. });
        let Some(call) = self.calls.get_mut(&id).filter(is_current) else { return };
        let Phase::InFlight { grant, sent, .. } = core::mem::replace(&mut call.phase, Phase::Deciding) else { return };
        match outcome {
            Outcome::Served(status, readings) => {
                self.served(now, id, Landed { grant, sent, status: Some(status) }, &readings);
            }
            Outcome::Answered(status, meaning) => {
                self.failed(now, id, Landed { grant, sent, status: Some(status) }, meaning);
            }
            Outcome::Unreachable => {
                let meaning = Box::new(Classification::new(Verdict::Network, Scope::None));
                self.failed(now, id, Landed { grant, sent, status: None }, meaning);
            }
        }
    }

    fn on_abort(&mut self, now: Now, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        if !matches!(call.phase, Phase::InFlight { .. }) {
            self.unqueue(now, id, false);
        } else if let Phase::InFlight { grant, sent, .. } = core::mem::replace(&mut call.phase, Phase::Deciding) {
            self.out.push_back(Output::Cancel(id));
            self.conclude(now, id, Landed { grant, sent, status: None }, Verdict::Aborted, None);
        }
        self.finish(now, id, Finish::Aborted);
    }

    fn fire_due(&mut self, now: Now) {
        while let Some(due) = self.agenda.pop_due(now.mono) {
            match due {
                Due::Call(id) => self.on_timer(now, id),
                Due::Reopening(key) => self.reopened(now, key),
                Due::Review => self.scheduler.stirred = true,
            }
        }
    }

    fn on_timer(&mut self, now: Now, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        call.timer = None;
        let late = now.mono >= call.deadline;
        match call.phase {
            Phase::InFlight { .. } => {
                let Phase::InFlight { grant, sent, .. } = core::mem::replace(&mut call.phase, Phase::Deciding) else {
                    return;
                };
                self.out.push_back(Output::Cancel(id));
                if late {
                    // Out of time altogether: the key answers for the time-out, the call for its deadline.
                    call.max_attempts = 0;
                }
                let meaning = Box::new(Classification::new(Verdict::Timeout, Scope::None));
                self.failed(now, id, Landed { grant, sent, status: None }, meaning);
            }
            Phase::Queued { .. } | Phase::Parked { .. } if late => self.fail(now, id, Some(FailureCode::Deadline)),
            Phase::Queued { .. } => self.fail(now, id, None),
            Phase::Parked { .. } => self.proceed(now, id),
            Phase::Deciding => {}
        }
    }

    // ------------------------------------------------------------ small things

    pub(super) fn set_timer(&mut self, id: CallId, at: Option<Instant>) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        if let Some(old) = core::mem::replace(&mut call.timer, at) {
            self.agenda.remove(old, Due::Call(id));
        }
        if let Some(at) = at {
            self.agenda.add(at, Due::Call(id));
        }
    }

    fn reason(&self, due: Due) -> WaitReason {
        match due {
            Due::Reopening(_) | Due::Review => WaitReason::Reopening,
            Due::Call(id) => match self.calls.get(&id).map(|call| &call.phase) {
                Some(Phase::Parked { .. }) => WaitReason::Backoff,
                _ => WaitReason::Deadline,
            },
        }
    }

    fn reopened(&mut self, now: Now, key: KeyId) {
        if let Some(project) = self.scheduler.ring.get(key).map(|key| key.project) {
            self.scheduler.wake(project);
        }
        self.queue.freed();
        self.restored(now, key);
        self.check_service(now);
        self.scheduler.stirred = true;
    }

    /// Tells that a key is back, if it was told or seen to be down and is not any more.
    pub(super) fn restored(&mut self, now: Now, key: KeyId) {
        let was_down = self.scheduler.ring.get(key).is_some_and(|key| key.down);
        if was_down && self.scheduler.is_key_up(now.mono, key) {
            if let Some(key) = self.scheduler.ring.get_mut(key) {
                key.down = false;
            }
            self.emit(Event::KeyRestored { key });
        }
    }

    /// Tells it once when the last key goes down, and once when the first comes back.
    pub(super) fn check_service(&mut self, now: Now) {
        let up = self.scheduler.any_up(now.mono);
        if up == self.all_down {
            self.all_down = !up;
            let event = if up {
                Event::ServiceRestored
            } else {
                Event::AllKeysDown { until: self.scheduler.soonest_return(now.mono).map(|at| now.wall_of(at)) }
            };
            self.emit(event);
        }
    }

    pub(super) fn emit(&mut self, event: Event) {
        self.out.push_back(Output::Event(event));
    }

    pub(super) fn freed(&mut self, now: Now) {
        self.scheduler.wake_all();
        self.forecasts.clear();
        self.queue.freed();
        self.check_service(now);
        self.pump(now);
        self.scheduler.stirred = true;
        self.review(now);
    }

    /// Since when the longest-waiting call waits.
    pub(super) fn oldest_waiting(&self) -> Option<Instant> {
        let since = |call: &Call| match call.phase {
            Phase::Queued { since, .. } | Phase::Parked { since } => Some(since),
            Phase::Deciding | Phase::InFlight { .. } => None,
        };
        self.calls.values().filter_map(|call| since(call)).min()
    }

    /// How many calls may wait; of a session, once that has as many as it may.
    pub(super) fn places_for(&self, session: Option<&str>) -> u32 {
        let QueuePolicy { max_size, per_session, .. } = self.config.queue;
        let session_is_full = session.is_some_and(|session| self.queue.of_session(session) >= per_session);
        if session_is_full { per_session } else { max_size }
    }

    /// Sends of a call that says nothing about it.
    pub fn usual_attempts(&self) -> u32 {
        self.config.max_attempts.unwrap_or((self.scheduler.live_projects as u32 + 2).min(10))
    }
}

/// Calls that are under way when everything ends: their permits end with them, settled with nobody.
impl Drop for Engine {
    fn drop(&mut self) {
        while let Some((_, call)) = self.calls.pop_first() {
            if let Phase::InFlight { grant, .. } = call.phase {
                core::mem::forget(grant.permit);
            }
        }
    }
}
