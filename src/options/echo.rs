//! Echoes: our secrets as others repeat them. Providers quote a key whole or in part, and gateways write it in the manner of
//! URLs, JSON, HTML or base64 before they do.

use super::secret::Secret;
use crate::engine::{Code, Set};

/// What to look for: every piece of every secret, in every manner. Pieces are of one length, so that a text is looked
/// through once, however many keys there are; some 200 for a key of 40 characters.
#[derive(Default)]
pub struct Echoes(Set<Piece>);

/// In the order of its bytes, were they a number.
#[derive(Clone, Copy)]
struct Piece([u8; PIECE]);

/// Of a shorter piece a thief could make nothing, and ordinary words would be taken for one (`sk-proj-`).
const PIECE: usize = 12;

impl Echoes {
    /// From now on this secret is looked for. One that is too short to be real is not: tests have keys called `a`.
    pub fn know(&mut self, secret: &Secret) {
        if secret.expose().chars().count() < PIECE {
            return;
        }
        for text in manners(secret.expose()) {
            text.windows(PIECE).filter_map(Piece::from_bytes).for_each(|piece| self.0.insert(piece));
        }
    }

    fn knows(&self, piece: &[u8]) -> bool {
        Piece::from_bytes(piece).is_some_and(|piece| self.0.contains(piece))
    }

    /// Whether a text repeats a secret, or a piece of one.
    pub fn are_in(&self, text: &str) -> bool {
        text.as_bytes().windows(PIECE).any(|piece| self.knows(piece))
    }

    /// The text with `[key]` in the place of each.
    pub fn cut_out(&self, text: &str) -> String {
        let mut clean = String::new();
        let mut rest = 0;
        let mut found: Option<(usize, usize)> = None;
        let mut close = |(from, to): (usize, usize)| {
            let from = (0..=from).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            let to = (to..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
            clean.push_str(text.get(rest..from).unwrap_or_default());
            clean.push_str("[key]");
            rest = to;
        };
        for (at, piece) in text.as_bytes().windows(PIECE).enumerate() {
            if !self.knows(piece) {
                continue;
            }
            found = match found {
                Some((from, to)) if at <= to => Some((from, at + PIECE)),
                before => {
                    before.map(&mut close);
                    Some((at, at + PIECE))
                }
            };
        }
        found.map(&mut close);
        clean.push_str(text.get(rest..).unwrap_or_default());
        clean
    }
}

impl Piece {
    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

impl Code for Piece {
    fn code(self) -> u128 {
        self.0.iter().fold(0, |code, byte| code << 8 | u128::from(*byte))
    }

    fn of(code: u128) -> Self {
        Self(core::array::from_fn(|at| (code >> (8 * (PIECE - 1 - at))) as u8))
    }
}

impl core::fmt::Debug for Echoes {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Echoes(…)")
    }
}

/// A secret as it is written in URLs, JSON, HTML and base64. For most keys all but the last are the same.
fn manners(secret: &str) -> Vec<Vec<u8>> {
    let in_url = |kept: &str, upper: bool| -> String {
        let hex = |byte: &u8| match char::from(*byte) {
            c if c.is_ascii_alphanumeric() || kept.contains(c) => c.to_string(),
            _ if upper => format!("%{byte:02X}"),
            _ => format!("%{byte:02x}"),
        };
        secret.as_bytes().iter().map(hex).collect()
    };
    let in_json = |slash: &str| -> String {
        let escaped = |c: char| match c {
            '"' | '\\' => format!("\\{c}"),
            '/' => String::from(slash),
            c if !c.is_ascii() => format!("\\u{:04x}", u32::from(c)),
            c => c.to_string(),
        };
        secret.chars().map(escaped).collect()
    };
    let in_html = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let mut texts = vec![secret.to_owned(), in_html.replace('\'', "&#39;"), in_html, in_json("/"), in_json("\\/")];
    for kept in ["-_.~", "-_.~!*'()"] {
        texts.extend([in_url(kept, true), in_url(kept, false)]);
    }
    let mut texts: Vec<Vec<u8>> = texts.into_iter().map(String::into_bytes).collect();
    // What stands before it decides at which of three places its bits begin.
    for before in 0..3 {
        texts.extend([in_base64(secret.as_bytes(), before, *b"+/"), in_base64(secret.as_bytes(), before, *b"-_")]);
    }
    texts
}

/// Base64 of bytes that stand behind so many others: those of its characters that tell of nothing else.
fn in_base64(bytes: &[u8], before: usize, last_two: [u8; 2]) -> Vec<u8> {
    let all: Vec<u8> = vec![0; before].into_iter().chain(bytes.iter().copied()).collect();
    let bit = |at: usize| all.get(at / 8).map_or(0, |byte| (byte >> (7 - at % 8)) & 1);
    let letter = |at: usize| match (0..6).fold(0, |value, nth| value << 1 | bit(at * 6 + nth)) {
        value @ 0..26 => b'A' + value,
        value @ 26..52 => b'a' + (value - 26),
        value @ 52..62 => b'0' + (value - 52),
        value => last_two[usize::from(value & 1)],
    };
    ((before * 8).div_ceil(6)..all.len() * 8 / 6).map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "fake/secret+of \"mine\" & <é>~42";

    fn echoes() -> Echoes {
        let mut echoes = Echoes::default();
        echoes.know(&Secret::parse(SECRET, "").unwrap());
        echoes.know(&Secret::parse("fake-other-secret", "").unwrap());
        echoes.know(&Secret::parse("short", "").unwrap());
        echoes
    }

    #[test]
    fn secrets_go_and_everything_else_stays() {
        let cut = |text: &str| echoes().cut_out(text);
        assert_eq!(cut(&format!("é{SECRET}é, fake-other-secret!")), "é[key]é, [key]!");
        assert_eq!(cut("fake-other-secretfake-other-secret"), "[key]");
        assert_eq!(cut("ends with fake-other-s"), "ends with [key]");
        for text in ["", "short", "fake-other-", "nothing of ours in here é"] {
            assert_eq!(cut(text), text);
            assert!(!echoes().are_in(text));
        }
        assert!(echoes().are_in("other-secret"));
        assert_eq!(format!("{:?}", echoes()), "Echoes(…)");
    }

    #[test]
    fn it_is_known_in_other_manners() {
        for text in [
            "fake%2Fsecret%2Bof%20%22mine%22%20%26%20%3C%C3%A9%3E~42",
            "fake%2fsecret%2bof%20%22mine%22%20%26%20%3c%c3%a9%3e~42",
            r#"fake/secret+of \"mine\" & <\u00e9>~42"#,
            r#"fake\/secret+of \"mine\" & <\u00e9>~42"#,
            "fake/secret+of &quot;mine&quot; &amp; &lt;é&gt;~42",
        ] {
            assert_eq!(echoes().cut_out(&format!("<{text}>")), "<[key]>");
        }
    }

    #[test]
    fn base64_is_known_wherever_its_bits_begin() {
        // Of `fake-other-secret` behind nothing, `x` and `xy`; the letters at the ends belong to the neighbours as well.
        for (text, left) in [
            ("ZmFrZS1vdGhlci1zZWNyZXQ=", "[key]Q="),
            ("eGZha2Utb3RoZXItc2VjcmV0", "eG[key]"),
            ("eHlmYWtlLW90aGVyLXNlY3JldA==", "eHl[key]A=="),
        ] {
            assert_eq!(echoes().cut_out(text), left);
        }
    }
}
