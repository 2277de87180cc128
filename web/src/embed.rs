//! A run within the page of somebody else: the stage, one row of controls, and the way to the laboratory. It needs neither
//! the laboratory nor what surrounds that.
//!
//! Its address is that of the laboratory with `?embed` and its options before `#`. So the part behind `#` stays the link that it
//! is, with its own checksum, and options may be changed by hand.
//!
//! **Architecture invariant.** It listens to no key and no wheel of the window: keys reach it only while the focus is in it.
//! While it is out of sight it asks for no frame and no timer.

use crate::beside::Extra;
use crate::browser::sight::Sight;
use crate::browser::theme::Theme;
use crate::browser::{self, address, find};
use crate::kit::prose;
use crate::lab::Lab;
use crate::lab::reel::{self, Reel};
use crate::parts::{self, links, room};
use crate::wishes::Do;
use crate::wishes::keys::Command;
use api::{Request, State, Told, Way};
use faultline_core::link;
use faultline_core::session::Target;
use faultline_core::time::exact;
use gloo::events::EventListener;
use options::Options;
use web_sys::HtmlElement;
use yew::prelude::*;

mod api;
mod drawn;
pub(crate) mod options;
mod time;

room! {
    /// The embed.
    EMBED, embed: fn() -> Html = || html! { <Embed /> }
}

/// What draws it, once that is here; `then` is told when it has come.
pub(crate) fn draw(then: &Callback<()>) -> Option<Html> {
    if let Some(embed) = EMBED.here() {
        return Some(embed());
    }
    EMBED.ask(then);
    EMBED.lost(then)
}

/// The embed.
struct Embed {
    options: Options,
    /// Why it cannot be shown.
    refused: Option<String>,
    /// Whether its protocol cannot be had.
    lost: bool,
    /// Whether its link only names the run.
    named: bool,
    reel: Reel,
    /// When its end was reached, where it begins again after that.
    rests: Option<f64>,
    in_sight: bool,
    /// Whether other parts are there now, whose sizes have to be read.
    rearranged: bool,
    /// What stands beside the stage, or in its place.
    extra: Extra,
    way: Option<Way>,
    /// What the page around it has been told last of how things stand.
    told: Option<(bool, String, usize)>,
    frame: NodeRef,
    sight: Option<Sight>,
    dispatch: Callback<Do>,
    _listeners: Vec<EventListener>,
}

/// What happens to it.
enum Happens {
    /// Somebody wants something.
    Wish(Do),
    /// It comes into sight, or leaves it.
    Seen(bool),
    /// The page around it wants something.
    Asked(Result<Request, String>),
}

impl Component for Embed {
    type Message = Happens;
    type Properties = ();

    fn create(ctx: &Context<Self>) -> Self {
        let (options, refused) = match Options::read() {
            Ok(options) => (options, None),
            Err(sentence) => (Options::default(), Some(format!("This embed cannot be shown: {sentence}."))),
        };
        Theme::named(&options.theme);
        // The whole document has no other page to show, so it need not scroll.
        if let Some(root) = browser::document().and_then(|document| document.document_element()) {
            let _ = root.set_attribute("data-embedded", "");
        }
        let extra = Extra::of(options.view);
        let dispatch = ctx.link().callback(Happens::Wish);
        let mut embed = Embed {
            way: Way::open(options.origin.clone(), ctx.link().callback(Happens::Asked)),
            options,
            refused,
            lost: false,
            named: false,
            reel: Reel::default(),
            rests: None,
            in_sight: false,
            rearranged: false,
            extra,
            told: None,
            frame: NodeRef::default(),
            sight: None,
            _listeners: reel::listen(&dispatch),
            dispatch,
        };
        embed.fetch();
        embed
    }

    fn update(&mut self, _: &Context<Self>, happens: Happens) -> bool {
        match happens {
            Happens::Wish(Do::Frame(now)) => return self.tick(now),
            Happens::Wish(wish) => self.carry_out(wish),
            Happens::Seen(seen) => self.in_sight = seen,
            Happens::Asked(Ok(request)) => self.answer(request),
            Happens::Asked(Err(sentence)) => self.refuse(&sentence),
        }
        self.after();
        true
    }

    fn view(&self, _: &Context<Self>) -> Html {
        let retry = self.dispatch.reform(|_: MouseEvent| Do::Retry);
        match (&self.refused, &self.reel.lab) {
            (Some(sentence), _) => {
                html! { <p class="embed-refused" role="alert">{ prose::prose(sentence) }</p> }
            }
            (None, Some(lab)) => self.draw(lab),
            (None, None) if self.lost => parts::failed(retry),
            // Meanwhile the shell of the page is seen.
            (None, None) => links::lost(&self.entered()).unwrap_or_default(),
        }
    }

    fn rendered(&mut self, ctx: &Context<Self>, _: bool) {
        browser::leave_shell();
        if let (None, Some(frame)) = (&self.sight, self.frame.cast::<web_sys::Element>()) {
            self.sight = Sight::of(&frame, ctx.link().callback(Happens::Seen));
            self.rearranged = true;
        }
        if std::mem::take(&mut self.rearranged) {
            self.dispatch.emit(Do::Measure);
        }
        self.reel.show_time(time::NAME);
    }
}

impl Embed {
    fn entered(&self) -> Callback<()> {
        self.dispatch.reform(|()| Do::Entered)
    }

    /// Fetches what the address needs, if it has still to arrive.
    fn fetch(&mut self) {
        self.lost = false;
        let fragment = address::fragment();
        match parts::lacking(&fragment) {
            Some(leaf) => {
                let then = self.dispatch.reform(|came| Do::Arrived(leaf.slug, came));
                parts::fetch_link(fragment, then);
            }
            None => self.read(),
        }
    }

    /// Reads the address, once its protocol is here.
    fn read(&mut self) {
        let fragment = address::fragment();
        self.named = link::only_names(&fragment);
        match links::read(&fragment, &self.entered()) {
            Some(Ok(linked)) => {
                self.reel.begin(linked.scenario);
                self.open();
            }
            Some(Err(complaint)) => {
                self.refused = Some(format!("This run cannot be shown: {}.", complaint.sentence));
            }
            None => {}
        }
    }

    /// Plays the run for a slice, and opens it once all of it is known.
    fn open(&mut self) {
        if !self.reel.open(&self.dispatch) {
            return;
        }
        let Some(lab) = &mut self.reel.lab else { return };
        let show = lab.session().scenario().show;
        let moves = show.is_none() || self.options.start.is_some() || self.options.again;
        if let Some(speed) = self.options.speed {
            lab.speed = speed;
        }
        if let Some(start) = self.options.start {
            lab.go(|session| session.seek_time(start));
        }
        lab.play(moves && !self.reel.frames.reduced);
    }

    fn carry_out(&mut self, wish: Do) {
        match wish {
            Do::Arrived(_, true) | Do::Entered if self.reel.lab.is_none() => self.read(),
            Do::Entered => self.rearranged = true,
            Do::Arrived(_, false) => self.lost = true,
            Do::Retry => self.fetch(),
            Do::Address => {
                self.reel.clear();
                self.refused = None;
                self.fetch();
            }
            Do::Work => self.open(),
            Do::Measure => self.reel.measure(),
            Do::Key(event) => self.press(&event),
            Do::Command(Command::Play) => self.play(self.reel.lab.as_ref().is_some_and(|lab| !lab.playing)),
            Do::Command(Command::Step(forwards)) => self.go(|session| session.step(forwards)),
            Do::Scrub(time) => self.go(|session| session.seek_time(time)),
            Do::Event(event) => self.go(|session| session.seek_event(event)),
            Do::Drag(time) => {
                if let Some(lab) = &mut self.reel.lab {
                    lab.drag(time);
                }
            }
            Do::Act(words) if !self.options.locked => self.act(&words),
            Do::Command(Command::Offer(verbs)) if !self.options.locked => {
                let offers = self.reel.lab.as_ref().map(Lab::offers).unwrap_or_default();
                let offer = verbs.iter().find_map(|verb| offers.iter().find(|offer| offer.verb == *verb));
                if let Some(offer) = offer {
                    self.act(&offer.words);
                }
            }
            Do::Select(target) if !self.options.locked => {
                if let Some(lab) = &mut self.reel.lab {
                    if matches!(target, Some(Target::Message(_))) {
                        // A message that moves on cannot be dragged.
                        lab.play(false);
                    }
                    lab.selection = target;
                }
            }
            // The others are wishes for the laboratory.
            _ => {}
        }
    }

    fn act(&mut self, words: &str) {
        let done = self.reel.lab.as_mut().map(|lab| lab.attempt(|session| session.act(words)));
        if let Some(Err(sentence)) = done {
            self.refuse(&sentence);
        }
    }

    fn answer(&mut self, request: Request) {
        match request {
            Request::Play(playing) => self.play(playing),
            Request::Seek(time) => self.go(|session| session.seek_time(time)),
            Request::Act(words) => self.act(&words),
            Request::State => {}
        }
        // The answer is how things stand then.
        self.told = None;
        self.tell();
    }

    fn refuse(&self, sentence: &str) {
        if let Some(way) = &self.way {
            way.tell(&Told::Refused(sentence));
        }
    }

    /// A key that was pressed while the focus is in the frame, and that nothing in it has used.
    fn press(&mut self, event: &KeyboardEvent) {
        let wish = match event.key().as_str() {
            " " | "k" => Do::Command(Command::Play),
            "ArrowRight" => Do::Command(Command::Step(true)),
            "ArrowLeft" => Do::Command(Command::Step(false)),
            "Escape" => {
                if let Some(focused) = find::<HtmlElement>(":focus") {
                    let _ = focused.blur();
                }
                if let Some(way) = &self.way {
                    way.leave();
                }
                return;
            }
            _ => return,
        };
        event.prevent_default();
        self.carry_out(wish);
    }

    /// After every change: what is drawn, what is told, and whether time goes on.
    fn after(&mut self) {
        self.reel.arrange();
        self.extra.renew(&mut self.reel);
        self.tell();
        self.reel.go_on(self.in_sight, &self.dispatch);
    }

    /// Tells the page around it how things stand, where that is something new.
    fn tell(&mut self) {
        let (Some(way), Some(lab)) = (&self.way, &self.reel.lab) else { return };
        let caption = lab.view.caption.as_ref().map_or("", |caption| caption.title.as_str());
        let now = (lab.playing, caption.to_owned(), if lab.playing { 0 } else { lab.view.event });
        if self.told.as_ref() != Some(&now) {
            let (start, end) = self.bounds(lab);
            let (time, event) = (lab.session().time(), lab.view.event);
            way.tell(&Told::State(State {
                playing: lab.playing,
                ended: time >= end,
                time,
                start,
                end,
                event,
                caption,
            }));
            self.told = Some(now);
        }
    }

    /// The same run in the laboratory, at this moment where its link only names it.
    fn in_the_lab(&self, lab: &Lab) -> String {
        let (base, fragment) = (address::base(), address::fragment());
        if !self.named {
            return format!("{base}#{fragment}");
        }
        let path = fragment.split('?').next().unwrap_or_default();
        format!("{base}#{path}?{}", exact(lab.session().time()))
    }
}
