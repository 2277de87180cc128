//! What keys and buttons stand for, carried out on the run that is open.

use super::App;
use crate::browser::{self, address, find};
use crate::lab::{Lab, SPEEDS};
use crate::lecture;
use crate::wishes::keys::{self, Command};
use crate::wishes::question::Question;
use crate::wishes::{Dialog, Do, Tab};
use faultline_core::name::NodeId;
use faultline_core::session::Target;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent, SvgElement};

/// Within so many milliseconds the figures of one number follow each other.
const FIGURES: f64 = 800.0;

impl App {
    /// Carries out the first command of a key that applies.
    pub(super) fn press(&mut self, event: &KeyboardEvent) {
        for command in keys::commands(event) {
            if self.command(command, keys::digit(event)) {
                return;
            }
        }
    }

    /// Carries out a command; `false` when it does not apply.
    pub(super) fn command(&mut self, command: Command, digit: Option<u32>) -> bool {
        if self.is_for_the_living(command) {
            return true;
        }
        let Some(lab) = &mut self.lab else { return false };
        match command {
            Command::Offer(verbs) => return self.offer(verbs),
            Command::Ask => return self.ask(),
            Command::Play => lab.play(!lab.playing),
            Command::Step(forwards) => step(lab, |session| session.step(forwards)),
            Command::Interesting(forwards) => step(lab, |session| {
                session.step_interesting(forwards);
            }),
            Command::Round(forwards) => step(lab, |session| session.step_round(forwards)),
            Command::Ten(forwards) => step(lab, |session| {
                let event = session.event();
                session.seek_event(if forwards { event + 10 } else { event.saturating_sub(10) });
            }),
            Command::Home => step(lab, |session| session.seek_time(0)),
            Command::End => step(lab, |session| session.seek_time(session.run().horizon())),
            Command::Tenth => {
                let Some(digit) = digit else { return false };
                let time = lab.view.horizon / 10 * u64::from(digit);
                step(lab, |session| session.seek_time(time));
            }
            Command::Speed(faster) => {
                lab.speed =
                    if faster { (lab.speed + 1).min(SPEEDS.len() - 1) } else { lab.speed.saturating_sub(1) };
            }
            Command::Digit => {
                let (Some(digit), now, count) = (digit, browser::now(), lab.view.nodes.len()) else {
                    return false;
                };
                // Figures that follow quickly are one number, where there is such a node.
                let (before, at) = self.shown.typed;
                let long = before.saturating_mul(10).saturating_add(digit);
                let number = if now - at < FIGURES && long as usize <= count { long } else { digit };
                if number == 0 || number as usize > count {
                    return false;
                }
                self.shown.typed = (number, now);
                self.select(Some(Target::Node(NodeId(number - 1))));
                let_go();
            }
            Command::Link(forwards) => return self.next_link(forwards),
            Command::Menu => return self.open_menu(),
            Command::Message(forwards) => {
                self.next_message(forwards);
                let_go();
            }
            Command::Why => {
                let sent = lab.message().map(|message| message.cause);
                let latest = lab.view.latest.as_ref().map(|line| line.record.cause as usize);
                let cause = sent.or(latest);
                let Some(cause) = cause.filter(|&cause| cause < lab.view.event) else { return false };
                step(lab, |session| session.seek_event(cause + 1));
            }
            Command::Chain => {
                let Some(event) = lab.view.event.checked_sub(1) else { return false };
                self.ask_why(Question::Event(event));
            }
            Command::Undo(back) => {
                let (undo, redo) = lab.session().undoable();
                if !(if back { undo } else { redo }) {
                    return false;
                }
                lab.change(|session| if back { session.undo() } else { session.redo() });
            }
            Command::Zoom(closer) => lab.zoom(closer),
            Command::Open => self.show_dialog(Some(Dialog::Open)),
            Command::Share => self.show_dialog(Some(Dialog::Share)),
            Command::Set => self.show_dialog(Some(Dialog::Set)),
            Command::Attack => self.attack(),
            Command::Search => self.show_dialog(Some(Dialog::Search)),
            Command::Rules => {
                if lab.session().scenario().entry.twins.is_empty() {
                    return false;
                }
                self.show_dialog(Some(Dialog::Rules));
            }
            Command::Shrink => {
                let Some(claim) = self.broken_claim() else { return false };
                self.shrink(claim);
            }
            Command::Act(forwards) => return self.next_act(forwards),
            Command::MoveAct(later) => return self.move_act(later),
            Command::TakeAct => return self.take_act(),
            Command::Branches => self.show_dialog(Some(Dialog::Branches)),
            Command::Text => self.shown.tab = Tab::Scenario,
            Command::Find => {
                self.shown.tab = Tab::Log;
                lab.filter.open = true;
                self.shown.focus = Some("#find-field");
            }
            Command::Manual => self.manual(),
            Command::Palette => self.show_dialog(Some(Dialog::Palette)),
            Command::About => self.show_dialog(Some(Dialog::About)),
            Command::Help => self.show_dialog(Some(Dialog::Help)),
            Command::Present => address::go(&lecture::address_of(&address::fragment())),
            Command::Full => return fill_screen(),
            Command::Theme => self.shown.theme.turn(),
            Command::Escape => {
                (self.shown.banner, self.shown.several) = (None, false);
                self.select(None);
            }
        }
        true
    }

    pub(super) fn offer(&mut self, verbs: &[&str]) -> bool {
        let Some(lab) = &mut self.lab else { return false };
        let mut offers = lab.offers();
        // Nothing but a crash is done to a node that nobody picked, and only to one that leads.
        if offers.is_empty() && verbs.contains(&"crash") {
            let Some(leader) = lab.leader().map(|node| Target::Node(node.id)) else {
                self.shown.banner = Some("There is no leader now. Select the node that should crash.".into());
                return true;
            };
            offers = lab.session().offers(leader);
        }
        let found = verbs.iter().find_map(|verb| offers.iter().find(|offer| offer.verb == *verb));
        let Some(offer) = found else { return false };
        self.change_run(Do::Act(offer.words.clone()));
        true
    }

    pub(super) fn ask(&mut self) -> bool {
        let Some(lab) = &mut self.lab else { return false };
        if matches!(lab.selection, Some(Target::Message(_) | Target::Link(..))) {
            return false;
        }
        let Some(node) = lab.subject() else { return false };
        let (id, up) = (node.id, node.up);
        self.select(Some(Target::Node(id)));
        if up {
            self.shown.turn_to_selected();
            self.shown.focus = Some("#ask-field");
            true
        } else {
            self.offer(&["restart"])
        }
    }

    /// Turns manual mode on or off. The run starts anew.
    fn manual(&mut self) {
        let Some(lab) = &mut self.lab else { return };
        let manual = !lab.session().scenario().manual;
        self.shown.tab = if manual { Tab::Inbox } else { Tab::Log };
        self.change_run(Do::Amend(format!("manual {}", if manual { "on" } else { "off" })));
    }

    pub(super) fn select(&mut self, target: Option<Target>) {
        let Some(lab) = &mut self.lab else { return };
        lab.selection = target;
        lab.group.clear();
        lab.act = None;
        if matches!(target, Some(Target::Message(_))) {
            // Nobody can take hold of what flies away.
            lab.play(false);
        }
        if target.is_some() {
            self.shown.turn_to_selected();
        }
    }

    /// Picks the next link of the node that is picked, leads, or comes first; of a link, the next of the node that it was
    /// picked from. Where links are drawn, those; else there is one to everybody.
    fn next_link(&mut self, forwards: bool) -> bool {
        let Some(lab) = &self.lab else { return false };
        let (from, to) = match lab.selection {
            Some(Target::Link(from, to)) => (from, Some(to)),
            Some(Target::Message(_)) => return false,
            _ => match lab.subject() {
                Some(node) => (node.id, None),
                None => return false,
            },
        };
        let geometry = &self.scene.geometry;
        let linked = |other: &NodeId| {
            let (a, b) = (from.min(*other).index(), from.max(*other).index());
            a != b && (!geometry.draws_links() || geometry.links(a, b))
        };
        let others: Vec<_> = (0..lab.view.nodes.len() as u32).map(NodeId).filter(linked).collect();
        let next = match (forwards, to) {
            (true, to) => others.iter().find(|other| Some(**other) > to).or(others.first()),
            (false, Some(to)) => others.iter().rfind(|other| **other < to).or(others.last()),
            (false, None) => others.last(),
        };
        let Some(&next) = next else { return false };
        self.select(Some(Target::Link(from, next)));
        let_go();
        true
    }

    /// Opens the menu of what is picked beside it, or in the middle of the stage where it is painted.
    fn open_menu(&mut self) -> bool {
        let Some(target) = self.lab.as_ref().and_then(|lab| lab.selection) else { return false };
        let mark = find::<Element>(".stage-picture .selected").or_else(|| find("#stage"));
        let area = mark.map(|mark| mark.get_bounding_client_rect());
        let place = area.map_or((0.0, 0.0), |it| (it.x() + it.width() / 2.0, it.y() + it.height() / 2.0));
        self.shown.menu = Some((target, place.0, place.1));
        true
    }

    pub(super) fn next_message(&mut self, forwards: bool) {
        let Some(lab) = &mut self.lab else { return };
        let messages = &lab.view.messages;
        let here = lab.message().and_then(|it| messages.iter().position(|other| other.id == it.id));
        let count = messages.len();
        let next = match (here, forwards) {
            (None, true) => 0,
            (None, false) => count.saturating_sub(1),
            (Some(here), true) => (here + 1) % count,
            (Some(here), false) => (here + count - 1) % count,
        };
        let target = messages.get(next).map(|message| Target::Message(message.id));
        if target.is_some() {
            self.select(target);
        }
    }
}

/// Fills the screen with the page, or gives it back; `false` where the browser does not let it.
fn fill_screen() -> bool {
    let Some(document) = browser::document().filter(web_sys::Document::fullscreen_enabled) else {
        return false;
    };
    if document.fullscreen_element().is_some() {
        document.exit_fullscreen();
        return true;
    }
    document.document_element().is_some_and(|root| root.request_fullscreen().is_ok())
}

/// Takes the focus from a button or a node, so that Enter and Space mean what is selected.
fn let_go() {
    let active = browser::document().and_then(|document| document.active_element());
    let Some(element) = active else { return };
    // It fails only for what has no focus to lose.
    if let Some(element) = element.dyn_ref::<HtmlElement>() {
        let _ = element.blur();
    } else if let Some(element) = element.dyn_ref::<SvgElement>() {
        let _ = element.blur();
    }
}

/// Moves the playhead by hand: time stands still then.
fn step(lab: &mut Lab, go: impl FnOnce(&mut faultline_core::Session)) {
    lab.play(false);
    lab.go(go);
}
