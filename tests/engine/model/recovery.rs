//! How soon room is used once it is there, as the provider itself counts.

use core::num::NonZeroU64;

use quota_aware_api::engine::{Config, Event, Limits};

use super::provider::{Rule, Says};
use super::stage::{Fate, Road, Stage, ask};

fn limits(rpm: u64) -> Limits {
    Limits { rpm: NonZeroU64::new(rpm), ..Limits::default() }
}

/// From the return of the capacity to the arrival of the first waiting call, in milliseconds.
fn idle(seed: u64, rule: Rule, declared: Limits, exhausts: usize) -> u64 {
    let mut stage = Stage::new(seed, 1_772_000_000_000, Config::default());
    stage.road = Road { travel: (20, 20), ..Road::GOOD };
    stage.project(rule, declared);
    stage.calls(exhausts, &ask());
    stage.run_for(45_000);
    stage.call(ask());
    let before = stage.log.len();
    stage.run();
    let first = stage.log[before..].iter().find(|sent| sent.fate == Fate::Served).unwrap();
    let arrived = first.at + 20;
    arrived - stage.truth.room_since(arrived, 0, "flash")
}

#[test]
fn the_first_waiting_call_leaves_within_50_ms_of_the_capacitys_return() {
    for seed in 0..40 {
        // 10 ms for the rounding of clocks and 25 for travel: one call tries, and the others follow its answer.
        let declared = idle(seed, Rule::rpm(15), limits(15), 15);
        assert!(declared <= 50, "{declared} ms");
        // A hint is padded by 250 ms and up to a tenth, so that clients do not come back in the same instant.
        let refused = idle(seed, Rule::rpm(15), Limits::default(), 16);
        assert!((250..6_300).contains(&refused), "{refused} ms");
    }
}

#[test]
fn failing_over_from_an_exhausted_key_takes_no_waiting_at_all() {
    for says in [Says::Nothing, Says::Exactly, Says::Seconds] {
        let mut stage = Stage::new(1, 1_772_000_000_000, Config::default());
        let rule = Rule { says, ..Rule::rpm(1) };
        stage.project(rule, Limits::default());
        stage.project(Rule::rpm(100), Limits::default());
        // `k0` has one place, which is taken behind our back.
        let now = stage.now();
        stage.truth.arrives(now, 0, "flash", 1);
        let call = stage.call(ask());
        stage.run();
        let refused = stage.log[0];
        assert_eq!((refused.fate, stage.log.len()), (Fate::RefusedForMinute, 2));
        assert_eq!((stage.log[1].send.key.0, stage.log[1].at), (1, refused.answered));
        assert_eq!(stage.log[1].send.call, call);
        assert!(!stage.events.iter().any(|(_, event)| matches!(event, Event::Waiting { .. })));
        // And known to be exhausted, it is not even asked.
        stage.calls(5, &ask());
        assert!(stage.log[2..].iter().all(|sent| sent.send.key.0 == 1), "{says:?}");
        stage.run();
    }
}
