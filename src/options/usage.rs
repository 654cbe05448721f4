//! Usage over time: how much of it is kept, and what is asked of it.

use super::mistake::Mistake;
use super::names::Names;
use super::reader::{Reader, Switch};
use super::value::Value;
use super::words;
use crate::engine::{UnixMillis, UsagePolicy, UsageQuery, UsageStep};

/// Reads `usage`: false, or an object of details.
pub(super) fn parse(options: &Reader<'_>) -> Result<Option<UsagePolicy>, Mistake> {
    let usual = UsagePolicy::default();
    let reader = match options.switch("usage", &["minutes", "hours", "days", "maxCells"])? {
        Switch::Unsaid => return Ok(Some(usual)),
        Switch::Off => return Ok(None),
        Switch::On(reader) => reader,
    };
    Ok(Some(UsagePolicy {
        minutes: reader.count("minutes", 1..=MOST_MINUTES)?.unwrap_or(usual.minutes),
        hours: reader.count("hours", 1..=MOST_HOURS)?.unwrap_or(usual.hours),
        days: reader.count("days", 1..=MOST_DAYS)?.unwrap_or(usual.days),
        max_cells: reader.count("maxCells", LEAST_CELLS..=MOST_CELLS)?.unwrap_or(usual.max_cells),
    }))
}

/// Reads a question about usage. Instants are numbers here: the host makes them of dates.
pub fn parse_usage_query(query: &Value) -> Result<UsageQuery, Mistake> {
    let reader = Reader::open(query, "query", &["from", "to", "key", "session", "model", "operation", "step"])?;
    let instant = |name| reader.whole(name, 0..=words::MOST_EXACT, " of milliseconds since 1970");
    let (from, to) = (instant("from")?, instant("to")?);
    if let (Some(from), Some(to)) = (from, to)
        && from > to
    {
        return Err(Mistake::new(reader.path_of("from"), format!("at most query.to, which is {to}"), from.to_string()));
    }
    Ok(UsageQuery {
        from: from.map(UnixMillis),
        to: to.map(UnixMillis),
        key: reader.text("key")?,
        session: reader.text("session")?,
        model: reader.text("model")?,
        operation: reader.text("operation")?,
        step: reader.choice("step", STEPS)?,
    })
}

const STEPS: &Names<UsageStep> = &[("minute", UsageStep::Minute), ("hour", UsageStep::Hour), ("day", UsageStep::Day)];

/// A week.
const MOST_MINUTES: u32 = 7 * 24 * 60;
/// A quarter.
const MOST_HOURS: u32 = 92 * 24;
/// Ten years.
const MOST_DAYS: u32 = 3_660;
/// Fewer could not hold a minute of a workshop.
const LEAST_CELLS: u32 = 100;
/// Some 100 MB.
const MOST_CELLS: u32 = 1_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(json: &str) -> Result<UsageQuery, String> {
        parse_usage_query(&serde_json::from_str(json).unwrap()).map_err(|mistake| mistake.to_string())
    }

    #[test]
    fn a_question_is_read_as_it_is_written() {
        let json = r#"{"from":1,"to":2,"key":"k","session":"s","model":"m","operation":"o","step":"hour"}"#;
        let text = |word: &str| Some(word.to_owned());
        let expected = UsageQuery {
            from: Some(UnixMillis(1)),
            to: Some(UnixMillis(2)),
            key: text("k"),
            session: text("s"),
            model: text("m"),
            operation: text("o"),
            step: Some(UsageStep::Hour),
        };
        assert_eq!(asked(json), Ok(expected));
        assert_eq!(asked("null"), Ok(UsageQuery::default()));
    }

    #[test]
    fn mistakes_name_the_field() {
        for (json, words) in [
            ("5", "query: expected an object, got 5"),
            (r#"{"form":1}"#, "query.form: unknown option; did you mean from?"),
            (
                r#"{"from":-1}"#,
                "query.from: expected a whole number of milliseconds since 1970 from 0 to 9007199254740991, got -1",
            ),
            (r#"{"from":3,"to":2}"#, "query.from: expected at most query.to, which is 2, got 3"),
            (r#"{"step":"week"}"#, "query.step: expected one of minute, hour, day, got \"week\""),
            (r#"{"key":7}"#, "query.key: expected a string, got 7"),
        ] {
            assert_eq!(asked(json).unwrap_err(), words, "{json}");
        }
    }
}
