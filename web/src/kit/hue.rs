//! The colours of terms. The number is always beside the colour.

/// The class of a term's colour; after six the colours come again.
pub fn hue(term: u64) -> &'static str {
    match term.saturating_sub(1) % 6 {
        0 => "hue-1",
        1 => "hue-2",
        2 => "hue-3",
        3 => "hue-4",
        4 => "hue-5",
        _ => "hue-6",
    }
}
