//! The owner of the session: it carries out what components ask for, keeps the clock, and writes the address.

use crate::browser;
use crate::browser::speech::Speech;
use crate::dialogs::answer::{Answer, Asking};
use crate::dialogs::set::Refusal;
use crate::lab::causality::Causality;
use crate::lab::{Chunk, Lab, SPEEDS};
use crate::page;
use crate::page::beside::Beside;
use crate::picture::geometry::Geometry;
use crate::picture::motion::Motion;
use crate::wishes::keys;
use crate::wishes::{Dialog, Do, Tab};
use crate::work::{Report, USUAL_BOUNDS, Work};
use faultline_core::Session;
use faultline_core::check::Bounds;
use faultline_core::curves::Curves;
use faultline_core::link::RunKey;
use faultline_core::measure::Measures;
use faultline_core::session::{Offer, Target};
use faultline_core::sim::Checksum;
use faultline_core::text::Complaint;
use faultline_core::trace::{Flags, Line};
use faultline_core::view::{Operations, Standing, View};
use gloo::events::{EventListener, EventListenerOptions};
use gloo::render::AnimationFrame;
use gloo::timers::callback::Timeout;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, KeyboardEvent};
use yew::prelude::*;

mod commands;
mod frames;
mod history;
mod opening;
mod surroundings;
mod working;

/// Below this width the page is one column.
const NARROW: &str = "(max-width: 860px)";
/// How many milliseconds the checksum is worked on at one go. Time stands still then, so a frame more or less is not seen.
const SUMMED: f64 = 30.0;
const THEMES: [&str; 3] = ["auto", "light", "dark"];

/// What is worked out from the run once for every change of it.
#[derive(Default)]
pub(crate) struct Scene {
    pub(crate) geometry: Rc<Geometry>,
    pub(crate) rows: Vec<Rc<Line>>,
    pub(crate) headline: Option<Rc<Line>>,
    /// What the panels show beyond the cards, read only while they are in sight.
    pub(crate) curves: Rc<Vec<Curves>>,
    pub(crate) operations: Option<Rc<Operations>>,
    pub(crate) measures: Option<Rc<Measures>>,
    pub(crate) chunks: Vec<(u64, Rc<Chunk>)>,
    pub(crate) causality: Option<Rc<Causality>>,
    pub(crate) offers: Rc<Vec<Offer>>,
    pub(crate) shortcuts: Vec<Offer>,
}

/// The page.
#[allow(clippy::struct_excessive_bools)] // Each is a fact of its own about the page.
pub struct App {
    pub(crate) lab: Option<Lab>,
    pub(crate) home: bool,
    pub(crate) scene: Scene,
    /// Another branch at the same moment, where two are watched.
    pub(crate) beside: Option<Beside>,
    pub(crate) dialog: Option<Dialog>,
    /// What was to be opened last and could not be.
    pub(crate) refused: Option<String>,
    /// What is typed into the palette.
    pub(crate) sought: String,
    pub(crate) refusal: Option<Refusal>,
    pub(crate) banner: Option<String>,
    /// Whether the run has become too long for the address.
    left_behind: bool,
    pub(crate) hint: bool,
    pub(crate) menu: Option<(Target, f64, f64)>,
    /// Whether a node that is touched joins those that are selected.
    pub(crate) several: bool,
    pub(crate) tab: Tab,
    pub(crate) narrow: bool,
    pub(crate) diagram: (f64, f64),
    pub(crate) motion: Motion,
    pub(crate) dispatch: Callback<Do>,
    pub(crate) speech: Speech,
    /// Whether the claims are folded, as somebody wants it for what is selected now.
    pub(crate) folded: Option<bool>,
    pub(crate) theme: usize,
    /// The checksum, and of which version of the run.
    checksum: Option<(u32, u64)>,
    summing: Option<(u32, Checksum)>,
    /// What is said about the work under way, or about what came of the latest.
    pub(crate) report: Option<Report>,
    /// The bounds of the latest search.
    pub(crate) bounds: Bounds,
    /// What is written into the scenario's text and not yet applied, and what is wrong with it.
    pub(crate) draft: Option<String>,
    pub(crate) complaint: Option<Complaint>,
    /// Which version of the run it is about.
    reported: u32,
    /// What somebody asked in a dialog, what is looked into for it and of which version of the run, and what came of it.
    pub(crate) question: String,
    asking: Option<(u32, Asking)>,
    pub(crate) answer: Option<Answer>,
    /// What is to be opened, as far as it is played.
    opening: Option<(Session, Option<RunKey>)>,
    /// Which run the link was made for that was opened, until the checksum tells; and which version of the run is that.
    promised: Option<(u32, RunKey)>,
    /// Whether that becomes a branch of the session at hand.
    joins: bool,
    work: Option<Work>,
    slice: Option<Timeout>,
    worked_at: f64,
    pub(crate) stage: (f64, f64),
    reduced: bool,
    measured: bool,
    /// What gets the focus once it is drawn.
    focus: Option<&'static str>,
    speaker: Option<Timeout>,
    frame: Option<AnimationFrame>,
    written: String,
    writer: Option<Timeout>,
    checker: Option<Timeout>,
    /// The number that was typed last, and when.
    typed: (u32, f64),
    /// When the log was read, and when a step was made without motion.
    read_at: f64,
    stepped_at: f64,
    _listeners: Vec<EventListener>,
}

impl Component for App {
    type Message = Do;
    type Properties = ();

    fn create(ctx: &Context<Self>) -> Self {
        keys::set_letters(browser::remembered("faultline.letters").as_deref() != Some("off"));
        let theme = browser::remembered("faultline.theme");
        let theme = THEMES.iter().position(|name| Some(*name) == theme.as_deref()).unwrap_or(0);
        let mut app = App {
            lab: None,
            home: false,
            scene: Scene::default(),
            beside: None,
            dialog: None,
            refused: None,
            sought: String::new(),
            refusal: None,
            banner: None,
            left_behind: false,
            hint: browser::remembered("faultline.hint").is_none(),
            menu: None,
            several: false,
            tab: if browser::media(NARROW) { Tab::Timeline } else { Tab::Log },
            narrow: browser::media(NARROW),
            diagram: (900.0, 280.0),
            motion: Motion::default(),
            dispatch: ctx.link().callback(|wish| wish),
            speech: Speech::default(),
            speaker: None,
            folded: None,
            theme,
            checksum: None,
            summing: None,
            report: None,
            bounds: USUAL_BOUNDS,
            draft: None,
            complaint: None,
            reported: 0,
            question: String::new(),
            asking: None,
            answer: None,
            opening: None,
            promised: None,
            joins: false,
            work: None,
            slice: None,
            worked_at: 0.0,
            stage: (900.0, 480.0),
            reduced: browser::media("(prefers-reduced-motion: reduce)"),
            measured: false,
            focus: None,
            frame: None,
            written: String::new(),
            writer: None,
            checker: None,
            typed: (0, 0.0),
            read_at: 0.0,
            stepped_at: 0.0,
            _listeners: listen(ctx),
        };
        app.show_theme();
        app.open_address();
        app.after(ctx);
        app.go_on_working(ctx);
        app
    }

    fn update(&mut self, ctx: &Context<Self>, wish: Do) -> bool {
        let draw = match wish {
            Do::Frame(now) => return self.tick(ctx, now),
            Do::WriteAddress => {
                self.writer = None;
                return self.write_address();
            }
            Do::Nothing => return false,
            Do::Work => return self.work(ctx),
            Do::Checksum => {
                self.checker = None;
                return self.sum(ctx);
            }
            Do::Measure => self.measure(),
            Do::Speak => {
                self.speaker = None;
                self.speak(ctx);
                return true;
            }
            wish => {
                self.carry_out(wish);
                true
            }
        };
        if draw {
            self.after(ctx);
            self.go_on_working(ctx);
        }
        draw
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        page::page(self, ctx)
    }

    fn rendered(&mut self, ctx: &Context<Self>, _first: bool) {
        if !self.measured {
            self.measured = true;
            ctx.link().send_message(Do::Measure);
        }
        if let Some(lab) = &self.lab {
            self.motion.set_window(lab.window, lab.scale());
        }
        self.show_time();
        crate::kit::light::again(self.picked());
        if let Some(field) = self.focus.take().and_then(find::<HtmlInputElement>) {
            let _ = field.focus();
            field.select();
        }
    }
}

/// The listeners for what happens to the page as a whole.
fn listen(ctx: &Context<App>) -> Vec<EventListener> {
    let Some(window) = browser::window() else { return Vec::new() };
    let on = |name: &'static str, wish: fn() -> Do| {
        let link = ctx.link().clone();
        EventListener::new(&window, name, move |_| link.send_message(wish()))
    };
    let link = ctx.link().clone();
    let options = EventListenerOptions::enable_prevent_default();
    let key = EventListener::new_with_options(&window, "keydown", options, move |event| {
        if let Some(event) = event.dyn_ref::<KeyboardEvent>()
            && keys::commands(event).next().is_some()
        {
            event.prevent_default();
            link.send_message(Do::Key(event.clone()));
        }
    });
    let mut listeners = crate::kit::light::follow();
    listeners.extend(crate::browser::rest::follow());
    listeners.extend(crate::dialogs::files::drops(ctx.link().callback(|wish| wish)));
    listeners.extend([
        key,
        on("hashchange", || Do::Address),
        on("resize", || Do::Measure),
        on("load", || Do::Measure),
    ]);
    listeners
}

impl App {
    fn carry_out(&mut self, wish: Do) {
        self.read_at = 0.0;
        match wish {
            Do::Address => {
                if browser::address::fragment() != self.written {
                    self.open_address();
                }
            }
            Do::Dialog(dialog) => self.show_dialog(dialog),
            Do::Dismiss => self.banner = None,
            Do::DismissHint => {
                self.hint = false;
                browser::remember("faultline.hint", "seen");
            }
            Do::Theme => self.next_theme(),
            Do::Tab(tab) => {
                self.tab = tab;
                self.measured = false;
            }
            Do::Open(text) => self.open_text(&text),
            Do::Find(text) => self.sought = text,
            Do::File(bytes) => self.open_file(&bytes),
            Do::Cancel => self.cancel(),
            Do::Fold(folded) => self.folded = Some(folded),
            Do::Letters(on) => {
                keys::set_letters(on);
                browser::remember("faultline.letters", if on { "on" } else { "off" });
            }
            wish => self.change_run(wish),
        }
    }

    /// What needs a run.
    fn change_run(&mut self, wish: Do) {
        let Some(lab) = &mut self.lab else { return };
        let mut refused = None;
        match wish {
            Do::Key(event) => {
                // Escape closes one thing at a time.
                let closed = self.menu.take().is_some() && event.key() == "Escape";
                if !closed {
                    self.press(&event);
                }
            }
            Do::Command(command) => _ = self.command(command, None),
            Do::Scrub(time) => {
                lab.play(false);
                lab.go(|session| session.seek_time(time));
            }
            Do::Drag(time) => lab.drag(time),
            Do::Event(event) => {
                lab.play(false);
                lab.go(|session| session.seek_event(event));
            }
            Do::Select(Some(Target::Node(node))) if self.several => {
                self.carry_out(Do::Join(node));
                return;
            }
            Do::Select(target) => {
                (self.menu, self.several) = (None, false);
                self.select(target);
            }
            Do::Several(node) => {
                (self.menu, self.several) = (None, true);
                self.select(Some(Target::Node(node)));
            }
            Do::Group(nodes) => {
                self.menu = None;
                self.select(None);
                if let Some(lab) = &mut self.lab {
                    lab.gather(nodes);
                    if self.narrow && !lab.group.is_empty() {
                        self.tab = Tab::Claims;
                    }
                }
            }
            Do::Join(node) => {
                let mut nodes = lab.group.clone();
                if let Some(Target::Node(one)) = lab.selection {
                    nodes.push(one);
                }
                if nodes.contains(&node) {
                    nodes.retain(|other| *other != node);
                } else {
                    nodes.push(node);
                }
                self.carry_out(Do::Group(nodes));
                return;
            }
            Do::Menu(target, x, y) => {
                self.select(Some(target));
                self.menu = Some((target, x, y));
            }
            Do::CloseMenu => self.menu = None,
            Do::Act(words) => {
                (self.menu, self.several) = (None, false);
                refused = Some(lab.attempt(|session| session.act(&words)));
            }
            Do::Amend(words) => {
                let same =
                    words.strip_prefix("nodes ").is_some_and(|it| it == lab.view.nodes.len().to_string());
                if !same {
                    lab.selection = None;
                    refused = Some(lab.attempt(|session| session.amend(&words)));
                }
            }
            Do::Set(field, value, words) => {
                lab.selection = None;
                let done = lab.attempt(|session| session.amend(&words));
                self.refusal = done.err().map(|sentence| Refusal { field, value, sentence });
            }
            Do::Why(question) => self.ask_why(question),
            Do::Compare(id) => self.compare(id),
            Do::Beside(id) => self.set_beside(id),
            Do::Under(entry) => self.set_under(entry),
            Do::EventBeside(event) => {
                if let Some(time) = self.beside.as_ref().and_then(|beside| beside.time_of(event)) {
                    self.carry_out(Do::Scrub(time));
                }
            }
            Do::PickAct(index) => self.pick_act(index),
            Do::MoveAct(index, time) => self.shift_act(index, time),
            Do::Switch(id) => self.switch_to(id),
            Do::Rename(id, name) => refused = Some(lab.attempt(|session| session.rename(id, &name))),
            Do::CloseBranch(id) => refused = Some(lab.attempt(|session| session.close(id))),
            Do::Search(bounds) => self.search(bounds),
            Do::Shrink(claim) => self.shrink(claim),
            Do::Draft(text) => (self.draft, self.complaint) = (text, None),
            Do::Rewrite => self.rewrite(),
            Do::Speed(speed) => lab.speed = speed.min(SPEEDS.len() - 1),
            Do::AutoSlow(on) => lab.auto_slow = on,
            Do::AllLines(all) => {
                lab.all_lines = all;
                self.read_at = 0.0;
            }
            Do::Filter(filter) => lab.filter = filter,
            // `update` does what the browser asks for.
            Do::Frame(_)
            | Do::WriteAddress
            | Do::Nothing
            | Do::Work
            | Do::Checksum
            | Do::Measure
            | Do::Speak
            // `carry_out` does what needs no run.
            | Do::Address
            | Do::Dialog(_)
            | Do::Dismiss
            | Do::DismissHint
            | Do::Theme
            | Do::Tab(_)
            | Do::Open(_)
            | Do::Find(_)
            | Do::File(_)
            | Do::Cancel
            | Do::Fold(_)
            | Do::Letters(_) => {}
        }
        match refused {
            Some(Err(sentence)) => self.banner = Some(sentence),
            Some(Ok(())) => self.banner = None,
            None => {}
        }
    }

    fn show_dialog(&mut self, dialog: Option<Dialog>) {
        self.dialog = dialog;
        (self.refused, self.refusal) = (None, None);
        self.sought.clear();
        (self.asking, self.answer) = (None, None);
        if let (Some(_), Some(lab)) = (dialog, &mut self.lab) {
            lab.play(false);
        }
    }

    // After every change.

    /// Works out again what follows from the run, and starts what has to be started.
    fn after(&mut self, ctx: &Context<Self>) {
        let width = self.diagram.0 - crate::timeline::diagram::gutter(self.diagram.0);
        self.forget_report();
        let Some(lab) = self.lab.as_mut().filter(|_| !self.home) else { return };
        let now = js_sys::Date::now();
        lab.attend();
        lab.follow(width);
        let view = lab.view.clone();
        let geometry = Geometry::of(&view, self.stage.0, self.stage.1);
        if *self.scene.geometry != geometry {
            self.scene.geometry = Rc::new(geometry);
        }
        let due = !lab.playing || now - self.read_at > 150.0;
        if due || lab.reading || lab.seeking {
            let read = lab.read();
            if read {
                (self.scene.rows, self.scene.headline) = (lab.rows(), lab.headline());
            }
            // One thing after the other: each takes a slice of the frame.
            if read && self.tab == Tab::State {
                let curves = lab.curves();
                if *self.scene.curves != curves {
                    self.scene.curves = Rc::new(curves);
                }
                self.scene.measures = lab.measure();
            }
        }
        if due {
            if self.tab == Tab::State {
                self.scene.operations = lab.operations();
            }
            let offers = lab.offers();
            if *self.scene.offers != offers {
                self.scene.offers = Rc::new(offers);
            }
            self.scene.shortcuts = lab.shortcuts();
            self.read_at = now;
        }
        self.scene.chunks = lab.chunks(width);
        self.scene.causality = lab.causality();
        self.beside = self.beside.take().and_then(|beside| beside.renewed(lab));
        if let Some(beside) = &mut self.beside {
            beside.follow(lab, self.stage, self.diagram.0);
        }
        self.listen();
        self.speak(ctx);
        if self.frame.is_none() && self.is_active() {
            self.request_frame(ctx);
        }
        let Some(lab) = &self.lab else { return };
        // While time goes on the address follows once a second; else as soon as nothing changes any more.
        if self.writer.is_none() || !lab.playing {
            let link = ctx.link().clone();
            let wait = if lab.playing { 1_000 } else { 350 };
            self.writer = Some(Timeout::new(wait, move || link.send_message(Do::WriteAddress)));
        }
        if self.may_sum(lab) && self.checksum_of(lab).is_none() && self.checker.is_none() {
            let link = ctx.link().clone();
            self.checker = Some(Timeout::new(120, move || link.send_message(Do::Checksum)));
        }
    }

    /// Whether something goes on from frame to frame.
    fn is_active(&self) -> bool {
        self.lab.as_ref().is_some_and(Lab::is_active) || self.beside.as_ref().is_some_and(Beside::is_learning)
    }

    /// The checksum of the run, once it is worked out.
    pub(crate) fn checksum_of(&self, lab: &Lab) -> Option<u64> {
        self.checksum.filter(|(version, _)| *version == lab.version).map(|(_, sum)| sum)
    }

    /// Whether it is time to work on the checksum: time stands still, or a link has to be held to it.
    fn may_sum(&self, lab: &Lab) -> bool {
        let promised = self.promised.as_ref().is_some_and(|(version, _)| *version == lab.version);
        (!lab.playing || promised) && !lab.learning
    }

    /// Works on the checksum for a slice; whether it is known now.
    fn sum(&mut self, ctx: &Context<Self>) -> bool {
        let Some(lab) = self.lab.as_ref().filter(|lab| self.may_sum(lab)) else { return false };
        let run = lab.session().run();
        let begun = self.summing.take().filter(|(version, _)| *version == lab.version);
        let mut sum = begun.map_or_else(|| Checksum::new(run), |(_, sum)| sum);
        let end = browser::now() + SUMMED;
        while browser::now() < end {
            if let Some(checksum) = sum.step(run, 256) {
                self.checksum = Some((lab.version, checksum));
                self.hold_to_link(lab.version, checksum);
                self.write_address();
                return true;
            }
        }
        self.summing = Some((lab.version, sum));
        let link = ctx.link().clone();
        self.checker = Some(Timeout::new(0, move || link.send_message(Do::Checksum)));
        false
    }

    /// What those who cannot see it are to hear: while time goes on what matters, else every event.
    fn listen(&mut self) {
        let Some(lab) = &self.lab else { return };
        let line = if lab.playing { self.scene.headline.as_deref() } else { lab.view.latest.as_ref() };
        let Some(line) = line else { return };
        let flags = line.record.flags;
        let weighty =
            [Flags::MILESTONE, Flags::VIOLATION, Flags::ACT].into_iter().any(|mark| flags.has(mark));
        self.speech.hear(&aloud(line, &lab.view), weighty);
    }

    /// Says what is due, and sees to it that the rest is said, too.
    fn speak(&mut self, ctx: &Context<Self>) {
        let wait = self.speech.speak(js_sys::Date::now());
        if let (Some(wait), None) = (wait, &self.speaker) {
            let link = ctx.link().clone();
            self.speaker = Some(Timeout::new(wait.ceil() as u32, move || link.send_message(Do::Speak)));
        }
    }

    /// What is picked, as names of what is marked; see [`crate::kit::light`].
    fn picked(&self) -> String {
        let Some(lab) = self.lab.as_ref().filter(|_| !self.home) else { return String::new() };
        match (lab.message(), lab.act) {
            (Some(message), _) => crate::kit::light::way(message.cause, message.from, message.to),
            (None, Some(act)) => format!("a{act}"),
            (None, None) => String::new(),
        }
    }
}

/// An event in words, with what it did to the claims.
fn aloud(line: &Line, view: &View) -> String {
    let mut words = line.sentence.clone();
    for claim in &view.claims {
        match &claim.standing {
            Standing::Violated { event, sentence } if *event == line.index => {
                words = format!("{} is violated: {sentence}. {words}", claim.name);
            }
            _ => {}
        }
    }
    if let Some(breach) = view.broken.iter().find(|breach| breach.event == Some(line.index)) {
        words = format!("{words}. Its claims are not promised any more. {}", breach.sentence);
    }
    words
}

/// An element of the page.
pub(crate) fn find<T: JsCast>(selector: &str) -> Option<T> {
    browser::document()?.query_selector(selector).ok().flatten()?.dyn_into().ok()
}
