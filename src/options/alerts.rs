//! When alerts are raised, and at which shares of a limit a warning comes.

use super::keys_file::FileSettings;
use super::mistake::Mistake;
use super::reader::{Reader, Switch};
use super::value::Value;
use super::words;
use crate::engine::AlertPolicy;

/// `false`: none are. What is not said stays as it is by default.
pub(super) fn parse(options: &Reader<'_>, usual: Option<AlertPolicy>) -> Result<Option<AlertPolicy>, Mistake> {
    let reader = match options.switch("alerts", &["successRate", "errorRate", "minRequests", "terms"])? {
        Switch::Unsaid => return Ok(usual),
        Switch::Off => return Ok(None),
        Switch::On(reader) => reader,
    };
    let usual = usual.unwrap_or_default();
    Ok(Some(AlertPolicy {
        success_rate: reader.share("successRate", false)?.unwrap_or(usual.success_rate),
        error_rate: reader.share("errorRate", false)?.unwrap_or(usual.error_rate),
        min_requests: reader.count("minRequests", 1..=MOST_REQUESTS)?.unwrap_or(usual.min_requests),
        terms: reader.flag("terms")?.unwrap_or(usual.terms),
    }))
}

/// One share or several, as thousandths, the lowest first and each once.
pub(super) fn warn_at(options: &Reader<'_>, file: FileSettings, usual: Vec<u64>) -> Result<Vec<u64>, Mistake> {
    let shares: Vec<u64> = match options.get("warnAt") {
        None => match file.warn_at {
            None => return Ok(usual),
            // The file knows one: it stands for the first, and what is above it stays.
            Some(first) => core::iter::once(first).chain(usual.into_iter().filter(|share| *share > first)).collect(),
        },
        Some(Value::List(items)) if items.len() <= MOST_SHARES => {
            let path = options.path_of("warnAt");
            let share = |(at, item): (usize, &Value)| share_of(item, words::item(&path, at), SHARE);
            items.iter().enumerate().map(share).collect::<Result<Vec<_>, _>>()?
        }
        Some(Value::List(_)) => return Err(options.wrong("warnAt", format!("an array of at most {MOST_SHARES}"))),
        Some(value) => vec![share_of(value, options.path_of("warnAt"), SHARE_OR_LIST)?],
    };
    // By hand: sorting numbers costs the package 3 KB, and these are ten at the most.
    let mut sorted = Vec::new();
    for share in shares {
        if let Err(at) = sorted.binary_search(&share) {
            sorted.insert(at, share);
        }
    }
    Ok(sorted)
}

fn share_of(value: &Value, path: String, expected: &str) -> Result<u64, Mistake> {
    match value {
        Value::Number(n) if *n > 0.0 && *n <= 1.0 => Ok(((*n * 1000.0 + 0.5) as u64).max(1)),
        _ => Err(Mistake::of(path, expected, value)),
    }
}

const SHARE: &str = "a number above 0 and at most 1";
const SHARE_OR_LIST: &str = "a number above 0 and at most 1, or an array of them";
const MOST_SHARES: usize = 10;
/// Rates are those of the last hundred to two hundred attempts.
const MOST_REQUESTS: u32 = 50;
