//! Pictures that are made in the browser: the page's components are drawn once more, beside the page, where nobody sees them.

use super::film::{self, Film};
use super::playing::Playing;
use super::reel::Reel;
use super::sheet::{Sheet, SheetProps, Shot};
use super::{Take, about, about_stretch, open, picture, scene, shot};
use crate::browser::document;
use crate::lab::Lab;
use crate::parts::room;
use crate::stage::more;
use faultline_core::export::Picture;
use faultline_core::scenario::Scenario;
use faultline_core::session::Target;
use faultline_core::time::Micros;
use gloo::timers::callback::Timeout;
use js_sys::{Array, Function, Promise, Uint8Array};
use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, CanvasRenderingContext2d, HtmlCanvasElement, HtmlImageElement, XmlSerializer};
use yew::prelude::*;

/// What is wanted of a run, and how the page looks at it.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    /// The run as text, with the moment that it shows.
    pub text: String,
    /// The format.
    pub picture: Picture,
    /// How it is taken.
    pub take: Take,
    /// How many pixels stand for one.
    pub scale: f64,
    /// From when until when it plays.
    pub stretch: (Micros, Micros),
    /// How the page looks at the run.
    pub looks: Looks,
}

/// How the page looks at a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Looks {
    /// The size of the stage.
    pub stage: (f64, f64),
    /// The ticks of the diagram, and where it begins.
    pub zoom: usize,
    /// The first instant in the diagram, in microseconds.
    pub first: f64,
    /// What is selected.
    pub selection: Option<Target>,
}

/// A file that is being made.
type Made = Pin<Box<dyn Future<Output = Result<Blob, String>>>>;

room! {
    /// What makes pictures of a moment, and pictures that play as SVG.
    PICTURES, pictures: fn(Wanted) -> Made = |wanted| Box::pin(lines(wanted))
}

room! {
    /// What makes pictures that play as pixels.
    FILMS, films: fn(Wanted) -> Made = |wanted| Box::pin(pixels_that_play(wanted))
}

/// Makes a file.
///
/// # Errors
/// One sentence when it cannot be made.
pub async fn made(wanted: Wanted) -> Result<Blob, String> {
    let room = if matches!(wanted.picture, Picture::Gif | Picture::Apng) { &FILMS } else { &PICTURES };
    match room.come().await {
        Some(make) => make(wanted).await,
        None => {
            Err("What draws pictures could not be loaded. Check your connection and try again.".to_owned())
        }
    }
}

/// The run as the page looks at it.
async fn looked_at(wanted: &Wanted) -> Result<Lab, String> {
    if !more::arrived().await {
        return Err("Part of the stage could not be loaded. Check your connection and try again.".to_owned());
    }
    let mut lab = open(Scenario::parse(&wanted.text).map_err(|complaint| complaint.to_string())?)?;
    (lab.zoom, lab.window, lab.selection) = (wanted.looks.zoom, wanted.looks.first, wanted.looks.selection);
    Ok(lab)
}

async fn lines(wanted: Wanted) -> Result<Blob, String> {
    let mut lab = looked_at(&wanted).await?;
    let take = &wanted.take.as_a(wanted.picture);
    if wanted.picture == Picture::Playing {
        let (from, until) = wanted.stretch;
        let reel = Reel::of(&mut lab, Some(from), Some(until), None)?;
        let (mut playing, mut told) = (Playing::new(reel.clone(), take.theme), None);
        for (nth, time) in reel.times.iter().enumerate() {
            let shot = Rc::new(scene(&mut lab, take, &reel, *time, &mut told)?);
            playing.add(nth, &shot, &sheet(&shot).await?)?;
            breath().await;
        }
        return blob(playing.finish(&about_stretch(&lab, take, &reel))?.as_bytes());
    }
    let shot = Rc::new(shot(&mut lab, take)?);
    let svg = picture(&sheet(&shot).await?, take.theme, &about(&lab, take))?;
    if wanted.picture == Picture::Svg {
        return blob(svg.as_bytes());
    }
    let canvas = painted(&svg, shot.size(), wanted.scale, None).await?;
    let promise = promise(|done| {
        // It fails only for what is of another origin, and nothing is.
        let _ = canvas.to_blob(done);
    });
    promise
        .await
        .ok()
        .and_then(|it| it.dyn_into().ok())
        .ok_or_else(|| "The browser could not make a PNG of this size.".to_owned())
}

async fn pixels_that_play(wanted: Wanted) -> Result<Blob, String> {
    let mut lab = looked_at(&wanted).await?;
    let (take, (from, until)) = (&wanted.take.as_a(wanted.picture), wanted.stretch);
    let reel = Reel::of(&mut lab, Some(from), Some(until), None)?;
    let ((mut film, at), mut told, none) = (Film::of(&reel), None, (String::new(), String::new()));
    let mut canvas = None;
    for seconds in at {
        let shot = Rc::new(scene(&mut lab, take, &reel, reel.at(seconds), &mut told)?);
        let svg = picture(&sheet(&shot).await?, take.theme, &none)?;
        let here = painted(&svg, shot.size(), wanted.scale, canvas.take()).await?;
        let read = context(&here).and_then(|it| {
            it.get_image_data(0.0, 0.0, f64::from(here.width()), f64::from(here.height())).ok()
        });
        let pixels = read.ok_or("The browser does not let the pixels of a picture be read.")?;
        film.add(here.width() as usize, &pixels.data())?;
        canvas = Some(here);
    }
    let (_, says) = about_stretch(&lab, take, &reel);
    blob(&if wanted.picture == Picture::Gif { film.gif(&says) } else { film.apng(&says) }?)
}

/// What the page draws of a sheet.
async fn sheet(shot: &Rc<Shot>) -> Result<String, String> {
    const NOT: &str = "The browser could not draw the picture.";
    let host = document().and_then(|it| it.create_element("div").ok()).ok_or(NOT)?;
    let mut handle = None;
    let drawn = promise(|done| {
        let (done, shot) = (done.clone(), shot.clone());
        let done = Callback::from(move |()| {
            let _ = done.call0(&JsValue::NULL);
        });
        let renderer = yew::Renderer::<Sheet>::with_root_and_props(host.clone(), SheetProps { shot, done });
        handle = Some(renderer.render());
    });
    drawn.await.map_err(|_| NOT)?;
    let svg = host.first_element_child().ok_or(NOT)?;
    let text = XmlSerializer::new().and_then(|it| it.serialize_to_string(&svg)).map_err(|_| NOT);
    if let Some(handle) = handle {
        handle.destroy();
    }
    Ok(text?)
}

/// A picture on a canvas, a new one or the one that was used before. It is read from its own address, so that the canvas is not
/// tainted.
async fn painted(
    svg: &str,
    size: (f64, f64),
    scale: f64,
    used: Option<HtmlCanvasElement>,
) -> Result<HtmlCanvasElement, String> {
    const NOT: &str = "The browser could not paint the picture.";
    let (width, height) = film::pixels(size, scale)?;
    let image = HtmlImageElement::new().map_err(|_| NOT)?;
    let address =
        format!("data:image/svg+xml;charset=utf-8,{}", String::from(js_sys::encode_uri_component(svg)));
    image.set_src(&address);
    JsFuture::from(image.decode()).await.map_err(|_| NOT)?;
    let made = || document()?.create_element("canvas").ok()?.dyn_into::<HtmlCanvasElement>().ok();
    let canvas = used.or_else(made).ok_or(NOT)?;
    canvas.set_width(width);
    canvas.set_height(height);
    let draws = context(&canvas).ok_or(NOT)?;
    draws
        .draw_image_with_html_image_element_and_dw_and_dh(
            &image,
            0.0,
            0.0,
            f64::from(width),
            f64::from(height),
        )
        .map_err(|_| NOT)?;
    Ok(canvas)
}

fn context(canvas: &HtmlCanvasElement) -> Option<CanvasRenderingContext2d> {
    canvas.get_context("2d").ok().flatten()?.dyn_into().ok()
}

/// Waits until a function is called that is handed out.
fn promise(begin: impl FnOnce(&Function)) -> JsFuture {
    let begin = RefCell::new(Some(begin));
    JsFuture::from(Promise::new(&mut |done, _| {
        if let Some(begin) = begin.take() {
            begin(&done);
        }
    }))
}

/// Lets the page do something else.
async fn breath() {
    let done = promise(|done| {
        let done = done.clone();
        Timeout::new(0, move || _ = done.call0(&JsValue::NULL)).forget();
    });
    let _ = done.await;
}

fn blob(bytes: &[u8]) -> Result<Blob, String> {
    let parts = Array::of1(&Uint8Array::from(bytes));
    Blob::new_with_u8_array_sequence(&parts).map_err(|_| "The browser has no room for this file.".to_owned())
}
