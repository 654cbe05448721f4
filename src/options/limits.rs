//! Declared limits: one set for every model, or a record of sets by model.

use core::num::NonZeroU64;

use super::mistake::Mistake;
use super::reader::{self, Reader};
use super::value::Value;
use super::words;
use crate::engine::{LimitTable, Limits};

/// Reads limits that stand by themselves, as an argument of that name. Nothing declares nothing.
pub fn parse_limits(value: &Value) -> Result<LimitTable, Mistake> {
    Ok(table(value, String::from("limits"))?.unwrap_or_default())
}

/// Reads the field `limits` of keys and options.
pub(super) fn parse(reader: &Reader<'_>) -> Result<Option<LimitTable>, Mistake> {
    reader.get("limits").map_or(Ok(None), |value| table(value, reader.path_of("limits")))
}

/// Which of the two forms it is, the field names tell: all of them are limits (`rpm`), or all of them models.
fn table(value: &Value, path: String) -> Result<Option<LimitTable>, Mistake> {
    let fields = match value {
        Value::Nothing => return Ok(None),
        Value::Map(fields) => fields,
        _ => return Err(Mistake::of(path, "an object of limits, or one of limits by model", value)),
    };
    let given = || fields.iter().filter(|(_, value)| *value != Value::Nothing);
    let is_limit = |name: &str| NAMES.contains(&name);
    if given().all(|(name, _)| is_limit(name)) {
        let limits = set(&Reader::open(value, path, &NAMES)?)?;
        return Ok((limits != Limits::default()).then(|| LimitTable::all(limits)));
    }
    let mixed = given().any(|(name, _)| is_limit(name));
    let mut table = Vec::new();
    for (model, value) in given().filter(|(name, _)| !is_limit(name)) {
        let path = words::field(&path, model);
        match value {
            Value::Map(_) if mixed => {
                return Err(Mistake::new(
                    path,
                    "either limits or models side by side, not both",
                    "a model among limits",
                ));
            }
            Value::Map(_) => table.push((model.clone(), set(&Reader::open(value, path, &NAMES)?)?)),
            // Nothing else can be a model's limits: this is a limit by a name that we do not know.
            _ => return Err(reader::unknown(path, model, &NAMES)),
        }
    }
    Ok(Some(LimitTable(table)))
}

/// The limits that are fields of an object.
fn set(reader: &Reader<'_>) -> Result<Limits, Mistake> {
    Ok(Limits {
        rpm: limit(reader, "rpm")?,
        tpm: limit(reader, "tpm")?,
        rpd: limit(reader, "rpd")?,
        tpd: limit(reader, "tpd")?,
        concurrency: limit(reader, "concurrency")?,
        burst: limit(reader, "burst")?,
    })
}

/// One limit. Zero is none: to keep a model from a key, leave it out of the key's `models`.
pub(super) fn limit(reader: &Reader<'_>, name: &str) -> Result<Option<NonZeroU64>, Mistake> {
    Ok(reader.whole(name, 1..=words::MOST_EXACT, "")?.and_then(NonZeroU64::new))
}

const NAMES: [&str; 6] = ["rpm", "tpm", "rpd", "tpd", "concurrency", "burst"];

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(json: &str) -> Result<Option<LimitTable>, String> {
        let options = serde_json::from_str(&format!("{{\"limits\":{json}}}")).unwrap();
        let reader = Reader::open(&options, "options", &["limits"]).unwrap();
        parse(&reader).map_err(|mistake| mistake.to_string())
    }

    #[test]
    fn limits_alone_hold_for_every_model() {
        let all = r#"{"rpm":15,"tpm":1000000,"rpd":1500,"tpd":9007199254740991,"concurrency":1,"burst":5}"#;
        let table = parsed(all).unwrap().unwrap();
        let limits = table.of("any").unwrap();
        let numbers = [limits.rpm, limits.tpm, limits.rpd, limits.tpd, limits.concurrency, limits.burst];
        let expected = [15, 1_000_000, 1500, 9_007_199_254_740_991, 1, 5].map(NonZeroU64::new);
        assert_eq!(numbers, expected);
    }

    #[test]
    fn a_record_holds_by_model() {
        let table = parsed(r#"{"a":{"rpm":1},"*":{"rpm":2},"old":null}"#).unwrap().unwrap();
        let rpm = |model| table.of(model).and_then(|limits| limits.rpm).map(NonZeroU64::get);
        assert_eq!((rpm("a"), rpm("b"), rpm("old")), (Some(1), Some(2), Some(2)));
    }

    #[test]
    fn nothing_declared_is_nothing_known() {
        assert_eq!(["{}", "null", r#"{"rpm":null}"#].map(parsed), [Ok(None), Ok(None), Ok(None)]);
    }

    #[test]
    fn limits_may_stand_by_themselves() {
        let alone = |json| parse_limits(&serde_json::from_str(json).unwrap()).map_err(|mistake| mistake.to_string());
        assert_eq!(alone("null"), Ok(LimitTable::default()));
        assert_eq!(alone(r#"{"rpm":3}"#).unwrap().of("any").unwrap().rpm, NonZeroU64::new(3));
        assert!(alone(r#"{"rpm":0}"#).unwrap_err().starts_with("limits.rpm: "));
    }

    #[test]
    fn mistakes_name_the_limit() {
        let range = "expected a whole number from 1 to 9007199254740991";
        for (json, words) in [
            ("5", "options.limits: expected an object of limits, or one of limits by model, got 5"),
            (r#"{"rpm":0}"#, &format!("options.limits.rpm: {range}, got 0")),
            (r#"{"rpm":1e16}"#, &format!("options.limits.rpm: {range}, got a number above 2^53")),
            (r#"{"a":{"rpm":-1}}"#, &format!("options.limits.a.rpm: {range}, got -1")),
            (r#"{"g-2.5":{"rmp":1}}"#, "options.limits[\"g-2.5\"].rmp: unknown option; did you mean rpm?"),
            (r#"{"rmp":1}"#, "options.limits.rmp: unknown option; did you mean rpm?"),
            (r#"{"rpm":1,"rpmm":1}"#, "options.limits.rpmm: unknown option; did you mean rpm?"),
            (
                r#"{"rpm":1,"flash":{"rpm":1}}"#,
                "options.limits.flash: expected either limits or models side by side, not both, \
                 got a model among limits",
            ),
        ] {
            assert_eq!(parsed(json), Err(String::from(words)));
        }
    }
}
