//! The moment at which a claim turns out not to hold: what was promised, what is the case, what contradicts each other, and how
//! it came to this, step by step. Somebody may ask the same of what came about: then it is said who agreed to it.

use crate::kit::icons;
use crate::kit::prose::{clock, node_name, prose, renamed};
use crate::lab::Lab;
use crate::picture::geometry::{Geometry, px};
use crate::picture::shapes;
use crate::side::claims::name_of;
use crate::wishes::{Dialog, Do};
use crate::work::slice;
use faultline_core::NodeId;
use faultline_core::session::Explaining;
use faultline_core::view::{Because, Explanation, Matter, SideView, Standing};
use std::fmt::Write;
use yew::prelude::*;

/// Which moment: of which version of the run, the claim by its place, if one breaks, and after how many events.
#[derive(Clone, Copy, PartialEq)]
struct About {
    version: u32,
    claim: Option<usize>,
    event: usize,
}

/// The moment at the playhead, if it is one.
#[derive(Default)]
pub(crate) struct Moment {
    about: Option<About>,
    explaining: Option<Box<Explaining>>,
    explanation: Option<Explanation>,
    /// Of the steps that led to it the one at the playhead.
    step: Option<usize>,
    /// The moment that somebody has asked after, though nothing breaks there, and the one that somebody has left behind.
    asked: Option<About>,
    left: Option<About>,
}

impl Moment {
    /// Follows the playhead; whether the moment is another one now.
    pub(crate) fn follow(&mut self, lab: &Lab) -> bool {
        if let Some(step) = self.step {
            if !lab.playing
                && self.version() == Some(lab.version)
                && self.event_of(step) == Some(lab.view.event)
            {
                return false;
            }
            self.step = None;
        }
        let here =
            |asked: &About| !lab.playing && (asked.version, asked.event) == (lab.version, lab.view.event);
        let now = about(lab).or(self.asked.filter(here)).filter(|now| self.left != Some(*now));
        if now == self.about {
            return false;
        }
        let explain = |now: About| {
            let session = lab.session();
            let explaining = match now.claim {
                Some(claim) => Explaining::of(session, claim),
                None => Explaining::of_event(session, now.event.saturating_sub(1)),
            };
            explaining.ok().map(Box::new)
        };
        let (explaining, asked, left) = (now.and_then(explain), self.asked, self.left);
        *self = Moment { about: now, explaining, asked, left, ..Moment::default() };
        true
    }

    /// Asks how it came to an event of a version of the run: after how many events that is.
    pub(crate) fn ask(&mut self, version: u32, event: usize) -> usize {
        self.asked = Some(About { version, claim: None, event: event + 1 });
        self.left = self.left.filter(|left| self.asked != Some(*left));
        event + 1
    }

    /// Whether its explanation is being worked out.
    pub(crate) fn is_working(&self) -> bool {
        self.explaining.is_some()
    }

    /// Works on the explanation for a slice; whether it is known now.
    pub(crate) fn look_into(&mut self, lab: &Lab) -> bool {
        let Some(explaining) = &mut self.explaining else { return false };
        self.explanation = slice(|| explaining.step(lab.session()));
        if self.explanation.is_some() {
            self.explaining = None;
        }
        self.explanation.is_some()
    }

    /// Goes to a step that led to it or, behind the last one and without one, back to the moment itself: after how many events
    /// that is.
    pub(crate) fn walk(&mut self, step: Option<usize>) -> Option<usize> {
        self.step = step.filter(|&step| self.event_of(step).is_some());
        self.step.map_or(self.about.map(|about| about.event), |step| self.event_of(step))
    }

    /// Leaves it behind: it is not shown again.
    pub(crate) fn leave(&mut self) {
        self.left = self.about;
    }

    /// What of it is marked in all views: both sides, or those who agreed; or the step at the playhead.
    pub(crate) fn marks(&self) -> Option<String> {
        let explanation = self.explanation.as_ref()?;
        let mut names = String::new();
        if let Some(step) = self.step.and_then(|step| explanation.steps.get(step)) {
            names += &format!("e{}", step.line.index);
        } else {
            let sides = explanation.sides.iter().filter_map(|side| side.event);
            let agreed = explanation.agreed.iter().flat_map(|agreed| &agreed.since);
            for event in sides.chain(agreed.filter_map(|(_, event)| *event)) {
                // Writing to a string cannot fail.
                let _ = write!(names, "e{event} ");
            }
        }
        Some(names)
    }

    /// Whether there is one, of which something is said over the stage.
    pub(crate) fn is_told(&self) -> bool {
        self.about.is_some()
    }

    /// The claim that it tells of, by its place.
    pub(super) fn claim(&self) -> Option<usize> {
        self.about.and_then(|about| about.claim)
    }

    fn version(&self) -> Option<u32> {
        self.about.map(|about| about.version)
    }

    /// After how many events a step has happened.
    fn event_of(&self, step: usize) -> Option<usize> {
        self.explanation.as_ref()?.steps.get(step).map(|step| step.line.index + 1)
    }

    /// What is said about it, over the stage.
    pub(super) fn draw(&self, lab: &Lab, dispatch: &Callback<Do>) -> Html {
        let Some(about) = self.about else { return Html::default() };
        match (self.step, &self.explanation, about.claim) {
            (Some(step), Some(explanation), _) => walked(explanation, step, dispatch),
            (_, explanation, Some(claim)) => told(lab, claim, explanation.as_ref(), dispatch),
            (_, explanation, None) => came(lab, explanation.as_ref(), dispatch),
        }
    }

    /// The two sides that contradict each other, unless a step is shown.
    pub(super) fn parts(&self) -> Option<&[SideView; 2]> {
        let explanation = self.explanation.as_ref().filter(|_| self.step.is_none())?;
        explanation.sides.as_slice().try_into().ok()
    }

    /// The two sides on the stage, joined by what parts them.
    pub(super) fn joined(&self, geometry: &Geometry) -> Html {
        let Some([one, other]) = self.parts() else { return Html::default() };
        let place = |side: &SideView| geometry.places.get(side.node.index()).copied();
        let (Some(from), Some(to)) = (place(one), place(other)) else { return Html::default() };
        let ring = |at: (f64, f64)| {
            let radius = px(geometry.radius + 9.5);
            html! { <circle cx={px(at.0)} cy={px(at.1)} r={radius} /> }
        };
        let size = format!("0 0 {} {}", px(geometry.width), px(geometry.height));
        html! {
            <svg class="contradiction" viewBox={size} aria-hidden="true">
                { ring(from) }{ ring(to) }
                <path d={shapes::fault((from, to), geometry.radius + 12.0)} />
            </svg>
        }
    }
}

/// The moment at the playhead: the first claim that breaks there, or does not hold at the end of the run.
fn about(lab: &Lab) -> Option<About> {
    let (view, until) = (&lab.view, lab.session().scenario().until);
    let breaks = |standing: &Standing| match standing {
        Standing::Violated { event, .. } => event + 1 == view.event,
        Standing::Unmet { .. } => view.time >= until,
        _ => false,
    };
    let claim = view.claims.iter().position(|claim| breaks(&claim.standing)).filter(|_| !lab.playing)?;
    Some(About { version: lab.version, claim: Some(claim), event: view.event })
}

/// A button that asks for some things, one after the other.
fn button(
    class: &'static str,
    tool: &'static str,
    words: String,
    wishes: Vec<Do>,
    dispatch: &Callback<Do>,
) -> Html {
    let dispatch = dispatch.clone();
    let onclick =
        Callback::from(move |_: MouseEvent| wishes.iter().cloned().for_each(|wish| dispatch.emit(wish)));
    html! { <button {class} data-tool={tool} {onclick}>{ words }</button> }
}

/// What was promised, and what is the case.
fn told(lab: &Lab, claim: usize, explanation: Option<&Explanation>, dispatch: &Callback<Do>) -> Html {
    let Some(claim) = lab.view.claims.get(claim) else { return Html::default() };
    let (Standing::Violated { sentence, .. } | Standing::Unmet { sentence }) = &claim.standing else {
        return Html::default();
    };
    let how = how(explanation, dispatch);
    let sides = explanation.map(|it| it.sides.as_slice()).unwrap_or_default();
    html! {
        <section class="moment" role="alert" aria-label={format!("{} is violated", claim.name)}>
            <h2>{ icons::broken() }<span>{ prose(sentence) }{ "." }</span></h2>
            if claim.promised {
                <p>{ "Promised: " }{ prose(&claim.sentence) }</p>
            } else {
                <p>{ "Claimed: " }{ prose(&claim.sentence) }{ " By then, the claim was no longer promised." }</p>
            }
            if sides.iter().any(|side| side.fact.is_some()) { <p class="sides">{ for sides.iter().map(side) }</p> }
            if let Some(remark) = explanation.and_then(|it| it.remark.as_ref()) { <p>{ prose(remark) }</p> }
            <div class="jumps">
                { how }
                { button("plain", "shrink-it", "Shrink the run".into(), vec![Do::Shrink(name_of(claim))], dispatch) }
                { button("plain", "link-to-it", "Link to it".into(), vec![Do::Dialog(Some(Dialog::Share))], dispatch) }
                { button("plain", "go-on", "Go on".into(), vec![Do::GoOn], dispatch) }
            </div>
        </section>
    }
}

/// What came about, by which rule, and who agreed to it.
fn came(lab: &Lab, explanation: Option<&Explanation>, dispatch: &Callback<Do>) -> Html {
    let latest = lab.view.latest.as_ref().map(|line| line.sentence.as_str());
    let now = explanation.map(|it| it.now.as_str()).or(latest).unwrap_or_default();
    let rule = explanation.and_then(|it| if let Matter::Step(rule) = it.matter { rule } else { None });
    html! {
        <section class="moment" role="status" aria-label="How it came to this">
            <h2><span>{ prose(now) }{ "." }</span></h2>
            if let Some(rule) = rule { <p><span class="section">{ rule.section }</span>{ " " }{ prose(rule.sentence) }</p> }
            <div class="jumps">
                { how(explanation, dispatch) }
                { button("plain", "go-on", "Go on".into(), vec![Do::GoOn], dispatch) }
            </div>
        </section>
    }
}

/// The way into the steps of an explanation.
fn how(explanation: Option<&Explanation>, dispatch: &Callback<Do>) -> Html {
    let words = match explanation.map(|it| it.steps.len()) {
        None | Some(0) => return Html::default(),
        Some(1) => "How it came to this: 1 step".to_owned(),
        Some(steps) => format!("How it came to this: {steps} steps"),
    };
    button("dark", "walk", words, vec![Do::Walk(Some(0))], dispatch)
}

/// One side: who holds what.
fn side(side: &SideView) -> Html {
    let nodes = std::iter::once(&side.node).chain(&side.also).map(|node| node_name(*node));
    let nodes = nodes.collect::<Vec<_>>().join(", ");
    let value = || renamed(side.value.as_deref().unwrap_or("nothing"));
    let fact = side.fact.map(|fact| format!("{fact}: {}", value()));
    html! { <span class="fact"><b>{ nodes }</b>{ " " }{ fact.unwrap_or_default() }</span> }
}

/// A step that led to it.
fn walked(explanation: &Explanation, step: usize, dispatch: &Callback<Do>) -> Html {
    let Some(told) = explanation.steps.get(step) else { return Html::default() };
    let all = explanation.steps.len();
    let sides =
        |place: usize| explanation.sides.get(place).map(|side| node_name(side.node)).unwrap_or_default();
    let why = match told.because {
        Because::Shared => "Both sides descend from it.".to_owned(),
        Because::Side(place) => format!("It led to what {} holds.", sides(place)),
        Because::Fault => "This was done to the nodes.".to_owned(),
        Because::Twin => "Here the wrong twin differs.".to_owned(),
        Because::Absence => "Something did not come.".to_owned(),
        Because::Agreed => format!("The answer of {} was counted.", node_name(NodeId(told.line.record.node))),
        Because::Led => "It led to this.".to_owned(),
        Because::Reached => "It came to this.".to_owned(),
    };
    let breaks = matches!(explanation.matter, Matter::Promised(_));
    let back = if breaks { "Back to the violation" } else { "Back to the moment" };
    let next = if step + 1 < all { ("Next", Some(step + 1)) } else { (back, None) };
    html! {
        <section class="moment" role="status" aria-label="How it came to this">
            <h2><span>{ prose(&told.sentence) }</span></h2>
            <p class="step">{ format!("Step {} of {all}, {}. ", step + 1, clock(told.line.record.time)) }{ why }</p>
            if let Some(rule) = told.line.rule { <p class="sides"><span class="section">{ rule.section }</span>{ " " }{ prose(rule.sentence) }</p> }
            <div class="jumps">
                if let Some(before) = step.checked_sub(1) {
                    { button("plain", "walk-back", "Back".into(), vec![Do::Walk(Some(before))], dispatch) }
                }
                { button("dark", "walk", next.0.into(), vec![Do::Walk(next.1)], dispatch) }
                if step + 1 < all { { button("plain", "walk-end", back.into(), vec![Do::Walk(None)], dispatch) } }
            </div>
        </section>
    }
}
