//! How much of the past is kept.

/// What is kept, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsagePolicy {
    /// Minutes, of those that are over.
    pub minutes: u32,
    /// Hours.
    pub hours: u32,
    /// Days, as UTC has them.
    pub days: u32,
    /// Cells in all: one for each key, pool, session, operation and verdict that has met in a minute, hour or day.
    pub max_cells: u32,
}

impl Default for UsagePolicy {
    /// A workshop of three and a half hours by the minute, a week and a day by the hour, a quarter by the day. Twenty thousand
    /// cells are 2 MB at the most; a workshop of 40 people and three keys needs some 8,000.
    fn default() -> Self {
        Self { minutes: 240, hours: 192, days: 92, max_cells: 20_000 }
    }
}
