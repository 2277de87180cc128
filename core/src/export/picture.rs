//! The formats of pictures. Whoever has the page's drawing code makes them; here are their names, which are the same everywhere.

/// A format of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Picture {
    /// A moment, as lines and words.
    Svg,
    /// A moment, as pixels.
    Png,
    /// A stretch that plays by itself, as lines and words.
    Playing,
    /// A page that needs no other, in which a stretch plays.
    Page,
    /// A stretch that plays by itself, as pixels of few colours.
    Gif,
    /// A stretch that plays by itself, as pixels.
    Apng,
}

impl Picture {
    /// Every format.
    pub const ALL: [Picture; 6] =
        [Picture::Svg, Picture::Png, Picture::Playing, Picture::Page, Picture::Gif, Picture::Apng];

    /// Its name on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Picture::Svg => "svg",
            Picture::Png => "png",
            Picture::Playing => "playing-svg",
            Picture::Page => "html",
            Picture::Gif => "gif",
            Picture::Apng => "apng",
        }
    }

    /// What it is, for people.
    pub fn title(self) -> &'static str {
        match self {
            Picture::Svg => "Picture, SVG",
            Picture::Png => "Picture, PNG",
            Picture::Playing => "Self-playing SVG",
            Picture::Page => "Page that plays offline",
            Picture::Gif => "Animated GIF",
            Picture::Apng => "Animated PNG",
        }
    }

    /// What the names of such files end in.
    pub fn ending(self) -> &'static str {
        match self {
            Picture::Svg | Picture::Playing => "svg",
            Picture::Png | Picture::Apng => "png",
            Picture::Page => "html",
            Picture::Gif => "gif",
        }
    }

    /// Whether it shows a stretch of time, and not a moment.
    pub fn plays(self) -> bool {
        matches!(self, Picture::Playing | Picture::Page | Picture::Gif | Picture::Apng)
    }

    /// Whether it is of pixels, and not of lines and words.
    pub fn is_painted(self) -> bool {
        matches!(self, Picture::Png | Picture::Gif | Picture::Apng)
    }

    /// The format of a name.
    pub fn named(word: &str) -> Option<Self> {
        Picture::ALL.into_iter().find(|picture| picture.word() == word)
    }
}
