//! Only: the one project that a call may be served by, where it is about something that no other project has.

use super::client::Engine;
use super::failure::FailureCode;
use super::provider::Provider;
use super::time::UnixMillis;
use super::trace::Step;
use super::units::{CallId, PoolId, ProjectId};

/// One project, and why no other. Its health, quota and order hold as for any call; a test of one key (`Ask::pinned`) asks
/// for none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Only {
    /// The project.
    pub project: ProjectId,
    /// Why.
    pub tie: Tie,
}

/// What ties a call to a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tie {
    /// The caller named it.
    Named,
    /// It owns what the call is about.
    Owned(Thing),
    /// It is asked whether it owns what the call is about: another did not find it.
    Asked,
}

/// What a project can own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    /// A file.
    File,
    /// An upload that has begun.
    Upload,
    /// Cached content.
    Cache,
    /// A tuned model.
    Model,
    /// A stored response.
    Response,
    /// A batch of requests.
    Batch,
    /// A store, a thread, or another thing that is kept for calls to come.
    Other,
}

impl Thing {
    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Upload => "upload",
            Self::Cache => "cached-content",
            Self::Model => "tuned-model",
            Self::Response => "response",
            Self::Batch => "batch",
            Self::Other => "other",
        }
    }

    /// All of them, in the order in which the host numbers them.
    pub const ALL: [Self; 7] =
        [Self::File, Self::Upload, Self::Cache, Self::Model, Self::Response, Self::Batch, Self::Other];
}

impl Tie {
    /// What people are told after "only this project:".
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::Named => "the call names it",
            Self::Owned(Thing::File) => "it owns the file",
            Self::Owned(Thing::Upload) => "the upload began there",
            Self::Owned(Thing::Cache) => "it owns the cached content",
            Self::Owned(Thing::Model) => "it owns the tuned model",
            Self::Owned(Thing::Response) => "it keeps the response",
            Self::Owned(Thing::Batch) => "it owns the batch",
            Self::Owned(Thing::Other) => "it owns what the call names",
            Self::Asked => "it may own what another did not find",
        }
    }
}

impl Only {
    /// What a failure is called where nothing but the project of something that is needed stands in the way: others may be
    /// able, and are of no use.
    pub(super) const fn code(self, code: FailureCode) -> FailureCode {
        match (self.tie, code) {
            (
                Tie::Owned(_),
                FailureCode::QuotaExceeded | FailureCode::PartialQuota | FailureCode::InvalidKeys | FailureCode::NoKey,
            ) => FailureCode::OwnerUnavailable,
            _ => code,
        }
    }
}

impl Engine {
    /// The project of this name: one that was declared, else a key's own, which has the key's name.
    pub fn find_project(&self, name: &str) -> Option<ProjectId> {
        let projects = || self.scheduler.projects.iter().enumerate();
        let is = |shared: bool| {
            projects().find(move |(_, project)| project.shared == shared && project.name == name && project.may_serve())
        };
        is(true).or_else(|| is(false)).map(|(at, _)| ProjectId(at as u32))
    }

    /// A project's name.
    pub fn project_name(&self, ProjectId(at): ProjectId) -> Option<&str> {
        self.scheduler.projects.get(at as usize).map(|project| project.name.as_str())
    }

    /// The same project as it is now: that of a key without a declared one ends with the key, and begins anew if the key
    /// comes back.
    pub fn present(&self, project: ProjectId) -> ProjectId {
        let known = self.scheduler.projects.get(project.0 as usize);
        let gone = known.filter(|project| project.keys.is_empty());
        gone.and_then(|gone| self.find_project(&gone.name)).unwrap_or(project)
    }

    /// The projects that have a key for a provider, in the order of their first.
    pub fn projects_of(&self, provider: Provider) -> Vec<ProjectId> {
        let mut projects: Vec<ProjectId> = Vec::new();
        for (_, key) in self.scheduler.ring.iter() {
            if key.serves(provider, None) && !projects.contains(&key.project) {
                projects.push(key.project);
            }
        }
        projects
    }

    /// Whose quota a pool is: the provider's and the project's.
    pub fn owner_of(&self, pool: PoolId) -> (Provider, ProjectId) {
        let pool = &self.scheduler.pools[self.scheduler.account(pool).0 as usize];
        (pool.provider, pool.project)
    }

    /// The project that a call was last sent for, as long as that is remembered after its end.
    pub fn served_by(&self, call: CallId) -> Option<ProjectId> {
        let served =
            self.served.iter().rev().find(|served| served.told.call == call).or_else(|| self.streams.get(&call));
        if let Some(served) = served {
            return Some(self.scheduler.pools[self.scheduler.account(served.told.pool).0 as usize].project);
        }
        let told = self.traces.iter().find(|told| told.call == call)?;
        let sent = |(_, step): &(UnixMillis, Step)| if let Step::Sent { key, .. } = step { Some(*key) } else { None };
        let key = told.trace.steps.iter().rev().find_map(sent)?;
        self.scheduler.ring.get(key).map(|key| key.project)
    }
}
