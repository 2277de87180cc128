//! A map for a node's state and a judge's record: a sorted list.
//!
//! It is slower than the standard library's tree where there are thousands of keys, and far smaller: a tree is compiled
//! again for every pair of types, at about ten kilobytes of wasm each, and there will be over a hundred protocols.

/// Values by their keys, in the order of the keys.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Map<K, V>(Vec<(K, V)>);

impl<K, V> Default for Map<K, V> {
    fn default() -> Self {
        Map(Vec::new())
    }
}

impl<K: Ord, V> Map<K, V> {
    fn place(&self, key: &K) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| known.cmp(key))
    }

    /// The value of a key.
    pub fn get(&self, key: &K) -> Option<&V> {
        self.place(key).ok().map(|place| &self.0[place].1)
    }

    /// The value of a key, to be changed.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.place(key).ok().map(|place| &mut self.0[place].1)
    }

    /// Whether there is such a key.
    pub fn contains_key(&self, key: &K) -> bool {
        self.place(key).is_ok()
    }

    /// Sets the value of a key; returns the one that it had.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.place(&key) {
            Ok(place) => Some(std::mem::replace(&mut self.0[place].1, value)),
            Err(place) => {
                self.0.insert(place, (key, value));
                None
            }
        }
    }

    /// Takes a key away; returns the value that it had.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        self.place(key).ok().map(|place| self.0.remove(place).1)
    }

    /// Takes away what is not wanted.
    pub fn retain(&mut self, wanted: impl Fn(&K, &V) -> bool) {
        self.0.retain(|(key, value)| wanted(key, value));
    }

    /// The value of a key, which gets the default one if it has none.
    pub fn or_default(&mut self, key: K) -> &mut V
    where
        V: Default,
    {
        let place = self.place(&key).unwrap_or_else(|place| {
            self.0.insert(place, (key, V::default()));
            place
        });
        &mut self.0[place].1
    }

    /// All keys with their values, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> {
        self.0.iter().map(|(key, value)| (key, value))
    }

    /// All keys with their values, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&K, &mut V)> {
        self.0.iter_mut().map(|(key, value)| (&*key, value))
    }

    /// All keys, in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> {
        self.iter().map(|(key, _)| key)
    }

    /// All values, in the order of their keys.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }

    /// All values, to be changed.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.iter_mut().map(|(_, value)| value)
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<K, V> IntoIterator for Map<K, V> {
    type Item = (K, V);
    type IntoIter = std::vec::IntoIter<(K, V)>;

    /// All keys with their values, in order.
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, draw};
    use std::collections::BTreeMap;

    /// Everything that the map can do, drawn: with few keys, which are there already as a rule, and with many.
    #[test]
    fn it_does_what_the_library_s_map_does() {
        let mut largest = 0;
        for (seed, keys) in (0..40).flat_map(|seed| [(seed, 4), (seed, 40), (seed, u64::MAX)]) {
            let (mut map, mut tree) = (Map::default(), BTreeMap::new());
            for nth in 0..200 {
                let drawn = draw(seed ^ keys, Purpose::Node, (0, 0), nth);
                let key = drawn / 64 % keys;
                match drawn % 16 {
                    0..=2 => assert_eq!(map.remove(&key), tree.remove(&key)),
                    3..=5 => assert_eq!(map.or_default(key), tree.entry(key).or_default()),
                    6 => assert_eq!(
                        map.get_mut(&key).map(|it| *it += 1),
                        tree.get_mut(&key).map(|it| *it += 1)
                    ),
                    7 => {
                        let halve = |value: &mut u64| *value /= 2;
                        map.values_mut().for_each(halve);
                        tree.values_mut().for_each(halve);
                    }
                    8 => {
                        let wanted = |key: &u64, value: &u64| !(key ^ value).is_multiple_of(4);
                        map.retain(wanted);
                        tree.retain(|key, value| wanted(key, value));
                    }
                    _ => assert_eq!(map.insert(key, nth), tree.insert(key, nth)),
                }
                assert_eq!(
                    (map.get(&key), map.contains_key(&key)),
                    (tree.get(&key), tree.contains_key(&key))
                );
                assert_eq!((map.len(), map.is_empty()), (tree.len(), tree.is_empty()));
                assert!(map.iter().eq(&tree) && map.iter().rev().eq(tree.iter().rev()));
                assert!(map.keys().eq(tree.keys()) && map.values().eq(tree.values()));
            }
            largest = largest.max(map.len());
            assert!(map.into_iter().eq(tree));
        }
        assert!(largest > 20);
    }
}
