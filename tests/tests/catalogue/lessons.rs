//! Lessons and challenges: what a lesson says of its runs is so, what it names is there, and a challenge can be done with as few
//! acts as it says.

use crate::trial;
use faultline_core::Session;
use faultline_core::catalogue::Entry;
use faultline_core::lesson::{Block, Lesson, Span, Step};
use faultline_core::scenario::{Challenge, Expectation, Moment, Scenario};
use faultline_core::session::Target;
use faultline_core::sim::Run;
use faultline_core::title::Preset;
use faultline_tests::{parse, play};
use libtest_mimic::Trial;

/// The most acts that are tried in the search for one that is enough.
const MOST_TRIES: usize = 20_000;

pub(crate) fn trials(entry: &'static Entry) -> impl Iterator<Item = Trial> {
    let slug = entry.info.slug;
    let lessons = entry.lesson.iter().flat_map(move |lesson| {
        lesson.steps.iter().enumerate().map(move |(place, step)| {
            trial(format!("{slug}/lesson/{}", place + 1), move || is_so(entry, step))
        })
    });
    let asks = entry
        .lesson
        .iter()
        .map(move |lesson| trial(format!("{slug}/lesson/asks"), move || asks_something(lesson)));
    let challenges = entry.presets().iter().filter(|preset| preset.text.contains("\ngoal "));
    let challenges = challenges
        .map(move |preset| trial(format!("{slug}/challenge/{}", preset.name), move || can_be_done(preset)));
    lessons.chain(asks).chain(challenges)
}

fn preset(entry: &'static Entry, name: &str) -> &'static Preset {
    let found = entry.presets().iter().find(|preset| preset.name == name);
    found.unwrap_or_else(|| panic!("{} has no run `{name}`", entry.info.slug))
}

/// The run of a step, with what the step says of it as expectations.
fn stated(entry: &'static Entry, step: &Step) -> Scenario {
    let mut text = preset(entry, step.run).text.to_owned();
    for seen in step.seen {
        text.push_str(&format!("\nat {} expect {seen}", step.at));
    }
    parse(&text).unwrap_or_else(|complaint| panic!("{}: {complaint}", step.title))
}

fn is_so(entry: &'static Entry, step: &'static Step) {
    let run = play(&stated(entry, step).to_string());
    for (expectation, met) in run.verify() {
        let Expectation::Seen(_, seen) = expectation else { continue };
        assert_eq!(met, Ok(()), "{}: {seen}", step.title);
        // What is never otherwise says nothing: a word that nobody knows is not there at any time.
        let mut other = seen.clone();
        other.is_not = !seen.is_not;
        let otherwise = run.first_seen(std::slice::from_ref(&other));
        assert!(otherwise.is_some(), "{}: it is never otherwise than `{seen}`", step.title);
    }
    let mut session = Session::new(preset_scenario(entry, step));
    session.seek(Moment::parse(step.at).unwrap());
    let view = session.view();
    for name in names(step) {
        assert!(!view.bearers(name).is_empty(), "{}: nothing bears the name `{name}`", step.title);
    }
    if let Some(name) = step.attempt {
        assert!(preset(entry, name).text.contains("\ngoal "), "`{name}` is no challenge");
    }
}

fn preset_scenario(entry: &'static Entry, step: &Step) -> Scenario {
    parse(preset(entry, step.run).text).unwrap()
}

/// The names in the text of a step.
fn names(step: &'static Step) -> impl Iterator<Item = &'static str> {
    let blocks = step.text.iter().map(|block| match block {
        Block::Paragraph(spans) | Block::Item(spans) => *spans,
    });
    let question = step.question.iter().map(|question| question.text);
    let spans = blocks.chain(question).flatten();
    spans.filter_map(|span| if let Span::Name(name) = span { Some(*name) } else { None })
}

fn asks_something(lesson: &'static Lesson) {
    assert!(lesson.steps.iter().any(|step| step.question.is_some()), "it asks nothing");
    assert!(lesson.steps.iter().any(|step| step.attempt.is_some()), "it lets nobody try anything");
    for question in lesson.steps.iter().filter_map(|step| step.question.as_ref()) {
        assert!((2..=4).contains(&question.answers.len()), "two to four answers");
    }
}

fn can_be_done(preset: &'static Preset) {
    let scenario = parse(preset.text).unwrap();
    let challenge = scenario.challenge.clone().unwrap();
    let Challenge { goals, allow, budget, par, hints, solution, impossible } = &challenge;
    assert_eq!(challenge.spent(&scenario.acts), 0, "an act of the run itself is of those that are allowed");
    assert!(!allow.is_empty() && *budget > 0, "nothing is allowed");
    assert_eq!(play(preset.text).first_seen(goals), None, "it comes about by itself");
    if !impossible.is_empty() {
        assert!(solution.is_empty() && *par == 0);
        assert!(one_act(&scenario, &challenge).is_none(), "one act does what is said to be impossible");
        return;
    }
    assert_eq!(hints.len(), 3, "three hints");
    assert!(par <= budget, "par is over the budget");
    assert_eq!(solution.len(), *par, "the solution takes as many acts as par says");
    for timed in solution {
        assert!(challenge.allows(&timed.act.to_string()), "{} is not allowed", timed.act);
    }
    let mut solved = scenario.solved().unwrap();
    let reaches =
        |scenario: &Scenario| Run::new(scenario.clone(), scenario.until).first_seen(goals).is_some();
    assert!(reaches(&solved), "the solution does not reach the goal");
    if !solved.choices.twins.is_empty() {
        solved.choices.twins.clear();
        assert!(!reaches(&solved), "the protocol as it should be reaches the goal, too");
    }
    // With three acts and more too many would have to be tried.
    if *par == 2 {
        let found = one_act(&scenario, &challenge);
        assert!(found.is_none(), "one act is enough: {}", found.unwrap_or_default());
    }
}

/// A way to reach the goal with one act, of those that are offered after some event.
fn one_act(scenario: &Scenario, challenge: &Challenge) -> Option<String> {
    let mut session = Session::new(Scenario { show: None, ..scenario.clone() });
    let end = session.run().events_until(scenario.until);
    let mut tries = 0;
    for event in 0..=end {
        session.seek_event(event);
        let targets = targets(&session);
        let offers = targets.into_iter().flat_map(|target| session.offers(target)).map(|offer| offer.words);
        let allowed: Vec<_> = offers.filter(|words| challenge.allows(words)).collect();
        for words in allowed {
            tries += 1;
            assert!(tries < MOST_TRIES, "too much to try");
            let mut trial = Session::new(Scenario { show: None, ..scenario.clone() });
            trial.seek_event(event);
            if trial.act(&words).is_ok() && trial.run().first_seen(&challenge.goals).is_some() {
                return Some(format!("{words} after event {event}"));
            }
        }
    }
    None
}

/// Everything that a reader may do something to.
fn targets(session: &Session) -> Vec<Target> {
    let view = session.view();
    let nodes = view.nodes.iter().map(|node| node.id);
    let ends = nodes.clone().flat_map(|from| view.nodes.iter().map(move |to| (from, to.id)));
    let links = ends.filter(|(from, to)| from < to).map(|(from, to)| Target::Link(from, to));
    let messages = view.messages.iter().map(|message| Target::Message(message.id));
    nodes.clone().map(Target::Node).chain(messages).chain(links).collect()
}
