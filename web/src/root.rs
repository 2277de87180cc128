//! The page before anything is open: the first page, with the top bar. Once a run is wanted the laboratory arrives and takes
//! over all of it.

use crate::app::{App, Brought, at_home, elsewhere};
use crate::browser::theme::Theme;
use crate::browser::{self, address};
use crate::dialogs::files;
use crate::embed;
use crate::front::Home;
use crate::kit::bar;
use crate::learn;
use crate::lecture;
use crate::parts::{self, links, room};
use crate::wishes::{Do, File};
use faultline_core::link;
use gloo::events::EventListener;
use std::rc::Rc;
use yew::prelude::*;

room! {
    /// The laboratory, with what somebody brought to it.
    LABORATORY, laboratory: fn(Brought) -> Html = |brought| html! { <App {brought} /> }
}

/// The page.
pub struct Root {
    theme: Theme,
    /// Whether this is a frame in somebody else's page.
    embedded: bool,
    /// The protocol whose lesson is wanted.
    lesson: Option<&'static str>,
    /// Whether a run is to be presented.
    presents: bool,
    /// Whether a run is wanted, or was.
    wanted: bool,
    brought: Brought,
    _listeners: Vec<EventListener>,
}

/// What happens to it.
pub enum Happens {
    /// The part of the address behind `#` is another one.
    Address,
    /// Somebody wants the next colour scheme.
    Theme,
    /// A file is dropped.
    File(Rc<File>),
    /// The laboratory has arrived, or cannot be had.
    Entered,
}

impl Component for Root {
    type Message = Happens;
    type Properties = ();

    fn create(ctx: &Context<Self>) -> Self {
        let link = ctx.link();
        let embedded = embed::options::wanted();
        let address = link.callback(|()| Happens::Address);
        let mut listeners = files::drops(link.batch_callback(|wish| match wish {
            Do::File(file) => Some(Happens::File(file)),
            _ => None,
        }));
        listeners.extend(
            crate::browser::window()
                .map(|window| EventListener::new(&window, "hashchange", move |_| address.emit(()))),
        );
        let mut root = Root {
            theme: if embedded { Theme::named("auto") } else { Theme::remembered() },
            embedded,
            lesson: None,
            presents: false,
            wanted: false,
            brought: Brought::default(),
            _listeners: listeners,
        };
        root.look();
        root
    }

    fn update(&mut self, _: &Context<Self>, happens: Happens) -> bool {
        match happens {
            // A run that is open looks at the address itself.
            Happens::Address if self.wanted && !elsewhere(&address::fragment()) => return false,
            Happens::Address => self.look(),
            Happens::Theme => self.theme.turn(),
            Happens::File(_) if LABORATORY.here().is_some() && self.wanted => return false,
            Happens::File(file) => (self.brought, self.wanted) = (Brought::file(file), true),
            Happens::Entered => {}
        }
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        if self.embedded {
            let then = ctx.link().callback(|()| Happens::Entered);
            return embed::draw(&then).unwrap_or_default();
        }
        let frame = |body: Html| {
            let turn = ctx.link().callback(|_: MouseEvent| Happens::Theme);
            html! {
                <div class="page at-home">
                    <header class="top">{ bar::logo() }<span class="space"></span>{ bar::theme(self.theme.name(), turn) }</header>
                    { body }
                </div>
            }
        };
        if let Some(slug) = self.lesson {
            let then = ctx.link().callback(|()| Happens::Entered);
            return learn::draw(slug, &then).unwrap_or_default();
        }
        if self.presents {
            let then = ctx.link().callback(|()| Happens::Entered);
            return lecture::draw(&then).unwrap_or_default();
        }
        if !self.wanted {
            return frame(html! { <Home theme={self.theme.name()} /> });
        }
        if let Some(laboratory) = LABORATORY.here() {
            return laboratory(self.brought.clone());
        }
        let then = ctx.link().callback(|()| Happens::Entered);
        LABORATORY.ask(&then);
        // Meanwhile the shell of the page is seen.
        LABORATORY.lost(&then).map(frame).unwrap_or_default()
    }

    fn rendered(&mut self, _: &Context<Self>, _first: bool) {
        browser::leave_shell();
    }
}

impl Root {
    /// Sees whether the address wants a run; then its protocol and what reads the address come together with the laboratory.
    fn look(&mut self) {
        let fragment = address::fragment();
        let presented = lecture::wanted(&fragment);
        (self.lesson, self.presents) = (learn::wanted(&fragment), presented.is_some());
        let at_home = at_home(&fragment);
        self.wanted = !elsewhere(&fragment) && !at_home;
        let slug = self.lesson.unwrap_or_else(|| link::protocol_of(presented.unwrap_or(&fragment)));
        if self.wanted && !self.embedded {
            links::prepare(&fragment);
        }
        if let Some(leaf) = parts::missing(slug).filter(|_| !at_home) {
            parts::fetch(leaf.slug, Callback::noop());
        }
    }
}
