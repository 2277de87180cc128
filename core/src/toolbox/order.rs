//! Putting things in order. The library's sort is compiled again for every type and every key, at three to twenty
//! kilobytes of wasm each; here places are sorted, once for all, and things follow their places.

use std::cmp::Ordering;

/// Puts things in the order of a number each; those with the same number keep their order.
pub fn by_number<T>(things: &mut [T], number: impl Fn(&T) -> u128) {
    let numbers: Vec<u128> = things.iter().map(number).collect();
    let places = places(numbers.len(), &|one, other| numbers[one] <= numbers[other]);
    arrange(things, places);
}

/// Puts things in an order; those that are equal in it keep theirs.
pub fn by<T>(things: &mut [T], order: impl Fn(&T, &T) -> Ordering) {
    let places = places(things.len(), &|one, other| order(&things[one], &things[other]).is_le());
    arrange(things, places);
}

fn arrange<T>(things: &mut [T], mut belongs: Vec<u32>) {
    for here in 0..things.len() {
        let mut from = belongs[here] as usize;
        // What belongs here has made room for something else, and stands where that stood.
        while from < here {
            from = belongs[from] as usize;
        }
        things.swap(here, from);
        belongs[here] = from as u32;
    }
}

/// Which of so many things comes first, which next, and so on, by their places: sorted by merging.
#[inline(never)]
fn places(count: usize, are_in_order: &dyn Fn(usize, usize) -> bool) -> Vec<u32> {
    let mut sorted: Vec<u32> = (0..count as u32).collect();
    let mut length = 1;
    while length < count {
        let mut merged = Vec::with_capacity(count);
        for pair in sorted.chunks(2 * length) {
            let (mut one, mut other) = pair.split_at(length.min(pair.len()));
            while let ([first, rest_of_one @ ..], [second, rest_of_other @ ..]) = (one, other) {
                if are_in_order(*first as usize, *second as usize) {
                    merged.push(*first);
                    one = rest_of_one;
                } else {
                    merged.push(*second);
                    other = rest_of_other;
                }
            }
            merged.extend_from_slice(one);
            merged.extend_from_slice(other);
        }
        sorted = merged;
        length *= 2;
    }
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, draw};

    /// Lists of all short lengths, drawn: of few different numbers, of some, and of numbers that are hardly ever equal.
    #[test]
    fn it_sorts_as_the_library_does() {
        for length in (0..200).chain([5_000]) {
            for different in [1, 3, length / 2 + 1, u64::MAX] {
                let drawn = |nth| (draw(length ^ different, Purpose::Node, (0, 0), nth) % different, nth);
                let mut things: Vec<(u64, u64)> = (0..length).map(drawn).collect();
                let mut expected = things.clone();
                expected.sort_by_key(|(number, _)| *number);
                let mut compared = things.clone();
                by_number(&mut things, |(number, _)| (*number).into());
                by(&mut compared, |one, other| one.0.cmp(&other.0));
                assert_eq!((&things, &compared), (&expected, &expected));
                let sorted = things;
                let (mut backwards, mut expected) = (sorted.clone(), sorted);
                by(&mut backwards, |one, other| other.cmp(one));
                expected.reverse();
                assert_eq!(backwards, expected);
            }
        }
    }
}
