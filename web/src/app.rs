//! The owner of the session: it carries out what components ask for, keeps the clock, and writes the address.

use crate::browser::{self, find};
use crate::dialogs::asked::Asked;
use crate::dialogs::files;
use crate::kit::{light, prose};
use crate::lab::Lab;
use crate::lab::frames::Frames;
use crate::page::Page;
use crate::page::beside::Beside;
use crate::page::moment::Moment;
use crate::page::scene::Scene;
use crate::page::shown::Shown;
use crate::recorded::Log;
use crate::wishes::{Dialog, Do, File, keys};
use crate::work::tasks::Tasks;
use gloo::events::{EventListener, EventListenerOptions};
use link::RunLink;
use std::rc::Rc;
use voice::Voice;
use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, KeyboardEvent};
use yew::prelude::*;

mod around;
mod arrivals;
mod commands;
mod frames;
mod history;
mod link;
mod log;
mod opening;
mod voice;
mod wishes;
mod working;

pub(crate) use opening::{at_home, elsewhere};

/// The page.
pub struct App {
    /// The run that is open.
    lab: Option<Lab>,
    /// Another branch at the same moment, where two are watched.
    beside: Option<Beside>,
    scene: Scene,
    /// What is said where a claim turns out not to hold.
    moment: Moment,
    shown: Shown,
    asked: Asked,
    tasks: Tasks,
    /// What has been wished for and cannot be carried out before a part of the page is here, in order.
    waiting: Vec<Do>,
    link: RunLink,
    frames: Frames,
    voice: Voice,
    /// The log that was opened or refused last.
    log: Option<Log>,
    dispatch: Callback<Do>,
    _listeners: Vec<EventListener>,
}

/// What somebody brought before the laboratory was there.
#[derive(Clone, Default)]
pub struct Brought(Option<Rc<File>>);

impl Brought {
    /// A file.
    pub fn file(file: Rc<File>) -> Self {
        Brought(Some(file))
    }
}

/// What the laboratory begins with; nothing of it matters later.
#[derive(Properties)]
pub struct AppProps {
    /// What was brought.
    pub brought: Brought,
}

impl PartialEq for AppProps {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Component for App {
    type Message = Do;
    type Properties = AppProps;

    fn create(ctx: &Context<Self>) -> Self {
        keys::set_letters(browser::remembered("faultline.letters").as_deref() != Some("off"));
        let dispatch = ctx.link().callback(|wish| wish);
        let mut app = App {
            lab: None,
            beside: None,
            scene: Scene::default(),
            moment: Moment::default(),
            shown: Shown::new(),
            asked: Asked::default(),
            tasks: Tasks::default(),
            waiting: Vec::new(),
            link: RunLink::default(),
            frames: Frames::new(),
            voice: Voice::default(),
            log: None,
            _listeners: listen(&dispatch),
            dispatch,
        };
        app.shown.surrounded = around::here().is_some();
        match &ctx.props().brought.0 {
            Some(file) => {
                app.shown.home = true;
                app.carry_out(Do::File(file.clone()));
            }
            None => app.open_address(),
        }
        app.after();
        app.go_on_working();
        app
    }

    fn update(&mut self, _: &Context<Self>, wish: Do) -> bool {
        match wish {
            Do::Frame(now) => return self.tick(now),
            Do::Nothing => return false,
            Do::Work => return self.work(),
            Do::WriteAddress | Do::Checksum | Do::Speak => {
                return around::here().is_some_and(|around| (around.attend)(self, &wish));
            }
            Do::Measure if !self.shown.measure() => return false,
            Do::Measure => {}
            wish => self.carry_out(wish),
        }
        self.after();
        self.go_on_working();
        true
    }

    fn view(&self, _: &Context<Self>) -> Html {
        Page {
            lab: self.lab.as_ref(),
            beside: self.beside.as_ref(),
            scene: &self.scene,
            moment: &self.moment,
            shown: &self.shown,
            asked: &self.asked,
            log: self.log.as_ref(),
            tasks: &self.tasks,
            checksum: self.lab.as_ref().and_then(|lab| self.link.checksum(lab)),
            said: self.voice.said(),
            dispatch: &self.dispatch,
            around: around::here().map(|around| &around.draws),
            lost: self.lost(),
        }
        .draw()
    }

    fn rendered(&mut self, _: &Context<Self>, _first: bool) {
        if self.shown.is_unmeasured() {
            self.dispatch.emit(Do::Measure);
        }
        if let Some(lab) = &self.lab {
            self.scene.motion.set_window(lab.window, lab.scale());
        }
        browser::leave_shell();
        self.show_time();
        light::again(self.picked());
        if let Some(field) = self.shown.focus.take().and_then(find::<HtmlInputElement>) {
            let _ = field.focus();
            field.select();
        }
    }
}

/// The listeners for what happens to the page as a whole.
fn listen(dispatch: &Callback<Do>) -> Vec<EventListener> {
    let Some(window) = browser::window() else { return Vec::new() };
    let on = |name: &'static str, wish: fn() -> Do| {
        let dispatch = dispatch.clone();
        EventListener::new(&window, name, move |_| dispatch.emit(wish()))
    };
    let asked = dispatch.clone();
    let options = EventListenerOptions::enable_prevent_default();
    let key = EventListener::new_with_options(&window, "keydown", options, move |event| {
        if let Some(event) = event.dyn_ref::<KeyboardEvent>()
            && keys::commands(event).next().is_some()
        {
            event.prevent_default();
            asked.emit(Do::Key(event.clone()));
        }
    });
    let mut listeners = light::follow();
    listeners.extend(browser::rest::follow());
    listeners.extend(files::drops(dispatch.clone()));
    listeners.extend([
        key,
        on("hashchange", || Do::Address),
        on("resize", || Do::Measure),
        on("load", || Do::Measure),
    ]);
    listeners
}

impl App {
    fn show_dialog(&mut self, dialog: Option<Dialog>) {
        self.asked.show(dialog);
        if let (Some(_), Some(lab)) = (dialog, &mut self.lab) {
            lab.play(false);
        }
    }

    /// After every change: works out again what follows from the run, and starts what has to be started.
    fn after(&mut self) {
        self.tasks.forget(self.lab.as_ref().map(|lab| lab.version));
        let Some(lab) = self.lab.as_mut().filter(|_| !self.shown.home) else { return };
        prose::call(&lab.session().scenario().names);
        self.scene.renew(lab, &self.shown, self.moment.is_told());
        if let Some(around) = around::here() {
            (around.renew)(self);
        }
        self.go_on_moving();
    }

    /// What is picked, as names of what is marked; see [`crate::kit::light`].
    fn picked(&self) -> String {
        let Some(lab) = self.lab.as_ref().filter(|_| !self.shown.home) else { return String::new() };
        match (lab.message(), lab.act) {
            (Some(message), _) => light::way(message.cause, message.from, message.to),
            (None, Some(act)) => format!("a{act}"),
            (None, None) => self.moment.marks().unwrap_or_default(),
        }
    }
}
