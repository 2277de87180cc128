//! Marks by the thousand: each is stamped into memory, and all are put on a canvas at one go. To fill a disc takes a
//! browser that paints without a graphics card three to six microseconds, an image of it six; a stamp takes a third of
//! one. A mark may lie anywhere, so a stamp is cut for each quarter of a pixel.

use crate::browser;
use crate::crowd::paint::Pen;
use crate::picture::geometry::Point;
use wasm_bindgen::{Clamped, JsCast};
use web_sys::{CanvasRenderingContext2d, ContextAttributes2d, HtmlCanvasElement, ImageData};

/// Quarters of a pixel, along and down.
const PHASES: usize = 16;

/// A sheet to stamp on.
pub struct Plate {
    width: i32,
    height: i32,
    ratio: f64,
    pixels: Vec<u8>,
    /// What was cut, by sort and phase. All of a sort look alike.
    stamps: Vec<Option<Stamp>>,
    canvas: HtmlCanvasElement,
    pen: Pen,
}

/// A mark as pixels: square, red, green, blue and opacity of each.
struct Stamp {
    side: i32,
    pixels: Vec<u8>,
}

impl Plate {
    /// A plate; none where the browser has no canvas.
    pub fn new() -> Option<Self> {
        let canvas: HtmlCanvasElement =
            browser::document()?.create_element("canvas").ok()?.dyn_into().ok()?;
        let options = ContextAttributes2d::new();
        // Stamps are read back, which a graphics card is slow at.
        options.set_will_read_frequently(true);
        let context = canvas.get_context_with_context_options("2d", &options).ok().flatten()?;
        let pen = Pen { context: context.dyn_into().ok()? };
        let (pixels, stamps) = (Vec::new(), Vec::new());
        Some(Plate { width: 0, height: 0, ratio: 1.0, pixels, stamps, canvas, pen })
    }

    /// Makes the plate as large as a canvas.
    pub fn fit(&mut self, like: &HtmlCanvasElement, ratio: f64) {
        (self.width, self.height, self.ratio) =
            (like.width().cast_signed(), like.height().cast_signed(), ratio);
        self.canvas.set_width(like.width());
        self.canvas.set_height(like.height());
        self.pixels = vec![0; (self.width * self.height * 4) as usize];
        self.forget();
    }

    /// Forgets what every sort of mark looks like.
    pub fn forget(&mut self) {
        self.stamps.clear();
    }

    /// Stamps a mark of a sort at a place. What it looks like around the origin, and how far that reaches, is asked once.
    pub fn stamp(&mut self, sort: usize, (x, y): Point, reach: f64, draw: impl FnOnce(&Pen)) {
        let quarters = |at: f64| (at * self.ratio * 4.0).round() as i32;
        let ((x, right), (y, down)) =
            [quarters(x), quarters(y)].map(|at| (at.div_euclid(4), at.rem_euclid(4))).into();
        let place = sort * PHASES + (down * 4 + right) as usize;
        if self.stamps.len() <= place {
            self.stamps.resize_with(place + 1, || None);
        }
        if self.stamps[place].is_none() {
            self.stamps[place] = self.cut(reach, (f64::from(right) / 4.0, f64::from(down) / 4.0), draw);
        }
        let Some(stamp) = &self.stamps[place] else { return };
        let side = stamp.side;
        let (left, top) = (x - side / 2, y - side / 2);
        let (from, to) = ((-left).clamp(0, side), (self.width - left).clamp(0, side));
        if from >= to {
            return;
        }
        for row in (0..side).filter(|row| (0..self.height).contains(&(top + row))) {
            let ink = &stamp.pixels[((row * side + from) * 4) as usize..((row * side + to) * 4) as usize];
            let start = (((top + row) * self.width + left + from) * 4) as usize;
            print(&mut self.pixels[start..start + ink.len()], ink);
        }
    }

    /// Draws a mark on the corner of the plate's canvas, and reads it.
    fn cut(&self, reach: f64, phase: Point, draw: impl FnOnce(&Pen)) -> Option<Stamp> {
        let context = &self.pen.context;
        let half = (reach * self.ratio).ceil() + 1.0;
        let side = 2.0 * half;
        // None of these fails with numbers that are finite.
        let _ = context.set_transform(1.0, 0.0, 0.0, 1.0, 0.0, 0.0);
        context.clear_rect(0.0, 0.0, side, side);
        let _ = context.set_transform(self.ratio, 0.0, 0.0, self.ratio, half + phase.0, half + phase.1);
        draw(&self.pen);
        let image = context.get_image_data(0.0, 0.0, side, side).ok()?;
        Some(Stamp { side: side as i32, pixels: image.data().0 })
    }

    /// Puts all that was stamped on a canvas, over what is there, and wipes the plate.
    pub fn show(&mut self, on: &CanvasRenderingContext2d) {
        let (width, height) = (f64::from(self.width) / self.ratio, f64::from(self.height) / self.ratio);
        if let Ok(image) =
            ImageData::new_with_u8_clamped_array(Clamped(&self.pixels), self.width.cast_unsigned())
        {
            let _ = self.pen.context.put_image_data(&image, 0.0, 0.0);
            let _ =
                on.draw_image_with_html_canvas_element_and_dw_and_dh(&self.canvas, 0.0, 0.0, width, height);
        }
        self.pixels.fill(0);
    }
}

/// Lays a row of ink over a row of the plate.
fn print(under: &mut [u8], ink: &[u8]) {
    for (under, ink) in under.as_chunks_mut::<4>().0.iter_mut().zip(ink.as_chunks::<4>().0) {
        match ink[3] {
            0 => {}
            255 => *under = *ink,
            _ if under[3] == 0 => *under = *ink,
            opacity => {
                let (over, rest) =
                    (u32::from(opacity) * 255, u32::from(under[3]) * (255 - u32::from(opacity)));
                for (under, ink) in under.iter_mut().zip(&ink[..3]) {
                    *under = ((u32::from(*ink) * over + u32::from(*under) * rest) / (over + rest)) as u8;
                }
                under[3] = ((over + rest) / 255) as u8;
            }
        }
    }
}
