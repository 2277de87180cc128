//! What a lecture looks like: the stage, beside it what is said or asked, below it the cues.

use super::cues::{Question, Stop, words_of};
use super::ink::Ink;
use super::{Happens, Lecture};
use crate::kit::prose::{clock, fixed, prose, title_of};
use crate::lab::Lab;
use crate::parts::links;
use crate::stage::Stage;
use crate::wishes::Do;
use yew::html::Scope;
use yew::prelude::*;

impl Lecture {
    /// The lecture.
    pub(super) fn draw(&self, link: &Scope<Self>) -> Html {
        if let Some(sentence) = &self.refused {
            let back = "The run cannot be presented: ";
            return html! { <main class="page"><p class="empty" role="alert">{ back }{ prose(sentence) }{ ". " }<a href="#/">{ "All protocols" }</a></p></main> };
        }
        let class = classes!(
            "lecture",
            self.dark.then_some("dark-screen"),
            (!self.extra.with_stage()).then_some("without-stage")
        );
        let Some(lab) = self.lab() else {
            // Before the first run the shell of the page is seen, between two runs an empty stage.
            let lost = links::lost(&self.dispatch.reform(|()| Do::Entered));
            let title = &self.program.lecture.title;
            return lost.unwrap_or_else(|| {
                if title.is_empty() {
                    Html::default()
                } else {
                    html! { <main id="lecture" {class}><h1>{ title }</h1></main> }
                }
            });
        };
        let (scenario, info) = (lab.session().scenario(), lab.session().info());
        let at = format!("{}.{}", self.play + 1, self.here + 1);
        html! {
            <main id="lecture" {class} style={format!("--larger:{}", fixed(self.larger, 3))} data-cue={(self.here + 1).to_string()} data-at={at}
                data-plays={lab.playing.to_string()} data-strayed={self.strayed.to_string()} data-done={self.done.to_string()}>
                <h1><span>{ info.title }</span>{ title_of(scenario) }</h1>
                <aside aria-live="polite">{ self.said(lab) }</aside>
                <div class={classes!("views", lab.selection.map(|_| "picked"))} data-seen={self.extra.seen.word()}>
                    if self.extra.with_stage() {
                        <section id="stage" class="stage" aria-label="Stage">
                            <Stage view={lab.view.clone()} geometry={self.reel.geometry.clone()} selection={lab.selection} group={lab.group.clone()}
                                paused={!lab.playing} motion={self.reel.motion.clone()} dispatch={self.dispatch.clone()} />
                        </section>
                    }
                    { self.extra.draw(&self.reel, lab, &self.dispatch) }
                </div>
                { self.track(link) }
                if let Some(pages) = &self.pages { { self.all(pages, link) } }
                <Ink mark={self.mark} />
            </main>
        }
    }

    /// What is said at the stop, or asked.
    fn said(&self, lab: &Lab) -> Html {
        let Some(stop) = self.stop() else { return Html::default() };
        let question = stop.question.as_ref().filter(|_| !self.leaves);
        let caption = stop.caption.as_ref().map(|caption| {
            let (title, text) = (prose(&caption.title), prose(&caption.text));
            match question {
                None => html! { <><h2>{ title }</h2><p>{ text }</p></> },
                // It may hold the answer, so it stands behind that. What was said before is not said again.
                Some(_) if self.told && stop.is_new => {
                    html! { <p class="before"><b>{ title }</b><br />{ text }</p> }
                }
                Some(_) => Html::default(),
            }
        });
        html! {
            <>
                if let Some(question) = question { { self.question(question) } }
                { caption.unwrap_or_default() }
                <p class="foot">
                    <span>{ if self.strayed { "Off the script: Home comes back".to_owned() } else { self.place() } }</span>
                    <span id="clock" class="clock">{ clock(lab.view.time) }</span>
                </p>
            </>
        }
    }

    /// Which cue this is, of how many, and of which run.
    fn place(&self) -> String {
        let cue = format!("cue {} of {}", self.here + 1, self.stops.len());
        match self.program.lecture.plays.len() {
            0 | 1 => cue,
            runs => format!("run {} of {runs}, {cue}", self.play + 1),
        }
    }

    fn question(&self, question: &Question) -> Html {
        let answer = |(place, (is_right, text, said)): (usize, &(bool, String, String))| {
            let class = self.told.then_some(if *is_right { "right" } else { "wrong" });
            let letter = char::from(b'A' + u8::try_from(place).unwrap_or_default());
            html! {
                <li {class}>
                    <b aria-hidden="true">{ letter }</b>
                    <span>{ prose(text) }if self.told && !said.is_empty() { <em>{ prose(said) }</em> }</span>
                </li>
            }
        };
        html! {
            <>
                <h2>{ prose(&question.text) }</h2>
                <ol role="list">{ for question.answers.iter().enumerate().map(answer) }</ol>
                if !self.told { <p class="before"><kbd>{ "space" }</kbd>{ " the answer" }</p> }
            </>
        }
    }

    /// The cues in a row.
    fn track(&self, link: &Scope<Self>) -> Html {
        let dot = |(place, stop): (usize, &Stop)| {
            let onclick = link.callback(move |_: MouseEvent| Happens::To(place));
            let class = classes!((place <= self.here).then_some("seen"));
            let words = words_of(stop).map_or_else(|| clock(stop.time), str::to_owned);
            let current = (place == self.here).then_some("step");
            html! { <li><button {class} aria-current={current} aria-label={words.clone()} title={words.clone()} tabindex="-1" {onclick}><span>{ words }</span></button></li> }
        };
        let (on, back) = (
            link.callback(|_: MouseEvent| Happens::Step(true)),
            link.callback(|_: MouseEvent| Happens::Step(false)),
        );
        html! {
            <nav class="track" aria-label="Cues">
                <button class="quiet" data-tool="back" aria-label="Back" title="Back" onclick={back}>{ "‹" }</button>
                <ol role="list">{ for self.stops.iter().enumerate().map(dot) }</ol>
                <button class="quiet" data-tool="on" aria-label="On" title="On" onclick={on}>{ "›" }</button>
            </nav>
        }
    }
}
