//! Byzantine nodes: who is taken over may lie, nobody else, and claims are made of the others. The protocol is reliable
//! broadcast (Bracha, Information and Computation 75, 1987), whose twin delivers what the sender says without asking
//! what it says to others.
#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed the test.

use faultline_core::catalogue::Entry;
use faultline_core::check::{Bounds, Search};
use faultline_core::nemesis::{Attack, attack};
use faultline_core::prelude::*;
use faultline_core::scenario::Act;
use faultline_core::session::Target;
use faultline_core::sim::Run;
use faultline_core::trace::What;
use faultline_core::view::Standing;
use faultline_core::{Scenario, Session};
use faultline_tests::find;
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

const SENDER: NodeId = NodeId(0);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Settings)]
struct Params {
    #[setting(twins)]
    bugs: Bugs,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Twins)]
struct Bugs {
    /// It delivers what the sender says at once.
    skips_echo: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Phase {
    Send,
    Echo,
    Ready,
}

/// A phase, and whether it is about `b` and not `a`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Message(Phase, bool);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Word {
    Broadcast(bool),
    Deliver(bool),
}

fn letter(value: bool) -> char {
    if value { 'b' } else { 'a' }
}

kinds! { Message {
    Send 's': Self(Phase::Send, value) => ("{}", letter(*value)),
    Echo 'e': Self(Phase::Echo, value) => ("{}", letter(*value)),
    Ready 'r': Self(Phase::Ready, value) => ("{}", letter(*value)),
} }

impl fmt::Display for Word {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Word::Broadcast(value) => write!(out, "Broadcast {}", letter(*value)),
            Word::Deliver(value) => write!(out, "Deliver {}", letter(*value)),
        }
    }
}

impl FromStr for Word {
    type Err = String;
    fn from_str(words: &str) -> Result<Self, String> {
        let known = [Word::Broadcast(false), Word::Broadcast(true)];
        known.into_iter().find(|word| word.to_string() == words).ok_or_else(|| "write `Broadcast a`".into())
    }
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Bracha {
    asked: Option<bool>,
    /// Who said what, I too.
    said: BTreeSet<(NodeId, Message)>,
    delivered: Option<bool>,
}

impl Bracha {
    fn count(&self, message: Message) -> usize {
        self.said.iter().filter(|(_, said)| *said == message).count()
    }

    fn say(&mut self, message: Message, ctx: &mut Ctx<Self>) {
        let mine = |it: &(NodeId, Message)| it.0 == ctx.me() && it.1.0 == message.0;
        if !self.said.iter().any(mine) {
            ctx.broadcast(message);
            self.hear(ctx.me(), message, ctx);
        }
    }

    fn hear(&mut self, from: NodeId, message: Message, ctx: &mut Ctx<Self>) {
        let (nodes, faulty, Message(phase, value)) = (ctx.count(), (ctx.count() - 1) / 3, message);
        self.said.insert((from, message));
        let enough = match phase {
            Phase::Send if ctx.params().bugs.skips_echo => true,
            Phase::Send => {
                self.say(Message(Phase::Echo, value), ctx);
                false
            }
            Phase::Echo => {
                if 2 * self.count(message) > nodes + faulty {
                    self.say(Message(Phase::Ready, value), ctx);
                }
                false
            }
            Phase::Ready => {
                if self.count(message) > faulty {
                    self.say(message, ctx);
                }
                self.count(message) > 2 * faulty
            }
        };
        if enough && self.delivered.is_none() {
            self.delivered = Some(value);
            ctx.output(Word::Deliver(value));
        }
    }
}

impl Node for Bracha {
    type Message = Message;
    type Timer = Word;
    type Input = Word;
    type Output = Word;
    type Stable = u64;
    type Params = Params;

    fn start(_: u64, _: &mut Ctx<Self>) -> Self {
        Bracha { asked: None, said: BTreeSet::new(), delivered: None }
    }
    fn stable(&self) -> u64 {
        0
    }
    fn on_message(&mut self, from: NodeId, message: Message, ctx: &mut Ctx<Self>) {
        // Nobody is heard twice about one phase, and only the sender sends.
        let heard = self.said.iter().any(|(who, said)| *who == from && said.0 == message.0);
        if !heard && (message.0 != Phase::Send || from == SENDER) {
            self.hear(from, message, ctx);
        }
    }
    fn on_timer(&mut self, _: Word, _: &mut Ctx<Self>) {}
    fn on_input(&mut self, input: Word, ctx: &mut Ctx<Self>) {
        if let (Word::Broadcast(value), true) = (input, ctx.me() == SENDER && self.asked.is_none()) {
            self.asked = Some(value);
            self.say(Message(Phase::Send, value), ctx);
        }
    }
    fn inputs(&self) -> Vec<Word> {
        vec![Word::Broadcast(false), Word::Broadcast(true)]
    }
    fn lies(&self, _: NodeId, truth: &Message, _: &Ctx<Self>) -> Vec<Message> {
        vec![Message(truth.0, !truth.1)]
    }
    fn card(&self) -> Card {
        Card::default()
    }
}

impl Protocol for Bracha {
    const INFO: Info = Info {
        slug: "bracha",
        title: "Reliable broadcast",
        aka: "",
        family: "tests",
        source: "Bracha 1987",
        idea: "Who delivers has heard from so many that nobody can deliver something else.",
        left_out: "More than one broadcast.",
        safety: Assumptions {
            links: Links::Perfect,
            failures: Failures::Byzantine,
            timing: Timing::Asynchronous,
        },
        liveness: Assumptions {
            links: Links::Perfect,
            failures: Failures::Byzantine,
            timing: Timing::Asynchronous,
        },
        nodes: (4, 4, 10),
        until: 1_000_000,
        latency: (5_000, 15_000),
        ask: 0,
        layout: Layout::Ring,
        picture: &[],
        panels: &[],
    };
    const PROPERTIES: &'static [&'static [Property<Self>]] = &[&[
        always("Agreement", "No two correct nodes deliver different values.", About::Outputs, |scene| {
            let mut delivered = scene.outputs.iter().filter_map(|output| match output {
                Word::Deliver(value) => Some(*value),
                Word::Broadcast(_) => None,
            });
            let other = |value| {
                let known = scene.record.iter().filter(|(who, _)| scene.is_honest(*who));
                known.copied().find(|(_, known)| *known != value)
            };
            match delivered.find_map(other) {
                Some((who, value)) => Err(format!("{} and {who} differ: {value}", scene.who).into()),
                None => Ok(()),
            }
        }),
        eventually(
            "Totality",
            "If a correct node delivers, all do.",
            Despite::Few,
            |scene| match scene.nodes().any(|(_, node)| node.delivered.is_some()) {
                true => Ok(()),
                false => Err("no correct node has delivered yet"),
            },
            |scene| {
                let done = scene.nodes().filter(|(_, node)| node.delivered.is_some()).count();
                let all = scene.nodes().count();
                if done == all { Ok(()) } else { Err(format!("{done} of {all}").into()) }
            },
        ),
    ]];
    /// Who delivered what.
    type Record = Vec<(NodeId, bool)>;

    fn remember(record: &mut Vec<(NodeId, bool)>, step: &Step<'_, Self>) {
        for output in step.outputs {
            if let Word::Deliver(value) = output {
                record.push((step.who, *value));
            }
        }
    }
}

static BRACHA: Entry = Entry::of::<Bracha>();

fn scenario(twin: bool) -> Scenario {
    let mut scenario = Scenario::of(&BRACHA);
    if twin {
        scenario.amend("twin skips-echo").unwrap();
    }
    scenario
}

/// A session in which the sender has just sent `a` to all.
fn asked(twin: bool) -> Session {
    let mut session = Session::new(scenario(twin));
    session.seek_time(1_000);
    session.act("n1 Broadcast a").unwrap();
    session
}

fn standing(session: &Session, claim: &str) -> Standing {
    session.view().claims.iter().find(|it| it.name == claim).unwrap().standing.clone()
}

#[test]
fn acts_are_written_as_they_are_read() {
    let scenario = scenario(false);
    for words in [
        "take over n1",
        "forge n1>n2 Send as Send b",
        "forge n1>n2 Echo#2 as Echo a",
        "inject n1>n2 Ready to n3",
    ] {
        assert_eq!(scenario.parse_act(words).map(|act| act.to_string()), Ok(words.to_owned()));
    }
    for (words, sentence) in [
        ("take n1", "needs `over`"),
        ("take over n9", "no node `n9`"),
        ("forge n1>n2 Send", "needs `as` and another message"),
        ("inject n1>n2 Send", "another receiver"),
        ("forge n1>n2 Sned as Send b", "no kind of message `Sned`"),
    ] {
        let said = scenario.parse_act(words).unwrap_err();
        assert!(said.contains(sentence), "{words}: {said}");
    }
}

/// A sender that says one thing to one and another to another breaks the twin, and not the protocol.
#[test]
fn by_hand_a_node_that_is_taken_over_tells_two_stories() {
    for twin in [true, false] {
        let mut session = asked(twin);
        session.act("take over n1").unwrap();
        let message = session.view().messages.iter().find(|it| it.name == "n1>n2 Send").unwrap().id;
        let offers = session.offers(Target::Message(message));
        let offer = offers.iter().find(|offer| offer.verb == "forge").unwrap();
        assert_eq!(offer.words, "forge n1>n2 Send as Send b");
        session.act(&offer.words).unwrap();
        let forged = session.view().messages.into_iter().find(|it| it.id == message).unwrap();
        assert_eq!((forged.name.as_str(), forged.text.as_str()), ("n1>n2 Send", "Send b"));
        let line = session.view().latest.unwrap();
        assert_eq!(line.sentence, "Send a from n1 to n2 is forged");
        assert_eq!((line.record.what, line.sent), (What::Forge, vec!["Send b to n2".to_owned()]));
        session.seek_time(900_000);
        assert_eq!(matches!(standing(&session, "Agreement"), Standing::Violated { .. }), twin);
    }
}

/// Two liars may disagree with everybody: claims are made of the others.
#[test]
fn what_liars_deliver_does_not_count() {
    for liars in [1, 2] {
        let mut session = asked(true);
        session.act("take over n1").unwrap();
        if liars == 2 {
            session.act("take over n2").unwrap();
        }
        session.act("forge n1>n2 Send as Send b").unwrap();
        session.seek_time(900_000);
        assert_eq!(matches!(standing(&session, "Agreement"), Standing::Violated { .. }), liars == 1);
    }
    // What it told before it was taken over does not count either.
    let mut session = asked(true);
    session.act("take over n1").unwrap();
    session.act("forge n1>n2 Send as Send b").unwrap();
    session.act("deliver n1>n2 Send").unwrap();
    session.act("take over n2").unwrap();
    session.seek_time(900_000);
    assert!(!matches!(standing(&session, "Agreement"), Standing::Violated { .. }));
    let taken: Vec<_> = session.view().nodes.iter().map(|node| node.taken).collect();
    assert_eq!(taken, [true, true, false, false]);
}

#[test]
fn what_cannot_be_is_refused_and_changes_nothing() {
    let mut session = asked(false);
    session.act("take over n3").unwrap();
    session.act("take over n4").unwrap();
    session.act("crash n4").unwrap();
    let before = (session.view(), session.here().to_string());
    for (words, sentence) in [
        ("forge n1>n2 Send as Send b", "n1 cannot lie; take it over first"),
        ("inject n1>n2 Send to n4", "n1 cannot lie; take it over first"),
        ("forge n3>n2 Echo as Echo b", "no Echo from n3 to n2 is in flight"),
        ("take over n3", "n3 is taken over already"),
    ] {
        assert_eq!(session.act(words).unwrap_err(), sentence, "{words}");
        assert_eq!((session.view(), session.here().to_string()), before);
    }
    session.act("take over n1").unwrap();
    let before = (session.view(), session.here().to_string());
    for (words, sentence) in [
        ("forge n1>n2 Send as Send c", "n1 could send instead: Send b"),
        ("inject n1>n2 Send to n2", "n2 is the message's sender or receiver; `duplicate` sends it twice"),
    ] {
        assert_eq!(session.act(words).unwrap_err(), sentence, "{words}");
        assert_eq!((session.view(), session.here().to_string()), before);
    }
    session.act("crash n1").unwrap();
    assert_eq!(session.act("forge n1>n2 Send as Send b").unwrap_err(), "n1 is down");
}

/// A protocol that knows no lies still has a node that votes for two: it says to one what it says to another.
#[test]
fn a_raft_server_that_is_taken_over_can_vote_twice() {
    let mut session = Session::new(Scenario::of(find("raft").unwrap()));
    let vote = |session: &Session| session.view().messages.into_iter().find(|it| it.kind.name == "Vote");
    while vote(&session).is_none() {
        session.step(true);
    }
    let vote = vote(&session).unwrap();
    let words = format!("forge {} as Vote", vote.name);
    assert!(session.act(&words).unwrap_err().contains("cannot lie"));
    session.act(&format!("take over {}", vote.from)).unwrap();
    assert_eq!(session.act(&words).unwrap_err(), format!("{} has no lie to tell instead", vote.from));
    let offers = session.offers(Target::Message(vote.id));
    let offers: Vec<_> = offers.into_iter().filter(|offer| offer.verb == "inject").collect();
    assert_eq!(offers.len(), 3);
    session.act(&offers[0].words).unwrap();
    let line = session.view().latest.unwrap();
    assert_eq!(line.record.what, What::Inject);
    let copy = session.view().messages.into_iter().max_by_key(|it| it.id).unwrap();
    assert_eq!((copy.from, copy.text, copy.cause), (vote.from, vote.text, session.event() - 1));
    assert!(copy.to != vote.to && copy.sent == session.time());
}

fn attacks(twin: bool, seeds: u64) -> Vec<Attack> {
    (1..=seeds).map(|seed| attack(&scenario(twin), seed)).collect()
}

#[test]
fn the_nemesis_lies_within_what_is_tolerated() {
    let (mut lies, mut idle, mut acts) = (0, 0, 0);
    for attack in attacks(false, 200) {
        assert_eq!(attack.broken, None, "{}", attack.scenario);
        let done: Vec<_> = attack.scenario.acts.iter().map(|timed| &timed.act).collect();
        let taken: Vec<_> = done.iter().filter(|act| matches!(act, Act::TakeOver(_))).collect();
        assert!(taken.len() <= 1);
        for act in &done {
            match act {
                Act::Crash(node) => assert_eq!(taken, [&&Act::TakeOver(*node)]),
                Act::Forge(name, _) => assert_eq!(taken, [&&Act::TakeOver(name.from)]),
                _ => {}
            }
        }
        let until = attack.scenario.until;
        assert_eq!(Run::new(attack.scenario.clone(), until).end().breaches(), []);
        lies += done.iter().filter(|act| matches!(act, Act::Forge(..))).count();
        idle += attack.idle as usize;
        acts += done.len();
    }
    assert!(lies > 200, "{lies} lies");
    assert!(idle * 20 < acts, "{idle} of {acts} acts did nothing");
}

#[test]
fn the_nemesis_breaks_the_twin_and_its_attack_repeats() {
    let found = attacks(true, 200).into_iter().find(|attack| attack.broken.is_some()).unwrap();
    assert_eq!(found.broken.as_ref().unwrap().claim, "agreement");
    let mut session = Session::new(found.scenario.clone());
    session.seek_time(found.scenario.until);
    assert!(matches!(standing(&session, "Agreement"), Standing::Violated { .. }));
    let words: Vec<_> = found.scenario.acts.iter().map(|timed| timed.act.to_string()).collect();
    let read: Vec<_> = words.iter().map(|words| found.scenario.parse_act(words).unwrap()).collect();
    assert!(found.scenario.acts.iter().map(|timed| &timed.act).eq(&read));
}

#[test]
fn nobody_signs_for_another() {
    let ctx = Ctx::<Bracha>::new(NodeId(2), 4, 1, std::rc::Rc::default());
    let signed = ctx.sign(Message(Phase::Ready, true));
    assert_eq!((signed.by(), signed.to_string()), (NodeId(2), "Ready b by n3".to_owned()));
    assert_eq!(signed.verify(NodeId(2)), Some(&Message(Phase::Ready, true)));
    assert_eq!(signed.verify(NodeId(1)), None);
}

/// Whoever is the liar and whatever it says: with one lie in a run of four nodes the broadcast without the echo breaks, and
/// with the echo nothing does that such a search can reach.
#[test]
fn a_search_lies_wherever_it_may() {
    let search = |twin| {
        let bounds = Bounds { depth: 16, states: 200_000, lies: 1, ..Bounds::default() };
        let mut search = Search::new(&scenario(twin), bounds);
        while !search.step(10_000) {}
        search.findings().clone()
    };
    let (claim, found) = search(true).broken.into_iter().next().unwrap();
    assert_eq!(claim, "agreement");
    assert!(found.acts.iter().any(|timed| matches!(timed.act, Act::Forge(..))));
    let run = Run::new(found.clone(), found.until);
    assert!(run.verify().iter().all(|(_, met)| met.is_ok()));
    let right = search(false);
    println!("{} states, depth {}", right.states, right.depth);
    assert_eq!(right.broken.len(), 0);
}
