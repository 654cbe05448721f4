//! What `generate` is asked for, as far as it is plain data. Texts, pictures and a schema are the host's to read: they may
//! be large, and nobody here would look at them.

use super::ask;
use super::mistake::Mistake;
use super::names::PROVIDERS;
use super::reader::Reader;
use super::value::Value;
use super::words;

/// Looks at the options of one question: their names, all of them, and the values of those that are plain data.
pub fn check_question(options: &Value) -> Result<(), Mistake> {
    if let Some(name) = misplaced(options) {
        let suggested = format!("quota.{name}");
        return Err(Mistake::unknown(words::field("options", name)).suggesting(Some(&suggested)));
    }
    let reader = Reader::open(options, "options", &NAMES)?;
    reader.text("model")?;
    reader.choice("provider", PROVIDERS)?;
    reader.flag("stream")?;
    temperature(&reader)?;
    max_tokens(&reader)?;
    Ok(())
}

/// How freely the model may choose its words. Anthropic's scale ends at 1, everybody else's at 2.
pub(super) fn temperature(reader: &Reader<'_>) -> Result<Option<f64>, Mistake> {
    match reader.get("temperature") {
        None => Ok(None),
        Some(Value::Number(number)) if (0.0..=2.0).contains(number) => Ok(Some(*number)),
        Some(_) => Err(reader.wrong("temperature", "a number from 0 to 2")),
    }
}

/// The most tokens that an answer may have.
pub(super) fn max_tokens(reader: &Reader<'_>) -> Result<Option<u32>, Mistake> {
    reader.count("maxTokens", 1..=MOST_TOKENS)
}

/// A wish of the scheduler's that stands beside `quota` and belongs into it.
fn misplaced(options: &Value) -> Option<&str> {
    let Value::Map(fields) = options else { return None };
    let of_quota = |name: &str| ask::NAMES.contains(&name) && !NAMES.contains(&name);
    fields.iter().find(|(name, value)| *value != Value::Nothing && of_quota(name)).map(|(name, _)| name.as_str())
}

/// No model answers with more.
const MOST_TOKENS: u32 = 10_000_000;

const NAMES: [&str; 11] = [
    "model",
    "provider",
    "system",
    "history",
    "images",
    "temperature",
    "maxTokens",
    "schema",
    "stream",
    "signal",
    "quota",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(json: &str) -> Result<(), String> {
        check_question(&serde_json::from_str(json).unwrap()).map_err(|mistake| mistake.to_string())
    }

    #[test]
    fn what_is_right_passes() {
        for json in [
            "null",
            "{}",
            r#"{"model":"m","provider":"groq","system":true,"history":true,"images":true,"temperature":0,
                "maxTokens":1,"schema":true,"stream":false,"signal":true,"quota":true}"#,
            r#"{"temperature":2,"maxTokens":10000000,"zebra":null,"session":null}"#,
        ] {
            assert_eq!(checked(json), Ok(()), "{json}");
        }
    }

    #[test]
    fn mistakes_name_the_option() {
        for (json, words) in [
            ("5", "options: expected an object, got 5"),
            (r#"{"temprature":1}"#, "options.temprature: unknown option; did you mean temperature?"),
            (r#"{"session":"s"}"#, "options.session: unknown option; did you mean quota.session?"),
            (
                r#"{"temperature":2.1}"#,
                "options.temperature: expected a number from 0 to 2, got a fraction between 2 and 3",
            ),
            (r#"{"temperature":"hot"}"#, "options.temperature: expected a number from 0 to 2, got \"hot\""),
            (r#"{"maxTokens":0}"#, "options.maxTokens: expected a whole number from 1 to 10000000, got 0"),
            (r#"{"model":5}"#, "options.model: expected a string, got 5"),
            (r#"{"stream":"yes"}"#, "options.stream: expected true or false, got \"yes\""),
            (
                r#"{"provider":"gemeni"}"#,
                "options.provider: expected one of gemini, groq, openai, anthropic, openai-compatible, got \"gemeni\"; \
                 did you mean gemini?",
            ),
        ] {
            assert_eq!(checked(json).unwrap_err(), words, "{json}");
        }
    }
}
