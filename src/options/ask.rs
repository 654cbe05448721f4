//! What one call asks of the scheduler: the `quota` object beside it, or the same in headers.

use super::mistake::Mistake;
use super::reader::Reader;
use super::settings;
use super::value::Value;
use super::words;
use crate::engine::{Ask, Demand, Millis, Tokens};
use crate::provider::Provider;

/// One call's own wishes. What is `None` is told from the request, or holds as configured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallQuota {
    /// The model, if not the one in the URL or in the body.
    pub model: Option<String>,
    /// The user, participant or quest behind the call.
    pub session: Option<String>,
    /// 0 is soonest, 9 latest. `None`: 5.
    pub priority: Option<u8>,
    /// Served first by keys of the same workload.
    pub workload: Option<String>,
    /// What it is for, in the caller's words: `text`, `vision`, `quest-3`. For usage reports.
    pub operation: Option<String>,
    /// Served by keys of this project, as the keys name it, and by no other.
    pub project: Option<String>,
    /// What it will be counted for, as the caller knows it.
    pub tokens: Option<Tokens>,
    /// One attempt's time.
    pub timeout: Option<Millis>,
    /// How long the reader of its stream waits for the next piece: the host's business, looked at here.
    pub chunk_timeout: Option<Millis>,
    /// The whole call's time.
    pub deadline: Option<Millis>,
    /// Sends at most, the first included.
    pub max_attempts: Option<u32>,
    /// False: never sent twice once the provider may have acted on it. `None`: true.
    pub idempotent: Option<bool>,
    /// Every key that was not taken is in the call's account. `None`: false.
    pub explain: Option<bool>,
}

impl CallQuota {
    /// Reads the `quota` object of a call.
    pub fn parse(quota: &Value) -> Result<Self, Mistake> {
        let reader = Reader::open(quota, "quota", &NAMES)?;
        // For the host's records of attempts, and looked at here for nothing but mistakes.
        reader.text("userId")?;
        reader.text("userAgent")?;
        Ok(Self {
            model: reader.text("model")?,
            session: reader.text("session")?,
            priority: reader.count("priority", 0..=LATEST)?.map(|priority| priority as u8),
            workload: reader.text("workload")?,
            operation: reader.text("operation")?,
            project: reader.text("project")?,
            tokens: reader.whole("tokens", 0..=words::MOST_EXACT, "")?.map(Tokens),
            timeout: reader.span("timeout", 1)?,
            chunk_timeout: reader.span("chunkTimeout", 1)?,
            deadline: reader.span("deadline", 1)?,
            max_attempts: settings::attempts(&reader)?,
            idempotent: reader.flag("idempotent")?,
            explain: reader.flag("explain")?,
        })
    }

    /// The engine's question, with what the request itself told: its model, and a guess of its tokens.
    pub fn into_ask(self, provider: Provider, model: Option<String>, guess: Tokens) -> Ask {
        let usual = Ask::to(provider);
        Ask {
            model: self.model.or(model),
            session: self.session,
            priority: self.priority.unwrap_or(usual.priority),
            workload: self.workload,
            operation: self.operation,
            demand: self.tokens.map_or(Demand::Guessed(guess), Demand::Stated),
            timeout: self.timeout,
            deadline: self.deadline,
            max_attempts: self.max_attempts,
            idempotent: self.idempotent.unwrap_or(usual.idempotent),
            explain: self.explain.unwrap_or(usual.explain),
            ..usual
        }
    }
}

/// The last in line.
const LATEST: u32 = 9;

/// A profile is the host's to look up, and so is an answer that is kept: before anybody looks here.
pub(super) const NAMES: [&str; 17] = [
    "model",
    "session",
    "priority",
    "workload",
    "project",
    "tokens",
    "timeout",
    "chunkTimeout",
    "deadline",
    "maxRetries",
    "idempotent",
    "explain",
    "profile",
    "cache",
    "operation",
    "userId",
    "userAgent",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(json: &str) -> Result<CallQuota, String> {
        CallQuota::parse(&serde_json::from_str(json).unwrap()).map_err(|mistake| mistake.to_string())
    }

    #[test]
    fn every_wish_reaches_the_engine() {
        let json = r#"{"model":"m","session":"s","priority":0,"workload":"heavy","operation":"vision","userId":"u","userAgent":"a","tokens":12,"timeout":1,
            "deadline":2,"maxRetries":3,"idempotent":false,"explain":true}"#;
        let ask = parsed(json).unwrap().into_ask(Provider::Groq, Some(String::from("of the body")), Tokens(99));
        let expected = Ask {
            model: Some(String::from("m")),
            session: Some(String::from("s")),
            priority: 0,
            workload: Some(String::from("heavy")),
            operation: Some(String::from("vision")),
            demand: Demand::Stated(Tokens(12)),
            timeout: Some(Millis(1)),
            deadline: Some(Millis(2)),
            max_attempts: Some(3),
            idempotent: false,
            explain: true,
            ..Ask::to(Provider::Groq)
        };
        assert_eq!(ask, expected);
    }

    #[test]
    fn a_call_without_wishes_is_as_its_request_says() {
        let ask = parsed("null").unwrap().into_ask(Provider::Gemini, Some(String::from("m")), Tokens(99));
        let request =
            Ask { model: Some(String::from("m")), demand: Demand::Guessed(Tokens(99)), ..Ask::to(Provider::Gemini) };
        assert_eq!((ask.priority, ask.idempotent), (5, true));
        assert_eq!(ask, request);
    }

    #[test]
    fn mistakes_name_the_field() {
        for (json, words) in [
            ("5", "quota: expected an object, got 5"),
            ("{\"priority\":10}", "quota.priority: expected a whole number from 0 to 9, got 10"),
            ("{\"priority\":-1}", "quota.priority: expected a whole number from 0 to 9, got -1"),
            ("{\"prority\":1}", "quota.prority: unknown option; did you mean priority?"),
            ("{\"tokens\":\"x\"}", "quota.tokens: expected a whole number from 0 to 9007199254740991, got \"x\""),
            ("{\"timeout\":0}", "quota.timeout: expected a whole number of milliseconds from 1 to 2147483647, got 0"),
            (
                "{\"deadline\":0.5}",
                "quota.deadline: expected a whole number of milliseconds from 1 to 2147483647, \
                 got a fraction between 0 and 1",
            ),
            ("{\"maxRetries\":101}", "quota.maxRetries: expected a whole number from 0 to 100, got 101"),
            ("{\"idempotent\":\"no\"}", "quota.idempotent: expected true or false, got \"no\""),
            ("{\"session\":5}", "quota.session: expected a string, got 5"),
            ("{\"model\":\"\"}", "quota.model: expected a string with something in it, got \"\""),
            ("{\"operation\":7}", "quota.operation: expected a string, got 7"),
            ("{\"userId\":7}", "quota.userId: expected a string, got 7"),
            ("{\"workload\":[]}", "quota.workload: expected a string, got an empty array"),
        ] {
            assert_eq!(parsed(json).unwrap_err(), words, "{json}");
        }
    }
}
