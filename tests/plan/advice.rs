//! Advice: what is proposed has been played, is as little as will do, and comes cheapest first.

use quota_aware_api::engine::Millis;
use quota_aware_api::plan::{Burst, Change, Fix, Known, Pace, Scenario, plan, run};

use crate::{free_tier, rpm, workshop};

fn fix_of(scenario: &Scenario, kind: Change) -> Option<Fix> {
    plan(scenario).advice.into_iter().find(|fix| fix.kind == kind)
}

#[test]
fn a_day_that_holds_needs_no_advice() {
    assert_eq!(plan(&workshop("flash", rpm(15), 3)).advice, []);
}

#[test]
fn the_report_of_a_plan_is_that_of_the_day_itself() {
    let scenario = workshop("flash", free_tier(15, 500), 3);
    assert_eq!(plan(&scenario).report, run(&scenario));
}

#[test]
fn as_many_projects_as_it_takes_and_not_one_more() {
    let base = workshop("flash", free_tier(15, 500), 3);
    let fix = fix_of(&base, Change::MoreProjects).unwrap();
    assert_eq!((fix.projects, fix.new_projects), (5, 2), "2,240 calls at 500 a day");
    assert!(run(&base.clone().with_projects(5, free_tier(15, 500))).holds);
    assert!(!run(&base.with_projects(4, free_tier(15, 500))).holds);
}

#[test]
fn keys_of_one_project_are_told_how_many_projects_they_need() {
    let fix = fix_of(&workshop("flash", free_tier(5, 20), 1), Change::MoreProjects).unwrap();
    assert_eq!(fix.projects, 112, "2,240 calls at 20 a day");
}

#[test]
fn people_who_wait_for_answers_are_advised_too() {
    let pace = Pace::Loop { pause: Millis::from_mins(1) };
    let base = Scenario { pace, span: Millis::from_hours(1), ..workshop("flash", rpm(5), 3) };
    let fix = fix_of(&base, Change::MoreProjects).unwrap();
    let with = |count| run(&base.clone().with_projects(count as u32, rpm(5))).holds;
    assert_eq!((with(fix.projects), with(fix.projects - 1)), (true, false));
}

#[test]
fn another_model_is_proposed_with_the_projects_that_it_takes() {
    let lite = Known::of("gemini-3.5-flash-lite").unwrap();
    let base = workshop("gemini-3.5-flash", free_tier(5, 20), 3);
    let plan = plan(&Scenario { alternatives: vec![(lite.model.to_owned(), lite.limits())], ..base });
    let first = &plan.advice[0];
    assert_eq!((first.kind, first.model.as_deref(), first.projects), (Change::OtherModel, Some(lite.model), 5));
    assert_eq!((first.rpm, first.rpd), (Some(15), Some(500)));
    assert!(plan.advice.is_sorted_by_key(|fix| fix.effort));
}

#[test]
fn as_many_calls_as_will_do() {
    let base = workshop("flash", free_tier(15, 500), 3);
    let percent = fix_of(&base, Change::FewerCalls).unwrap().calls_percent.unwrap();
    assert_eq!(percent, 67, "1,500 of 2,240");
    let with = |percent: u64| Scenario { pace: Pace::Open { gap: Millis(225_000 * 100 / percent) }, ..base.clone() };
    assert!(run(&with(u64::from(percent))).holds);
    assert!(!run(&with(u64::from(percent) + 1)).holds);
}

#[test]
fn a_rush_is_best_spread() {
    let burst = Burst { at: Millis::from_mins(90), people: 40, within: Millis::from_secs(10) };
    let base = Scenario { bursts: vec![burst], ..workshop("flash", rpm(15), 3) };
    let advice = plan(&base).advice;
    assert_eq!(advice[0].kind, Change::SpreadBursts);
    let within = Millis(advice[0].burst_within.unwrap());
    assert!(run(&Scenario { bursts: vec![Burst { within, ..burst }], ..base }).holds);
}

#[test]
fn a_paid_tier_is_told_what_it_has_to_give() {
    let fix = fix_of(&workshop("flash", free_tier(15, 20), 3), Change::HigherLimits).unwrap();
    assert_eq!(fix.rpm, Some(15));
    // 2,240 calls over three projects, as evenly as three go into it.
    assert_eq!(fix.rpd, Some(747));
}

#[test]
fn what_cannot_hold_gets_no_advice() {
    // Larger than the limit itself: more of the same does not help, and fewer calls do not either.
    let limits = quota_aware_api::engine::Limits { tpm: core::num::NonZeroU64::new(1), ..rpm(15) };
    let advice = plan(&workshop("flash", limits, 3)).advice;
    assert!(advice.iter().all(|fix| fix.kind == Change::HigherLimits), "{advice:?}");
}
