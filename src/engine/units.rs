//! Names of things: small numbers that cannot be confused with each other.

use super::provider::Provider;
use super::snapshot::Note;

/// A call, from the moment it is put in until its `Done`. Chosen by the host, never reused by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CallId(pub u64);

/// A key's place in the ring, counted from 0. Places of removed keys stay empty, so an id never changes its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyId(pub u32);

/// A provider project (Google) or organisation (Groq, OpenAI): the owner of quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProjectId(pub u32);

/// A model's name, interned. `ModelId::UNNAMED` stands for calls that name none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ModelId(pub u32);

impl ModelId {
    /// The model of a call that names none.
    pub const UNNAMED: Self = Self(0);
}

/// A pool: one provider's quota for one project and one model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PoolId(pub u32);

/// A number of tokens, as the provider counts them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tokens(pub u64);

impl Tokens {
    pub(crate) fn add(&mut self, more: Self) {
        self.0 = self.0.saturating_add(more.0);
    }
}

/// What a served call has used, as its answer says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// All that was sent, what came out of a cache of the provider's included.
    pub input: Tokens,
    /// All that came back, thoughts included.
    pub output: Tokens,
    /// The part of `input` that came out of a cache of the provider's.
    pub cached: Tokens,
    /// The part of `output` that was thought and not said.
    pub thoughts: Tokens,
}

impl Used {
    pub(crate) fn add(&mut self, more: Self) {
        self.input.add(more.input);
        self.output.add(more.output);
        self.cached.add(more.cached);
        self.thoughts.add(more.thoughts);
    }
}

/// Model names that were seen, each once, in order of appearance.
#[derive(Debug)]
pub(crate) struct Models {
    names: Vec<String>,
    /// Names that responses have shown to mean another model.
    aliases: Vec<(Provider, ModelId, ModelId)>,
}

impl Models {
    pub(crate) fn new() -> Self {
        Self { names: vec![String::from("*")], aliases: Vec::new() }
    }

    /// The id of a name, made if need be. Past the bound every further name shares `UNNAMED`'s pools: names come from
    /// callers, and memory must not grow with whatever they send.
    pub(crate) fn intern(&mut self, name: Option<&str>) -> ModelId {
        let Some(name) = name else { return ModelId::UNNAMED };
        if let Some(found) = self.find(name) {
            return found;
        }
        if self.names.len() >= MOST_MODELS {
            return ModelId::UNNAMED;
        }
        self.names.push(name.to_owned());
        ModelId(self.names.len() as u32 - 1)
    }

    /// The model that a name means at a provider.
    pub(crate) fn resolved(&self, provider: Provider, id: ModelId) -> ModelId {
        let known = self.aliases.iter().find(|(of, alias, _)| *of == provider && *alias == id);
        known.map_or(id, |(_, _, model)| *model)
    }

    /// A name has turned out to mean a model. Returns whether that is news.
    pub(crate) fn alias(&mut self, provider: Provider, alias: ModelId, model: ModelId) -> bool {
        // A chain would have to be followed; a circle, for ever.
        let model = self.resolved(provider, model);
        if model == alias || self.resolved(provider, alias) == model || self.aliases.len() >= MOST_MODELS {
            return false;
        }
        self.aliases.retain(|(of, known, _)| !(*of == provider && *known == alias));
        for (of, _, means) in &mut self.aliases {
            if *of == provider && *means == alias {
                *means = model;
            }
        }
        self.aliases.push((provider, alias, model));
        true
    }

    /// For a snapshot: names at a provider that mean another.
    pub(crate) fn recorded(&self) -> Note {
        let mut notes = Vec::new();
        for (provider, alias, model) in &self.aliases {
            notes.push(Note::of([(*provider as u32).into(), self.name(*alias).into(), self.name(*model).into()]));
        }
        Note::List(notes)
    }

    pub(crate) fn find(&self, name: &str) -> Option<ModelId> {
        self.names.iter().position(|known| known == name).map(|at| ModelId(at as u32))
    }

    pub(crate) fn name(&self, id: ModelId) -> &str {
        self.names.get(id.0 as usize).map_or("*", String::as_str)
    }
}

/// More than any provider offers (OpenRouter lists some 500), small enough to search from front to back.
const MOST_MODELS: usize = 1_000;
