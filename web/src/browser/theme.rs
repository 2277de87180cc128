//! The colour scheme of the page.

use super::{document, media, remember, remembered};

const NAMES: [&str; 3] = ["auto", "light", "dark"];
const KEPT: &str = "faultline.theme";

/// Whether the page is dark now.
pub fn is_dark() -> bool {
    let root = document().and_then(|document| document.document_element());
    match root.and_then(|root| root.get_attribute("data-theme")).as_deref() {
        Some("dark") => true,
        Some("light") => false,
        _ => media("(prefers-color-scheme: dark)"),
    }
}

/// The colour scheme that is shown.
pub struct Theme(usize);

impl Theme {
    /// The scheme that was chosen last, which is shown from now on.
    pub fn remembered() -> Self {
        Theme::named(&remembered(KEPT).unwrap_or_default())
    }

    /// The scheme of a name, which is shown from now on; that of the page around this one, for any other.
    pub fn named(name: &str) -> Self {
        let theme = Theme(NAMES.iter().position(|known| *known == name).unwrap_or(0));
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
