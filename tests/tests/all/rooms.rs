//! The rooms of the front end, which are the folders of `web/src`, use each other in one direction: no circle leads back.

use crate::purity::sources;
use faultline_tests::folder;
use std::collections::BTreeMap;

/// For every room the rooms that it uses, each with one place where it does.
type Rooms = BTreeMap<String, BTreeMap<String, String>>;

/// The rooms that a line of code uses: what follows `crate::`, and `super` where that leads out of the room.
fn used<'a>(line: &'a str, way_out: &str) -> Vec<&'a str> {
    let code = line.split("//").next().unwrap_or_default();
    let names = code.split("crate::").skip(1);
    let first = |rest: &'a str| rest.split(|letter: char| !letter.is_alphanumeric() && letter != '_').next();
    names.filter_map(first).chain(code.contains(way_out).then_some("super")).collect()
}

/// Reads who uses whom; each file is given by its path below the sources and by its text.
fn rooms<'a>(files: impl Iterator<Item = (&'a str, &'a str)>) -> Rooms {
    let mut rooms = Rooms::new();
    for (path, text) in files {
        // A room is a folder, or the file beside it that has its name.
        let (room, _) = path.split_once(['/', '.']).unwrap_or((path, ""));
        let way_out = "super::".repeat(path.split('/').count());
        let uses = rooms.entry(room.to_owned()).or_default();
        for (number, line) in text.lines().enumerate() {
            for other in used(line, &way_out).into_iter().filter(|other| *other != room) {
                let place = || format!("{path}:{}: {}", number + 1, line.trim());
                uses.entry(other.to_owned()).or_insert_with(place);
            }
        }
    }
    rooms
}

/// The uses of a circle, one after the other, or nothing.
fn circle(mut rooms: Rooms) -> Vec<String> {
    // A room that uses nothing that is left is in no circle.
    while let Some(free) = rooms
        .iter()
        .find(|(_, uses)| uses.keys().all(|other| !rooms.contains_key(other)))
        .map(|it| it.0.clone())
    {
        rooms.remove(&free);
    }
    // Every room that is left uses another one that is left: the way from one to the next comes back.
    let Some(mut here) = rooms.keys().next() else { return Vec::new() };
    let mut way: Vec<(&String, &String)> = Vec::new();
    while !way.iter().any(|(room, _)| *room == here) {
        let Some((next, place)) = rooms[here].iter().find(|(other, _)| rooms.contains_key(*other)) else {
            break;
        };
        way.push((here, place));
        here = next;
    }
    way.iter().skip_while(|(room, _)| *room != here).map(|(_, place)| (*place).clone()).collect()
}

#[test]
fn no_circle_leads_through_the_rooms_of_the_front_end() {
    let root = folder().join("../web/src");
    let root = root.to_str().unwrap().to_owned() + "/";
    let found = sources(root.as_ref()).unwrap();
    let files = found.iter().map(|(path, text)| (&path[root.len()..], text.as_str()));
    // These two only start the page.
    let rooms = rooms(files.filter(|(path, _)| !matches!(*path, "lib.rs" | "main.rs")));
    assert!(rooms.len() > 10, "the rooms are {:?}", rooms.keys());
    for (room, uses) in &rooms {
        for (other, place) in uses {
            assert!(rooms.contains_key(other), "{room} uses {other}, which is no room: {place}");
        }
    }
    assert_eq!(circle(rooms), [""; 0], "each of these uses the next");
}

#[test]
fn a_circle_is_found_and_told() {
    let read = |files: &[(&'static str, &'static str)]| circle(rooms(files.iter().copied()));
    let (stage, kit) = (("stage.rs", "use crate::kit::icons;"), ("kit/icons.rs", "// crate::stage"));
    assert_eq!(read(&[stage, kit]), [""; 0]);
    let (crowd, page) = (("crowd/paint.rs", "    crate::stage::draw();"), ("page.rs", "use crate::crowd;"));
    let back = ("stage/node.rs", "use crate::crowd::paint;");
    assert_eq!(
        read(&[page, stage, kit, crowd, back]),
        ["crowd/paint.rs:1: crate::stage::draw();", "stage/node.rs:1: use crate::crowd::paint;"]
    );
    let out = rooms([("kit.rs", "super::stage"), ("crowd/paint.rs", "super::plate")].into_iter());
    assert_eq!((out["kit"].len(), out["crowd"].len()), (1, 0), "only the first leaves its room");
}
