//! Notes: what a noun says of itself for a snapshot, and is told again. What they mean is in `shape`.
//!
//! Nothing in here is inlined: each is called from a hundred places, and none of them is in a hurry.

use crate::engine::time::UnixMillis;

/// Numbers and names, and lists of them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Note {
    Nothing,
    /// A number, a time, the place of a word among those of its kind, or 1 for true.
    Number(i64),
    Name(String),
    List(Vec<Note>),
}

impl Note {
    /// Some that belong together, in the order of their shape.
    #[inline(never)]
    pub(crate) fn of<const N: usize>(parts: [Self; N]) -> Self {
        Self::List(Vec::from(parts))
    }

    /// The same of numbers alone.
    #[inline(never)]
    pub(crate) fn numbers(numbers: &[u64]) -> Self {
        Self::List(numbers.iter().map(|number| Self::from(*number)).collect())
    }

    /// The parts, in the order of their shape. What an older version did not have is nothing.
    pub(crate) fn parts<const N: usize>(&self) -> [&Self; N] {
        core::array::from_fn(|at| self.part(at))
    }

    #[inline(never)]
    fn part(&self, at: usize) -> &Self {
        self.list().get(at).unwrap_or(&Self::Nothing)
    }

    #[inline(never)]
    pub(crate) fn list(&self) -> &[Self] {
        match self {
            Self::List(list) => list,
            _ => &[],
        }
    }

    #[inline(never)]
    pub(crate) fn signed(&self) -> i64 {
        match self {
            Self::Number(number) => *number,
            _ => 0,
        }
    }

    /// Zero where there is nothing.
    #[inline(never)]
    pub(crate) fn number(&self) -> u64 {
        u64::try_from(self.signed()).unwrap_or(0)
    }

    /// Of what is counted one by one.
    #[inline(never)]
    pub(crate) fn count(&self) -> u32 {
        u32::try_from(self.number()).unwrap_or(u32::MAX)
    }

    #[inline(never)]
    pub(crate) fn maybe(&self) -> Option<u64> {
        matches!(self, Self::Number(_)).then(|| self.number())
    }

    #[inline(never)]
    pub(crate) fn flag(&self) -> bool {
        self.number() != 0
    }

    #[inline(never)]
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Self::Name(name) => Some(name),
            _ => None,
        }
    }

    /// The word of a kind; the first of all where there is none.
    pub(crate) fn word<T: Copy>(&self, all: &[T]) -> T {
        all[(self.number() as usize).min(all.len() - 1)]
    }
}

impl From<u64> for Note {
    #[inline(never)]
    fn from(number: u64) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<u32> for Note {
    #[inline(never)]
    fn from(number: u32) -> Self {
        Self::Number(i64::from(number))
    }
}

impl From<bool> for Note {
    #[inline(never)]
    fn from(flag: bool) -> Self {
        Self::Number(i64::from(flag))
    }
}

impl From<UnixMillis> for Note {
    fn from(at: UnixMillis) -> Self {
        Self::from(at.0)
    }
}

impl From<&str> for Note {
    #[inline(never)]
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}

impl<T: Into<Self>> From<Option<T>> for Note {
    fn from(maybe: Option<T>) -> Self {
        maybe.map_or(Self::Nothing, Into::into)
    }
}

impl FromIterator<Note> for Note {
    fn from_iter<I: IntoIterator<Item = Self>>(notes: I) -> Self {
        Self::List(notes.into_iter().collect())
    }
}
