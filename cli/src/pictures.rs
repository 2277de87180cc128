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
        pixels: false,
    };
    let wrong = |sentence: String| Failure(2, sentence);
    let mut lab = taken::open(scenario).map_err(wrong)?;
    match options.at {
        Some(at) => lab.go(|session| session.seek_time(at)),
        None if picture.plays() => taken::begin(&mut lab),
        None => {}
    }
    let stretch = (options.from, options.until, options.seconds.map(f64::from));
    let scale = f64::from(options.scale.unwrap_or(if picture == Picture::Png { 2 } else { 1 }));
    let file = taken::file(&mut lab, picture, &take, stretch, scale).map_err(wrong)?;
    print_bytes(&file)
}
