//! What is learned of limits that nobody has declared, from a provider that tells the truth about them or says nothing.

use core::num::NonZeroU64;

use quota_aware_api::engine::{Config, Event, Limits, Metric, Millis, QueuePolicy, Source, Span};

use super::provider::{MINUTE, Rule, Says};
use super::stage::{Road, Stage, of_session};

const NOTHING: Limits = Limits { rpm: None, tpm: None, rpd: None, tpd: None, concurrency: None, burst: None };

fn declared(rpm: u64) -> Limits {
    Limits { rpm: NonZeroU64::new(rpm), ..NOTHING }
}

/// Projects with so many who always ask.
fn stage(projects: &[(Rule, Limits)], people: usize) -> Stage {
    let queue = QueuePolicy { max_wait: Millis::from_mins(20), ..QueuePolicy::default() };
    let config = Config { queue, deadline: Millis::from_mins(30), ..Config::default() };
    let mut stage = Stage::new(5, 1_772_000_000_000, config);
    stage.road = Road::GOOD;
    for (rule, limits) in projects {
        stage.project(*rule, *limits);
    }
    for person in 0..people {
        stage.person(of_session(&person.to_string()), (0, 500));
    }
    stage
}

/// Refusals in each minute.
fn refusals(stage: &Stage, minutes: u64) -> Vec<usize> {
    let began = stage.log[0].at;
    let refused = stage.refusals();
    (0..minutes).map(|n| refused.iter().filter(|sent| (sent.at - began) / MINUTE == n).count()).collect()
}

/// What was told of a minute's requests, for a project.
fn learned(stage: &Stage, project: u32) -> Vec<(u64, Source)> {
    let of = |event: &Event| match event {
        Event::LimitLearned { pool, metric: Metric::Requests, span: Span::Minute, limit, source }
            if pool.0 == project =>
        {
            Some((*limit, *source))
        }
        _ => None,
    };
    stage.events.iter().filter_map(|(_, event)| of(event)).collect()
}

fn limit_now(stage: &mut Stage, project: usize) -> Option<u64> {
    let now = stage.now();
    stage.engine.status(now).pools[project].limits.rpm
}

/// The most that were sent with a project's key within any minute.
fn most_a_minute(stage: &Stage, project: u32, since: u64) -> usize {
    let sent: Vec<u64> =
        stage.log.iter().filter(|sent| sent.send.key.0 == project && sent.at >= since).map(|sent| sent.at).collect();
    sent.iter().map(|end| sent.iter().filter(|at| **at <= *end && **at + MINUTE > *end).count()).max().unwrap_or(0)
}

#[test]
fn a_provider_that_states_its_limit_refuses_next_to_nothing_from_the_second_minute_on() {
    for says in [Says::Seconds, Says::Exactly] {
        let rule = Rule { states: true, says, ..Rule::rpm(15) };
        let mut stage = stage(&[(rule, NOTHING), (rule, NOTHING), (rule, NOTHING)], 60);
        stage.run_for(10 * MINUTE);
        let refused = refusals(&stage, 10);
        println!("LEARNING {says:?}: {refused:?} refused, {} served", stage.answered());
        for project in 0..3 {
            assert_eq!(limit_now(&mut stage, project), Some(15));
        }
        assert!(refused[1] <= 2 && refused[1..].iter().sum::<usize>() <= 9, "{refused:?}");
    }
}

#[test]
fn after_it_had_fifteen_it_refused_is_learned_and_raised_when_it_proves_too_low() {
    for says in [Says::Nothing, Says::Exactly] {
        let rule = Rule { says, ..Rule::rpm(15) };
        let mut stage = stage(&[(rule, NOTHING)], 30);
        stage.run_for(10 * MINUTE);
        let told = learned(&stage, 0);
        println!("OBSERVED {says:?} {told:?} {:?}", refusals(&stage, 10));
        // The first burst's refusals come before its answers: whatever is under way may have been served.
        let first_minute = told.iter().take_while(|(limit, _)| *limit > 15).count();
        assert!(first_minute <= 15, "{told:?}");
        assert!(told[first_minute..].iter().all(|known| *known == (15, Source::Observed)), "{told:?}");
        assert!((15..=16).contains(&limit_now(&mut stage, 0).unwrap()));
        stage.truth.rules[0].rpm = 30;
        let mut minutes = 0;
        while limit_now(&mut stage, 0).is_some_and(|limit| limit < 29) {
            stage.run_for(MINUTE);
            minutes += 1;
            assert!(minutes < 90, "{says:?}: {:?}", limit_now(&mut stage, 0));
        }
        println!("RAISED {says:?} from 15 to 29 within {minutes} minutes");
    }
}

#[test]
fn what_a_neighbour_has_is_tried_first_and_raised_for_a_bigger_pool() {
    let small = Rule { states: true, ..Rule::rpm(15) };
    let big = Rule { states: true, ..Rule::rpm(60) };
    let mut stage = stage(&[(small, NOTHING), (big, NOTHING)], 120);
    stage.run_for(15 * MINUTE);
    let (small, big) = (limit_now(&mut stage, 0), limit_now(&mut stage, 1));
    println!("NEIGHBOUR {small:?} {big:?} {:?} {:?}", refusals(&stage, 15), learned(&stage, 1));
    assert_eq!((small, big), (Some(15), Some(60)));
    let began = stage.log[0].at;
    assert!(most_a_minute(&stage, 1, began + 5 * MINUTE) >= 58);
}

#[test]
fn what_headers_say_is_believed_before_anything_is_refused() {
    let rule = Rule { headers: true, ..Rule::rpm(15) };
    let mut stage = stage(&[(rule, NOTHING)], 0);
    stage.call(of_session("first"));
    stage.run_for(2_000);
    assert_eq!(learned(&stage, 0), [(15, Source::Headers)]);
    // Somebody else has used ten of them.
    for _ in 0..10 {
        let now = stage.now();
        stage.truth.arrives(now, 0, "flash", 1);
    }
    stage.call(of_session("second"));
    stage.run_for(2_000);
    stage.calls(30, &of_session("many"));
    stage.run();
    assert_eq!((stage.refusals().len(), stage.answered()), (0, 32));
}

#[test]
fn a_stated_limit_below_the_declared_one_wins_and_one_above_it_does_not() {
    let low = Rule { states: true, says: Says::Seconds, ..Rule::rpm(15) };
    let mut below = stage(&[(low, declared(60))], 80);
    below.run_for(6 * MINUTE);
    assert_eq!(limit_now(&mut below, 0), Some(15));
    let began = below.log[0].at;
    assert!(most_a_minute(&below, 0, began + 2 * MINUTE) <= 16);

    let high = Rule { headers: true, ..Rule::rpm(60) };
    let mut above = stage(&[(high, declared(10))], 30);
    above.run_for(6 * MINUTE);
    assert_eq!((limit_now(&mut above, 0), above.refusals().len()), (Some(10), 0));
    assert!(most_a_minute(&above, 0, 0) <= 10);
}
