//! The course: what to learn in which order, drawn as a map, and the challenges. What somebody has done is remembered and marked.

use crate::browser::remembered;
use crate::learn;
use crate::lecture;
use faultline_core::catalogue::{Leaf, Listed, known};
use faultline_protocols::SUMMARIES;
use faultline_protocols::lectures::LECTURES;
use yew::prelude::*;

/// The protocols of the course in order, each with those that it builds upon.
const COURSE: [(&str, &[&str]); 20] = [
    ("two-generals", &[]),
    ("causal-broadcast", &[]),
    ("gossip", &[]),
    ("two-phase-commit", &["two-generals"]),
    ("reliable-transport", &["two-generals"]),
    ("rpc", &["two-generals"]),
    ("amqp", &["two-generals"]),
    ("snapshot", &["causal-broadcast"]),
    ("crdt", &["causal-broadcast"]),
    ("bully", &["causal-broadcast"]),
    ("swim", &["gossip"]),
    ("chord", &["gossip"]),
    ("quorum-kv", &["gossip"]),
    ("proof-of-work", &["gossip"]),
    ("load-balancing", &["rpc"]),
    ("log-shipping", &["two-phase-commit"]),
    ("kafka", &["amqp", "log-shipping"]),
    ("paxos", &["two-phase-commit", "bully"]),
    ("raft", &["paxos"]),
    ("pbft", &["raft"]),
];

/// Pixels from one column or row of the map to the next, and the size of a stop.
const STRIDE: (usize, usize) = (236, 60);
const STOP: (usize, usize) = (208, 44);

/// A stop of the map.
struct Stop {
    leaf: &'static Leaf,
    needs: Vec<usize>,
    column: usize,
    row: usize,
}

/// The stops that there are, each in the column behind all that it builds upon.
fn stops() -> Vec<Stop> {
    let mut stops: Vec<Stop> = Vec::new();
    for (slug, needs) in COURSE {
        let Some(leaf) = known(slug) else { continue };
        let place = |slug: &&str| stops.iter().position(|stop| stop.leaf.slug == *slug);
        let needs: Vec<usize> = needs.iter().filter_map(place).collect();
        let column =
            needs.iter().filter_map(|&need| stops.get(need)).map(|stop| stop.column + 1).max().unwrap_or(0);
        let row = stops.iter().filter(|stop| stop.column == column).count();
        stops.push(Stop { leaf, needs, column, row });
    }
    stops
}

/// The map, and below it the challenges.
pub(super) fn course() -> Html {
    let stops = stops();
    let most = |of: fn(&Stop) -> usize| stops.iter().map(of).max().unwrap_or(0);
    let (width, height) = (most(|it| it.column) * STRIDE.0 + STOP.0, most(|it| it.row) * STRIDE.1 + STOP.1);
    let at = |stop: &Stop| (stop.column * STRIDE.0, stop.row * STRIDE.1);
    let way = |(from, to): (&Stop, &Stop)| {
        let ((x, y), (to_x, to_y)) = (at(from), at(to));
        let (x, y, to_y) = (x + STOP.0, y + STOP.1 / 2, to_y + STOP.1 / 2);
        let half = x.midpoint(to_x);
        html! { <path d={format!("M{x} {y}C{half} {y} {half} {to_y} {to_x} {to_y}")} /> }
    };
    let ways = stops
        .iter()
        .flat_map(|to| to.needs.iter().filter_map(|&need| stops.get(need)).map(move |from| (from, to)));
    let stop = |stop: &Stop| {
        let Leaf { slug, title, lesson, .. } = stop.leaf;
        let (x, y) = at(stop);
        let style = format!("left:{x}px;top:{y}px;width:{}px;height:{}px", STOP.0, STOP.1);
        let needs: Vec<_> =
            stop.needs.iter().filter_map(|&need| stops.get(need)).map(|it| it.leaf.title).collect();
        let state = match (lesson, learn::progress(slug)) {
            (None, _) => "in the laboratory".to_owned(),
            (Some(_), None) => "lesson".to_owned(),
            (Some(_), Some((done, count))) if done == count => "✓ lesson done".to_owned(),
            (Some(_), Some((done, count))) => format!("{done} of {count} steps"),
        };
        let href = if lesson.is_some() { learn::address_of(slug) } else { format!("#/{slug}") };
        html! {
            <li {style} class={lesson.is_none().then_some("without")}>
                <a {href}><b>{ *title }</b><span>{ state }</span></a>
                if !needs.is_empty() { <p class="after">{ "after " }{ needs.join(" and ") }</p> }
            </li>
        }
    };
    html! {
        <section aria-labelledby="learn">
            <h2 id="learn">{ "Learn" }</h2>
            <p class="of-section">{ "A lesson takes about ten minutes. Lines lead to what builds upon it." }</p>
            <div class="map" style={format!("--map-width:{width}px;--map-height:{height}px")}>
                <svg viewBox={format!("0 0 {width} {height}")} width={width.to_string()} height={height.to_string()} aria-hidden="true">{ for ways.map(way) }</svg>
                <ol role="list">{ for stops.iter().map(stop) }</ol>
            </div>
            { lectures() }
            { challenges() }
        </section>
    }
}

fn lectures() -> Html {
    let item = |(name, title): &(&str, &str)| {
        html! { <li><a href={lecture::address_of(&format!("/{name}"))}>{ *title }</a><span>{ "45 minutes" }</span></li> }
    };
    html! {
        <>
            <h3>{ "Lectures" }</h3>
            <ul class="challenges">{ for LECTURES.iter().map(item) }</ul>
        </>
    }
}

fn challenges() -> Html {
    let all = SUMMARIES
        .iter()
        .flat_map(|said| said.runs().filter(|run| run.is_challenge).map(move |run| (&said.leaf, run)));
    let all: Vec<_> = all.collect();
    if all.is_empty() {
        return Html::default();
    }
    let item = |(leaf, run): &(&'static Leaf, Listed)| {
        let solved = remembered(&learn::solved_as(leaf.slug, run.title)).is_some();
        html! {
            <li class={solved.then_some("solved")}>
                <a href={format!("#/{}/{}", leaf.slug, run.name)}>{ run.title }</a>
                <span>{ leaf.title }{ if solved { ", solved" } else { "" } }</span>
            </li>
        }
    };
    html! {
        <>
            <h3>{ "Challenges" }</h3>
            <ul class="challenges">{ for all.iter().map(item) }</ul>
        </>
    }
}
