//! Ordered tables of whatever the engine remembers by number or by name.
//!
//! A `BTreeMap` is compiled anew for every pair of types: twenty of them were 88 KB of the module. Here one tree of
//! numbers, and one of names, is compiled once and tells the places of values that lie in a slab. The order is that of the
//! keys, as in a `BTreeMap`; only values that are changed all at once are visited in the order of their places, which is
//! the same in every run, too.
//!
//! Not for the calls under way: five look-ups of each call are in them, and a table takes a second step.

use core::fmt;
use core::marker::PhantomData;
use core::ops::Bound;
use std::collections::BTreeMap;

use slab::Slab;

use super::code::Code;

/// Values by number.
pub(crate) struct Table<K, V> {
    index: Index,
    values: Slab<V>,
    keys: PhantomData<K>,
}

/// Numbers, each once.
pub(crate) struct Set<K> {
    index: Index,
    keys: PhantomData<K>,
}

/// Values by name.
pub(crate) struct Names<V> {
    index: NameIndex,
    values: Slab<V>,
}

/// The places of values, by number.
#[derive(Debug, Default)]
struct Index(BTreeMap<u128, u32>);

/// The places of values, by name.
#[derive(Debug, Default)]
struct NameIndex(BTreeMap<String, u32>);

impl<K: Code, V> Table<K, V> {
    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.values.get(self.index.get(key.code())?)
    }

    pub(crate) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.values.get_mut(self.index.get(key.code())?)
    }

    /// Returns the value that was there.
    pub(crate) fn insert(&mut self, key: K, value: V) -> Option<V> {
        let at = self.values.insert(value);
        self.index.insert(key.code(), at).map(|at| self.values.remove(at))
    }

    /// The value that is there, or is made now.
    pub(crate) fn get_or_insert_with(&mut self, key: K, make: impl FnOnce() -> V) -> &mut V {
        let at = self.index.get(key.code()).unwrap_or_else(|| {
            let at = self.values.insert(make());
            self.index.insert(key.code(), at);
            at
        });
        &mut self.values[at]
    }

    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        self.index.remove(key.code()).map(|at| self.values.remove(at))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (K, &V)> {
        self.index.0.iter().map(|(code, at)| (K::of(*code), &self.values[*at as usize]))
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }

    /// In the order of their places.
    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.values.iter_mut().map(|(_, value)| value)
    }
}

impl<K: Code> Set<K> {
    pub(crate) fn insert(&mut self, key: K) {
        self.index.insert(key.code(), 0);
    }

    pub(crate) fn remove(&mut self, key: K) {
        self.index.remove(key.code());
    }

    pub(crate) fn contains(&self, key: K) -> bool {
        self.index.get(key.code()).is_some()
    }

    pub(crate) fn first(&self) -> Option<K> {
        self.first_within(Bound::Unbounded, Bound::Unbounded)
    }

    pub(crate) fn first_within(&self, from: Bound<K>, to: Bound<K>) -> Option<K> {
        self.index.first_within(from.map(K::code), to.map(K::code)).map(K::of)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = K> {
        self.index.0.keys().map(|code| K::of(*code))
    }
}

impl<V> Names<V> {
    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        self.index.get(name).is_some()
    }

    pub(crate) fn get(&self, name: &str) -> Option<&V> {
        self.values.get(self.index.get(name)?)
    }

    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut V> {
        self.values.get_mut(self.index.get(name)?)
    }

    pub(crate) fn insert(&mut self, name: &str, value: V) {
        match self.get_mut(name) {
            Some(known) => *known = value,
            None => self.index.insert(name, self.values.insert(value)),
        }
    }

    /// The value that is there, or is made now.
    pub(crate) fn get_or_default(&mut self, name: &str) -> &mut V
    where
        V: Default,
    {
        let at = self.index.get(name).unwrap_or_else(|| {
            let at = self.values.insert(V::default());
            self.index.insert(name, at);
            at
        });
        &mut self.values[at]
    }

    pub(crate) fn remove(&mut self, name: &str) -> Option<V> {
        self.index.remove(name).map(|at| self.values.remove(at))
    }

    /// Forgets the first name.
    pub(crate) fn pop_first(&mut self) {
        if let Some(at) = self.index.pop_first() {
            self.values.remove(at);
        }
    }

    /// Forgets those that need not be kept.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&str, &mut V) -> bool) {
        let Self { index, values } = self;
        index.retain(&mut |name, at| {
            let kept = values.get_mut(at).is_some_and(|value| keep(name, value));
            if !kept {
                values.try_remove(at);
            }
            kept
        });
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &V)> {
        self.index.0.iter().map(|(name, at)| (name.as_str(), &self.values[*at as usize]))
    }
}

impl Index {
    #[inline(never)]
    fn get(&self, code: u128) -> Option<usize> {
        self.0.get(&code).map(|at| *at as usize)
    }

    #[inline(never)]
    fn insert(&mut self, code: u128, at: usize) -> Option<usize> {
        self.0.insert(code, at as u32).map(|at| at as usize)
    }

    #[inline(never)]
    fn remove(&mut self, code: u128) -> Option<usize> {
        self.0.remove(&code).map(|at| at as usize)
    }

    #[inline(never)]
    fn first_within(&self, from: Bound<u128>, to: Bound<u128>) -> Option<u128> {
        self.0.range((from, to)).next().map(|(code, _)| *code)
    }
}

impl NameIndex {
    #[inline(never)]
    fn get(&self, name: &str) -> Option<usize> {
        self.0.get(name).map(|at| *at as usize)
    }

    #[inline(never)]
    fn insert(&mut self, name: &str, at: usize) {
        self.0.insert(name.to_owned(), at as u32);
    }

    #[inline(never)]
    fn remove(&mut self, name: &str) -> Option<usize> {
        self.0.remove(name).map(|at| at as usize)
    }

    #[inline(never)]
    fn pop_first(&mut self) -> Option<usize> {
        self.0.pop_first().map(|(_, at)| at as usize)
    }

    #[inline(never)]
    fn retain(&mut self, keep: &mut dyn FnMut(&str, usize) -> bool) {
        self.0.retain(|name, at| keep(name, *at as usize));
    }
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self { index: Index::default(), values: Slab::new(), keys: PhantomData }
    }
}

impl<K> Default for Set<K> {
    fn default() -> Self {
        Self { index: Index::default(), keys: PhantomData }
    }
}

impl<V> Default for Names<V> {
    fn default() -> Self {
        Self { index: NameIndex::default(), values: Slab::new() }
    }
}

impl<K: Code + fmt::Debug, V: fmt::Debug> fmt::Debug for Table<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<K: Code + fmt::Debug> fmt::Debug for Set<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl<V: fmt::Debug> fmt::Debug for Names<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::engine::units::CallId;

    proptest! {
        #[test]
        fn a_table_is_a_tree_of_its_keys(moves in prop::collection::vec((0_u8..4, 0_u64..40, any::<u16>()), 0..400)) {
            let (mut table, mut tree) = (Table::<CallId, u16>::default(), BTreeMap::new());
            for (what, id, value) in moves {
                let id = CallId(id);
                match what {
                    0 => prop_assert_eq!(table.insert(id, value), tree.insert(id, value)),
                    1 => prop_assert_eq!(table.remove(&id), tree.remove(&id)),
                    2 => prop_assert_eq!(*table.get_or_insert_with(id, || value), *tree.entry(id).or_insert(value)),
                    _ => prop_assert_eq!(table.get_mut(&id), tree.get_mut(&id)),
                }
                prop_assert!(table.iter().eq(tree.iter().map(|(id, value)| (*id, value))));
                prop_assert_eq!(table.is_empty(), tree.is_empty());
            }
        }

        #[test]
        fn names_are_a_tree_of_names(moves in prop::collection::vec((0_u8..5, "[a-d]{1,2}", any::<u16>()), 0..400)) {
            let (mut names, mut tree) = (Names::<u16>::default(), BTreeMap::new());
            for (what, name, value) in moves {
                match what {
                    0 => {
                        names.insert(&name, value);
                        tree.insert(name, value);
                    }
                    1 => prop_assert_eq!(names.remove(&name), tree.remove(&name)),
                    2 => prop_assert_eq!(*names.get_or_default(&name), *tree.entry(name).or_default()),
                    3 => {
                        names.pop_first();
                        tree.pop_first();
                    }
                    _ => {
                        names.retain(|name, known| *known % 3 != value % 3 || name == "a");
                        tree.retain(|name, known| *known % 3 != value % 3 || name == "a");
                    }
                }
                prop_assert!(names.iter().eq(tree.iter().map(|(name, value)| (name.as_str(), value))));
                prop_assert_eq!(names.len(), tree.len());
            }
        }
    }
}
