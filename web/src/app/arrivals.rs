//! What has to wait for a protocol, or for a part of the page, that has still to arrive.

use super::{App, around};
use crate::browser;
use crate::learn;
use crate::parts::{self, links};
use crate::recorded;
use crate::wishes::{Dialog, Do, later};
use crate::work::tasks::Awaited;
use faultline_core::catalogue::Leaf;
use yew::{Callback, Html};

impl App {
    /// Carries out a wish, or keeps it until what carries it out is here.
    pub(super) fn carry_out(&mut self, wish: Do) {
        self.scene.outdate();
        match wish {
            Do::Address if browser::address::fragment() == self.link.written => {}
            Do::Address => self.open_address(),
            Do::Learn(slug) => browser::address::go(&learn::address_of(slug)),
            Do::Dismiss => (self.shown.banner, self.tasks.awaited) = (None, None),
            Do::Theme => self.shown.theme.turn(),
            Do::Arrived(slug, came) => self.arrive(slug, came),
            Do::Retry => self.retry(),
            Do::Entered => {
                self.shown.rearrange();
                if around::here().is_some() && !self.shown.surrounded {
                    later(0, Do::Surround, &self.dispatch).forget();
                }
                for wish in std::mem::take(&mut self.waiting) {
                    self.carry_out(wish);
                }
            }
            Do::Surround => {
                self.shown.surrounded = true;
                self.shown.rearrange();
            }
            wish => {
                if let Some(around) = around::here() {
                    (around.carry_out)(self, wish);
                } else {
                    self.waiting.push(wish);
                    around::ask(&self.entered());
                }
            }
        }
    }

    /// Who is told that a part of the page has arrived, or cannot be had.
    pub(super) fn entered(&self) -> Callback<()> {
        self.dispatch.reform(|()| Do::Entered)
    }

    /// The sentence about what cannot be had, where something waits for it.
    pub(super) fn lost(&self) -> Option<Html> {
        let then = self.entered();
        around::lost(&then).or_else(|| links::lost(&then)).or_else(|| recorded::lost(&then))
    }

    /// Whether a wish has to wait for the protocol of a slug. If so, that is fetched, and the wish is carried out when it has
    /// arrived, unless something else has been wished for meanwhile.
    pub(super) fn waits(&mut self, slug: &str, wish: Do) -> bool {
        let Some(leaf) = parts::missing(slug) else { return false };
        parts::fetch(leaf.slug, self.awaits(leaf, wish));
        true
    }

    /// Whether a wish has to wait for what a link needs: its protocol, or the text of its run.
    pub(super) fn waits_for_link(&mut self, link: &str, wish: Do) -> bool {
        let Some(leaf) = parts::lacking(link) else { return false };
        parts::fetch_link(link.to_owned(), self.awaits(leaf, wish));
        true
    }

    /// Who is told what has come of a protocol for which a wish waits.
    fn awaits(&mut self, leaf: &'static Leaf, wish: Do) -> Callback<bool> {
        self.tasks.awaited = Some(Awaited { leaf, wish, failed: false });
        self.dispatch.reform(|came| Do::Arrived(leaf.slug, came))
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
            self.carry_out(awaited.wish);
        }
    }
}
