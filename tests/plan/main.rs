//! What plans promise: a provider that counts to the millisecond, the same day from the same seed, and answers that are
//! right where they can be worked out by hand.

// Helpers of tests count as production code for these two lints, which are right about production code.
#![allow(clippy::unwrap_used, clippy::panic)]

mod advice;
mod days;
mod provider;
mod words;

use core::num::{NonZeroU32, NonZeroU64};

use quota_aware_api::engine::{LimitTable, Limits};
use quota_aware_api::plan::{Model, Project, Scenario};

pub(crate) fn rpm(most: u64) -> Limits {
    Limits { rpm: NonZeroU64::new(most), ..Limits::default() }
}

pub(crate) fn free_tier(rpm: u64, rpd: u64) -> Limits {
    Limits { rpm: NonZeroU64::new(rpm), rpd: NonZeroU64::new(rpd), ..Limits::default() }
}

pub(crate) fn people(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap()
}

/// The workshop with one model and three keys, over so many projects.
pub(crate) fn workshop(model: &str, limits: Limits, projects: u32) -> Scenario {
    let project = |number| Project {
        name: format!("project-{number}"),
        keys: people(3 / projects),
        limits: LimitTable::all(limits),
    };
    Scenario {
        models: vec![Model { name: model.to_owned(), weight: NonZeroU32::MIN, tokens: 500 }],
        projects: (1..=projects).map(project).collect(),
        ..Scenario::workshop()
    }
}
