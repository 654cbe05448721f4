//! What holds for any input whatsoever.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{Value, parse};
use crate::options::settings::NAMES;
use crate::options::{CallQuota, parse_key, parse_limits};

/// Strings that must never be seen again: a real form, one with flaws in it, one of no known form.
const SECRETS: [&str; 4] = [
    concat!("AIza", "SyTOPSECRETtopsecretTOPSECRETtopsec"),
    "gsk_TOPSECRETtopsecretTOPSECRET",
    "sk-ant-TOPSECRET\ntopsecretTOPSECRET ",
    "0TOPSECRET1topsecret2TOPSECRET3topsecret",
];

/// What no message may contain: every part of the secrets begins or ends with it.
fn shows_a_secret(words: &str) -> bool {
    words.to_ascii_lowercase().contains("topsecret")
}

/// Names that lead somewhere, so that more than the first check is reached; and secrets in their place.
fn name() -> impl Strategy<Value = String> {
    const MORE: &[&str] = &[
        "keys",
        "key",
        "id",
        "key_id",
        "project",
        "models",
        "weight",
        "workload",
        "rpm",
        "tpm",
        "burst",
        "*",
        "base",
        "max",
        "factor",
        "jitter",
        "capacity",
        "interval",
        "maxWait",
        "fallback_order",
        "rotation_strategy",
        "model_name",
        "quota_warning_threshold",
        "session",
        "tokens",
        "priority",
        "rateLimit",
        "",
        "zebra",
    ];
    prop_oneof![
        8 => proptest::sample::select(MORE.to_vec()).prop_map(String::from),
        8 => proptest::sample::select(NAMES.to_vec()).prop_map(String::from),
        1 => proptest::sample::select(SECRETS.to_vec()).prop_map(String::from),
        1 => any::<String>(),
    ]
}

fn leaf() -> impl Strategy<Value = Value> {
    const NUMBERS: &[f64] =
        &[0.0, -0.0, 1.0, -1.0, 0.5, 2_147_483_647.0, 9e15, 1e19, 1e300, f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
    const WORDS: &[&str] = &["", " ", "gemini", "failover", "smart", "full", "workshop", "single-key", "a", "b"];
    prop_oneof![
        Just(Value::Nothing),
        any::<bool>().prop_map(Value::Bool),
        any::<f64>().prop_map(Value::Number),
        (0..100_u32).prop_map(|n| Value::Number(f64::from(n))),
        proptest::sample::select(NUMBERS.to_vec()).prop_map(Value::Number),
        proptest::sample::select(WORDS.to_vec()).prop_map(|word| Value::Text(String::from(word))),
        proptest::sample::select(SECRETS.to_vec()).prop_map(|secret| Value::Text(String::from(secret))),
        any::<String>().prop_map(Value::Text),
    ]
}

fn tree() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::List),
            proptest::collection::vec((name(), inner), 0..6).prop_map(Value::Map),
        ]
    })
}

/// An object of one option, by any name: most trees have a mistake at their root and would test nothing else.
fn option() -> impl Strategy<Value = Value> {
    (proptest::sample::select(NAMES.to_vec()), tree())
        .prop_map(|(name, value)| Value::Map(vec![(String::from(name), value)]))
}

/// A key that is right but for one field.
fn key() -> impl Strategy<Value = Value> {
    (proptest::sample::select(SECRETS.to_vec()), name(), tree()).prop_map(|(secret, name, value)| {
        Value::Map(vec![(String::from("key"), Value::Text(String::from(secret))), (name, value)])
    })
}

fn keys() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::List(vec![Value::Text(String::from("plain"))])),
        tree(),
        proptest::collection::vec(key(), 1..4).prop_map(Value::List),
        (proptest::collection::vec(key(), 1..4), name(), tree()).prop_map(|(keys, name, value)| {
            Value::Map(vec![(String::from("keys"), Value::List(keys)), (name, value)])
        }),
    ]
}

fn env(name: &str) -> Option<String> {
    name.len().is_multiple_of(2).then(|| String::from(SECRETS[name.len() / 2 % SECRETS.len()]))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_input_is_a_configuration_or_a_mistake_with_a_place(
        keys in keys(),
        options in prop_oneof![Just(Value::Nothing), option(), tree()],
    ) {
        match parse(&keys, &options, &env) {
            Ok(parsed) => {
                prop_assert!(!parsed.keys.is_empty());
                let ids: BTreeSet<&str> = parsed.keys.iter().map(|key| key.spec.id.as_str()).collect();
                prop_assert_eq!(ids.len(), parsed.keys.len());
                prop_assert!(!ids.contains(""));
                let config = &parsed.settings.config;
                prop_assert!(config.backoff.base <= config.backoff.max && config.backoff.factor >= 1.0);
                prop_assert!(config.timeout.0 > 0 && config.deadline.0 > 0 && config.window.0 > 0);
                prop_assert!(config.warn_at.iter().all(|share| *share <= 1000) && config.max_attempts != Some(0));
                prop_assert!(!parsed.warnings.iter().any(|warning| shows_a_secret(warning)));
                let printed: Vec<String> = parsed.keys.iter().map(|key| format!("{:?}", key.secret)).collect();
                prop_assert!(printed.iter().all(|printed| printed == "Secret(…)"));
            }
            Err(mistake) => {
                prop_assert!(!mistake.path.is_empty() && !mistake.got.is_empty());
                prop_assert!(!shows_a_secret(&mistake.to_string()), "{}", mistake);
                prop_assert!(!mistake.to_string().contains(['\n', '\r']), "{}", mistake);
            }
        }
    }

    #[test]
    fn the_smaller_entrances_hold_the_same(value in tree()) {
        let mistakes = [
            CallQuota::parse(&value).err(),
            parse_limits(&value).err(),
            parse_key(&value, None, &[]).err(),
        ];
        for mistake in mistakes.into_iter().flatten() {
            prop_assert!(!mistake.path.is_empty());
            prop_assert!(!shows_a_secret(&mistake.to_string()), "{}", mistake);
        }
    }
}
