//! What a day looks like: who asks when, with which keys, of which provider. Every `Scenario` that can be written can
//! be run: what would be nonsense (a spread that ends before it begins, a project without a key) has no form.

use core::num::{NonZeroU32, NonZeroU64};

use crate::engine::{Config, LimitTable, Limits, Millis, UnixMillis};

/// An event to be planned, from its first minute to its last.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// How long people ask. What is under way at the end still comes to its end.
    pub span: Millis,
    /// How many they are.
    pub people: NonZeroU32,
    /// When each of them asks.
    pub pace: Pace,
    /// Moments at which many ask at once, besides.
    pub bursts: Vec<Burst>,
    /// Somebody who takes what there is, besides.
    pub greedy: Option<Greedy>,
    /// What they ask for. Empty: calls name no model, and the limits of `"*"` hold.
    pub models: Vec<Model>,
    /// Whose quota there is.
    pub projects: Vec<Project>,
    /// How the provider behaves.
    pub service: Service,
    /// The policy of the client.
    pub client: Config,
    /// Whether the client is told the projects' limits, or has to learn them from refusals.
    pub informed: bool,
    /// The plan holds if every call is served, and 19 of 20 within this, at every time of the day.
    pub patience: Millis,
    /// Models that advice may propose instead, with the limits that each project would have.
    pub alternatives: Vec<(String, Limits)>,
    /// When it begins: days of quota end by this clock.
    pub begins: UnixMillis,
    /// The first 00:00 in Los Angeles after that. Further ones are taken to be 24 h apart.
    pub pacific_midnight: UnixMillis,
    /// Same seed, same plan.
    pub seed: u64,
}

/// When a person asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Whenever they like: so many calls as the mean gap between two of one person's gives, at instants drawn
    /// independently (a Poisson process with its count given, so the total is exactly the one that was planned for).
    /// Whether earlier calls were answered changes nothing.
    Open {
        /// The mean gap between two calls of one person.
        gap: Millis,
    },
    /// One question at a time: ask, wait for the answer, think, ask again.
    Loop {
        /// The mean pause between an answer and the next question; each is between half and one and a half of it.
        /// Zero: at once.
        pause: Millis,
    },
    /// At these instants since the beginning, by one person after the other.
    Trace(Vec<Millis>),
}

/// Many people who ask at once: "now try it yourselves".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Burst {
    /// When it begins.
    pub at: Millis,
    /// How many ask, once each.
    pub people: u32,
    /// Over how long they are spread.
    pub within: Millis,
}

/// Participants who keep several calls open all the time, and ask again as soon as one is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Greedy {
    /// How many of this kind there are.
    pub people: NonZeroU32,
    /// How many calls each keeps open.
    pub parallel: NonZeroU32,
}

/// A model that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// Its name.
    pub name: String,
    /// Its share of the calls, in proportion to those of the others.
    pub weight: NonZeroU32,
    /// Tokens that one call counts for.
    pub tokens: u64,
}

/// A provider's project: the owner of quota.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// Its name; unique.
    pub name: String,
    /// How many keys lead to it. They share its quota.
    pub keys: NonZeroU32,
    /// What it is allowed, in truth. `concurrency` and `burst` are kept by the client; no provider refuses for them.
    pub limits: LimitTable,
}

/// How the provider behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Service {
    /// How it counts a minute.
    pub window: Window,
    /// How long that minute lasts: a shorter one for days that are played against the clock too.
    pub minute: Millis,
    /// When its day ends.
    pub day: Day,
    /// Whether refused calls are counted too.
    pub counts_refused: bool,
    /// From a request's arrival to the answer's first byte.
    pub latency: Spread,
    /// One way over an open connection.
    pub travel: Spread,
    /// What goes wrong without anybody's quota being at fault.
    pub faults: Faults,
}

/// How a provider counts a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// What was counted in the minute before.
    Rolling,
    /// Since the last turn of the minute, which is another for each pool and known to nobody.
    Fixed,
    /// A bucket that fills up continuously.
    Refill,
}

/// When a provider's day ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Day {
    /// At 00:00 UTC.
    Utc,
    /// At 00:00 in Los Angeles.
    Pacific,
}

/// A span that varies, each value as likely as the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spread {
    least: Millis,
    most: Millis,
}

/// Failures that are nobody's quota's fault, in thousandths of all requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// No connection: the request never arrives.
    pub network: u32,
    /// An answer of 500. Counted: it arrived.
    pub transient: u32,
    /// An answer of 503. Counted: a user of AI Studio saw these appear in the day's use.
    pub overloaded: u32,
}

impl Scenario {
    /// How many models there are to tell apart, the unnamed one included where none is named.
    pub(crate) fn kinds(&self) -> usize {
        self.models.len().max(1)
    }

    /// What a project allows for one of them.
    pub(crate) fn limits(&self, project: &Project, model: usize) -> Limits {
        let name = self.models.get(model).map_or("*", |model| model.name.as_str());
        project.limits.of(name).unwrap_or_default()
    }
}

impl Spread {
    /// From one to the other, whichever is the shorter.
    pub fn new(one: Millis, other: Millis) -> Self {
        Self { least: one.min(other), most: one.max(other) }
    }

    /// Always the same.
    pub const fn always(span: Millis) -> Self {
        Self { least: span, most: span }
    }

    /// The shortest.
    pub const fn least(self) -> Millis {
        self.least
    }

    /// The longest.
    pub const fn most(self) -> Millis {
        self.most
    }
}

impl Default for Service {
    fn default() -> Self {
        Self {
            // Which of them Google uses is not known; the one measurement there is (embeddings, 60 s apart, refused:
            // "not all aged out") says rolling, and it is the stricter one.
            window: Window::Rolling,
            minute: Millis::from_mins(1),
            // The documents say Pacific; the recorded hints point at 00:00 UTC.
            day: Day::Utc,
            // Not known for Gemini, and reports say yes; OpenAI documents that it does.
            counts_refused: true,
            // A short answer of a small model. An assumption: nobody's measurement.
            latency: Spread { least: Millis(600), most: Millis(2_400) },
            travel: Spread { least: Millis(15), most: Millis(60) },
            faults: Faults::default(),
        }
    }
}

impl Default for Scenario {
    /// The workshop: 40 people, 3.5 hours, 16 calls each an hour (640 in all: its plan says 500 to 800), three keys of
    /// projects of their own with 15 requests a minute.
    fn default() -> Self {
        let limits = LimitTable::all(Limits { rpm: NonZeroU64::new(15), ..Limits::default() });
        let project =
            |number| Project { name: format!("project-{number}"), keys: NonZeroU32::MIN, limits: limits.clone() };
        Self {
            span: Millis::from_mins(210),
            people: PEOPLE,
            pace: Pace::Open { gap: Millis(225_000) },
            bursts: Vec::new(),
            greedy: None,
            models: Vec::new(),
            projects: (1..=3).map(project).collect(),
            service: Service::default(),
            client: Config::default(),
            informed: true,
            // Ten seconds is what Nielsen gives as the limit for keeping somebody's attention on a dialogue.
            patience: Millis::from_secs(10),
            alternatives: Vec::new(),
            begins: QUIET_MORNING,
            pacific_midnight: UnixMillis(QUIET_MORNING.0 + 86_400_000),
            seed: 1,
        }
    }
}

const PEOPLE: NonZeroU32 = NonZeroU32::MIN.saturating_add(39);

/// Monday 2 March 2026, 08:00 UTC, which is midnight in Los Angeles: whichever of the two ends the provider's day, it is
/// sixteen hours away at least, so a plan is one for a fresh day unless somebody says when the event begins.
pub const QUIET_MORNING: UnixMillis = UnixMillis(1_772_438_400_000);
