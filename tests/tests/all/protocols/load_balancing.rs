//! Load balancing against its literature (I1 to I3).

use faultline_tests::fact;

#[test]
fn placeholder() {
    fact("I1.0", "placeholder", "computed", 1, 1);
}
