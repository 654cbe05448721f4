//! How the last attempts went: halved now and then, so that the old weighs less and a change is noticed.

/// Attempts and failures, of the last hundred to two hundred.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lately {
    pub(crate) over: u32,
    pub(crate) failed: u32,
}

impl Lately {
    pub(crate) fn note(&mut self, failed: bool) {
        self.over += 1;
        self.failed += u32::from(failed);
        if self.over >= MOST {
            self.over /= 2;
            self.failed /= 2;
        }
    }

    /// What was noted as a success turned out to be a failure.
    pub(crate) fn broke(&mut self) {
        self.failed = (self.failed + 1).min(self.over);
    }
}

/// Enough for a rate, few enough to notice a change within minutes.
pub(crate) const MOST: u32 = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_long_ago_weighs_less() {
        let mut lately = Lately::default();
        (0..100).for_each(|_| lately.note(true));
        (0..300).for_each(|_| lately.note(false));
        assert!(lately.over < MOST && lately.failed * 8 <= lately.over, "{lately:?}");
        lately.broke();
        assert!(lately.failed <= lately.over);
    }
}
