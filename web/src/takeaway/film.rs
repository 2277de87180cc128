//! A stretch as pixels: frames of which only what has changed is kept, one palette for all, and the files that play them.

use super::reel::Reel;
use crate::kit::prose::fixed;
use faultline_core::export::Picture;
use faultline_core::toolbox::order;
use gif::{DisposalMethod, Frame, Repeat};
use std::borrow::Cow;

/// The most pixels of a picture, and of one that plays; the most runs of pixels of one colour in all that changes; and the
/// most frames.
const MOST_PIXELS: usize = 16_000_000;
const MOST_PIXELS_OF_FILM: usize = 3_000_000;
const MOST_KEPT: usize = 20_000_000;
const MOST_FRAMES: f64 = 300.0;
/// The most frames in a second.
const FRAMES: f64 = 12.5;
/// Colours that differ only below this many bits of a channel are one.
const BITS: u32 = 5;
/// The colours of the palette; the number after the last stands for what stays as it was.
const COLOURS: usize = 255;

/// Part of a frame that has changed.
struct Patch {
    left: usize,
    top: usize,
    width: usize,
    height: usize,
    /// Its colours, without their lowest bits, and how many pixels in a row have each; [`SAME`] where nothing has changed.
    colours: Vec<(u16, u16)>,
    /// How long it is shown, in hundredths of a second.
    delay: u16,
}

const SAME: u16 = u16::MAX;

/// What was painted, frame by frame.
pub struct Film {
    size: (usize, usize),
    /// The hundredths of a second of a frame.
    delay: u16,
    now: Vec<u16>,
    patches: Vec<Patch>,
    kept: usize,
    /// Of every colour without its lowest bits, how often it is there, and the sums of what it was.
    colours: Vec<(u64, [u64; 3])>,
}

impl Film {
    /// Of a stretch; and at which seconds it is to be painted.
    pub fn of(reel: &Reel) -> (Self, Vec<f64>) {
        let delay = (100.0 / FRAMES).max(100.0 * reel.length / MOST_FRAMES).ceil();
        let count = (100.0 * reel.length / delay).ceil() as usize;
        let film = Film {
            size: (0, 0),
            delay: delay as u16,
            now: Vec::new(),
            patches: Vec::new(),
            kept: 0,
            colours: vec![(0, [0; 3]); 1 << (3 * BITS)],
        };
        (film, (0..count).map(|nth| nth as f64 * delay / 100.0).collect())
    }

    /// Takes the next frame: its width, and red, green, blue and opacity of its pixels, of which none lets through.
    ///
    /// # Errors
    /// One sentence when there is too much.
    pub fn add(&mut self, width: usize, pixels: &[u8]) -> Result<(), String> {
        let height = pixels.len() / 4 / width.max(1);
        let fits = u16::try_from(width).is_ok() && u16::try_from(height).is_ok();
        if !fits || width * height > MOST_PIXELS_OF_FILM {
            return Err(format!(
                "A picture of {width} × {height} pixels is too large to play; one that plays has at most {} million. Choose a smaller \
                 scale.",
                MOST_PIXELS_OF_FILM / 1_000_000
            ));
        }
        let colour = |pixel: &[u8]| {
            let [red, green, blue] = [0, 1, 2].map(|at| u16::from(pixel[at]) >> (8 - BITS));
            red << (2 * BITS) | green << BITS | blue
        };
        let next: Vec<u16> = pixels.chunks_exact(4).map(colour).collect();
        let is_first = self.patches.is_empty();
        if is_first {
            (self.size, self.now) = ((width, height), vec![SAME; next.len()]);
        }
        if self.size != (width, height) {
            return Err("The frames are not of one size.".to_owned());
        }
        let (now, new) = (&self.now, &next);
        let changed = |row: usize| {
            (0..width).filter(move |column| now[row * width + column] != new[row * width + column])
        };
        let rows: Vec<usize> = (0..height).filter(|row| changed(*row).next().is_some()).collect();
        let (Some(&top), Some(&bottom)) = (rows.first(), rows.last()) else {
            if let Some(last) = self.patches.last_mut() {
                last.delay += self.delay;
            }
            return Ok(());
        };
        let left = rows.iter().filter_map(|row| changed(*row).next()).min().unwrap_or(0);
        let right = rows.iter().filter_map(|row| changed(*row).next_back()).max().unwrap_or(0);
        let (wide, tall) = (right - left + 1, bottom - top + 1);
        let mut colours: Vec<(u16, u16)> = Vec::new();
        let mut push = |colour: u16| match colours.last_mut() {
            Some((last, count)) if *last == colour && *count < u16::MAX => *count += 1,
            _ => colours.push((colour, 1)),
        };
        for at in (top..=bottom).flat_map(|row| (left..=right).map(move |column| row * width + column)) {
            if self.now[at] == next[at] {
                push(SAME);
                continue;
            }
            push(next[at]);
            let (count, sums) = &mut self.colours[usize::from(next[at])];
            *count += 1;
            sums.iter_mut().zip(&pixels[4 * at..]).for_each(|(sum, channel)| *sum += u64::from(*channel));
        }
        self.kept += colours.len();
        if self.kept > MOST_KEPT {
            return Err(
                "Too much changes in this stretch for pixels; choose a shorter stretch, or a smaller scale."
                    .to_owned(),
            );
        }
        self.now = next;
        self.patches.push(Patch { left, top, width: wide, height: tall, colours, delay: self.delay });
        Ok(())
    }

    /// The palette: the colours that are there most, and for each colour without its lowest bits its number.
    fn palette(&self) -> (Vec<u8>, Vec<u8>) {
        let mut there: Vec<usize> = (0..self.colours.len()).filter(|at| self.colours[*at].0 > 0).collect();
        order::by(&mut there, |a, b| self.colours[*b].0.cmp(&self.colours[*a].0));
        let mean = |at: usize| {
            let (count, sums) = self.colours[at];
            sums.map(|sum| ((sum + count / 2) / count.max(1)) as u8)
        };
        let chosen: Vec<[u8; 3]> = there.iter().take(COLOURS).map(|at| mean(*at)).collect();
        let mut numbers = vec![0; self.colours.len()];
        for (place, &at) in there.iter().enumerate() {
            let is_far = |other: &[u8; 3]| {
                let apart = |nth: usize| u32::from(other[nth].abs_diff(mean(at)[nth])).pow(2);
                apart(0) + apart(1) + apart(2)
            };
            let nearest = || (0..chosen.len()).min_by_key(|nth| is_far(&chosen[*nth])).unwrap_or(0);
            numbers[at] = if place < COLOURS { place } else { nearest() } as u8;
        }
        let mut palette = chosen.concat();
        palette.resize(3 * (COLOURS + 1), 0);
        (palette, numbers)
    }

    /// As a file, which says what it is.
    ///
    /// # Errors
    /// One sentence when it cannot be written.
    pub fn write(self, kind: Picture, about: &str) -> Result<Vec<u8>, String> {
        if kind == Picture::Gif { self.gif(about) } else { self.apng(about) }
    }

    /// As a GIF that plays again and again.
    fn gif(self, about: &str) -> Result<Vec<u8>, String> {
        let wrong = |error: gif::EncodingError| format!("The GIF cannot be written: {error}.");
        let (palette, numbers) = self.palette();
        let (width, height) = self.size;
        let mut encoder =
            gif::Encoder::new(Vec::new(), width as u16, height as u16, &palette).map_err(wrong)?;
        encoder.set_repeat(Repeat::Infinite).map_err(wrong)?;
        let words: Vec<&[u8]> = about.as_bytes().chunks(255).collect();
        encoder.write_raw_extension(gif::AnyExtension(0xFE), &words).map_err(wrong)?;
        for patch in &self.patches {
            let frame = Frame {
                delay: patch.delay,
                dispose: DisposalMethod::Keep,
                transparent: Some(COLOURS as u8),
                left: patch.left as u16,
                top: patch.top as u16,
                width: patch.width as u16,
                height: patch.height as u16,
                buffer: Cow::Owned(patch.numbered(&numbers)),
                ..Frame::default()
            };
            encoder.write_frame(&frame).map_err(wrong)?;
        }
        encoder.into_inner().map_err(wrong)
    }

    /// As an animated PNG.
    fn apng(self, about: &str) -> Result<Vec<u8>, String> {
        let wrong = |error: png::EncodingError| format!("The PNG cannot be written: {error}.");
        let (palette, numbers) = self.palette();
        let (width, height) = self.size;
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, width as u32, height as u32);
        encoder.set_color(png::ColorType::Indexed);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_palette(palette);
        encoder.set_trns([vec![255; COLOURS], vec![0]].concat());
        encoder.set_compression(png::Compression::High);
        encoder.set_animated(self.patches.len() as u32, 0).map_err(wrong)?;
        encoder.add_itxt_chunk("Description".to_owned(), about.to_owned()).map_err(wrong)?;
        let mut writer = encoder.write_header().map_err(wrong)?;
        for (nth, patch) in self.patches.iter().enumerate() {
            if nth > 0 {
                // Its size is checked where the frame before stood.
                writer.reset_frame_position().map_err(wrong)?;
                writer.set_frame_dimension(patch.width as u32, patch.height as u32).map_err(wrong)?;
                writer.set_frame_position(patch.left as u32, patch.top as u32).map_err(wrong)?;
                writer.set_blend_op(png::BlendOp::Over).map_err(wrong)?;
            }
            writer.set_frame_delay(patch.delay, 100).map_err(wrong)?;
            writer.write_image_data(&patch.numbered(&numbers)).map_err(wrong)?;
        }
        writer.finish().map_err(wrong)?;
        Ok(file)
    }
}

impl Patch {
    fn numbered(&self, numbers: &[u8]) -> Vec<u8> {
        let mut all = Vec::with_capacity(self.width * self.height);
        for &(colour, count) in &self.colours {
            let number = if colour == SAME { COLOURS as u8 } else { numbers[usize::from(colour)] };
            all.resize(all.len() + usize::from(count), number);
        }
        all
    }
}

/// The width and the height of a picture in pixels, at a scale.
///
/// # Errors
/// One sentence when it is too large.
pub fn pixels((width, height): (f64, f64), scale: f64) -> Result<(u32, u32), String> {
    let (wide, tall) = ((width * scale).round(), (height * scale).round());
    if wide * tall > MOST_PIXELS as f64 {
        return Err(format!(
            "A picture of {} × {} pixels is too large; it has at most {} million. Choose a smaller scale.",
            fixed(wide, 0),
            fixed(tall, 0),
            MOST_PIXELS / 1_000_000
        ));
    }
    Ok((wide as u32, tall as u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn film(frames: &[[[u8; 4]; 6]]) -> Film {
        let reel = Reel { times: vec![0, 1], shown: vec![0.0, 1.0], length: 1.0 };
        let (mut film, _) = Film::of(&reel);
        for frame in frames {
            film.add(3, &frame.concat()).unwrap_or_default();
        }
        film
    }

    const PAPER: [u8; 4] = [251, 250, 247, 255];
    const INK: [u8; 4] = [28, 28, 26, 255];

    #[test]
    fn only_what_has_changed_is_kept_and_what_stands_still_is_one_frame() {
        let (mut one, mut other) = ([PAPER; 6], [PAPER; 6]);
        (one[0], other[4]) = (INK, INK);
        let film = film(&[one, one, other]);
        let patches: Vec<_> =
            film.patches.iter().map(|it| (it.left, it.top, it.width, it.height, it.delay)).collect();
        assert_eq!(patches, [(0, 0, 3, 2, 16), (0, 0, 2, 2, 8)]);
    }

    #[test]
    fn frames_are_bounded_and_their_number_is() {
        let reel = Reel { times: vec![0, 1], shown: vec![0.0, 58.5], length: 60.0 };
        let (mut film, at) = Film::of(&reel);
        assert_eq!((film.delay, at.len()), (20, 300));
        assert!(film.add(2_000, &vec![0; 4 * 2_000 * 2_000]).is_err());
        assert!(pixels((1_920.0, 1_000.0), 4.0).is_err());
        assert_eq!(pixels((720.0, 440.0), 2.0), Ok((1_440, 880)));
    }
}
