//! A small, forgiving JSON reader.
//!
//! Why not `serde_json`: it refuses bodies that providers really send (raw line breaks inside strings, keys that read
//! `" @type"`, documents cut in the middle, the Python spelling that SDK-based proxies forward), and its float parser
//! alone adds 17 KB of compressed wasm. Here a number stays the text it was, a string is borrowed where it holds no
//! escape, and whatever was read before the damage is returned.
//!
//! Bounds: input beyond [`MAX_BYTES`] and nesting beyond [`MAX_DEPTH`] are treated as damage. Every step moves forward
//! by at least a byte, so the time is linear in the input.

use std::borrow::Cow;

/// Nesting that no error document reaches; the recursion of the reader stays within a small stack.
const MAX_DEPTH: u32 = 64;

/// Room for an answer with a few inline images; what follows is not looked at.
const MAX_BYTES: usize = 8 << 20;

/// A JSON value; objects keep their order, and a repeated key counts once, the first time.
#[derive(Debug, PartialEq)]
pub(crate) enum Value<'a> {
    Null,
    Bool(bool),
    Number(&'a str),
    Text(Cow<'a, str>),
    List(Vec<Self>),
    Object(Vec<(Cow<'a, str>, Self)>),
}

/// What [`read`] found.
pub(crate) struct Document<'a> {
    pub(crate) value: Value<'a>,
    /// What follows the value.
    pub(crate) rest: &'a str,
    /// False where the input ended, or went too deep, before the value did.
    pub(crate) complete: bool,
}

/// Reads the value at the start of `text`. Never fails: a damaged document yields the part before the damage.
pub(crate) fn read(text: &str) -> Document<'_> {
    let mut reader = Reader { text: head(text, MAX_BYTES), at: 0, complete: true };
    let value = reader.value(0);
    Document { value, rest: &text[reader.at..], complete: reader.complete }
}

/// The first `max` bytes of `text` at most, cut between characters.
pub(crate) fn head(text: &str, max: usize) -> &str {
    let mut end = max.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

impl<'a> Value<'a> {
    /// The member of an object.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The words of a string, or the digits of a number.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Number(digits) => Some(digits),
            _ => None,
        }
    }

    /// The text of a member, where it holds any.
    pub(crate) fn text_of(&self, key: &str) -> Option<&str> {
        self.get(key)?.text().filter(|text| !text.trim().is_empty())
    }

    /// A whole number, written as a number or as a string of digits.
    pub(crate) fn number(&self) -> Option<u64> {
        self.text()?.trim().parse().ok()
    }

    /// The elements of a list; none for anything else.
    pub(crate) fn elements(&self) -> &[Value<'a>] {
        match self {
            Self::List(elements) => elements,
            _ => &[],
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    complete: bool,
}

impl<'a> Reader<'a> {
    fn value(&mut self, depth: u32) -> Value<'a> {
        self.skip(u8::is_ascii_whitespace);
        match self.peek() {
            Some(b'{' | b'[') if depth >= MAX_DEPTH => {
                self.at = self.text.len();
                self.complete = false;
                Value::Null
            }
            Some(b'{') => self.object(depth),
            Some(b'[') => self.list(depth),
            // Single quotes: Python-based proxies forward the repr of a dict.
            Some(quote @ (b'"' | b'\'')) => Value::Text(self.string(quote)),
            Some(_) => self.word(),
            None => {
                self.complete = false;
                Value::Null
            }
        }
    }

    fn object(&mut self, depth: u32) -> Value<'a> {
        let mut members = Vec::new();
        self.at += 1;
        while self.has_more(b'}') {
            let key = match self.value(depth + 1) {
                Value::Text(key) => trimmed(key),
                Value::Number(digits) => Cow::Borrowed(digits),
                _ => Cow::Borrowed(""),
            };
            self.skip(u8::is_ascii_whitespace);
            let value = if self.peek() == Some(b':') {
                self.at += 1;
                self.value(depth + 1)
            } else {
                Value::Null
            };
            members.push((key, value));
        }
        Value::Object(members)
    }

    fn list(&mut self, depth: u32) -> Value<'a> {
        let mut elements = Vec::new();
        self.at += 1;
        while self.has_more(b']') {
            elements.push(self.value(depth + 1));
        }
        Value::List(elements)
    }

    /// Passes blanks and commas; false once the closing bracket, or the end, is passed too.
    fn has_more(&mut self, close: u8) -> bool {
        self.skip(|byte| byte.is_ascii_whitespace() || *byte == b',');
        match self.peek() {
            Some(byte) if byte == close => {
                self.at += 1;
                false
            }
            Some(_) => true,
            None => {
                self.complete = false;
                false
            }
        }
    }

    fn string(&mut self, quote: u8) -> Cow<'a, str> {
        let (text, start) = (self.text, self.at + 1);
        let end = text.as_bytes()[start..].iter().position(|byte| *byte == quote || *byte == b'\\');
        let Some(end) = end.map(|offset| start + offset) else {
            self.complete = false;
            self.at = text.len();
            return Cow::Borrowed(&text[start..]);
        };
        self.at = end;
        if text.as_bytes()[end] == quote {
            self.at += 1;
            return Cow::Borrowed(&text[start..end]);
        }
        Cow::Owned(self.unescaped(quote, text[start..end].to_owned()))
    }

    /// The rest of a string from its first backslash on.
    fn unescaped(&mut self, quote: u8, mut out: String) -> String {
        let text = self.text;
        loop {
            let start = self.at;
            self.skip(|byte| *byte != quote && *byte != b'\\');
            out.push_str(&text[start..self.at]);
            match self.peek() {
                Some(byte) if byte == quote => {
                    self.at += 1;
                    return out;
                }
                Some(_) => {
                    self.at += 1;
                    out.push(self.escape());
                }
                None => {
                    self.complete = false;
                    return out;
                }
            }
        }
    }

    /// The character that an escape stands for; an unknown escape stands for itself.
    fn escape(&mut self) -> char {
        let Some(escaped) = self.text[self.at..].chars().next() else { return char::REPLACEMENT_CHARACTER };
        self.at += escaped.len_utf8();
        match escaped {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'u' => self.unicode(),
            other => other,
        }
    }

    fn unicode(&mut self) -> char {
        let unit = self.hex4();
        if (0xd800..0xdc00).contains(&unit) && self.text[self.at..].starts_with("\\u") {
            let first = self.at;
            self.at += 2;
            let low = self.hex4();
            if (0xdc00..0xe000).contains(&low) {
                let code = 0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                return char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
            }
            self.at = first;
        }
        char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER)
    }

    /// Four hexadecimal digits; what is not one is left where it is, and the unit becomes a lone surrogate.
    fn hex4(&mut self) -> u32 {
        let mut unit = 0;
        for _ in 0..4 {
            let Some(digit) = self.peek().and_then(|byte| char::from(byte).to_digit(16)) else { return 0xd800 };
            unit = unit * 16 + digit;
            self.at += 1;
        }
        unit
    }

    /// A number, a literal, or whatever else stands unquoted.
    fn word(&mut self) -> Value<'a> {
        let start = self.at;
        self.skip(|byte| {
            !matches!(byte, b',' | b':' | b'{' | b'}' | b'[' | b']' | b'"' | b' ' | b'\t' | b'\r' | b'\n')
        });
        // A stray `:` or bracket is passed over, so that every call moves on.
        self.at = self.at.max(start + 1);
        let word = &self.text[start..self.at];
        match word {
            "null" | "None" | "undefined" | ":" | "]" | "}" => Value::Null,
            "true" | "True" => Value::Bool(true),
            "false" | "False" => Value::Bool(false),
            _ if word.starts_with(|first: char| first == '-' || first.is_ascii_digit()) => Value::Number(word),
            _ => Value::Text(Cow::Borrowed(word)),
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip(&mut self, unwanted: impl Fn(&u8) -> bool) {
        while self.peek().is_some_and(|byte| unwanted(&byte)) {
            self.at += 1;
        }
    }
}

fn trimmed(key: Cow<'_, str>) -> Cow<'_, str> {
    match key {
        Cow::Borrowed(key) => Cow::Borrowed(key.trim()),
        Cow::Owned(key) => Cow::Owned(key.trim().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_without_escapes_are_borrowed() {
        let document = read(r#"{"plain": "aéb", "escaped": "a\nb"}"#);
        assert!(matches!(document.value.get("plain"), Some(Value::Text(Cow::Borrowed(_)))));
        assert_eq!(document.value.text_of("escaped"), Some("a\nb"));
    }

    #[test]
    fn escapes_are_decoded_and_broken_ones_survived() {
        let table = [
            (r#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
            (r#""\u00e9\ud83d\ude00""#, "é😀"),
            (r#""\ud83d!""#, "\u{fffd}!"),
            (r#""\ud83d\u0041""#, "\u{fffd}A"),
            (r#""\u12""#, "\u{fffd}"),
            (r#""\q""#, "q"),
            ("\"raw\nbreak\"", "raw\nbreak"),
            (r#""cut \"#, "cut \u{fffd}"),
            (r"'it is \'Python\''", "it is 'Python'"),
        ];
        for (json, expected) in table {
            assert_eq!(read(json).value.text(), Some(expected), "{json}");
        }
    }

    #[test]
    fn what_was_read_before_the_damage_is_kept() {
        let whole = r#"{"error": {"code": 429, "details": [{"retryDelay": "51s"}]}, "id": 1}"#;
        for end in 0..whole.len() {
            assert!(!read(&whole[..end]).complete, "{end}");
        }
        let cut = read(&whole[..whole.find("51s").unwrap() + 3]);
        let details = cut.value.get("error").and_then(|error| error.get("details"));
        assert_eq!(details.unwrap().elements()[0].text_of("retryDelay"), Some("51s"));
    }

    #[test]
    fn keys_are_trimmed_and_commas_optional() {
        let value = read(r#"{" @type": 1,, "b" : [1 2,3,],}"#).value;
        assert_eq!(value.get("@type"), Some(&Value::Number("1")));
        assert_eq!(value.get("b").unwrap().elements().len(), 3);
    }

    #[test]
    fn literals_of_two_languages_are_known() {
        let value = read("[null, None, true, True, False, -1.5e3, word]").value;
        let expected = [
            Value::Null,
            Value::Null,
            Value::Bool(true),
            Value::Bool(true),
            Value::Bool(false),
            Value::Number("-1.5e3"),
            Value::Text("word".into()),
        ];
        assert_eq!(value.elements(), expected);
    }

    #[test]
    fn the_rest_begins_behind_the_value() {
        let document = read("{\"a\": 1}\n{\"b\": 2}");
        assert!(document.complete);
        assert_eq!(document.rest, "\n{\"b\": 2}");
    }

    #[test]
    fn depth_is_bounded() {
        for open in ["[", "{\"error\":", "{", "[{"] {
            assert!(!read(&open.repeat(100_000)).complete, "{open}");
        }
        let fits = format!("{}1{}", "[".repeat(64), "]".repeat(64));
        assert!(read(&fits).complete, "64 deep is read");
    }
}
