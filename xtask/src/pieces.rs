//! Which file of the page holds which piece of the program.
//!
//! The splitter makes a file for each set of parts that have code in common: hundreds, most of them of a few bytes. A large one
//! stays a file. The small ones would cost a request each; in the main program, all of them together would burden every page,
//! and more with each protocol. So what less than half of the protocols need is copied into the file of each: what a protocol
//! reaches keeps nothing outside its values, and a second copy is the same code in the same places. What rooms have in common is
//! one file for each set of those rooms that open a page, and one for all that comes later; where such a file would be too small,
//! it is joined to that of all of them. The rest becomes part of the main program.

use std::collections::{BTreeMap, BTreeSet};

/// The parts with which a page opens: its room, and what reads its address.
const OPENING: [&str; 5] = ["embed", "laboratory", "learn", "lecture", "names"];

/// A part: its name, and those of its files.
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) files: BTreeSet<String>,
}

/// What each file of the page is put together from.
pub(crate) struct Plan {
    /// The pieces that become part of the main program.
    pub(crate) main: BTreeSet<String>,
    /// The files, each with its pieces.
    pub(crate) files: BTreeMap<String, BTreeSet<String>>,
    pub(crate) parts: Vec<Part>,
}

impl Plan {
    /// Reads what the splitter says: a line for each part, with its pieces.
    pub(crate) fn of(needs: &str, protocols: &BTreeSet<String>, is_large: impl Fn(&str) -> bool) -> Self {
        let mut users: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let lines: Vec<(&str, &str)> = needs.lines().filter_map(|line| line.split_once(": ")).collect();
        for (part, pieces) in &lines {
            pieces.split(' ').for_each(|piece| users.entry(piece).or_default().push(part));
        }
        let (mut main, mut files) = (BTreeSet::new(), BTreeMap::<String, BTreeSet<String>>::new());
        let mut of_part: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for (piece, users) in users {
            let of_protocols = users.iter().filter(|part| protocols.contains(**part)).count();
            let few = of_protocols * 2 < protocols.len();
            let file = |part: &str| match users.len() {
                _ if is_large(piece) => Some(piece.to_owned()),
                2.. if few && protocols.contains(part) => Some(format!("split_{part}")),
                2.. if few => Some(shared(&users)),
                _ => None,
            };
            for part in &users {
                if let Some(file) = file(part) {
                    files.entry(file.clone()).or_default().insert(piece.to_owned());
                    of_part.entry(part).or_default().insert(file);
                } else {
                    main.insert(piece.to_owned());
                }
            }
        }
        let parts = lines.iter().map(|(name, _)| Part {
            name: (*name).to_owned(),
            files: of_part.remove(name).unwrap_or_default(),
        });
        Self { main, files, parts: parts.collect() }
    }

    /// Gives the pieces of a file that is not worth a request to that of all rooms that open a page.
    pub(crate) fn dissolve(&mut self, file: &str) {
        let pieces = self.files.remove(file).unwrap_or_default();
        self.files.entry(common()).or_default().extend(pieces);
        for part in &mut self.parts {
            if part.files.remove(file) {
                part.files.insert(common());
            }
        }
    }
}

/// The file for what all rooms have in common that open a page.
pub(crate) fn common() -> String {
    shared(&OPENING)
}

/// The file for what these parts have in common, where rooms look for it.
fn shared(parts: &[&str]) -> String {
    let opening: Vec<&str> = parts.iter().copied().filter(|room| OPENING.contains(room)).collect();
    if opening.is_empty() { "shared_later".to_owned() } else { format!("shared_{}", opening.join("_")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "around: chunk_1 chunk_2 split_around\n\
        embed: chunk_2 chunk_4 chunk_9 split_embed\n\
        gossip: chunk_4 chunk_5 chunk_6 split_gossip\n\
        links: chunk_1 split_links\n\
        paxos: chunk_5 split_paxos\n\
        raft: chunk_5 chunk_6 split_raft\n\
        stage: chunk_9 split_stage\n";

    fn plan() -> Plan {
        let protocols = ["bully", "gossip", "paxos", "raft", "swim"].map(str::to_owned).into();
        Plan::of(SAID, &protocols, |piece| {
            piece == "chunk_9" || piece.starts_with("split") && piece != "split_links"
        })
    }

    fn files<'a>(plan: &'a Plan, part: &str) -> Vec<&'a str> {
        let part = plan.parts.iter().find(|it| it.name == part).unwrap();
        part.files.iter().map(String::as_str).collect()
    }

    fn pieces<'a>(plan: &'a Plan, file: &str) -> Vec<&'a str> {
        plan.files[file].iter().map(String::as_str).collect()
    }

    #[test]
    fn what_few_protocols_share_is_copied_and_what_most_share_is_in_the_main_program() {
        let plan = plan();
        assert_eq!(pieces(&plan, "split_raft"), ["chunk_6", "split_raft"]);
        assert_eq!(pieces(&plan, "split_gossip"), ["chunk_4", "chunk_6", "split_gossip"]);
        assert_eq!(files(&plan, "raft"), ["split_raft"]);
        // Three of five protocols need the first; the second is one part's own, and too small for a file.
        assert_eq!(plan.main, ["chunk_5", "split_links"].map(str::to_owned).into());
    }

    #[test]
    fn what_rooms_share_is_a_file_for_those_that_open_a_page() {
        let plan = plan();
        assert_eq!(pieces(&plan, "shared_later"), ["chunk_1"]);
        assert_eq!(pieces(&plan, "shared_embed"), ["chunk_2", "chunk_4"]);
        assert_eq!(files(&plan, "around"), ["shared_embed", "shared_later", "split_around"]);
        assert_eq!(files(&plan, "embed"), ["chunk_9", "shared_embed", "split_embed"]);
    }

    #[test]
    fn a_file_that_is_not_worth_a_request_is_dissolved() {
        let mut plan = plan();
        plan.dissolve("shared_later");
        assert_eq!(pieces(&plan, &common()), ["chunk_1"]);
        assert!(!plan.files.contains_key("shared_later"));
        assert_eq!(files(&plan, "links"), [common()]);
    }

    #[test]
    fn every_piece_is_where_each_of_its_parts_looks_for_it() {
        let plan = plan();
        for (part, pieces) in SAID.lines().map(|line| line.split_once(": ").unwrap()) {
            for piece in pieces.split(' ') {
                let held = |file: &&str| plan.files[*file].iter().any(|it| it == piece);
                assert!(
                    plan.main.contains(piece) || files(&plan, part).iter().any(held),
                    "{piece} of {part}"
                );
            }
        }
    }
}
