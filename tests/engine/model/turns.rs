//! The order in which waiting calls are sent, against an obvious reference: lists that are searched from front to back.
//!
//! The most urgent level goes first: that of the lowest priority number, less one for every 5 s that its oldest call has
//! waited. In a level the lowest number goes first, then who came first. A session's calls are numbered from where the
//! session stands, a call without a session has the number of who went last; nobody saves up turns.

use core::num::NonZeroU64;

use proptest::prelude::*;
use quota_aware_api::engine::{Ask, CallId, Config, Limits, Millis, QueuePolicy};

use super::limits::cases;
use super::provider::Rule;
use super::stage::{Road, Stage, ask};

#[derive(Clone, Debug)]
struct Waiting {
    call: CallId,
    priority: u8,
    session: Option<String>,
    arrived: u64,
    /// The number of a call without a session.
    number: u64,
}

#[derive(Debug, Default)]
struct Reference {
    waiting: Vec<Waiting>,
    /// The number of who went last, by priority, while somebody waits there.
    time: Vec<(u8, u64)>,
    /// The number of a session's next call to go, by priority, while anybody waits there.
    next: Vec<(u8, String, u64)>,
}

impl Reference {
    fn joins(&mut self, call: CallId, ask: &Ask, arrived: u64) {
        let (priority, session) = (ask.priority, ask.session.clone());
        let time = self.time_of(priority);
        if let Some(name) = &session {
            let waits = self.waiting.iter().any(|known| known.priority == priority && known.session == session);
            match self.next.iter_mut().find(|(level, known, _)| (*level, known) == (priority, name)) {
                Some((_, _, number)) if !waits => *number = (*number).max(time),
                Some(_) => {}
                None => self.next.push((priority, name.clone(), time)),
            }
        }
        self.waiting.push(Waiting { call, priority, session, arrived, number: time });
    }

    fn time_of(&self, priority: u8) -> u64 {
        self.time.iter().find(|(level, _)| *level == priority).map_or(0, |(_, time)| *time)
    }

    /// A call's number as things are: one more for every call of its session that came before it.
    fn number(&self, of: &Waiting) -> u64 {
        let Some(name) = &of.session else { return of.number };
        let same = |known: &&Waiting| known.priority == of.priority && known.session == of.session;
        let before = self.waiting.iter().filter(same).take_while(|known| known.call != of.call).count() as u64;
        let next = self.next.iter().find(|(level, known, _)| (*level, known) == (of.priority, name));
        next.map_or(0, |(_, _, number)| *number) + before
    }

    fn in_order(&self, priority: u8) -> Vec<CallId> {
        let level = self.waiting.iter().filter(|known| known.priority == priority);
        let mut order: Vec<(u64, CallId)> = level.map(|known| (self.number(known), known.call)).collect();
        order.sort_unstable();
        order.into_iter().map(|(_, call)| call).collect()
    }

    fn next(&self) -> Option<CallId> {
        let urgency = |known: &Waiting| (known.arrived + 5_000 * u64::from(known.priority), known.priority);
        let (_, priority) = self.waiting.iter().map(urgency).min()?;
        self.in_order(priority).first().copied()
    }

    fn leaves(&mut self, call: CallId, served: bool) {
        let Some(at) = self.waiting.iter().position(|known| known.call == call) else { return };
        let number = self.number(&self.waiting[at]);
        let gone = self.waiting.remove(at);
        let priority = gone.priority;
        if served {
            let time = self.time_of(priority).max(number);
            self.time.retain(|(level, _)| *level != priority);
            self.time.push((priority, time));
            let own = self
                .next
                .iter_mut()
                .find(|(level, known, _)| *level == priority && Some(known) == gone.session.as_ref());
            own.into_iter().for_each(|(_, _, next)| *next = number + 1);
        }
        if self.waiting.iter().all(|known| known.priority != priority) {
            self.time.retain(|(level, _)| *level != priority);
            self.next.retain(|(level, _, _)| *level != priority);
        }
    }
}

#[derive(Clone, Debug)]
enum Move {
    Call { session: Option<u8>, priority: u8 },
    Pass(u64),
    Abort(usize),
}

fn moves(priorities: u8) -> impl Strategy<Value = Vec<Move>> {
    let call = (proptest::option::weighted(0.8, 0..5_u8), 0..priorities)
        .prop_map(|(session, priority)| Move::Call { session, priority });
    let pass = prop_oneof![3 => 0..2_000_u64, 1 => 0..20_000_u64];
    let one = prop_oneof![6 => call, 3 => pass.prop_map(Move::Pass), 1 => any::<usize>().prop_map(Move::Abort)];
    proptest::collection::vec(one, 1..80)
}

/// One project with so many places at once: what a call waits for says nothing about sessions.
fn stage(places: u64) -> Stage {
    let queue = QueuePolicy { max_wait: Millis::from_hours(9), per_session: 1_000, ..QueuePolicy::default() };
    let config = Config { queue, deadline: Millis::from_hours(9), ..Config::default() };
    let mut stage = Stage::new(7, 1_772_000_000_000, config);
    stage.road = Road { work: (500, 4_000), ..Road::GOOD };
    stage.project(Rule::rpm(u64::MAX), Limits { concurrency: NonZeroU64::new(places), ..Limits::default() });
    stage
}

/// Plays the moves on both. Whoever the engine sends out of its queue has to be the reference's next.
fn play(moves: &[Move], places: u64, mut each: impl FnMut(&Reference, &Stage, CallId)) {
    let (mut stage, mut reference) = (stage(places), Reference::default());
    let mut seen = 0;
    let mut catch_up = |stage: &Stage, reference: &mut Reference| {
        for sent in &stage.log[seen..] {
            if reference.waiting.iter().any(|known| known.call == sent.send.call) {
                assert_eq!(reference.next(), Some(sent.send.call), "{:?}", reference.waiting);
                reference.leaves(sent.send.call, true);
            }
        }
        seen = stage.log.len();
    };
    for (at, next) in moves.iter().enumerate() {
        match next {
            Move::Call { session, priority } => {
                let id = CallId(at as u64 + 1);
                let ask = Ask { session: session.map(|session| session.to_string()), priority: *priority, ..ask() };
                stage.call_as(id, ask.clone());
                if stage.calls[&id].sent.is_none() {
                    reference.joins(id, &ask, stage.now().mono.0);
                    each(&reference, &stage, id);
                }
            }
            // One thing at a time, so that the reference knows at which instant each call went.
            Move::Pass(ms) => {
                let end = stage.now().mono.0 + ms;
                while stage.now().mono.0 < end {
                    stage.run_to_next(end);
                    catch_up(&stage, &mut reference);
                }
            }
            Move::Abort(which) if !reference.waiting.is_empty() => {
                let call = reference.waiting[which % reference.waiting.len()].call;
                reference.leaves(call, false);
                stage.abort(call);
            }
            Move::Abort(_) => {}
        }
        catch_up(&stage, &mut reference);
    }
    while !reference.waiting.is_empty() {
        let before = reference.waiting.len();
        stage.run_for(5_000);
        catch_up(&stage, &mut reference);
        assert!(reference.waiting.len() < before, "nobody went within 5 s");
    }
    stage.run();
    stage.check_the_end();
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn waiting_calls_go_in_the_order_of_the_obvious_reference(moves in moves(10), places in 1..4_u64) {
        play(&moves, places, |_, _, _| {});
    }

    #[test]
    fn who_waits_is_told_how_many_the_reference_has_before_it(moves in moves(1)) {
        play(&moves, 1, |reference, stage, call| {
            let before = reference.in_order(0).iter().position(|known| *known == call).unwrap();
            assert_eq!(stage.calls[&call].ahead, Some(before as u32), "{:?}", reference.waiting);
        });
    }
}

/// Two sessions with a hundred calls each, of which many give up: those behind them move up.
fn crowds() -> impl Strategy<Value = Vec<Move>> {
    let call = (0..2_u8).prop_map(|session| Move::Call { session: Some(session), priority: 0 });
    let pass = (0..3_000_u64).prop_map(Move::Pass);
    let one = prop_oneof![12 => call, 1 => pass, 4 => any::<usize>().prop_map(Move::Abort)];
    proptest::collection::vec(one, 50..300)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases().cases.div_ceil(8), ..cases() })]

    #[test]
    fn those_behind_one_that_gives_up_move_up(moves in crowds()) {
        play(&moves, 1, |reference, stage, call| {
            let before = reference.in_order(0).iter().position(|known| *known == call).unwrap();
            assert_eq!(stage.calls[&call].ahead, Some(before as u32), "{:?}", reference.waiting);
        });
    }
}

/// Twice as many urgent calls as there are places, for five minutes: one of the last priority goes once all are gone that
/// came in its first 45 s, nine steps of 5 s.
#[test]
fn a_call_of_the_last_priority_goes_before_urgent_ones_that_come_45_seconds_later() {
    let mut stage = stage(1);
    stage.road = Road { travel: (0, 0), work: (1_000, 1_000), ..Road::GOOD };
    stage.calls(2, &Ask { priority: 0, ..ask() });
    let last = stage.call(Ask { priority: 9, ..ask() });
    for n in 1..600 {
        stage.call_after(500 * n, Ask { priority: 0, ..ask() });
    }
    stage.run();
    let urgent = |from: u64, to: u64| {
        let at = stage.calls[&last].asked;
        let of =
            stage.calls.values().filter(|told| told.ask.priority == 0 && (at + from..at + to).contains(&told.asked));
        of.map(|told| told.sent.unwrap()).collect::<Vec<u64>>()
    };
    let sent = stage.calls[&last].sent.unwrap();
    assert!(urgent(0, 45_000).iter().all(|at| *at < sent));
    assert!(urgent(45_001, 300_000).iter().all(|at| *at > sent));
    // 92 calls of a second each.
    assert_eq!(sent - stage.calls[&last].asked, 92_000);
}
