//! What holds whatever happens: random keys, limits, calls, answers, aborts and clocks, against a slow and obvious log.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use quota_aware_api::engine::{
    Alert, Ask, Assignment, CallId, Classification, Config, Demand, Engine, Event, Finality, Hint, Input, Instant,
    KeyId, KeySpec, LimitTable, Limits, Millis, Now, Only, Outcome, Output, ProjectId, Restored, Scope, Send, Snapshot,
    Span, State, Strategy as Choice, Tie, Tokens, UnixMillis, Used, Verdict, WaitReason,
};
use quota_aware_api::options::{Value, parse_snapshot};
use quota_aware_api::provider::Provider;

use crate::pacific;

const MODELS: [&str; 2] = ["flash", "pro"];
const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;

/// One thing that happens to the engine. Numbers are taken modulo what there is.
#[derive(Clone, Debug)]
enum Move {
    Call(Ask),
    Answer {
        which: usize,
        answer: Answer,
    },
    /// An answer to any attempt so far: most of them are over or given up.
    Stale(usize),
    /// An answer tells of its tokens.
    Tokens(usize, u64),
    Abort(usize),
    /// To the engine's own deadline.
    Next,
    /// Both clocks go on, the engine is told.
    Pass(u64),
    /// The clocks are set, each for itself; the engine is told.
    Set {
        mono: i64,
        wall: i64,
    },
    AddKey {
        project: usize,
    },
    RemoveKey(usize),
    Reset(Option<usize>),
    Rotate,
    Limits(usize, u64),
    Test(usize),
    /// Takes a key out by hand, or puts it back.
    Hand(usize, bool),
    /// The process ends, and after so many milliseconds another goes on with its snapshot; its own clock is as old as that
    /// process, or goes on.
    Restart {
        away: u64,
        is_young: bool,
    },
}

#[derive(Clone, Debug)]
enum Answer {
    Served,
    Unreachable,
    Refused(Classification),
}

#[derive(Clone, Debug)]
pub(crate) struct Plan {
    seed: u64,
    strategy: Choice,
    moves_wait: bool,
    max_size: u32,
    /// The limits of each project, and how many keys it has.
    projects: Vec<(Limits, usize)>,
    moves: Vec<Move>,
}

/// What was sent, as an outsider sees it.
#[derive(Clone, Copy, Debug)]
struct Logged {
    send: Send,
    at: Instant,
    wall: UnixMillis,
    project: usize,
    model: usize,
    counts: bool,
    /// The engine may have learned to count it after all: refused and lost requests.
    may_count: bool,
}

/// The engine with a host that keeps books.
pub(crate) struct Run {
    pub(crate) engine: Engine,
    config: Config,
    seed: u64,
    /// How far the engine's clock is behind.
    booted: u64,
    mono: u64,
    wall: u64,
    calls: u64,
    asks: BTreeMap<CallId, Ask>,
    open: BTreeSet<CallId>,
    under_way: BTreeMap<CallId, usize>,
    log: Vec<Logged>,
    limits: Vec<Limits>,
    /// The project of each key, by the key's place.
    keys: Vec<usize>,
    removed: BTreeSet<KeyId>,
    /// Keys that are taken out by hand.
    out: BTreeSet<KeyId>,
    /// What was told of how everything stands, and the alerts that have begun.
    state: State,
    alerts: BTreeSet<String>,
    /// Keys that were found invalid, and when they may be tried again; `None`: never.
    dead: BTreeMap<KeyId, Option<Instant>>,
    /// All outputs, where that is wanted: printing them takes longer than making them.
    said: String,
    records: bool,
    outputs: usize,
    clocks_were_set: bool,
}

impl Run {
    fn new(plan: &Plan) -> Self {
        let config = Config {
            strategy: plan.strategy,
            moves_wait: plan.moves_wait,
            // No request above a limit, not even to find something out.
            minute: quota_aware_api::engine::Minute::Rolling,
            queue: quota_aware_api::engine::QueuePolicy { max_size: plan.max_size, ..Config::default().queue },
            ..Config::default()
        };
        let (mono, wall) = (10_000_000, pacific::utc(2026, 3, 7).0 + 22 * HOUR);
        let mut run = Self {
            engine: Engine::new(config.clone(), plan.seed, now_at(mono, wall)),
            config,
            seed: plan.seed,
            booted: 0,
            mono,
            wall,
            calls: 0,
            asks: BTreeMap::new(),
            open: BTreeSet::new(),
            under_way: BTreeMap::new(),
            log: Vec::new(),
            limits: plan.projects.iter().map(|(limits, _)| *limits).collect(),
            keys: Vec::new(),
            removed: BTreeSet::new(),
            out: BTreeSet::new(),
            state: State::Ok,
            alerts: BTreeSet::new(),
            dead: BTreeMap::new(),
            said: String::new(),
            records: false,
            outputs: 0,
            clocks_were_set: false,
        };
        for (project, (_, keys)) in plan.projects.iter().enumerate() {
            (0..*keys).for_each(|_| run.add_key(project));
        }
        run
    }

    pub(crate) fn now(&self) -> Now {
        now_at(self.mono - self.booted, self.wall)
    }

    fn add_key(&mut self, project: usize) {
        let place = self.keys.len() as u32;
        self.keys.push(project);
        assert_eq!(self.engine.add_key(self.now(), self.spec(place)), Ok(KeyId(place)));
        self.drain();
    }

    fn spec(&self, place: u32) -> KeySpec {
        let project = self.keys[place as usize];
        KeySpec {
            provider: Some(Provider::Gemini),
            project: Some(format!("p{project}")),
            limits: Some(LimitTable::all(self.limits[project])),
            weight: 1 + place % 3,
            priority: 1 + place % 2,
            ..KeySpec::named(&format!("k{place}"))
        }
    }

    /// Another engine of the same keys, that knows what this one has written down, and what that was.
    pub(crate) fn successor(&self, now: Now) -> (Engine, Restored) {
        let written = written(&self.engine, self.now());
        let mut engine = Engine::new(self.config.clone(), self.seed, now);
        for place in 0..self.keys.len() as u32 {
            assert_eq!(engine.add_key(now, self.spec(place)), Ok(KeyId(place)));
        }
        self.removed.iter().for_each(|key| engine.remove_key(now, *key).unwrap());
        let restored = engine.restore(now, &parse_snapshot(&written).unwrap());
        (engine, restored)
    }

    /// Another engine goes on with what somebody says that this one had written down, on whatever clock.
    pub(crate) fn restart_with(&mut self, snapshot: &Snapshot, away: i64) {
        self.wall = self.wall.saturating_add_signed(away);
        self.clocks_were_set = true;
        let now = self.now();
        self.open.clear();
        self.under_way.clear();
        // Whoever restarts has been told nothing yet.
        (self.state, self.alerts) = (State::Ok, BTreeSet::default());
        self.log.clear();
        self.dead.clear();
        self.engine = Engine::new(self.config.clone(), self.seed, now);
        for place in 0..self.keys.len() as u32 {
            assert_eq!(self.engine.add_key(now, self.spec(place)), Ok(KeyId(place)));
        }
        self.engine.restore(now, snapshot);
        // Which keys are out by hand may be what is damaged.
        for place in 0..self.keys.len() as u32 {
            let key = KeyId(place);
            let is_out = self.out.contains(&key);
            let done = if is_out { self.engine.disable_key(now, key) } else { self.engine.enable_key(now, key) };
            assert!(done.is_ok());
        }
        self.drain();
        for model in MODELS {
            self.call(Ask { model: Some(model.to_owned()), ..Ask::to(Provider::Gemini) });
        }
    }

    fn restart(&mut self, away: u64, is_young: bool) {
        let booted = if is_young { self.mono + away - 1_000 } else { self.booted };
        self.engine = self.successor(now_at(self.mono + away - booted, self.wall + away)).0;
        self.mono += away;
        self.wall += away;
        self.booted = booted;
        self.open.clear();
        self.under_way.clear();
        // Whoever restarts has been told nothing yet.
        (self.state, self.alerts) = (State::Ok, BTreeSet::default());
        self.drain();
    }

    fn input(&mut self, input: Input) {
        self.engine.handle_input(self.now(), input);
        self.drain();
    }

    fn go(&mut self, next: &Move) {
        match next {
            Move::Call(ask) => self.call(ask.clone()),
            Move::Answer { which, answer } => {
                let Some((call, at)) = self.under_way.iter().nth(*which % self.under_way.len().max(1)) else { return };
                self.answer(*call, *at, answer.clone());
            }
            Move::Stale(which) => self.answer_again(*which),
            Move::Tokens(which, tokens) => {
                let Some(Logged { send, .. }) = self.log.get(which % self.log.len().max(1)) else { return };
                let [input, output, cached, thoughts] = [*tokens, tokens / 2, tokens / 3, tokens / 5].map(Tokens);
                let used = Used { input, output, cached, thoughts };
                self.engine.used(self.now(), send.call, used, None);
                self.drain();
            }
            Move::Abort(which) => {
                let call = self.open.iter().nth(*which % self.open.len().max(1)).copied();
                call.into_iter().for_each(|call| self.input(Input::Abort(call)));
            }
            Move::Next => {
                let at = self.engine.next_deadline().map_or(self.mono, |deadline| deadline.at.0 + self.booted);
                self.pass(at.saturating_sub(self.mono));
            }
            Move::Pass(ms) => self.pass(*ms),
            Move::Set { mono, wall } => {
                self.clocks_were_set = true;
                self.mono = self.mono.saturating_add_signed(*mono);
                self.wall = self.wall.saturating_add_signed(*wall);
                self.input(Input::Tick);
            }
            Move::AddKey { project } => self.add_key(project % self.limits.len()),
            Move::RemoveKey(which) => {
                let key = KeyId((which % self.keys.len()) as u32);
                if self.engine.remove_key(self.now(), key).is_ok() {
                    self.removed.insert(key);
                    self.out.remove(&key);
                }
                self.drain();
            }
            Move::Reset(which) => {
                let key = which.map(|which| KeyId((which % self.keys.len()) as u32));
                self.dead.retain(|dead, _| key.is_some_and(|key| key != *dead));
                self.engine.reset(self.now(), key);
                self.drain();
            }
            Move::Rotate => {
                self.engine.rotate(self.now());
                self.drain();
            }
            Move::Limits(which, rpm) => {
                let key = KeyId((which % self.keys.len()) as u32);
                let project = self.keys[key.0 as usize];
                let limits = Limits { rpm: core::num::NonZeroU64::new(*rpm), ..self.limits[project] };
                let present = self.engine.key(key).is_some();
                if present {
                    self.limits[project] = limits;
                    assert_eq!(self.engine.set_limits(self.now(), key, &LimitTable::all(limits)), Ok(()));
                    self.drain();
                }
            }
            Move::Hand(which, out) => {
                let key = KeyId((which % self.keys.len()) as u32);
                let now = self.now();
                let was_out = self.out.contains(&key);
                let done = if *out { self.engine.disable_key(now, key) } else { self.engine.enable_key(now, key) };
                match done {
                    Err(_) => assert!(self.removed.contains(&key)),
                    Ok(done) => {
                        assert_eq!(done, was_out != *out);
                        let _ = if *out { self.out.insert(key) } else { self.out.remove(&key) };
                    }
                }
                self.drain();
            }
            Move::Test(which) => {
                let pinned = Some(KeyId((which % self.keys.len()) as u32));
                self.call(Ask { pinned, model: Some(MODELS[0].to_owned()), ..Ask::to(Provider::Gemini) });
            }
            Move::Restart { away, is_young } => self.restart(*away, *is_young),
        }
    }

    fn call(&mut self, ask: Ask) {
        self.calls += 1;
        let id = CallId(self.calls);
        self.asks.insert(id, ask.clone());
        self.open.insert(id);
        self.input(Input::Call(id, ask));
    }

    fn pass(&mut self, ms: u64) {
        self.mono += ms;
        self.wall += ms;
        self.input(Input::Tick);
    }

    fn answer(&mut self, call: CallId, at: usize, answer: Answer) {
        let send = self.log[at].send;
        let outcome = match answer {
            Answer::Served => {
                // Whoever is served is alive.
                self.dead.remove(&send.key);
                Outcome::Served(200, Vec::new())
            }
            Answer::Unreachable => {
                self.log[at].counts = false;
                Outcome::Unreachable
            }
            Answer::Refused(meaning) => {
                match meaning.verdict {
                    Verdict::InvalidKey => {
                        self.log[at].counts = false;
                        self.log[at].may_count = false;
                        let until = (meaning.finality == Finality::Repairable).then(|| Instant(self.mono + HOUR));
                        let known = self.dead.entry(send.key).or_insert(until);
                        *known = known.zip(until).map(|(known, until)| known.max(until));
                    }
                    // The engine counts what may have been counted, except what surely was not.
                    // Refusals are taken not to count until an answer tells, and these answers tell nothing true.
                    Verdict::Network | Verdict::RateLimited | Verdict::QuotaExhausted => self.log[at].counts = false,
                    verdict if answers_well(verdict) => drop(self.dead.remove(&send.key)),
                    _ => {}
                }
                Outcome::Answered(400, Box::new(meaning))
            }
        };
        self.under_way.remove(&call);
        self.input(Input::Outcome { call, attempt: send.attempt, outcome });
    }

    /// What was given up may still answer, and is not listened to.
    fn answer_again(&mut self, which: usize) {
        let at = which % self.log.len().max(1);
        let Some(Logged { send, .. }) = self.log.get(at) else { return };
        let Send { call, attempt, .. } = *send;
        if self.under_way.get(&call) != Some(&at) {
            let before = self.outputs;
            self.input(Input::Outcome { call, attempt, outcome: Outcome::Served(200, Vec::new()) });
            assert_eq!(self.outputs, before + 1, "nothing but the wait");
        }
    }

    fn drain(&mut self) {
        for _ in 0..100_000 {
            let output = self.engine.poll_output();
            self.outputs += 1;
            if self.records {
                writeln!(self.said, "{} {output:?}", self.mono).unwrap();
            }
            match output {
                Output::Send(send) => self.send(send),
                Output::Cancel(call) => assert!(self.under_way.remove(&call).is_some(), "cancelled what was not sent"),
                Output::Done(call, _) => {
                    assert!(self.open.remove(&call), "{call:?} ended twice");
                    assert!(!self.under_way.contains_key(&call), "{call:?} ended while under way");
                }
                Output::Event(Event::State { from, to, .. }) => {
                    assert!(from == self.state && to != from, "{from:?} to {to:?}");
                    self.state = to;
                }
                Output::Event(Event::Alert(alert)) => assert!(self.alerts.insert(named(&alert)), "told twice"),
                Output::Event(Event::AlertOver { alert, .. }) => {
                    assert!(self.alerts.remove(&named(&alert)), "over before it began");
                }
                Output::Event(_) => {}
                Output::Wait(deadline) => {
                    assert!(
                        deadline.is_none_or(|deadline| deadline.at.0 + self.booted > self.mono),
                        "{deadline:?} is due already"
                    );
                    self.check_what_was_told();
                    return;
                }
            }
        }
        panic!("outputs without an end");
    }

    /// What was told and what a report says now are the same.
    fn check_what_was_told(&mut self) {
        // Set back, a clock closes what was open without a word.
        if self.clocks_were_set {
            return;
        }
        let now = self.now();
        let status = self.engine.status(now);
        assert_eq!(status.state, self.state.name());
        // While that of all keys is on its way out, that of some is no news.
        let all = self.alerts.iter().any(|told| told.starts_with("all-keys-exhausted"));
        let is_news = |alert: &&Alert| !(all && alert.code == "some-keys-exhausted");
        let told = |alert: &&Alert| self.alerts.contains(&named(alert));
        let untold: Vec<_> = status.alerts.iter().filter(is_news).filter(|alert| !told(alert)).collect();
        assert!(untold.is_empty(), "{untold:?}");
    }

    fn send(&mut self, send: Send) {
        let ask = &self.asks[&send.call];
        let pinned = ask.pinned.is_some();
        assert!(self.open.contains(&send.call) && !self.under_way.contains_key(&send.call));
        assert!(!self.removed.contains(&send.key), "sent with a removed key");
        assert!(pinned || !self.out.contains(&send.key), "sent with a key that was taken out");
        assert!(ask.pinned.is_none_or(|pinned| pinned == send.key));
        if !pinned && !self.clocks_were_set {
            let until = self.dead.get(&send.key).copied();
            let now = Instant(self.mono);
            assert!(until.is_none_or(|until| until.is_some_and(|until| until <= now)), "sent with a dead key");
        }
        let project = self.keys[send.key.0 as usize];
        assert!(ask.only.is_none_or(|only| only.project.0 as usize == project), "sent for another project");
        let model = MODELS.iter().position(|model| ask.model.as_deref() == Some(*model)).unwrap();
        let (at, wall) = (Instant(self.mono), UnixMillis(self.wall));
        self.log.push(Logged { send, at, wall, project, model, counts: true, may_count: true });
        self.under_way.insert(send.call, self.log.len() - 1);
        if !pinned {
            self.check_limits(project, model);
        }
    }

    /// No window that ends with the latest send holds more than the pool's limits.
    fn check_limits(&self, project: usize, model: usize) {
        let limits = self.limits[project];
        let of_pool = |logged: &&Logged| logged.project == project && logged.model == model;
        let pool: Vec<&Logged> = self.log.iter().filter(of_pool).collect();
        let most = |limit: Option<core::num::NonZeroU64>| limit.map_or(u64::MAX, core::num::NonZeroU64::get);
        let under_way = self.under_way.values().map(|at| &self.log[*at]).filter(of_pool).count() as u64;
        assert!(under_way <= most(limits.concurrency), "{under_way} under way");
        let counted = pool.iter().filter(|logged| logged.counts);
        // A clock that was set back makes the engine count for longer; an outsider's window would not be its window.
        if !self.clocks_were_set {
            let minute = counted.clone().filter(|logged| logged.at + Millis(MINUTE) > Instant(self.mono)).count();
            assert!(minute as u64 <= most(limits.rpm), "{minute} a minute of {:?}", limits.rpm);
            // Which midnight ends the day is learned from answers, and these are random: by one of the two it is right.
            let now = UnixMillis(self.wall);
            let utc = counted.clone().filter(|logged| logged.wall.next_utc_midnight() > now).count();
            let pacific = counted.filter(|logged| pacific::next_midnight(logged.wall) > now).count();
            assert!(utc.min(pacific) as u64 <= most(limits.rpd), "{utc} or {pacific} a day of {:?}", limits.rpd);
        }
    }

    /// Lets everything come to its end: answers are good from now on.
    pub(crate) fn settle(&mut self) {
        for _ in 0..20_000 {
            if self.open.is_empty() {
                return;
            }
            if let Some((call, at)) = self.under_way.iter().next().map(|(call, at)| (*call, *at)) {
                self.answer(call, at, Answer::Served);
            } else {
                assert!(self.engine.next_deadline().is_some(), "{:?} wait for ever", self.open);
                self.go(&Move::Next);
            }
        }
        panic!("{:?} do not come to an end", self.open);
    }
}

/// An alert's code, and whom it is about.
fn named(alert: &Alert) -> String {
    let about = alert.limit.as_ref().map(|limit| (&limit.project, &limit.model, limit.metric, limit.window));
    // The projects of a pair are named in its message alone.
    let pair = alert.message.split(" share").next().filter(|_| alert.code == "shared-quota-suspected");
    format!("{} {:?} {about:?} {pair:?}", alert.code, alert.key)
}

fn answers_well(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Ok | Verdict::Blocked | Verdict::BadRequest | Verdict::NotFound | Verdict::TooLarge)
}

pub(crate) fn now_at(mono: u64, wall: u64) -> Now {
    let wall = UnixMillis(wall);
    Now { mono: Instant(mono), wall, pacific_midnight: pacific::next_midnight(wall) }
}

/// A snapshot, as it lies in a file.
pub(crate) fn written(engine: &Engine, now: Now) -> Value {
    let text = serde_json::to_string(&engine.snapshot(now)).unwrap();
    serde_json::from_str(&text).unwrap()
}

pub(crate) fn run(plan: &Plan) -> Run {
    let mut run = Run::new(plan);
    plan.moves.iter().for_each(|next| run.go(next));
    run
}

/// The same, with all that the engine said.
fn record(plan: &Plan) -> Run {
    let mut run = Run::new(plan);
    run.records = true;
    plan.moves.iter().for_each(|next| run.go(next));
    run
}

// ---------------------------------------------------------------- what happens

fn limits() -> impl Strategy<Value = Limits> {
    let some = |most: u64| proptest::option::weighted(0.5, 1..=most);
    (some(6), some(12), some(3)).prop_map(|(rpm, rpd, concurrency)| {
        let nonzero = |limit: Option<u64>| limit.and_then(core::num::NonZeroU64::new);
        Limits { rpm: nonzero(rpm), rpd: nonzero(rpd), concurrency: nonzero(concurrency), ..Limits::default() }
    })
}

fn ask() -> impl Strategy<Value = Ask> {
    let session = proptest::option::of(0..4_u8);
    let workload = proptest::option::weighted(0.2, 0..2_u8);
    let operation = proptest::option::weighted(0.2, proptest::sample::select(&["text", "image"][..]));
    let times = proptest::option::weighted(0.3, (0..200_000_u64, 0..200_000_u64));
    let attempts = proptest::option::weighted(0.2, 0..5_u32);
    // Some of them for a project that there is not.
    let only = proptest::option::weighted(0.25, 0..4_u32);
    (0..2_usize, session, 0..10_u8, workload, times, attempts, any::<bool>(), only, operation).prop_map(
        |(model, session, priority, workload, times, max_attempts, idempotent, only, operation)| Ask {
            model: Some(MODELS[model].to_owned()),
            session: session.map(|session| session.to_string()),
            priority,
            workload: workload.map(|workload| workload.to_string()),
            demand: Demand::Guessed(Tokens(10)),
            operation: operation.map(str::to_owned),
            timeout: times.map(|(timeout, _)| Millis(timeout)),
            deadline: times.map(|(_, deadline)| Millis(deadline)),
            max_attempts,
            idempotent,
            only: only.map(|project| Only { project: ProjectId(project), tie: Tie::Named }),
            ..Ask::to(Provider::Gemini)
        },
    )
}

fn classification() -> impl Strategy<Value = Classification> {
    let scope = prop_oneof![Just(Scope::Key), Just(Scope::Project), Just(Scope::Model), Just(Scope::None)];
    let hint = proptest::option::of((prop_oneof![0..5_000_u64, 0..120_000_u64, 0..2 * HOUR], any::<bool>()));
    let window = proptest::option::of(prop_oneof![Just(Span::Minute), Just(Span::Day)]);
    let limit = proptest::option::weighted(0.2, 0..3_u64);
    (proptest::sample::select(&Verdict::ALL[..]), scope, hint, window, limit, proptest::bool::weighted(0.1)).prop_map(
        |(verdict, scope, hint, window, limit, for_good)| Classification {
            retry_after: hint.map(|(delay, truncated)| Hint { delay: Millis(delay), truncated }),
            window,
            limit,
            finality: if for_good { Finality::ForGood } else { Finality::Repairable },
            ..Classification::new(verdict, scope)
        },
    )
}

fn answer() -> impl Strategy<Value = Answer> {
    prop_oneof![
        4 => Just(Answer::Served),
        1 => Just(Answer::Unreachable),
        5 => classification().prop_map(Answer::Refused),
    ]
}

/// No key goes: what is declared for a project goes with its last.
pub(crate) fn lasting_plan() -> impl Strategy<Value = Plan> {
    plan(false).prop_map(|mut plan| {
        plan.moves.retain(|next| !matches!(next, Move::RemoveKey(_)));
        plan
    })
}

/// With keys that go.
pub(crate) fn leaving_plan() -> impl Strategy<Value = Plan> {
    plan(false)
}

/// Now and then somebody starts anew.
pub(crate) fn restarting_plan() -> impl Strategy<Value = Plan> {
    let away = prop_oneof![Just(0), 0..5_000_u64, 0..2 * MINUTE, 0..30 * HOUR];
    let restart = (away, any::<bool>()).prop_map(|(away, is_young)| Move::Restart { away, is_young });
    let moves = prop_oneof![15 => any_move(false), 1 => restart];
    (plan(false), proptest::collection::vec(moves, 1..120)).prop_map(|(plan, moves)| Plan { moves, ..plan })
}

fn any_move(clocks_may_be_set: bool) -> impl Strategy<Value = Move> {
    let set = move |(mono, wall)| if clocks_may_be_set { Move::Set { mono, wall } } else { Move::Next };
    prop_oneof![
        12 => ask().prop_map(Move::Call),
        12 => (any::<usize>(), answer()).prop_map(|(which, answer)| Move::Answer { which, answer }),
        2 => any::<usize>().prop_map(Move::Abort),
        1 => any::<usize>().prop_map(Move::Stale),
        2 => (any::<usize>(), 0..9_000_u64).prop_map(|(which, tokens)| Move::Tokens(which, tokens)),
        6 => Just(Move::Next),
        4 => prop_oneof![0..100_u64, 0..2 * MINUTE, 0..3 * HOUR].prop_map(Move::Pass),
        2 => (-100_000..100_000_i64, -108_000_000..108_000_000_i64).prop_map(set),
        1 => (0..3_usize).prop_map(|project| Move::AddKey { project }),
        1 => any::<usize>().prop_map(Move::RemoveKey),
        1 => (any::<usize>(), any::<bool>()).prop_map(|(which, out)| Move::Hand(which, out)),
        1 => proptest::option::of(any::<usize>()).prop_map(Move::Reset),
        1 => Just(Move::Rotate),
        1 => (any::<usize>(), 1..9_u64).prop_map(|(which, rpm)| Move::Limits(which, rpm)),
        1 => any::<usize>().prop_map(Move::Test),
    ]
}

fn plan(clocks_may_be_set: bool) -> impl Strategy<Value = Plan> {
    let choice = prop_oneof![
        Just(Choice::RoundRobin),
        Just(Choice::Failover),
        Just(Choice::LeastLoaded),
        Just(Choice::Weighted),
        Just(Choice::Priority),
        Just(Choice::Assigned(Assignment::Rendezvous)),
        Just(Choice::Assigned(Assignment::Modulo)),
    ];
    let projects = proptest::collection::vec((limits(), 1..3_usize), 1..4);
    let moves = proptest::collection::vec(any_move(clocks_may_be_set), 1..120);
    (any::<u64>(), choice, proptest::bool::weighted(0.2), prop_oneof![Just(1_000_u32), 0..4_u32], projects, moves)
        .prop_map(|(seed, strategy, moves_wait, max_size, projects, moves)| Plan {
            seed,
            strategy,
            moves_wait,
            max_size,
            projects,
            moves,
        })
}

/// 2,000 cases unless `PROPTEST_CASES` says otherwise. What has failed once is kept beside this file.
fn cases() -> ProptestConfig {
    let default = ProptestConfig::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { default.cases } else { 2_000 };
    let kept = FileFailurePersistence::WithSource("regressions");
    ProptestConfig { cases, failure_persistence: Some(Box::new(kept)), ..default }
}

proptest! {
    #![proptest_config(cases())]

    /// Limits, dead and removed keys, ends and idle deadlines are checked by `Run` at every output.
    #[test]
    fn nothing_is_sent_that_we_know_will_be_refused_and_every_call_ends_once(plan in plan(false)) {
        let mut run = run(&plan);
        run.settle();
        prop_assert_eq!(run.engine.waiting(), 0);
        let now = run.now();
        prop_assert_eq!(run.engine.status(now).queue.in_flight, 0);
        // What is left to wake up for is nobody's call.
        for _ in 0..10_000 {
            let Some(deadline) = run.engine.next_deadline() else { break };
            prop_assert_eq!(deadline.reason, WaitReason::Reopening);
            run.go(&Move::Next);
        }
        prop_assert_eq!(run.engine.next_deadline(), None);
    }

    /// Whatever the clocks do: no panic, no loop, no call without an end.
    #[test]
    fn clocks_that_jump_harm_nobody(plan in plan(true)) {
        let mut run = run(&plan);
        run.settle();
        prop_assert_eq!(run.engine.waiting(), 0);
    }

    #[test]
    fn the_same_seed_and_inputs_give_the_same_outputs(plan in plan(true)) {
        prop_assert_eq!(record(&plan).said, record(&plan).said);
    }

    /// Ticks that nobody asked for say nothing and change nothing.
    #[test]
    fn ticks_are_idle(plan in plan(true)) {
        let mut run = record(&plan);
        run.input(Input::Tick);
        let now = run.now();
        let before = format!("{:?} {:?}", run.engine.status(now), run.engine.next_deadline());
        let said = run.said.lines().count();
        for _ in 0..20 {
            run.input(Input::Tick);
        }
        prop_assert_eq!(run.said.lines().count(), said + 20, "nothing but the wait");
        prop_assert_eq!(format!("{:?} {:?}", run.engine.status(now), run.engine.next_deadline()), before);
    }

    /// Reports agree with the outsider's log, and events come in pairs.
    #[test]
    fn reports_are_true(plan in plan(false)) {
        let mut run = record(&plan);
        run.settle();
        let now = run.now();
        let stats = run.engine.stats(now);
        prop_assert_eq!(stats.total_requests, run.log.len() as u64);
        let told = |what: &str| run.said.lines().filter(|line| line.contains(what)).count();
        prop_assert_eq!(told("Event(Attempt"), run.log.len());
        prop_assert_eq!(told("Event(Settled"), run.log.len());
        let (down, up) = (told("Event(AllKeysDown"), told("Event(ServiceRestored"));
        prop_assert!(down == up || down == up + 1, "{} down, {} up", down, up);
        for status in run.engine.status(now).pools {
            let of_pool = |logged: &&Logged| {
                format!("p{}", logged.project) == status.project && MODELS[logged.model] == status.model && logged.may_count
            };
            let minute = run.log.iter().filter(of_pool).filter(|logged| logged.counts && logged.at + Millis(MINUTE) > now.mono).count() as u64;
            // A request counts from its arrival, which is taken to be up to 2 s after its send; and a slice of the window
            // leaves with its newest.
            let slice = run.log.iter().filter(of_pool).filter(|logged| logged.at + Millis(MINUTE + 2_059) > now.mono).count() as u64;
            prop_assert!((minute..=slice).contains(&status.used.requests), "{} of {minute} to {slice}", status.used.requests);
        }
    }
}

#[test]
fn a_fleet_of_random_callers_never_meets_a_refusal_for_quota_that_was_declared() {
    use crate::world::{World, ask, key_with, rpm};
    let keys = [("a", 15), ("b", 15), ("c", 60)];
    let mut world = World::new(Config::default()).and(keys.map(|(name, most)| key_with(name, rpm(most))));
    keys.iter().for_each(|(name, most)| world.quota(name, "flash", *most as usize, usize::MAX));
    let mut state = 7_u64;
    for _ in 0..600 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        world.run_for((state >> 33) % 1_400);
        world.call(ask());
    }
    world.run();
    let refused = world.events().filter(|event| matches!(event, Event::RateLimited { .. })).count();
    let failed = (1..=600).filter(|call| !world.is_answered(CallId(*call))).count();
    assert_eq!((refused, failed), (0, 0));
    assert!(world.shares().iter().all(|share| *share > 60), "all keys take part: {:?}", world.shares());
}
