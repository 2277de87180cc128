//! Pictures that are made in the browser: the page's components are drawn once more, beside the page, where nobody sees them.

use super::film::{self, Film};
use super::playing::Playing;
use super::reel::Reel;
use super::sheet::{Sheet, SheetProps, Shot};
use super::{HEADER, Take, about, about_stretch, open, picture, played, scene, shot, worded};
use crate::browser::document;
use crate::lab::Lab;
use crate::parts::room;
use crate::stage::more;
use faultline_core::export::Picture;
use faultline_core::scenario::Scenario;
use faultline_core::session::Target;
use faultline_core::time::Micros;
use gloo::timers::callback::Timeout;
use js_sys::{Array, Function, Uint8Array};
use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, CanvasRenderingContext2d, HtmlCanvasElement, HtmlImageElement, XmlSerializer};
use yew::prelude::*;

/// What is said where a file cannot be held.
const NO_ROOM: &str = "The browser has no room for this file.";

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
    /// What makes pictures.
    PICTURES, pictures: fn(Wanted) -> Made = |wanted| Box::pin(file(wanted))
}

room! {
    /// What writes pixels that play as a file.
    FILMS, films: fn(Film, Picture, &str) -> Result<Vec<u8>, String> = Film::write
}

/// Makes a file.
///
/// # Errors
/// One sentence when it cannot be made.
pub async fn made(wanted: Wanted) -> Result<Blob, String> {
    match PICTURES.come().await {
        Some(make) => make(wanted).await,
        None => Err(LOST.to_owned()),
    }
}

/// What is said where a part of the page cannot be had.
const LOST: &str = "What draws pictures could not be loaded. Check your connection and try again.";

async fn file(wanted: Wanted) -> Result<Blob, String> {
    match wanted.picture {
        Picture::Svg | Picture::Png => of_moment(wanted).await,
        Picture::Playing | Picture::Page => playing(wanted).await,
        Picture::Gif | Picture::Apng => painted_film(wanted).await,
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

async fn of_moment(wanted: Wanted) -> Result<Blob, String> {
    let mut lab = looked_at(&wanted).await?;
    let take = &wanted.take.as_a(wanted.picture);
    let shot = Rc::new(shot(&mut lab, take)?);
    let about = about(&lab, take);
    let svg = picture(&sheet(&shot).await?, take.theme, &about)?;
    if wanted.picture == Picture::Svg {
        return blob(svg.as_bytes());
    }
    let canvas = painted(&svg, shot.size(), wanted.scale, None).await?;
    let (told, made) = telling();
    // It fails only for what is of another origin, and nothing is.
    let _ = canvas.to_blob(told.0.as_ref().unchecked_ref());
    let png: Blob =
        made.await.dyn_into().map_err(|_| "The browser could not make a PNG of this size.".to_owned())?;
    said_in(&png, &about.1).map_err(|_| NO_ROOM.to_owned())
}

/// A PNG with what it is.
fn said_in(png: &Blob, words: &str) -> Result<Blob, JsValue> {
    let header = i32::from(HEADER);
    let (head, rest) = (png.slice_with_i32_and_i32(0, header)?, png.slice_with_i32(header)?);
    let chunk = Uint8Array::from(worded(words).as_slice());
    Blob::new_with_blob_sequence(&Array::of3(&head, &chunk, &rest))
}

async fn playing(wanted: Wanted) -> Result<Blob, String> {
    let mut lab = looked_at(&wanted).await?;
    let (take, (from, until)) = (&wanted.take, wanted.stretch);
    let reel = Reel::of(&mut lab, Some(from), Some(until), None)?;
    let (mut playing, mut told) = (Playing::new(reel.clone(), take.theme), None);
    for (nth, time) in reel.times.iter().enumerate() {
        let shot = Rc::new(scene(&mut lab, take, &reel, *time, &mut told)?);
        playing.add(nth, &shot, &sheet(&shot).await?)?;
        breath().await;
    }
    blob(played(playing, wanted.picture, &lab, take, &reel)?.as_bytes())
}

async fn painted_film(wanted: Wanted) -> Result<Blob, String> {
    let mut lab = looked_at(&wanted).await?;
    let (take, (from, until)) = (&wanted.take.as_a(wanted.picture), wanted.stretch);
    let write = FILMS.come().await.ok_or(LOST)?;
    let reel = Reel::of(&mut lab, Some(from), Some(until), None)?;
    let ((mut film, at), mut told, none) = (Film::of(&reel), None, (String::new(), String::new()));
    let mut canvas = None;
    for seconds in at {
        let shot = Rc::new(scene(&mut lab, take, &reel, reel.at(seconds), &mut told)?);
        let svg = picture(&sheet(&shot).await?, take.theme, &none)?;
        let here = painted(&svg, shot.size(), wanted.scale, canvas.take()).await?;
        let (wide, tall) = (f64::from(here.width()), f64::from(here.height()));
        let read = context(&here).and_then(|it| it.get_image_data(0.0, 0.0, wide, tall).ok());
        let pixels = read.ok_or("The browser does not let the pixels of a picture be read.")?;
        film.add(here.width() as usize, &pixels.data())?;
        canvas = Some(here);
    }
    let (_, says) = about_stretch(&lab, take, &reel);
    blob(&write(film, wanted.picture, &says)?)
}

/// What the page draws of a sheet.
async fn sheet(shot: &Rc<Shot>) -> Result<String, String> {
    const NOT: &str = "The browser could not draw the picture.";
    let host = document().and_then(|it| it.create_element("div").ok()).ok_or(NOT)?;
    let (told, drawn) = telling();
    let done = Callback::from(move |()| told.call());
    let props = SheetProps { shot: shot.clone(), done };
    let handle = yew::Renderer::<Sheet>::with_root_and_props(host.clone(), props).render();
    let _ = drawn.await;
    let svg = host.first_element_child().ok_or(NOT)?;
    let text = XmlSerializer::new().and_then(|it| it.serialize_to_string(&svg)).map_err(|_| NOT);
    handle.destroy();
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
    let (told, decoded) = telling();
    let _ = image.decode().then2(&told.0, &told.0);
    let _ = decoded.await;
    if image.natural_width() == 0 {
        return Err(NOT.to_owned());
    }
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

/// What is told once, and who waits for it.
#[derive(Default)]
struct Heard {
    told: Option<JsValue>,
    waits: Option<Waker>,
}

/// Waits until something is told. The futures of promises would bring more code into the main program than this is.
struct Hears(Rc<RefCell<Heard>>);

/// Tells it.
struct Tells(Closure<dyn FnMut(JsValue)>);

impl Tells {
    fn call(&self) {
        let told: &Function = self.0.as_ref().unchecked_ref();
        let _ = told.call0(&JsValue::NULL);
    }
}

impl Future for Hears {
    type Output = JsValue;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<JsValue> {
        let mut heard = self.0.borrow_mut();
        if let Some(told) = heard.told.take() {
            return Poll::Ready(told);
        }
        heard.waits = Some(context.waker().clone());
        Poll::Pending
    }
}

/// A function that tells something, and what waits for that.
fn telling() -> (Tells, Hears) {
    let heard = Rc::new(RefCell::new(Heard::default()));
    let waits = Hears(heard.clone());
    let tell = move |value: JsValue| {
        let mut heard = heard.borrow_mut();
        heard.told = Some(value);
        if let Some(waits) = heard.waits.take() {
            waits.wake();
        }
    };
    (Tells(Closure::new(tell)), waits)
}

/// Lets the page do something else.
async fn breath() {
    let (told, passed) = telling();
    Timeout::new(0, move || told.call()).forget();
    let _ = passed.await;
}

fn blob(bytes: &[u8]) -> Result<Blob, String> {
    let parts = Array::of1(&Uint8Array::from(bytes));
    Blob::new_with_u8_array_sequence(&parts).map_err(|_| NO_ROOM.to_owned())
}
