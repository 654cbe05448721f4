//! Whole days: the workshop's own figures, determinism, and what no day may do.

use core::num::NonZeroU64;

use proptest::prelude::*;
use quota_aware_api::engine::{Config, Limits, Millis};
use quota_aware_api::plan::{
    Burst, Day, Faults, Greedy, How, Pace, QUIET_MORNING, Report, Scenario, Service, Spread, Window, run,
};

use crate::{free_tier, people, rpm, workshop};

const MINUTE: u64 = 60_000;

#[test]
fn the_workshops_own_sum_comes_out() {
    let report = run(&workshop("gemini-3.5-flash-lite", rpm(15), 3));
    let supply = &report.supply[0];
    assert_eq!((supply.per_minute, supply.per_hour, supply.per_day), (Some(45), Some(2_700), None));
    assert_eq!((supply.asked, supply.asked_per_hour), (2_240, 640));
    assert!(report.holds, "{report:?}");
    assert_eq!((report.calls.served, report.refusals, report.sends), (2_240, 0, 2_240));
    assert_eq!(report.first_break, None);
}

#[test]
fn twenty_a_day_of_three_projects_are_sixty_calls() {
    let report = run(&workshop("gemini-3.5-flash", free_tier(5, 20), 3));
    assert!(!report.holds);
    assert_eq!((report.calls.served, report.calls.unserved), (60, 2_180));
    let supply = &report.supply[0];
    assert_eq!((supply.per_day, supply.most_of_a_day), (Some(60), 20));
    // At 640 an hour sixty calls are asked for in 5 min 37 s.
    let used_up = supply.day_used_up_at.unwrap();
    assert!((4 * MINUTE..8 * MINUTE).contains(&used_up), "{used_up}");
    assert!(report.calls.codes.iter().any(|count| count.code == "QUOTA_EXCEEDED"));
}

#[test]
fn twenty_a_day_of_one_project_are_twenty_calls_however_many_keys_it_has() {
    let report = run(&workshop("gemini-3.5-flash", free_tier(5, 20), 1));
    assert_eq!(report.calls.served, 20);
    let supply = &report.supply[0];
    assert_eq!((supply.keys, supply.projects, supply.per_minute, supply.per_day), (3, 1, Some(5), Some(20)));
    // Five a minute: the twentieth goes in the fourth minute.
    assert!((3 * MINUTE..5 * MINUTE).contains(&supply.day_used_up_at.unwrap()), "{supply:?}");
}

#[test]
fn a_day_that_ends_in_the_middle_brings_new_quota() {
    let scenario = workshop("flash", free_tier(15, 100), 3);
    let over_midnight = Scenario {
        begins: quota_aware_api::engine::UnixMillis(QUIET_MORNING.0 + 15 * 60 * MINUTE),
        ..scenario.clone()
    };
    assert_eq!(run(&scenario).calls.served, 300);
    assert_eq!(run(&over_midnight).calls.served, 600);
    let pacific = Service { day: Day::Pacific, ..Service::default() };
    assert_eq!(run(&Scenario { service: pacific, ..over_midnight }).calls.served, 300);
}

#[test]
fn a_rush_is_felt_although_the_day_as_a_whole_is_quiet() {
    let burst = Burst { at: Millis::from_mins(90), people: 40, within: Millis::from_secs(10) };
    let report = run(&Scenario { bursts: vec![burst], ..workshop("flash", rpm(15), 3) });
    assert_eq!(report.calls.asked, 2_280);
    let first = report.first_break.as_ref().unwrap();
    assert_eq!(first.how, How::Waited);
    assert_eq!(
        first.limit.as_ref().map(|limit| (limit.metric, limit.window, limit.limit)),
        Some(("requests", "minute", 15))
    );
    assert!((90 * MINUTE..92 * MINUTE).contains(&first.at), "{first:?}");
    assert_eq!(report.waits.p95, 0, "most of the day nobody waits");
    assert!(!report.holds, "and yet the rush is too late for too many");
}

#[test]
fn limits_that_nobody_declared_are_learnt_from_refusals() {
    let burst = Burst { at: Millis::ZERO, people: 40, within: Millis::ZERO };
    let scenario = Scenario { informed: false, bursts: vec![burst], ..workshop("flash", rpm(10), 3) };
    let report = run(&scenario);
    assert!(report.refusals > 0);
    let first = report.first_break.as_ref().unwrap();
    assert_eq!((first.how, first.limit.as_ref().map(|limit| limit.limit)), (How::Refused, Some(10)));
    assert!(first.project.is_some());
    // Told, one call may still be spent on how early a place is ours again, and one on how the minute runs.
    assert!(run(&Scenario { informed: true, ..scenario }).refusals <= 2);
}

#[test]
fn the_same_seed_is_the_same_day_and_another_one_is_not() {
    let burst = Burst { at: Millis::from_mins(9), people: 40, within: Millis::from_secs(10) };
    let faults = Faults { network: 10, transient: 10, overloaded: 10 };
    let service = Service { faults, window: Window::Fixed, ..Service::default() };
    let scenario = Scenario { bursts: vec![burst], service, ..workshop("flash", rpm(10), 3) };
    assert_eq!(run(&scenario), run(&scenario));
    assert_ne!(run(&scenario), run(&Scenario { seed: 2, ..scenario }));
}

#[test]
fn whoever_asks_again_at_once_gets_all_there_is() {
    let report = run(&Scenario::saturate());
    // Eight projects of 15 for an hour, and a first minute's worth at once. A minute is held a little longer than it lasts.
    let most = 8 * 15 * 61;
    assert!((most * 9 / 10..=most).contains(&report.calls.served), "{}", report.calls.served);
    assert_eq!(report.calls.unserved, 0);
    // What it costs to find out how the minute runs and how early one may be.
    assert!(report.refusals * 100 <= report.calls.served, "{} refusals", report.refusals);
    assert!(report.fairness > 0.99, "{}", report.fairness);
}

#[test]
fn a_shorter_minute_is_the_same_day_but_shorter() {
    let minute = Millis(6_000);
    let usual = Scenario::saturate();
    let service = Service { minute, latency: Spread::new(Millis(60), Millis(240)), ..usual.service };
    let client = Config { window: minute, ..usual.client.clone() };
    let short = run(&Scenario { span: Millis::from_mins(6), service, client, ..usual.clone() });
    let long = run(&usual);
    assert_eq!((short.minute, short.supply[0].per_hour), (6_000, Some(72_000)));
    // What the engine adds to a minute to be safe is a larger part of a short one.
    assert!(short.calls.served.abs_diff(long.calls.served) * 20 <= long.calls.served, "{:?}", short.calls);
    let busiest = [short.busiest_minute, long.busiest_minute];
    assert!(busiest[0].abs_diff(busiest[1]) <= 40, "{busiest:?}");
    assert!((short.waits.p95 * 10).abs_diff(long.waits.p95) <= 3_000, "{:?}", short.waits);
}

#[test]
fn three_hundred_at_once_are_served_in_three_waves() {
    let report = run(&Scenario::batch());
    assert_eq!((report.calls.asked, report.calls.served), (300, 300));
    assert!((2 * MINUTE..3 * MINUTE).contains(&report.ended_at), "{}", report.ended_at);
    assert_eq!(report.waits.at_once, 120);
}

#[test]
fn the_greedy_are_played_beside_the_others() {
    let greedy = Greedy { people: people(2), parallel: people(4) };
    let quiet = run(&Scenario::workshop());
    let report = run(&Scenario { greedy: Some(greedy), span: Millis::from_mins(30), ..Scenario::workshop() });
    assert!(report.calls.asked > 1_000, "{:?}", report.calls);
    assert!(report.fairness < quiet.fairness);
}

#[test]
fn who_thinks_before_asking_again_asks_no_more_often_than_that() {
    let pace = Pace::Loop { pause: Millis::from_mins(2) };
    let report = run(&Scenario { pace, ..Scenario::workshop() });
    // 210 minutes of 2 and a second or two: about a hundred calls each.
    assert!((3_900..=4_250).contains(&report.calls.asked), "{}", report.calls.asked);
}

#[test]
fn who_gets_an_error_reads_it_before_asking_again() {
    let limits = Limits { tpm: NonZeroU64::new(499), ..Limits::default() };
    let pace = Pace::Loop { pause: Millis::ZERO };
    let report = run(&Scenario { pace, span: Millis::from_mins(1), ..workshop("flash", limits, 3) });
    assert_eq!(report.calls.asked, 40 * 12, "every five seconds");
}

#[test]
fn a_day_without_projects_serves_nobody() {
    let report = run(&Scenario { projects: Vec::new(), ..Scenario::workshop() });
    assert_eq!((report.calls.served, report.calls.unserved, report.holds), (0, 2_240, false));
}

#[test]
fn a_trace_is_played_as_it_was() {
    let pace = Pace::Trace([0, 0, 5, 1_000, 700_000].map(Millis).into());
    let report = run(&Scenario { pace, span: Millis::from_mins(20), ..Scenario::workshop() });
    assert_eq!(report.calls.asked, 5);
    let asked: Vec<(u64, u64)> = report.slices.iter().filter(|s| s.asked > 0).map(|s| (s.at, s.asked)).collect();
    assert_eq!(asked, [(0, 4), (11 * MINUTE, 1)]);
}

#[test]
fn what_fails_by_a_fault_is_not_put_down_to_quota() {
    let faults = Faults { network: 1_000, transient: 0, overloaded: 0 };
    let service = Service { faults, ..Service::default() };
    let pace = Pace::Trace(vec![Millis(0), Millis(600_000)]);
    let report = run(&Scenario { service, pace, span: Millis::from_mins(20), ..Scenario::workshop() });
    assert_eq!((report.calls.failed, report.calls.unserved, report.first_break), (2, 0, None));
}

#[test]
fn a_loop_that_nothing_slows_down_comes_to_an_end() {
    let nothing = Spread::always(Millis::ZERO);
    let service = Service { latency: nothing, travel: nothing, ..Service::default() };
    let pace = Pace::Loop { pause: Millis::ZERO };
    let scenario = Scenario { service, pace, people: people(1), ..Scenario::workshop() };
    let report = run(&Scenario { span: Millis(1_000), ..scenario.with_projects(1, Limits::default()) });
    assert!(report.calls.served > 0);
}

#[test]
fn a_call_larger_than_the_limit_is_not_served_and_says_why() {
    let limits = Limits { tpm: NonZeroU64::new(499), ..Limits::default() };
    let report = run(&workshop("flash", limits, 3));
    assert_eq!((report.calls.served, report.calls.unserved), (0, 2_240));
    assert_eq!(report.calls.codes.iter().map(|count| count.code).collect::<Vec<_>>(), ["NEVER_FITS"]);
}

/// Six minutes of three projects of 15 a minute, of which the client knows nothing, or all; in the second minute forty ask
/// within so long. How many are refused and turned away.
fn rush(informed: bool, counts_refused: bool, within: u64, seed: u64) -> (u64, u64) {
    let report = run(&Scenario {
        span: Millis::from_mins(6),
        pace: Pace::Open { gap: Millis(112_500) },
        bursts: vec![Burst { at: Millis(90_000), people: 40, within: Millis(within) }],
        service: Service { counts_refused, ..Service::default() },
        informed,
        seed,
        ..workshop("flash", rpm(15), 3)
    });
    (report.refusals, report.calls.unserved + report.calls.failed)
}

/// The rush finds the limit with calls that are all under way at once: most of them are refused, and each counts as long as
/// that is not known. A rolling minute's hints then look shorter than what seems to be used.
#[test]
fn a_rush_against_an_unknown_limit_does_not_make_a_rolling_minute_look_fixed() {
    for seed in 0..50 {
        let (refused, unserved) = rush(false, false, 200, seed);
        // 61 calls in a minute of 45 places: the last ones may find no place within their patience.
        assert!(refused <= 30 && unserved <= 1, "seed {seed}: {refused} refused, {unserved} turned away");
    }
}

/// Where refused calls count, each refusal costs the next call its place, too. And a probe that overtakes the call before it
/// gets that one's place, which says nothing of how the minute runs.
#[test]
fn refusals_that_count_are_found_out_and_stay_few() {
    for (informed, most, of_all) in [(true, 6, 150), (false, 12, 300)] {
        let refused: Vec<u64> = (0..50).map(|seed| rush(informed, true, 10_000, seed).0).collect();
        let (worst, sum) = (refused.iter().max().copied(), refused.iter().sum::<u64>());
        assert!(worst <= Some(most) && sum <= of_all, "informed {informed}: {refused:?}");
    }
}

fn scenarios() -> impl Strategy<Value = Scenario> {
    let windows = prop::sample::select(vec![Window::Rolling, Window::Fixed, Window::Refill]);
    let traffic = (1_u32..60, 1_u64..40, 10_u64..120_000, 0_u32..40);
    (traffic, 1_u32..5, 1_u64..20, 1_u64..200, windows, any::<[bool; 2]>(), any::<u64>()).prop_map(
        |((crowd, minutes, gap, burst), projects, rpm, rpd, window, [informed, counts_refused], seed)| {
            let at = Millis::from_mins(minutes / 2);
            let burst = Burst { at, people: burst.min(crowd), within: Millis::from_secs(5) };
            let pace = if seed % 3 == 0 {
                Pace::Loop { pause: Millis(gap) }
            } else {
                Pace::Open { gap: Millis(gap.max(3_000)) }
            };
            let scenario = Scenario {
                span: Millis::from_mins(minutes),
                people: people(crowd),
                pace,
                bursts: vec![burst],
                service: Service { window, counts_refused, ..Service::default() },
                informed,
                seed,
                ..Scenario::workshop()
            };
            scenario.with_projects(projects, free_tier(rpm, rpd))
        },
    )
}

/// What is served in a span at most, by any way of counting a minute: a bucket's or a fixed minute's first fill, then the rest.
fn most_served(scenario: &Scenario, report: &Report) -> u64 {
    let limits = scenario.projects[0].limits.of("*").unwrap();
    let minutes = report.ended_at / MINUTE + 2;
    let (rpm, rpd) = (limits.rpm.unwrap().get(), limits.rpd.unwrap().get());
    scenario.projects.len() as u64 * (rpm * minutes).min(rpd)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_day_serves_more_than_its_limits_allow_and_every_call_has_one_end(scenario in scenarios()) {
        let report = run(&scenario);
        let calls = &report.calls;
        prop_assert_eq!(calls.asked, calls.served + calls.unserved + calls.failed);
        prop_assert!(calls.served <= most_served(&scenario, &report), "{:?}", report);
        prop_assert!(report.sends >= calls.served + report.refusals);
        prop_assert!(report.supply[0].most_of_a_day <= scenario.projects[0].limits.of("*").unwrap().rpd.unwrap().get());
        let codes: u64 = calls.codes.iter().map(|count| count.calls).sum();
        prop_assert_eq!(codes, calls.unserved + calls.failed);
        let bars: u64 = report.waits.histogram.iter().map(|bar| bar.calls).sum();
        prop_assert_eq!(bars, calls.served);
        let sliced = report.slices.iter().fold([0; 5], |sum, s| {
            [sum[0] + s.asked, sum[1] + s.served, sum[2] + s.unserved, sum[3] + s.failed, sum[4] + s.refused]
        });
        prop_assert_eq!(sliced, [calls.asked, calls.served, calls.unserved, calls.failed, report.refusals]);
        prop_assert!(report.slices.len() <= 48 && report.fairness <= 1.0 + 1e-9);
        prop_assert!(report.waits.p50 <= report.waits.p95 && report.waits.p95 <= report.waits.max);
    }
}
