//! Starts the page.

fn main() {
    faultline_protocols::install();
    faultline_web::start();
}
