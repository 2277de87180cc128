//! Pictures that are taken away, made without a browser: drawn by the page's components, and painted by resvg.

use crate::drawn;
use faultline_core::export::Picture;
use faultline_core::time::Micros;
use faultline_web::lab::Lab;
use faultline_web::takeaway::film::{self, Film};
use faultline_web::takeaway::playing::Playing;
use faultline_web::takeaway::sheet::{Sheet, SheetProps, Shot};
use faultline_web::takeaway::{HEADER, about, about_stretch, picture, played, scene, shot, worded};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};
use std::rc::Rc;
use std::sync::Arc;

pub use faultline_web::takeaway::reel::Reel;
pub use faultline_web::takeaway::style::Theme;
pub use faultline_web::takeaway::{Seen, Take, begin, open};

/// The letters that most runs need; of others those of the system are asked. Widths are those that the page counts on.
const FONTS: [&[u8]; 3] = [
    include_bytes!("../fonts/DejaVuSans.ttf"),
    include_bytes!("../fonts/DejaVuSans-Bold.ttf"),
    include_bytes!("../fonts/DejaVuSansMono.ttf"),
];

/// The stretch that a picture plays, if it does: from when, until when, and for how many seconds.
pub type Stretch = (Option<Micros>, Option<Micros>, Option<f64>);

/// A picture of a run, as a file: of the moment at the playhead, or of a stretch.
///
/// # Errors
/// One sentence when there is too much for a picture, or it cannot be made.
pub fn file(
    lab: &mut Lab,
    kind: Picture,
    take: &Take,
    stretch: Stretch,
    scale: f64,
) -> Result<Vec<u8>, String> {
    let (take, (from, until, seconds)) = (&take.as_a(kind), stretch);
    match kind {
        Picture::Svg => svg(lab, take).map(String::into_bytes),
        Picture::Png => png(&svg(lab, take)?, scale, &about(lab, take).1),
        Picture::Playing | Picture::Page => {
            let reel = Reel::of(lab, from, until, seconds)?;
            playing(lab, kind, take, &reel).map(String::into_bytes)
        }
        Picture::Gif | Picture::Apng => {
            let reel = Reel::of(lab, from, until, seconds)?;
            let (_, says) = about_stretch(lab, take, &reel);
            painted(lab, take, &reel, scale)?.write(kind, &says)
        }
    }
}

/// A picture of the moment at the playhead as SVG.
fn svg(lab: &mut Lab, take: &Take) -> Result<String, String> {
    let shot = Rc::new(shot(lab, take)?);
    picture(&sheet(&shot)?, take.theme, &about(lab, take))
}

/// A stretch that plays by itself, as a picture or a page.
fn playing(lab: &mut Lab, kind: Picture, take: &Take, reel: &Reel) -> Result<String, String> {
    let (mut playing, mut told) = (Playing::new(reel.clone(), take.theme), None);
    for (nth, time) in reel.times.iter().enumerate() {
        let shot = Rc::new(scene(lab, take, reel, *time, &mut told)?);
        playing.add(nth, &shot, &sheet(&shot)?)?;
    }
    played(playing, kind, lab, take, reel)
}

/// A stretch as pixels.
fn painted(lab: &mut Lab, take: &Take, reel: &Reel, scale: f64) -> Result<Film, String> {
    let ((mut film, at), mut told, none) = (Film::of(reel), None, (String::new(), String::new()));
    for seconds in at {
        let shot = Rc::new(scene(lab, take, reel, reel.at(seconds), &mut told)?);
        let pixels = pixels(&picture(&sheet(&shot)?, take.theme, &none)?, scale)?;
        film.add(pixels.width() as usize, pixels.data())?;
    }
    Ok(film)
}

/// What the page draws of a sheet.
fn sheet(shot: &Rc<Shot>) -> Result<String, String> {
    let props = SheetProps { shot: shot.clone(), done: yew::Callback::noop() };
    drawn::<Sheet>(props).map_err(|error| format!("The picture cannot be drawn: {error}."))
}

/// A picture as a PNG file that says what it is.
fn png(svg: &str, scale: f64, words: &str) -> Result<Vec<u8>, String> {
    let mut file =
        pixels(svg, scale)?.encode_png().map_err(|error| format!("The PNG cannot be written: {error}."))?;
    let header = usize::from(HEADER);
    file.splice(header..header, worded(words));
    Ok(file)
}

/// A picture as pixels. It has paper everywhere, so none of them lets through.
fn pixels(svg: &str, scale: f64) -> Result<Pixmap, String> {
    thread_local! {
        static FONTS_OF: [Options<'static>; 2] = [fonts(false), fonts(true)];
    }
    let tree = FONTS_OF.with(|[own, all]| {
        let options = if svg.chars().all(has_letter) { own } else { all };
        Tree::from_str(svg, options).map_err(|error| format!("The picture cannot be painted: {error}."))
    })?;
    let size = (f64::from(tree.size().width()), f64::from(tree.size().height()));
    let (width, height) = film::pixels(size, scale)?;
    let mut pixels = Pixmap::new(width, height).ok_or("The picture has no pixels.")?;
    let larger = Transform::from_scale(scale as f32, scale as f32);
    resvg::render(&tree, larger, &mut pixels.as_mut());
    Ok(pixels)
}

/// Whether the fonts that come with this program are to have a letter.
fn has_letter(letter: char) -> bool {
    matches!(
        letter,
        '\u{0}'..='\u{17F}' | '\u{370}'..='\u{3FF}' | '\u{400}'..='\u{45F}' | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{203A}'
            | '\u{2070}'..='\u{209F}' | '\u{2190}'..='\u{22FF}' | '\u{25A0}'..='\u{25FF}' | '\u{FFFD}'
    )
}

fn fonts(of_system: bool) -> Options<'static> {
    let mut options = Options { font_family: "DejaVu Sans".to_owned(), ..Options::default() };
    let fonts = options.fontdb_mut();
    for font in FONTS {
        fonts.load_font_source(resvg::usvg::fontdb::Source::Binary(Arc::new(font)));
    }
    fonts.set_sans_serif_family("DejaVu Sans");
    fonts.set_monospace_family("DejaVu Sans Mono");
    if of_system {
        fonts.load_system_fonts();
    }
    options
}
