//! What is wrong with what the user wrote, and where.

use core::fmt;

use super::value::Value;
use super::words;

/// One mistake in keys or options: the host throws it as `CONFIG_INVALID`. It never contains a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Where: `options.backoff.base`, `keys[2].id`.
    pub path: String,
    /// What would have been right. Empty where the name itself is wrong.
    pub expected: String,
    /// What came instead.
    pub got: String,
    /// What may help: `did you mean maxRetries?`
    pub hint: Option<String>,
}

impl Mistake {
    pub(super) fn new(path: impl Into<String>, expected: impl Into<String>, got: impl Into<String>) -> Self {
        Self { path: path.into(), expected: expected.into(), got: got.into(), hint: None }
    }

    /// A value that is not what was expected.
    pub(super) fn of(path: impl Into<String>, expected: impl Into<String>, value: &Value) -> Self {
        Self::new(path, expected, words::described(value))
    }

    /// A name that nobody knows.
    pub(super) fn unknown(path: impl Into<String>) -> Self {
        Self::new(path, "", "unknown option")
    }

    /// Suggests a name, where there is one.
    pub(super) fn suggesting(self, name: Option<&str>) -> Self {
        Self { hint: name.map(|name| format!("did you mean {name}?")), ..self }
    }

    pub(super) fn hinting(self, hint: String) -> Self {
        Self { hint: Some(hint), ..self }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.path)?;
        if !self.expected.is_empty() {
            write!(f, "expected {}, got ", self.expected)?;
        }
        f.write_str(&self.got)?;
        self.hint.as_ref().map_or(Ok(()), |hint| write!(f, "; {hint}"))
    }
}

impl core::error::Error for Mistake {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_as_one_sentence() {
        let unknown = Mistake::unknown("options.maxRetrys").suggesting(Some("maxRetries"));
        assert_eq!(unknown.to_string(), "options.maxRetrys: unknown option; did you mean maxRetries?");
        let soon = Value::Text(String::from("soon"));
        let wrong = Mistake::of("options.timeout", "a whole number of milliseconds from 1 to 2147483647", &soon);
        assert_eq!(
            wrong.to_string(),
            "options.timeout: expected a whole number of milliseconds from 1 to 2147483647, got \"soon\""
        );
    }
}
