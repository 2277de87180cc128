//! What surrounds the run: the colours, and the sizes of stage and diagram.

use super::{App, NARROW, THEMES};
use crate::browser;
use crate::wishes::Tab;

impl App {
    pub(super) fn show_theme(&self) {
        let root = browser::document().and_then(|document| document.document_element());
        if let Some(root) = root {
            let _ = root.set_attribute("data-theme", THEMES[self.theme]);
        }
    }

    pub(super) fn next_theme(&mut self) {
        self.theme = (self.theme + 1) % THEMES.len();
        self.show_theme();
        browser::remember("faultline.theme", THEMES[self.theme]);
    }

    pub(crate) fn theme_name(&self) -> &'static str {
        THEMES[self.theme]
    }

    /// Reads the sizes of stage and diagram; answers whether one has changed.
    pub(super) fn measure(&mut self) -> bool {
        let narrow = browser::media(NARROW);
        let mut changed = narrow != self.narrow;
        if changed {
            self.narrow = narrow;
            self.measured = false;
            self.tab = if narrow { Tab::Timeline } else { Tab::Log };
        }
        for (selector, size) in [("#stage", &mut self.stage), ("#diagram", &mut self.diagram)] {
            if let Some(found) = browser::size_of(selector).filter(|found| found.0 > 0.0)
                && found != *size
            {
                *size = found;
                changed = true;
            }
        }
        changed
    }
}
