//! `keys.json`: keys by name, with their secrets in the environment.

use super::keys::{self, AT_LEAST_ONE, MOST_WEIGHT};
use super::limits::limit;
use super::mistake::Mistake;
use super::names::{FILE_STRATEGIES, PROVIDERS};
use super::nearest::nearest;
use super::reader::{LONGEST_TIMER, Reader};
use super::roster::{Draft, KeyEntry, Roster};
use super::secret::Secret;
use super::value::Value;
use super::words;
use crate::engine::{KeySpec, LimitTable, Limits, Millis, Strategy};
use crate::provider::Provider;

/// What such a file says besides its keys. Options given beside it win.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct FileSettings {
    pub(super) strategy: Option<Strategy>,
    pub(super) health_check: Option<Millis>,
    pub(super) warn_at: Option<u64>,
}

pub(super) fn parse(
    file: &Value,
    provider: Option<Provider>,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<(Vec<KeyEntry>, FileSettings), Mistake> {
    let reader = Reader::open(file, "keys", &FIELDS)?;
    let items = reader.list("keys", "key objects")?.unwrap_or_default();
    let mut roster = Roster::default();
    for (index, item) in items.iter().enumerate() {
        let entry = Reader::open(item, words::item("keys.keys", index), &KEY_FIELDS)?;
        roster.join(draft(&entry, provider, env)?)?;
    }
    if items.is_empty() {
        return Err(Mistake::of("keys.keys", AT_LEAST_ONE, reader.get("keys").unwrap_or(&Value::Nothing)));
    }
    let entries = in_order(roster.into_entries(), &reader)?;
    let settings = FileSettings {
        strategy: reader.choice("rotation_strategy", FILE_STRATEGIES)?,
        health_check: reader
            .whole("health_check_interval", 1..=LONGEST_TIMER / 1000, " of seconds")?
            .map(Millis::from_secs),
        warn_at: reader.share("quota_warning_threshold", true)?,
    };
    Ok((entries, settings))
}

fn draft(
    reader: &Reader<'_>,
    provider: Option<Provider>,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Draft, Mistake> {
    let id = reader.public_name("key_id")?.ok_or_else(|| reader.wrong("key_id", "a name for the key"))?;
    let provider = reader.choice("provider", PROVIDERS)?.or(provider);
    let (secret, told) = match keys::secret_of(reader)? {
        Some(secret) => (secret, None),
        None => from_env(reader, &id, provider, env)?,
    };
    let model = reader.text("model_name")?;
    let limits = Limits {
        rpm: limit(reader, "rpm")?,
        tpm: limit(reader, "tpm")?,
        rpd: limit(reader, "rpd")?,
        burst: limit(reader, "burst_capacity")?,
        ..Limits::default()
    };
    let spec = KeySpec {
        provider: provider.or(told),
        project: reader.public_name("project")?,
        limits: (limits != Limits::default())
            .then(|| LimitTable(vec![(model.clone().unwrap_or_else(|| String::from("*")), limits)])),
        models: model.map(|model| vec![model]),
        weight: reader.count("weight", 1..=MOST_WEIGHT)?.unwrap_or(1),
        priority: reader.count("priority", 1..=MOST_WEIGHT)?.unwrap_or(1),
        workload: reader.text("workload_type")?,
        ..KeySpec::named(&id)
    };
    let entry = keys::complete(spec, secret, None);
    Ok(Draft { path: reader.path().to_owned(), id_field: "key_id", entry })
}

/// A secret from the environment, and the provider that the variable's name tells.
fn from_env(
    reader: &Reader<'_>,
    id: &str,
    provider: Option<Provider>,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<(Secret, Option<Provider>), Mistake> {
    let fits = |own: Provider| match provider {
        None => true,
        // Whoever speaks OpenAI's dialect reads OpenAI's variable.
        Some(Provider::Compatible) => own == Provider::OpenAi,
        Some(wanted) => own == wanted,
    };
    let names = VARIABLES.iter().filter(|(_, own)| fits(*own)).map(|(prefix, own)| (format!("{prefix}{id}"), *own));
    let mut tried = Vec::new();
    for (name, own) in names {
        if let Some(text) = env(&name).filter(|text| !text.trim().is_empty()) {
            return Ok((Secret::parse(&text, &format!("env.{name}"))?, Some(own)));
        }
        tried.push(name);
    }
    let expected = format!("the secret in the environment ({})", tried.join(" or "));
    Err(Mistake::new(reader.path(), expected, "no such variable"))
}

/// The keys named in `fallback_order` first, in that order; then the others as they were.
fn in_order(mut entries: Vec<KeyEntry>, reader: &Reader<'_>) -> Result<Vec<KeyEntry>, Mistake> {
    let Some(order) = reader.texts("fallback_order")? else { return Ok(entries) };
    let path = reader.path_of("fallback_order");
    for (place, id) in order.iter().enumerate() {
        let Some(found) = entries.iter().position(|entry| entry.spec.id == *id) else {
            let ids: Vec<&str> = entries.iter().map(|entry| entry.spec.id.as_str()).collect();
            let mistake = Mistake::new(words::item(&path, place), "the key_id of one of the keys", words::quoted(id));
            return Err(mistake.suggesting(nearest(id, &ids)));
        };
        if found < place {
            return Err(Mistake::new(words::item(&path, place), "every key_id once", words::quoted(id)));
        }
        entries[place..=found].rotate_right(1);
    }
    Ok(entries)
}

/// How the variables that hold secrets begin; the key's id follows.
const VARIABLES: [(&str, Provider); 4] = [
    ("GEMINI_KEY_", Provider::Gemini),
    ("GROQ_API_KEY_", Provider::Groq),
    ("OPENAI_API_KEY_", Provider::OpenAi),
    ("ANTHROPIC_API_KEY_", Provider::Anthropic),
];

const FIELDS: [&str; 5] =
    ["keys", "fallback_order", "rotation_strategy", "health_check_interval", "quota_warning_threshold"];

const KEY_FIELDS: [&str; 12] = [
    "key_id",
    "model_name",
    "provider",
    "rpm",
    "tpm",
    "rpd",
    "burst_capacity",
    "priority",
    "workload_type",
    "project",
    "weight",
    "key",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Assignment;

    fn env(name: &str) -> Option<String> {
        let set = ["GEMINI_KEY_flash_01", "GEMINI_KEY_pro_01", "GROQ_API_KEY_llama", "OPENAI_API_KEY_local"];
        set.contains(&name).then(|| format!("secret of {name}"))
    }

    fn parsed(json: &str) -> Result<(Vec<KeyEntry>, FileSettings), String> {
        parse(&serde_json::from_str(json).unwrap(), None, &env).map_err(|mistake| mistake.to_string())
    }

    #[test]
    fn a_file_of_all_its_fields_loads_as_it_stands() {
        let (entries, settings) = parsed(
            r#"{"keys":[
                {"key_id":"flash_01","model_name":"gemini-2.5-flash","provider":"gemini","rpm":15,"tpm":1000000,
                 "rpd":1500,"burst_capacity":5,"priority":2,"workload_type":"light","project":"p","weight":3},
                {"key_id":"pro_01"}],
               "fallback_order":["pro_01","flash_01"],"rotation_strategy":"smart","health_check_interval":60,
               "quota_warning_threshold":0.8}"#,
        )
        .unwrap();
        let ids: Vec<&str> = entries.iter().map(|entry| entry.spec.id.as_str()).collect();
        assert_eq!(ids, ["pro_01", "flash_01"]);
        let spec = &entries[1].spec;
        assert_eq!(spec.models.as_deref(), Some(["gemini-2.5-flash"].map(String::from).as_slice()));
        let table = spec.limits.as_ref().unwrap();
        let limits = table.of("gemini-2.5-flash").unwrap();
        let numbers = [limits.rpm, limits.tpm, limits.rpd, limits.burst].map(|n| n.unwrap().get());
        assert_eq!((numbers, table.of("another")), ([15, 1_000_000, 1500, 5], None));
        assert_eq!((spec.priority, spec.weight), (2, 3));
        assert_eq!((spec.workload.as_deref(), spec.project.as_deref()), (Some("light"), Some("p")));
        let expected = FileSettings {
            strategy: Some(Strategy::LeastLoaded),
            health_check: Some(Millis(60_000)),
            warn_at: Some(800),
        };
        assert_eq!(settings, expected);
    }

    #[test]
    fn the_variable_tells_the_provider_where_nothing_else_does() {
        let (entries, _) = parsed(
            r#"{"keys":[{"key_id":"flash_01"},{"key_id":"llama"},{"key_id":"local","provider":"openai-compatible"},
                {"key_id":"inline","key":"sk-ant-x"}]}"#,
        )
        .unwrap();
        let told: Vec<_> = entries.iter().map(|entry| (entry.spec.provider.unwrap(), entry.secret.expose())).collect();
        let expected = [
            (Provider::Gemini, "secret of GEMINI_KEY_flash_01"),
            (Provider::Groq, "secret of GROQ_API_KEY_llama"),
            (Provider::Compatible, "secret of OPENAI_API_KEY_local"),
            (Provider::Anthropic, "sk-ant-x"),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn the_order_names_the_first_and_leaves_the_others() {
        let file = |order: &str| {
            let keys =
                ["a", "b", "c", "d"].map(|id| format!("{{\"key_id\":\"{id}\",\"key\":\"secret-{id}\"}}")).join(",");
            parsed(&format!("{{\"keys\":[{keys}],\"fallback_order\":{order}}}"))
                .map(|(entries, _)| entries.iter().map(|entry| entry.spec.id.as_str()).collect::<String>())
        };
        assert_eq!(file("[\"c\",\"a\"]"), Ok(String::from("cabd")));
        assert_eq!(file("[]"), Ok(String::from("abcd")));
        let twice = "keys.fallback_order[1]: expected every key_id once, got \"c\"";
        assert_eq!(file("[\"c\",\"c\"]"), Err(String::from(twice)));
        let unknown = "keys.fallback_order[0]: expected the key_id of one of the keys, got \"z\"";
        assert_eq!(file("[\"z\"]"), Err(String::from(unknown)));
    }

    #[test]
    fn quest_assigns_by_number() {
        let (_, settings) = parsed(r#"{"keys":[{"key_id":"llama"}],"rotation_strategy":"quest"}"#).unwrap();
        assert_eq!(settings.strategy, Some(Strategy::Assigned(Assignment::Modulo)));
    }

    #[test]
    fn mistakes_name_the_place_and_what_was_tried() {
        let with = |field: &str| format!("{{\"keys\":[{{\"key_id\":\"llama\",{field}}}]}}");
        let beside = |field: &str| format!("{{\"keys\":[{{\"key_id\":\"llama\"}}],{field}}}");
        let limit = "expected a whole number from 1 to 9007199254740991";
        for (json, words) in [
            (String::from("{}"), "keys.keys: expected at least one key, got nothing"),
            (String::from("{\"keys\":[]}"), "keys.keys: expected at least one key, got an empty array"),
            (String::from("{\"keys\":{}}"), "keys.keys: expected an array of key objects, got an object"),
            (String::from("{\"keys\":[{}]}"), "keys.keys[0].key_id: expected a name for the key, got nothing"),
            (
                String::from("{\"keys\":[{\"key_id\":\"x\",\"provider\":\"groq\"}]}"),
                "keys.keys[0]: expected the secret in the environment (GROQ_API_KEY_x), got no such variable",
            ),
            (
                String::from("{\"keys\":[{\"key_id\":\"x\"}]}"),
                "keys.keys[0]: expected the secret in the environment (GEMINI_KEY_x or GROQ_API_KEY_x or \
                 OPENAI_API_KEY_x or ANTHROPIC_API_KEY_x), got no such variable",
            ),
            (with("\"rpm\":0"), &format!("keys.keys[0].rpm: {limit}, got 0")),
            (with("\"tpm\":-1"), &format!("keys.keys[0].tpm: {limit}, got -1")),
            (with("\"rpd\":\"x\""), &format!("keys.keys[0].rpd: {limit}, got \"x\"")),
            (
                with("\"burst_capacity\":1e99"),
                &format!("keys.keys[0].burst_capacity: {limit}, got a number above 2^53"),
            ),
            (with("\"priorty\":1"), "keys.keys[0].priorty: unknown option; did you mean priority?"),
            (with("\"workload_type\":1"), "keys.keys[0].workload_type: expected a string, got 1"),
            (with("\"key\":7"), "keys.keys[0].key: expected the secret, a string, got a number"),
            (
                beside("\"health_check_interval\":0"),
                "keys.health_check_interval: expected a whole number of seconds from 1 to 2147483, got 0",
            ),
            (
                beside("\"quota_warning_threshold\":80"),
                "keys.quota_warning_threshold: expected a number from 0 to 1, got 80",
            ),
            (
                beside("\"rotation_strategy\":\"clever\""),
                "keys.rotation_strategy: expected one of round-robin, failover, least-loaded, weighted, priority, \
                 assigned, smart, quest, got \"clever\"",
            ),
        ] {
            assert_eq!(parsed(&json).unwrap_err(), words, "{json}");
        }
    }
}
