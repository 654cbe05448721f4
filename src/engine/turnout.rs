//! Turnout: how many a call found waiting when it came, and how many of them are spread.
//!
//! Those that have given up since are not counted: what follows from it is as if they had never been there. Those that
//! were served are, and whoever comes later is not: so nobody who comes later changes it.

use super::ranking::Ranking;

#[derive(Debug, Default)]
pub(crate) struct Turnout {
    joined: u64,
    waiting: Ranking<u64>,
    /// Those of them that are spread, as far as could be seen when they came.
    turning: Ranking<u64>,
    /// Those that have given up, as far as somebody waits that came before them.
    gone: Ranking<u64>,
    /// Those that have given up besides.
    forgotten: u64,
}

/// Which one of a lane's calls it is, and how many it found there, with all that had given up until then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    nth: u64,
    found: u64,
}

impl Turnout {
    /// `aside`: so many of those that wait stand in nobody's way, and are not counted.
    pub(crate) fn join(&mut self, takes_turns: bool, aside: u64) -> Mark {
        let found = (self.waiting.len() + self.gone.len()) as u64 + self.forgotten;
        let mark = Mark { nth: self.joined, found: found.saturating_sub(aside) };
        self.joined += 1;
        self.waiting.insert(mark.nth);
        if takes_turns {
            self.turning.insert(mark.nth);
        }
        mark
    }

    pub(crate) fn leave(&mut self, mark: Mark, served: bool) {
        if self.waiting.remove(mark.nth) && !served {
            self.gone.insert(mark.nth);
        }
        self.turning.remove(mark.nth);
        // Whoever gave up before all that wait is counted by all of them alike.
        while let Some(gone) = self.gone.first()
            && self.waiting.first().is_none_or(|first| gone < first)
        {
            self.gone.remove(gone);
            self.forgotten += 1;
        }
    }

    /// How many a call found, without those that have given up since.
    pub(crate) fn found(&self, mark: Mark) -> u64 {
        mark.found.saturating_sub(self.forgotten + self.gone.rank(mark.nth) as u64)
    }

    /// Of those that came before a call: how many before the first one that is spread, and how many before the last one.
    pub(crate) fn spread_before(&self, mark: Mark) -> Option<(u64, u64)> {
        let last = self.turning.last_before(mark.nth)?;
        let before = |nth| self.waiting.rank(nth) as u64;
        Some((self.turning.first().map_or(0, before), before(last)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_gives_up_was_never_there_and_whoever_comes_later_does_not_count() {
        let mut turnout = Turnout::default();
        let marks: Vec<Mark> = (0..6).map(|n| turnout.join(n > 2, 0)).collect();
        turnout.leave(marks[0], true);
        turnout.leave(marks[2], false);
        turnout.leave(marks[4], false);
        assert_eq!([1, 3, 5].map(|n| turnout.found(marks[n])), [1, 2, 3]);
        // 1, 3 and 5 wait.
        let late = turnout.join(false, 0);
        assert_eq!((turnout.found(late), turnout.spread_before(late)), (3, Some((1, 2))));
        assert_eq!(turnout.spread_before(marks[1]), None);
        turnout.leave(marks[1], false);
        assert_eq!((turnout.found(marks[3]), turnout.found(marks[5]), turnout.found(late)), (1, 2, 2));
        assert_eq!((turnout.gone.len(), turnout.forgotten), (1, 2), "3 waits still, so of 1, 2 and 4 only 4 is kept");
    }
}
