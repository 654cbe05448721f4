//! The run: the engine that serves real calls, on a virtual clock, between people and a provider that are drawn.

use std::collections::BinaryHeap;

use super::ledger::Ledger;
use super::people::{Asker, Crowd};
use super::provider::{Emulator, Limit, later};
use super::report::Report;
use super::rng::Rng;
use super::scenario::Scenario;
use super::wire::Wire;
use crate::engine::{
    Ask, CallId, Cause, Config, Demand, Engine, Event, Failure, FailureCode, Finish, Input, Instant, KeySpec, Millis,
    Now, Outcome, Output, Provider, Send, Span, Tokens, Verdict, WaitReason,
};

/// Plays a scenario to its end.
pub fn run(scenario: &Scenario) -> Report {
    let mut simulation = Simulation::new(scenario);
    while simulation.step() {}
    simulation.report()
}

/// Whether a plan holds; stops as soon as it is certain that it does not.
pub(crate) fn trial(scenario: &Scenario) -> Trial {
    let mut simulation = Simulation::new(scenario);
    while simulation.step() {
        let ledger = &simulation.ledger;
        if ledger.is_lost() {
            return Trial { calls: ledger.asked(), report: None };
        }
    }
    let report = simulation.report();
    Trial { calls: report.calls.asked, report: Some(report).filter(|report| report.holds) }
}

/// What came of a trial.
#[derive(Debug)]
pub(crate) struct Trial {
    /// How many calls had to be played.
    pub(crate) calls: u64,
    /// What the day looks like, where the plan holds.
    pub(crate) report: Option<Report>,
}

struct Simulation<'a> {
    scenario: &'a Scenario,
    engine: Engine,
    emulator: Emulator,
    crowd: Crowd,
    wire: Wire,
    ledger: Ledger,
    /// The project of each key, by the key's number.
    owners: Vec<usize>,
    sessions: Vec<String>,
    flights: Vec<Flight>,
    /// Calls under way, and calls that will be made.
    open: usize,
    to_come: usize,
    coming: BinaryHeap<Coming>,
    numbered: u64,
    deadline: Option<Instant>,
    now: Instant,
}

/// One call.
#[derive(Debug)]
struct Flight {
    asker: Asker,
    model: usize,
    asked: Instant,
    sent: Option<Instant>,
    attempt: u32,
    served: bool,
    /// What it waits for, where somebody may want to know.
    blame: Option<Limit>,
}

/// Something that is bound to happen.
#[derive(Debug)]
struct Coming {
    at: Instant,
    number: u64,
    what: What,
}

#[derive(Debug)]
enum What {
    Arrival(Send),
    Answer(Send, Outcome),
    Asking(Asker),
}

impl<'a> Simulation<'a> {
    fn new(scenario: &'a Scenario) -> Self {
        let now = now(scenario, Instant(0));
        let mut engine = Engine::new(Config { usage: None, ..scenario.client.clone() }, scenario.seed, now);
        let mut owners = Vec::new();
        for (owner, project) in scenario.projects.iter().enumerate() {
            for number in 1..=project.keys.get() {
                let spec = KeySpec {
                    provider: Some(Provider::Gemini),
                    project: Some(project.name.clone()),
                    limits: scenario.informed.then(|| project.limits.clone()),
                    ..KeySpec::named(&[&project.name, "/", &number.to_string()].concat())
                };
                // Names of projects are unique, so these are; a key that were refused would serve nobody.
                if engine.add_key(now, spec).is_ok() {
                    owners.push(owner);
                }
            }
        }
        let (crowd, asks) = Crowd::of(scenario);
        let greedy = scenario.greedy.map_or(0, |greedy| greedy.people.get());
        let sessions: Vec<String> = (0..scenario.people.get().saturating_add(greedy)).map(|n| n.to_string()).collect();
        let mut simulation = Self {
            scenario,
            emulator: Emulator::new(scenario),
            wire: Wire::new(scenario.service.travel, Rng::stream(scenario.seed, 3)),
            ledger: Ledger::new(scenario, sessions.len()),
            crowd,
            engine,
            owners,
            sessions,
            flights: Vec::new(),
            open: 0,
            to_come: 0,
            coming: BinaryHeap::new(),
            numbered: 0,
            deadline: None,
            now: Instant(0),
        };
        if !asks.iter().any(|(_, asker)| asker.asks_again()) {
            simulation.ledger.expects(asks.iter().map(|(at, _)| *at));
        }
        for (at, asker) in asks {
            simulation.will_ask(at, asker);
        }
        simulation
    }

    /// Does the next thing that happens. False when all is over.
    fn step(&mut self) -> bool {
        if self.open == 0 && self.to_come == 0 {
            return false;
        }
        let comes = self.coming.peek().map(|coming| coming.at);
        // No host's timer rings in the millisecond in which it was set, so an engine that wants to be called again at
        // once can't keep the clock from going on.
        let rings = self.deadline.filter(|_| self.open > 0).map(|at| at.max(self.now + Millis(1)));
        let Some(next) = [comes, rings].into_iter().flatten().min() else { return false };
        self.now = next.max(self.now);
        if comes == Some(next) {
            self.happen();
        } else {
            self.input(Input::Tick);
        }
        true
    }

    fn happen(&mut self) {
        let Some(coming) = self.coming.pop() else { return };
        match coming.what {
            What::Arrival(send) => self.arrive(send),
            What::Answer(send, outcome) => self.deliver(send, outcome),
            What::Asking(asker) => {
                self.to_come -= 1;
                self.ask(asker);
            }
        }
    }

    fn ask(&mut self, asker: Asker) {
        let model = self.crowd.model();
        let call = CallId(self.flights.len() as u64);
        self.flights.push(Flight { asker, model, asked: self.now, sent: None, attempt: 0, served: false, blame: None });
        self.open += 1;
        self.ledger.asks(self.now, model);
        let of = self.scenario.models.get(model);
        let ask = Ask {
            model: of.map(|model| model.name.clone()),
            session: self.sessions.get(asker.person as usize).cloned(),
            demand: Demand::Stated(Tokens(self.tokens(model))),
            ..Ask::to(Provider::Gemini)
        };
        self.input(Input::Call(call, ask));
    }

    fn arrive(&mut self, send: Send) {
        let Some(model) = self.flight(send.call).map(|flight| flight.model) else { return };
        let owner = self.owners.get(send.key.0 as usize).copied().unwrap_or(0);
        let tokens = self.tokens(model);
        let reply = self.emulator.arrive(self.now, owner, model, tokens);
        if let Some(limit) = reply.refused {
            self.ledger.refuses(self.now, (owner, model), limit);
        }
        let at = self.now + reply.after + self.wire.back();
        self.comes(at, What::Answer(send, reply.outcome));
    }

    fn deliver(&mut self, send: Send, outcome: Outcome) {
        if let Some(flight) = self.flight(send.call).filter(|flight| flight.attempt == send.attempt) {
            flight.served = matches!(outcome, Outcome::Served(..));
        }
        self.input(Input::Outcome { call: send.call, attempt: send.attempt, outcome });
    }

    fn input(&mut self, input: Input) {
        let now = now(self.scenario, self.now);
        self.engine.handle_input(now, input);
        loop {
            match self.engine.poll_output() {
                Output::Send(send) => self.send(send),
                Output::Done(call, finish) => self.done(call, finish),
                Output::Event(Event::Waiting { call, reason, .. }) => self.waits(call, reason),
                Output::Event(_) | Output::Cancel(_) => {}
                Output::Wait(deadline) => {
                    self.deadline = deadline.map(|deadline| deadline.at);
                    return;
                }
            }
        }
    }

    fn send(&mut self, send: Send) {
        let now = self.now;
        if let Some(flight) = self.flight(send.call) {
            flight.sent = Some(now);
            flight.attempt = send.attempt;
            flight.served = false;
        }
        self.ledger.sends();
        let at = now + self.wire.there(now);
        let what = if self.emulator.loses() { What::Answer(send, Outcome::Unreachable) } else { What::Arrival(send) };
        self.comes(at, what);
    }

    fn waits(&mut self, call: CallId, reason: WaitReason) {
        // Who is to blame is asked of the provider, and worth asking until the first limit has broken.
        if self.ledger.has_broken() {
            return;
        }
        let span = match reason {
            WaitReason::QuotaWindow(span) => span,
            WaitReason::Gate(Cause::MinuteQuota) => Span::Minute,
            WaitReason::Gate(Cause::DayQuota) => Span::Day,
            // A back-off, a busy model: no limit of anybody's.
            _ => return,
        };
        let Some(model) = self.flight(call).map(|flight| flight.model) else { return };
        let blame = self.emulator.tightest(self.now, model, Some(span));
        if let Some(flight) = self.flight(call) {
            flight.blame = blame;
        }
    }

    fn done(&mut self, call: CallId, finish: Finish) {
        let now = self.now;
        let Some(flight) = self.flights.get(call.0 as usize) else { return };
        let Flight { asker, model, asked: began, sent, served, blame, .. } = *flight;
        self.open -= 1;
        let waited = if served { sent.unwrap_or(now) - began } else { now - began };
        self.ledger.ends(now);
        if let Some(limit) = blame {
            self.ledger.waited((began, waited), model, limit);
        }
        match finish {
            Finish::Response if served => self.ledger.serves((began, waited), model, asker.person),
            Finish::Response | Finish::Aborted => self.ledger.fails(began, "HTTP"),
            Finish::Failed(failure) if is_for_want_of_quota(&failure) => {
                let limit = self.missing(&failure, model).or(blame);
                self.ledger.leaves_unserved((began, now), model, failure.code.name(), limit);
            }
            Finish::Failed(failure) => self.ledger.fails(began, failure.code.name()),
        }
        if let Some(at) = self.crowd.again(now, asker, served) {
            if self.flights.len() + self.to_come >= MOST_FLIGHTS {
                return self.ledger.cuts();
            }
            self.will_ask(at, asker);
        }
    }

    /// The limit for want of which a call was not served.
    fn missing(&mut self, failure: &Failure, model: usize) -> Option<Limit> {
        let stated = failure
            .last
            .as_ref()
            .and_then(|last| Some(Limit { metric: last.metric?, span: last.window?, most: last.limit? }));
        let span = matches!(failure.code, FailureCode::QuotaExceeded).then_some(Span::Day);
        stated.or_else(|| self.emulator.tightest(self.now, model, span))
    }

    fn tokens(&self, model: usize) -> u64 {
        self.scenario.models.get(model).map_or(0, |model| model.tokens)
    }

    fn flight(&mut self, call: CallId) -> Option<&mut Flight> {
        self.flights.get_mut(call.0 as usize)
    }

    fn will_ask(&mut self, at: Instant, asker: Asker) {
        self.to_come += 1;
        self.comes(at, What::Asking(asker));
    }

    fn comes(&mut self, at: Instant, what: What) {
        self.numbered += 1;
        self.coming.push(Coming { at, number: self.numbered, what });
    }

    fn report(self) -> Report {
        Report::of(self.scenario, &self.ledger, &self.emulator)
    }
}

/// What the clocks say at an instant since the beginning.
fn now(scenario: &Scenario, mono: Instant) -> Now {
    let wall = scenario.begins + Millis(mono.0);
    Now { mono, wall, pacific_midnight: later(scenario.pacific_midnight, wall) }
}

/// Whether a call failed because there was no quota for it, rather than by a fault of provider or network.
fn is_for_want_of_quota(failure: &Failure) -> bool {
    let is_of_quota = |verdict| matches!(verdict, Verdict::RateLimited | Verdict::QuotaExhausted);
    match failure.code {
        FailureCode::QuotaExceeded | FailureCode::PartialQuota | FailureCode::QueueFull | FailureCode::NeverFits => {
            true
        }
        _ => failure.attempts.last().is_none_or(|note| is_of_quota(note.verdict)),
    }
}

/// Who asks again as soon as they are answered could go on without an end, where neither quota nor latency slows them down.
const MOST_FLIGHTS: usize = 1_000_000;

/// Soonest first, and of one instant in the order in which they were caused.
impl Ord for Coming {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        (other.at, other.number).cmp(&(self.at, self.number))
    }
}

impl PartialOrd for Coming {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Coming {
    fn eq(&self, other: &Self) -> bool {
        (self.at, self.number) == (other.at, other.number)
    }
}

impl Eq for Coming {}
