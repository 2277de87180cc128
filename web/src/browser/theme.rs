//! The colour scheme of the page.

use super::{document, remember, remembered};

const NAMES: [&str; 3] = ["auto", "light", "dark"];
const KEPT: &str = "faultline.theme";

/// The colour scheme that is shown.
pub struct Theme(usize);

impl Theme {
    /// The scheme that was chosen last, which is shown from now on.
    pub fn remembered() -> Self {
        let kept = remembered(KEPT);
        let theme = Theme(NAMES.iter().position(|name| Some(*name) == kept.as_deref()).unwrap_or(0));
        theme.show();
        theme
    }

    /// Its name.
    pub fn name(&self) -> &'static str {
        NAMES[self.0]
    }

    /// Goes on to the next one.
    pub fn turn(&mut self) {
        self.0 = (self.0 + 1) % NAMES.len();
        self.show();
        remember(KEPT, self.name());
    }

    fn show(&self) {
        if let Some(root) = document().and_then(|document| document.document_element()) {
            let _ = root.set_attribute("data-theme", self.name());
        }
    }
}
