//! Profiles: what a kind of task usually asks for, by name. A call that names one need not say it again.

use serde::Serialize;

use super::mistake::Mistake;
use super::nearest::nearest;
use super::question;
use super::reader::Reader;
use super::settings;
use super::value::Value;
use super::words;
use crate::engine::Millis;

/// What one kind of task asks for, where the call itself says nothing else.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Profile {
    /// For the request: which model.
    pub model: Option<String>,
    /// For the request: how freely it chooses its words.
    pub temperature: Option<f64>,
    /// For the request: how much it may answer at most.
    pub max_tokens: Option<u32>,
    /// For the scheduler, as in a call's own `quota`.
    pub session: Option<String>,
    /// 0 is soonest, 9 latest.
    pub priority: Option<u32>,
    /// Served first by keys of the same workload.
    pub workload: Option<String>,
    /// One attempt's time.
    pub timeout: Option<u64>,
    /// The whole call's time.
    pub deadline: Option<u64>,
    /// Sends at most, the first included.
    pub max_retries: Option<u32>,
}

/// All profiles, in the order in which they were written.
pub(super) fn parse(options: &Reader<'_>) -> Result<Vec<(String, Profile)>, Mistake> {
    let fields = match options.get("profiles") {
        None => return Ok(Vec::new()),
        Some(Value::Map(fields)) => fields,
        Some(_) => return Err(options.wrong("profiles", "an object of profiles by name")),
    };
    let path = options.path_of("profiles");
    let given = fields.iter().filter(|(_, value)| *value != Value::Nothing);
    given.map(|(name, value)| Ok((name.clone(), profile(value, words::field(&path, name))?))).collect()
}

fn profile(value: &Value, path: String) -> Result<Profile, Mistake> {
    let reader = Reader::open(value, path, &NAMES)?;
    let span = |name| Ok(reader.span(name, 1)?.map(|Millis(ms)| ms));
    Ok(Profile {
        model: reader.text("model")?,
        temperature: question::temperature(&reader)?,
        max_tokens: question::max_tokens(&reader)?,
        session: reader.text("session")?,
        priority: reader.count("priority", 0..=9)?,
        workload: reader.text("workload")?,
        timeout: span("timeout")?,
        deadline: span("deadline")?,
        max_retries: settings::attempts(&reader)?,
    })
}

/// The profile that a call names.
pub fn find<'a>(profiles: &'a [(String, Profile)], wanted: &Value) -> Result<&'a Profile, Mistake> {
    let named = |name: &str| profiles.iter().find(|(known, _)| known == name).map(|(_, profile)| profile);
    let wrong = || Mistake::of("quota.profile", "the name of one of options.profiles", wanted);
    let Value::Text(name) = wanted else { return Err(wrong()) };
    named(name).ok_or_else(|| {
        let known: Vec<&str> = profiles.iter().map(|(name, _)| name.as_str()).collect();
        match nearest(name, &known) {
            Some(meant) => wrong().suggesting(Some(meant)),
            None if known.is_empty() => wrong().hinting(String::from("there are none")),
            None => wrong().hinting(format!("the first are {}", words::listed(&known[..known.len().min(MOST_NAMED)]))),
        }
    })
}

/// Names in a message; a game may have a profile for each of a hundred quests.
const MOST_NAMED: usize = 8;

const NAMES: [&str; 9] =
    ["model", "temperature", "maxTokens", "session", "priority", "workload", "timeout", "deadline", "maxRetries"];

#[cfg(test)]
mod tests {
    use super::*;

    fn value(json: &str) -> Value {
        serde_json::from_str(json).unwrap()
    }

    fn parsed(json: &str) -> Result<Vec<(String, Profile)>, String> {
        let options = value(&format!("{{\"profiles\":{json}}}"));
        let reader = Reader::open(&options, "options", &["profiles"]).unwrap();
        parse(&reader).map_err(|mistake| mistake.to_string())
    }

    #[test]
    fn every_default_is_read() {
        let json = r#"{"quest-1":{"model":"m","temperature":0.7,"maxTokens":150,"session":"s","priority":0,"workload":"w",
            "timeout":1,"deadline":2,"maxRetries":0},"empty":{},"none":null}"#;
        let expected = Profile {
            model: Some(String::from("m")),
            temperature: Some(0.7),
            max_tokens: Some(150),
            session: Some(String::from("s")),
            priority: Some(0),
            workload: Some(String::from("w")),
            timeout: Some(1),
            deadline: Some(2),
            max_retries: Some(1),
        };
        let profiles = vec![(String::from("quest-1"), expected), (String::from("empty"), Profile::default())];
        assert_eq!(parsed(json), Ok(profiles));
        assert_eq!(parsed("null"), Ok(Vec::new()));
    }

    #[test]
    fn mistakes_name_the_profile() {
        for (json, words) in [
            ("[]", "options.profiles: expected an object of profiles by name, got an empty array"),
            (r#"{"a":5}"#, "options.profiles.a: expected an object, got 5"),
            (
                r#"{"quest 1":{"temperature":3}}"#,
                "options.profiles[\"quest 1\"].temperature: expected a number from 0 to 2, got 3",
            ),
            (r#"{"a":{"max_tokens":3}}"#, "options.profiles.a.max_tokens: unknown option; did you mean maxTokens?"),
            (r#"{"a":{"priority":10}}"#, "options.profiles.a.priority: expected a whole number from 0 to 9, got 10"),
        ] {
            assert_eq!(parsed(json).unwrap_err(), words, "{json}");
        }
    }

    #[test]
    fn one_that_nobody_wrote_is_told_with_the_nearest() {
        let profiles = parsed(r#"{"quest-1":{},"battle":{}}"#).unwrap();
        let told = |profiles: &[_], json| find(profiles, &value(json)).cloned().map_err(|mistake| mistake.to_string());
        assert_eq!(told(&profiles, "\"battle\""), Ok(Profile::default()));
        let expected = "quota.profile: expected the name of one of options.profiles, got";
        for (json, end) in [
            ("\"quest1\"", "\"quest1\"; did you mean quest-1?"),
            ("\"zebra\"", "\"zebra\"; the first are quest-1, battle"),
            ("5", "5"),
        ] {
            assert_eq!(told(&profiles, json), Err(format!("{expected} {end}")));
        }
        assert_eq!(told(&[], "\"zebra\""), Err(format!("{expected} \"zebra\"; there are none")));
    }
}
