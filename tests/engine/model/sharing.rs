//! Keys that look apart and share a quota, and keys that look alike and do not.

use core::num::NonZeroU64;

use quota_aware_api::engine::{Config, Event, Limits, Millis, QueuePolicy, Suspicion};

use super::provider::{MINUTE, Rule, Says};
use super::stage::{Road, Stage, of_session};

fn config() -> Config {
    let queue = QueuePolicy { max_wait: Millis::from_mins(20), ..QueuePolicy::default() };
    Config { queue, deadline: Millis::from_mins(30), ..Config::default() }
}

fn suspicions(stage: &Stage) -> Vec<Suspicion> {
    let of = |event: &Event| match event {
        Event::SharedQuotaSuspected(suspicion) => Some(*suspicion),
        _ => None,
    };
    stage.events.iter().filter_map(|(_, event)| of(event)).collect()
}

fn crowd(stage: &mut Stage, people: usize, minutes: u64) {
    stage.road = Road::GOOD;
    for person in 0..people {
        stage.person(of_session(&person.to_string()), (0, 500));
    }
    stage.run_for(minutes * MINUTE);
}

#[test]
fn two_keys_of_one_secret_project_are_told_once_with_the_evidence_and_never_merged() {
    for states in [true, false] {
        let mut stage = Stage::new(5, 1_772_000_000_000, config());
        stage.project(Rule { states, says: Says::Seconds, ..Rule::rpm(20) }, Limits::default());
        stage.key(0, "p1", Limits::default());
        crowd(&mut stage, 60, 60);
        let told = suspicions(&stage);
        println!("SHARED states {states}: {told:?}, {} refused of {}", stage.refusals().len(), stage.log.len());
        assert_eq!(told.len(), 1, "states {states}");
        assert_eq!(told[0].coincidences, 3);
        // What was under way may have been served, so both together may look like a little more than the limit.
        assert!(told[0].served.iter().all(|served| *served < 20), "{told:?}");
        assert_eq!(told[0].limit, states.then_some(20));
        let now = stage.now();
        let status = stage.engine.status(now);
        assert_eq!(status.pools.iter().map(|pool| pool.project.clone()).collect::<Vec<_>>(), ["p0", "p1"]);
        assert!(!status.alerts.is_empty());
    }
}

#[test]
fn honest_projects_that_are_exhausted_at_the_same_moment_are_never_suspected() {
    for (declared, states) in [(true, false), (false, true), (true, true)] {
        for says in [Says::Nothing, Says::Seconds, Says::Exactly] {
            let mut stage = Stage::new(5, 1_772_000_000_000, config());
            let limits = Limits { rpm: NonZeroU64::new(15).filter(|_| declared), ..Limits::default() };
            for _ in 0..3 {
                stage.project(Rule { says, states, ..Rule::rpm(15) }, limits);
            }
            crowd(&mut stage, 90, 60);
            assert_eq!(suspicions(&stage), [], "declared {declared}, stated {states}, {says:?}");
        }
    }
}
