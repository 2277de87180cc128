//! What components ask for, carried out.

use super::App;
use crate::browser;
use crate::dialogs::set::Refusal;
use crate::lab::SPEEDS;
use crate::page::dialog;
use crate::wishes::{Do, keys};
use faultline_core::session::Target;

impl App {
    /// What needs no run.
    pub(super) fn change_page(&mut self, wish: Do) {
        match wish {
            Do::Dialog(dialog) => self.show_dialog(dialog),
            Do::DismissHint => self.shown.dismiss_hint(),
            Do::Tab(tab) => {
                self.shown.tab = tab;
                self.shown.rearrange();
            }
            Do::Open(text) => self.open_text(&text),
            Do::Find(text) => self.asked.sought = text,
            Do::File(file) => self.open_file(&file),
            Do::Log(Some(file), how) => self.open_log(file, how),
            Do::Log(None, how) => self.read_again(how),
            Do::Cancel => self.tasks.stop(),
            Do::Claim(claim) => self.shown.claim = claim,
            Do::Letters(on) => {
                keys::set_letters(on);
                browser::remember("faultline.letters", if on { "on" } else { "off" });
            }
            wish => self.change_run(wish),
        }
    }

    /// What needs a run.
    pub(super) fn change_run(&mut self, wish: Do) {
        let Some(lab) = &mut self.lab else { return };
        let mut refused = None;
        match wish {
            // It is meant for a dialog that has still to arrive.
            Do::Key(_) if self.asked.dialog.is_some() && !dialog::is_here() => {}
            Do::Key(event) => {
                // Escape closes one thing at a time.
                let closed = self.shown.menu.take().is_some() && event.key() == "Escape";
                if !closed {
                    self.press(&event);
                }
            }
            Do::Command(command) => _ = self.command(command, None),
            Do::Scrub(time) => {
                lab.play(false);
                lab.go(|session| session.seek_time(time));
            }
            Do::Drag(time) => lab.drag(time),
            Do::Event(event) => {
                lab.play(false);
                lab.go(|session| session.seek_event(event));
            }
            Do::Select(Some(Target::Node(node))) if self.shown.several => {
                self.carry_out(Do::Join(node));
                return;
            }
            Do::Select(target) => {
                (self.shown.menu, self.shown.several) = (None, false);
                self.select(target);
            }
            Do::Several(node) => {
                (self.shown.menu, self.shown.several) = (None, true);
                self.select(Some(Target::Node(node)));
            }
            Do::Group(nodes) => {
                self.shown.menu = None;
                self.select(None);
                if let Some(lab) = &mut self.lab {
                    lab.gather(nodes);
                    if !lab.group.is_empty() {
                        self.shown.turn_to_selected();
                    }
                }
            }
            Do::Join(node) => {
                let mut nodes = lab.group.clone();
                if let Some(Target::Node(one)) = lab.selection {
                    nodes.push(one);
                }
                if nodes.contains(&node) {
                    nodes.retain(|other| *other != node);
                } else {
                    nodes.push(node);
                }
                self.carry_out(Do::Group(nodes));
                return;
            }
            Do::Menu(target, x, y) => {
                self.select(Some(target));
                self.shown.menu = Some((target, x, y));
            }
            Do::CloseMenu => self.shown.menu = None,
            Do::Act(words) => {
                (self.shown.menu, self.shown.several) = (None, false);
                let done = lab.attempt(|session| session.act(&words));
                if done.is_ok() && self.shown.hint {
                    // It has been followed.
                    self.shown.dismiss_hint();
                }
                refused = Some(done);
            }
            Do::Amend(words) => {
                let same =
                    words.strip_prefix("nodes ").is_some_and(|it| it == lab.view.nodes.len().to_string());
                if !same {
                    lab.selection = None;
                    refused = Some(lab.attempt(|session| session.amend(&words)));
                }
            }
            Do::Set(field, value, words) => {
                lab.selection = None;
                let done = lab.attempt(|session| session.amend(&words));
                self.asked.refusal = done.err().map(|sentence| Refusal { field, value, sentence });
            }
            Do::Why(question) => self.ask_why(question),
            Do::Walk(step) => {
                if let Some(event) = self.moment.walk(step) {
                    self.carry_out(Do::Event(event));
                    return;
                }
            }
            Do::HowItCame(event) => {
                let event = self.moment.ask(lab.version, event);
                self.carry_out(Do::Event(event));
                return;
            }
            Do::GoOn => {
                self.moment.leave();
                lab.play(true);
            }
            Do::Compare(id) => self.compare(id),
            Do::Beside(id) => self.set_beside(id),
            Do::Under(entry) => self.set_under(entry),
            Do::EventBeside(event) => {
                if let Some(time) = self.beside.as_ref().and_then(|beside| beside.time_of(event)) {
                    self.carry_out(Do::Scrub(time));
                }
            }
            Do::PickAct(index) => self.pick_act(index),
            Do::MoveAct(index, time) => self.shift_act(index, time),
            Do::Switch(id) => self.switch_to(id),
            Do::Rename(id, name) => refused = Some(lab.attempt(|session| session.rename(id, &name))),
            Do::CloseBranch(id) => refused = Some(lab.attempt(|session| session.close(id))),
            Do::Search(bounds) => self.search(bounds),
            Do::ShowFound(place) => self.show_found(place),
            Do::Shrink(claim) => self.shrink(claim),
            Do::Draft(text) => {
                self.asked.write(text);
                self.asked.proofread_later(&self.dispatch);
            }
            Do::Proofread => self.asked.proofread(),
            Do::Complete(cursor) => self.asked.complete(lab.session(), cursor),
            Do::Rewrite => self.rewrite(),
            Do::Speed(speed) => lab.speed = speed.min(SPEEDS.len() - 1),
            Do::AutoSlow(on) => lab.auto_slow = on,
            Do::AllLines(all) => {
                lab.all_lines = all;
                self.scene.outdate();
            }
            Do::Filter(filter) => lab.filter = filter,
            // `update` does what the browser asks for.
            Do::Frame(_)
            | Do::WriteAddress
            | Do::Nothing
            | Do::Work
            | Do::Checksum
            | Do::Measure
            | Do::Speak
            // `carry_out` does what can be done at once.
            | Do::Address
            | Do::Learn(_)
            | Do::Dismiss
            | Do::Theme
            | Do::Arrived(..)
            | Do::Retry
            | Do::Entered
            | Do::Surround
            // `change_page` does what needs no run.
            | Do::Dialog(_)
            | Do::DismissHint
            | Do::Tab(_)
            | Do::Open(_)
            | Do::Find(_)
            | Do::File(_)
            | Do::Log(..)
            | Do::Cancel
            | Do::Claim(_)
            | Do::Letters(_) => {}
        }
        match refused {
            Some(Err(sentence)) => self.shown.banner = Some(sentence),
            Some(Ok(())) => self.shown.banner = None,
            None => {}
        }
    }
}
