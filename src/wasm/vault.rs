//! The vault: the secrets, by key. They leave it in one direction only, into the header of a request.

use wasm_bindgen::JsValue;

use crate::engine::KeyId;
use crate::options::{Echoes, Secret};
use crate::provider::KeyHeader;

#[derive(Debug, Default)]
pub(crate) struct Vault {
    /// By `KeyId`, which is a place that never changes its meaning.
    places: Vec<Option<Entry>>,
    echoes: Echoes,
}

/// A secret with its two header values, made once: a string crosses the boundary only when it is made.
#[derive(Debug)]
struct Entry {
    secret: Secret,
    plain: JsValue,
    bearer: JsValue,
}

impl Vault {
    pub(crate) fn put(&mut self, key: KeyId, secret: Secret) {
        let plain = JsValue::from_str(secret.expose());
        let bearer = JsValue::from_str(&["Bearer ", secret.expose()].concat());
        let place = key.0 as usize;
        self.echoes.know(&secret);
        if self.places.len() <= place {
            self.places.resize_with(place + 1, || None);
        }
        self.places[place] = Some(Entry { secret, plain, bearer });
    }

    pub(crate) fn forget(&mut self, key: KeyId) {
        if let Some(place) = self.places.get_mut(key.0 as usize) {
            *place = None;
            // Pieces may be another secret's too.
            self.echoes = Echoes::default();
            for entry in self.places.iter().flatten() {
                self.echoes.know(&entry.secret);
            }
        }
    }

    pub(crate) fn secret(&self, key: KeyId) -> Option<&Secret> {
        self.places.get(key.0 as usize)?.as_ref().map(|entry| &entry.secret)
    }

    /// The header value that carries a key's secret.
    pub(crate) fn credential(&self, key: KeyId, header: KeyHeader) -> Option<&JsValue> {
        let entry = self.places.get(key.0 as usize)?.as_ref()?;
        Some(if header == KeyHeader::Bearer { &entry.bearer } else { &entry.plain })
    }

    /// Whether words contain a secret of ours, or a part of one.
    pub(crate) fn is_told_by(&self, words: &str) -> bool {
        self.echoes.are_in(words)
    }

    /// A provider's words without our secrets: some error bodies repeat the caller's key.
    pub(crate) fn redact(&self, words: &str) -> String {
        self.echoes.cut_out(words)
    }
}
