//! Draws the pictures of the page into a folder: of every protocol's first run a small one for its card (`cards/SLUG.svg`), and
//! of every run that has a name one that is seen until the page can draw it itself (`runs/SLUG.svg`, `runs/SLUG/NAME.svg`). `first.html` is what the first page
//! says first. Below `texts` stands the text of each run, and of each protocol those of all its runs in one file (`SLUG.txt`,
//! `SLUG/NAME.txt`). Below `p` stands a page without a program for each protocol and run; where the address of the site is given behind the
//! folder, previews of links are told it, and there is a map of the site.
//!
//! `--signs FOLDER` draws the signs of `docs/visual-language.md` instead.

use faultline_core::Session;
use faultline_core::catalogue::{all, all_texts};
use faultline_core::scenario::Scenario;
use faultline_stills::{first_page, lesson, moment, pages, signs, stage};
use std::path::Path;
use std::{env, fs};

/// The sizes in CSS pixels.
const CARD: (f64, f64) = (320.0, 180.0);
const RUN: (f64, f64) = (720.0, 540.0);

fn main() -> Result<(), String> {
    let mut words = env::args().skip(1).peekable();
    let only_signs = words.next_if(|word| word == "--signs").is_some();
    let folder = words.next().ok_or("Which folder? `faultline-stills FOLDER` draws all pictures into it.")?;
    if only_signs {
        let mut pictures = signs::all()?.into_iter();
        return pictures
            .try_for_each(|(name, it)| write(&Path::new(&folder).join(name).with_extension("svg"), it));
    }
    faultline_protocols::install();
    write(&Path::new(&folder).join("first.html"), first_page()?)?;
    let site = words.next();
    for (name, text) in pages::pages(site.as_deref())? {
        write(&Path::new(&folder).join("pages").join(name), text)?;
    }
    if site.is_some() {
        for (name, png) in pages::previews()? {
            write(&Path::new(&folder).join("pages").join(name), png)?;
        }
    }
    for entry in all() {
        let slug = entry.info.slug;
        draw(&folder, &format!("runs/{slug}"), &moment(Scenario::of(entry)), RUN)?;
        if let Some(session) = lesson(entry)? {
            draw(&folder, &format!("lessons/{slug}"), &session, RUN)?;
        }
        let texts = Path::new(&folder).join("texts");
        write(&texts.join(slug).with_extension("txt"), all_texts(entry.presets()))?;
        for (nth, preset) in entry.presets().iter().enumerate() {
            write(&texts.join(slug).join(preset.name).with_extension("txt"), preset.text)?;
            let scenario = Scenario::parse(preset.text).map_err(|complaint| complaint.to_string())?;
            let session = moment(scenario);
            if nth == 0 {
                draw(&folder, &format!("cards/{slug}"), &session, CARD)?;
            }
            draw(&folder, &format!("runs/{slug}/{}", preset.name), &session, RUN)?;
        }
    }
    Ok(())
}

/// Draws a picture.
fn draw(folder: &str, name: &str, session: &Session, (width, height): (f64, f64)) -> Result<(), String> {
    let picture = stage(session, width, height)?;
    write(&Path::new(folder).join(name).with_extension("svg"), picture)
}

fn write(file: &Path, bytes: impl AsRef<[u8]>) -> Result<(), String> {
    let written = file.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(file, bytes));
    written.map_err(|error| format!("{} cannot be written: {error}.", file.display()))
}
