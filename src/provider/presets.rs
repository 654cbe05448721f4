//! Limits that were known of some models on some day. Data, and wrong some day: what a provider answers beats it.
//!
//! Google no longer publishes numbers by model, and Groq's plans change: every row names when and where it was seen.

use crate::engine::{PresetRow, PresetTable};

/// Every table, by its name in `options.preset`.
pub const PRESETS: [&PresetTable; 2] = [&GEMINI_FREE, &GROQ_FREE];

/// Gemini's free tier. Models whose free quota is zero are left out: the provider says so by itself, at once.
pub const GEMINI_FREE: PresetTable = PresetTable {
    name: "gemini-free",
    as_of: "2026-10",
    provider: crate::engine::Provider::Gemini,
    rows: &[
        row("gemini-3.5-flash-lite*", [15, 0, 500, 0], "users' reports of 2026, unverified"),
        row("gemini-flash-lite-latest", [15, 0, 500, 0], "resolves to gemini-3.5-flash-lite, 2026"),
        row("gemini-3.8-flash-tts*", [3, 0, 10, 0], "a recorded refusal of 2026"),
        row("gemini-3.5-flash*", [5, 0, 20, 0], "users' reports of 2026-06 to 2026-10"),
        row("gemini-3.6-flash*", [5, 0, 20, 0], "users' reports of 2026-06 to 2026-10"),
        row("gemini-3.8-flash*", [5, 0, 20, 0], "users' reports of 2026-06 to 2026-10"),
        row("gemini-2.5-flash*", [5, 0, 20, 0], "users' reports since 2025-12-07"),
        row("gemini-embedding-*", [100, 30_000, 1_000, 0], "recorded refusals of 2026; items, not calls"),
    ],
};

/// Groq's free plan.
pub const GROQ_FREE: PresetTable = PresetTable {
    name: "groq-free",
    as_of: "2026-07",
    provider: crate::engine::Provider::Groq,
    rows: &[
        row("llama-3.3-70b-versatile", [30, 12_000, 1_000, 100_000], "a users' list of 2026-07-25"),
        row(
            "llama-3.1-8b-instant",
            [30, 6_000, 14_400, 500_000],
            "a users' list of 2026-07-25; tokens a day unverified",
        ),
        row("openai/gpt-oss-*", [30, 8_000, 1_000, 200_000], "a users' list of 2026-07-25; tokens a day unverified"),
        row("groq/compound*", [30, 0, 250, 0], "a users' list of 2026-07-25"),
        row("*", [30, 0, 0, 0], "30 requests a minute on every model of that list"),
    ],
};

const fn row(model: &'static str, [rpm, tpm, rpd, tpd]: [u64; 4], source: &'static str) -> PresetRow {
    PresetRow { model, rpm, tpm, rpd, tpd, source }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Provider;

    #[test]
    fn the_first_row_that_fits_counts() {
        let rpm = |model| GEMINI_FREE.of(Provider::Gemini, model).and_then(|limits| limits.rpm).map(u64::from);
        assert_eq!(rpm("gemini-3.5-flash-lite-001"), Some(15));
        assert_eq!(rpm("gemini-3.5-flash"), Some(5));
        assert_eq!(rpm("gemini-3.1-pro"), None);
        assert_eq!(GEMINI_FREE.of(Provider::Groq, "gemini-3.5-flash"), None);
        let tokens = GROQ_FREE.of(Provider::Groq, "openai/gpt-oss-120b").and_then(|limits| limits.tpm).map(u64::from);
        assert_eq!(tokens, Some(8_000));
    }

    #[test]
    fn no_row_is_hidden_behind_another() {
        for table in PRESETS {
            for (at, row) in table.rows.iter().enumerate() {
                let name = row.model.trim_end_matches('*');
                let hides =
                    |earlier: &PresetRow| earlier.model.strip_suffix('*').is_some_and(|start| name.starts_with(start));
                assert!(!table.rows[..at].iter().any(hides), "{} in {}", row.model, table.name);
            }
        }
    }
}
