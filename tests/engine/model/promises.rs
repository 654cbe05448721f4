//! Promises, against what came true: the instant a waiting call was told at first, and the instant at which it was sent.

use core::num::NonZeroU64;

use proptest::prelude::*;
use quota_aware_api::engine::{Config, Limits, Millis, Minute, Pacing, QueuePolicy};

use super::limits::cases;
use super::provider::{MINUTE, Rule};
use super::stage::{Road, Stage, ask};

/// Off by so many thousandths of the wait, or by this many milliseconds, is kept.
const THOUSANDTHS: u64 = 50;
const AT_LEAST: u64 = 600;
/// A try that was refused costs its hint and what is added to that; everybody behind it comes later by as much.
const COST_OF_A_TRY: u64 = 1_500;

/// By how much each call went after its promised instant, or before it where that is negative; how long it was to wait; and
/// how many were refused.
fn misses(seed: u64, limits: &[u64], pauses: &[u64], travel: (u64, u64), pacing: Pacing) -> (Vec<(i64, u64)>, u64) {
    let queue = QueuePolicy { max_wait: Millis::from_hours(9), ..QueuePolicy::default() };
    let config =
        Config { queue, pacing, minute: Minute::Rolling, deadline: Millis::from_hours(9), ..Config::default() };
    let mut stage = Stage::new(seed, 1_772_000_000_000, config);
    stage.road = Road { travel, ..Road::GOOD };
    for rpm in limits {
        let declared = Limits { rpm: NonZeroU64::new(*rpm), ..Limits::default() };
        stage.project(Rule::rpm(*rpm), declared);
    }
    for pause in pauses {
        stage.run_for(*pause);
        stage.call(ask());
    }
    stage.run();
    stage.check_the_end();
    let told = stage.calls.values().filter_map(|told| Some((told.asked, told.promised?, told.sent?)));
    let misses =
        told.map(|(asked, promised, sent)| (sent.cast_signed() - promised.cast_signed(), promised - asked)).collect();
    (misses, stage.refusals().len() as u64)
}

proptest! {
    #![proptest_config(cases())]

    /// Nobody aborts, and nobody comes with a better rank.
    #[test]
    fn a_promised_start_is_kept_within_a_twentieth_of_the_wait(
        seed in any::<u64>(),
        limits in proptest::collection::vec(1..12_u64, 1..4),
        pauses in proptest::collection::vec(prop_oneof![3 => Just(0), 2 => 0..4_000_u64, 1 => 0..40_000_u64], 1..60),
        travel in (0..150_u64, 0..150_u64),
    ) {
        let travel = (travel.0, travel.0 + travel.1);
        let (misses, refused) = misses(seed, &limits, &pauses, travel, Pacing::Burst);
        for (miss, wait) in misses {
            let most = (AT_LEAST.max(wait * THOUSANDTHS / 1000) + refused.min(1) * COST_OF_A_TRY).cast_signed();
            prop_assert!(miss <= most, "late by {miss} of {wait} ms, {refused} refused");
            // What a pool may give whose first call after a refusal is under way is promised to nobody.
            prop_assert!(miss >= -most || refused > 0, "early by {} of {wait} ms", -miss);
        }
    }

    /// The same where sends are spread, always or for those who found more waiting than a minute holds: later callers,
    /// who make others be spread, change nothing of what was promised before.
    #[test]
    fn a_promise_to_those_that_are_spread_is_kept_too(
        seed in any::<u64>(),
        limits in proptest::collection::vec(1..12_u64, 1..4),
        pauses in proptest::collection::vec(prop_oneof![3 => Just(0), 2 => 0..4_000_u64, 1 => 0..40_000_u64], 1..60),
        pacing in prop_oneof![Just(Pacing::Even), Just(Pacing::Auto)],
    ) {
        let (misses, refused) = misses(seed, &limits, &pauses, (30, 70), pacing);
        for (miss, wait) in misses {
            let most = (AT_LEAST.max(wait * THOUSANDTHS / 1000) + refused.min(1) * COST_OF_A_TRY).cast_signed();
            // Which of two pools has a place first may differ by less than a round trip, and then whose turn it is: where
            // some are spread and some are not, one promise in 8,000 is late by up to a step for that.
            let step = if limits.len() > 1 { (MINUTE / limits.iter().min().unwrap()).cast_signed() } else { 0 };
            let late = if pacing == Pacing::Auto { step } else { 0 };
            prop_assert!(miss <= most + late, "late by {miss} of {wait} ms, {refused} refused");
            prop_assert!(miss >= -(most + step) || refused > 0, "early by {} of {wait} ms", -miss);
        }
    }
}
