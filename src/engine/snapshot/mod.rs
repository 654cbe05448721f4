//! Snapshots: what an engine knows, in a form that outlives the process, and back into another.
//!
//! What is in one is about keys, projects, pools and providers: what was counted, closed, used (over time, too) and learned.
//! What is about calls is not: those under way count as sent, those that wait are their callers' to ask again. There is no secret in
//! it, and nothing of a length that callers decide.
//!
//! Instants of the monotonic clock mean nothing to another process. They cross as wall-clock times, and whoever restores them
//! reads its own clocks: what has passed meanwhile has passed (`clock`).
//!
//! Each noun says what it knows as a [`Note`] (`recorded`), and is told it again (`restore`), near the noun itself. What the
//! notes mean, what they are called and what bounds them is in one table (`shape`), by which they are written and, in
//! `options`, read: so a [`Snapshot`] that exists is valid, and to restore one can't fail. Records with a type each were
//! easier to read, and 43 KB of the compressed module.
//!
//! A part that is to be added: a line at the end of `shape::SNAPSHOT`, a note in `take`, told to its noun in `restore`. Where
//! older snapshots would be read wrongly without it, it takes a new version as well.

mod clock;
mod note;
mod pool;
mod restore;
mod shape;
mod take;

use serde::{Serialize, Serializer};

pub(crate) use clock::Clock;
pub(crate) use note::Note;
pub use restore::Restored;
pub(crate) use shape::{Shape, is_name, most, of_version};

/// The version that is written. The first had counters and cooldowns only: [`OLDEST`] is still read.
pub const VERSION: u32 = 2;
/// The oldest version that is read.
pub const OLDEST: u32 = 1;

/// What an engine knew at a moment, valid by construction: taken by `Engine::snapshot`, or read by
/// `options::parse_snapshot`. It is serialised as `Snapshot` of `index.d.ts`.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot(Note);

impl Snapshot {
    /// Of a note that was read by the shape of a version.
    pub(crate) fn read(note: Note) -> Self {
        Self(note)
    }

    fn taken(mut note: Note, at: u64) -> Self {
        shape::fit(&mut note, &shape::SNAPSHOT, &shape::Fit { soon: at + most::AHEAD, is_name: &shape::is_name });
        Self(note)
    }

    /// Without the models and sessions whose names are none to be told.
    pub fn forget_names(&mut self, is_secret: &dyn Fn(&str) -> bool) {
        let is_name = |name: &str| shape::is_name(name) && !is_secret(name);
        shape::fit(&mut self.0, &shape::SNAPSHOT, &shape::Fit { soon: u64::MAX, is_name: &is_name });
    }
}

impl Serialize for Snapshot {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        shape::Written(&self.0, &shape::SNAPSHOT).serialize(serializer)
    }
}
