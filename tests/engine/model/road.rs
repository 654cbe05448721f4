//! The road between people and the provider: travel times, accidents, and the dice that decide about them.

/// Travel and work, in milliseconds from and to, and accidents, in thousandths.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Road {
    /// One way.
    pub(crate) travel: (u64, u64),
    /// At the provider.
    pub(crate) work: (u64, u64),
    /// Requests that are lost, half of them before they arrive.
    pub(crate) lost: u64,
    /// Requests that the provider counts and answers with 503.
    pub(crate) busy: u64,
}

impl Road {
    /// 30 to 70 ms each way and 200 to 400 ms of work, no accident.
    pub(crate) const GOOD: Self = Self { travel: (30, 70), work: (200, 400), lost: 0, busy: 0 };
}

/// Random numbers that are the same every time (`SplitMix64`).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Both ends included.
    pub(crate) fn between(&mut self, (from, to): (u64, u64)) -> u64 {
        from + self.roll() % (to - from + 1)
    }

    pub(crate) fn happens(&mut self, thousandths: u64) -> bool {
        self.roll() % 1000 < thousandths
    }
}
