//! The one table of keys: it feeds the handler, the help and the `aria-keyshortcuts`.

use crate::browser;
use std::cell::Cell;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Does the first of these verbs that is offered for what is selected.
    Offer(&'static [&'static str]),
    /// Opens the field in which a node is asked something.
    Ask,
    /// Starts or stops time.
    Play,
    /// One event back or on.
    Step(bool),
    /// To the event before or after that is worth a look.
    Interesting(bool),
    /// A round of messages back or on.
    Round(bool),
    /// Ten events back or on.
    Ten(bool),
    /// Slower or faster.
    Speed(bool),
    /// To the start of the run.
    Home,
    /// To its end.
    End,
    /// To the tenth of the run with the digit that was pressed.
    Tenth,
    /// Picks the node with the digit that was pressed.
    Digit,
    /// Picks the next or the previous link of the node that is picked.
    Link(bool),
    /// The menu of what is picked.
    Menu,
    /// Picks the next or the previous message in flight.
    Message(bool),
    /// To the event that caused the latest one.
    Why,
    /// All that led to the latest event.
    Chain,
    /// Takes back, or does again.
    Undo(bool),
    /// Zooms the diagram.
    Zoom(bool),
    /// The dialogs.
    Open,
    /// The link and the text.
    Share,
    /// What is set before a run.
    Set,
    /// Attacks with random faults.
    Attack,
    /// Searches for a violation.
    Search,
    /// Takes a rule of the protocol away.
    Rules,
    /// Shrinks the violation.
    Shrink,
    /// Picks the next act of the scenario, or the one before.
    Act(bool),
    /// Moves the picked act later, or earlier.
    MoveAct(bool),
    /// Takes the picked act away.
    TakeAct,
    /// The tree of branches.
    Branches,
    /// The field in which the log is searched.
    Find,
    /// The scenario as text.
    Text,
    /// Whether nothing happens by itself.
    Manual,
    /// All commands in one list.
    Palette,
    /// The idea of the protocol, its source, what is left out, its runs.
    About,
    /// This table.
    Help,
    /// The page on the whole screen, or no longer.
    Full,
    /// The run in large type, for an audience.
    Present,
    /// The next of the colour schemes.
    Theme,
    /// Closes, or lets go of the selection.
    Escape,
}

/// A row of the table.
#[derive(Debug, PartialEq)]
pub struct Key {
    /// As the browser names them, lower case, with `shift+` and `ctrl+` (also for ⌘) in front.
    pub chords: &'static [&'static str],
    /// As a person reads them.
    pub shown: &'static str,
    /// In which group of the help it stands.
    pub group: &'static str,
    /// What it does, in words.
    pub does: &'static str,
    /// What it does.
    pub command: Command,
}

const fn key(
    chords: &'static [&'static str],
    shown: &'static str,
    group: &'static str,
    does: &'static str,
    command: Command,
) -> Key {
    Key { chords, shown, group, does, command }
}

const TIME: &str = "Time";
const PICK: &str = "Select";
/// The group of what is done to what is picked.
pub const ACT: &str = "Act on the selection";
const CLAIMS: &str = "Claims";
const PAGE: &str = "The page";

const ONE_WAY: &[&str] = &["cut-one-way", "cut-apart"];
const LOSE: &[&str] = &["loss", "lose"];

/// Every key. Earlier rows win where they apply: with a message picked, `2` copies it and picks no node.
pub const KEYS: &[Key] = &[
    key(&["d"], "D", ACT, "Drop the message", Command::Offer(&["drop"])),
    key(&["enter"], "Enter", ACT, "Deliver the message now", Command::Offer(&["deliver"])),
    key(&["l"], "L", ACT, "Delay the message", Command::Offer(&["delay"])),
    key(&["2"], "2", ACT, "Duplicate the message", Command::Offer(&["duplicate"])),
    key(
        &["x"],
        "X",
        ACT,
        "Crash the node (by default the leader), or restart it",
        Command::Offer(&["crash", "restart"]),
    ),
    key(&["r"], "R", ACT, "Restart the node, or send it a request", Command::Ask),
    key(&["t"], "T", ACT, "Fire the node’s timer now", Command::Offer(&["fire"])),
    key(&["p"], "P", ACT, "Pause the node, or resume it", Command::Offer(&["pause", "resume"])),
    key(
        &["g"],
        "G",
        ACT,
        "Hold the message or the link, or release it",
        Command::Offer(&["hold", "release"]),
    ),
    key(&["c"], "C", ACT, "Cut the node off, or cut the link", Command::Offer(&["cut"])),
    key(&["h"], "H", ACT, "Heal the cut links", Command::Offer(&["heal"])),
    key(
        &["shift+c"],
        "Shift C",
        ACT,
        "Cut the link one way, or nodes from each other",
        Command::Offer(ONE_WAY),
    ),
    key(&["shift+l"], "Shift L", ACT, "Slow the node or the link down", Command::Offer(&["slow", "latency"])),
    key(
        &["shift+d"],
        "Shift D",
        ACT,
        "Lose half of the link’s messages, or all messages of this kind",
        Command::Offer(LOSE),
    ),
    key(&["y"], "Y", ACT, "Change the node’s clock, or reset it", Command::Offer(&["clock"])),
    key(
        &["shift+x"],
        "Shift X",
        ACT,
        "Crash the node before its last write is safe",
        Command::Offer(&["crash-losing-write"]),
    ),
    key(&["shift+t"], "Shift T", ACT, "Take the node over", Command::Offer(&["take-over"])),
    key(&["shift+f"], "Shift F", ACT, "Make a Byzantine node lie", Command::Offer(&["forge"])),
    key(
        &["shift+i"],
        "Shift I",
        ACT,
        "Make a Byzantine node send the message to another node, too",
        Command::Offer(&["inject"]),
    ),
    key(
        &["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
        "1 – 9",
        PICK,
        "A node by its number",
        Command::Digit,
    ),
    key(&["n"], "N", PICK, "The next link of the node", Command::Link(true)),
    key(&["shift+n"], "Shift N", PICK, "The previous link", Command::Link(false)),
    key(&["m"], "M", PICK, "The next message in flight", Command::Message(true)),
    key(&["shift+m"], "Shift M", PICK, "The previous message", Command::Message(false)),
    key(&["a"], "A", PICK, "The next act of the scenario", Command::Act(true)),
    key(&["shift+a"], "Shift A", PICK, "The previous act", Command::Act(false)),
    key(&["contextmenu", "shift+f10"], "Menu", ACT, "Open the menu of the selection", Command::Menu),
    key(&["delete", "backspace"], "Del", ACT, "Remove the act", Command::TakeAct),
    key(&["<", "shift+<"], "<", ACT, "Move the act 10 ms earlier", Command::MoveAct(false)),
    key(&[">", "shift+>"], ">", ACT, "Move the act 10 ms later", Command::MoveAct(true)),
    key(&[" ", "k"], "Space K", TIME, "Play or pause", Command::Play),
    key(&["arrowright"], "→", TIME, "Step forward one event", Command::Step(true)),
    key(&["arrowleft"], "←", TIME, "Step back one event", Command::Step(false)),
    key(
        &["shift+arrowright", "]"],
        "Shift → ]",
        TIME,
        "Go to the next marked event",
        Command::Interesting(true),
    ),
    key(
        &["shift+arrowleft", "["],
        "Shift ← [",
        TIME,
        "Go to the previous marked event",
        Command::Interesting(false),
    ),
    key(&["."], ".", TIME, "Go on until all messages in flight have arrived", Command::Round(true)),
    key(&[","], ",", TIME, "Go back by one round of messages", Command::Round(false)),
    key(&["l"], "L", TIME, "Step forward ten events", Command::Ten(true)),
    key(&["j"], "J", TIME, "Step back ten events", Command::Ten(false)),
    key(&["+", "shift++", "="], "+", TIME, "Play faster", Command::Speed(true)),
    key(&["-"], "−", TIME, "Play slower", Command::Speed(false)),
    key(&["home"], "Home", TIME, "Go to the start", Command::Home),
    key(&["end"], "End", TIME, "Go to the end", Command::End),
    key(
        &[
            "shift+0", "shift+1", "shift+2", "shift+3", "shift+4", "shift+5", "shift+6", "shift+7",
            "shift+8", "shift+9",
        ],
        "Shift 0 – 9",
        TIME,
        "Go to that tenth of the run",
        Command::Tenth,
    ),
    key(&["w"], "W", TIME, "Why? Go to the event that caused this one or sent the message", Command::Why),
    key(&["shift+w"], "Shift W", TIME, "Why? Show everything that led to this event", Command::Chain),
    key(&["v"], "V", CLAIMS, "Search for a violation", Command::Search),
    key(&["shift+v"], "Shift V", CLAIMS, "Attack with random faults until a claim breaks", Command::Attack),
    key(&["shift+s"], "Shift S", CLAIMS, "Shrink the run that breaks a claim", Command::Shrink),
    key(&["shift+e"], "Shift E", CLAIMS, "Take a rule away", Command::Rules),
    key(&["i"], "I", PAGE, "Turn manual mode on or off", Command::Manual),
    key(&["shift+o"], "Shift O", PAGE, "Show the scenario as text", Command::Text),
    key(&["/", "shift+/"], "/", PAGE, "Find words in the log", Command::Find),
    key(&["b"], "B", PAGE, "Show the branches of the run", Command::Branches),
    key(&["ctrl+z"], "Ctrl Z", PAGE, "Undo the last change to the run", Command::Undo(true)),
    key(
        &["ctrl+shift+z", "ctrl+y"],
        "Shift Ctrl Z",
        PAGE,
        "Redo the last change to the run",
        Command::Undo(false),
    ),
    key(&["z"], "Z", PAGE, "Zoom the diagram in", Command::Zoom(true)),
    key(&["shift+z"], "Shift Z", PAGE, "Zoom the diagram out", Command::Zoom(false)),
    key(&["o"], "O", PAGE, "Open a run", Command::Open),
    key(&["s"], "S", PAGE, "Share the run", Command::Share),
    key(&["e"], "E", PAGE, "Settings: nodes, network, parameters, wrong twins", Command::Set),
    key(&["ctrl+k"], "Ctrl K", PAGE, "Search all commands", Command::Palette),
    key(&["q"], "Q", PAGE, "Present the run to an audience", Command::Present),
    key(&["f"], "F", PAGE, "Turn full screen on or off", Command::Full),
    key(&["shift+u"], "Shift U", PAGE, "Change the colours: light, dark or as the system", Command::Theme),
    key(
        &["shift+p"],
        "Shift P",
        PAGE,
        "About the protocol: its idea, its source, what is left out, its runs",
        Command::About,
    ),
    key(&["?", "shift+?"], "?", PAGE, "Show this help", Command::Help),
    key(&["escape"], "Esc", PAGE, "Close, or clear the selection", Command::Escape),
];

/// The groups of the help, in order.
pub const GROUPS: [&str; 5] = [TIME, PICK, ACT, CLAIMS, PAGE];

/// The digit of the pressed key, whatever sign stands on it with Shift, or without it in other countries.
pub fn digit(event: &KeyboardEvent) -> Option<u32> {
    let code = event.code();
    let digit = code.strip_prefix("Digit").or_else(|| code.strip_prefix("Numpad"));
    event.key().parse().ok().or_else(|| digit?.parse().ok())
}

/// A key press as the table writes it: by the sign that it makes or, where no row has that, by its digit.
fn chord(event: &KeyboardEvent) -> String {
    let mut held = String::new();
    if event.ctrl_key() || event.meta_key() {
        held.push_str("ctrl+");
    }
    if event.shift_key() {
        held.push_str("shift+");
    }
    let signed = format!("{held}{}", event.key().to_ascii_lowercase());
    let known = KEYS.iter().any(|key| key.chords.contains(&signed.as_str()));
    digit(event).filter(|_| !known).map_or(signed, |digit| format!("{held}{digit}"))
}

thread_local! {
    /// Whether single-character shortcuts work. People who use speech input, or rest a hand on the keys, may not want them.
    static LETTERS: Cell<bool> = const { Cell::new(true) };
}

/// Whether keys of a single letter, digit or sign do something.
pub fn letters() -> bool {
    LETTERS.get()
}

/// Lets keys of a single letter do something or nothing.
pub fn set_letters(on: bool) {
    LETTERS.set(on);
}

/// Whether a chord is a single letter, digit or sign.
fn is_letter(chord: &str) -> bool {
    let key = chord.strip_prefix("shift+").unwrap_or(chord);
    key != " " && key.chars().count() == 1
}

/// The commands of a key press, the first that applies to be done.
pub fn commands(event: &KeyboardEvent) -> impl Iterator<Item = Command> {
    let chord = chord(event);
    let off = is_letter(&chord) && !letters();
    let quiet = off || event.alt_key() || event.is_composing() || !listens(event, &chord);
    KEYS.iter().filter(move |key| !quiet && key.chords.contains(&chord.as_str())).map(|key| key.command)
}

/// Whether the page may take this key, or what has the focus needs it.
fn listens(event: &KeyboardEvent, chord: &str) -> bool {
    // Even when what had the focus in a dialog has gone, nothing behind it is meant.
    let covered = browser::document().and_then(|it| it.query_selector("dialog[open]").ok().flatten());
    if covered.is_some() {
        return false;
    }
    let Some(target) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else {
        return true;
    };
    let within = |selector| target.closest(selector).ok().flatten().is_some();
    if within("textarea, select, input:not([type=range]), [contenteditable]") {
        return false;
    }
    let presses = matches!(chord, " " | "enter") && within("button, a, summary, [role=button], [role=tab]");
    let ends = matches!(chord, "home" | "end");
    let slides = ends && within("input");
    let moves = chord.starts_with("arrow") && within("[role=tablist], [role=slider], .speed");
    let roves = (ends || chord.starts_with("arrow")) && within("[role=menu]");
    // What has the focus on the stage is asked for its menu by the browser.
    let asks = matches!(chord, "contextmenu" | "shift+f10") && within("[data-node]");
    !(presses || slides || moves || roves || asks)
}

/// The key of an offer's verb.
pub fn of_verb(verb: &str) -> Option<&'static Key> {
    let has = |key: &&Key| matches!(key.command, Command::Offer(verbs) if verbs.contains(&verb));
    KEYS.iter().find(has)
}

/// The `aria-keyshortcuts` of a command.
pub fn aria(command: Command) -> String {
    KEYS.iter().find(|key| key.command == command).map(aria_of).unwrap_or_default()
}

/// The `aria-keyshortcuts` of a row.
pub fn aria_of(key: &Key) -> String {
    let name = |chord: &&str| match *chord {
        " " => "Space".to_owned(),
        chord => {
            let words = chord.split('+').map(|word| match word {
                "ctrl" => "Control".to_owned(),
                "arrowright" => "ArrowRight".to_owned(),
                "arrowleft" => "ArrowLeft".to_owned(),
                "contextmenu" => "ContextMenu".to_owned(),
                "" => "Plus".to_owned(),
                word if word.chars().count() == 1 => word.to_ascii_uppercase(),
                word => word[..1].to_ascii_uppercase() + &word[1..],
            });
            words.collect::<Vec<_>>().join("+")
        }
    };
    let works = |chord: &&&str| !chord.ends_with("++") && (letters() || !is_letter(chord));
    key.chords.iter().filter(works).map(name).collect::<Vec<_>>().join(" ")
}
