//! A snapshot that somebody hands back: from a file, from a store, from another version. It is valid as a whole or refused
//! with what is wrong with it; so to restore it can't go wrong half-way.

use super::mistake::Mistake;
use super::value::Value;
use super::words;
use crate::engine::snapshot::{Note, Shape, Snapshot, is_name, most, of_version};
use crate::engine::{OLDEST, VERSION};

/// Reads a snapshot of this version or of the one before it.
pub fn parse_snapshot(given: &Value) -> Result<Snapshot, Mistake> {
    if !matches!(given, Value::Map(_)) {
        return Err(Mistake::of(ROOT, "what snapshot() has returned, an object", given));
    }
    // First of all: of another version nothing else would be where it is looked for.
    let version = version(given)?;
    let at = match given.field("at") {
        Some(Value::Number(at)) if *at >= 0.0 && *at <= most::DATE as f64 => *at as u64,
        _ => 0,
    };
    let note = read(given, of_version(version), at + most::AHEAD, &Place { step: Step::Root, before: None })?;
    check(&note)?;
    Ok(Snapshot::read(note))
}

fn version(given: &Value) -> Result<u32, Mistake> {
    let version = given.field("version").unwrap_or(&Value::Nothing);
    let known = |n: &u32| *version == Value::Number(f64::from(*n));
    (OLDEST..=VERSION).find(known).ok_or_else(|| {
        let expected = format!("a version from {OLDEST} to {VERSION}");
        let mistake = Mistake::of([ROOT, ".version"].concat(), expected, version);
        match version {
            Value::Number(n) if *n > f64::from(VERSION) => {
                mistake.hinting(String::from("it was taken by a newer quota-aware-api"))
            }
            _ => mistake,
        }
    })
}

/// Where in the snapshot: put into words only where something is wrong.
struct Place<'a> {
    step: Step<'a>,
    before: Option<&'a Place<'a>>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Root,
    Field(&'a str),
    Item(usize),
}

impl<'a> Place<'a> {
    fn at(&'a self, step: Step<'a>) -> Self {
        Place { step, before: Some(self) }
    }

    fn path(&self) -> String {
        let before = || self.before.map_or_else(String::new, Self::path);
        match self.step {
            Step::Root => String::from(ROOT),
            Step::Field(name) => words::field(&before(), name),
            Step::Item(at) => words::item(&before(), at),
        }
    }
}

/// Reads a value of some shape. `soon`: no time is later. As deep as shapes are, and no deeper.
fn read(value: &Value, shape: &Shape, soon: u64, place: &Place<'_>) -> Result<Note, Mistake> {
    let expected = match (value, shape) {
        (Value::Nothing, Shape::Maybe(_)) => return Ok(Note::Nothing),
        (_, Shape::Maybe(shape)) => return read(value, shape, soon, place),
        (Value::Number(n), Shape::Number(most)) if is_whole(*n, *most) => return Ok(Note::Number(*n as i64)),
        (_, Shape::Number(most)) => format!("a whole number from 0 to {most}"),
        (Value::Number(n), Shape::Time) if is_whole(*n, soon) => return Ok(Note::Number(*n as i64)),
        (_, Shape::Time) => format!("milliseconds since 1970 from 0 to {soon}, which is 31 days after the snapshot"),
        (Value::Number(n), Shape::Signed(most)) if is_whole(n.abs(), *most) => return Ok(Note::Number(*n as i64)),
        (_, Shape::Signed(most)) => format!("a whole number from -{most} to {most}"),
        (Value::Bool(on), Shape::Flag) => return Ok(Note::from(*on)),
        (_, Shape::Flag) => String::from("true or false"),
        (Value::Text(text), Shape::Name) if is_name(text) => return Ok(Note::from(text.as_str())),
        (_, Shape::Name) => format!("a name on one line, of at most {} characters", most::LENGTH),
        (Value::Text(text), Shape::Hint) if text.chars().count() <= 3 => return Ok(Note::from(text.as_str())),
        // It may be a longer piece of a secret.
        (_, Shape::Hint) => {
            return Err(Mistake::new(place.path(), "at most three characters", words::described_secret(value)));
        }
        (_, Shape::Word(known)) => {
            match known.iter().position(|word| matches!(value, Value::Text(text) if text == word)) {
                Some(at) => return Ok(Note::from(at as u64)),
                None => ["one of ", &words::listed(known)].concat(),
            }
        }
        (Value::List(items), Shape::Row(shapes)) if items.len() == shapes.len() => {
            let mut notes = Vec::with_capacity(items.len());
            for (at, (item, shape)) in items.iter().zip(*shapes).enumerate() {
                notes.push(read(item, shape, soon, &place.at(Step::Item(at)))?);
            }
            return Ok(Note::List(notes));
        }
        (_, Shape::Row(shapes)) => format!("an array of {}", shapes.len()),
        (Value::List(items), Shape::List(shape, most)) if items.len() <= *most => {
            let mut notes = Vec::with_capacity(items.len());
            for (at, item) in items.iter().enumerate() {
                notes.push(read(item, shape, soon, &place.at(Step::Item(at)))?);
            }
            return Ok(Note::List(notes));
        }
        (_, Shape::List(_, most)) => format!("an array of at most {most}"),
        (Value::Map(given), Shape::Fields(fields)) => {
            let is_known = |name: &str| fields.iter().any(|(known, _)| *known == name);
            if let Some((stranger, _)) = given.iter().find(|(name, _)| !is_known(name)) {
                return Err(Mistake::new(place.at(Step::Field(stranger)).path(), "no such field", "one"));
            }
            let mut notes = Vec::with_capacity(fields.len());
            for (name, shape) in *fields {
                let field = value.field(name).unwrap_or(&Value::Nothing);
                notes.push(read(field, shape, soon, &place.at(Step::Field(name)))?);
            }
            return Ok(Note::List(notes));
        }
        (_, Shape::Fields(_)) => String::from("an object"),
    };
    Err(Mistake::of(place.path(), expected, value))
}

fn is_whole(number: f64, most: u64) -> bool {
    words::is_whole(number) && number >= 0.0 && number <= most as f64
}

/// What has to be so among numbers that are right by themselves.
fn check(note: &Note) -> Result<(), Mistake> {
    let [_, _, counters, _, _, _, keys] = note.parts();
    let [attempts, errors, served] = counters.parts().map(Note::number);
    let mut path = (errors + served > attempts).then(|| String::from("snapshot.counters.attempts"));
    for (at, key) in keys.list().iter().enumerate() {
        let [_, _, requests, successes, errors] = key.parts().map(Note::number);
        if successes + errors > requests {
            path = Some(words::field(&words::item("snapshot.keys", at), "requests"));
        }
    }
    path.map_or(Ok(()), |path| Err(Mistake::new(path, "no fewer than were served and failed", "fewer")))
}

/// What people call it.
const ROOT: &str = "snapshot";
