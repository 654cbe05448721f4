//! Sentences of the documentation about keys and options together.

use super::{Parsed, parse, value, with_options};
use crate::engine::{Assignment, Backoff, BudgetPolicy, Config, Jitter, Millis, Preset, Strategy};
use crate::options::OnBadConfig;
use crate::provider::Provider;

fn with_keys(keys: &str, options: &str) -> Result<Parsed, String> {
    parse(&value(keys), &value(options), &|_| None).map_err(|mistake| mistake.to_string())
}

#[test]
fn no_options_are_the_defaults() {
    for json in ["null", "{}"] {
        let settings = with_options(json).unwrap().settings;
        assert_eq!(settings.config, Config::default());
        assert_eq!((settings.provider, settings.base_url, settings.health_check), (None, None, None));
        assert_eq!((settings.verbose, settings.rotation, settings.print_stats_every), (false, true, None));
        assert_eq!((settings.allowed_origins.len(), settings.on_bad_config), (0, OnBadConfig::Throw));
    }
}

#[test]
fn every_option_arrives_where_it_belongs() {
    let settings = with_options(
        r#"{"provider":"groq","strategy":"weighted","limits":{"rpm":7},"maxRetries":4,"resetInterval":1000,
            "verbose":true,"backoff":{"base":1,"max":2,"factor":3.5,"jitter":"equal"},
            "cooldown":{"rateLimit":3,"error":600000,"errorThreshold":5},"retryBudget":{"capacity":6,"refill":7},
            "timeout":8,"chunkTimeout":14,"deadline":9,"queue":{"maxWait":10,"maxSize":11},"allowedOrigins":["https://a.example"],
            "baseURL":"https://b.example","healthCheck":{"interval":1200},"printStatsEvery":13,"warnAt":0.5}"#,
    )
    .unwrap()
    .settings;
    let config = settings.config;
    assert_eq!((settings.provider, config.strategy), (Some(Provider::Groq), Strategy::Weighted));
    assert_eq!(config.limits.unwrap().of("any").unwrap().rpm.unwrap().get(), 7);
    assert_eq!((config.max_attempts, config.window, settings.verbose), (Some(4), Millis(1000), true));
    let backoff = Backoff { base: Millis(1), max: Millis(2), factor: 3.5, jitter: Jitter::Equal };
    assert_eq!(config.backoff, backoff);
    let cooldown = config.cooldown;
    assert_eq!((cooldown.rate_limit, cooldown.error, cooldown.error_threshold), (Some(Millis(3)), Millis(600_000), 5));
    assert_eq!(cooldown.error_max, Millis(600_000));
    assert_eq!(config.budget, Some(BudgetPolicy { capacity: 6, refill: 7 }));
    assert_eq!((config.timeout, config.deadline, config.warn_at), (Millis(8), Millis(9), vec![500]));
    assert_eq!(settings.chunk_timeout, Millis(14));
    assert_eq!((config.queue.max_wait, config.queue.max_size), (Millis(10), 11));
    assert_eq!(settings.allowed_origins, ["https://a.example"]);
    assert_eq!(settings.base_url.as_deref(), Some("https://b.example"));
    assert_eq!((settings.health_check, settings.print_stats_every), (Some(Millis(1200)), Some(13)));
}

#[test]
fn zero_and_one_retries_are_both_one_attempt() {
    for json in [r#"{"maxRetries":0}"#, r#"{"maxRetries":1}"#] {
        assert_eq!(with_options(json).unwrap().settings.config.max_attempts, Some(1));
    }
}

#[test]
fn switches_are_off_when_they_are_false() {
    let settings = with_options(r#"{"retryBudget":false,"healthCheck":false}"#).unwrap().settings;
    assert_eq!((settings.config.budget, settings.health_check), (None, None));
    let settings = with_options(r#"{"healthCheck":{}}"#).unwrap().settings;
    assert_eq!(settings.health_check, Some(Millis::from_mins(30)));
}

#[test]
fn a_preset_fills_the_defaults_for_as_many_keys() {
    let settings = with_keys(r#"["a",null,"b"]"#, r#"{"preset":"workshop"}"#).unwrap().settings;
    assert_eq!(settings.config, Preset::Workshop.config(2));
}

#[test]
fn single_options_beside_a_preset_win() {
    let config = with_options(r#"{"preset":"workshop","maxRetries":9,"backoff":{"base":50}}"#).unwrap().settings.config;
    let base = Preset::Workshop.config(1);
    let backoff = Backoff { base: Millis(50), ..base.backoff };
    assert_eq!(config, Config { max_attempts: Some(9), backoff, ..base });
}

#[test]
fn a_base_above_the_maximum_names_both() {
    let told = |json| with_options(json).unwrap_err().to_string();
    let expected = "options.backoff.base: expected at most options.backoff.max, which is 5, got 6";
    assert_eq!(told(r#"{"backoff":{"base":6,"max":5}}"#), expected);
}

#[test]
fn one_of_base_and_maximum_takes_the_default_of_the_other_along() {
    let backoff = |json| with_options(json).unwrap().settings.config.backoff;
    let low = backoff(r#"{"backoff":{"max":100}}"#);
    assert_eq!((low.base, low.max), (Millis(100), Millis(100)));
    let high = backoff(r#"{"backoff":{"base":40000}}"#);
    assert_eq!((high.base, high.max), (Millis(40_000), Millis(40_000)));
}

#[test]
fn options_of_later_versions_are_not_known_yet() {
    for name in ["store", "snapshot"] {
        let options = format!("{{\"{name}\":{{}}}}");
        assert!(with_options(&options).unwrap_err().to_string().contains("unknown option"), "{name}");
    }
    let lanes = with_options(r#"{"queue":{"lanes":true}}"#).unwrap_err().to_string();
    assert_eq!(lanes, "options.queue.lanes: unknown option; known are maxWait, maxSize, fair");
}

#[test]
fn the_words_smart_and_quest_are_of_keys_files_only() {
    for word in ["smart", "quest"] {
        assert_eq!(with_options(&format!("{{\"strategy\":\"{word}\"}}")).unwrap_err().path, "options.strategy");
    }
}

#[test]
fn options_override_the_keys_file() {
    let file = r#"{"keys":[{"key_id":"a","key":"x"}],"rotation_strategy":"smart","health_check_interval":60,
        "quota_warning_threshold":0.9}"#;
    let settings = with_keys(file, "null").unwrap().settings;
    assert_eq!((settings.config.strategy, settings.config.warn_at), (Strategy::LeastLoaded, vec![900, 950]));
    assert_eq!(settings.health_check, Some(Millis::from_secs(60)));
    let options = r#"{"strategy":"failover","healthCheck":{"interval":5000},"warnAt":0.7}"#;
    let settings = with_keys(file, options).unwrap().settings;
    assert_eq!((settings.config.strategy, settings.config.warn_at), (Strategy::Failover, vec![700]));
    assert_eq!(settings.health_check, Some(Millis(5000)));
    assert_eq!(with_keys(file, r#"{"healthCheck":false}"#).unwrap().settings.health_check, None);
}

#[test]
fn a_preset_overrides_the_files_strategy_only_where_it_names_one() {
    let file = r#"{"keys":[{"key_id":"a","key":"x"}],"rotation_strategy":"smart"}"#;
    let strategy = |options| with_keys(file, options).unwrap().settings.config.strategy;
    assert_eq!(strategy(r#"{"preset":"workshop"}"#), Strategy::LeastLoaded);
    assert_eq!(strategy(r#"{"preset":"quest"}"#), Strategy::Assigned(Assignment::Modulo));
}

#[test]
fn without_rotation_the_first_key_is_the_only_one() {
    let parsed = with_keys(r#"["","a","b"]"#, r#"{"enableRotation":false,"preset":"workshop"}"#).unwrap();
    let secrets: Vec<&str> = parsed.keys.iter().map(|entry| entry.secret.expose()).collect();
    assert_eq!(secrets, ["a"]);
    assert_eq!(parsed.settings.config.max_attempts, Some(1));
}

#[test]
fn a_gemini_key_of_an_unusual_form_is_warned_about_by_its_id() {
    let warnings = |key: &str| {
        let keys = format!("[{{\"key\":\"{key}\",\"id\":\"mine\"}}]");
        with_keys(&keys, r#"{"provider":"gemini"}"#).unwrap().warnings
    };
    let expected =
        "the key mine is not of the usual form of Gemini keys (AIza and 35 more characters, or AQ. and more)";
    assert_eq!(warnings("a-text-of-21-letters."), [expected]);
    assert_eq!(warnings(&format!("AIza{}", "x".repeat(34))), [expected]);
    let fine = [format!("AIza{}", "x".repeat(35)), String::from("AQ.abcdefghijklmnopqrstu"), String::from("fake-1")];
    assert!(fine.iter().all(|key| warnings(key).is_empty()));
    assert!(with_keys(r#"["a-text-of-21-letters."]"#, "null").unwrap().warnings.is_empty());
}

#[test]
fn a_wrong_configuration_runs_on_one_key_where_that_is_wanted() {
    let options = r#"{"onBadConfig":"single-key","maxRetrys":3,"timeout":"soon","strategy":"failover","deadline":5}"#;
    let parsed = with_keys(r#"[{"key":"x\ny"},"a","b"]"#, options).unwrap();
    assert_eq!(parsed.keys.len(), 1);
    assert_eq!((parsed.keys[0].secret.expose(), parsed.settings.config.deadline), ("a", Millis(5)));
    assert_eq!(
        (parsed.settings.config.strategy, parsed.settings.on_bad_config),
        (Strategy::Failover, OnBadConfig::SingleKey)
    );
    let expected = "running on one key, since the configuration is wrong: \
                    options.maxRetrys: unknown option; did you mean maxRetries?";
    assert_eq!(parsed.warnings, [expected]);
}

#[test]
fn a_wrong_keys_file_runs_on_one_of_its_keys_where_that_is_wanted() {
    let file = r#"{"keys":[{"key_id":"a"},{"key_id":"b","key":"x"}],"rotation_strategy":"clever"}"#;
    assert!(with_keys(file, "null").unwrap_err().starts_with("keys.keys[0]: "));
    let parsed = with_keys(file, r#"{"onBadConfig":"single-key"}"#).unwrap();
    assert_eq!(parsed.keys[0].spec.id, "b");
}

#[test]
fn without_any_key_there_is_nothing_to_run_on() {
    let told = with_keys("[null]", r#"{"onBadConfig":"single-key"}"#);
    assert_eq!(told.unwrap_err(), "keys: expected at least one key, got an array of nothing but blanks");
}
