//! The options object: the policy of the engine, and what the host does around it.

use core::num::NonZeroU32;

use super::alerts;
use super::cache::{self, Cache};
use super::fallback;
use super::keys_file::FileSettings;
use super::limits;
use super::mistake::Mistake;
use super::names::{JITTERS, MINUTES, Named, Names, PACINGS, PRESETS, PROVIDERS, STRATEGIES};
use super::profiles::{self, Profile};
use super::reader::{Reader, Switch};
use super::usage;
use super::value::Value;
use crate::engine::{Backoff, BudgetPolicy, Config, Cooldown, Millis, Preset, PresetTable, QueuePolicy, SessionRate};
use crate::provider::Provider;

/// What all options together come to.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The engine's part.
    pub config: Config,
    /// Whose API is called where a key names none. `None`: told from each call's host.
    pub provider: Option<Provider>,
    /// Where relative endpoints lead. Not yet known to be a URL: the host knows how to read those.
    pub base_url: Option<String>,
    /// Where keys may be sent besides the providers' own hosts; checked by the host as well.
    pub allowed_origins: Vec<String>,
    /// Whether every attempt is a line in the log.
    pub verbose: bool,
    /// How often resting keys are probed. `None`, the default: never, since a probe costs quota.
    pub health_check: Option<Millis>,
    /// How long a reader of a stream waits for its next piece.
    pub chunk_timeout: Millis,
    /// After how many requests the statistics are printed, again and again. `None`: never.
    pub print_stats_every: Option<u32>,
    /// False: only the first key is used, as `ENABLE_KEY_ROTATION=false` of the rotation report has it.
    pub rotation: bool,
    /// How many fallbacks there are. They are JavaScript's to try.
    pub fallbacks: usize,
    /// What a mistake in keys or options leads to.
    pub on_bad_config: OnBadConfig,
    /// What kinds of tasks usually ask for, by name. The host fills requests with it.
    pub profiles: Vec<(String, Profile)>,
    /// How answers are kept, for calls that are answered so.
    pub cache: Cache,
}

/// What a mistake in keys or options leads to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnBadConfig {
    /// An error: nothing starts.
    #[default]
    Throw,
    /// One key and the options that are right, with a warning that tells the mistake.
    SingleKey,
}

/// Opens the options object, all of whose names must be known.
pub(super) fn open(options: &Value) -> Result<Reader<'_>, Mistake> {
    Reader::open(options, "options", &NAMES)
}

/// The provider for keys that name none, which keys have to know before anything else is read.
pub(super) fn provider(options: &Reader<'_>) -> Result<Option<Provider>, Mistake> {
    options.choice("provider", PROVIDERS)
}

/// Whether there is more than the first key.
pub(super) fn rotation(options: &Reader<'_>) -> Result<bool, Mistake> {
    Ok(options.flag("enableRotation")?.unwrap_or(true))
}

/// Reads all options, for a client of so many keys.
pub(super) fn parse(options: &Reader<'_>, file: FileSettings, keys: usize) -> Result<Settings, Mistake> {
    let health_check = match options.switch("healthCheck", &["interval"])? {
        Switch::Unsaid => file.health_check,
        Switch::Off => None,
        Switch::On(check) => Some(check.span("interval", 1000)?.unwrap_or(USUAL_HEALTH_CHECK)),
    };
    Ok(Settings {
        config: config(options, file, keys)?,
        provider: provider(options)?,
        base_url: options.text("baseURL")?,
        allowed_origins: options.texts("allowedOrigins")?.unwrap_or_default(),
        verbose: options.flag("verbose")?.unwrap_or(false),
        health_check,
        chunk_timeout: options.span("chunkTimeout", 1)?.unwrap_or(USUAL_CHUNK_TIMEOUT),
        print_stats_every: options.count("printStatsEvery", 1..=MOST)?,
        rotation: rotation(options)?,
        fallbacks: fallback::parse(options)?,
        on_bad_config: options.choice("onBadConfig", ON_BAD_CONFIG)?.unwrap_or_default(),
        profiles: profiles::parse(options)?,
        cache: cache::parse(options)?,
    })
}

/// Defaults, then the file, then the preset, then single options: the later wins.
fn config(options: &Reader<'_>, file: FileSettings, keys: usize) -> Result<Config, Mistake> {
    let usual = Config::default();
    let (manners, tables) = presets(options)?;
    let base = manners.map_or_else(Config::default, |preset| preset.config(keys));
    // No preset says anything about warnings, and only one about the strategy.
    let strategy = file.strategy.filter(|_| base.strategy == usual.strategy).unwrap_or(base.strategy);
    Ok(Config {
        strategy: options.choice("strategy", STRATEGIES)?.unwrap_or(strategy),
        limits: limits::parse(options)?,
        tables,
        minute: options.choice("minute", MINUTES)?.unwrap_or(base.minute),
        pacing: options.choice("pacing", PACINGS)?.unwrap_or(base.pacing),
        reserves: reserves(options)?,
        shadow: options.flag("shadow")?.unwrap_or(base.shadow),
        session_rate: session_rate(options)?,
        usage: usage::parse(options)?,
        window: options.span("resetInterval", 1)?.unwrap_or(base.window),
        max_attempts: attempts(options)?.or(base.max_attempts),
        backoff: backoff(options, base.backoff)?,
        moves_wait: base.moves_wait,
        budget: budget(options, base.budget)?,
        cooldown: cooldown(options, base.cooldown)?,
        timeout: options.span("timeout", 1)?.unwrap_or(base.timeout),
        deadline: options.span("deadline", 1)?.unwrap_or(base.deadline),
        queue: queue(options, base.queue)?,
        warn_at: alerts::warn_at(options, file, base.warn_at)?,
        alerts: alerts::parse(options, base.alerts)?,
        overload_retries: if fallback::parse(options)? > 0 { WITH_FALLBACK } else { base.overload_retries },
    })
}

/// A preset by name, or several: at most one of retry manners, and tables of known limits.
fn presets(options: &Reader<'_>) -> Result<(Option<Preset>, Vec<&'static PresetTable>), Mistake> {
    let (mut manners, mut tables) = (None, Vec::new());
    for name in options.choices("preset", PRESETS)? {
        match name {
            Named::Manners(preset) if manners.is_some_and(|known| known != preset) => {
                return Err(options.wrong("preset", "one preset of retry manners at the most"));
            }
            Named::Manners(preset) => manners = Some(preset),
            Named::Table(table) => tables.push(table),
        }
    }
    Ok((manners, tables))
}

/// How often one session may call.
fn session_rate(options: &Reader<'_>) -> Result<Option<SessionRate>, Mistake> {
    let Some(reader) = options.within("sessionRate", &["perSecond", "burst"])? else { return Ok(None) };
    let count = |name, usual: u32| {
        let count = reader.count(name, 1..=MOST)?.unwrap_or(usual);
        Ok(NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN))
    };
    Ok(Some(SessionRate { per_second: count("perSecond", 10)?, burst: count("burst", 20)? }))
}

/// Shares of each minute that only calls of a workload may use.
fn reserves(options: &Reader<'_>) -> Result<Vec<(String, u64)>, Mistake> {
    let fields = match options.get("reserve") {
        None => return Ok(Vec::new()),
        Some(Value::Map(fields)) => fields,
        Some(_) => return Err(options.wrong("reserve", "an object of shares by workload")),
    };
    let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
    let Some(reader) = options.within("reserve", &names)? else { return Ok(Vec::new()) };
    let mut reserves = Vec::new();
    for name in names {
        if let Some(share) = reader.share(name, false)? {
            reserves.push((name.to_owned(), share));
        }
    }
    if reserves.iter().map(|(_, share)| share).sum::<u64>() >= 1000 {
        return Err(Mistake::new(
            options.path_of("reserve"),
            "shares that leave something to others",
            "1 or more in all",
        ));
    }
    Ok(reserves)
}

/// `maxRetries` counts sends, the first included, as the workshop's class does; 0 still sends once.
pub(super) fn attempts(reader: &Reader<'_>) -> Result<Option<u32>, Mistake> {
    Ok(reader.count("maxRetries", 0..=100)?.map(|sends| sends.max(1)))
}

fn backoff(options: &Reader<'_>, base: Backoff) -> Result<Backoff, Mistake> {
    let Some(reader) = options.within("backoff", &["base", "max", "factor", "jitter"])? else { return Ok(base) };
    let (least, most) = (reader.span("base", 0)?, reader.span("max", 0)?);
    // Whoever names one of the two must not be told that it does not fit a default that they never wrote.
    let backoff = Backoff {
        base: least.unwrap_or(base.base.min(most.unwrap_or(base.max))),
        max: most.unwrap_or(base.max.max(least.unwrap_or(base.base))),
        factor: factor(&reader)?.unwrap_or(base.factor),
        jitter: reader.choice("jitter", JITTERS)?.unwrap_or(base.jitter),
    };
    if backoff.base > backoff.max {
        let expected = format!("at most {}, which is {}", reader.path_of("max"), backoff.max.0);
        return Err(Mistake::new(reader.path_of("base"), expected, backoff.base.0.to_string()));
    }
    Ok(backoff)
}

fn factor(reader: &Reader<'_>) -> Result<Option<f64>, Mistake> {
    match reader.get("factor") {
        None => Ok(None),
        Some(Value::Number(factor)) if (1.0..=100.0).contains(factor) => Ok(Some(*factor)),
        Some(_) => Err(reader.wrong("factor", "a number from 1 to 100")),
    }
}

fn cooldown(options: &Reader<'_>, base: Cooldown) -> Result<Cooldown, Mistake> {
    let Some(reader) = options.within("cooldown", &["rateLimit", "error", "errorThreshold"])? else { return Ok(base) };
    let error = reader.span("error", 1)?.unwrap_or(base.error);
    Ok(Cooldown {
        rate_limit: reader.span("rateLimit", 1)?.or(base.rate_limit),
        error,
        // Whoever wants ten minutes after the first three errors does not want five after the next.
        error_max: base.error_max.max(error),
        error_threshold: reader.count("errorThreshold", 1..=MOST)?.unwrap_or(base.error_threshold),
    })
}

fn budget(options: &Reader<'_>, base: Option<BudgetPolicy>) -> Result<Option<BudgetPolicy>, Mistake> {
    let reader = match options.switch("retryBudget", &["capacity", "refill"])? {
        Switch::Unsaid => return Ok(base),
        Switch::Off => return Ok(None),
        Switch::On(reader) => reader,
    };
    let usual = base.unwrap_or_default();
    Ok(Some(BudgetPolicy {
        capacity: reader.count("capacity", 0..=MOST)?.unwrap_or(usual.capacity),
        refill: reader.count("refill", 0..=MOST)?.unwrap_or(usual.refill),
    }))
}

fn queue(options: &Reader<'_>, base: QueuePolicy) -> Result<QueuePolicy, Mistake> {
    let Some(reader) = options.within("queue", &["maxWait", "maxSize", "fair"])? else { return Ok(base) };
    Ok(QueuePolicy {
        max_wait: reader.span("maxWait", 0)?.unwrap_or(base.max_wait),
        max_size: reader.count("maxSize", 0..=MOST)?.unwrap_or(base.max_size),
        per_session: base.per_session,
        fair: reader.flag("fair")?.unwrap_or(base.fair),
    })
}

/// How often keys are probed by whoever wants it and names no interval: rarely enough to cost 48 requests a day.
const USUAL_HEALTH_CHECK: Millis = Millis::from_mins(30);

/// Silent stalls are a common complaint; a model that thinks sends nothing for some ten seconds.
const USUAL_CHUNK_TIMEOUT: Millis = Millis::from_secs(30);

/// No count of ours is meant to be larger; a number beyond is a slip, such as a span in the wrong place.
const MOST: u32 = 1_000_000;

/// Where there is a fallback, people need not wait for more than two more tries of an overloaded model.
const WITH_FALLBACK: u32 = 2;

const ON_BAD_CONFIG: &Names<OnBadConfig> = &[("throw", OnBadConfig::Throw), ("single-key", OnBadConfig::SingleKey)];

pub(super) const NAMES: [&str; 31] = [
    "provider",
    "strategy",
    "limits",
    "preset",
    "maxRetries",
    "resetInterval",
    "verbose",
    "backoff",
    "cooldown",
    "retryBudget",
    "timeout",
    "chunkTimeout",
    "deadline",
    "queue",
    "fallback",
    "allowedOrigins",
    "baseURL",
    "healthCheck",
    "printStatsEvery",
    "warnAt",
    "alerts",
    "enableRotation",
    "onBadConfig",
    "pacing",
    "minute",
    "reserve",
    "shadow",
    "sessionRate",
    "profiles",
    "cache",
    "usage",
];
