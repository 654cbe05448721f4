//! What tables are ordered by, as numbers.

use super::agenda::Due;
use super::provider::Provider;
use super::roster::LaneId;
use super::time::Instant;
use super::units::{CallId, KeyId, ModelId};

/// A key that is a number: in the same order, and back again.
pub(crate) trait Code: Copy {
    fn code(self) -> u128;
    fn of(code: u128) -> Self;
}

impl Code for u8 {
    fn code(self) -> u128 {
        u128::from(self)
    }

    fn of(code: u128) -> Self {
        code as Self
    }
}

impl Code for CallId {
    fn code(self) -> u128 {
        u128::from(self.0)
    }

    fn of(code: u128) -> Self {
        Self(code as u64)
    }
}

impl Code for KeyId {
    fn code(self) -> u128 {
        u128::from(self.0)
    }

    fn of(code: u128) -> Self {
        Self(code as u32)
    }
}

impl Code for LaneId {
    fn code(self) -> u128 {
        u128::from(self.0)
    }

    fn of(code: u128) -> Self {
        Self(code as u32)
    }
}

impl Code for (Provider, ModelId) {
    fn code(self) -> u128 {
        u128::from(self.0 as u8) << 32 | u128::from(self.1.0)
    }

    fn of(code: u128) -> Self {
        (Provider::ALL[(code >> 32) as usize % Provider::ALL.len()], ModelId(code as u32))
    }
}

impl Code for (Instant, KeyId) {
    fn code(self) -> u128 {
        u128::from(self.0.0) << 64 | self.1.code()
    }

    fn of(code: u128) -> Self {
        (Instant((code >> 64) as u64), KeyId::of(code))
    }
}

/// Calls are numbered by the host, from 1 on: the topmost bit is free to tell the two kinds apart.
impl Code for (Instant, Due) {
    fn code(self) -> u128 {
        let due = match self.1 {
            Due::Call(call) => call.0 & !KEY,
            Due::Reopening(key) => KEY | u64::from(key.0),
            Due::Review => REVIEW,
        };
        u128::from(self.0.0) << 64 | u128::from(due)
    }

    fn of(code: u128) -> Self {
        let due = code as u64;
        let due = match due {
            REVIEW => Due::Review,
            due if due & KEY == 0 => Due::Call(CallId(due)),
            due => Due::Reopening(KeyId(due as u32)),
        };
        (Instant((code >> 64) as u64), due)
    }
}

const KEY: u64 = 1 << 63;
/// After all keys of the same instant, as in the order of `Due`.
const REVIEW: u64 = u64::MAX;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_due_keeps_its_order_as_a_number(mut dues in prop::collection::vec((any::<u64>(), any::<bool>(), any::<u32>()), 0..50)) {
            let due = |(at, key, id): (u64, bool, u32)| {
                (Instant(at), if key { Due::Reopening(KeyId(id)) } else { Due::Call(CallId(u64::from(id))) })
            };
            dues.sort_by_key(|entry| due(*entry));
            let codes: Vec<u128> = dues.iter().map(|entry| due(*entry).code()).collect();
            prop_assert!(codes.is_sorted());
            prop_assert!(dues.iter().all(|entry| <(Instant, Due)>::of(due(*entry).code()) == due(*entry)));
        }
    }
}
