//! A secret that cannot be printed by accident.

use core::fmt;

use super::mistake::Mistake;

/// The secret of one key. It prints as `Secret(…)`; [`Secret::expose`] alone gives its text, and is easy to search for.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Accepts what can be sent as a header: `fetch` refuses line breaks, control characters and all above U+00FF, but
    /// only when a call is made, and with a message that may quote the header.
    pub(super) fn parse(text: &str, path: &str) -> Result<Self, Mistake> {
        match flaw(text) {
            None => Ok(Self(text.to_owned())),
            Some(got) => Err(Mistake::new(path, "a secret that can be sent in a header", got)),
        }
    }

    /// The text itself, for the header and nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The last three characters, so that people can tell their keys apart; nothing of a secret shorter than 12.
    pub fn hint(&self) -> String {
        let count = self.0.chars().count();
        if count < SHORTEST_REAL { String::new() } else { self.0.chars().skip(count - 3).collect() }
    }

    /// Whether a text gives this secret away. What is too short to be real is not guarded: tests have keys called `a`.
    pub(crate) fn is_told_by(&self, text: &str) -> bool {
        self.0.chars().count() >= SHORTEST_REAL && text.contains(&self.0)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// What is wrong with a text as a secret, without any of its characters. Positions are counted from 1.
fn flaw(text: &str) -> Option<String> {
    if text.trim().is_empty() {
        return Some(String::from("a string of nothing but blanks"));
    }
    if text.len() > LONGEST {
        return Some(format!("a string of {} bytes, more than {LONGEST}", text.len()));
    }
    for (index, c) in text.chars().enumerate() {
        let flaw = match c {
            '\n' | '\r' => "a line break",
            c if c.is_control() => "a control character",
            c if u32::from(c) > 0xFF => "a character that headers cannot carry (above U+00FF)",
            _ => continue,
        };
        return Some(format!("a string with {flaw} at position {}", index + 1));
    }
    if text.trim_start() != text {
        return Some(String::from("a string that begins with a blank"));
    }
    (text.trim_end() != text).then(|| String::from("a string that ends with a blank"))
}

/// Servers refuse longer headers (8 KB in all is usual); the longest real keys (`sk-proj-…`) have 164.
const LONGEST: usize = 4096;

/// No provider's key is shorter; of a shorter one three characters would be too much to show.
const SHORTEST_REAL: usize = 12;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printing_never_shows_it() {
        let secret = Secret::parse("hunter2-hunter2", "keys[0]").unwrap();
        assert_eq!(format!("{secret} {secret:?}"), "Secret(…) Secret(…)");
        assert_eq!(secret.expose(), "hunter2-hunter2");
    }

    #[test]
    fn the_hint_is_three_characters_of_at_least_twelve() {
        let hint = |text| Secret::parse(text, "").unwrap().hint();
        assert_eq!(hint("abcdefghijk"), "");
        assert_eq!(hint("abcdefghijkl"), "jkl");
        assert_eq!(hint("abcdefghijké"), "jké");
    }

    #[test]
    fn flaws_are_told_by_place_and_not_by_character() {
        let told = |text: &str| Secret::parse(text, "keys[0].key").unwrap_err().to_string();
        let expected = "keys[0].key: expected a secret that can be sent in a header, got ";
        assert_eq!(told("qqqqqqqqqqq\nqq"), format!("{expected}a string with a line break at position 12"));
        assert_eq!(told("q\tq"), format!("{expected}a string with a control character at position 2"));
        assert_eq!(told("q\u{7f}"), format!("{expected}a string with a control character at position 2"));
        let above = "a string with a character that headers cannot carry (above U+00FF) at position 2";
        assert_eq!(told("qŁ"), format!("{expected}{above}"));
        assert_eq!(told(" q"), format!("{expected}a string that begins with a blank"));
        assert_eq!(told("q\u{a0}"), format!("{expected}a string that ends with a blank"));
        assert_eq!(told("  "), format!("{expected}a string of nothing but blanks"));
        assert_eq!(told(&"q".repeat(4097)), format!("{expected}a string of 4097 bytes, more than 4096"));
        assert!(Secret::parse(&"q".repeat(4096), "").is_ok());
        assert!(Secret::parse("qÿ~", "").is_ok());
    }
}
