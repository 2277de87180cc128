//! Stills: the stage at one moment as a picture of its own, and what the first page says first, drawn without a browser. It is
//! the page's own code: Yew draws it natively, and what only a living page needs is left out of the result.

use faultline_core::Session;
use faultline_core::catalogue::Entry;
use faultline_core::scenario::{Moment, Scenario};
use faultline_core::view::View;
use faultline_web::front;
use faultline_web::kit::bar;
use faultline_web::lab;
use faultline_web::learn;
use faultline_web::picture::geometry::{Geometry, px};
use faultline_web::picture::motion::Motion;
use faultline_web::stage::{Stage, StageProps};
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};
use quick_xml::{Reader, Writer};
use std::io;
use std::rc::Rc;
use yew::prelude::*;
use yew::{BaseComponent, LocalServerRenderer};

pub mod pages;
pub mod signs;
pub mod taken;

/// The style of the stage, for both colour schemes.
const STYLE: [&str; 2] =
    [include_str!("../../../static/tokens.css"), include_str!("../../../static/stage.css")];
/// The picture of the run that the first page shows; `{build}` becomes the build.
const HERO: &str = "./pictures/runs/raft-{build}.svg";
/// What is there to be hit, or shows only what somebody does.
const LIVING: [&str; 6] = ["hit", "halo", "ground", "rope", "fate", "crowded"];
/// The attributes that a picture consists of.
const DRAWN: [&str; 22] = [
    "class",
    "transform",
    "viewBox",
    "d",
    "x",
    "y",
    "x1",
    "y1",
    "x2",
    "y2",
    "cx",
    "cy",
    "r",
    "rx",
    "ry",
    "width",
    "height",
    "text-anchor",
    "stroke-width",
    "stroke-dasharray",
    "pathLength",
    "fill",
];
/// A picture that is lower has no words beside what it shows.
const WORDLESS: f64 = 220.0;

/// A session at the moment that a picture of its scenario shows: what the scenario shows itself, or else where something is
/// under way first.
pub fn moment(scenario: Scenario) -> Session {
    let shows = scenario.show.is_some();
    let mut session = Session::new(scenario);
    if !shows {
        lab::begin(&mut session);
    }
    session
}

/// A session of the first step of a protocol's lesson, where that begins to play; nothing where there is no lesson.
///
/// # Errors
/// One sentence when the step names no run or no moment.
pub fn lesson(entry: &Entry) -> Result<Option<Session>, String> {
    let Some(step) = entry.lesson.as_ref().and_then(|it| it.steps.first()) else { return Ok(None) };
    let preset = entry.presets().iter().find(|preset| preset.name == step.run);
    let text = preset.ok_or_else(|| format!("There is no run {}/{}.", entry.info.slug, step.run))?.text;
    let scenario = Scenario::parse(text).map_err(|complaint| complaint.to_string())?;
    let moment = Moment::parse(step.at)?;
    let mut session = Session::new(scenario);
    let start = learn::begins(&session, moment);
    session.seek_time(start);
    Ok(Some(session))
}

/// The stage of a session at its playhead as SVG, of a width and a height in CSS pixels. It follows the colour scheme of
/// where it is seen.
///
/// # Errors
/// One sentence when it cannot be written.
pub fn stage(session: &Session, width: f64, height: f64) -> Result<String, String> {
    let view = session.view();
    let geometry = Geometry::of(&view, width, height);
    picture(view, geometry, height >= WORDLESS)
}

/// A stage as SVG, with words or without.
fn picture(view: View, geometry: Geometry, worded: bool) -> Result<String, String> {
    let size = (geometry.width, geometry.height);
    let props = StageProps {
        geometry: Rc::new(geometry),
        selection: None,
        group: Vec::new(),
        paused: worded,
        motion: Motion::at(view.time),
        dispatch: Callback::noop(),
        still: true,
        view: Rc::new(view),
    };
    let drawn = drawn::<Stage>(props).map_err(|error| format!("The stage cannot be drawn: {error}."))?;
    let left_out: &[&str] = if worded { &LIVING } else { &[LIVING.as_slice(), &["label"]].concat() };
    still(&drawn, size, left_out).map_err(|error| format!("The picture cannot be written: {error}."))
}

/// The first page as it is seen until the program is there: what it says first.
///
/// # Errors
/// One sentence when it cannot be drawn.
pub fn first_page() -> Result<String, String> {
    drawn::<FirstPage>(()).map_err(|error| format!("The first page cannot be drawn: {error}."))
}

#[component]
fn FirstPage() -> Html {
    html! {
        <div class="page at-home">
            <header class="top">{ bar::logo() }</header>
            <main class="home">
                <div class="hero">
                    { front::welcome() }
                    <div class="hero-stage"><div class="hero-picture"><img class="poster" alt="" src={HERO} /></div><p class="news">{ "Loading…" }</p></div>
                </div>
            </main>
        </div>
    }
}

/// What the page draws with a component.
fn drawn<C: BaseComponent>(props: C::Properties) -> io::Result<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let renderer = LocalServerRenderer::<C>::with_props(props).hydratable(false);
    Ok(runtime.block_on(tokio::task::LocalSet::new().run_until(renderer.render())))
}

/// A picture that stands alone, from what the page has.
fn still(drawn: &str, (width, height): (f64, f64), left_out: &[&str]) -> quick_xml::Result<String> {
    let mut reader = Reader::from_str(drawn);
    let mut writer = Writer::new(Vec::new());
    // What has begun, until it is known whether anything is in it.
    let mut begun: Option<BytesStart> = None;
    loop {
        let event = reader.read_event()?;
        match event {
            Event::Eof => break,
            Event::Start(element) if is_one_of(&element, left_out) => {
                reader.read_to_end(element.name())?;
            }
            Event::Text(text) if text.iter().all(u8::is_ascii_whitespace) => {}
            Event::End(end) => match begun.take() {
                Some(element) if element.name().as_ref() == b"g" => {}
                Some(element) => writer.write_event(Event::Empty(element))?,
                None => writer.write_event(Event::End(end))?,
            },
            event => {
                let is_first = writer.get_ref().is_empty() && begun.is_none();
                if let Some(element) = begun.take() {
                    writer.write_event(Event::Start(element))?;
                }
                match event {
                    Event::Start(element) if is_first => {
                        let mut root = cleaned(&element)?;
                        root.push_attribute(("xmlns", "http://www.w3.org/2000/svg"));
                        root.push_attribute(("width", px(width).as_str()));
                        root.push_attribute(("height", px(height).as_str()));
                        writer.write_event(Event::Start(root))?;
                        writer.write_event(Event::Start(BytesStart::new("style")))?;
                        writer.write_event(Event::Text(BytesText::new(&style(drawn))))?;
                        writer.write_event(Event::End(BytesEnd::new("style")))?;
                    }
                    Event::Start(element) => begun = Some(cleaned(&element)?),
                    event => writer.write_event(event)?,
                }
            }
        }
    }
    Ok(String::from_utf8_lossy(&writer.into_inner()).into_owned())
}

/// Whether an element is of one of these classes, or says only what a pointer is told.
fn is_one_of(element: &BytesStart, classes: &[&str]) -> bool {
    let class = element.try_get_attribute("class").ok().flatten();
    let words = class.map(|class| String::from_utf8_lossy(&class.value).into_owned()).unwrap_or_default();
    element.name().as_ref() == b"title" || words.split(' ').any(|word| classes.contains(&word))
}

/// An element with nothing but what is drawn.
fn cleaned(element: &BytesStart) -> quick_xml::Result<BytesStart<'static>> {
    let name = String::from_utf8_lossy(element.name().as_ref()).into_owned();
    let mut bare = BytesStart::new(name);
    for attribute in element.attributes() {
        let attribute = attribute?;
        if DRAWN.iter().any(|name| name.as_bytes() == attribute.key.as_ref()) {
            bare.push_attribute(attribute);
        }
    }
    Ok(bare)
}

/// The style of what is in a picture: without what explains it, what only a living page needs, rules for what is not there, and
/// values that nothing uses.
fn style(drawn: &str) -> String {
    let lives = |selector: &str| {
        let states = [":hover", ":focus", "[data-", ".selected", ".swarming"];
        states.iter().any(|it| selector.contains(it))
            || LIVING.iter().any(|it| selector.contains(&format!(".{it}")))
    };
    // What must not be there need not be there.
    let wanted = |selector: &str| selector.split(":not(").next().unwrap_or_default().to_owned();
    let is_there = |selector: &str| {
        let wanted = wanted(selector);
        let mut words =
            wanted.split(|letter: char| !(letter.is_ascii_alphanumeric() || "-.".contains(letter)));
        words.all(|word| word.split('.').skip(1).all(|class| drawn.contains(class)))
    };
    let still = |line: &str| {
        let Some((selectors, rule)) = line.split_once(" {") else { return line.to_owned() };
        let all = if selectors.contains(":not(") { vec![selectors] } else { selectors.split(", ").collect() };
        let left: Vec<&str> =
            all.into_iter().filter(|selector| !lives(selector) && is_there(selector)).collect();
        if left.is_empty() { String::new() } else { format!("{} {{{rule}", left.join(", ")) }
    };
    let [tokens, stage] = STYLE;
    let stage: String = lines(stage).map(still).collect();
    // A value may be made of others, which stand before it.
    let mut used = stage;
    for line in lines(tokens).filter(|line| !lives(line)).collect::<Vec<_>>().into_iter().rev() {
        let name = line.split(':').next().unwrap_or_default();
        if !line.starts_with("--") || used.contains(&format!("var({name})")) {
            used.insert_str(0, line);
        }
    }
    used
}

/// The lines of a style that say something.
fn lines(style: &str) -> impl Iterator<Item = &str> {
    style.lines().map(str::trim).filter(|line| !line.starts_with("/*"))
}
