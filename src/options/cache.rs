//! Answers that are kept: for which calls, how many, how long. The keeping itself is the host's.

use serde::Serialize;

use super::mistake::Mistake;
use super::reader::Reader;
use super::value::Value;
use crate::engine::Millis;

/// How answers are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Cache {
    /// Whether questions that say nothing of it are answered from it. A call that asks for it always is.
    pub always: bool,
    /// The most answers that are kept; the one that was used least lately goes first.
    pub max_entries: u32,
    /// How long an answer counts, in milliseconds.
    pub ttl: u64,
    /// The most bytes that all of them may take, with the requests that they answer.
    pub max_bytes: u64,
}

impl Default for Cache {
    /// The multi-key service's figures. Off: to be told the same again surprises who wanted another answer. An answer with
    /// its question has some 10 KB, so the bytes bind only where pictures are sent.
    fn default() -> Self {
        Self { always: false, max_entries: 1000, ttl: 15 * 60 * 1000, max_bytes: 32 * 1024 * 1024 }
    }
}

/// Reads `cache`: true, false, or an object of details, which switches it on.
pub(super) fn parse(options: &Reader<'_>) -> Result<Cache, Mistake> {
    let usual = Cache::default();
    let always = match options.get("cache") {
        None => return Ok(usual),
        Some(Value::Bool(on)) => return Ok(Cache { always: *on, ..usual }),
        Some(Value::Map(_)) => true,
        Some(_) => return Err(options.wrong("cache", "true, false or an object")),
    };
    let Some(reader) = options.within("cache", &["maxEntries", "ttl", "maxBytes"])? else { return Ok(usual) };
    Ok(Cache {
        always,
        max_entries: reader.count("maxEntries", 1..=MOST_ENTRIES)?.unwrap_or(usual.max_entries),
        ttl: reader.span("ttl", 1)?.map_or(usual.ttl, |Millis(ms)| ms),
        max_bytes: reader.whole("maxBytes", 1..=MOST_BYTES, "")?.unwrap_or(usual.max_bytes),
    })
}

const MOST_ENTRIES: u32 = 1_000_000;

/// A terabyte: a number beyond is a slip.
const MOST_BYTES: u64 = 1 << 40;
