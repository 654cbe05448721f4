//! How the keys stand, all together: in one word, and in numbers.

use super::gate::Cause;
use super::key::Key;
use super::scheduler::Scheduler;
use super::time::Instant;

/// What all keys together can do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Every key can serve, or may be tried.
    #[default]
    Ok,
    /// Some can.
    Degraded,
    /// None can now.
    Exhausted,
    /// None ever will, as they stand: all that nobody has taken out are not accepted.
    InvalidKeys,
}

impl State {
    /// The public name, as in `index.d.ts`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Degraded => "degraded",
            Self::Exhausted => "exhausted",
            Self::InvalidKeys => "invalid-keys",
        }
    }
}

/// How many keys there are, and in whose way stands what.
#[derive(Debug, Default)]
pub(crate) struct Standing {
    pub(crate) total: usize,
    /// Can serve, or may be tried.
    pub(crate) able: usize,
    /// Out for the day, or for want of money or of any quota.
    pub(crate) exhausted: usize,
    /// Not accepted, or not allowed.
    invalid: usize,
    by_hand: usize,
    /// Causes of those that can't serve, with how many keys have each, in the order in which they were met.
    causes: Vec<(Cause, usize)>,
}

impl Standing {
    pub(crate) fn state(&self) -> State {
        match self.able {
            able if able == self.total => State::Ok,
            1.. => State::Degraded,
            0 if self.invalid > 0 && self.invalid + self.by_hand == self.total => State::InvalidKeys,
            0 => State::Exhausted,
        }
    }

    /// What keeps most of those that can't serve; of several, the one that was met first.
    pub(crate) fn cause(&self) -> Option<Cause> {
        self.causes.iter().rev().max_by_key(|(_, keys)| *keys).map(|(cause, _)| *cause)
    }

    fn count(&mut self, cause: Cause) {
        match cause {
            Cause::Invalid | Cause::Leaked | Cause::Restricted | Cause::Denied => self.invalid += 1,
            Cause::DayQuota | Cause::NoQuota | Cause::OutOfCredit => self.exhausted += 1,
            Cause::ByHand => self.by_hand += 1,
            Cause::MinuteQuota | Cause::Errors | Cause::Overload => {}
        }
        match self.causes.iter_mut().find(|(known, _)| *known == cause) {
            Some((_, keys)) => *keys += 1,
            None => self.causes.push((cause, 1)),
        }
    }
}

impl Scheduler {
    pub(crate) fn standing(&self, now: Instant) -> Standing {
        let mut standing = Standing { total: self.ring.len(), ..Standing::default() };
        for (_, key) in self.ring.iter() {
            match self.cause_of(now, key) {
                None => standing.able += 1,
                Some(cause) => standing.count(cause),
            }
        }
        standing
    }

    /// Why a key can't serve now, if so. One that may be tried, or is being tried, can: it is not lost before that has failed.
    fn cause_of(&self, now: Instant, key: &Key) -> Option<Cause> {
        let gate = self.culprit(now, key)?;
        gate.cause().filter(|_| gate.is_closed(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(total: usize, causes: &[Cause]) -> Standing {
        let mut standing = Standing { total, able: total - causes.len(), ..Standing::default() };
        causes.iter().for_each(|cause| standing.count(*cause));
        standing
    }

    #[test]
    fn keys_out_by_hand_are_neither_invalid_nor_in_the_way_of_that_word() {
        for (total, causes, word) in [
            (2, &[] as &[Cause], "ok"),
            (2, &[Cause::ByHand], "degraded"),
            (1, &[Cause::ByHand], "exhausted"),
            (2, &[Cause::ByHand, Cause::Leaked], "invalid-keys"),
            (2, &[Cause::Restricted, Cause::Denied], "invalid-keys"),
            (2, &[Cause::Invalid, Cause::MinuteQuota], "exhausted"),
            (3, &[Cause::Invalid, Cause::Invalid], "degraded"),
        ] {
            assert_eq!(of(total, causes).state().name(), word, "{total} {causes:?}");
        }
    }

    #[test]
    fn the_cause_is_that_of_most_and_else_the_first() {
        assert_eq!(of(4, &[Cause::DayQuota, Cause::Invalid, Cause::Invalid]).cause(), Some(Cause::Invalid));
        assert_eq!(of(4, &[Cause::DayQuota, Cause::Invalid]).cause(), Some(Cause::DayQuota));
        assert_eq!(of(4, &[]).cause(), None);
    }
}
