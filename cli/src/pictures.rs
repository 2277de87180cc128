//! `faultline export --as svg` and its like: pictures of a run, drawn by the page's own code.

use crate::export::Options;
use crate::io::{Failure, print_bytes};
use faultline_core::export::Picture;
use faultline_core::scenario::Scenario;
use faultline_stills::taken::{self, Seen, Take, Theme};

pub(crate) fn picture_command(
    scenario: Scenario,
    picture: Picture,
    options: &Options,
) -> Result<(), Failure> {
    let take = Take {
        seen: Seen::named(&options.view).unwrap_or_default(),
        theme: Theme::named(&options.theme).unwrap_or_default(),
        size: (f64::from(options.size.0), f64::from(options.size.1)),
        page: options.page.clone(),
    };
    let wrong = |sentence: String| Failure(2, sentence);
    let mut lab = taken::open(scenario).map_err(wrong)?;
    if let Some(at) = options.at {
        lab.go(|session| session.seek_time(at));
    }
    let bytes = match picture {
        Picture::Svg => taken::svg(&mut lab, &take).map(String::into_bytes),
        _ => Err("This format is not there yet.".to_owned()),
    };
    print_bytes(&bytes.map_err(wrong)?)
}
