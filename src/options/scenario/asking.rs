//! Who asks, and when.

use core::num::NonZeroU32;

use super::super::mistake::Mistake;
use super::super::reader::Reader;
use super::super::value::Value;
use super::super::words;
use super::{MOST_PEOPLE, positive};
use crate::engine::Millis;
use crate::plan::{Burst, Greedy, Pace};

pub(super) fn hours(reader: &Reader<'_>) -> Result<Option<Millis>, Mistake> {
    match reader.get("hours") {
        None => Ok(None),
        Some(Value::Number(hours)) if *hours >= LEAST_HOURS && *hours <= MOST_HOURS => {
            Ok(Some(Millis((*hours * 3_600_000.0 + 0.5) as u64)))
        }
        Some(_) => Err(reader.wrong("hours", "a number of hours from 0.001 to 72")),
    }
}

/// One of the three ways of asking; the usual rate where none is given.
pub(super) fn pace(reader: &Reader<'_>, people: NonZeroU32, span: Millis) -> Result<Pace, Mistake> {
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

pub(super) fn bursts(reader: &Reader<'_>, people: NonZeroU32, span: Millis) -> Result<Vec<Burst>, Mistake> {
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

pub(super) fn greedy(reader: &Reader<'_>) -> Result<Option<Greedy>, Mistake> {
    let Some(reader) = reader.within("greedy", &["people", "parallel"])? else { return Ok(None) };
    Ok(Some(Greedy {
        people: positive(&reader, "people", MOST_PEOPLE)?.unwrap_or(NonZeroU32::MIN),
        parallel: positive(&reader, "parallel", 1_000)?.unwrap_or(NonZeroU32::MIN.saturating_add(USUAL_PARALLEL - 1)),
    }))
}
const PACES: [&str; 3] = ["callsPerHour", "thinkTime", "trace"];

/// The workshop's plan says 500 to 800 an hour for 40 people; this is 640.
const USUAL_RATE: f64 = 16.0;
/// "Now try it yourselves": ten seconds until the last one has pressed the button.
const USUAL_BURST: u64 = 10_000;
const USUAL_PARALLEL: u32 = 4;

// What can be played in seconds and held in memory; beyond it a number is most likely a slip.
const MOST_BURSTS: usize = 1_000;
const MOST_CALLS: usize = 1_000_000;
const MOST_RATE: f64 = 3_600.0;
const LEAST_HOURS: f64 = 0.001;
const MOST_HOURS: f64 = 72.0;
