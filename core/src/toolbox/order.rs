//! Putting things in order. The library's sort is compiled again for every type and every key, at three to twenty
//! kilobytes of wasm each; here numbers are sorted, once for all, and things follow their numbers.

/// Puts things in the order of a number each; those with the same number keep their order.
pub fn by_number<T>(things: &mut [T], number: impl Fn(&T) -> u128) {
    let mut belongs = places(things.iter().map(number).collect());
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

/// Which of the numbers comes first, which next, and so on, by their places.
#[inline(never)]
fn places(numbers: Vec<u128>) -> Vec<u32> {
    let mut numbered: Vec<(u128, u32)> = numbers.into_iter().zip(0..).collect();
    numbered.sort_unstable();
    numbered.into_iter().map(|(_, place)| place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, draw};

    #[test]
    fn it_is_a_stable_sort() {
        for length in (0..200).chain([5_000]) {
            let drawn = |nth| (draw(length, Purpose::Node, (0, 0), nth) % (length / 2 + 1), nth);
            let mut things: Vec<(u64, u64)> = (0..length).map(drawn).collect();
            let mut expected = things.clone();
            expected.sort_by_key(|(number, _)| *number);
            by_number(&mut things, |(number, _)| (*number).into());
            assert_eq!(things, expected);
        }
    }
}
