//! Reads the fields of one object, and knows where it is: every refusal names the path of the field.

use core::ops::RangeInclusive;

use super::mistake::Mistake;
use super::names::Names;
use super::nearest::nearest;
use super::value::Value;
use super::words;
use crate::engine::Millis;

/// One object and its place. `undefined` and `null` are the same as a field that is not there.
#[derive(Clone, Debug)]
pub(super) struct Reader<'a> {
    path: String,
    object: &'a Value,
}

impl<'a> Reader<'a> {
    /// Opens an object that has no other fields than the known ones. Nothing at all is an empty object.
    pub(super) fn open(object: &'a Value, path: impl Into<String>, known: &[&str]) -> Result<Self, Mistake> {
        let reader = Self { path: path.into(), object };
        let fields = match object {
            Value::Nothing => return Ok(reader),
            Value::Map(fields) => fields,
            _ => return Err(Mistake::of(reader.path, "an object", object)),
        };
        match fields.iter().find(|(name, value)| *value != Value::Nothing && !known.contains(&name.as_str())) {
            None => Ok(reader),
            Some((name, _)) => Err(unknown(words::field(&reader.path, name), name, known)),
        }
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    pub(super) fn path_of(&self, name: &str) -> String {
        words::field(&self.path, name)
    }

    pub(super) fn get(&self, name: &str) -> Option<&'a Value> {
        self.object.field(name)
    }

    /// The mistake of a field that is not what was expected.
    pub(super) fn wrong(&self, name: &str, expected: impl Into<String>) -> Mistake {
        Mistake::of(self.path_of(name), expected, self.get(name).unwrap_or(&Value::Nothing))
    }

    /// A whole number within a range; `unit` follows the word "number" in the message: `" of milliseconds"`.
    pub(super) fn whole(&self, name: &str, range: RangeInclusive<u64>, unit: &str) -> Result<Option<u64>, Mistake> {
        let Some(value) = self.get(name) else { return Ok(None) };
        match value {
            Value::Number(n) if words::is_whole(*n) && *n >= 0.0 && range.contains(&(*n as u64)) => Ok(Some(*n as u64)),
            _ => {
                let expected = format!("a whole number{unit} from {} to {}", range.start(), range.end());
                Err(self.wrong(name, expected))
            }
        }
    }

    /// A whole number of things.
    pub(super) fn count(&self, name: &str, range: RangeInclusive<u32>) -> Result<Option<u32>, Mistake> {
        let range = u64::from(*range.start())..=u64::from(*range.end());
        Ok(self.whole(name, range, "")?.map(|n| n as u32))
    }

    /// Milliseconds from `least` up to what a timer can be set to.
    pub(super) fn span(&self, name: &str, least: u64) -> Result<Option<Millis>, Mistake> {
        Ok(self.whole(name, least..=LONGEST_TIMER, " of milliseconds")?.map(Millis))
    }

    /// A share from 0 to 1 in thousandths, of which anything above 0 is at least one.
    pub(super) fn share(&self, name: &str, zero: bool) -> Result<Option<u64>, Mistake> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Number(n)) if *n == 0.0 && zero => Ok(Some(0)),
            Some(Value::Number(n)) if *n > 0.0 && *n <= 1.0 => Ok(Some(((*n * 1000.0 + 0.5) as u64).max(1))),
            Some(_) if zero => Err(self.wrong(name, "a number from 0 to 1")),
            Some(_) => Err(self.wrong(name, "a number above 0 and at most 1")),
        }
    }

    /// A name, an address: a string with something in it, on one line.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>, Mistake> {
        self.get(name).map(|value| text_at(value, || self.path_of(name))).transpose()
    }

    /// A name that logs and reports will show: no place for a secret.
    pub(super) fn public_name(&self, name: &str) -> Result<Option<String>, Mistake> {
        match self.text(name)? {
            Some(text) if words::secretive(&text) => Err(self.wrong(name, "a name for logs and reports")),
            text => Ok(text),
        }
    }

    /// One of some names.
    pub(super) fn choice<T: Copy>(&self, name: &str, names: &Names<T>) -> Result<Option<T>, Mistake> {
        self.get(name).map(|value| one(value, || self.path_of(name), names)).transpose()
    }

    /// One of some names, or an array of them.
    pub(super) fn choices<T: Copy>(&self, name: &str, names: &Names<T>) -> Result<Vec<T>, Mistake> {
        match self.get(name) {
            None => Ok(Vec::new()),
            Some(Value::List(items)) => {
                let path = self.path_of(name);
                items.iter().enumerate().map(|(at, item)| one(item, || words::item(&path, at), names)).collect()
            }
            Some(value) => Ok(vec![one(value, || self.path_of(name), names)?]),
        }
    }

    /// `true` or `false`.
    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, Mistake> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Bool(on)) => Ok(Some(*on)),
            Some(_) => Err(self.wrong(name, "true or false")),
        }
    }

    /// An array; `of` says of what: `"strings"`.
    pub(super) fn list(&self, name: &str, of: &str) -> Result<Option<&'a [Value]>, Mistake> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::List(items)) => Ok(Some(items)),
            Some(_) => Err(self.wrong(name, format!("an array of {of}"))),
        }
    }

    /// An array of names or addresses.
    pub(super) fn texts(&self, name: &str) -> Result<Option<Vec<String>>, Mistake> {
        let Some(items) = self.list(name, "strings")? else { return Ok(None) };
        let path = self.path_of(name);
        let texts = items.iter().enumerate().map(|(index, item)| text_at(item, || words::item(&path, index)));
        texts.collect::<Result<_, _>>().map(Some)
    }

    /// An object within this one.
    pub(super) fn within(&self, name: &str, known: &[&str]) -> Result<Option<Self>, Mistake> {
        self.get(name).map(|value| Self::open(value, self.path_of(name), known)).transpose()
    }

    /// An object within this one, or `false` instead.
    pub(super) fn switch(&self, name: &str, known: &[&str]) -> Result<Switch<'a>, Mistake> {
        match self.get(name) {
            None => Ok(Switch::Unsaid),
            Some(Value::Bool(false)) => Ok(Switch::Off),
            Some(value @ Value::Map(_)) => Self::open(value, self.path_of(name), known).map(Switch::On),
            Some(_) => Err(self.wrong(name, "an object or false")),
        }
    }
}

/// What is said of something that can be switched off.
#[derive(Clone, Debug)]
pub(super) enum Switch<'a> {
    /// Nothing.
    Unsaid,
    /// `false`.
    Off,
    /// An object of details, perhaps empty.
    On(Reader<'a>),
}

/// The mistake of a name that is not among the known ones.
pub(super) fn unknown(path: String, name: &str, known: &[&str]) -> Mistake {
    let mistake = Mistake::unknown(path);
    match nearest(name, known) {
        Some(name) => mistake.suggesting(Some(name)),
        None => mistake.hinting(format!("known are {}", words::listed(known))),
    }
}

fn one<T: Copy>(value: &Value, path: impl Fn() -> String, names: &Names<T>) -> Result<T, Mistake> {
    let known: Vec<&str> = names.iter().map(|(known, _)| *known).collect();
    let wrong = || Mistake::of(path(), one_of(&known), value);
    let Value::Text(text) = value else { return Err(wrong()) };
    match known.iter().position(|known| known == text) {
        Some(place) => Ok(names[place].1),
        None => Err(wrong().suggesting(nearest(text, &known))),
    }
}

fn one_of(names: &[&str]) -> String {
    format!("one of {}", words::listed(names))
}

/// What is a name to us ends up in logs and reports: bounded, and without line breaks that could forge their lines.
fn text_at(value: &Value, path: impl Fn() -> String) -> Result<String, Mistake> {
    let Value::Text(text) = value else { return Err(Mistake::of(path(), "a string", value)) };
    if text.trim().is_empty() {
        return Err(Mistake::of(path(), "a string with something in it", value));
    }
    if text.chars().any(char::is_control) {
        return Err(Mistake::new(path(), "a string on one line", "one with a line break or a control character"));
    }
    let count = text.chars().count();
    if count > LONGEST_TEXT {
        return Err(Mistake::new(path(), format!("a string of at most {LONGEST_TEXT} characters"), format!("{count}")));
    }
    Ok(text.clone())
}

/// A timer that is set to more fires at once, in every host.
pub(super) const LONGEST_TIMER: u64 = 2_147_483_647;

const LONGEST_TEXT: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::names::JITTERS;

    fn value(json: &str) -> Value {
        serde_json::from_str(json).unwrap()
    }

    /// What a getter says of `{"x": …}`.
    fn told<T>(json: &str, read: impl Fn(&Reader<'_>) -> Result<Option<T>, Mistake>) -> Result<Option<T>, String> {
        let object = value(&format!("{{\"x\":{json}}}"));
        read(&Reader::open(&object, "o", &["x"]).unwrap()).map_err(|mistake| mistake.to_string())
    }

    #[test]
    fn unknown_names_are_refused_with_the_nearest_known_one() {
        let told = |json| Reader::open(&value(json), "options", &["timeout", "limits"]).unwrap_err().to_string();
        assert_eq!(told(r#"{"timeuot":1}"#), "options.timeuot: unknown option; did you mean timeout?");
        assert_eq!(told(r#"{"zebra":1}"#), "options.zebra: unknown option; known are timeout, limits");
        assert_eq!(told("[]"), "options: expected an object, got an empty array");
    }

    #[test]
    fn nothing_is_the_same_as_absent_everywhere() {
        assert!(Reader::open(&value(r#"{"zebra":null}"#), "options", &[]).is_ok());
        assert!(Reader::open(&Value::Nothing, "options", &[]).is_ok());
        assert_eq!(told("null", |r| r.flag("x")), Ok(None));
        let object = value("{\"x\":null}");
        let switch = Reader::open(&object, "o", &["x"]).unwrap().switch("x", &[]);
        assert!(matches!(switch, Ok(Switch::Unsaid)));
    }

    #[test]
    fn whole_numbers_keep_to_their_range() {
        let span = |json| told(json, |r| r.span("x", 1));
        assert_eq!(span("2147483647"), Ok(Some(Millis(2_147_483_647))));
        for (json, got) in [
            ("0", "0"),
            ("-1", "-1"),
            ("2147483648", "2147483648"),
            ("1.5", "a fraction between 1 and 2"),
            ("1e300", "a number above 2^53"),
            ("\"soon\"", "\"soon\""),
            ("true", "true"),
            ("[1]", "an array of 1"),
        ] {
            let expected = "o.x: expected a whole number of milliseconds from 1 to 2147483647";
            assert_eq!(span(json), Err(format!("{expected}, got {got}")));
        }
    }

    #[test]
    fn shares_become_thousandths() {
        let share = |json| told(json, |r| r.share("x", false));
        assert_eq!(["0.8", "1", "0.0001", "0.29"].map(share), [800, 1000, 1, 290].map(|n| Ok(Some(n))));
        assert_eq!(share("0"), Err(String::from("o.x: expected a number above 0 and at most 1, got 0")));
        assert_eq!(told("0", |r| r.share("x", true)), Ok(Some(0)));
        let above = "o.x: expected a number from 0 to 1, got a fraction between 1 and 2";
        assert_eq!(told("1.01", |r| r.share("x", true)), Err(String::from(above)));
    }

    #[test]
    fn names_are_listed_and_the_nearest_is_suggested() {
        let told = told("\"ful\"", |r| r.choice("x", JITTERS));
        assert_eq!(told, Err(String::from("o.x: expected one of full, equal, none, got \"ful\"; did you mean full?")));
    }

    #[test]
    fn texts_have_something_in_them_on_one_line() {
        let text = |json: &str| told(json, |r| r.text("x"));
        assert_eq!(text("\"a b\""), Ok(Some(String::from("a b"))));
        assert!(text("\" \"").unwrap_err().contains("a string with something in it, got \" \""));
        assert!(text("\"a\\nb\"").unwrap_err().contains("a string on one line"));
        assert!(text(&format!("\"{}\"", "é".repeat(257))).unwrap_err().ends_with("at most 256 characters, got 257"));
        let second = told("[\"a\",5]", |r| r.texts("x"));
        assert_eq!(second, Err(String::from("o.x[1]: expected a string, got 5")));
    }
}
