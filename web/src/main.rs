//! Starts the page.

fn main() {
    faultline_web::start();
}
