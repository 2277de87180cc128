//! Answers: why something is as it is, as a chain of events, and how two branches differ, side by side.

use crate::kit::prose::{clock, prose};
use crate::panels::measures::compared;
use crate::wishes::Do;
use crate::wishes::question::Question;
use crate::work::STRIDE;
use faultline_core::compare::{Comparing, Comparison, Divergence};
use faultline_core::session::{Inquiry, Session};
use faultline_core::sim::Run;
use faultline_core::trace::{Flags, Line};
use faultline_core::view::{Fact, Standing, WhyStep};
use yew::prelude::*;

/// What is being looked into, slice by slice.
pub enum Asking {
    /// Why something is as it is.
    Why(Question, Box<Inquiry>),
    /// How two branches differ: the number of the other, their names, its run, and how far it is compared once it is played.
    Compare(u32, [String; 2], Box<Run>, Option<Box<Comparing>>),
}

/// What came of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// The chain of events that led to something, the latest first; or why there is none.
    Why(Result<Vec<WhyStep>, String>),
    /// Two branches side by side.
    Compare(Box<Pair>),
}

impl Asking {
    /// Asks why.
    pub fn why(session: &Session, question: Question) -> Self {
        let inquiry = match question.about() {
            Ok((node, _)) => Inquiry::of_fact(session, node),
            Err(event) => Inquiry::of_event(session, event),
        };
        Asking::Why(question, Box::new(inquiry))
    }

    /// Compares the branch that is played with another.
    ///
    /// # Errors
    /// One sentence when there is none with this number.
    pub fn compare(session: &Session, id: u32) -> Result<Self, String> {
        let name = |id: u32| session.branches().iter().find(|it| it.id == id).map(|it| it.name.clone());
        let names = [session.branch(), id].map(|id| name(id).unwrap_or_default());
        Ok(Asking::Compare(id, names, Box::new(session.stem_of(id)?), None))
    }

    /// Goes on a little; the answer, once it is known.
    pub fn step(&mut self, session: &Session) -> Option<Answer> {
        let (run, stride) = (session.run(), STRIDE as usize);
        match self {
            Asking::Why(question, inquiry) => {
                let fact = question.about().map_or(Fact::Role, |(_, fact)| fact);
                inquiry.step(session, fact).map(Answer::Why)
            }
            Asking::Compare(id, names, other, Some(comparing)) => {
                let comparison = comparing.step([run, other], stride)?;
                let from = comparison.first.as_ref().map_or(0, |first| first.event.saturating_sub(LINES.1));
                let lines = [run, other].map(|run| run.lines(from, from + LINES.0));
                Some(Answer::Compare(Box::new(Pair { id: *id, names: names.clone(), comparison, lines })))
            }
            Asking::Compare(_, _, other, comparing) => {
                if other.extend_by(run.horizon(), stride) {
                    *comparing = Some(Box::new(Comparing::of([run, other])));
                }
                None
            }
        }
    }
}

/// What the chain is shown by.
#[derive(Properties, PartialEq)]
pub struct WhyProps {
    /// The chain.
    pub chain: Result<Vec<WhyStep>, String>,
    /// Who is told.
    pub dispatch: Callback<Do>,
}

/// Goes to an event, and lets go of the dialog.
fn go(dispatch: &Callback<Do>, event: usize) -> Callback<MouseEvent> {
    let dispatch = dispatch.clone();
    Callback::from(move |_| {
        dispatch.emit(Do::Dialog(None));
        dispatch.emit(Do::Event(event + 1));
    })
}

/// The chain.
#[component]
pub fn Why(WhyProps { chain, dispatch }: &WhyProps) -> Html {
    let steps = match chain {
        Ok(steps) => steps,
        Err(sentence) => return html! { <p class="empty">{ prose(sentence) }</p> },
    };
    let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".into());
    let step = |step: &WhyStep| {
        let line = &step.line;
        html! {
            <li data-step={line.index.to_string()}>
                if let Some(skipped) = &step.skipped { <p class="legend">{ skipped }</p> }
                <button class="line" onclick={go(dispatch, line.index)}>
                    <span class="time">{ clock(line.record.time) }</span><span class="sentence">{ prose(&line.sentence) }</span>
                </button>
                if line.record.flags.has(Flags::ACT) { <p class="legend act">{ "This is an act of the scenario." }</p> }
                if let Some(change) = &step.change {
                    <p class="change">{ format!("{}: {} → {}", change.name, value(&change.before), value(&change.after)) }</p>
                }
                if !line.occasion.is_empty() { <p class="legend">{ "on " }{ prose(&line.occasion) }</p> }
                if let Some(rule) = line.rule { <p class="legend"><b>{ rule.section }</b>{ " " }{ rule.sentence }</p> }
            </li>
        }
    };
    html! {
        <>
            <p class="legend">{ "The latest event comes first, and each event was caused by the one below it. Select an event to go there." }</p>
            <ol class="chain">{ for steps.iter().map(step) }</ol>
        </>
    }
}

/// How many lines of each run are shown, and how many of them before the runs part.
const LINES: (usize, usize) = (9, 2);
/// The most facts that are listed.
const MOST_FACTS: usize = 40;

/// Two branches side by side; of each pair the first is the one that is played.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// The number of the other.
    id: u32,
    names: [String; 2],
    comparison: Comparison,
    lines: [Vec<Line>; 2],
}

/// What two branches are shown by.
#[derive(Properties, PartialEq)]
pub struct CompareProps {
    /// The branches.
    pub pair: Pair,
    /// Who is told.
    pub dispatch: Callback<Do>,
}

/// The two branches: where they part, which claims stand otherwise, what the nodes know in the end.
#[component]
pub fn Compare(CompareProps { pair, dispatch }: &CompareProps) -> Html {
    let Pair { id, names, comparison, lines } = pair;
    let both = {
        let id = *id;
        dispatch.reform(move |_: MouseEvent| Do::Beside(Some(id)))
    };
    let Some(Divergence { event, time, .. }) = comparison.first else {
        return html! { <p class="empty">{ "The two runs are identical as far as both have been computed." }</p> };
    };
    let row = |line: &Line| {
        let class = (line.index == event).then_some("parts");
        html! { <li {class}><span class="time">{ clock(line.record.time) }</span><span class="sentence">{ prose(&line.sentence) }</span></li> }
    };
    let log = |side: usize| {
        let ended = lines[side].last().is_none_or(|last| last.index < event);
        html! { <td><ol>{ for lines[side].iter().map(row) }if ended { <li class="parts">{ "This run has ended." }</li> }</ol></td> }
    };
    let claims = comparison.claims.iter().filter(|pair| pair.differs()).map(|pair| {
        let [one, other] = pair.standings.each_ref().map(|it| standing(it.as_ref()));
        html! { <tr><th scope="row">{ &pair.name }</th><td>{ one }</td><td>{ other }</td></tr> }
    });
    let ends = comparison.ends.iter().take(MOST_FACTS).map(|pair| {
        let [one, other] = pair.values.each_ref().map(|value| value.clone().unwrap_or_else(|| "–".into()));
        html! { <tr><th scope="row">{ format!("{} {}", pair.node, pair.name) }</th><td>{ one }</td><td>{ other }</td></tr> }
    });
    let cost = |(name, [one, other]): (String, [String; 2])| html! { <tr><th scope="row">{ name }</th><td>{ one }</td><td>{ other }</td></tr> };
    let more = comparison.ends.len().saturating_sub(MOST_FACTS);
    html! {
        <div class="compare" data-parts={event.to_string()}>
            <p>{ "The runs diverge at event " }<b>{ event + 1 }</b>{ format!(", at {}. ", clock(time)) }
                <button class="cause" onclick={go(dispatch, event)}>{ "Go there" }</button>{ " · " }
                <button class="cause" data-tool="beside" onclick={both}>{ "Watch both" }</button></p>
            <div class="scroll" tabindex="0" role="group" aria-label="Comparison, scrolls sideways">
                <table>
                    <thead><tr><td></td><th scope="col">{ format!("{} (current)", names[0]) }</th><th scope="col">{ &names[1] }</th></tr></thead>
                    <tbody>
                        <tr><th scope="row">{ "from that event on" }</th>{ log(0) }{ log(1) }</tr>
                        { for claims }
                        { for compared(&comparison.measures).into_iter().map(cost) }
                        { for ends }
                    </tbody>
                </table>
            </div>
            if more > 0 { <p class="legend">{ format!("{more} more facts differ at the end") }</p> }
        </div>
    }
}

fn standing(standing: Option<&Standing>) -> String {
    let words = match standing {
        None => "not claimed",
        Some(Standing::Holds) => "✓ holds",
        Some(Standing::Violated { .. }) => "✕ violated",
        Some(Standing::Unmet { .. }) => "✕ violated in the end",
        Some(Standing::Reached { .. }) => "● reached",
        Some(Standing::Open) => "○ not reached",
        Some(Standing::Unjudged { why }) => return format!("◌ not judged: {why}"),
        Some(Standing::Unpromised { since }) => return format!("† not promised since {since}"),
    };
    words.to_owned()
}
