//! An engine, a clock that is moved by hand, and a provider that serves everything at once.

use std::num::NonZeroU64;
use std::time::{Duration, Instant as Stopwatch};

use quota_aware_api::engine::{
    Ask, CallId, Config, Engine, Input, Instant, KeySpec, LimitTable, Limits, Millis, Minute, Now, Outcome, Output,
    Provider, QueuePolicy, Send, UnixMillis,
};

pub(crate) const MODELS: usize = 10;
/// Of so many keys at the end of the list has some pool room, where most are full.
const LAST: usize = 3;
/// A limit that no bench reaches.
const PLENTY: u64 = 1 << 40;
/// Patience that no bench exhausts, however slowly its waiters are served.
const FOREVER: Millis = Millis::from_hours(24 * 365);

/// Every key has room.
pub(crate) const fn everywhere(_: usize, _: usize) -> bool {
    true
}

/// The last few keys have room.
pub(crate) const fn at_the_end(key: usize, keys: usize) -> bool {
    key + LAST >= keys
}

pub(crate) struct Stage {
    engine: Engine,
    mono: u64,
    /// How far the clock goes with each call.
    pace: u64,
    calls: u64,
    models: Vec<String>,
    sent: Vec<Send>,
}

impl Stage {
    /// Keys that are projects of their own. Those without room may send one call a minute, and have sent it; the clock
    /// stands then, so that this minute lasts. Else it goes as under a thousand calls a second.
    pub(crate) fn new(keys: usize, room: fn(usize, usize) -> bool) -> Self {
        let mut stage = Self::empty(MODELS);
        let full = (0..keys).take_while(|key| !room(*key, keys)).count();
        stage.add(full, 1);
        // Nobody else is there yet: as many calls of each model as keys, and every pool has had its one.
        (0..full * MODELS).for_each(|_| stage.call());
        stage.add(keys - full, PLENTY);
        stage.pace = u64::from(full == 0);
        // Whoever adds a key makes everybody worth a look again: the first round of each model pays for that, once.
        (0..MODELS * 2 * LAST).for_each(|_| stage.call());
        stage
    }

    fn empty(models: usize) -> Self {
        let config = Config {
            deadline: FOREVER,
            timeout: FOREVER,
            queue: QueuePolicy { max_wait: FOREVER, max_size: u32::MAX, per_session: u32::MAX, fair: true },
            // What is measured is a decision, not the search for a fixed minute.
            minute: Minute::Rolling,
            ..Config::default()
        };
        let mono = 1_000_000;
        Self {
            engine: Engine::new(config, 42, now_at(mono)),
            mono,
            pace: 0,
            calls: 0,
            models: (0..models).map(|model| format!("model-{model}")).collect(),
            sent: Vec::new(),
        }
    }

    fn add(&mut self, keys: usize, rpm: u64) {
        let first = self.engine.keys().count();
        for at in first..first + keys {
            let name = format!("key-{at}");
            let limits = LimitTable::all(Limits { rpm: NonZeroU64::new(rpm), ..Limits::default() });
            let key = KeySpec { provider: Some(Provider::Gemini), limits: Some(limits), ..KeySpec::named(&name) };
            self.engine.add_key(now_at(self.mono), key).unwrap();
            self.drain();
        }
    }

    /// One call from its question to its answer: picked, permitted, sent, settled. Panics where it has to wait.
    pub(crate) fn call(&mut self) {
        self.mono += self.pace;
        self.ask(None);
        assert!(self.serve() == 1, "a call that was to be sent at once is waiting");
    }

    fn ask(&mut self, session: Option<String>) -> CallId {
        self.calls += 1;
        let id = CallId(self.calls);
        let model = self.models[self.calls as usize % self.models.len()].clone();
        self.put(Input::Call(id, Ask { model: Some(model), session, ..Ask::to(Provider::Gemini) }));
        id
    }

    /// Answers what was sent. Returns how many that were.
    fn serve(&mut self) -> usize {
        let mut served = 0;
        while let Some(Send { call, attempt, .. }) = self.sent.pop() {
            served += 1;
            self.put(Input::Outcome { call, attempt, outcome: Outcome::Served(200, Vec::new()) });
        }
        served
    }

    fn put(&mut self, input: Input) {
        self.engine.handle_input(now_at(self.mono), input);
        self.drain();
    }

    fn drain(&mut self) {
        loop {
            match self.engine.poll_output() {
                Output::Send(send) => self.sent.push(send),
                Output::Wait(_) => return,
                Output::Done(..) | Output::Event(_) | Output::Cancel(_) => {}
            }
        }
    }
}

/// So many calls of forty people before three keys of one model that have no room. Each operation leaves as many.
pub(crate) struct WaitingRoom {
    stage: Stage,
    waiting: Vec<CallId>,
    dice: u64,
}

impl WaitingRoom {
    pub(crate) fn new(waiting: usize) -> Self {
        let mut room = Self::empty();
        (0..waiting).for_each(|_| room.come());
        room
    }

    pub(crate) fn empty() -> Self {
        let mut stage = Stage::empty(1);
        stage.add(3, RPM);
        (0..AT_ONCE).for_each(|_| stage.call());
        Self { stage, waiting: Vec::new(), dice: 42 }
    }

    pub(crate) fn come(&mut self) {
        let session = format!("person-{}", self.stage.calls % 40);
        let id = self.stage.ask(Some(session));
        self.waiting.push(id);
        assert!(self.stage.sent.is_empty(), "a call that was to wait was sent");
    }

    /// Somebody in the middle leaves.
    fn leave(&mut self) {
        self.dice = self.dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let at = (self.dice >> 33) as usize % self.waiting.len();
        let id = self.waiting.swap_remove(at);
        self.stage.put(Input::Abort(id));
    }

    pub(crate) fn leave_all(&mut self) {
        while !self.waiting.is_empty() {
            self.leave();
        }
    }

    pub(crate) fn enqueue(&mut self, times: u64) -> Duration {
        in_batches(times, |batch| {
            let took = timed(|| (0..batch).for_each(|_| self.come()));
            (0..batch).for_each(|_| self.leave());
            took
        })
    }

    pub(crate) fn abort(&mut self, times: u64) -> Duration {
        in_batches(times, |batch| {
            let took = timed(|| (0..batch).for_each(|_| self.leave()));
            (0..batch).for_each(|_| self.come());
            took
        })
    }

    /// A minute passes, and as many as have room are sent: the time of each, its settlement included.
    pub(crate) fn wake(&mut self, times: u64) -> Duration {
        let mut all = Duration::ZERO;
        let mut woken = 0;
        while woken < times {
            let mut sent = 0;
            all += timed(|| {
                while sent < AT_ONCE {
                    let deadline = self.stage.engine.next_deadline().unwrap();
                    self.stage.mono = self.stage.mono.max(deadline.at.0);
                    self.stage.put(Input::Tick);
                    sent += self.stage.serve();
                }
            });
            woken += sent as u64;
            (0..sent).for_each(|_| self.come());
        }
        all.mul_f64(times as f64 / woken as f64)
    }
}

/// Of each of the waiting room's keys.
const RPM: u64 = 10;
const AT_ONCE: usize = 3 * RPM as usize;
/// Long enough that reading the clock does not matter, short enough that as many are waiting all the while.
const BATCH: u64 = 32;

fn in_batches(times: u64, mut run: impl FnMut(u64) -> Duration) -> Duration {
    let mut left = times;
    let mut all = Duration::ZERO;
    while left > 0 {
        let batch = left.min(BATCH);
        all += run(batch);
        left -= batch;
    }
    all
}

#[allow(clippy::disallowed_methods, reason = "a bench reads the clock")]
fn timed(run: impl FnOnce()) -> Duration {
    let began = Stopwatch::now();
    run();
    began.elapsed()
}

/// Noon of a day whose midnight no bench reaches.
fn now_at(mono: u64) -> Now {
    let wall = UnixMillis(1_772_452_800_000 + mono);
    Now { mono: Instant(mono), wall, pacific_midnight: wall.next_utc_midnight() + Millis::from_hours(8) }
}
