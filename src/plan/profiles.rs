//! Profiles: the days that tests and measurements have in common.

use core::num::{NonZeroU32, NonZeroU64};

use super::scenario::{Burst, Pace, Project, Scenario};
use crate::engine::{Config, LimitTable, Limits, Millis, QueuePolicy};

impl Scenario {
    /// The workshop as its plan has it: 40 people, 3.5 hours, 640 calls an hour, three projects with 15 a minute.
    pub fn workshop() -> Self {
        Self::default()
    }

    /// As much as eight projects of 15 a minute give: 40 people who ask again as soon as they are answered, for an hour.
    pub fn saturate() -> Self {
        Self {
            span: Millis::from_hours(1),
            pace: Pace::Loop { pause: Millis::ZERO },
            client: patient(),
            ..Self::default()
        }
        .with_projects(8, requests(15))
    }

    /// Three hundred at once, over the same eight projects.
    pub fn batch() -> Self {
        Self {
            span: Millis::from_mins(10),
            people: NonZeroU32::MIN.saturating_add(299),
            pace: Pace::Trace(Vec::new()),
            bursts: vec![Burst { at: Millis::ZERO, people: 300, within: Millis::ZERO }],
            client: patient(),
            ..Self::default()
        }
        .with_projects(8, requests(15))
    }

    /// The same with so many projects, of one key each, that are all allowed this.
    #[must_use]
    pub fn with_projects(self, count: u32, limits: Limits) -> Self {
        let limits = LimitTable::all(limits);
        let project =
            |number| Project { name: format!("project-{number}"), keys: NonZeroU32::MIN, limits: limits.clone() };
        Self { projects: (1..=count).map(project).collect(), ..self }
    }
}

/// So many requests a minute, and nothing else is limited.
fn requests(a_minute: u64) -> Limits {
    Limits { rpm: NonZeroU64::new(a_minute), ..Limits::default() }
}

/// Nobody gives up: what is measured is how fast quota is used, not when people lose patience.
fn patient() -> Config {
    let usual = Config::default();
    Config {
        deadline: Millis::from_hours(1),
        queue: QueuePolicy { max_wait: Millis::from_hours(1), ..usual.queue },
        ..usual
    }
}
