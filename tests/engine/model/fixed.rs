//! Fixed minutes: found, used to the brim, and forgotten when they turn out to roll.

use core::num::NonZeroU64;

use quota_aware_api::engine::{Config, Limits, Millis, Pacing, QueuePolicy};

use super::provider::{MINUTE, Rule, Runs, Says};
use super::stage::{Dice, Road, Stage, of_session};

const PROJECTS: usize = 4;
const RPM: u64 = 15;

/// Four projects of 15 a fixed minute, and a hundred people who always ask.
fn stage(offset: u64, says: Says, pacing: Pacing) -> Stage {
    let queue = QueuePolicy { max_wait: Millis::from_mins(20), ..QueuePolicy::default() };
    let config = Config { queue, pacing, deadline: Millis::from_mins(30), ..Config::default() };
    let mut stage = Stage::new(offset, 1_772_000_000_000, config);
    stage.road = Road::GOOD;
    for _ in 0..PROJECTS {
        let rule = Rule { runs: Runs::Fixed(offset), says, ..Rule::rpm(RPM) };
        stage.project(rule, Limits { rpm: NonZeroU64::new(RPM), ..Limits::default() });
    }
    for person in 0..100 {
        stage.person(of_session(&person.to_string()), (0, 500));
    }
    stage
}

fn minute_runs(stage: &mut Stage) -> &'static str {
    let now = stage.now();
    stage.engine.status(now).pools.first().map_or("unknown", |pool| pool.minute)
}

/// How much of each of the provider's own minutes was used, in thousandths, from an instant on.
fn goodput(stage: &Stage, offset: u64, since: u64, minutes: u64) -> Vec<u64> {
    let first = since + MINUTE - (since + MINUTE - offset) % MINUTE;
    let served = |from: u64| {
        let arrivals = stage.truth.counted.values().flatten().filter(|arrival| arrival.served);
        arrivals.filter(|arrival| (from..from + MINUTE).contains(&arrival.at)).count() as u64
    };
    (0..minutes).map(|n| served(first + n * MINUTE) * 1000 / (RPM * PROJECTS as u64)).collect()
}

#[test]
fn a_fixed_minute_is_found_with_two_probes_at_most_and_then_used_to_the_brim() {
    let mut dice = Dice(20);
    for says in [Says::Nothing, Says::Exactly, Says::Seconds] {
        for _ in 0..20 {
            let offset = dice.between((0, MINUTE - 1));
            let mut stage = stage(offset, says, Pacing::Auto);
            stage.run_for(2 * MINUTE);
            // Where the provider's minute begins as we do, both look the same, and a rolling minute wastes nothing. Hints
            // are off by travel then, for some minutes.
            let began = (stage.log[0].at % MINUTE + MINUTE - offset) % MINUTE;
            // Without hints the second probe comes in the last tenth of a minute, and what began in that is not found.
            let hintless = matches!(says, Says::Nothing);
            let alike = began.min(MINUTE - began) < if hintless { 8_000 } else { 4_000 };
            let most = if alike { 20 } else { 2 };
            let least = match (hintless, alike) {
                (true, _) => 900,
                (false, true) => 940,
                (false, false) => 970,
            };
            if !alike {
                assert_eq!(minute_runs(&mut stage), "fixed", "{says:?}, from {offset} on");
            }
            stage.run_for(MINUTE);
            let refused = stage.refusals().len();
            let since = stage.now().mono.0;
            stage.run_for(12 * MINUTE);
            let used = goodput(&stage, offset, since, 10);
            println!(
                "{says:?}, from {offset} on: {refused} refused at first, {} later, {used:?} used",
                stage.refusals().len()
            );
            assert!(refused <= most, "{says:?}, from {offset} on: {refused} refused");
            assert!(used.iter().all(|used| *used >= least), "{says:?}, from {offset} on: {used:?}");
            assert!(used.iter().sum::<u64>() >= 9_700, "{says:?}, from {offset} on: {used:?}");
            let answers = used.iter().sum::<u64>() * RPM * PROJECTS as u64 / 1_000;
            let later = (stage.refusals().len() - refused) as u64;
            assert!(later * 20 <= answers, "{says:?}, from {offset} on: {later} refused for {answers} answers");
        }
    }
}

#[test]
fn what_was_learned_of_a_fixed_minute_is_dropped_when_it_turns_out_to_roll() {
    let mut dice = Dice(21);
    for pacing in [[Pacing::Auto; 20], [Pacing::Burst; 20]].concat() {
        let offset = dice.between((0, MINUTE - 1));
        let mut stage = stage(offset, Says::Exactly, pacing);
        stage.run_for(10 * MINUTE);
        for rule in &mut stage.truth.rules {
            rule.runs = Runs::Rolling;
        }
        let before = stage.refusals().len();
        stage.run_for(3 * MINUTE);
        let turned = stage.refusals().len();
        assert_ne!(minute_runs(&mut stage), "fixed", "{pacing:?}, from {offset} on");
        // One minute's refusals may be somebody else's doing, the next minute's are not: two bursts at the most.
        let bursts = 2 * PROJECTS * RPM as usize;
        let most = if pacing == Pacing::Burst { bursts } else { bursts / 4 };
        assert!(turned - before <= most, "{pacing:?}, from {offset} on: {} refused", turned - before);
        stage.run_for(10 * MINUTE);
        assert!(stage.refusals().len() - turned <= 3, "from {offset} on: {} more", stage.refusals().len() - turned);
    }
}
