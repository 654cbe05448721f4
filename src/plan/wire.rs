//! The way to the provider: quick over open connections, slow where they have to be opened first.

use super::rng::Rng;
use super::scenario::Spread;
use crate::engine::{Instant, Millis};

#[derive(Debug)]
pub(crate) struct Wire {
    travel: Spread,
    last: Option<Instant>,
    /// When the connections that are being opened are open.
    open: Instant,
    rng: Rng,
}

impl Wire {
    pub(crate) fn new(travel: Spread, rng: Rng) -> Self {
        Self { travel, last: None, open: Instant(0), rng }
    }

    /// How long a request that leaves now is on its way. After a pause, the first one opens a connection; whatever leaves
    /// before that is open opens one of its own.
    pub(crate) fn there(&mut self, now: Instant) -> Millis {
        let one_way = self.rng.within(self.travel);
        if self.last.is_none_or(|last| now - last > IDLE) {
            self.open = now + one_way.times(HANDSHAKES);
        }
        self.last = Some(now);
        if now < self.open { one_way.times(HANDSHAKES + 1) } else { one_way }
    }

    /// How long an answer is on its way.
    pub(crate) fn back(&mut self) -> Millis {
        self.rng.within(self.travel)
    }
}

/// Node's `fetch` closes connections that were idle this long (undici's `keepAliveTimeout`).
const IDLE: Millis = Millis::from_secs(4);

/// TCP and TLS 1.3 shake hands once each, there and back.
const HANDSHAKES: u64 = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_after_a_pause_opens_connections_and_so_do_those_that_leave_before_one_is_open() {
        let mut wire = Wire::new(Spread::always(Millis(50)), Rng::stream(1, 3));
        let there = [0, 199, 200, 4_200, 8_201, 8_300].map(|at| wire.there(Instant(at)).0);
        assert_eq!(there, [250, 250, 50, 50, 250, 250]);
        assert_eq!(wire.back(), Millis(50));
    }
}
