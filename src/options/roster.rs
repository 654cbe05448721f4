//! What keys must be together: told apart, and of one mind about the projects that they share.

use super::mistake::Mistake;
use super::secret::Secret;
use super::words;
use crate::engine::KeySpec;

/// A key for the engine, and the secret that the engine never sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyEntry {
    /// All but the secret.
    pub spec: KeySpec,
    /// The secret, for the header alone.
    pub secret: Secret,
}

/// A key that has been read, and not yet compared with the others.
#[derive(Debug)]
pub(super) struct Draft {
    /// Where it was written.
    pub(super) path: String,
    /// What its field for the id is called there.
    pub(super) id_field: &'static str,
    /// Its id is empty as long as nobody gave it one.
    pub(super) entry: KeyEntry,
}

/// The keys so far.
#[derive(Debug, Default)]
pub(super) struct Roster {
    drafts: Vec<Draft>,
}

impl Roster {
    /// Takes in a key that goes with all those before it.
    pub(super) fn join(&mut self, newcomer: Draft) -> Result<(), Mistake> {
        for present in &self.drafts {
            if present.entry.secret == newcomer.entry.secret {
                let got = format!("the same secret as {}", present.path);
                return Err(Mistake::new(newcomer.path, "a secret of its own", got));
            }
            let id = &newcomer.entry.spec.id;
            if !id.is_empty() && present.entry.spec.id == *id {
                let got = format!("the same as {}", words::field(&present.path, present.id_field));
                return Err(Mistake::new(words::field(&newcomer.path, newcomer.id_field), "an id of its own", got));
            }
            if newcomer.entry.spec.project.is_some() && present.entry.spec.project == newcomer.entry.spec.project {
                agree_on_project(present, &newcomer)?;
            }
            keeps_secret(&present.entry.secret, &newcomer)?;
            keeps_secret(&newcomer.entry.secret, present)?;
        }
        keeps_secret(&newcomer.entry.secret, &newcomer)?;
        self.drafts.push(newcomer);
        Ok(())
    }

    /// All keys, those without an id named after their position: `key-1`, `key-2`, …, past what is taken.
    pub(super) fn into_entries(self) -> Vec<KeyEntry> {
        let mut entries: Vec<KeyEntry> = self.drafts.into_iter().map(|draft| draft.entry).collect();
        for place in 0..entries.len() {
            if entries[place].spec.id.is_empty() {
                let taken = |id: &String| entries.iter().any(|entry| entry.spec.id == *id);
                // One of so many numbers is free: there are fewer keys than that.
                let free =
                    (place + 1..=place + entries.len()).map(|number| format!("key-{number}")).find(|id| !taken(id));
                entries[place].spec.id = free.unwrap_or_default();
            }
        }
        entries
    }
}

/// Quota belongs to a project, and so there is one truth about it.
fn agree_on_project(present: &Draft, newcomer: &Draft) -> Result<(), Mistake> {
    let (one, other) = (&present.entry.spec, &newcomer.entry.spec);
    if let (Some(first), Some(second)) = (one.provider, other.provider)
        && first != second
    {
        let got = format!("that of {}, which is of {}, for a key of {}", present.path, first.name(), second.name());
        return Err(Mistake::new(words::field(&newcomer.path, "project"), "a project of one provider", got));
    }
    let (Some(first), Some(second)) = (&one.limits, &other.limits) else { return Ok(()) };
    // Limits of different models complete each other; of one model they contradict.
    if first.0.iter().any(|(model, limits)| second.0.iter().any(|(same, theirs)| same == model && theirs != limits)) {
        let expected = format!("the limits of {}, which is of the same project", present.path);
        return Err(Mistake::new(words::field(&newcomer.path, "limits"), expected, "others"));
    }
    Ok(())
}

/// Ids and projects are in every log and report: a secret in them would be, too.
fn keeps_secret(secret: &Secret, draft: &Draft) -> Result<(), Mistake> {
    let spec = &draft.entry.spec;
    let names = [(draft.id_field, Some(&spec.id)), ("project", spec.project.as_ref())];
    match names.into_iter().find(|(_, name)| name.is_some_and(|name| secret.is_told_by(name))) {
        None => Ok(()),
        Some((field, _)) => {
            Err(Mistake::new(words::field(&draft.path, field), "a name for logs and reports", "the secret of a key"))
        }
    }
}

#[cfg(test)]
mod tests {
    use core::num::NonZeroU64;

    use super::*;
    use crate::engine::{LimitTable, Limits};
    use crate::provider::Provider;

    fn draft(place: usize, id: &str, secret: &str) -> Draft {
        let spec = KeySpec::named(id);
        let secret = Secret::parse(secret, "").unwrap();
        Draft { path: words::item("keys", place), id_field: "id", entry: KeyEntry { spec, secret } }
    }

    fn told(drafts: impl IntoIterator<Item = Draft>) -> Result<Vec<String>, String> {
        let mut roster = Roster::default();
        for draft in drafts {
            roster.join(draft).map_err(|mistake| mistake.to_string())?;
        }
        Ok(roster.into_entries().into_iter().map(|entry| entry.spec.id).collect())
    }

    #[test]
    fn keys_without_a_name_get_numbers_that_nobody_has() {
        let ids = told([draft(0, "", "a"), draft(1, "", "b"), draft(2, "key-1", "c"), draft(3, "", "d")]);
        assert_eq!(ids, Ok(["key-2", "key-3", "key-1", "key-4"].map(String::from).into()));
    }

    #[test]
    fn ids_and_secrets_are_told_apart() {
        let ids = told([draft(0, "a", "x"), draft(4, "a", "y")]);
        assert_eq!(ids, Err(String::from("keys[4].id: expected an id of its own, got the same as keys[0].id")));
        let secrets = told([draft(0, "a", "x"), draft(1, "b", "x")]);
        assert_eq!(secrets, Err(String::from("keys[1]: expected a secret of its own, got the same secret as keys[0]")));
    }

    #[test]
    fn an_id_is_not_the_place_for_a_secret() {
        let long = "a-secret-of-24-characters";
        let expected = "keys[0].id: expected a name for logs and reports, got the secret of a key";
        assert_eq!(told([draft(0, long, long)]), Err(String::from(expected)));
        assert_eq!(told([draft(0, long, "b"), draft(1, "", long)]), Err(String::from(expected)));
        assert!(told([draft(0, "short", "short")]).is_ok());
    }

    #[test]
    fn a_project_is_of_one_provider_with_one_set_of_limits() {
        let member = |place, provider, rpm| {
            let mut draft = draft(place, "", &place.to_string());
            let limits = Limits { rpm: NonZeroU64::new(rpm), ..Limits::default() };
            draft.entry.spec.provider = provider;
            draft.entry.spec.project = Some(String::from("p"));
            draft.entry.spec.limits = Some(LimitTable::all(limits));
            draft
        };
        let (gemini, groq) = (Some(Provider::Gemini), Some(Provider::Groq));
        assert!(told([member(0, gemini, 5), member(1, gemini, 5), member(2, None, 5)]).is_ok());
        let providers = told([member(0, gemini, 5), member(1, groq, 5)]);
        let expected = "keys[1].project: expected a project of one provider, \
                        got that of keys[0], which is of gemini, for a key of groq";
        assert_eq!(providers, Err(String::from(expected)));
        let limits = told([member(0, gemini, 5), member(1, gemini, 6)]);
        let expected = "keys[1].limits: expected the limits of keys[0], which is of the same project, got others";
        assert_eq!(limits, Err(String::from(expected)));
    }
}
