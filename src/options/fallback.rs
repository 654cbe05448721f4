//! What is tried where no key can serve: another model, another provider with keys of its own, at last a function of the
//! user's. What they do is JavaScript's business; here is what may be written.

use super::keys;
use super::mistake::Mistake;
use super::names::PROVIDERS;
use super::reader::Reader;
use super::value::Value;
use super::words;
use crate::provider::Provider;

/// How many fallbacks there are, all of which are right. The host has put `true` in the place of a function.
pub(super) fn parse(options: &Reader<'_>) -> Result<usize, Mistake> {
    let Some(items) = options.list("fallback", "fallbacks")? else { return Ok(0) };
    let path = options.path_of("fallback");
    if items.len() > MOST {
        return Err(Mistake::new(path, format!("at most {MOST} fallbacks"), items.len().to_string()));
    }
    for (index, item) in items.iter().enumerate() {
        let path = words::item(&path, index);
        if !matches!(item, Value::Map(_)) {
            return Err(Mistake::of(path, FORMS, item));
        }
        let step = Reader::open(item, path, &FIELDS)?;
        if step.get("handler").is_some() {
            handler(&step, index + 1 == items.len())?;
        } else {
            sends(&step)?;
        }
    }
    Ok(items.len())
}

fn handler(step: &Reader<'_>, is_last: bool) -> Result<(), Mistake> {
    if step.get("handler") != Some(&Value::Bool(true)) {
        return Err(step.wrong("handler", "a function"));
    }
    if let Some(name) = FIELDS.iter().find(|name| **name != "handler" && step.get(name).is_some()) {
        return Err(step.wrong(name, "nothing beside a handler"));
    }
    if is_last { Ok(()) } else { Err(Mistake::new(step.path(), "a handler as the last fallback", "one before others")) }
}

/// Another model, of the same provider or of another.
fn sends(step: &Reader<'_>) -> Result<(), Mistake> {
    let provider = step.choice("provider", PROVIDERS)?;
    if step.text("model")?.is_none() {
        let (path, expected) = match provider {
            None => (step.path().to_owned(), FORMS),
            Some(_) => (step.path_of("model"), "the name of a model"),
        };
        return Err(Mistake::new(path, expected, "no model"));
    }
    let Some(provider) = provider else {
        let stray = ["keys", "baseURL", "leaveOut"].iter().find(|name| step.get(name).is_some());
        return stray.map_or(Ok(()), |name| {
            Err(Mistake::new(step.path_of("provider"), format!("a provider, since {name} is given"), "nothing"))
        });
    };
    step.texts("leaveOut")?;
    if step.text("baseURL")?.is_none() && provider == Provider::Compatible {
        return Err(Mistake::new(step.path_of("baseURL"), "the URL of the provider", "nothing"));
    }
    let items = match step.get("keys") {
        Some(Value::List(items)) => items,
        None => return Err(Mistake::new(step.path_of("keys"), keys::AT_LEAST_ONE, "nothing")),
        // One secret without its brackets is a likely slip: none of it may be shown.
        Some(other) => {
            return Err(Mistake::new(step.path_of("keys"), "an array of keys", words::described_secret(other)));
        }
    };
    for (index, key) in items.iter().enumerate() {
        match key.field("provider") {
            Some(Value::Text(name)) if name != provider.name() => {
                let path = words::field(&words::item(&step.path_of("keys"), index), "provider");
                return Err(Mistake::new(path, format!("{}, as its fallback says", provider.name()), "another"));
            }
            _ => {}
        }
    }
    let list = Value::List(items.clone());
    keys::parse(&list, Some(provider), &|_| None)
        .map(|_| ())
        .map_err(|mistake| Mistake { path: format!("{}.{}", step.path(), mistake.path), ..mistake })
}

const FORMS: &str = "{ model }, { provider, model, keys } or { handler }";

/// Each is waited for, one after the other: nobody means more.
const MOST: usize = 10;

const FIELDS: [&str; 6] = ["model", "provider", "keys", "baseURL", "leaveOut", "handler"];

#[cfg(test)]
mod tests {
    use super::*;

    fn told(json: &str) -> Result<usize, String> {
        let options = serde_json::from_str(&format!("{{\"fallback\":{json}}}")).unwrap();
        let reader = Reader::open(&options, "options", &["fallback"]).unwrap();
        parse(&reader).map_err(|mistake| mistake.to_string())
    }

    #[test]
    fn the_three_forms_are_taken_and_counted() {
        let groq = r#"{"provider":"groq","model":"m","keys":["fake-a",{"key":"fake-b","provider":"groq"}],
            "leaveOut":["safetySettings"],"baseURL":"https://a.example/v1"}"#;
        assert_eq!(told(&format!(r#"[{{"model":"m"}},{groq},{{"handler":true}}]"#)), Ok(3));
        assert_eq!(["[]", "null"].map(told), [Ok(0), Ok(0)]);
    }

    #[test]
    fn mistakes_name_the_place_and_keep_the_secret() {
        let eleven = format!("[{}]", [r#"{"model":"m"}"#; 11].join(","));
        for (json, words) in [
            ("{}", "options.fallback: expected an array of fallbacks, got an object"),
            (eleven.as_str(), "options.fallback: expected at most 10 fallbacks, got 11"),
            (
                r#"["m"]"#,
                "options.fallback[0]: expected { model }, { provider, model, keys } or { handler }, got \"m\"",
            ),
            ("[{}]", "options.fallback[0]: expected { model }, { provider, model, keys } or { handler }, got no model"),
            (r#"[{"modle":"m"}]"#, "options.fallback[0].modle: unknown option; did you mean model?"),
            (r#"[{"model":5}]"#, "options.fallback[0].model: expected a string, got 5"),
            (r#"[{"model":"m"},{"handler":"x"}]"#, "options.fallback[1].handler: expected a function, got \"x\""),
            (
                r#"[{"handler":true},{"model":"m"}]"#,
                "options.fallback[0]: expected a handler as the last fallback, got one before others",
            ),
            (
                r#"[{"handler":true,"model":"m"}]"#,
                "options.fallback[0].model: expected nothing beside a handler, got \"m\"",
            ),
            (
                r#"[{"model":"m","keys":["fake-a"]}]"#,
                "options.fallback[0].provider: expected a provider, since keys is given, got nothing",
            ),
            (
                r#"[{"model":"m","provider":"grok","keys":["fake-a"]}]"#,
                "options.fallback[0].provider: expected one of gemini, groq, openai, anthropic, openai-compatible, \
                 got \"grok\"; did you mean groq?",
            ),
            (
                r#"[{"provider":"groq","keys":["fake-a"]}]"#,
                "options.fallback[0].model: expected the name of a model, got no model",
            ),
            (
                r#"[{"provider":"groq","model":"m"}]"#,
                "options.fallback[0].keys: expected at least one key, got nothing",
            ),
            (
                r#"[{"provider":"groq","model":"m","keys":[]}]"#,
                "options.fallback[0].keys: expected at least one key, got an empty array",
            ),
            (
                r#"[{"provider":"groq","model":"m","keys":"fake-a"}]"#,
                "options.fallback[0].keys: expected an array of keys, got a string of 6 characters",
            ),
            (
                r#"[{"provider":"groq","model":"m","keys":["fake-a",{"key":"fake-b","wieght":1}]}]"#,
                "options.fallback[0].keys[1].wieght: unknown option; did you mean weight?",
            ),
            (
                r#"[{"provider":"groq","model":"m","keys":[{"key":"fake-b","provider":"openai"}]}]"#,
                "options.fallback[0].keys[0].provider: expected groq, as its fallback says, got another",
            ),
            (
                r#"[{"provider":"openai-compatible","model":"m","keys":["fake-a"]}]"#,
                "options.fallback[0].baseURL: expected the URL of the provider, got nothing",
            ),
            (
                r#"[{"provider":"groq","model":"m","keys":["fake-a"],"leaveOut":"x"}]"#,
                "options.fallback[0].leaveOut: expected an array of strings, got \"x\"",
            ),
        ] {
            assert_eq!(told(json).unwrap_err(), words, "{json}");
        }
    }
}
