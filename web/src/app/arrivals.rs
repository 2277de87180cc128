//! What has to wait for a protocol that has still to arrive.

use super::App;
use crate::parts;
use crate::wishes::{Dialog, Do};
use crate::work::tasks::Awaited;

impl App {
    /// Whether a wish has to wait for the protocol of a slug. If so, that is fetched, and the wish is carried out when it has
    /// arrived, unless something else has been wished for meanwhile.
    pub(super) fn waits(&mut self, slug: &str, wish: Do) -> bool {
        let Some(leaf) = parts::missing(slug) else { return false };
        self.tasks.awaited = Some(Awaited { leaf, wish, failed: false });
        parts::fetch(leaf.slug, self.dispatch.reform(|came| Do::Arrived(leaf.slug, came)));
        true
    }

    pub(super) fn arrive(&mut self, slug: &str, came: bool) {
        let Some(awaited) = self.tasks.awaited.take_if(|awaited| awaited.leaf.slug == slug) else { return };
        if came {
            self.carry_out(awaited.wish);
            return;
        }
        let failed = Awaited { failed: true, ..awaited };
        // What lies below a dialog is not seen.
        if self.asked.dialog == Some(Dialog::Open) {
            self.asked.refused = Some(failed.sentence());
            return;
        }
        self.show_dialog(None);
        self.tasks.awaited = Some(failed);
    }

    pub(super) fn retry(&mut self) {
        if let Some(awaited) = self.tasks.awaited.take() {
            self.waits(awaited.leaf.slug, awaited.wish);
        }
    }
}
