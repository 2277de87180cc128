//! The first thing that a visitor sees: a protocol that lives, and falls over when it is touched.

use super::below;
use crate::browser;
use crate::front::film::{Film, news};
use crate::kit::prose::prose;
use crate::parts;
use crate::picture::geometry::Geometry;
use crate::picture::motion::Motion;
use crate::stage::Stage;
use crate::wishes::Do;
use faultline_core::catalogue;
use faultline_core::scenario::Scenario;
use faultline_core::session::Target;
use faultline_core::view::View;
use std::rc::Rc;
use yew::platform::spawn_local;
use yew::prelude::*;

/// Which protocol is shown.
const SHOWN: &str = "raft";

/// What the stage is told.
#[derive(Properties, PartialEq)]
pub struct HeroProps {
    /// Who is told once its run plays, or cannot be had: what moves first shall not wait for more.
    pub ready: Callback<()>,
}

/// The stage of the first page.
pub struct Hero {
    /// The film, once its protocol has arrived.
    film: Option<Film>,
    /// Whether it cannot be had.
    failed: bool,
    /// Whether it has been drawn, and plays where motion is welcome.
    rolls: bool,
    motion: Motion,
    size: (f64, f64),
    stage: NodeRef,
    news: String,
    touch: Callback<Do>,
}

/// What happens to it.
pub enum Happens {
    /// An event, with its sentence where it matters.
    Event(Option<String>),
    /// Somebody touches something.
    Touched(Do),
    /// The protocol has arrived, or cannot be had.
    Arrived(bool),
    /// Somebody wants to try that again.
    Retry,
}

impl Component for Hero {
    type Message = Happens;
    type Properties = HeroProps;

    fn create(ctx: &Context<Self>) -> Self {
        parts::fetch(SHOWN, ctx.link().callback(Happens::Arrived));
        let touch = ctx.link().callback(Happens::Touched);
        Hero {
            film: None,
            failed: false,
            rolls: false,
            motion: Motion::default(),
            size: (0.0, 0.0),
            stage: NodeRef::default(),
            news: String::new(),
            touch,
        }
    }

    fn update(&mut self, ctx: &Context<Self>, happens: Happens) -> bool {
        match happens {
            Happens::Event(Some(news)) => self.news = news,
            Happens::Event(None) => {}
            Happens::Touched(wish) => self.touch(wish),
            Happens::Arrived(came) => {
                self.failed = !came;
                self.film = self.open(ctx);
                if self.failed {
                    ctx.props().ready.emit(());
                }
            }
            Happens::Retry => {
                self.failed = false;
                parts::fetch(SHOWN, ctx.link().callback(Happens::Arrived));
            }
        }
        self.measure();
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let Some(view) = self.film.as_ref().map(Film::view) else {
            let onclick = ctx.link().callback(|_: MouseEvent| Happens::Retry);
            return html! {
                <div class="hero-stage">
                    <div class="hero-picture" ref={self.stage.clone()}></div>
                    <p class="news" role="status">
                        if self.failed {
                            <button class="plain" data-tool="retry" {onclick}>{ "Try again" }</button>
                            <span>{ "The run could not be loaded. Check your connection." }</span>
                        } else {
                            <span>{ "Loading…" }</span>
                        }
                    </p>
                </div>
            };
        };
        let geometry = Rc::new(Geometry::of(&view, self.size.0, self.size.1));
        let leading = view.nodes.iter().rev().find(|node| node.leads());
        let (words, label) = match (leading, view.nodes.iter().find(|node| !node.up)) {
            (Some(node), _) => (format!("crash {}", node.id), format!("Crash the leader, {}", node.id)),
            (None, Some(node)) => (format!("restart {}", node.id), format!("Restart {}", node.id)),
            (None, None) => (String::new(), "No leader yet".to_owned()),
        };
        let disabled = words.is_empty();
        let onclick = self.touch.reform(move |_: MouseEvent| Do::Act(words.clone()));
        html! {
            <div class="hero-stage">
                <div class="hero-picture" ref={self.stage.clone()}>
                    <Stage view={view} {geometry} selection={None::<Target>} group={Vec::new()} paused={false}
                        motion={self.motion.clone()} dispatch={self.touch.clone()} />
                </div>
                <p class="news">
                    <button class="plain" {disabled} {onclick}>{ label }</button>
                    <span>{ prose(&self.news) }</span>
                </p>
            </div>
        }
    }

    fn rendered(&mut self, ctx: &Context<Self>, _first: bool) {
        if let Some(film) = self.film.as_ref().filter(|_| !self.rolls) {
            self.rolls = true;
            film.roll(!browser::media("(prefers-reduced-motion: reduce)"));
            ctx.link().send_message(Happens::Event(None));
            ctx.props().ready.emit(());
        }
    }
}

impl Hero {
    fn open(&self, ctx: &Context<Self>) -> Option<Film> {
        let (link, mover) = (ctx.link().clone(), self.motion.clone());
        let show = move |session: &faultline_core::Session, view: &Rc<View>, happened: bool| {
            mover.place(session.time());
            if happened {
                link.send_message(Happens::Event(news(session, view)));
            }
        };
        catalogue::find(SHOWN).map(|entry| Film::new(Scenario::of(entry), Box::new(show)))
    }

    /// Does what somebody wants, once what does it is here.
    fn touch(&self, wish: Do) {
        let Some(film) = self.film.clone() else { return };
        spawn_local(async move {
            if let Some(below) = below::come().await {
                (below.touch)(&film, &wish);
            }
        });
    }

    fn measure(&mut self) {
        if let Some(stage) = self.stage.cast::<web_sys::HtmlElement>() {
            self.size = (f64::from(stage.client_width()), f64::from(stage.client_height()));
        }
    }
}
