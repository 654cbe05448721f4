//! The emulated provider alone: each kind of window at its edges, and refusals in the classifier's terms.

use core::num::NonZeroU64;

use quota_aware_api::engine::{
    Classification, Instant, LimitTable, Limits, Metric, Millis, Outcome, Span, UnixMillis, Verdict,
};
use quota_aware_api::plan::{Day, Emulator, Faults, Limit, QUIET_MORNING, Scenario, Service, Spread, Window};
use quota_aware_api::provider::{self, Provider, Response};

use crate::{free_tier, rpm, workshop};

const HOUR: u64 = 3_600_000;

struct Stage {
    emulator: Emulator,
}

impl Stage {
    fn new(limits: Limits, service: Service) -> Self {
        Self::of(&Scenario { service, ..workshop("flash", limits, 1) })
    }

    fn of(scenario: &Scenario) -> Self {
        Self { emulator: Emulator::new(scenario) }
    }

    /// A request of so many tokens: how long it is told to wait, or none if it is served.
    fn ask(&mut self, at: u64, tokens: u64) -> Option<u64> {
        self.meaning(at, tokens).map(|meaning| meaning.retry_after.map_or(u64::MAX, |hint| hint.delay.0))
    }

    fn meaning(&mut self, at: u64, tokens: u64) -> Option<Classification> {
        match self.emulator.arrive(Instant(at), 0, 0, tokens).outcome {
            Outcome::Served(200, _) => None,
            Outcome::Answered(429, meaning) => Some(*meaning),
            other => panic!("{other:?}"),
        }
    }

    fn asks<const N: usize>(&mut self, at: [u64; N]) -> [Option<u64>; N] {
        at.map(|at| self.ask(at, 1))
    }
}

fn lenient(window: Window) -> Service {
    Service { window, counts_refused: false, ..Service::default() }
}

#[test]
fn a_rolling_minute_lets_the_next_in_when_the_oldest_is_sixty_seconds_old() {
    let mut stage = Stage::new(rpm(3), lenient(Window::Rolling));
    assert_eq!(stage.asks([0, 10_000, 20_000]), [None; 3]);
    assert_eq!(stage.asks([30_000, 59_999]), [Some(30_000), Some(1)]);
    assert_eq!(stage.asks([60_000, 60_001, 70_000]), [None, Some(9_999), None]);
}

#[test]
fn refused_calls_that_count_push_the_next_one_out() {
    let mut stage = Stage::new(rpm(3), Service { window: Window::Rolling, ..Service::default() });
    assert_eq!(stage.asks([0, 10_000, 20_000, 30_000]), [None, None, None, Some(40_000)]);
    // Who asks too early each time never gets in: every refusal takes the place that has just become free.
    assert_eq!(stage.asks([60_000, 70_000, 80_000]), [Some(20_000), Some(20_000), Some(40_000)]);
    let mut stage = Stage::new(rpm(3), lenient(Window::Rolling));
    assert_eq!(stage.asks([0, 10_000, 20_000, 30_000, 60_000]), [None, None, None, Some(30_000), None]);
}

#[test]
fn who_waits_as_told_gets_in_whether_refused_calls_count_or_not() {
    for window in [Window::Rolling, Window::Fixed, Window::Refill] {
        for counts_refused in [true, false] {
            let mut stage = Stage::new(rpm(3), Service { counts_refused, ..lenient(window) });
            let mut now = 0;
            for _ in 0..200 {
                let hint = stage.ask(now, 1);
                if let Some(wait) = hint {
                    now += wait;
                    assert_eq!(stage.ask(now, 1), None, "{window:?}, refused calls count: {counts_refused}, at {now}");
                }
                now += 7_001;
            }
        }
    }
}

#[test]
fn a_limit_of_the_day_that_a_refusal_fills_is_not_what_it_speaks_of() {
    let mut stage = Stage::new(free_tier(1, 2), Service { window: Window::Rolling, ..Service::default() });
    assert_eq!(stage.asks([0, 1]), [None, Some(60_000)]);
}

#[test]
fn a_fixed_minute_turns_at_one_instant_for_everything() {
    let mut stage = Stage::new(rpm(2), lenient(Window::Fixed));
    assert_eq!(stage.asks([0, 0]), [None, None]);
    let turn = stage.ask(0, 1).unwrap();
    assert!((1..=60_000).contains(&turn));
    assert_eq!(stage.asks([turn - 1, turn, turn, turn]), [Some(1), None, None, Some(60_000)]);
    assert_eq!(stage.asks([turn + 59_999, turn + 60_000]), [Some(1), None]);
    // A long pause does not move it.
    assert_eq!(stage.asks([turn + 600_001; 3]), [None, None, Some(59_999)]);
}

#[test]
fn nobody_knows_where_a_fixed_minute_turns() {
    let turn = |seed| {
        let scenario = Scenario { seed, service: lenient(Window::Fixed), ..workshop("flash", rpm(1), 3) };
        let mut emulator = Emulator::new(&scenario);
        [0, 1, 2].map(|project| {
            emulator.arrive(Instant(0), project, 0, 1);
            match emulator.arrive(Instant(0), project, 0, 1).outcome {
                Outcome::Answered(429, meaning) => meaning.retry_after.unwrap().delay,
                other => panic!("{other:?}"),
            }
        })
    };
    let mut turns: Vec<Millis> = (0..5).flat_map(turn).collect();
    turns.sort();
    turns.dedup();
    assert_eq!(turns.len(), 15, "every pool has a minute of its own");
}

#[test]
fn a_bucket_gives_one_back_after_its_share_of_the_minute() {
    let mut stage = Stage::new(rpm(6), lenient(Window::Refill));
    assert_eq!(stage.asks([0; 6]), [None; 6]);
    assert_eq!(stage.asks([0, 9_999, 10_000, 10_000]), [Some(10_000), Some(1), None, Some(10_000)]);
    assert_eq!(stage.asks([70_000; 7]), [None, None, None, None, None, None, Some(10_000)]);
}

#[test]
fn a_bucket_loses_nothing_to_rounding() {
    // Seven a minute: a place every 8571.4 ms. After seven minutes exactly 49 have gone, however often it was asked.
    let mut stage = Stage::new(rpm(7), lenient(Window::Refill));
    let served = (0..420_000).step_by(7).filter(|at| stage.ask(*at, 1).is_none()).count();
    assert_eq!(served, 7 + 48, "seven at once, and the forty-ninth comes with the next millisecond");
}

#[test]
fn a_minute_lasts_as_long_as_was_said_however_it_is_counted() {
    for window in [Window::Rolling, Window::Fixed, Window::Refill] {
        let mut stage = Stage::new(rpm(2), Service { minute: Millis(6_000), ..lenient(window) });
        assert_eq!(stage.asks([0, 0]), [None, None], "{window:?}");
        let wait = stage.ask(0, 1).unwrap();
        match window {
            Window::Rolling => assert_eq!(wait, 6_000),
            Window::Fixed => assert!((1..=6_000).contains(&wait), "{wait}"),
            Window::Refill => assert_eq!(wait, 3_000),
        }
        assert_eq!(stage.asks([wait - 1, wait]), [Some(1), None], "{window:?}");
        assert_eq!(stage.asks([wait + 6_000; 3])[..2], [None, None], "{window:?}");
    }
}

#[test]
fn tokens_are_counted_like_requests() {
    for window in [Window::Rolling, Window::Fixed, Window::Refill] {
        let limits = Limits { tpm: NonZeroU64::new(1000), ..Limits::default() };
        let mut stage = Stage::new(limits, lenient(window));
        assert_eq!(stage.ask(0, 600), None);
        assert_eq!(stage.ask(0, 400), None);
        let meaning = stage.meaning(0, 1).unwrap();
        assert_eq!((meaning.metric, meaning.limit), (Some(Metric::InputTokens), Some(1000)), "{window:?}");
        assert_eq!(stage.ask(60_000, 1001), Some(u64::MAX), "what is larger than the limit is told no time");
    }
}

#[test]
fn a_day_ends_at_midnight_by_the_clock_that_holds() {
    // QUIET_MORNING is 08:00 UTC and midnight in Los Angeles.
    for (day, ends) in [(Day::Utc, 16 * HOUR), (Day::Pacific, 24 * HOUR)] {
        let service = Service { day, ..lenient(Window::Rolling) };
        let mut stage = Stage::new(free_tier(1_000, 2), service);
        assert_eq!(stage.asks([0, HOUR]), [None, None]);
        let meaning = stage.meaning(2 * HOUR, 1).unwrap();
        assert_eq!((meaning.verdict, meaning.window), (Verdict::QuotaExhausted, Some(Span::Day)));
        assert_eq!(meaning.retry_after.unwrap().delay.0, ends - 2 * HOUR, "{day:?}");
        assert_eq!(stage.asks([ends - 1, ends, ends, ends]), [Some(1), None, None, Some(24 * HOUR)]);
    }
}

#[test]
fn an_event_that_begins_late_has_little_of_its_day_left() {
    let late = Scenario {
        begins: UnixMillis(QUIET_MORNING.0 + 15 * HOUR),
        service: lenient(Window::Rolling),
        ..workshop("flash", free_tier(1_000, 1), 1)
    };
    let mut stage = Stage::of(&late);
    assert_eq!(stage.asks([0, 1, HOUR]), [None, Some(HOUR - 1), None]);
}

#[test]
fn who_is_out_for_the_day_is_not_told_to_wait_a_minute() {
    let mut stage = Stage::new(free_tier(1, 1), lenient(Window::Rolling));
    assert_eq!(stage.asks([0, 1]), [None, Some(16 * HOUR - 1)]);
}

#[test]
fn each_project_and_each_model_has_quota_of_its_own() {
    let mut scenario = workshop("flash", rpm(1), 3);
    scenario.models.push(scenario.models[0].clone());
    scenario.models[1].name = String::from("lite");
    let mut emulator = Emulator::new(&scenario);
    let mut served = 0;
    for project in 0..3 {
        for model in [0, 1, 0, 1] {
            let reply = emulator.arrive(Instant(0), project, model, 1);
            served += u32::from(matches!(reply.outcome, Outcome::Served(..)));
        }
    }
    assert_eq!(served, 6);
}

#[test]
fn answers_take_as_long_as_was_said_and_refusals_are_quick() {
    let service = Service { latency: Spread::new(Millis(900), Millis(1_100)), ..lenient(Window::Rolling) };
    let mut emulator = Emulator::new(&Scenario { service, ..workshop("flash", rpm(50), 1) });
    for at in 0..50 {
        let after = emulator.arrive(Instant(at), 0, 0, 1).after.0;
        assert!((900..=1_100).contains(&after), "{after}");
    }
    assert!(emulator.arrive(Instant(50), 0, 0, 1).after.0 < 100);
}

#[test]
fn faults_come_in_their_shares_and_are_nobodys_quota() {
    let faults = Faults { network: 0, transient: 100, overloaded: 200 };
    let service = Service { faults, ..lenient(Window::Rolling) };
    let mut emulator = Emulator::new(&Scenario { service, ..workshop("flash", rpm(100_000), 1) });
    let mut counts = [0; 2];
    for at in 0..10_000 {
        match emulator.arrive(Instant(at), 0, 0, 1).outcome {
            Outcome::Answered(500, meaning) if meaning.verdict == Verdict::Transient => counts[0] += 1,
            Outcome::Answered(503, meaning) if meaning.verdict == Verdict::Overloaded => counts[1] += 1,
            Outcome::Served(..) => {}
            other => panic!("{other:?}"),
        }
    }
    assert!((900..=1_100).contains(&counts[0]) && (1_850..=2_150).contains(&counts[1]), "{counts:?}");
}

#[test]
fn refusals_mean_what_the_classifier_reads_in_geminis_own_words() {
    let metric = "generativelanguage.googleapis.com/generate_content_free_tier_requests";
    for (limits, id, at) in [
        (free_tier(1, 9), "GenerateRequestsPerMinutePerProjectPerModel-FreeTier", 19_250),
        (free_tier(9, 1), "GenerateRequestsPerDayPerProjectPerModel-FreeTier", 19_250),
    ] {
        let mut stage = Stage::new(limits, lenient(Window::Rolling));
        stage.ask(0, 1);
        let ours = stage.meaning(at, 1).unwrap();
        let wait = ours.retry_after.unwrap().delay.0;
        let (seconds, rest) = (wait / 1000, wait % 1000);
        let body = format!(
            r#"{{"error":{{"code":429,"status":"RESOURCE_EXHAUSTED",
            "message":"You exceeded your current quota.\n* Quota exceeded for metric: {metric}, limit: 1, model: flash\nPlease retry in {seconds}.{rest:03}s.",
            "details":[{{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{{"quotaMetric":"{metric}",
            "quotaId":"{id}","quotaDimensions":{{"location":"global","model":"flash"}},"quotaValue":"1"}}]}},
            {{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"{seconds}s"}}]}}}}"#
        );
        let response = Response { provider: Some(Provider::Gemini), status: 429, headers: &[], body: body.as_bytes() };
        let theirs = provider::classify(&response);
        assert_eq!(
            (ours.verdict, ours.scope, ours.metric, ours.window, ours.limit, &ours.model, ours.retry_after),
            (
                theirs.verdict,
                theirs.scope,
                theirs.metric,
                theirs.window,
                theirs.limit,
                &theirs.model,
                theirs.retry_after
            ),
        );
    }
}

#[test]
fn the_tightest_limit_is_that_of_which_the_freest_project_has_least() {
    let limits = Limits { tpm: NonZeroU64::new(1_000_000), ..free_tier(10, 40) };
    let mut emulator = Emulator::new(&workshop("flash", limits, 3));
    let limit = |metric, span, most| Some(Limit { metric, span, most });
    for at in 0..5 {
        emulator.arrive(Instant(at), 0, 0, 1);
    }
    assert_eq!(emulator.tightest(Instant(9), 0, Some(Span::Day)), limit(Metric::Requests, Span::Day, 40));
    for project in [1, 2] {
        emulator.arrive(Instant(9), project, 0, 1);
    }
    assert_eq!(emulator.tightest(Instant(9), 0, None), limit(Metric::Requests, Span::Minute, 10));
    assert_eq!(emulator.used_up(0), None);
}

#[test]
fn a_project_that_is_used_up_is_not_the_limit_of_the_others() {
    let mut scenario = workshop("flash", free_tier(10, 1_000), 3);
    scenario.projects[0].limits = LimitTable::all(free_tier(10, 1));
    let mut emulator = Emulator::new(&scenario);
    for project in [0, 1, 2] {
        emulator.arrive(Instant(0), project, 0, 1);
    }
    assert_eq!(emulator.tightest(Instant(1), 0, None).unwrap().span, Span::Minute);
    assert_eq!(emulator.used_up(0), None, "the others have a day left");
}
