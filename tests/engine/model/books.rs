//! The books that an outsider could keep of calls and attempts.

use quota_aware_api::engine::{Ask, Send};

/// What became of a request, as the engine was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    UnderWay,
    Served,
    RefusedForMinute,
    RefusedForDay,
    Lost,
    Busy,
    Dead,
    GivenUp,
}

impl Fate {
    /// Whether an outsider who does not know the provider's manners counts it: it was served, or may have been.
    pub(crate) const fn counts(self) -> bool {
        matches!(self, Self::UnderWay | Self::Served | Self::Busy | Self::GivenUp)
    }

    pub(crate) const fn is_refused(self) -> bool {
        matches!(self, Self::RefusedForMinute | Self::RefusedForDay)
    }
}

/// One attempt.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sent {
    pub(crate) send: Send,
    pub(crate) at: u64,
    pub(crate) wall: u64,
    pub(crate) tokens: u64,
    pub(crate) fate: Fate,
    pub(crate) answered: u64,
}

/// One call.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) ask: Ask,
    pub(crate) asked: u64,
    pub(crate) sent: Option<u64>,
    /// The first promise.
    pub(crate) promised: Option<u64>,
    pub(crate) ahead: Option<u32>,
    pub(crate) ended: Option<(u64, End)>,
    /// Who asked, if that is somebody who asks again.
    pub(super) person: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Response,
    Aborted,
    Failed(&'static str),
}
