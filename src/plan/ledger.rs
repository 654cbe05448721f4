//! The ledger: what happened, written down while it happens. `report` adds it up.

use super::provider::Limit;
use super::report::How;
use super::scenario::Scenario;
use crate::engine::{Instant, Millis};

#[derive(Debug)]
pub(crate) struct Ledger {
    pub(crate) slice: Millis,
    minute: Millis,
    pub(crate) slices: Vec<Page>,
    /// Calls asked for, minute by minute.
    pub(crate) minutes: Vec<u32>,
    /// Model by model: calls asked for, and served.
    pub(crate) models: Vec<(u64, u64)>,
    /// Person by person: calls answered.
    pub(crate) answers: Vec<u32>,
    /// Ends by code; there are few.
    pub(crate) failures: Vec<(&'static str, u64)>,
    pub(crate) sends: u64,
    pub(crate) refusals: u64,
    pub(crate) unserved: u64,
    pub(crate) failed: u64,
    pub(crate) broke: Option<Broke>,
    /// When the last call was over.
    pub(crate) ended: Instant,
    /// Whether there were more calls than could be played.
    pub(crate) cut: bool,
    patience: Millis,
    is_late: bool,
}

/// A slice of the day: calls are booked when they are asked for, refusals when they happen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Page {
    pub(crate) asked: u64,
    /// How many will be asked for in the end, where that is known.
    expected: Option<u64>,
    pub(crate) unserved: u64,
    pub(crate) failed: u64,
    pub(crate) refused: u64,
    /// Served calls that waited longer than people are patient.
    pub(crate) slow: u64,
    /// How long each served call waited, in milliseconds.
    pub(crate) waits: Vec<u32>,
}

/// The first time that a limit could be felt.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Broke {
    pub(crate) at: Instant,
    pub(crate) how: How,
    pub(crate) limit: Option<Limit>,
    pub(crate) model: usize,
    pub(crate) project: Option<usize>,
}

impl Ledger {
    /// An empty ledger, for so many people.
    pub(crate) fn new(scenario: &Scenario, people: usize) -> Self {
        let fits = |slice: &Millis| scenario.span.0.div_ceil(slice.0) <= MOST_SLICES;
        let slice = SLICES.into_iter().find(fits).unwrap_or(Millis(scenario.span.0.div_ceil(MOST_SLICES).max(1)));
        let minute = scenario.service.minute.max(Millis(1));
        let minutes = scenario.span.0 / minute.0 + 1;
        Self {
            slice,
            minute,
            slices: vec![Page::default(); scenario.span.0.div_ceil(slice.0).max(1) as usize],
            minutes: vec![0; minutes as usize],
            models: vec![(0, 0); scenario.kinds()],
            answers: vec![0; people],
            failures: Vec::new(),
            sends: 0,
            refusals: 0,
            unserved: 0,
            failed: 0,
            broke: None,
            ended: Instant(0),
            cut: false,
            patience: scenario.patience,
            is_late: false,
        }
    }

    pub(crate) fn asks(&mut self, now: Instant, model: usize) {
        self.page(now).asked += 1;
        if let Some(minute) = self.minutes.get_mut((now.0 / self.minute.0) as usize) {
            *minute += 1;
        }
        if let Some((asked, _)) = self.models.get_mut(model) {
            *asked += 1;
        }
    }

    pub(crate) fn sends(&mut self) {
        self.sends += 1;
    }

    pub(crate) fn refuses(&mut self, now: Instant, (project, model): (usize, usize), limit: Limit) {
        self.refusals += 1;
        self.page(now).refused += 1;
        self.breaks(Broke { at: now, how: How::Refused, limit: Some(limit), model, project: Some(project) });
    }

    /// A call has waited: for a limit, if that was long enough to be felt.
    pub(crate) fn waited(&mut self, (asked, waited): (Instant, Millis), model: usize, limit: Limit) {
        if waited > FELT {
            self.breaks(Broke { at: asked + FELT, how: How::Waited, limit: Some(limit), model, project: None });
        }
    }

    pub(crate) fn serves(&mut self, (asked, waited): (Instant, Millis), model: usize, person: u32) {
        let is_slow = waited > self.patience;
        let page = self.page(asked);
        page.slow += u64::from(is_slow);
        // No call waits for 49 days.
        page.waits.push(waited.0.min(u64::from(u32::MAX)) as u32);
        let is_late = page.expected.is_some_and(|calls| page.slow > tolerated(calls));
        self.is_late |= is_late;
        if let Some((_, served)) = self.models.get_mut(model) {
            *served += 1;
        }
        if let Some(answers) = self.answers.get_mut(person as usize) {
            *answers += 1;
        }
    }

    pub(crate) fn leaves_unserved(
        &mut self,
        (asked, now): (Instant, Instant),
        model: usize,
        code: &'static str,
        limit: Option<Limit>,
    ) {
        self.unserved += 1;
        self.page(asked).unserved += 1;
        self.tell(code);
        self.breaks(Broke { at: now, how: How::Unserved, limit, model, project: None });
    }

    pub(crate) fn fails(&mut self, asked: Instant, code: &'static str) {
        self.failed += 1;
        self.page(asked).failed += 1;
        self.tell(code);
    }

    pub(crate) fn ends(&mut self, now: Instant) {
        self.ended = self.ended.max(now);
    }

    pub(crate) fn cuts(&mut self) {
        self.cut = true;
    }

    pub(crate) fn has_broken(&self) -> bool {
        self.broke.is_some()
    }

    /// Calls that nobody served.
    fn lost(&self) -> u64 {
        self.unserved + self.failed
    }

    /// Calls will be asked for at these instants, and at no others.
    pub(crate) fn expects(&mut self, asks: impl Iterator<Item = Instant>) {
        self.slices.iter_mut().for_each(|page| page.expected = Some(0));
        for at in asks {
            let page = self.page(at);
            page.expected = page.expected.map(|calls| calls + 1);
        }
    }

    /// Whether it is certain that the plan does not hold.
    pub(crate) fn is_lost(&self) -> bool {
        self.lost() > 0 || self.is_late
    }

    /// Whether the plan has held, the day being over.
    pub(crate) fn has_held(&self) -> bool {
        self.lost() == 0 && self.slices.iter().all(|page| page.slow <= tolerated(page.asked))
    }

    pub(crate) fn asked(&self) -> u64 {
        self.models.iter().map(|(asked, _)| asked).sum()
    }

    fn tell(&mut self, code: &'static str) {
        match self.failures.iter_mut().find(|(known, _)| *known == code) {
            Some((_, calls)) => *calls += 1,
            None => self.failures.push((code, 1)),
        }
    }

    fn breaks(&mut self, broke: Broke) {
        if self.broke.is_none_or(|known| broke.at < known.at) {
            self.broke = Some(broke);
        }
    }

    /// What happens after the end belongs to the last page.
    fn page(&mut self, at: Instant) -> &mut Page {
        let last = self.slices.len() - 1;
        &mut self.slices[((at.0 / self.slice.0) as usize).min(last)]
    }
}

/// Of so many calls one in twenty may wait for longer than people are patient, and one in any case.
///
/// Slice by slice: in a day of thousands of calls, a rush in which everybody waits would be lost among the others.
const fn tolerated(calls: u64) -> u64 {
    1 + calls / 20
}

/// A shorter wait is taken for the model's own.
pub(crate) const FELT: Millis = Millis::from_secs(2);

/// A chart of so many columns fits on a terminal.
const MOST_SLICES: u64 = 48;

const SLICES: [Millis; 7] = [
    Millis::from_secs(10),
    Millis::from_mins(1),
    Millis::from_mins(5),
    Millis::from_mins(10),
    Millis::from_mins(15),
    Millis::from_mins(30),
    Millis::from_mins(60),
];
