//! Pictures that are taken away, made without a browser.

use crate::drawn;
use faultline_web::lab::Lab;
use faultline_web::takeaway;
use faultline_web::takeaway::sheet::{Sheet, SheetProps};
use std::rc::Rc;

pub use faultline_web::takeaway::style::Theme;
pub use faultline_web::takeaway::{Seen, Take, open};

/// A picture of the moment at the playhead as SVG.
///
/// # Errors
/// One sentence when there is too much for a picture, or it cannot be drawn.
pub fn svg(lab: &mut Lab, take: &Take) -> Result<String, String> {
    let shot = Rc::new(takeaway::shot(lab, take)?);
    let drawn = drawn::<Sheet>(SheetProps { shot })
        .map_err(|error| format!("The picture cannot be drawn: {error}."))?;
    takeaway::picture(&drawn, take.theme, &takeaway::about(lab, take))
}
