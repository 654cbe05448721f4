//! What a pool has to say: what was used, what is closed, what was learned.

use super::{Clock, Note, most};
use crate::engine::gate::Cause;
use crate::engine::habits::Habits;
use crate::engine::limits::Limits;
use crate::engine::permit::Permit;
use crate::engine::pool::Pool;
use crate::engine::window::Use;

impl Pool {
    /// For a snapshot, under the name of its project and model. `under_way`: its permits. The provider may yet count those
    /// requests, as late after their sends as any: whatever becomes of them, nobody will be told.
    pub(super) fn recorded(&self, clock: &Clock, habits: &Habits, name: [Note; 4], under_way: &[&Permit]) -> Note {
        let (frame, mut minute) = (self.frame(habits), self.minute.clone());
        for permit in under_way {
            let taken = minute.take_back(permit.counted, frame, Use::one(permit.reserved.0));
            minute.add_sent(permit.sent, permit.sent + habits.allowance(), frame, taken);
        }
        let [day, days] = self.day.recorded(clock);
        let [refused, lost] = self.ghosts.each_ref().map(|ghosts| ghosts.recorded(clock, frame.span()));
        let in_one = self.burst.len().div_ceil(most::SLICES).max(1);
        let burst: Vec<u64> = self.burst.iter().map(|at| clock.wall(*at)).collect();
        let burst = burst.chunks(in_one).map(|sends| Note::numbers(&[sends[sends.len() - 1], sends.len() as u64]));
        let paced = Some(self.paced).filter(|at| *at > clock.now.mono).map(|at| clock.wall(at));
        let [stated, ceiling] = self.learned.recorded(clock);
        let boundary = self.boundary.map(|at| clock.wall(at));
        let learned = Note::of([written(self.declared), stated, ceiling, boundary.into(), self.proved.into()]);
        let [provider, project, shared, model] = name;
        Note::of([
            provider,
            project,
            shared,
            model,
            self.refusals.into(),
            self.gate.recorded(clock),
            minute.recorded(clock, frame.span()),
            refused,
            lost,
            day,
            days,
            paced.into(),
            burst.collect(),
            learned,
            self.answered.into(),
        ])
    }

    /// From a snapshot. `same_minute`: it was counted and learned by a minute of this length. `has_key`: what is declared of it is
    /// known; of a project whose keys are gone it is not.
    pub(super) fn restore(&mut self, clock: &Clock, habits: &Habits, note: &Note, same_minute: bool, has_key: bool) {
        let [_, _, _, _, refusals, shut, minute, refused, lost, day, days, paced, burst, learned, answered] =
            note.parts();
        let [declared, stated, ceiling, boundary, proved] = learned.parts();
        self.refusals = self.refusals.max(refusals.count());
        self.answered |= answered.flag();
        let own = written(self.declared);
        // "No quota at all" was true of the configuration before.
        let [cause, _] = shut.parts();
        let is_void = has_key && same_minute && own != *declared && cause.word(&Cause::ALL) == Cause::NoQuota;
        if !is_void {
            self.gate.restore(clock, shut);
        }
        if same_minute {
            self.boundary = self.boundary.or(boundary.maybe().map(|wall| clock.boundary(wall, habits.span())));
            self.proved |= proved.flag();
            // Of a limit that is declared now, and was not then or otherwise, the declaration knows more than was learned.
            let [own, declared]: [[&Note; 4]; 2] = [own.parts(), declared.parts()];
            let still = [0, 1, 2, 3].map(|n| *own[n] == Note::Nothing || own[n] == declared[n]);
            self.learned.restore(clock, [stated, ceiling], still);
            self.limits = self.learned.in_force(self.declared, self.preset);
        }
        let frame = self.frame(habits);
        let [refusals, losses] = &mut self.ghosts;
        for (window, slices) in [(&mut self.minute, minute), (refusals, refused), (losses, lost)] {
            window.restore(clock, frame, slices);
        }
        self.day.restore(clock, [day, days]);
        self.paced = self.paced.max(paced.maybe().map_or(self.paced, |wall| clock.instant(wall)));
        self.restore_burst(clock, habits, burst);
    }

    /// What was sent before comes before what this instance has sent.
    fn restore_burst(&mut self, clock: &Clock, habits: &Habits, sends: &Note) {
        let Some(limit) = self.limits.burst else { return };
        for note in sends.list().iter().rev() {
            let [wall, count] = note.parts();
            if clock.age(wall.number()) >= habits.span() {
                continue;
            }
            let oldest = self.burst.front().copied().unwrap_or(clock.now.mono);
            for _ in 0..count.number().min(limit.get().saturating_sub(self.burst.len() as u64)) {
                self.burst.push_front(clock.instant(wall.number()).min(oldest));
            }
        }
    }
}

/// Whether a pool's note says that something of the last day counts, or that it is closed.
pub(super) fn is_in_use(note: &Note) -> bool {
    let [_, _, _, _, _, shut, minute, _, _, day, days] = note.parts();
    let counts = |count: &Note| count.parts::<1>()[0].number() > 0;
    *shut != Note::Nothing || !(minute.list().is_empty() && day.list().is_empty()) || days.list().iter().any(counts)
}

fn written(limits: Limits) -> Note {
    let limit = |limit: Option<core::num::NonZeroU64>| Note::from(limit.map(|limit| limit.get().min(most::NUMBER)));
    Note::of([limits.rpm, limits.tpm, limits.rpd, limits.tpd].map(limit))
}
