//! Everything that a person can do to the page, as one type: components send these, the app carries them out.

use crate::wishes::keys::Command;
use crate::wishes::question::Question;
use faultline_core::NodeId;
use faultline_core::check::Bounds;
use faultline_core::session::Target;
use faultline_core::time::Micros;
use faultline_recorded::How;
use gloo::timers::callback::Timeout;
use std::rc::Rc;
use yew::{Callback, KeyboardEvent};

pub mod filter;
pub mod keys;
pub mod question;

/// What a file holds, or what was pasted.
#[derive(Debug)]
pub struct File {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// A dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialog {
    /// Choose or paste a run.
    Open,
    /// The link and the text of the run.
    Share,
    /// What is set before a run.
    Set,
    /// The wrong twins alone.
    Rules,
    /// The bounds of a search for a violation.
    Search,
    /// Why something is as it is.
    Why,
    /// Two branches side by side.
    Compare,
    /// The tree of branches.
    Branches,
    /// The command palette.
    Palette,
    /// The idea of the protocol, its source, what is left out, its runs.
    About,
    /// The keys.
    Help,
    /// How a log is read.
    Log,
}

/// Which of the claims is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OpenClaim {
    /// The first that is violated, as long as nobody has chosen.
    #[default]
    Violated,
    /// The one at a place.
    At(usize),
    /// None.
    None,
}

/// A part of the page that takes turns with others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    /// The space–time diagram; on a narrow page only.
    Timeline,
    /// The claims and what is selected; on a narrow page only.
    Claims,
    /// The log.
    Log,
    /// Cards and panels.
    State,
    /// The scenario as text.
    Scenario,
    /// What waits to happen, node by node; in manual mode only.
    Inbox,
}

/// What is to be done.
#[derive(Clone, Debug)]
pub enum Do {
    /// The browser draws a frame, at this time in milliseconds.
    Frame(f64),
    /// A key was pressed.
    Key(KeyboardEvent),
    /// What a key or a button stands for.
    Command(Command),
    /// The slider is moved.
    Scrub(Micros),
    /// The playhead is dragged on the diagram.
    Drag(Micros),
    /// To right after this many events.
    Event(usize),
    /// Select something, or nothing.
    Select(Option<Target>),
    /// Select several nodes.
    Group(Vec<NodeId>),
    /// Let a node join the selected ones, or leave them.
    Join(NodeId),
    /// Select a node, and then all that are touched together with it.
    Several(NodeId),
    /// The menu of something, at a place of the window.
    Menu(Target, f64, f64),
    /// Close the menu.
    CloseMenu,
    /// Do something to the run, in the words of a scenario.
    Act(String),
    /// What is typed into the palette.
    Find(String),
    /// Set something before the run, in the words of a scenario.
    Amend(String),
    /// Set a field of the form: its name, what was written, and the words of a scenario for that.
    Set(&'static str, String, String),
    /// Open what a text or a link says; where it says nothing readable, the dialog shows why.
    Open(String),
    /// To the lesson about a protocol, by its slug.
    Learn(&'static str),
    /// The part of the address behind `#` is another one.
    Address,
    /// Write the address.
    WriteAddress,
    /// Which speed.
    Speed(usize),
    /// Whether quiet stretches pass faster.
    AutoSlow(bool),
    /// Whether the log shows everything.
    AllLines(bool),
    /// Which of it.
    Filter(crate::wishes::filter::Filter),
    /// Which claim is to be open.
    Claim(OpenClaim),
    /// It may be time to say something.
    Speak,
    /// Show a dialog, or none.
    Dialog(Option<Dialog>),
    /// Show a part.
    Tab(Tab),
    /// Let go of the message at the top of the page.
    Dismiss,
    /// Let go of the hint.
    DismissHint,
    /// Sizes may have changed.
    Measure,
    /// The next of the colour schemes.
    Theme,
    /// Work out the checksum of the run.
    Checksum,
    /// Search for a violation within bounds.
    Search(Bounds),
    /// Look for the smallest run that breaks a claim (by its slug) or a belief.
    Shrink(String),
    /// The next slice of what takes longer than a frame.
    Work,
    /// Stop that, or let go of what was said about it.
    Cancel,
    /// Show one of the runs that a search has found, by its place.
    ShowFound(usize),
    /// What is being written into the scenario's text; nothing, to go back to the text of the run.
    Draft(Option<String>),
    /// Look whether it can be read.
    Proofread,
    /// What may be written at this byte of it; nothing, to offer no more.
    Complete(Option<usize>),
    /// Let the run be what was written.
    Rewrite,
    /// Pick an act of the scenario, by its place, and go there; or let go of it.
    PickAct(Option<usize>),
    /// Move an act, by its place, to a time.
    MoveAct(usize, Micros),
    /// Play another branch.
    Switch(u32),
    /// Name a branch.
    Rename(u32, String),
    /// Close a branch.
    CloseBranch(u32),
    /// Say how another branch differs from the one that is played.
    Compare(u32),
    /// Set another branch beside the one that is played, at the same moment; or none.
    Beside(Option<u32>),
    /// Do the same to another protocol (by its slug), and watch both.
    Under(&'static str),
    /// To when right after this many events of the branch beside have happened.
    EventBeside(usize),
    /// To a step of what led to the moment at hand, or back to it.
    Walk(Option<usize>),
    /// To an event, to be told how it came to that.
    HowItCame(usize),
    /// Leave the moment at hand behind, and let time go on.
    GoOn,
    /// Ask why something is as it is.
    Why(Question),
    /// Open what a file holds.
    File(Rc<File>),
    /// Read a text as a log, in this way; without one, the log that is open or was refused last.
    Log(Option<Rc<File>>, How),
    /// The protocol of a slug has arrived, or cannot be had.
    Arrived(&'static str, bool),
    /// Try again what could not be had.
    Retry,
    /// A part of the page has arrived, and is drawn now.
    Entered,
    /// Draw diagram and column, too.
    Surround,
    /// Whether keys of a single letter do something.
    Letters(bool),
    /// Nothing; an asynchronous answer of no interest.
    Nothing,
}

/// Asks for something in so many milliseconds, unless what this answers is dropped before.
pub fn later(wait: u32, wish: Do, dispatch: &Callback<Do>) -> Timeout {
    let dispatch = dispatch.clone();
    Timeout::new(wait, move || dispatch.emit(wish))
}
