//! What is set before a run, as a form built from what the protocol says of itself: each change restarts the run, and
//! what cannot be set says why beside its field.

use crate::browser::another_seed;
use crate::kit::icons::{self, Icon};
use crate::kit::prose::prose;
use crate::wishes::Do;
use faultline_core::scenario::{Scenario, value_text};
use faultline_core::text::percent;
use faultline_core::time::exact;
use faultline_core::title::{Twin, Unit, Vetted};
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

/// A group of fields.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    title: &'static str,
    sentence: &'static str,
    fields: Vec<Field>,
}

impl Group {
    /// Whether these are the switches that make wrong twins.
    pub fn is_twins(&self) -> bool {
        self.title == TWINS
    }
}

const TWINS: &str = "Take a rule away";
const ASSUMED: &str = "Assumptions";

/// Something that may be set.
#[derive(Clone, Debug, PartialEq)]
struct Field {
    name: &'static str,
    label: String,
    hint: String,
    control: Control,
    /// What stands before and after the value in the words of a scenario.
    words: (String, String),
    /// Whether it is not as it is when nothing is said.
    changed: bool,
    /// What else may be set from here, at one go: what it is, and the words of a scenario for it.
    others: Vec<(String, String)>,
}

#[derive(Clone, Debug, PartialEq)]
enum Control {
    Text(String),
    Switch(bool),
    /// A switch that says in other words what it is to become.
    Flip(bool, String),
    Choice(&'static [&'static str], usize),
}

/// What was tried to be set last and could not be: the field, what was written into it, and why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The name of the field.
    pub field: &'static str,
    /// What was written.
    pub value: String,
    /// One sentence.
    pub sentence: String,
}

fn text(name: &'static str, label: &str, hint: String, value: String, usual: &str) -> Field {
    let changed = value != usual;
    let control = Control::Text(value);
    Field {
        name,
        label: label.into(),
        hint,
        control,
        words: (format!("{name} "), String::new()),
        changed,
        others: Vec::new(),
    }
}

/// The form of a scenario.
pub fn form(scenario: &Scenario) -> Vec<Group> {
    let (entry, network) = (scenario.entry, scenario.network);
    let (info, usual) = (&entry.info, entry.network());
    let run = vec![
        text(
            "nodes",
            "Nodes",
            format!("{} to {}", info.nodes.1, info.nodes.2),
            scenario.nodes.to_string(),
            &info.nodes.0.to_string(),
        ),
        Field {
            others: entry.seeds.iter().map(seed_of).collect(),
            ..text(
                "seed",
                "Seed",
                "All random draws follow from the seed.".into(),
                scenario.seed.to_string(),
                &scenario.seed.to_string(),
            )
        },
        text(
            "until",
            "Length",
            "If you watch longer, the run continues.".into(),
            exact(scenario.until),
            &exact(info.until),
        ),
        text(
            "ask",
            "Workload",
            "Time between requests to the nodes; 0s turns them off.".into(),
            exact(scenario.ask),
            &exact(info.ask),
        ),
        text(
            "skew",
            "Clock skew",
            "Initial error of the clocks; 0s means none.".into(),
            exact(scenario.skew),
            "0s",
        ),
        Field {
            name: "manual",
            label: "Manual mode".into(),
            hint: "Nothing happens until you choose it from a node’s inbox.".into(),
            control: Control::Switch(scenario.manual),
            words: ("manual ".into(), String::new()),
            changed: scenario.manual,
            others: Vec::new(),
        },
    ];
    let (least, most) = (exact(network.latency.0), exact(network.latency.1));
    let range = format!("{}..{}", exact(usual.latency.0), exact(usual.latency.1));
    let latencies = match network.fitted {
        Some(fitted) => {
            let hint = format!("{} Instead, a range can stand here: {range}.", fitted.about());
            vec![text("latency", "Latency", hint, fitted.name().into(), &range)]
        }
        None => vec![
            Field {
                words: ("latency ".into(), format!("..{most}")),
                ..text(
                    "least",
                    "Minimum latency",
                    "Each message draws its latency at random from the range.".into(),
                    least.clone(),
                    &exact(usual.latency.0),
                )
            },
            Field {
                words: (format!("latency {least}.."), String::new()),
                ..text(
                    "greatest",
                    "Maximum latency",
                    "No message is in flight for longer.".into(),
                    most,
                    &exact(usual.latency.1),
                )
            },
        ],
    };
    let links = vec![
        text(
            "loss",
            "Lost",
            "Share of messages, such as 2%".into(),
            percent(network.loss_ppm),
            &percent(usual.loss_ppm),
        ),
        text(
            "duplication",
            "Duplicated",
            "Share of messages, such as 0.5%".into(),
            percent(network.duplicate_ppm),
            &percent(usual.duplicate_ppm),
        ),
        Field {
            name: "fifo",
            label: "In-order delivery".into(),
            hint: "A link delivers messages in the order in which they were sent.".into(),
            control: Control::Switch(network.fifo),
            words: ("fifo ".into(), String::new()),
            changed: network.fifo != usual.fifo,
            others: Vec::new(),
        },
    ];
    let settings = entry.settings.iter().map(|setting| {
        let set = scenario.choices.settings.iter().find(|(name, _)| *name == setting.name);
        let value = set.map_or(setting.default, |(_, value)| *value);
        let written = |value| value_text(setting.unit, value);
        let bounds =
            format!("{}, {} to {}", setting.name, written(setting.bounds.0), written(setting.bounds.1));
        let (control, hint) = match setting.unit {
            Unit::Time | Unit::Count => (Control::Text(written(value)), bounds),
            Unit::Switch => (Control::Switch(value != 0), setting.name.into()),
            Unit::Choice(words) => (Control::Choice(words, value as usize), setting.name.into()),
        };
        Field {
            name: setting.name,
            label: setting.sentence.into(),
            hint,
            control,
            words: (format!("set {} ", setting.name), String::new()),
            changed: value != setting.default,
            others: Vec::new(),
        }
    });
    let assumed = scenario.assumed().into_iter().map(|it| Field {
        name: it.name,
        label: it.sentence.into(),
        hint: if it.holds {
            String::new()
        } else {
            "Broken: the claims that depend on it are not promised.".into()
        },
        control: Control::Flip(it.holds, it.flip),
        words: (String::new(), String::new()),
        changed: !it.holds,
        others: Vec::new(),
    });
    let twins = entry.twins.iter().map(|twin| {
        let on = scenario.choices.twins.contains(&twin.name);
        Field {
            name: twin.name,
            label: twin.sentence.into(),
            hint: twin.name.into(),
            control: Control::Switch(on),
            words: (format!("twin {} ", twin.name), String::new()),
            changed: on,
            others: if on { shown_by(scenario, twin) } else { Vec::new() },
        }
    });
    let groups = [
        ("The run", "", run),
        ("The network", "", [latencies, links].concat()),
        ("The protocol", "", settings.collect()),
        (ASSUMED, BROKEN, assumed.collect()),
        (
            TWINS,
            "Each switch turns the protocol into a wrong twin. Turn one on to see which claim breaks.",
            twins.collect(),
        ),
    ];
    let groups = groups.into_iter().filter(|(_, _, fields): &(_, _, Vec<Field>)| !fields.is_empty());
    groups.map(|(title, sentence, fields)| Group { title, sentence, fields }).collect()
}

const BROKEN: &str = "If you switch an assumption off, the run breaks it, and the claims that depend on it are no longer \
                      promised. Acts break the assumptions about nodes: take a node over, or crash it before its \
                      last write is safe.";

fn seed_of(it: &Vetted) -> (String, String) {
    (format!("{}: {}", it.seed, it.sentence), format!("seed {}", it.seed))
}

/// What to set so that a wrong twin is noticed, where it is not set.
fn shown_by(scenario: &Scenario, twin: &Twin) -> Vec<(String, String)> {
    let wanted = scenario.wanted_by(twin);
    if wanted.is_empty() {
        return Vec::new();
    }
    let names = wanted.iter().map(|words| words.strip_prefix("set ").unwrap_or(words)).collect::<Vec<_>>();
    vec![(format!("Set {} to see a claim break", names.join(", ")), wanted.join("\n"))]
}

/// What the form shows.
#[derive(Properties, PartialEq)]
pub struct SetProps {
    /// The groups of fields.
    pub form: Vec<Group>,
    /// What was refused.
    pub refusal: Option<Refusal>,
    /// Who is told.
    pub dispatch: Callback<Do>,
}

/// The form.
#[component]
pub fn Set(SetProps { form, refusal, dispatch }: &SetProps) -> Html {
    let group = |group: &Group| {
        let refused = |field: &Field| refusal.clone().filter(|refusal| refusal.field == field.name);
        html! {
            <section class={group.is_twins().then_some("twins")}>
                <h3>{ group.title }</h3>
                if !group.sentence.is_empty() { <p class="legend">{ group.sentence }</p> }
                { for group.fields.iter().map(|field| html! {
                    <Row key={field.name} field={field.clone()} refusal={refused(field)} dispatch={dispatch.clone()} />
                }) }
            </section>
        }
    };
    html! {
        <div class="set">
            { for form.iter().map(group) }
            <p class="legend">{ "Each change restarts the run with the same acts. You can undo it." }</p>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct RowProps {
    field: Field,
    refusal: Option<Refusal>,
    dispatch: Callback<Do>,
}

#[component]
fn Row(RowProps { field, refusal, dispatch }: &RowProps) -> Html {
    let [id, name, why, hint] = ["set", "name", "why", "hint"].map(|part| format!("{part}-{}", field.name));
    let is_switch = matches!(field.control, Control::Switch(_) | Control::Flip(..));
    let ask = {
        let (name, words) = (field.name, field.words.clone());
        move |value: String| Do::Set(name, value.clone(), format!("{}{value}{}", words.0, words.1))
    };
    let control = match &field.control {
        Control::Text(value) => {
            let onchange = dispatch.reform(move |event: Event| {
                let field = event.target_dyn_into::<HtmlInputElement>();
                field.map_or(Do::Nothing, |field| ask(field.value().trim().to_owned()))
            });
            let value = refusal.as_ref().map_or(value, |refusal| &refusal.value).clone();
            let described = if refusal.is_some() { why.clone() } else { hint.clone() };
            html! {
                <input id={id.clone()} {value} size={if field.name == "seed" { "20" } else { "9" }} autocomplete="off" spellcheck="false" aria-describedby={described}
                    aria-invalid={refusal.is_some().then_some("true")} {onchange} />
            }
        }
        Control::Switch(on) => {
            let onchange = dispatch.reform(move |event: Event| {
                let field = event.target_dyn_into::<HtmlInputElement>();
                let word = if field.is_some_and(|field| field.checked()) { "on" } else { "off" };
                ask(word.into())
            });
            html! { <input id={id.clone()} type="checkbox" role="switch" checked={*on} aria-labelledby={name.clone()} aria-describedby={hint.clone()} {onchange} /> }
        }
        Control::Flip(on, words) => {
            let (field, words) = (field.name, words.clone());
            let onchange = dispatch.reform(move |_: Event| Do::Set(field, String::new(), words.clone()));
            html! { <input id={id.clone()} type="checkbox" role="switch" checked={*on} aria-labelledby={name.clone()} aria-describedby={hint.clone()} {onchange} /> }
        }
        Control::Choice(words, place) => {
            let onchange = dispatch.reform(move |event: Event| {
                event.target_dyn_into::<HtmlSelectElement>().map_or(Do::Nothing, |field| ask(field.value()))
            });
            html! {
                <select id={id.clone()} {onchange}>
                    { for words.iter().enumerate().map(|(nth, word)| html! { <option value={*word} selected={nth == *place}>{ *word }</option> }) }
                </select>
            }
        }
    };
    let another = (field.name == "seed").then(|| {
        let onclick = dispatch.reform(|_: MouseEvent| match another_seed() {
            Some(seed) => Do::Set("seed", seed.to_string(), format!("seed {seed}")),
            None => Do::Nothing,
        });
        html! { <button class="quiet" aria-label="Another seed" title="Another seed" {onclick}>{ icons::draw(Icon::Again) }</button> }
    });
    let other = |(label, words): &(String, String)| {
        let (name, words) = (field.name, words.clone());
        let onclick = dispatch.reform(move |_: MouseEvent| Do::Set(name, String::new(), words.clone()));
        html! { <li><button class="other" {onclick}>{ label }</button></li> }
    };
    html! {
        <div class={classes!("field", field.changed.then_some("changed"))} data-setting={field.name}>
            <label id={name} for={id.clone()}>{ &field.label }</label>
            <span class="control">{ another }{ control }</span>
            if !field.hint.is_empty() {
                <p id={hint} class="legend">
                    // All words beside a switch turn it.
                    if is_switch { <label for={id}>{ &field.hint }</label> } else { { &field.hint } }
                </p>
            }
            if !field.others.is_empty() { <ul class="others">{ for field.others.iter().map(other) }</ul> }
            <p id={why} class="refused" role="alert">{ refusal.as_ref().map(|refusal| prose(&refusal.sentence)) }</p>
        </div>
    }
}
