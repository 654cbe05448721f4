//! The scenario of a plan: what people write about the day that is to come.

mod asking;
mod models;
mod projects;

use core::num::NonZeroU32;

use super::keys_file::FileSettings;
use super::mistake::Mistake;
use super::names::Names;
use super::reader::Reader;
use super::settings;
use super::value::Value;
use super::words;
use crate::engine::{Config, Millis, UnixMillis};
use crate::plan::{Day, Faults, Known, QUIET_MORNING, Scenario, Service, Spread, Window};

/// A scenario, and what of it nobody has said.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// What is to be played.
    pub scenario: Scenario,
    /// Limits that were looked up, since none were given: people should know that they are old.
    pub assumed: Vec<Known>,
    /// Those of models that advice may name. They matter only where it does.
    pub offered: Vec<Known>,
    /// Whether changes are wanted that would make it hold.
    pub advise: bool,
}

/// Reads a scenario. `pacific_midnight`: the first 00:00 in Los Angeles after an instant.
pub fn parse_scenario(value: &Value, pacific_midnight: &dyn Fn(UnixMillis) -> UnixMillis) -> Result<Planned, Mistake> {
    let reader = Reader::open(value, "scenario", &NAMES)?;
    let usual = Scenario::default();
    let people = positive(&reader, "people", MOST_PEOPLE)?.unwrap_or(usual.people);
    let span = asking::hours(&reader)?.unwrap_or(usual.span);
    let models = models::models(&reader)?;
    let (mut assumed, mut offered) = (Vec::new(), Vec::new());
    let projects = projects::projects(&reader, &models, &mut assumed)?;
    let begins = reader.whole("startsAt", 0..=LATEST, " of milliseconds")?.map_or(QUIET_MORNING, UnixMillis);
    let keys: u32 = projects.iter().map(|project| project.keys.get()).sum();
    let service = service(&reader)?;
    let scenario = Scenario {
        span,
        people,
        pace: asking::pace(&reader, people, span)?,
        bursts: asking::bursts(&reader, people, span)?,
        greedy: asking::greedy(&reader)?,
        alternatives: models::alternatives(&reader, &models, &mut offered)?,
        models,
        projects,
        client: client(&reader, keys, service.minute)?,
        service,
        informed: reader.flag("declared")?.unwrap_or(usual.informed),
        patience: reader.span("patience", 0)?.unwrap_or(usual.patience),
        begins,
        pacific_midnight: pacific_midnight(begins),
        seed: reader.whole("seed", 0..=words::MOST_EXACT, "")?.unwrap_or(usual.seed),
    };
    Ok(Planned { scenario, assumed, offered, advise: reader.flag("advice")?.unwrap_or(true) })
}
fn service(reader: &Reader<'_>) -> Result<Service, Mistake> {
    let usual = Service::default();
    Ok(Service {
        window: reader.choice("window", WINDOWS)?.unwrap_or(usual.window),
        minute: reader.whole("minute", SHORTEST_MINUTE..=60_000, " of milliseconds")?.map_or(usual.minute, Millis),
        day: reader.choice("day", DAYS)?.unwrap_or(usual.day),
        counts_refused: reader.flag("countRefused")?.unwrap_or(usual.counts_refused),
        latency: spread(reader, "latency")?.unwrap_or(usual.latency),
        travel: spread(reader, "travel")?.unwrap_or(usual.travel),
        faults: faults(reader)?,
    })
}

/// Milliseconds, or `{ min, max }`.
fn spread(reader: &Reader<'_>, name: &str) -> Result<Option<Spread>, Mistake> {
    match reader.get(name) {
        None => Ok(None),
        Some(Value::Map(_)) => {
            let Some(within) = reader.within(name, &["min", "max"])? else { return Ok(None) };
            let end = |name| within.whole(name, 0..=LONGEST_LATENCY, " of milliseconds");
            match (end("min")?, end("max")?) {
                (Some(min), Some(max)) if min <= max => Ok(Some(Spread::new(Millis(min), Millis(max)))),
                (Some(min), Some(_)) => Err(within.wrong("max", format!("at least min, which is {min}"))),
                (None, _) => Err(within.wrong("min", "a number of milliseconds")),
                (_, None) => Err(within.wrong("max", "a number of milliseconds")),
            }
        }
        Some(_) => {
            Ok(reader.whole(name, 0..=LONGEST_LATENCY, " of milliseconds")?.map(|ms| Spread::always(Millis(ms))))
        }
    }
}

fn faults(reader: &Reader<'_>) -> Result<Faults, Mistake> {
    let Some(reader) = reader.within("faults", &["network", "transient", "overloaded"])? else {
        return Ok(Faults::default());
    };
    let share = |name| reader.share(name, true).map(|share| share.unwrap_or(0) as u32);
    Ok(Faults { network: share("network")?, transient: share("transient")?, overloaded: share("overloaded")? })
}

/// The options that the client will have, as far as they matter to waiting. It knows how long the minute is, unless it is
/// told otherwise.
fn client(reader: &Reader<'_>, keys: u32, minute: Millis) -> Result<Config, Mistake> {
    let empty = Value::Map(Vec::new());
    let options = reader.get("options").unwrap_or(&empty);
    let reader = Reader::open(options, reader.path_of("options"), &CLIENT_NAMES)?;
    let config = settings::parse(&reader, FileSettings::default(), keys as usize)?.config;
    Ok(if reader.get("resetInterval").is_none() { Config { window: minute, ..config } } else { config })
}

fn positive(reader: &Reader<'_>, name: &str, most: u32) -> Result<Option<NonZeroU32>, Mistake> {
    Ok(reader.count(name, 1..=most)?.and_then(NonZeroU32::new))
}
const NAMES: [&str; 25] = [
    "people",
    "hours",
    "callsPerHour",
    "thinkTime",
    "trace",
    "bursts",
    "greedy",
    "models",
    "alternatives",
    "keys",
    "projects",
    "limits",
    "declared",
    "window",
    "minute",
    "day",
    "countRefused",
    "latency",
    "travel",
    "faults",
    "options",
    "patience",
    "startsAt",
    "seed",
    "advice",
];

const CLIENT_NAMES: [&str; 12] = [
    "strategy",
    "preset",
    "pacing",
    "minute",
    "maxRetries",
    "resetInterval",
    "backoff",
    "cooldown",
    "retryBudget",
    "timeout",
    "deadline",
    "queue",
];

const WINDOWS: &Names<Window> = &[("rolling", Window::Rolling), ("fixed", Window::Fixed), ("refill", Window::Refill)];
const DAYS: &Names<Day> = &[("utc", Day::Utc), ("pacific", Day::Pacific)];

const MOST_PEOPLE: u32 = 10_000;
/// Below a second there is nothing to plan: the client's first margin alone is half of one.
const SHORTEST_MINUTE: u64 = 1_000;
/// Ten minutes: no host waits longer.
const LONGEST_LATENCY: u64 = 600_000;
/// The year 9999: later ones are microseconds by mistake.
const LATEST: u64 = 253_402_300_799_999;
