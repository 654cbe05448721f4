//! Days of a declared number of requests, over both changes of daylight saving: at the first of the two midnights that may
//! end the day exactly one call goes, and its answer decides for the others, and for all days to come.

use core::num::NonZeroU64;

use quota_aware_api::engine::{
    Ask, Classification, Config, Hint, KeySpec, LimitTable, Limits, Millis, QueuePolicy, Scope, Span, UnixMillis,
    Verdict,
};
use quota_aware_api::provider::Provider;

use super::provider::{Ends, Rule};
use super::stage::{Road, Stage, ask};
use crate::pacific;
use crate::world::{World, refuse};

const HOUR: u64 = 3_600_000;
const RPD: u64 = 20;

fn patient() -> Config {
    let queue = QueuePolicy { max_wait: Millis::from_hours(60), ..QueuePolicy::default() };
    Config { queue, deadline: Millis::from_hours(60), ..Config::default() }
}

/// Around each change, from what UTC hour on: then which midnight comes first.
const EVES: [((u64, u64, u64), u64); 8] = [
    ((2026, 3, 7), 12),
    ((2026, 3, 8), 3),
    ((2026, 3, 8), 12),
    ((2026, 3, 9), 2),
    ((2026, 10, 31), 12),
    ((2026, 11, 1), 3),
    ((2026, 11, 1), 12),
    ((2026, 11, 2), 2),
];

#[test]
fn at_the_first_of_two_midnights_one_call_goes_and_its_answer_decides() {
    for ((date, hour), day) in EVES.into_iter().flat_map(|eve| [Ends::Utc, Ends::Pacific].map(|day| (eve, day))) {
        let start = pacific::utc(date.0, date.1, date.2).0 + hour * HOUR;
        let wall = UnixMillis(start);
        let midnights = [wall.next_utc_midnight().0, pacific::next_midnight(wall).0];
        let (first, second) = (midnights[0].min(midnights[1]), midnights[0].max(midnights[1]));
        let mut stage = Stage::new(3, start, patient());
        stage.road = Road { travel: (20, 60), ..Road::GOOD };
        stage.project(
            Rule { rpd: RPD, day, ..Rule::rpm(100) },
            Limits { rpd: NonZeroU64::new(RPD), ..Limits::default() },
        );
        stage.calls(RPD as usize + 6, &ask());
        assert_eq!(stage.log.len() as u64, RPD, "the day's");
        stage.run();
        let late = &stage.log[RPD as usize..];
        let is_first = (day == Ends::Utc) == (midnights[0] == first);
        let case = format!("{date:?} {hour}:00 {day:?}");
        assert_eq!(late[0].wall - first, 0, "{case}: one goes at the first midnight");
        assert!(late[1].at >= late[0].answered, "{case}: the others wait for its answer");
        assert_eq!((stage.refusals().len(), late.len()), if is_first { (0, 6) } else { (1, 7) }, "{case}");
        // All others go with the answer, or when the day has ended in truth: within a second of its midnight.
        let ends = if is_first { late[0].wall + 1_000 } else { second };
        let rest: Vec<u64> = late[1..].iter().map(|sent| sent.wall).collect();
        let soon = |wall: &u64| if is_first { *wall <= ends } else { (ends..=ends + 2_000).contains(wall) };
        assert!(rest.iter().all(soon), "{case}: {rest:?} for {ends}");

        // From then on the day's end is known: used up again, nobody is refused, and nobody waits longer than to it.
        let (before, refused) = (stage.log.len(), stage.refusals().len());
        let now = stage.now();
        let known = match day {
            Ends::Utc => now.wall.next_utc_midnight().0,
            Ends::Pacific => now.pacific_midnight.0,
        };
        stage.calls(RPD as usize, &ask());
        stage.run();
        let late: Vec<u64> = stage.log[before + RPD as usize - 6..].iter().map(|sent| sent.wall).collect();
        assert_eq!((stage.refusals().len(), late.len()), (refused, 6), "{case}");
        assert!(late.iter().all(|wall| (known..known + 1_000).contains(wall)), "{case}: {late:?} for {known}");
    }
}

#[test]
fn a_hint_of_five_minutes_and_more_is_believed_for_a_day_and_a_shorter_one_is_not() {
    let wall = UnixMillis(pacific::utc(2026, 3, 2).0 + 12 * HOUR);
    for (hint, least, most) in
        [(2 * HOUR, 2 * HOUR, 2 * HOUR + HOUR / 4), (300_000, 300_000, 331_000), (40_000, 12 * HOUR, 12 * HOUR + 2_000)]
    {
        let mut world = World::at(wall, patient()).and([crate::world::key("a")]);
        let daily =
            Classification { window: Some(Span::Day), ..Classification::new(Verdict::QuotaExhausted, Scope::Model) };
        let hinted = Some(Hint { delay: Millis(hint), truncated: false });
        world.script(
            "a",
            [refuse(429, Verdict::QuotaExhausted, Scope::Model).with(|meaning| {
                *meaning = Classification { retry_after: hinted, ..daily };
            })],
        );
        let call = world.finish(crate::world::ask());
        assert!(world.is_answered(call));
        let wait = world.waits(call)[0];
        assert!((least..=most).contains(&wait), "{hint}: {wait}");
    }
}

#[test]
fn a_day_that_refills_evenly_gives_each_place_back_after_24_hours() {
    let limits = Limits { rpd: NonZeroU64::new(3), ..Limits::default() };
    let key = KeySpec { provider: Some(Provider::Groq), limits: Some(LimitTable::all(limits)), ..KeySpec::named("a") };
    let ask = Ask { model: Some(String::from("llama")), ..Ask::to(Provider::Groq) };
    let mut world = World::new(patient()).and([key]);
    for _ in 0..3 {
        world.finish(ask.clone());
        world.run_for(6 * HOUR);
    }
    let calls = world.calls(3, &ask);
    world.run();
    let began = world.sends()[0].at;
    let after: Vec<u64> = calls.iter().map(|call| (world.sends_of(*call)[0].at - began).0).collect();
    // A slice of the day is 21 s.
    for (after, hours) in after.iter().zip([24, 30, 36]) {
        assert!((hours * HOUR..hours * HOUR + 22_000).contains(after), "{after} for {hours} h");
    }
}
