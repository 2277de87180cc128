//! Ten scripts of etcd raft, acted out with our servers. A script says what is done to which server, and
//! below that what etcd raft then prints; it lies in `tests/etcd-raft` as it was written. Each command
//! becomes acts of a scenario, and each term, role, leader, vote, commit index, match index, log and set of
//! members that is printed is compared with ours.
//!
//! Two habits of etcd are acted out rather than listed as differences. A server of etcd collects its messages
//! until somebody handles them (`process-ready`), while ours sends at once: a message counts as sent once its
//! sender has been handled. And a leader of etcd tells a new commit index at once, while ours tells it with
//! its next heartbeat: where a leader is handled whose commit index has risen, its heartbeat timer fires.
//! Indexes of etcd begin behind its first snapshot, and ours at 1.
//!
//! What still differs stands in [`SCRIPTS`], line by line, with what either prints and why. A difference that
//! is not listed fails the test, and so does one that is listed and no longer there.

use faultline_core::view::{NodeView, Standing};
use faultline_core::{NodeId, Session};
use faultline_tests::{folder, parse};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::rc::Rc;

/// A script, and how it is acted out.
struct Script {
    name: &'static str,
    /// Our settings beside those that `add-nodes` asks for.
    settings: &'static [&'static str],
    /// Acts, or the command `stabilize`, that are carried out before the command in a line; and why.
    before: &'static [(usize, &'static [&'static str], &'static str)],
    /// How many entries etcd has before our first.
    base: u64,
    differences: &'static [Difference],
}

/// What differs by design, and where.
struct Difference {
    why: &'static str,
    rows: &'static [Row],
}

/// The line of a command, a server, what is compared, what etcd prints, and what ours has.
type Row = (usize, u32, &'static str, &'static str, &'static str);

/// A leader of etcd always begins its term with an empty entry; ours does where reads or changes of members
/// need one.
const OPENS: &str = "set reads index";

const BORN_WITH_MEMBERS: &str =
    "An empty server of etcd knows no members; ours boots with the first members, which are a setting.";

const SCRIPTS: &[Script] = &[
    Script { name: "campaign", settings: &[OPENS], before: &[], base: 2, differences: &[] },
    Script {
        name: "campaign_learner_must_vote",
        settings: &["set membership single", "set learners on"],
        before: &[
            (
                31,
                &["n1 Learn n3", "stabilize"],
                "No server of ours is a learner from the beginning. The leader makes n3 one with an entry, \
                 by which our indexes are ahead.",
            ),
            (
                53,
                &["fire n3 Trust"],
                "Where members change, a server of ours withholds its vote for a while after it has heard \
                 from a leader (thesis §4.2.3); etcd's does with CheckQuorum only. n1 has been dead for \
                 that long.",
            ),
        ],
        base: 1,
        differences: &[],
    },
    Script { name: "checkquorum", settings: &[OPENS], before: &[], base: 10, differences: &[] },
    Script {
        name: "confchange_v1_add_single",
        settings: &["set membership single"],
        before: &[],
        base: 2,
        differences: &[
            Difference {
                why: "A candidate of etcd counts its own vote, and a leader its own entry, once it has been \
                      handled; ours do so at once.",
                rows: &[(10, 1, "role", "candidate", "leader"), (15, 1, "commit", "0", "1")],
            },
            Difference { why: BORN_WITH_MEMBERS, rows: &[(31, 2, "members", "", "n1")] },
        ],
    },
    Script {
        name: "confchange_v1_remove_leader",
        settings: &["set membership single"],
        before: &[],
        base: 2,
        differences: &[
            Difference {
                why: "A server of etcd uses new members once it has applied their entry, ours once the \
                      entry is in its log (thesis §4.1). So n1 ceases to count itself earlier, and needs n2 \
                      and n3 for every commit.",
                rows: &[
                    (36, 1, "votes", "yes", "no"),
                    (48, 1, "votes", "yes", "no"),
                    (85, 1, "commit", "3", "1"),
                    (85, 1, "votes", "yes", "no"),
                    (117, 2, "commit", "3", "1"),
                    (138, 1, "commit", "3", "1"),
                ],
            },
            Difference {
                why: "Once its removal is committed, a leader of ours steps down (thesis §4.2.2); etcd's \
                      goes on, which its script calls unwanted. What lies behind that entry waits for the \
                      next leader, as does word of the commit.",
                rows: &[
                    (146, 1, "commit", "4", "2"),
                    (146, 1, "leader", "n1", "nobody"),
                    (146, 1, "role", "leader", "follower"),
                    (146, 2, "commit", "4", "1"),
                    (146, 3, "commit", "4", "1"),
                    (221, 1, "commit", "4", "2"),
                    (221, 1, "leader", "n1", "nobody"),
                    (221, 1, "role", "leader", "follower"),
                    (221, 2, "commit", "4", "1"),
                    (221, 3, "commit", "4", "1"),
                    (246, 1, "leader", "n1", "nobody"),
                    (246, 1, "role", "leader", "follower"),
                ],
            },
        ],
    },
    Script { name: "lagging_commit", settings: &[OPENS], before: &[], base: 10, differences: &[] },
    Script {
        name: "prevote",
        settings: &[OPENS],
        before: &[(
            132,
            &["fire n3 Trust"],
            "With pre-vote a server of ours promises no vote for a while after it has heard from a leader \
             (thesis §4.2.3, §9.6); etcd's does so with CheckQuorum only. n3 has not heard from n1 for that \
             long.",
        )],
        base: 10,
        differences: &[Difference {
            why: "For the same reason n1, which leads, denies n2 its vote, and n2 wins with that of n3.",
            rows: &[(139, 1, "vote", "n2", "nobody")],
        }],
    },
    Script { name: "prevote_checkquorum", settings: &[OPENS], before: &[], base: 10, differences: &[] },
    Script {
        name: "slow_follower_after_compaction",
        // Our servers take snapshots by themselves: after seven entries, the last of which is etcd's entry
        // 17.
        settings: &[OPENS, "set snapshot 7"],
        before: &[],
        base: 10,
        differences: &[Difference {
            why: "A leader of ours sends what comes after a snapshot with its next heartbeat, etcd's at once.",
            rows: &[(117, 1, "match of n3", "8", "7")],
        }],
    },
    Script {
        name: "snapshot_succeed_via_app_resp",
        settings: &[OPENS, "set snapshot 1"],
        before: &[],
        base: 10,
        differences: &[Difference {
            why: "In place of a heartbeat, a leader of ours sends the snapshot at once; etcd's first waits \
                  for an answer.",
            rows: &[(71, 3, "commit", "0", "1"), (97, 1, "match of n3", "0", "1")],
        }],
    },
];

/// A command of a script, with the lines below it and what is printed.
struct Step {
    /// Its line, from 1.
    line: usize,
    words: Vec<String>,
    input: Vec<String>,
    output: Vec<String>,
}

/// Reads a script: a command, perhaps lines that belong to it, `----`, and what is printed, up to an empty
/// line.
fn steps(text: &str) -> Vec<Step> {
    let mut lines = (1..).zip(text.lines()).filter(|(_, line)| !line.starts_with('#')).peekable();
    let mut steps = Vec::new();
    while let Some((line, command)) = lines.next() {
        if command.is_empty() {
            continue;
        }
        let until = |end: &'static str| move |(_, line): &(usize, &str)| *line != end;
        let input = lines.by_ref().take_while(until("----")).map(|(_, line)| line.to_owned()).collect();
        let output = lines.by_ref().take_while(until("")).map(|(_, line)| line.trim().to_owned()).collect();
        let words = command.split_whitespace().map(str::to_owned).collect();
        steps.push(Step { line, words, input, output });
    }
    steps
}

/// A fact that is compared: the number of its server, and its name.
type Key = (u32, String);

/// Our servers, and what the script has said of etcd's.
struct Stage {
    session: Session,
    base: u64,
    /// How many servers take part; the others are added later, and down until then.
    up: u32,
    /// What is on its way after its sender was handled, in that order.
    network: Vec<u64>,
    /// The latest commit index that each server has told as a leader.
    told: Vec<u64>,
    puts: u64,
    /// What could not be done.
    refused: Vec<String>,
    /// Whether the script prints what happens.
    prints: bool,
    /// What was printed and still stands.
    known: BTreeMap<Key, String>,
    /// What the latest command printed.
    printed: BTreeMap<Key, String>,
}

/// The number behind a word: `7` of `Commit:7`.
fn after<'a>(line: &'a str, word: &str) -> Option<&'a str> {
    let rest = line.split_once(word)?.1;
    let end = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
    Some(&rest[..end])
}

fn server(number: &str) -> String {
    if number == "0" || number.is_empty() { "nobody".into() } else { format!("n{number}") }
}

/// The servers in the brackets behind a word: `n1, n2` of `voters=(1 2)`.
fn servers(line: &str, word: &str) -> Option<String> {
    let inside = line.split_once(word)?.1.split_once(')')?.0;
    let named = inside.split([' ', ',']).filter(|number| !number.is_empty()).map(server);
    Some(named.collect::<Vec<_>>().join(", "))
}

fn role(word: &str) -> &'static str {
    match word.trim_start_matches("State").to_ascii_lowercase().as_str() {
        "leader" => "leader",
        "candidate" => "candidate",
        "precandidate" | "pre-candidate" => "pre-candidate",
        "follower" => "follower",
        _ => panic!("no role: {word}"),
    }
}

impl Stage {
    fn new(script: &Script, steps: &[Step]) -> Self {
        let added = || steps.iter().filter(|step| step.words[0] == "add-nodes");
        let nodes: u32 = added().map(|step| step.words[1].parse::<u32>().unwrap()).sum();
        let first = added().next().unwrap().words.join(" ");
        let members = servers(&first, "voters=(").unwrap().split(", ").count();
        // Nothing happens by itself: messages take longer than the run, and no timer is over.
        let mut text = format!(
            "faultline 2\nprotocol raft\nnodes {nodes}\nlatency 50s\nset election-min 60s\nset election-max \
             60s\nset heartbeat 60s\nset members {members}\nuntil 10ms\n"
        );
        for (word, setting) in [("prevote=true", "pre-vote"), ("checkquorum=true", "check-quorum")] {
            if first.contains(word) {
                text += &format!("set {setting} on\n");
            }
        }
        script.settings.iter().for_each(|setting| text += &format!("{setting}\n"));
        let mut session = Session::new(parse(&text).unwrap());
        session.seek_time(1_000);
        for node in 1..=nodes {
            session.act(&format!("crash n{node}")).unwrap();
        }
        Stage {
            session,
            base: script.base,
            up: 0,
            network: Vec::new(),
            told: vec![0; nodes as usize],
            puts: 0,
            refused: Vec::new(),
            prints: true,
            known: BTreeMap::new(),
            printed: BTreeMap::new(),
        }
    }

    fn node(&self, number: u32) -> Rc<NodeView> {
        self.session.view().nodes[number as usize - 1].clone()
    }

    fn field(&self, number: u32, name: &str) -> Option<String> {
        let node = self.node(number);
        node.card.fields.iter().find(|field| field.name == name).map(|field| field.value.clone())
    }

    fn commit(&self, number: u32) -> u64 {
        self.field(number, "commit index").unwrap().parse().unwrap()
    }

    fn act(&mut self, words: &str) {
        if let Err(sentence) = self.session.act(words) {
            self.refused.push(format!("{words}: {sentence}"));
        }
    }

    fn runs(&self, number: u32, timer: &str) -> bool {
        self.node(number).timers.iter().any(|it| it.name == timer)
    }

    /// Handles a server: what it has sent is on its way, and a leader tells a new commit index. Whether there
    /// was anything.
    fn handle(&mut self, number: u32) -> bool {
        let from = NodeId(number - 1);
        let unsent = |stage: &Stage| {
            let messages = stage.session.view().messages;
            messages
                .into_iter()
                .filter(|it| it.from == from && !stage.network.contains(&it.id))
                .collect::<Vec<_>>()
        };
        let commits = unsent(self).iter().filter_map(|it| after(&it.text, ", commit ")?.parse().ok()).max();
        let told = commits.unwrap_or(0).max(self.told[from.index()]);
        let commit = self.commit(number);
        self.told[from.index()] = told;
        let tells = self.node(number).card.role == "leader" && commit > told;
        if tells {
            self.told[from.index()] = commit;
            self.act(&format!("fire n{number} Heartbeat"));
        }
        let sent = unsent(self);
        self.network.extend(sent.iter().map(|it| it.id));
        tells || !sent.is_empty()
    }

    /// Delivers or drops what is on its way to a server. Whether there was anything.
    fn arrive(&mut self, number: u32, verb: &str) -> bool {
        let to = NodeId(number - 1);
        let messages = self.session.view().messages;
        let is_for = |id: &u64| messages.iter().any(|it| it.id == *id && it.to == to);
        let (for_it, others): (Vec<u64>, Vec<u64>) = self.network.iter().partition(|id| is_for(id));
        for id in &for_it {
            let name = self.session.message(*id).unwrap().name;
            self.act(&format!("{verb} {name}"));
        }
        self.network = others;
        !for_it.is_empty()
    }

    fn stabilize(&mut self, numbers: &[u32]) {
        loop {
            let mut busy = false;
            for number in numbers {
                busy |= self.handle(*number);
            }
            for number in numbers {
                busy |= self.arrive(*number, "deliver");
            }
            if !busy {
                return;
            }
        }
    }

    /// Carries out a command, and returns the servers whose state was handled in it.
    fn carry_out(&mut self, step: &Step) -> Vec<u32> {
        let numbers: Vec<u32> = step.words[1..].iter().filter_map(|word| word.parse().ok()).collect();
        let all: Vec<u32> = (1..=self.up).collect();
        match step.words[0].as_str() {
            "log-level" => self.prints = step.words[1] != "none",
            "add-nodes" => {
                for number in self.up + 1..=self.up + numbers[0] {
                    self.act(&format!("restart n{number}"));
                }
                self.up += numbers[0];
            }
            "campaign" => self.act(&format!("fire n{} Election", numbers[0])),
            "propose" => {
                self.puts += 1;
                self.act(&format!("n{} Put x={}", numbers[0], self.puts));
            }
            "propose-conf-change" => {
                let (verb, number) = step.input[0].split_at(1);
                let verb = match verb {
                    "v" => "Add",
                    "r" => "Remove",
                    _ => panic!("line {}: no change of members: {verb}", step.line),
                };
                self.act(&format!("n{} {verb} n{number}", numbers[0]));
            }
            "process-ready" => {
                self.handle(numbers[0]);
                return numbers;
            }
            "stabilize" => {
                let numbers = if numbers.is_empty() { all } else { numbers };
                self.stabilize(&numbers);
                return numbers;
            }
            "deliver-msgs" => match step.words[1].strip_prefix("drop=") {
                Some(dropped) => {
                    self.arrive(dropped.trim_matches(['(', ')']).parse().unwrap(), "drop");
                }
                None => {
                    for number in numbers {
                        self.arrive(number, "deliver");
                    }
                }
            },
            "tick-heartbeat" | "tick-election" => {
                // Ticks of a leader send heartbeats and, for a whole election timeout, ask whether a majority
                // has answered. Those of others, which are all too few for an election here, end the time in
                // which votes are withheld.
                let timers = ["Heartbeat", "Quorum", "Trust"];
                let due = if step.words[0] == "tick-heartbeat" { &timers[..1] } else { &timers };
                for timer in due.iter().filter(|timer| self.runs(numbers[0], timer)).collect::<Vec<_>>() {
                    self.act(&format!("fire n{} {timer}", numbers[0]));
                }
            }
            // Our election timeouts are never over by themselves, and our servers have taken their snapshots:
            // see `read`.
            "set-randomized-election-timeout" | "compact" | "status" | "raft-state" | "raft-log" => {}
            other => panic!("line {}: no command: {other}", step.line),
        }
        Vec::new()
    }

    fn keep(&mut self, number: u32, what: &str, value: impl Into<String>) {
        let (key, value) = ((number, what.to_owned()), value.into());
        self.printed.insert(key.clone(), value.clone());
        self.known.insert(key, value);
    }

    /// An index of ours.
    fn index(&self, theirs: &str) -> String {
        theirs.parse::<u64>().unwrap().saturating_sub(self.base).to_string()
    }

    /// Reads what a command printed.
    fn read(&mut self, step: &Step) {
        self.printed.clear();
        let own = step.words.get(1).and_then(|word| word.parse().ok());
        let mut handled = own;
        let mut log = Vec::new();
        for line in &step.output {
            let words: Vec<&str> = line.split_whitespace().collect();
            match (step.words[0].as_str(), &words[..]) {
                ("status", [number, _, matched, ..]) => {
                    let index = self.index(after(matched, "match=").unwrap());
                    let key = (own.unwrap(), format!("match of n{}", number.trim_end_matches(':')));
                    self.printed.insert(key, index);
                }
                ("raft-state", [number, state, part, ..]) => {
                    let number = number.trim_end_matches(':').parse().unwrap();
                    self.keep(number, "role", role(state));
                    self.keep(number, "votes", if *part == "(Voter)" { "yes" } else { "no" });
                    self.keep(number, "term", after(line, "Term:").unwrap());
                    self.keep(number, "leader", server(after(line, "Lead:").unwrap()));
                }
                ("raft-log" | "compact", [place, ..]) if place.contains('/') => {
                    let (term, index) = place.split_once('/').unwrap();
                    log.push(format!("{}@{term}", self.index(index)));
                }
                (_, [">", number, "handling", "Ready"]) => handled = number.parse().ok(),
                (_, [lead, state]) if lead.starts_with("Lead:") => {
                    self.keep(handled.unwrap(), "leader", server(after(lead, "Lead:").unwrap()));
                    self.keep(handled.unwrap(), "role", role(after_colon(state)));
                }
                (_, ["HardState", ..]) => {
                    let number = handled.unwrap();
                    self.keep(number, "term", after(line, "Term:").unwrap());
                    self.keep(number, "vote", server(after(line, "Vote:").unwrap_or("0")));
                    self.keep(number, "commit", self.index(after(line, "Commit:").unwrap()));
                }
                (_, ["INFO", "newRaft", number, ..]) => {
                    let number = number.parse().unwrap();
                    self.keep(number, "term", after(line, "term: ").unwrap());
                    self.keep(number, "commit", self.index(after(line, "commit: ").unwrap()));
                }
                (_, [_, number, "became", new, "at", "term", term]) => {
                    let number: u32 = number.parse().unwrap();
                    // The vote of an earlier term and the leader are no longer what was printed, and neither
                    // is kept in mind.
                    let forgotten = if self.known.get(&(number, "term".into())).is_some_and(|it| it == term) {
                        &["leader"][..]
                    } else {
                        &["leader", "vote"]
                    };
                    for what in forgotten {
                        self.known.remove(&(number, (*what).to_owned()));
                        self.printed.remove(&(number, (*what).to_owned()));
                    }
                    self.keep(number, "role", role(new));
                    self.keep(number, "term", *term);
                }
                // Where members never change, ours are those of the setting, which says nothing.
                (_, ["INFO", number, "switched", ..]) if self.field(1, "members").is_some() => {
                    self.keep(number.parse().unwrap(), "members", servers(line, "voters=(").unwrap());
                }
                (_, ["INFO", number, ..]) if line.contains(" cast MsgVote for ") => {
                    let candidate = after(line, " cast MsgVote for ").unwrap();
                    self.keep(number.parse().unwrap(), "vote", server(candidate));
                }
                ("propose", ["raft", "proposal", "dropped"]) => {
                    self.printed.insert((own.unwrap(), "takes proposals".into()), "no".into());
                }
                _ => {}
            }
        }
        if !log.is_empty() {
            self.printed.insert((own.unwrap(), "log".into()), log.join(" "));
        }
        if step.words[0] == "compact" {
            let index = self.index(&step.words[2]);
            self.printed.insert((own.unwrap(), "snapshot".into()), index);
        }
        if !self.prints {
            self.known.clear();
        }
    }

    /// What our server has of that.
    fn ours(&self, number: u32, what: &str) -> String {
        let node = self.node(number);
        let field = |name: &str| self.field(number, name).unwrap_or_default();
        match what {
            // Etcd has no word for a learner among its states.
            "role" => if node.card.role == "learner" { "follower" } else { node.card.role }.to_owned(),
            "term" => field("term"),
            "leader" => field("leader"),
            "vote" => field("voted for"),
            "commit" => field("commit index"),
            "members" => field("members"),
            "votes" => {
                if field("members").split(", ").any(|it| it == node.id.to_string()) { "yes" } else { "no" }
                    .into()
            }
            "snapshot" => field("snapshot up to"),
            "takes proposals" => if node.card.role == "leader" { "yes" } else { "no" }.into(),
            "log" => {
                let base = field("snapshot up to").parse().unwrap_or(0);
                let cells = node.card.log.iter().filter(|cell| cell.index > base);
                cells.map(|cell| format!("{}@{}", cell.index, cell.term)).collect::<Vec<_>>().join(" ")
            }
            _ => {
                // A leader has no match index for itself: it holds all of its log.
                let other: u32 = what.trim_start_matches("match of n").parse().unwrap();
                let last = node.card.log.last().map_or(0, |cell| cell.index).to_string();
                let matched = field("match index");
                let matched = matched.split(' ').nth(other as usize - 1).unwrap_or("none").to_owned();
                if other == number { last } else { matched }
            }
        }
    }
}

/// `StateLeader` of `State:StateLeader`.
fn after_colon(word: &str) -> &str {
    word.split_once(':').map_or(word, |(_, value)| value)
}

/// What was found in a script: how many facts were compared, after how many commands, and what differed.
struct Found {
    compared: usize,
    commands: usize,
    differences: BTreeSet<(usize, u32, String, String, String)>,
    /// Acts that could not be done.
    refused: Vec<String>,
}

fn act_out(script: &Script) -> Found {
    let path = folder().join(format!("etcd-raft/{}.txt", script.name));
    let steps = steps(&fs::read_to_string(path).unwrap());
    let mut stage = Stage::new(script, &steps);
    let mut found = Found { compared: 0, commands: 0, differences: BTreeSet::new(), refused: Vec::new() };
    let mut before: BTreeSet<usize> = script.before.iter().map(|(line, ..)| *line).collect();
    for step in &steps {
        if before.remove(&step.line) {
            let acts = script.before.iter().filter(|(line, ..)| *line == step.line);
            for act in acts.flat_map(|(_, acts, _)| *acts) {
                let all: Vec<u32> = (1..=stage.up).collect();
                if *act == "stabilize" { stage.stabilize(&all) } else { stage.act(act) }
            }
        }
        let handled = stage.carry_out(step);
        stage.read(step);
        let mut said = stage.printed.clone();
        said.extend(stage.known.clone().into_iter().filter(|((number, _), _)| handled.contains(number)));
        found.commands += usize::from(!said.is_empty());
        for ((number, what), theirs) in said {
            let ours = stage.ours(number, &what);
            found.compared += 1;
            if ours != theirs {
                found.differences.insert((step.line, number, what, theirs, ours));
            }
        }
    }
    assert!(before.is_empty(), "{}: no command in lines {before:?}", script.name);
    found.refused = stage.refused;
    let claims = stage.session.view().claims;
    let violated = claims.iter().find(|claim| matches!(claim.standing, Standing::Violated { .. }));
    assert!(violated.is_none(), "{}: {:?}", script.name, violated.map(|claim| &claim.name));
    found
}

/// What came of a script: how many facts it prints, after how many commands, and how many of them differ.
pub(super) struct Compared {
    pub(super) name: &'static str,
    pub(super) commands: usize,
    pub(super) facts: usize,
    pub(super) differing: usize,
}

/// Acts out all scripts. Where something differs that is not listed, or does not where it is, that is an
/// error.
pub(super) fn compare() -> Result<Vec<Compared>, String> {
    let files = fs::read_dir(folder().join("etcd-raft"))
        .unwrap()
        .filter_map(|it| it.unwrap().file_name().into_string().ok());
    let files: BTreeSet<String> = files.filter_map(|it| Some(it.strip_suffix(".txt")?.to_owned())).collect();
    assert_eq!(files, SCRIPTS.iter().map(|script| script.name.to_owned()).collect());
    let (mut compared, mut unlike) = (Vec::new(), Vec::new());
    for script in SCRIPTS {
        let found = act_out(script);
        let owned = |row: &Row| (row.0, row.1, row.2.to_owned(), row.3.to_owned(), row.4.to_owned());
        let listed: BTreeSet<_> = script.differences.iter().flat_map(|it| it.rows).map(owned).collect();
        let differing = found.differences;
        unlike.extend(found.refused.into_iter().map(|it| format!("{}: {it}", script.name)));
        unlike.extend(
            script.differences.iter().filter(|it| !it.why.ends_with('.')).map(|it| it.why.to_owned()),
        );
        unlike.extend(differing.difference(&listed).map(|it| format!("{} differs: {it:?}", script.name)));
        unlike.extend(
            listed.difference(&differing).map(|it| format!("{} does not differ: {it:?}", script.name)),
        );
        let (commands, facts, differing) = (found.commands, found.compared, differing.len());
        compared.push(Compared { name: script.name, commands, facts, differing });
    }
    if unlike.is_empty() { Ok(compared) } else { Err(unlike.join("\n")) }
}

/// The comparison notices servers that do otherwise: without what a script is about, the script ends
/// otherwise or cannot be acted out.
#[test]
fn the_comparison_notices_other_behaviour() {
    for (name, setting) in [
        ("campaign", "set reads log"),
        ("campaign_learner_must_vote", "set learners off"),
        ("checkquorum", "set check-quorum off"),
        ("confchange_v1_remove_leader", "twin uses-members-late"),
        ("lagging_commit", "set reads log"),
        ("prevote", "set pre-vote off"),
        ("prevote_checkquorum", "set pre-vote off"),
        ("slow_follower_after_compaction", "set snapshot 3"),
        ("snapshot_succeed_via_app_resp", "set snapshot 0"),
    ] {
        let script = SCRIPTS.iter().find(|script| script.name == name).unwrap();
        let settings: &'static [&'static str] = Vec::leak([script.settings, &[setting]].concat());
        let other = Script { settings, ..*script };
        let (as_it_is, otherwise) = (act_out(script), act_out(&other));
        let differs = as_it_is.differences != otherwise.differences || !otherwise.refused.is_empty();
        assert!(as_it_is.refused.is_empty() && differs, "{name} with {setting}");
    }
}
