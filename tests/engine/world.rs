//! The stage: an engine, a virtual clock and scripted providers. `step` jumps to the next thing that happens, so a test
//! of a whole day takes no time and reads as a story.

use std::collections::{BTreeMap, VecDeque};

use quota_aware_api::engine::{
    Ask, CallId, Classification, Config, Engine, Event, Failure, FailureCode, Finish, Hint, Input, Instant, KeyId,
    KeySpec, LimitTable, Limits, Millis, Now, Outcome, Output, Scope, Send, Span, Tokens, TraceReport, UnixMillis,
    Used, Verdict, WaitReport,
};
use quota_aware_api::provider::Provider;

use crate::pacific;

/// From a send to the instant at which its place in the pool's minute is free again: the 100 ms to its answer, a minute,
/// and 10 ms for rounding.
pub(crate) const HELD: u64 = 60_110;

/// The same for the one call a minute that tries whether it could go sooner: 25 ms after its send at the least.
pub(crate) const TRIED: u64 = 60_035;

/// What a provider does with one request.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    what: What,
    /// Instead of the world's latency.
    after: Option<u64>,
}

#[derive(Clone, Debug)]
enum What {
    Serve,
    Refuse(u16, Classification),
    Unreachable,
    Silence,
}

impl Reply {
    /// The same reply after so many milliseconds.
    pub(crate) fn after(mut self, ms: u64) -> Self {
        self.after = Some(ms);
        self
    }

    /// The same refusal with a server's hint, in milliseconds.
    pub(crate) fn hint(self, ms: u64) -> Self {
        self.with(|meaning| meaning.retry_after = Some(Hint { delay: Millis(ms), truncated: false }))
    }

    /// The same refusal, changed.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut Classification)) -> Self {
        if let What::Refuse(_, meaning) = &mut self.what {
            change(meaning);
        }
        self
    }
}

pub(crate) fn serve() -> Reply {
    Reply { what: What::Serve, after: None }
}

pub(crate) fn unreachable() -> Reply {
    Reply { what: What::Unreachable, after: None }
}

/// Never an answer.
pub(crate) fn silence() -> Reply {
    Reply { what: What::Silence, after: None }
}

pub(crate) fn refuse(status: u16, verdict: Verdict, scope: Scope) -> Reply {
    Reply { what: What::Refuse(status, Classification::new(verdict, scope)), after: None }
}

/// A minute's quota of one model, refused.
pub(crate) fn minute() -> Reply {
    refuse(429, Verdict::RateLimited, Scope::Model).with(|meaning| meaning.window = Some(Span::Minute))
}

/// A day's quota of one model, refused.
pub(crate) fn daily() -> Reply {
    refuse(429, Verdict::QuotaExhausted, Scope::Model).with(|meaning| meaning.window = Some(Span::Day))
}

pub(crate) fn invalid() -> Reply {
    refuse(400, Verdict::InvalidKey, Scope::Key)
}

pub(crate) fn transient() -> Reply {
    refuse(500, Verdict::Transient, Scope::None)
}

pub(crate) fn overloaded() -> Reply {
    refuse(503, Verdict::Overloaded, Scope::Model)
}

/// A call of Gemini's `flash`.
pub(crate) fn ask() -> Ask {
    ask_for("flash")
}

pub(crate) fn ask_for(model: &str) -> Ask {
    Ask { model: Some(model.to_owned()), ..Ask::to(Provider::Gemini) }
}

pub(crate) fn of_session(session: &str) -> Ask {
    Ask { session: Some(session.to_owned()), ..ask() }
}

/// A Gemini key that is a project of its own.
pub(crate) fn key(name: &str) -> KeySpec {
    KeySpec { provider: Some(Provider::Gemini), ..KeySpec::named(name) }
}

/// A Gemini key of a project.
pub(crate) fn key_of(name: &str, project: &str) -> KeySpec {
    KeySpec { project: Some(project.to_owned()), ..key(name) }
}

/// A Gemini key with limits for every model.
pub(crate) fn key_with(name: &str, limits: Limits) -> KeySpec {
    KeySpec { limits: Some(LimitTable::all(limits)), ..key(name) }
}

pub(crate) fn rpm(most: u64) -> Limits {
    Limits { rpm: core::num::NonZeroU64::new(most), ..Limits::default() }
}

/// A provider's own, truthful count for one project and model: rolling minutes, UTC days.
#[derive(Debug)]
struct Quota {
    project: String,
    model: String,
    rpm: usize,
    rpd: usize,
    served: Vec<(Instant, UnixMillis)>,
}

impl Quota {
    fn answer(&mut self, now: Now) -> Reply {
        let minute_ago = now.mono.0.saturating_sub(59_999);
        let in_minute = self.served.iter().filter(|(at, _)| at.0 >= minute_ago).count();
        let today = self.served.iter().filter(|(_, wall)| wall.next_utc_midnight() > now.wall).count();
        if today >= self.rpd {
            return daily();
        }
        if in_minute >= self.rpm {
            let frees = self.served[self.served.len() - self.rpm].0 + Millis(60_000);
            return minute().hint((frees - now.mono).0);
        }
        self.served.push((now.mono, now.wall));
        serve()
    }
}

/// One attempt, as it left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) at: Instant,
    pub(crate) send: Send,
}

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) engine: Engine,
    pub(crate) latency: u64,
    /// Whether the network still delivers what the engine has given up on.
    pub(crate) delivers_late: bool,
    /// Everything the engine said, with the instant.
    pub(crate) log: Vec<(Instant, Output)>,
    pub(crate) keys: Vec<KeySpec>,
    mono: u64,
    wall: u64,
    calls: u64,
    asks: BTreeMap<CallId, Ask>,
    scripts: BTreeMap<KeyId, VecDeque<Reply>>,
    habits: BTreeMap<KeyId, Reply>,
    quotas: Vec<Quota>,
    under_way: BTreeMap<(Instant, u64), (Send, Reply)>,
    sent: u64,
}

impl World {
    /// A world without keys, on Monday 2 March 2026, 12:00 UTC.
    pub(crate) fn new(config: Config) -> Self {
        Self::at(UnixMillis(pacific::utc(2026, 3, 2).0 + 12 * 3_600_000), config)
    }

    pub(crate) fn at(wall: UnixMillis, config: Config) -> Self {
        Self::seeded(42, wall, config)
    }

    pub(crate) fn seeded(seed: u64, wall: UnixMillis, config: Config) -> Self {
        let mono = 1_000_000;
        Self {
            engine: Engine::new(config, seed, now_at(mono, wall.0)),
            latency: 100,
            delivers_late: false,
            log: Vec::new(),
            keys: Vec::new(),
            mono,
            wall: wall.0,
            calls: 0,
            asks: BTreeMap::new(),
            scripts: BTreeMap::new(),
            habits: BTreeMap::new(),
            quotas: Vec::new(),
            under_way: BTreeMap::new(),
            sent: 0,
        }
    }

    /// Default policy and keys that are projects of their own.
    pub(crate) fn of(names: &[&str]) -> Self {
        Self::new(Config::default()).and(names.iter().map(|name| key(name)))
    }

    pub(crate) fn and(mut self, keys: impl IntoIterator<Item = KeySpec>) -> Self {
        keys.into_iter().for_each(|key| {
            self.add(key);
        });
        self
    }

    // ------------------------------------------------------------ what the providers do

    /// The next replies to requests with a key. After them, its habit; without one, its quota; without one, 200.
    pub(crate) fn script(&mut self, key: &str, replies: impl IntoIterator<Item = Reply>) {
        let id = self.id(key);
        self.scripts.entry(id).or_default().extend(replies);
    }

    /// What every request with a key gets once its script is over.
    pub(crate) fn always(&mut self, key: &str, reply: Reply) {
        self.habits.insert(self.id(key), reply);
    }

    /// A truthful count for a project and model.
    pub(crate) fn quota(&mut self, project: &str, model: &str, rpm: usize, rpd: usize) {
        self.quotas.push(Quota { project: project.to_owned(), model: model.to_owned(), rpm, rpd, served: Vec::new() });
    }

    // ------------------------------------------------------------ what people do

    pub(crate) fn add(&mut self, key: KeySpec) -> KeyId {
        let id = self.engine.add_key(self.now(), key.clone()).unwrap();
        self.keys.push(key);
        self.drain();
        id
    }

    pub(crate) fn remove(&mut self, key: &str) {
        self.engine.remove_key(self.now(), self.id(key)).unwrap();
        self.drain();
    }

    pub(crate) fn switch_to(&mut self, key: &str) {
        self.engine.switch_to(self.now(), self.id(key)).unwrap();
        self.drain();
    }

    pub(crate) fn call(&mut self, ask: Ask) -> CallId {
        self.calls += 1;
        let id = CallId(self.calls);
        self.asks.insert(id, ask.clone());
        self.input(Input::Call(id, ask));
        id
    }

    pub(crate) fn calls(&mut self, count: usize, ask: &Ask) -> Vec<CallId> {
        (0..count).map(|_| self.call(ask.clone())).collect()
    }

    /// Calls and runs until that is over.
    pub(crate) fn finish(&mut self, ask: Ask) -> CallId {
        let id = self.call(ask);
        self.run();
        id
    }

    pub(crate) fn abort(&mut self, call: CallId) {
        self.input(Input::Abort(call));
    }

    /// A test of one key.
    pub(crate) fn test(&mut self, key: &str) -> CallId {
        let pinned = Some(self.id(key));
        self.finish(Ask { pinned, ..ask() })
    }

    pub(crate) fn input(&mut self, input: Input) {
        self.engine.handle_input(self.now(), input);
        self.drain();
    }

    /// An answer tells what it used.
    pub(crate) fn used(&mut self, call: CallId, input: u64, output: u64, model: Option<&str>) {
        self.counted(call, [input, output, 0, 0], model);
    }

    /// The same with what was cached and what was thought.
    pub(crate) fn counted(&mut self, call: CallId, tokens: [u64; 4], model: Option<&str>) {
        let [input, output, cached, thoughts] = tokens.map(Tokens);
        self.engine.used(self.now(), call, Used { input, output, cached, thoughts }, model);
    }

    // ------------------------------------------------------------ time

    pub(crate) fn now(&self) -> Now {
        now_at(self.mono, self.wall)
    }

    /// Jumps to the next answer or deadline. False where nothing is to come.
    pub(crate) fn step(&mut self) -> bool {
        let Some(next) = self.next() else { return false };
        self.jump(next);
        let is_answer = self.under_way.keys().next().is_some_and(|(at, _)| *at <= next);
        if is_answer {
            self.deliver();
        } else {
            self.input(Input::Tick);
        }
        true
    }

    /// Until every call is over.
    pub(crate) fn run(&mut self) {
        let mut still = 0;
        while !self.open().is_empty() {
            let before = self.mono;
            assert!(self.step(), "{:?} wait for ever", self.open());
            still = if self.mono == before { still + 1 } else { 0 };
            assert!(still < 10_000, "{:?} are busy without getting anywhere", self.open());
        }
    }

    /// Everything that happens within a span, and the clock at its end.
    pub(crate) fn run_for(&mut self, ms: u64) {
        let end = Instant(self.mono + ms);
        let mut steps = 0;
        while self.next().is_some_and(|next| next <= end) {
            self.step();
            steps += 1;
            assert!(steps < 100_000, "busy without getting anywhere");
        }
        self.jump(end);
    }

    /// Moves the clocks without telling the engine.
    pub(crate) fn sleep(&mut self, ms: u64) {
        self.jump(Instant(self.mono + ms));
    }

    /// Somebody sets the wall clock back.
    pub(crate) fn set_back(&mut self, ms: u64) {
        self.wall -= ms;
    }

    // ------------------------------------------------------------ what came of it

    pub(crate) fn id(&self, key: &str) -> KeyId {
        KeyId(self.keys.iter().rposition(|spec| spec.id == key).unwrap() as u32)
    }

    pub(crate) fn name(&self, key: KeyId) -> &str {
        &self.keys[key.0 as usize].id
    }

    /// Calls without an end so far.
    pub(crate) fn open(&self) -> Vec<CallId> {
        let done =
            |id: &CallId| self.log.iter().any(|(_, output)| matches!(output, Output::Done(done, _) if done == id));
        self.asks.keys().copied().filter(|id| !done(id)).collect()
    }

    pub(crate) fn sends(&self) -> Vec<Sent> {
        let sent = |(at, output): &(Instant, Output)| match output {
            Output::Send(send) => Some(Sent { at: *at, send: *send }),
            _ => None,
        };
        self.log.iter().filter_map(sent).collect()
    }

    pub(crate) fn sends_of(&self, call: CallId) -> Vec<Sent> {
        self.sends().into_iter().filter(|sent| sent.send.call == call).collect()
    }

    /// The keys of all sends, in order: with keys of one letter, "abc".
    pub(crate) fn order(&self) -> String {
        self.sends().iter().map(|sent| self.name(sent.send.key)).collect()
    }

    pub(crate) fn order_of(&self, call: CallId) -> String {
        self.sends_of(call).iter().map(|sent| self.name(sent.send.key)).collect()
    }

    /// How many sends went out with each key.
    pub(crate) fn shares(&self) -> Vec<usize> {
        let of = |key: usize| self.sends().iter().filter(|sent| sent.send.key.0 as usize == key).count();
        (0..self.keys.len()).map(of).collect()
    }

    /// The time from the end of each attempt of a call to its next.
    pub(crate) fn waits(&self, call: CallId) -> Vec<u64> {
        let mut waits = Vec::new();
        let mut ended = None;
        for (at, output) in &self.log {
            match output {
                Output::Event(Event::Settled(settled)) if settled.call == call => ended = Some(*at),
                Output::Send(send) if send.call == call => waits.extend(ended.map(|ended: Instant| (*at - ended).0)),
                _ => {}
            }
        }
        waits
    }

    pub(crate) fn end(&self, call: CallId) -> &Finish {
        let ends: Vec<&Finish> = self
            .log
            .iter()
            .filter_map(|(_, output)| match output {
                Output::Done(id, finish) if *id == call => Some(finish),
                _ => None,
            })
            .collect();
        assert_eq!(ends.len(), 1, "{call:?} has {} ends", ends.len());
        ends[0]
    }

    /// When a call was over.
    pub(crate) fn ended(&self, call: CallId) -> Instant {
        let end = self.log.iter().find(|(_, output)| matches!(output, Output::Done(id, _) if *id == call));
        end.unwrap().0
    }

    pub(crate) fn failure(&self, call: CallId) -> &Failure {
        match self.end(call) {
            Finish::Failed(failure) => failure,
            other => panic!("{call:?} ended with {other:?}"),
        }
    }

    /// The code a call failed with, if it failed.
    pub(crate) fn code(&self, call: CallId) -> Option<FailureCode> {
        match self.end(call) {
            Finish::Failed(failure) => Some(failure.code),
            Finish::Response | Finish::Aborted => None,
        }
    }

    pub(crate) fn is_answered(&self, call: CallId) -> bool {
        matches!(self.end(call), Finish::Response)
    }

    pub(crate) fn events(&self) -> impl Iterator<Item = &Event> {
        self.log.iter().filter_map(|(_, output)| match output {
            Output::Event(event) => Some(event),
            _ => None,
        })
    }

    /// Which keys would take a call of a model now, by name.
    pub(crate) fn serving(&mut self, model: &str) -> String {
        let now = self.now();
        let mut serving = String::new();
        for place in 0..self.keys.len() {
            let id = KeyId(place as u32);
            if self.engine.switch_to(now, id).is_ok()
                && self.engine.next_key(now, Some(Provider::Gemini), Some(model)) == Ok(id)
            {
                serving.push_str(&self.keys[place].id);
            }
        }
        self.drain();
        serving
    }

    /// For questions that change nothing.
    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// What was decided about a call.
    pub(crate) fn explain(&self, call: CallId) -> Vec<TraceReport> {
        self.engine.explain(1, Some(call))
    }

    /// The waiting calls, as a status tells them.
    pub(crate) fn waiting(&mut self) -> Vec<WaitReport> {
        let now = self.now();
        self.engine.status(now).queue.calls
    }

    /// A key's health in one word.
    pub(crate) fn health(&mut self, key: &str) -> &'static str {
        let now = self.now();
        self.engine.status(now).keys.iter().find(|status| status.id == key).unwrap().health
    }

    // ------------------------------------------------------------ machinery

    /// When the next answer or deadline comes.
    fn next(&self) -> Option<Instant> {
        let answer = self.under_way.keys().next().map(|(at, _)| *at);
        answer.into_iter().chain(self.engine.next_deadline().map(|deadline| deadline.at)).min()
    }

    fn jump(&mut self, to: Instant) {
        let span = to.0.saturating_sub(self.mono);
        self.mono += span;
        self.wall += span;
    }

    fn deliver(&mut self) {
        let Some((_, (send, reply))) = self.under_way.pop_first() else { return };
        let outcome = match reply.what {
            What::Serve => Outcome::Served(200, Vec::new()),
            What::Refuse(status, meaning) => Outcome::Answered(status, Box::new(meaning)),
            What::Unreachable => Outcome::Unreachable,
            What::Silence => return,
        };
        self.input(Input::Outcome { call: send.call, attempt: send.attempt, outcome });
    }

    pub(crate) fn drain(&mut self) {
        loop {
            let output = self.engine.poll_output();
            match &output {
                Output::Send(send) => self.start(*send),
                Output::Cancel(call) if !self.delivers_late => {
                    self.under_way.retain(|_, (send, _)| send.call != *call);
                }
                Output::Wait(_) => break,
                _ => {}
            }
            self.log.push((Instant(self.mono), output));
        }
    }

    fn start(&mut self, send: Send) {
        let reply = self.reply(send);
        if matches!(reply.what, What::Silence) {
            return;
        }
        self.sent += 1;
        let at = Instant(self.mono + reply.after.unwrap_or(self.latency));
        self.under_way.insert((at, self.sent), (send, reply));
    }

    fn reply(&mut self, send: Send) -> Reply {
        if let Some(reply) = self.scripts.get_mut(&send.key).and_then(VecDeque::pop_front) {
            return reply;
        }
        if let Some(habit) = self.habits.get(&send.key) {
            return habit.clone();
        }
        let spec = &self.keys[send.key.0 as usize];
        let project = spec.project.as_ref().unwrap_or(&spec.id);
        let model = self.asks[&send.call].model.as_deref().unwrap_or("*");
        let now = self.now();
        let quota = self.quotas.iter_mut().find(|quota| quota.project == *project && quota.model == model);
        quota.map_or_else(serve, |quota| quota.answer(now))
    }
}

fn now_at(mono: u64, wall: u64) -> Now {
    let wall = UnixMillis(wall);
    Now { mono: Instant(mono), wall, pacific_midnight: pacific::next_midnight(wall) }
}
