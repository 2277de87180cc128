//! The places where the program is split: every protocol is a file of its own, which arrives when it is wanted.

use faultline_core::catalogue::{Entry, add};
use faultline_web::parts::Arrival;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

macro_rules! split {
    ($($slug:ident: $type:path,)+) => {
        $(
            #[wasm_split($slug, fallible)]
            fn $slug() -> Result<&'static [Entry], SplitLoaderError> {
                static ENTRY: [Entry; 1] = [Entry::without_texts::<$type>()];
                Ok(&ENTRY)
            }
        )+

        /// Fetches a protocol by its slug.
        fn protocol(slug: &str) -> Option<Arrival<bool>> {
            $(
                if slug == stringify!($slug) {
                    return Some(Box::pin(async { $slug().await.map(add).is_ok() }));
                }
            )+
            None
        }
    };
}
faultline_protocols::protocols!(split);

/// Says what there is, and how it is fetched.
pub(crate) fn begin() {
    faultline_protocols::announce();
    faultline_web::parts::begin(|slug| protocol(&slug.replace('-', "_")));
}
