//! What a lecturer's pointer leaves on the picture: the dot of a laser, or ink that fades. It lies over the lecture and belongs to no
//! run.

use crate::browser;
use crate::picture::geometry::px;
use gloo::timers::callback::Timeout;
use yew::prelude::*;

/// What the pointer is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Mark {
    /// A pointer as everywhere.
    #[default]
    None,
    /// The dot of a laser.
    Laser,
    /// A pen.
    Ink,
}

/// Milliseconds for which a stroke stays.
const STAYS: u32 = 8_000;
/// The most strokes that are seen together, and the most points of one.
const MOST: (usize, usize) = (60, 2_000);

#[derive(Properties, PartialEq)]
pub(super) struct InkProps {
    pub(super) mark: Mark,
}

/// A stroke.
struct Stroke {
    number: usize,
    points: Vec<(i32, i32)>,
    /// When it goes, once it is drawn.
    going: Option<Timeout>,
}

/// The sheet that lies over the lecture.
pub(super) struct Ink {
    /// Where the laser points.
    at: (i32, i32),
    strokes: Vec<Stroke>,
    count: usize,
    /// Whether the pen is on the sheet.
    down: bool,
}

/// What happens to it.
pub(super) enum Drawn {
    Down((i32, i32)),
    Moved((i32, i32)),
    Up,
    /// The stroke with this number has faded.
    Faded(usize),
}

impl Component for Ink {
    type Message = Drawn;
    type Properties = InkProps;

    fn create(_: &Context<Self>) -> Self {
        Ink { at: (-100, -100), strokes: Vec::new(), count: 0, down: false }
    }

    fn update(&mut self, ctx: &Context<Self>, drawn: Drawn) -> bool {
        match drawn {
            Drawn::Down(at) => {
                self.count += 1;
                self.down = true;
                self.strokes.push(Stroke { number: self.count, points: vec![at], going: None });
                if self.strokes.len() > MOST.0 {
                    self.strokes.remove(0);
                }
            }
            Drawn::Moved(at) => {
                self.at = at;
                if let Some(stroke) =
                    self.strokes.last_mut().filter(|stroke| self.down && stroke.points.len() < MOST.1)
                {
                    stroke.points.push(at);
                }
            }
            Drawn::Up => {
                self.down = false;
                if let Some(stroke) = self.strokes.last_mut() {
                    let (number, link) = (stroke.number, ctx.link().clone());
                    stroke.going = Some(Timeout::new(STAYS, move || link.send_message(Drawn::Faded(number))));
                }
            }
            Drawn::Faded(number) => self.strokes.retain(|stroke| stroke.number != number),
        }
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let at = |event: &PointerEvent| (event.client_x(), event.client_y());
        let link = ctx.link();
        let stroke = |Stroke { number, points, going }: &Stroke| {
            let points = points.iter().map(|(x, y)| format!("{x},{y}")).collect::<Vec<_>>().join(" ");
            html! { <polyline key={*number} class={going.is_some().then_some("fades")} {points} /> }
        };
        let (width, height) = browser::size_of("html").unwrap_or_default();
        match ctx.props().mark {
            Mark::None => Html::default(),
            Mark::Laser => html! {
                <div class="glass laser" aria-hidden="true" onpointermove={link.callback(move |event| Drawn::Moved(at(&event)))}>
                    <i style={format!("transform:translate({}px,{}px)", self.at.0, self.at.1)}></i>
                </div>
            },
            Mark::Ink => html! {
                <div class="glass ink" aria-hidden="true"
                    onpointerdown={link.callback(move |event| Drawn::Down(at(&event)))}
                    onpointermove={link.callback(move |event| Drawn::Moved(at(&event)))}
                    onpointerup={link.callback(|_: PointerEvent| Drawn::Up)}
                    onpointerleave={link.callback(|_: PointerEvent| Drawn::Up)}>
                    <svg viewBox={format!("0 0 {} {}", px(width), px(height))}>{ for self.strokes.iter().map(stroke) }</svg>
                </div>
            },
        }
    }
}
