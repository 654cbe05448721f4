//! Rosters: for each kind of call, which keys may be able to send now, and when the others may.
//!
//! A roster is an index, not the truth: gates and pools are asked before anything is sent, and what they answer is
//! written down here. So a key that can't send is looked at once, not by every call, and picking costs the logarithm of
//! the number of keys. Whatever may make a key able sooner than its roster says has to `wake` it.

use super::event::WaitReason;
use super::gate::Until;
use super::key::{KeyRing, WORKLOAD_RANKS};
use super::provider::Provider;
use super::survey;
use super::table::Set;
use super::terms::{Level, Refusal, Terms};
use super::time::Instant;
use super::units::{KeyId, ModelId, ProjectId};
use super::verdict::Metric;
use core::ops::Bound::{self, Excluded, Included, Unbounded};

/// A kind of call, as its roster and its lane in the queue are numbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LaneId(pub(crate) u32);

/// What calls have in common that the same keys can serve.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LaneKey {
    pub(crate) provider: Provider,
    pub(crate) model: ModelId,
    pub(crate) workload: Option<String>,
    pub(crate) only: Option<ProjectId>,
}

/// Where a key stands, as of the last look at it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Standing {
    /// Not for such calls.
    #[default]
    Elsewhere,
    /// May be able to send.
    Open,
    /// Not before this instant.
    Later(Instant),
    /// Until an attempt under way ends.
    Pending,
    /// Not by itself.
    Out,
}

#[derive(Clone, Debug)]
struct Entry {
    standing: Standing,
    rank: u8,
    why: Option<Refusal>,
}

#[derive(Debug)]
pub(crate) struct Roster {
    pub(crate) lane: LaneKey,
    /// Of which change of keys and limits this is the index.
    version: u64,
    entries: Vec<Entry>,
    open: [Set<KeyId>; WORKLOAD_RANKS as usize],
    later: Set<(Instant, KeyId)>,
    pending: Set<KeyId>,
    /// Keys that were refused for the size of a request, and the smallest such size: a smaller one may still go.
    sized: (u64, Set<KeyId>),
    /// Keys that were refused on strict terms: others may still go.
    strict: Set<KeyId>,
    pub(crate) keys: u32,
}

/// When some key of a roster may be able, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outlook {
    /// The soonest instant, with what is waited for.
    pub(crate) opens: Option<(Instant, WaitReason)>,
    /// An attempt under way may free something before that.
    pub(crate) pending: Option<WaitReason>,
    /// The limit that is waited for, where it is one.
    pub(crate) level: Option<(KeyId, Level)>,
}

impl Outlook {
    /// Nothing to wait for.
    pub(crate) const HOPELESS: Self = Self { opens: None, pending: None, level: None };

    /// Of a single thing that is in the way.
    pub(crate) fn of(refusal: Refusal) -> Self {
        let mut outlook = Self::HOPELESS;
        outlook.note(refusal);
        outlook
    }

    /// One more thing to wait for.
    pub(crate) fn note(&mut self, refusal: Refusal) {
        let reason = survey::reason(refusal);
        match refusal.until() {
            Until::At(at) if self.opens.is_none_or(|(soonest, _)| at < soonest) => self.opens = Some((at, reason)),
            Until::Probe => self.pending = self.pending.or(Some(reason)),
            Until::At(_) | Until::Never => {}
        }
    }

    pub(crate) fn until(&self) -> Until {
        match (self.opens, self.pending) {
            (Some((at, _)), _) => Until::At(at),
            (None, Some(_)) => Until::Probe,
            (None, None) => Until::Never,
        }
    }

    pub(crate) fn reason(&self) -> WaitReason {
        self.opens.map(|(_, reason)| reason).or(self.pending).unwrap_or(WaitReason::Deadline)
    }
}

impl Roster {
    /// `name`: of the model, where the call names one.
    pub(crate) fn new(lane: LaneKey) -> Self {
        Self {
            lane,
            version: 0,
            entries: Vec::new(),
            open: Default::default(),
            later: Set::default(),
            pending: Set::default(),
            sized: (u64::MAX, Set::default()),
            strict: Set::default(),
            keys: 0,
        }
    }

    /// Starts over where keys or limits have changed since: every key that serves such calls is worth a look.
    pub(crate) fn refresh(&mut self, version: u64, ring: &KeyRing, model: Option<&str>) {
        if self.version == version {
            return;
        }
        *self = Self { version, ..Self::new(self.lane.clone()) };
        for (id, key) in ring.iter() {
            let place = id.0 as usize;
            if self.entries.len() <= place {
                self.entries.resize(place + 1, Entry { standing: Standing::Elsewhere, rank: 0, why: None });
            }
            if key.serves(self.lane.provider, model) && self.lane.only.is_none_or(|only| only == key.project) {
                let rank = key.workload_rank(self.lane.workload.as_deref());
                self.entries[place] = Entry { standing: Standing::Open, rank, why: None };
                self.open[rank as usize].insert(id);
                self.keys += 1;
            }
        }
    }

    /// Those whose time has come are worth a look again, for a smaller request those that were too full for a larger, and
    /// for one on easy terms those that were refused on strict ones.
    pub(crate) fn promote(&mut self, now: Instant, terms: Terms) {
        let tokens = terms.demand.tokens().0;
        while let Some((_, id)) = self.later.first().filter(|(at, _)| *at <= now) {
            self.set(id, Standing::Open, None);
        }
        if tokens < self.sized.0 {
            self.sized.0 = u64::MAX;
            for id in core::mem::take(&mut self.sized.1).iter() {
                self.wake(id);
            }
        }
        if !terms.is_strict() {
            for id in core::mem::take(&mut self.strict).iter() {
                self.wake(id);
            }
        }
    }

    /// The next key of a rank that may be able, in order of turn, after `last` (or from `turn` on, at first).
    pub(crate) fn next_open(&self, rank: u8, turn: KeyId, last: Option<KeyId>) -> Option<KeyId> {
        let open = &self.open[rank as usize];
        let first_after = |from: Bound<KeyId>, to: Bound<KeyId>| open.first_within(from, to);
        match last {
            None => first_after(Included(turn), Unbounded).or_else(|| first_after(Unbounded, Excluded(turn))),
            Some(last) if last >= turn => {
                first_after(Excluded(last), Unbounded).or_else(|| first_after(Unbounded, Excluded(turn)))
            }
            Some(last) => first_after(Excluded(last), Excluded(turn)),
        }
    }

    /// A key was looked at and could not send.
    pub(crate) fn refused(&mut self, id: KeyId, refusal: Refusal, terms: Terms) {
        let standing = match refusal.until() {
            Until::At(at) => Standing::Later(at),
            Until::Probe => Standing::Pending,
            Until::Never => Standing::Out,
        };
        if matches!(refusal, Refusal::NeverFits { .. })
            || matches!(
                refusal,
                Refusal::Full { level: Level { metric: Metric::Tokens | Metric::InputTokens, .. }, .. }
            )
        {
            self.sized.0 = self.sized.0.min(terms.demand.tokens().0);
            self.sized.1.insert(id);
        }
        if terms.is_strict() {
            self.strict.insert(id);
        }
        self.set(id, standing, Some(refusal));
    }

    /// Something has changed for the better: the key is worth a look.
    pub(crate) fn wake(&mut self, id: KeyId) {
        let known = self.entries.get(id.0 as usize).is_some_and(|entry| entry.standing != Standing::Elsewhere);
        if known {
            self.set(id, Standing::Open, None);
        }
    }

    pub(crate) fn outlook(&self) -> Outlook {
        let why = |id: KeyId| self.entries.get(id.0 as usize).and_then(|entry| entry.why);
        let soonest = self.later.first();
        let level = soonest.and_then(|(_, id)| match why(id) {
            Some(Refusal::Full { level, .. }) => Some((id, level)),
            _ => None,
        });
        let reason_of = |id| why(id).map_or(WaitReason::Deadline, survey::reason);
        Outlook {
            opens: soonest.map(|(at, id)| (at, reason_of(id))),
            pending: self.pending.first().map(reason_of),
            level,
        }
    }

    /// Keys with what stands in their way, as of the last look: for explanations.
    pub(crate) fn skipped(&self) -> impl Iterator<Item = (KeyId, Refusal)> {
        let place = |(at, entry): (usize, &Entry)| Some((KeyId(at as u32), entry.why?));
        self.entries.iter().enumerate().filter_map(place)
    }

    /// The keys of such calls that are not out for good.
    pub(crate) fn present(&self) -> impl Iterator<Item = KeyId> {
        let present = |entry: &Entry| !matches!(entry.standing, Standing::Elsewhere | Standing::Out);
        self.entries.iter().enumerate().filter(move |(_, entry)| present(entry)).map(|(at, _)| KeyId(at as u32))
    }

    fn set(&mut self, id: KeyId, standing: Standing, why: Option<Refusal>) {
        let Some(entry) = self.entries.get_mut(id.0 as usize) else { return };
        match entry.standing {
            Standing::Open => {
                self.open[entry.rank as usize].remove(id);
            }
            Standing::Later(at) => {
                self.later.remove((at, id));
            }
            Standing::Pending => {
                self.pending.remove(id);
            }
            Standing::Elsewhere | Standing::Out => {}
        }
        entry.standing = standing;
        entry.why = why;
        match standing {
            Standing::Open => {
                self.open[entry.rank as usize].insert(id);
            }
            Standing::Later(at) => {
                self.later.insert((at, id));
            }
            Standing::Pending => {
                self.pending.insert(id);
            }
            Standing::Elsewhere | Standing::Out => {}
        }
    }
}
