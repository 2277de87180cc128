//! The dialog that is open, with what it is made from.

use super::Page;
use super::laboratory::written;
use crate::browser::address;
use crate::dialogs::set::form;
use crate::dialogs::{Dialogs, branches};
use crate::kit::prose::title_of;
use crate::lab::Lab;
use crate::parts::room;
use crate::takeaway::beside::Looks;
use crate::wishes::{Dialog, Do};
use faultline_core::link;
use faultline_core::scenario::Scenario;
use faultline_core::session::Found;
use yew::prelude::*;

room! {
    /// The dialogs.
    DIALOGS, dialogs: fn(&Page, Dialog, &Lab) -> Html = made
}

/// The dialog that is open; a key that is pressed meanwhile is not for the run.
pub(super) fn dialog(page: &Page, dialog: Dialog, lab: &Lab) -> Html {
    DIALOGS.draw(&page.dispatch.reform(|()| Do::Entered), |made| made(page, dialog, lab))
}

/// Whether dialogs can be drawn.
pub(crate) fn is_here() -> bool {
    DIALOGS.here().is_some()
}

fn made(page: &Page, dialog: Dialog, lab: &Lab) -> Html {
    let &Page { asked, tasks, dispatch, shown, .. } = page;
    let here = lab.session().here();
    let link = link::write(&here, page.checksum).map(|fragment| format!("{}#{fragment}", address::base()));
    let run = link::write(&Scenario { show: None, ..here.clone() }, page.checksum).map(|run| by_name(&run));
    let checksum = page.checksum.map(written).unwrap_or_default();
    let found = if dialog == Dialog::Palette { lab.find(&asked.sought) } else { Found::default() };
    let sought = asked.sought.clone();
    let settable = !sought.trim().is_empty() && here.clone().amend(sought.trim()).is_ok();
    let looks = Looks { stage: shown.stage, zoom: lab.zoom, first: lab.window, selection: lab.selection };
    html! {
        <Dialogs key={format!("{dialog:?}")} {dialog} slug={here.entry.info.slug} refused={asked.refused.clone()}
            {sought} {found} {settable} form={form(&here)} refusal={asked.refusal.clone()}
            recorded={here.entry.recorded.is_some()} question={asked.question.clone()} answer={asked.answer.clone()} branches={branches::rows(lab.session().branches(), lab.session().branch())} horizon={lab.view.horizon} {run} title={format!("{}: {}", here.entry.info.title, title_of(&here))} time={lab.session().time()} bounds={tasks.bounds_for(&here)} nodes={lab.view.nodes.len()} {link} {looks} text={here.to_string()} {checksum} dispatch={dispatch.clone()} />
    }
}

/// A link without its key, where it only names its run: an embed follows the newest version of that.
fn by_name(link: &str) -> String {
    if link::only_names(link) {
        link.split('?').next().unwrap_or_default().to_owned()
    } else {
        link.to_owned()
    }
}
