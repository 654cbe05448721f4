//! The scenario of a plan: what people write about the day that is to come.

use core::num::NonZeroU32;

use super::keys_file::FileSettings;
use super::limits;
use super::mistake::Mistake;
use super::names::Names;
use super::reader::Reader;
use super::settings;
use super::value::Value;
use super::words;
use crate::engine::{LimitTable, Limits, Millis, UnixMillis};
use crate::plan::{
    Burst, Day, FREE_TIER, Faults, Greedy, Known, Model, Pace, Project, QUIET_MORNING, Scenario, Service, Spread,
    Window,
};

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
    let span = hours(&reader)?.unwrap_or(usual.span);
    let models = models(&reader)?;
    let (mut assumed, mut offered) = (Vec::new(), Vec::new());
    let projects = projects(&reader, &models, &mut assumed)?;
    let begins = reader.whole("startsAt", 0..=LATEST, " of milliseconds")?.map_or(QUIET_MORNING, UnixMillis);
    let keys: u32 = projects.iter().map(|project| project.keys.get()).sum();
    let scenario = Scenario {
        span,
        people,
        pace: pace(&reader, people, span)?,
        bursts: bursts(&reader, people, span)?,
        greedy: greedy(&reader)?,
        alternatives: alternatives(&reader, &models, &mut offered)?,
        models,
        projects,
        service: service(&reader)?,
        client: client(&reader, keys)?,
        informed: reader.flag("declared")?.unwrap_or(usual.informed),
        patience: reader.span("patience", 0)?.unwrap_or(usual.patience),
        begins,
        pacific_midnight: pacific_midnight(begins),
        seed: reader.whole("seed", 0..=words::MOST_EXACT, "")?.unwrap_or(usual.seed),
    };
    Ok(Planned { scenario, assumed, offered, advise: reader.flag("advice")?.unwrap_or(true) })
}

// ---------------------------------------------------------------- who asks

fn hours(reader: &Reader<'_>) -> Result<Option<Millis>, Mistake> {
    match reader.get("hours") {
        None => Ok(None),
        Some(Value::Number(hours)) if *hours >= LEAST_HOURS && *hours <= MOST_HOURS => {
            Ok(Some(Millis((*hours * 3_600_000.0 + 0.5) as u64)))
        }
        Some(_) => Err(reader.wrong("hours", "a number of hours from 0.01 to 72")),
    }
}

/// One of the three ways of asking; the usual rate where none is given.
fn pace(reader: &Reader<'_>, people: NonZeroU32, span: Millis) -> Result<Pace, Mistake> {
    let given: Vec<&str> = PACES.into_iter().filter(|name| reader.get(name).is_some()).collect();
    if let [_, second, ..] = given.as_slice() {
        let expected = format!("only one of {}", words::listed(&PACES));
        return Err(Mistake::new(reader.path_of(second), expected, format!("{} too", given[0])));
    }
    if let Some(pause) = reader.span("thinkTime", 0)? {
        return Ok(Pace::Loop { pause });
    }
    if let Some(instants) = reader.list("trace", "milliseconds since the beginning")? {
        return trace(reader, instants);
    }
    let rate = match reader.get("callsPerHour") {
        None => USUAL_RATE,
        Some(Value::Number(rate)) if (0.0..=MOST_RATE).contains(rate) => *rate,
        Some(_) => return Err(reader.wrong("callsPerHour", "a number of calls from 0 to 3600")),
    };
    let calls = rate * f64::from(people.get()) * span.0 as f64 / 3_600_000.0;
    if calls > MOST_CALLS as f64 {
        let expected = format!("at most {MOST_CALLS} calls in all");
        return Err(Mistake::new(reader.path_of("callsPerHour"), expected, (calls as u64).to_string()));
    }
    let gap = if rate > 0.0 { (3_600_000.0 / rate + 0.5) as u64 } else { u64::MAX };
    Ok(Pace::Open { gap: Millis(gap) })
}

fn trace(reader: &Reader<'_>, instants: &[Value]) -> Result<Pace, Mistake> {
    let path = reader.path_of("trace");
    if instants.len() > MOST_CALLS {
        return Err(Mistake::new(path, format!("at most {MOST_CALLS} calls"), instants.len().to_string()));
    }
    let instant = |(at, value): (usize, &Value)| match value {
        Value::Number(ms) if *ms >= 0.0 && *ms <= MOST_HOURS * 3_600_000.0 => Ok(Millis(*ms as u64)),
        _ => Err(Mistake::of(words::item(&path, at), "milliseconds since the beginning, at most 72 hours", value)),
    };
    instants.iter().enumerate().map(instant).collect::<Result<_, _>>().map(Pace::Trace)
}

fn bursts(reader: &Reader<'_>, people: NonZeroU32, span: Millis) -> Result<Vec<Burst>, Mistake> {
    let Some(items) = reader.list("bursts", "objects")? else { return Ok(Vec::new()) };
    let path = reader.path_of("bursts");
    if items.len() > MOST_BURSTS {
        return Err(Mistake::new(path, format!("at most {MOST_BURSTS} bursts"), items.len().to_string()));
    }
    let burst = |(at, value): (usize, &Value)| {
        let place = words::item(&path, at);
        if *value == Value::Nothing {
            return Err(Mistake::of(place, "an object", value));
        }
        let reader = Reader::open(value, place, &["at", "people", "within"])?;
        Ok(Burst {
            at: Millis(reader.whole("at", 0..=span.0, " of milliseconds since the beginning")?.unwrap_or(0)),
            people: reader.count("people", 1..=people.get())?.unwrap_or(people.get()),
            within: Millis(reader.whole("within", 0..=span.0, " of milliseconds")?.unwrap_or(USUAL_BURST)),
        })
    };
    let bursts: Vec<Burst> = items.iter().enumerate().map(burst).collect::<Result<_, _>>()?;
    let calls: u64 = bursts.iter().map(|burst| u64::from(burst.people)).sum();
    if calls > MOST_CALLS as u64 {
        return Err(Mistake::new(
            reader.path_of("bursts"),
            format!("at most {MOST_CALLS} calls in all"),
            calls.to_string(),
        ));
    }
    Ok(bursts)
}

fn greedy(reader: &Reader<'_>) -> Result<Option<Greedy>, Mistake> {
    let Some(reader) = reader.within("greedy", &["people", "parallel"])? else { return Ok(None) };
    Ok(Some(Greedy {
        people: positive(&reader, "people", MOST_PEOPLE)?.unwrap_or(NonZeroU32::MIN),
        parallel: positive(&reader, "parallel", 1_000)?.unwrap_or(NonZeroU32::MIN.saturating_add(USUAL_PARALLEL - 1)),
    }))
}

// ---------------------------------------------------------------- what for

/// A name, or a list of names and of objects.
fn models(reader: &Reader<'_>) -> Result<Vec<Model>, Mistake> {
    let one = core::slice::from_ref(reader.get("models").unwrap_or(&Value::Nothing));
    let (items, is_list) = match reader.get("models") {
        None => return Ok(vec![model_named(USUAL_MODEL)]),
        Some(Value::List(items)) => (items.as_slice(), true),
        Some(_) => (one, false),
    };
    let path = reader.path_of("models");
    if items.is_empty() || items.len() > MOST_MODELS {
        return Err(Mistake::of(
            path,
            format!("from 1 to {MOST_MODELS} models"),
            reader.get("models").unwrap_or(&Value::Nothing),
        ));
    }
    let mut models: Vec<Model> = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let place = if is_list { words::item(&path, at) } else { path.clone() };
        let model = model(item, &place)?;
        if models.iter().any(|known| known.name == model.name) {
            return Err(Mistake::new(place, "each model once", format!("{} again", words::quoted(&model.name))));
        }
        models.push(model);
    }
    Ok(models)
}

fn model(value: &Value, path: &str) -> Result<Model, Mistake> {
    // A name alone is read as the object that would name it, so that both are held to the same.
    let named = Value::Map(vec![(String::from("model"), value.clone())]);
    let reader = match value {
        Value::Text(_) => Reader::open(&named, path, &["model", "share", "tokens"])?,
        Value::Map(_) => Reader::open(value, path, &["model", "share", "tokens"])?,
        _ => return Err(Mistake::of(path, "the name of a model, or an object", value)),
    };
    let Some(name) = reader.public_name("model")? else { return Err(reader.wrong("model", "the name of a model")) };
    let weight = reader.share("share", false)?.and_then(|share| NonZeroU32::new(share as u32));
    Ok(Model {
        weight: weight.unwrap_or(NonZeroU32::MIN.saturating_add(999)),
        tokens: reader.whole("tokens", 0..=MOST_TOKENS, "")?.unwrap_or(USUAL_TOKENS),
        name,
    })
}

fn model_named(name: &str) -> Model {
    Model { name: name.to_owned(), weight: NonZeroU32::MIN.saturating_add(999), tokens: USUAL_TOKENS }
}

/// Other models that advice may name: those given, or those that are known to have more of a day.
fn alternatives(
    reader: &Reader<'_>,
    models: &[Model],
    offered: &mut Vec<Known>,
) -> Result<Vec<(String, Limits)>, Mistake> {
    let Some(items) = reader.list("alternatives", "objects")? else {
        let unused = |known: &&Known| models.iter().all(|model| model.name != known.model);
        offered.extend(FREE_TIER.iter().take(RECOMMENDED).filter(unused));
        return Ok(offered.iter().map(|known| (known.model.to_owned(), known.limits())).collect());
    };
    let path = reader.path_of("alternatives");
    if items.len() > MOST_MODELS {
        return Err(Mistake::new(path, format!("at most {MOST_MODELS} models"), items.len().to_string()));
    }
    let mut alternatives = Vec::new();
    for (at, value) in items.iter().enumerate() {
        let reader = Reader::open(value, words::item(&path, at), &["model", "limits"])?;
        let Some(name) = reader.public_name("model")? else { return Err(reader.wrong("model", "the name of a model")) };
        let given = limits::parse(&reader)?.and_then(|table| table.of(&name));
        let known = Known::of(&name).filter(|_| given.is_none());
        offered.extend(known);
        let Some(limits) = given.or(known.map(Known::limits)) else {
            return Err(reader.wrong("limits", "limits of this model, of which none are known here"));
        };
        alternatives.push((name, limits));
    }
    Ok(alternatives)
}

// ---------------------------------------------------------------- with what

/// `keys` as a number, spread over `projects`; or key by key.
fn projects(reader: &Reader<'_>, models: &[Model], assumed: &mut Vec<Known>) -> Result<Vec<Project>, Mistake> {
    let all = limits::parse(reader)?;
    if let Some(Value::List(items)) = reader.get("keys") {
        if reader.get("projects").is_some() {
            return Err(reader.wrong("projects", "nothing beside a list of keys, each of which may name its project"));
        }
        return listed(reader, items, all.as_ref(), models, assumed);
    }
    let keys = positive(reader, "keys", MOST_KEYS)?.map_or(USUAL_KEYS, NonZeroU32::get);
    let count = positive(reader, "projects", MOST_KEYS)?.map_or(keys, NonZeroU32::get);
    if count > keys {
        let expected = format!("at most as many as keys, which are {keys}");
        return Err(Mistake::new(reader.path_of("projects"), expected, count.to_string()));
    }
    let limits = complete(all.unwrap_or_default(), models, &reader.path_of("limits"), assumed)?;
    let project = |number: u32| Project {
        name: format!("project-{}", number + 1),
        // The first ones have one more, where it can't be even.
        keys: NonZeroU32::MIN.saturating_add((keys - number - 1) / count),
        limits: limits.clone(),
    };
    Ok((0..count).map(project).collect())
}

fn listed(
    reader: &Reader<'_>,
    items: &[Value],
    all: Option<&LimitTable>,
    models: &[Model],
    assumed: &mut Vec<Known>,
) -> Result<Vec<Project>, Mistake> {
    let path = reader.path_of("keys");
    if items.is_empty() || items.len() > MOST_KEYS as usize {
        return Err(Mistake::of(
            path,
            format!("from 1 to {MOST_KEYS} keys"),
            reader.get("keys").unwrap_or(&Value::Nothing),
        ));
    }
    let mut projects: Vec<Project> = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let reader = Reader::open(item, words::item(&path, at), &["project", "limits"])?;
        let name = reader.public_name("project")?.unwrap_or_else(|| format!("project-{}", at + 1));
        if let Some(project) = projects.iter_mut().find(|project| project.name == name) {
            project.keys = project.keys.saturating_add(1);
            continue;
        }
        let own = limits::parse(&reader)?.or_else(|| all.cloned()).unwrap_or_default();
        let limits = complete(own, models, &reader.path_of("limits"), assumed)?;
        projects.push(Project { name, keys: NonZeroU32::MIN, limits });
    }
    Ok(projects)
}

/// Limits of every model: those given, else those known. Without any there would be nothing to plan.
fn complete(
    mut table: LimitTable,
    models: &[Model],
    path: &str,
    assumed: &mut Vec<Known>,
) -> Result<LimitTable, Mistake> {
    for model in models {
        if table.of(&model.name).is_some() {
            continue;
        }
        let Some(known) = Known::of(&model.name) else {
            let expected = format!("limits of {}, of which none are known here", words::quoted(&model.name));
            return Err(Mistake::of(path, expected, &Value::Nothing));
        };
        table.0.push((model.name.clone(), known.limits()));
        if !assumed.contains(known) {
            assumed.push(*known);
        }
    }
    Ok(table)
}

// ---------------------------------------------------------------- how

fn service(reader: &Reader<'_>) -> Result<Service, Mistake> {
    let usual = Service::default();
    Ok(Service {
        window: reader.choice("window", WINDOWS)?.unwrap_or(usual.window),
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

/// The options that the client will have, as far as they matter to waiting.
fn client(reader: &Reader<'_>, keys: u32) -> Result<crate::engine::Config, Mistake> {
    let empty = Value::Map(Vec::new());
    let options = reader.get("options").unwrap_or(&empty);
    let reader = Reader::open(options, reader.path_of("options"), &CLIENT_NAMES)?;
    Ok(settings::parse(&reader, FileSettings::default(), keys as usize)?.config)
}

fn positive(reader: &Reader<'_>, name: &str, most: u32) -> Result<Option<NonZeroU32>, Mistake> {
    Ok(reader.count(name, 1..=most)?.and_then(NonZeroU32::new))
}

const NAMES: [&str; 24] = [
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

const CLIENT_NAMES: [&str; 10] = [
    "strategy",
    "preset",
    "maxRetries",
    "resetInterval",
    "backoff",
    "cooldown",
    "retryBudget",
    "timeout",
    "deadline",
    "queue",
];

const PACES: [&str; 3] = ["callsPerHour", "thinkTime", "trace"];

const WINDOWS: &Names<Window> = &[("rolling", Window::Rolling), ("fixed", Window::Fixed), ("refill", Window::Refill)];
const DAYS: &Names<Day> = &[("utc", Day::Utc), ("pacific", Day::Pacific)];

/// The workshop's plan says 500 to 800 an hour for 40 people; this is 640.
const USUAL_RATE: f64 = 16.0;
const USUAL_KEYS: u32 = 3;
/// The free tier's model with the most requests a day, as far as is known.
const USUAL_MODEL: &str = FREE_TIER[0].model;
/// A page of text, more or less. Matters only where tokens are limited.
const USUAL_TOKENS: u64 = 500;
/// "Now try it yourselves": ten seconds until the last one has pressed the button.
const USUAL_BURST: u64 = 10_000;
const USUAL_PARALLEL: u32 = 4;
/// Of the models that are known, advice names these: the rest has no more of a day.
const RECOMMENDED: usize = 1;

// What can be played in seconds and held in memory; beyond it a number is most likely a slip.
const MOST_PEOPLE: u32 = 10_000;
const MOST_KEYS: u32 = 200;
const MOST_MODELS: usize = 20;
/// Five times the largest context window there is.
const MOST_TOKENS: u64 = 10_000_000;
const MOST_BURSTS: usize = 1_000;
const MOST_CALLS: usize = 1_000_000;
const MOST_RATE: f64 = 3_600.0;
const LEAST_HOURS: f64 = 0.01;
const MOST_HOURS: f64 = 72.0;
const LONGEST_LATENCY: u64 = 600_000;
/// The year 9999: later ones are microseconds by mistake.
const LATEST: u64 = 253_402_300_799_999;
