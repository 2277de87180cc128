//! The core of Faultline.
