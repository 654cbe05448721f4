//! The stage of the model: an engine, people, a road with accidents and a truthful provider, on one virtual clock.
//!
//! It keeps the books an outsider could keep, and at every output checks what has to be true whatever happens.

use std::collections::{BTreeMap, BTreeSet};

use quota_aware_api::engine::{
    Ask, CallId, Classification, Config, Demand, Engine, Event, Finish, Input, KeyId, KeySpec, LimitTable, Limits, Now,
    Outcome, Output, Scope, Send, Tokens, Used, Verdict,
};
use quota_aware_api::provider::Provider;

use super::provider::{Rule, Truth, Verdicts, now_at};

pub(crate) use super::books::{End, Fate, Sent, Told};
pub(crate) use super::road::{Dice, Road};

/// Somebody who asks again and again.
#[derive(Clone, Debug)]
struct Person {
    ask: Ask,
    /// From the end of one call to the next, in milliseconds from and to.
    thinks: (u64, u64),
}

#[derive(Clone, Debug)]
enum Coming {
    Call(Ask),
    Asks(usize),
    Abort(CallId),
    Arrives(usize),
    Answers(usize, Verdicts),
    Fails(usize, Fate),
}

pub(crate) struct Stage {
    pub(crate) engine: Engine,
    pub(crate) truth: Truth,
    pub(crate) road: Road,
    /// Keys that the provider does not know.
    pub(crate) dead: BTreeSet<KeyId>,
    pub(crate) log: Vec<Sent>,
    pub(crate) calls: BTreeMap<CallId, Told>,
    pub(crate) events: Vec<(u64, Event)>,
    /// Whether the engine is told what each answer has used in truth.
    pub(crate) tells_usage: bool,
    /// What is declared for each project, where every send is held against it.
    pub(crate) declared: Vec<Limits>,
    pub(super) under_way: BTreeMap<CallId, usize>,
    people: Vec<Person>,
    to_come: BTreeMap<(u64, u64), Coming>,
    planned: u64,
    numbered: u64,
    dice: Dice,
    mono: u64,
    wall: u64,
    open: usize,
    settled: usize,
}

impl Stage {
    pub(crate) fn new(seed: u64, wall: u64, config: Config) -> Self {
        let mono = 10_000_000;
        Self {
            engine: Engine::new(config, seed, now_at(mono, wall)),
            truth: Truth::default(),
            road: Road::GOOD,
            dead: BTreeSet::new(),
            log: Vec::new(),
            calls: BTreeMap::new(),
            events: Vec::new(),
            tells_usage: false,
            declared: Vec::new(),
            under_way: BTreeMap::new(),
            people: Vec::new(),
            to_come: BTreeMap::new(),
            planned: 0,
            numbered: 0,
            dice: Dice(seed ^ 0x5DEE_CE66),
            mono,
            wall,
            open: 0,
            settled: 0,
        }
    }

    /// One more project at the provider, with one key, whose limits are declared like this.
    pub(crate) fn project(&mut self, rule: Rule, declared: Limits) -> KeyId {
        self.truth.rules.push(rule);
        let project = self.truth.rules.len() - 1;
        self.key(project, &format!("p{project}"), declared)
    }

    /// A key that belongs to a project in truth, and to one of this name as far as it is declared.
    pub(crate) fn key(&mut self, project: usize, declared_as: &str, declared: Limits) -> KeyId {
        let place = self.truth.owners.len();
        self.truth.owners.push(project);
        let spec = KeySpec {
            provider: Some(Provider::Gemini),
            project: Some(declared_as.to_owned()),
            limits: (declared != Limits::default()).then(|| LimitTable::all(declared)),
            ..KeySpec::named(&format!("k{place}"))
        };
        let id = self.engine.add_key(self.now(), spec).unwrap();
        self.drain();
        id
    }

    // ------------------------------------------------------------ what people do

    pub(crate) fn call(&mut self, ask: Ask) -> CallId {
        self.call_of(ask, None)
    }

    /// So many calls at once.
    pub(crate) fn calls(&mut self, count: usize, ask: &Ask) -> Vec<CallId> {
        (0..count).map(|_| self.call(ask.clone())).collect()
    }

    pub(crate) fn call_after(&mut self, ms: u64, ask: Ask) {
        self.comes(ms, Coming::Call(ask));
    }

    pub(crate) fn abort_after(&mut self, ms: u64, call: CallId) {
        self.comes(ms, Coming::Abort(call));
    }

    /// Somebody who asks, and after each answer again.
    pub(crate) fn person(&mut self, ask: Ask, thinks: (u64, u64)) {
        self.people.push(Person { ask, thinks });
        let first = self.dice.between((0, thinks.1));
        self.comes(first, Coming::Asks(self.people.len() - 1));
    }

    /// A call of a number of one's own choice, which changes nobody else's.
    pub(crate) fn call_as(&mut self, id: CallId, ask: Ask) {
        self.open += 1;
        let told = Told {
            ask: ask.clone(),
            asked: self.mono,
            sent: None,
            promised: None,
            ahead: None,
            ended: None,
            person: None,
        };
        self.calls.insert(id, told);
        self.input(Input::Call(id, ask));
    }

    fn call_of(&mut self, ask: Ask, person: Option<usize>) -> CallId {
        self.numbered += 1;
        let id = CallId(self.numbered);
        self.open += 1;
        let told =
            Told { ask: ask.clone(), asked: self.mono, sent: None, promised: None, ahead: None, ended: None, person };
        self.calls.insert(id, told);
        self.input(Input::Call(id, ask));
        id
    }

    pub(crate) fn abort(&mut self, call: CallId) {
        self.input(Input::Abort(call));
    }

    // ------------------------------------------------------------ time

    pub(crate) fn now(&self) -> Now {
        now_at(self.mono, self.wall)
    }

    /// Everything up to a span from now, and the clock at its end.
    pub(crate) fn run_for(&mut self, ms: u64) {
        let end = self.mono + ms;
        self.go_on(end);
        self.pass(end);
    }

    /// Everything at the next instant at which anything happens; none later than this.
    pub(crate) fn run_to_next(&mut self, end: u64) {
        let next = self.next().map_or(end, |next| next.clamp(self.mono, end));
        self.go_on(next);
        self.pass(next);
    }

    /// Until every call is over, and everything that was planned has happened.
    pub(crate) fn run(&mut self) {
        for _ in 0..1_000_000 {
            if self.open == 0 && self.to_come.is_empty() {
                return;
            }
            let next = self.next().unwrap_or_else(|| panic!("{} calls wait for ever", self.open));
            self.run_to_next(next);
        }
        panic!("{} calls do not come to an end", self.open);
    }

    fn next(&self) -> Option<u64> {
        let coming = self.to_come.keys().next().map(|(at, _)| *at);
        coming.into_iter().chain(self.engine.next_deadline().map(|deadline| deadline.at.0)).min()
    }

    fn go_on(&mut self, end: u64) {
        let mut busy = 0;
        while let Some(next) = self.next().filter(|next| *next <= end) {
            busy = if next > self.mono { 0 } else { busy + 1 };
            assert!(busy < 100_000, "busy without getting anywhere");
            self.pass(next);
            match self.to_come.first_entry().filter(|entry| entry.key().0 <= next) {
                Some(entry) => {
                    let coming = entry.remove();
                    self.happens(coming);
                }
                None => self.input(Input::Tick),
            }
        }
    }

    fn pass(&mut self, to: u64) {
        let span = to.saturating_sub(self.mono);
        self.mono += span;
        self.wall += span;
    }

    // ------------------------------------------------------------ what came of it

    /// Sends that were refused for quota.
    pub(crate) fn refusals(&self) -> Vec<Sent> {
        self.log.iter().filter(|sent| sent.fate.is_refused()).copied().collect()
    }

    pub(crate) fn answered(&self) -> usize {
        self.calls.values().filter(|told| matches!(told.ended, Some((_, End::Response)))).count()
    }

    /// How long answered calls of a session took from being asked to their last send, sorted.
    pub(crate) fn waits(&self, of: impl Fn(&Ask) -> bool) -> Vec<u64> {
        let answered = |told: &&Told| matches!(told.ended, Some((_, End::Response))) && of(&told.ask);
        let mut waits: Vec<u64> =
            self.calls.values().filter(answered).filter_map(|told| Some(told.sent? - told.asked)).collect();
        waits.sort_unstable();
        waits
    }

    /// What has to be true once everything is over: permits are settled, use is what was counted.
    pub(crate) fn check_the_end(&mut self) {
        assert_eq!((self.open, self.engine.waiting()), (0, 0), "calls without an end");
        assert_eq!(self.settled, self.log.len(), "every attempt is settled once");
        let now = self.now();
        let status = self.engine.status(now);
        assert_eq!(status.queue.in_flight, 0);
        assert!(status.queue.calls.is_empty());
    }

    // ------------------------------------------------------------ machinery

    fn comes(&mut self, after: u64, coming: Coming) {
        self.planned += 1;
        self.to_come.insert((self.mono + after, self.planned), coming);
    }

    fn input(&mut self, input: Input) {
        self.engine.handle_input(self.now(), input);
        self.drain();
    }

    fn happens(&mut self, coming: Coming) {
        match coming {
            Coming::Call(ask) => drop(self.call(ask)),
            Coming::Asks(person) => {
                let ask = self.people[person].ask.clone();
                self.call_of(ask, Some(person));
            }
            Coming::Abort(call) => self.abort(call),
            Coming::Arrives(at) => self.arrives(at),
            Coming::Answers(at, answer) => {
                let outcome = match answer {
                    Verdicts::Served(readings) => {
                        self.tell(at, Fate::Served);
                        Outcome::Served(200, readings)
                    }
                    Verdicts::Refused(meaning) => {
                        let is_day = meaning.verdict == Verdict::QuotaExhausted;
                        self.tell(at, if is_day { Fate::RefusedForDay } else { Fate::RefusedForMinute });
                        Outcome::Answered(429, meaning)
                    }
                };
                self.answer(at, outcome);
            }
            Coming::Fails(at, fate) => {
                self.tell(at, fate);
                self.answer(
                    at,
                    match fate {
                        Fate::Busy => {
                            Outcome::Answered(503, Box::new(Classification::new(Verdict::Overloaded, Scope::Model)))
                        }
                        Fate::Dead => {
                            Outcome::Answered(400, Box::new(Classification::new(Verdict::InvalidKey, Scope::Key)))
                        }
                        _ => Outcome::Unreachable,
                    },
                );
            }
        }
    }

    fn tell(&mut self, at: usize, fate: Fate) {
        if self.log[at].fate == Fate::UnderWay {
            self.log[at].fate = fate;
            self.log[at].answered = self.mono;
        }
    }

    fn answer(&mut self, at: usize, outcome: Outcome) {
        let Send { call, attempt, .. } = self.log[at].send;
        // An answer to what was given up comes as well, and is nobody's.
        let is_awaited = self.under_way.get(&call) == Some(&at);
        if is_awaited {
            self.under_way.remove(&call);
        }
        let served = is_awaited && matches!(outcome, Outcome::Served(..));
        self.input(Input::Outcome { call, attempt, outcome });
        if served && self.tells_usage {
            let (input, output) = (Tokens(self.log[at].tokens), Tokens(3));
            self.engine.used(self.now(), call, Used { input, output, ..Used::default() }, None);
            self.input(Input::Tick);
        }
    }

    fn arrives(&mut self, at: usize) {
        let Sent { send, tokens, .. } = self.log[at];
        let Road { travel, work, lost, busy } = self.road;
        let back = self.dice.between(travel);
        if self.dead.contains(&send.key) {
            return self.comes(back, Coming::Fails(at, Fate::Dead));
        }
        if self.dice.happens(lost / 2) {
            return self.comes(back, Coming::Fails(at, Fate::Lost));
        }
        let model = self.calls[&send.call].ask.model.clone().unwrap_or_default();
        let answer = self.truth.arrives(self.now(), send.key.0 as usize, &model, tokens);
        // A refusal takes no work.
        let work = if matches!(answer, Verdicts::Served(_)) { self.dice.between(work) } else { 2 };
        let coming = if self.dice.happens(lost / 2) {
            Coming::Fails(at, Fate::Lost)
        } else if matches!(answer, Verdicts::Served(_)) && self.dice.happens(busy) {
            Coming::Fails(at, Fate::Busy)
        } else {
            Coming::Answers(at, answer)
        };
        self.comes(work + back, coming);
    }

    fn drain(&mut self) {
        for _ in 0..100_000 {
            match self.engine.poll_output() {
                Output::Send(send) => self.send(send),
                Output::Cancel(call) => {
                    let at = self.under_way.remove(&call).unwrap_or_else(|| panic!("{call:?} was not sent"));
                    self.tell(at, Fate::GivenUp);
                }
                Output::Done(call, finish) => self.done(call, &finish),
                Output::Event(event) => self.hears(event),
                Output::Wait(deadline) => {
                    assert!(deadline.is_none_or(|deadline| deadline.at.0 > self.mono), "{deadline:?} is due already");
                    return;
                }
            }
        }
        panic!("outputs without an end");
    }

    fn hears(&mut self, event: Event) {
        match &event {
            Event::Settled(_) => self.settled += 1,
            Event::Waiting { call, until, ahead, .. } => {
                let (mono, wall) = (self.mono, self.wall);
                let told = self.calls.get_mut(call).unwrap();
                if told.ahead.is_none() {
                    told.ahead = Some(*ahead);
                    told.promised = until.map(|until| mono + until.0.saturating_sub(wall));
                }
            }
            _ => {}
        }
        self.events.push((self.mono, event));
    }

    fn send(&mut self, send: Send) {
        let told = self.calls.get_mut(&send.call).unwrap();
        assert!(told.ended.is_none() && !self.under_way.contains_key(&send.call), "{send:?} is one too many");
        told.sent = Some(self.mono);
        let tokens = match told.ask.demand {
            Demand::Stated(tokens) | Demand::Guessed(tokens) => tokens.0,
        };
        let (at, wall) = (self.mono, self.wall);
        self.log.push(Sent { send, at, wall, tokens, fate: Fate::UnderWay, answered: u64::MAX });
        self.under_way.insert(send.call, self.log.len() - 1);
        let travels = self.dice.between(self.road.travel);
        self.comes(travels, Coming::Arrives(self.log.len() - 1));
        self.check_limits(send);
    }

    fn done(&mut self, call: CallId, finish: &Finish) {
        let end = match finish {
            Finish::Response => End::Response,
            Finish::Aborted => End::Aborted,
            Finish::Failed(failure) => End::Failed(failure.code.name()),
        };
        let told = self.calls.get_mut(&call).unwrap();
        assert!(told.ended.replace((self.mono, end)).is_none(), "{call:?} ended twice");
        assert!(!self.under_way.contains_key(&call), "{call:?} ended while under way");
        self.open -= 1;
        if let Some(person) = told.person {
            let thinks = self.dice.between(self.people[person].thinks);
            self.comes(thinks.max(1), Coming::Asks(person));
        }
    }
}

/// A call of Gemini's `flash` for ten tokens.
pub(crate) fn ask() -> Ask {
    Ask { model: Some(String::from("flash")), demand: Demand::Guessed(Tokens(10)), ..Ask::to(Provider::Gemini) }
}

pub(crate) fn of_session(session: &str) -> Ask {
    Ask { session: Some(session.to_owned()), ..ask() }
}
