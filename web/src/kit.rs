//! What every room uses: words, icons, lists that keys lead through, what lights up together.

pub mod astable;
pub mod bar;
pub mod hue;
pub mod icons;
pub mod light;
pub mod prose;
pub mod roving;
pub mod terms;
pub mod toolbar;
