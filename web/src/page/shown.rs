//! What of the page is in sight: which parts, how large, in which colours, and what lies over them for a moment.

use crate::browser::theme::Theme;
use crate::browser::{media, remember, remembered, size_of};
use crate::timeline::diagram::gutter;
use crate::wishes::{OpenClaim, Tab};
use faultline_core::session::Target;

/// Below this width the page is one column.
const NARROW: &str = "(max-width: 860px)";
/// From this height on, a narrow page shows what the protocol is about without being asked; the stylesheet has the same bound.
const ROOMY: &str = "(min-height: 700px)";

/// What is in sight.
#[allow(clippy::struct_excessive_bools)] // Each is a fact of its own about the page.
pub(crate) struct Shown {
    /// The first page, and no laboratory.
    pub(crate) home: bool,
    /// A sentence over everything.
    pub(crate) banner: Option<String>,
    /// Whether the hint of the beginning is there.
    pub(crate) hint: bool,
    /// A menu: of what, and where on the page.
    pub(crate) menu: Option<(Target, f64, f64)>,
    /// Whether a node that is touched joins those that are selected.
    pub(crate) several: bool,
    /// The number that was typed last, and when.
    pub(crate) typed: (u32, f64),
    pub(crate) tab: Tab,
    /// The claim that is open.
    pub(crate) claim: OpenClaim,
    /// Whether the page is one column.
    pub(crate) narrow: bool,
    /// Whether it has the height for a panel under the stage, too.
    pub(crate) roomy: bool,
    /// The size of the stage.
    pub(crate) stage: (f64, f64),
    /// The size of the diagram.
    pub(crate) diagram: (f64, f64),
    pub(crate) theme: Theme,
    measured: bool,
    /// Whether diagram and column are drawn: they come after what is on the stage and beside it, so that neither takes long.
    pub(crate) surrounded: bool,
    /// What gets the focus once it is drawn.
    pub(crate) focus: Option<&'static str>,
}

impl Shown {
    /// What is in sight at first.
    pub(crate) fn new() -> Self {
        Shown {
            home: false,
            banner: None,
            hint: remembered("faultline.hint").is_none(),
            menu: None,
            several: false,
            typed: (0, 0.0),
            tab: usual_tab(media(NARROW)),
            claim: OpenClaim::Violated,
            narrow: media(NARROW),
            roomy: media(ROOMY),
            stage: (900.0, 480.0),
            diagram: (900.0, 280.0),
            theme: Theme::remembered(),
            measured: false,
            surrounded: false,
            focus: None,
        }
    }

    /// Lets go of the hint, for all visits.
    pub(crate) fn dismiss_hint(&mut self) {
        self.hint = false;
        remember("faultline.hint", "seen");
    }

    /// On a narrow page, shows the part with what is selected.
    pub(crate) fn turn_to_selected(&mut self) {
        if self.narrow {
            self.tab = Tab::Claims;
        }
    }

    /// The width of the diagram's lifelines.
    pub(crate) fn lifelines(&self) -> f64 {
        self.diagram.0 - gutter(self.diagram.0)
    }

    /// Other parts are there now: their sizes have to be read once they are drawn.
    pub(crate) fn rearrange(&mut self) {
        self.measured = false;
    }

    /// Whether the sizes have to be read now; asked once after a change.
    pub(crate) fn is_unmeasured(&mut self) -> bool {
        !std::mem::replace(&mut self.measured, true)
    }

    /// Reads the sizes of stage and diagram; answers whether one has changed.
    pub(crate) fn measure(&mut self) -> bool {
        let narrow = media(NARROW);
        let mut changed = narrow != self.narrow;
        if changed {
            (self.narrow, self.tab) = (narrow, usual_tab(narrow));
            self.rearrange();
        }
        for (selector, size) in [("#stage", &mut self.stage), ("#diagram", &mut self.diagram)] {
            if let Some(found) = size_of(selector).filter(|found| found.0 > 0.0)
                && found != *size
            {
                *size = found;
                changed = true;
            }
        }
        changed
    }
}

/// The tab that is open at first.
fn usual_tab(narrow: bool) -> Tab {
    if narrow { Tab::Timeline } else { Tab::Log }
}
