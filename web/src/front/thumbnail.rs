//! A small living stage: it plays while it is in sight, where motion is welcome.

use crate::browser;
use crate::browser::sight::Sight;
use crate::front::film::Film;
use crate::parts;
use crate::picture::geometry::Geometry;
use crate::stage::more::{Paint, painter};
use faultline_core::link::named;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use web_sys::HtmlCanvasElement;
use yew::platform::spawn_local;
use yew::prelude::*;

/// What is shown.
#[derive(Properties, PartialEq)]
pub struct ThumbnailProps {
    /// The protocol, by its slug.
    pub slug: &'static str,
    /// The name of its run that is shown.
    pub run: &'static str,
    /// The colour scheme: a picture that stands still is painted anew with another one.
    pub theme: &'static str,
}

/// The picture. When it is seen for the first time its protocol is fetched; until that is there, and where it cannot be had,
/// it is the one that was drawn with the page.
#[component]
pub fn Thumbnail(ThumbnailProps { slug, run, theme }: &ThumbnailProps) -> Html {
    let canvas = use_node_ref();
    let film = use_mut_ref(|| None::<Film>);
    let lives = use_state(|| false);
    {
        let (canvas, film, lives) = (canvas.clone(), film.clone(), lives.clone());
        let link = format!("/{slug}/{run}");
        use_effect_with((), move |()| {
            let element = canvas.cast::<HtmlCanvasElement>();
            let observer = element.and_then(|element| watch(element, film.clone(), lives, link));
            move || {
                drop(observer);
                *film.borrow_mut() = None;
            }
        });
    }
    use_effect_with(*theme, move |_| {
        if let Some(film) = film.borrow().as_ref() {
            film.show();
        }
    });
    let still = browser::picture(&format!("cards/{slug}")).filter(|_| !*lives);
    html! {
        <>
            if let Some(src) = still { <img class="still" alt="" loading="lazy" decoding="async" {src} /> }
            <canvas class="thumbnail" ref={canvas} aria-hidden="true"></canvas>
        </>
    }
}

/// Opens the film when the canvas comes into sight, and lets it play as long as it is.
fn watch(
    canvas: HtmlCanvasElement,
    film: Rc<RefCell<Option<Film>>>,
    lives: UseStateHandle<bool>,
    link: String,
) -> Option<Sight> {
    let target = canvas.clone();
    let in_sight = Rc::new(Cell::new(false));
    let play = {
        let (film, in_sight) = (film.clone(), in_sight.clone());
        move || {
            if let Some(film) = film.borrow().as_ref() {
                film.show();
                film.roll(in_sight.get() && !browser::media("(prefers-reduced-motion: reduce)"));
            }
        }
    };
    let link: Rc<str> = link.into();
    let arrived = {
        let (film, canvas, play, link) = (Rc::downgrade(&film), canvas.clone(), play.clone(), link.clone());
        Callback::from(move |paint| {
            if let Some(film) = film.upgrade().filter(|film| film.borrow().is_none()) {
                *film.borrow_mut() = open(&canvas, &link, paint);
                play();
                lives.set(film.borrow().is_some());
            }
        })
    };
    let seen = Callback::from(move |seen| {
        in_sight.set(seen);
        if in_sight.get() && film.borrow().is_none() {
            let (arrived, canvas, link) = (arrived.clone(), canvas.clone(), link.clone());
            spawn_local(async move {
                if parts::link(&link).await
                    && let Some(paint) = painter(canvas).await
                {
                    arrived.emit(paint);
                }
            });
        }
        play();
    });
    Sight::of(&target, seen)
}

fn open(canvas: &HtmlCanvasElement, link: &str, paint: Paint) -> Option<Film> {
    let scenario = named(link)?.ok()?.scenario;
    let (element, paint) = (canvas.clone(), RefCell::new(paint));
    let show = move |session: &faultline_core::Session, view: &Rc<_>, _: bool| {
        let (width, height) = (f64::from(element.client_width()), f64::from(element.client_height()));
        (paint.borrow_mut())(view, &Geometry::of(view, width, height), session.time());
    };
    Some(Film::new(scenario, Box::new(show)))
}
