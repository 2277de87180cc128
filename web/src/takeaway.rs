//! Pictures that are taken away: stage and diagram at a moment, and a stretch that plays by itself, each as one file that
//! needs no other. They are what the page draws: its own components are drawn once more, in the browser beside the page ([`beside`]) or natively (`web/stills`), and then say themselves how they look ([`style`]).

use crate::kit::prose;
use crate::lab::{self, Lab};
use crate::picture::geometry::{Caption, Geometry, px};
use faultline_core::export::Picture;
use faultline_core::scenario::{Moment, Scenario};
use faultline_core::sim::Run;
use faultline_core::time::{Micros, exact, seconds};
use faultline_core::{Session, link};
use playing::Playing;
use reel::Reel;
use sheet::Shot;
use style::{Style, Theme};
use tree::{Element, Node};

mod alone;
pub mod beside;
pub mod film;
pub mod playing;
pub mod reel;
pub mod sheet;
pub mod style;
pub mod tree;

/// What a picture shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Seen {
    /// The stage.
    #[default]
    Stage,
    /// The space-time diagram.
    Diagram,
    /// Both, the diagram below.
    Both,
}

impl Seen {
    /// All that may be seen.
    pub const ALL: [Seen; 3] = [Seen::Stage, Seen::Diagram, Seen::Both];

    /// Its name.
    pub fn word(self) -> &'static str {
        match self {
            Seen::Stage => "stage",
            Seen::Diagram => "diagram",
            Seen::Both => "both",
        }
    }

    /// What is seen by a name.
    pub fn named(word: &str) -> Option<Self> {
        Seen::ALL.into_iter().find(|seen| seen.word() == word)
    }
}

/// How a picture is taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Take {
    /// What it shows.
    pub seen: Seen,
    /// Its colour scheme.
    pub theme: Theme,
    /// The width and height of the stage in it, in CSS pixels.
    pub size: (f64, f64),
    /// The address of the page in which its link opens the run, without what stands behind `#`.
    pub page: Option<String>,
    /// Whether it becomes pixels, of which none can be a link: then the address itself stands there.
    pub pixels: bool,
}

impl Take {
    /// The same for a format.
    pub fn as_a(&self, kind: Picture) -> Self {
        Take { pixels: kind.is_painted(), ..self.clone() }
    }

    /// What is said of a run that has this link.
    fn says(&self, link: Option<&String>) -> String {
        const SHORT: usize = 56;
        let address = link.map(|link| link.trim_start_matches("https://"));
        match address {
            Some(_) if !self.pixels => "Open this run in Faultline".to_owned(),
            Some(address) if address.len() <= SHORT => address.to_owned(),
            _ => "Made by Faultline".to_owned(),
        }
    }
}

impl Default for Take {
    fn default() -> Self {
        Take { seen: Seen::Stage, theme: Theme::Light, size: (720.0, 440.0), page: None, pixels: false }
    }
}

/// The narrowest and the widest picture, and the lowest and the highest stage, in CSS pixels.
pub const SIZES: ((f64, f64), (f64, f64)) = ((560.0, 1_920.0), (240.0, 1_200.0));
/// The most nodes and messages that a picture shows, and the most arrows of its diagram.
const MOST: (usize, usize, usize) = (256, 512, 4_000);
/// The longest run that is taken away, in events, and what is read of it at a time.
const LONGEST: usize = 400_000;

/// A run that is taken away, at the moment that its scenario shows.
///
/// # Errors
/// One sentence when it is too large for a picture.
pub fn open(scenario: Scenario) -> Result<Lab, String> {
    if scenario.nodes as usize > MOST.0 {
        return Err(format!(
            "This run has {} nodes, and a picture has at most {}: it could not tell them apart.",
            scenario.nodes, MOST.0
        ));
    }
    prose::call(&scenario.names);
    let mut session = Session::begin(scenario);
    if session.learn(LONGEST) {
        return Err(format!(
            "A run of more than {LONGEST} events is too long for a picture; give its scenario an earlier end."
        ));
    }
    session.arrive();
    Ok(Lab::new(session))
}

/// Moves to where something is under way first, unless the scenario says what it shows.
pub fn begin(lab: &mut Lab) {
    if lab.session().scenario().show.is_none() {
        lab.go(lab::begin);
    }
}

/// The run as a link behind the address of a page, or without one; at the moment of the playhead, or at another.
fn link_of(lab: &Lab, page: Option<&str>, time: Option<Micros>) -> Result<String, String> {
    let here = lab.session().here();
    let show = time.map(|time| Moment { time, nth: None }).or(here.show);
    let link = link::write(&Scenario { show, ..here }, None)?;
    Ok(format!("{}#{link}", page.unwrap_or_default()))
}

/// What is to be drawn: the moment at the playhead.
///
/// # Errors
/// One sentence when it holds too much for a picture.
pub fn shot(lab: &mut Lab, take: &Take) -> Result<Shot, String> {
    seen(lab, take, None)
}

/// As [`shot`], of a stretch if there is one: then its link leads to where that begins.
fn seen(lab: &mut Lab, take: &Take, stretch: Option<(Micros, Micros)>) -> Result<Shot, String> {
    let ((narrowest, widest), (lowest, highest)) = SIZES;
    let (width, height) = take.size;
    if !(narrowest..=widest).contains(&width) || !(lowest..=highest).contains(&height) {
        return Err(format!(
            "A picture is {} to {} pixels wide, and its stage {} to {} high.",
            px(narrowest),
            px(widest),
            px(lowest),
            px(highest)
        ));
    }
    lab.attend();
    let view = lab.view.clone();
    if take.seen != Seen::Diagram && view.messages.len() > MOST.1 {
        let (there, most) = (view.messages.len(), MOST.1);
        return Err(format!(
            "{there} messages are in flight, and a picture shows at most {most}; choose another moment."
        ));
    }
    // The words stand over the stage and not on it.
    let stage = (take.seen != Seen::Diagram).then(|| Geometry::with(&view, (width, height), Caption::Beside));
    let diagram = (take.seen != Seen::Stage).then(|| sheet::Window::of(lab, width, stretch));
    let arrows =
        diagram.iter().flat_map(|it| &it.chunks).map(|(_, chunk)| chunk.diagram.arrows.len()).sum::<usize>();
    if arrows > MOST.2 {
        return Err(format!(
            "{arrows} messages are in this part of the diagram, and a picture shows at most {}; zoom in.",
            MOST.2
        ));
    }
    let scenario = lab.session().scenario();
    let protocol = scenario.entry.info.title;
    let title = if scenario.title.is_empty() { protocol } else { &scenario.title };
    let at = format!("at {}, after event {} of {}", exact(view.time), view.event, view.events);
    let link =
        link_of(lab, take.page.as_deref(), stretch.map(|it| it.0)).ok().filter(|_| take.page.is_some());
    Ok(Shot {
        width,
        title: title.to_owned(),
        note: format!("{protocol}, {at}"),
        clock: None,
        says: take.says(link.as_ref()),
        link,
        stage: stage.map(std::rc::Rc::new),
        diagram,
        selection: lab.selection,
        paused: true,
        news: lab.view.latest.as_ref().filter(|_| view.event > 0).map(|line| prose::renamed(&line.sentence)),
        view,
    })
}

/// What is to be drawn of a stretch at a moment: it goes on saying what was told last, which is `told`.
///
/// # Errors
/// As [`shot`].
pub fn scene(
    lab: &mut Lab,
    take: &Take,
    reel: &Reel,
    time: Micros,
    told: &mut Option<String>,
) -> Result<Shot, String> {
    lab.go(|session| session.seek_time(time));
    // What is looked at goes on, so nothing is its past.
    lab.playing = true;
    let (from, until) = (reel.times[0], reel.times[reel.times.len() - 1]);
    let mut shot = seen(lab, take, Some((from, until)))?;
    let record = shot.view.event.checked_sub(1).and_then(|event| lab.session().run().records().get(event));
    if record.is_some_and(Run::is_interesting) {
        told.clone_from(&shot.news);
    }
    let protocol = lab.session().info().title;
    shot.note = match &shot.view.caption {
        Some(caption) => caption.title.clone(),
        None => format!("{protocol}, from {} to {}", exact(from), exact(until)),
    };
    shot.clock = Some(format!("{} s", seconds(shot.view.time, 3)));
    shot.news.clone_from(told);
    shot.paused = false;
    Ok(shot)
}

/// The file of a stretch: the picture that plays, or a page with it.
///
/// # Errors
/// One sentence when it is too long.
pub fn played(
    playing: Playing,
    kind: Picture,
    lab: &Lab,
    take: &Take,
    reel: &Reel,
) -> Result<String, String> {
    let svg = playing.finish(&about_stretch(lab, take, reel))?;
    Ok(if kind == Picture::Page { alone::page(lab, take, reel, &svg) } else { svg })
}

/// What a stretch is, for those who do not see it.
pub fn about_stretch(lab: &Lab, take: &Take, reel: &Reel) -> (String, String) {
    let (from, until) = (exact(reel.times[0]), exact(reel.times[reel.times.len() - 1]));
    told(
        lab,
        take,
        Some(reel.times[0]),
        &format!("from {from} to {until} of simulated time, again and again"),
    )
}

/// What a picture is, for those who do not see it.
pub fn about(lab: &Lab, take: &Take) -> (String, String) {
    told(lab, take, None, &format!("at {} of simulated time", exact(lab.view.time)))
}

/// The link that opens a run in the page, at the moment of the playhead or at another; where there is none to click on, what is
/// said instead.
fn leading(lab: &Lab, take: &Take, time: Option<Micros>) -> Result<String, String> {
    match link_of(lab, take.page.as_deref(), time) {
        Ok(link) if take.page.is_some() => Ok(link),
        Ok(link) => {
            Err(format!("Behind the address of the page of Faultline, this link opens the run: {link}"))
        }
        Err(why) => Err(format!("There is no link: {why}")),
    }
}

/// What a run is called.
fn title_of(scenario: &Scenario) -> String {
    let protocol = scenario.entry.info.title;
    if scenario.title.is_empty() { protocol.to_owned() } else { format!("{protocol}: {}", scenario.title) }
}

fn told(lab: &Lab, take: &Take, leads: Option<Micros>, when: &str) -> (String, String) {
    let scenario = lab.session().scenario();
    let protocol = scenario.entry.info.title;
    let what = match take.seen {
        Seen::Stage => "The nodes and the messages in flight",
        Seen::Diagram => "Space-time diagram",
        Seen::Both => "The nodes and the messages in flight, and the space-time diagram",
    };
    let link = match leading(lab, take, leads) {
        Ok(link) => format!("This link opens the run: {link}"),
        Err(words) => words,
    };
    (title_of(scenario), format!("{what} of a run of {protocol}, {when}. Made by Faultline. {link}"))
}

/// Where the header of a PNG ends. Behind it a chunk of words may stand.
pub const HEADER: u8 = 33;

/// The chunk of a PNG in which it says what it is (iTXt, not compressed). Neither the browser nor the painter of the command
/// line writes one.
pub fn worded(words: &str) -> Vec<u8> {
    let body = [&b"iTXtDescription\0\0\0\0\0"[..], words.as_bytes()].concat();
    // The length does not count the four letters of the kind.
    let length = (body.len() - 4) as u32;
    let shifted = |sum: u32, _| (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg());
    let sum = body.iter().fold(u32::MAX, |sum, byte| (0..8).fold(sum ^ u32::from(*byte), shifted));
    [&length.to_be_bytes()[..], &body, &(!sum).to_be_bytes()].concat()
}

/// A picture that stands alone, from what was drawn of a sheet.
///
/// # Errors
/// One sentence where what was drawn cannot be read.
pub fn picture(drawn: &str, theme: Theme, about: &(String, String)) -> Result<String, String> {
    let mut picture = Style::of(theme).apply(&Element::read(drawn)?);
    forget(&mut picture);
    Ok(whole(picture, about).write())
}

/// Takes away what tells pictures of one thing apart.
fn forget(element: &mut Element) {
    element.attributes.retain(|(name, _)| !name.starts_with("data-"));
    element.elements_mut().for_each(forget);
}

/// A picture with what it is for programs, and for those who do not see it.
fn whole(mut root: Element, (title, says): &(String, String)) -> Element {
    let of_root = [("xmlns", "http://www.w3.org/2000/svg"), ("role", "img")];
    let of_root = of_root.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
    root.attributes.splice(0..0, of_root);
    let words = [Element::text("title", &[], title), Element::text("desc", &[], says)];
    root.children.splice(0..0, words.map(Node::Element));
    root
}
