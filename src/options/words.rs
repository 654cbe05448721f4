//! How values and places are put into words: short, exact, and never a secret among them.

use super::value::Value;

/// `options` and `timeout` to `options.timeout`; names that are no identifiers go into brackets.
pub(super) fn field(path: &str, name: &str) -> String {
    if secretive(name) {
        return format!("{path}[{}]", length(name));
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
    if !name.is_empty() && name.chars().all(plain) && name.len() <= MOST_SHOWN {
        format!("{path}.{name}")
    } else {
        format!("{path}[{}]", quoted(name))
    }
}

/// `keys` and 2 to `keys[2]`.
pub(super) fn item(path: &str, index: usize) -> String {
    format!("{path}[{index}]")
}

/// A value for people: what came, or its kind and size.
pub(super) fn described(value: &Value) -> String {
    match value {
        Value::Bool(on) => String::from(if *on { "true" } else { "false" }),
        Value::Number(n) => number(*n),
        Value::Text(text) => quoted(text),
        Value::List(items) if items.is_empty() => String::from("an empty array"),
        Value::List(items) => format!("an array of {}", items.len()),
        Value::Nothing | Value::Map(_) => String::from(value.kind()),
    }
}

/// The same for something that should have been a secret: of a string nothing but its length.
pub(super) fn described_secret(value: &Value) -> String {
    match value {
        Value::Text(text) => length(text),
        _ => String::from(value.kind()),
    }
}

/// Whole numbers as they are, and of others as much as people need: formatting floats would cost 17 KB of wasm.
pub(super) fn number(number: f64) -> String {
    if number.is_nan() {
        return String::from("NaN");
    }
    if number.is_infinite() {
        return String::from(if number > 0.0 { "Infinity" } else { "-Infinity" });
    }
    if number.abs() > MOST_EXACT as f64 {
        return String::from(if number > 0.0 { "a number above 2^53" } else { "a number below -2^53" });
    }
    let whole = number as i64;
    if is_whole(number) {
        return whole.to_string();
    }
    let below = if number < 0.0 { whole - 1 } else { whole };
    format!("a fraction between {below} and {}", below + 1)
}

/// Whether a number is whole and exact: `NaN` is not, and what is beyond 2⁵³ may have been rounded.
pub(super) fn is_whole(number: f64) -> bool {
    number.abs() <= MOST_EXACT as f64 && number - (number as i64) as f64 == 0.0
}

/// A string in quotes: its beginning if it is long, only its length if it looks like a secret.
pub(super) fn quoted(text: &str) -> String {
    if secretive(text) {
        return format!("{} that may be a secret", length(text));
    }
    let mut shown = String::from("\"");
    for (index, c) in text.chars().enumerate() {
        if index == MOST_SHOWN {
            shown.push('…');
            break;
        }
        shown.push(if c.is_control() { char::REPLACEMENT_CHARACTER } else { c });
    }
    shown.push('"');
    shown
}

/// Names for a list in prose: `a, b, c`.
pub(super) fn listed(names: &[&str]) -> String {
    names.join(", ")
}

/// Whether some word of a text could be an API key: people put them into the wrong place.
pub(super) fn secretive(text: &str) -> bool {
    // A line break within a key is a slip of the clipboard, and no end of the word.
    let in_word = |c: char| c.is_ascii_alphanumeric() || c.is_control() || matches!(c, '_' | '-' | '.');
    text.split(|c| !in_word(c)).any(|word| {
        let known = word.len() >= 20 && KEY_PREFIXES.iter().any(|prefix| word.starts_with(prefix));
        // Keys without a prefix (Mistral's, Together's) are one long run; the names of models have joints.
        let random = |part: &str| part.len() >= 32 && part.bytes().any(|b| b.is_ascii_digit());
        known || word.split(['.', '-', '_']).any(random)
    })
}

fn length(text: &str) -> String {
    match text.chars().count() {
        1 => String::from("a string of 1 character"),
        count => format!("a string of {count} characters"),
    }
}

/// How keys of the known providers begin.
const KEY_PREFIXES: [&str; 4] = ["AIza", "AQ.", "gsk_", "sk-"];

/// Longer texts are cut: a message is a line.
const MOST_SHOWN: usize = 40;

/// Up to here every whole number has a float of its own: JavaScript's `MAX_SAFE_INTEGER`.
pub(super) const MOST_EXACT: u64 = (1 << 53) - 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_without_formatting_floats() {
        let told = [
            (0.0, "0"),
            (-0.0, "0"),
            (-7.0, "-7"),
            (9_007_199_254_740_991.0, "9007199254740991"),
            (1e300, "a number above 2^53"),
            (-1e300, "a number below -2^53"),
            (1.5, "a fraction between 1 and 2"),
            (-0.5, "a fraction between -1 and 0"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "Infinity"),
            (f64::NEG_INFINITY, "-Infinity"),
        ];
        for (given, words) in told {
            assert_eq!(number(given), words);
        }
    }

    #[test]
    fn places_read_like_javascript() {
        assert_eq!(field("options", "timeout"), "options.timeout");
        assert_eq!(field("options.limits", "gemini-2.5-flash"), "options.limits[\"gemini-2.5-flash\"]");
        assert_eq!(field("options", ""), "options[\"\"]");
        assert_eq!(item("keys", 2), "keys[2]");
    }

    #[test]
    fn a_misplaced_key_is_told_by_its_length_only() {
        let key = format!("AIza{}", "x".repeat(35));
        assert_eq!(quoted(&key), "a string of 39 characters that may be a secret");
        assert_eq!(field("keys", &key), "keys[a string of 39 characters]");
        assert!(secretive(&format!("https://example.com/?key={key}")));
        assert!(secretive("0123456789abcdef0123456789abcdef"));
        assert!(!secretive("meta-llama/llama-4-maverick-17b-128e-instruct"));
        assert!(!secretive("task-runner"));
    }

    #[test]
    fn long_and_broken_texts_stay_on_one_line() {
        assert_eq!(quoted("a\nb"), "\"a\u{fffd}b\"");
        assert_eq!(quoted(&"é ".repeat(30)).chars().count(), 43);
    }
}
