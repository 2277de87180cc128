//! Starts the page.

#[cfg(feature = "split")]
mod split;

fn main() {
    #[cfg(feature = "split")]
    split::begin();
    #[cfg(not(feature = "split"))]
    faultline_protocols::install();
    faultline_web::start();
}
