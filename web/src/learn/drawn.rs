//! What a lesson looks like.

use super::words::{block, spans};
use super::{Happens, Learn};
use crate::kit::bar;
use crate::kit::prose::{clock, prose};
use crate::parts;
use crate::stage::Stage;
use crate::wishes::Do;
use faultline_core::lesson::{Question, Step};
use faultline_core::scenario::Observation;
use faultline_core::time::exact;
use yew::html::Scope;
use yew::prelude::*;

impl Learn {
    /// The lesson.
    pub(super) fn draw(&self, link: &Scope<Self>) -> Html {
        let retry = self.dispatch.reform(|_: MouseEvent| Do::Retry);
        let (Some(lesson), Some(step)) = (self.lesson, self.step()) else {
            // Meanwhile the shell of the page is seen.
            return if self.failed { parts::failed(retry) } else { Html::default() };
        };
        let turn = link.callback(|_: MouseEvent| Happens::Turn);
        let title = self.entry().map_or("", |entry| entry.info.title);
        let count = lesson.steps.len();
        html! {
            <div class="page learning">
                <header class="top">
                    { bar::logo() }
                    <nav class="where" aria-label="Where you are">
                        <a href="#/">{ "Learn" }</a>
                        <a href={format!("#/{}", self.slug)}>{ title }</a>
                        <b>{ lesson.title }</b>
                    </nav>
                    <span class="space"></span>
                    <span class="count">{ format!("{} of {count}", self.here + 1) }</span>
                    { bar::theme(self.theme.name(), turn) }
                </header>
                <main id="learn" class="lesson" data-step={(self.here + 1).to_string()} data-arrived={(!self.aims).to_string()}>
                    <article class="words" key={self.here} tabindex="0" aria-label="The step">
                        <h1 aria-live="polite">{ step.title }</h1>
                        { for step.text.iter().map(|it| block(it, self.lab().map(|lab| &*lab.view))) }
                        { for step.question.iter().map(|question| self.question(question, link)) }
                        { self.attempts(step) }
                    </article>
                    { self.stage(step, link) }
                    { self.steps(link) }
                </main>
            </div>
        }
    }

    /// A question, its answers, and what is said to the one that was given.
    fn question(&self, question: &'static Question, link: &Scope<Self>) -> Html {
        let given = self.answers.get(self.here).copied().flatten();
        let view = self.lab().map(|lab| &*lab.view);
        let answers = question.answers.iter().enumerate().map(|(place, answer)| {
            let onclick = link.callback(move |_: MouseEvent| Happens::Answer(place));
            let chosen = given == Some(place);
            let class = chosen.then_some(if answer.is_right { "right" } else { "wrong" });
            let verdict = if answer.is_right { "Right. " } else { "No. " };
            html! {
                <li>
                    <button {class} aria-pressed={chosen.to_string()} {onclick}>{ spans(answer.text, view) }</button>
                    if chosen { <p class="reply" role="status"><b>{ verdict }</b>{ spans(answer.said, view) }</p> }
                </li>
            }
        });
        html! {
            <section class="question" aria-label="Question">
                <h2>{ spans(question.text, view) }</h2>
                <ol role="list">{ for answers }</ol>
            </section>
        }
    }

    /// The ways out of the step into the laboratory.
    fn attempts(&self, step: &'static Step) -> Html {
        let (slug, run, at) = (self.slug, step.run, step.at);
        html! {
            <p class="attempts">
                if let Some(name) = step.attempt { <a class="dark" href={format!("#/{slug}/{name}")}>{ "Take the challenge" }</a> }
                <a class="plain" href={format!("#/{slug}/{run}?{at}")}>{ "Try it yourself" }</a>
            </p>
        }
    }

    fn stage(&self, step: &'static Step, link: &Scope<Self>) -> Html {
        let Some(lab) = self.lab() else {
            return html! { <section id="stage" class="stage" aria-label="Stage"></section> };
        };
        let again = link.callback(|_: MouseEvent| Happens::Again);
        let label = if self.strayed { "Back to the step" } else { "Play again" };
        // As the challenges say it, with the names of the claims.
        let scenario = lab.session().scenario();
        let sentence = |seen: &&str| match Observation::parse(scenario, seen) {
            Ok(seen) => seen.sentence(scenario.entry),
            Err(_) => (*seen).to_owned(),
        };
        let seen: Vec<String> = step.seen.iter().map(sentence).collect();
        html! {
            <section class="seen" aria-label="The run">
                <p class="facts">
                    <span id="clock" class="clock">{ clock(lab.view.time) }</span>
                    <button class="quiet" data-tool="again" onclick={again}>{ label }</button>
                    <span class="space"></span>
                    if !self.aims && !self.strayed { <span class="checked">{ "Checked: " }{ prose(&seen.join(", ")) }</span> }
                    if self.strayed { <span class="strayed">{ format!("Your own run, from {}", exact(lab.session().time())) }</span> }
                </p>
                <section id="stage" class="stage" aria-label="Stage">
                    <Stage view={lab.view.clone()} geometry={self.reel.geometry.clone()} selection={lab.selection} group={lab.group.clone()}
                        paused={!lab.playing} motion={self.reel.motion.clone()} dispatch={self.dispatch.clone()} />
                </section>
            </section>
        }
    }

    /// The row of steps.
    fn steps(&self, link: &Scope<Self>) -> Html {
        let Some(lesson) = self.lesson else { return Html::default() };
        let to = |step: usize| link.callback(move |_: MouseEvent| Happens::Step(step));
        let dot = |(place, step): (usize, &Step)| {
            let class = classes!((place <= self.furthest).then_some("seen"));
            let current = (place == self.here).then_some("step");
            let label = format!("Step {}: {}", place + 1, step.title);
            html! { <li><button {class} aria-current={current} aria-label={label.clone()} title={label} onclick={to(place)}></button></li> }
        };
        let next = lesson.steps.get(self.here + 1);
        html! {
            <nav class="pages" aria-label="Steps">
                <button class="plain" data-tool="back" disabled={self.here == 0} onclick={to(self.here.saturating_sub(1))}>{ "Back" }</button>
                <ol role="list" class="dots">{ for lesson.steps.iter().enumerate().map(dot) }</ol>
                if let Some(next) = next {
                    <button class="dark" data-tool="next" onclick={to(self.here + 1)}>{ "Next" }<span class="of">{ format!(": {}", next.title) }</span></button>
                } else {
                    <a class="dark" data-tool="next" href={format!("#/{}", self.slug)}>{ "To the laboratory" }</a>
                }
            </nav>
        }
    }
}
