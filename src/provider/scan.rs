//! Looking for words and numbers in what providers write for people.

/// A text and its lower-case copy, so that every search is blind to case and costs one pass.
pub(crate) struct Prose<'a> {
    text: &'a str,
    /// ASCII only: the copy has the same length, and a place in one is the same place in the other.
    lower: String,
}

impl<'a> Prose<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, lower: text.to_ascii_lowercase() }
    }

    /// The copy in lower case.
    pub(crate) fn lower(&self) -> &str {
        &self.lower
    }

    /// Whether the text holds `needle`, which is in lower case.
    pub(crate) fn has(&self, needle: &str) -> bool {
        self.lower.contains(needle)
    }

    /// Whether the text holds any of `needles`.
    pub(crate) fn has_any(&self, needles: &[&str]) -> bool {
        needles.iter().any(|needle| self.has(needle))
    }

    /// What follows the first `needle`.
    pub(crate) fn after(&self, needle: &str) -> Option<&'a str> {
        self.lower.find(needle).map(|at| &self.text[at + needle.len()..])
    }

    /// What precedes the first `needle`.
    pub(crate) fn before(&self, needle: &str) -> Option<&'a str> {
        self.lower.find(needle).map(|at| &self.text[..at])
    }

    /// What follows each `needle`.
    pub(crate) fn each_after<'s>(&'s self, needle: &'s str) -> impl Iterator<Item = &'a str> + 's {
        self.lower.match_indices(needle).map(move |(at, _)| &self.text[at + needle.len()..])
    }
}

/// The whole number at the start of `text`: an optional tilde, thousands separators, and a fraction that rounds it up.
/// So `0.5` is 1 and not the 0 that means "no quota at all", and `60.000000` is 60.
pub(crate) fn number(text: &str) -> Option<(u64, &str)> {
    let text = text.trim_start();
    let text = text.strip_prefix('~').unwrap_or(text);
    let (mut value, mut rest) = digits(text)?;
    while let Some((group, tail)) = rest.strip_prefix(',').and_then(digits) {
        if rest.len() - tail.len() != 4 {
            break;
        }
        value = value.saturating_mul(1000).saturating_add(group);
        rest = tail;
    }
    if let Some((fraction, tail)) = rest.strip_prefix('.').and_then(digits) {
        value = value.saturating_add(u64::from(fraction > 0));
        rest = tail;
    }
    Some((value, rest))
}

/// The digits at the start of `text`, and the rest. Saturates: a number of forty digits is as good as the largest.
pub(crate) fn digits(text: &str) -> Option<(u64, &str)> {
    let (digits, rest) = text.split_at(text.bytes().take_while(u8::is_ascii_digit).count());
    let value = digits.bytes().fold(0_u64, |sum, digit| sum.saturating_mul(10).saturating_add(u64::from(digit - b'0')));
    (!digits.is_empty()).then_some((value, rest))
}

/// Up to the first of `ends`, or everything.
pub(crate) fn until<'a>(text: &'a str, ends: &[char]) -> &'a str {
    text.split(ends).next().unwrap_or(text)
}
