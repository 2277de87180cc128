//! The style of the page, worked out for one picture: every element says itself how it looks, in one colour scheme, so that
//! whatever reads SVG shows the same, also what knows nothing of style sheets.

use super::tree::{Element, Node};
use crate::kit::prose::{fixed, number};
use faultline_core::toolbox::order;
use simplecss::{AttributeOperator, PseudoClass, Selector};

/// The values that the style is made of, and the style.
const TOKENS: &str = include_str!("../../../static/tokens.css");
const STYLE: [&str; 3] = [
    include_str!("../../../static/stage.css"),
    include_str!("../../../static/diagram.css"),
    include_str!("sheet.css"),
];
/// The pixels of a `rem`.
const REM: f64 = 16.0;
/// What is there to be hit, or shows only what somebody does.
const LIVING: [&str; 7] = ["hit", "halo", "ground", "rope", "fate", "crowded", "veil"];
/// How something looks, with what holds where nothing is said; the first of these are inherited.
const LOOKS: [(&str, &str); 15] = [
    ("fill", "#000000"),
    ("fill-opacity", "1"),
    ("stroke", "none"),
    ("stroke-opacity", "1"),
    ("stroke-width", "1"),
    ("stroke-dasharray", "none"),
    ("stroke-linecap", "butt"),
    ("stroke-linejoin", "miter"),
    ("paint-order", "normal"),
    ("font-family", ""),
    ("font-size", ""),
    ("font-weight", "400"),
    ("text-anchor", "start"),
    ("opacity", "1"),
    ("overflow", "hidden"),
];
const INHERITED: usize = 13;
/// The attributes that say where something is and which form it has; and what tells pictures of one thing apart.
const PLACED: [&str; 21] = [
    "transform",
    "viewBox",
    "d",
    "x",
    "y",
    "x1",
    "y1",
    "x2",
    "y2",
    "cx",
    "cy",
    "r",
    "rx",
    "ry",
    "width",
    "height",
    "pathLength",
    "href",
    "target",
    "data-id",
    "data-node",
];

/// A colour scheme.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// Dark on light.
    #[default]
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// Its name.
    pub fn word(self) -> &'static str {
        match self {
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    /// The scheme of a name.
    pub fn named(word: &str) -> Option<Self> {
        [Theme::Light, Theme::Dark].into_iter().find(|theme| theme.word() == word)
    }
}

/// The style in one colour scheme.
pub struct Style {
    theme: Theme,
    tokens: Vec<(&'static str, &'static str)>,
    /// From what holds least to what holds most.
    rules: Vec<Rule>,
}

struct Rule {
    selector: Selector<'static>,
    /// The class without which it holds for nothing.
    class: &'static str,
    says: Vec<(&'static str, &'static str)>,
}

/// An element with those around it.
struct Place<'a> {
    element: &'a Element,
    around: Option<&'a Place<'a>>,
}

impl simplecss::Element for &Place<'_> {
    fn parent_element(&self) -> Option<Self> {
        self.around
    }

    fn prev_sibling_element(&self) -> Option<Self> {
        None
    }

    fn has_local_name(&self, name: &str) -> bool {
        self.element.name == name
    }

    fn attribute_matches(&self, name: &str, operator: AttributeOperator<'_>) -> bool {
        self.element.get(name).is_some_and(|value| operator.matches(value))
    }

    fn pseudo_class_matches(&self, _: PseudoClass<'_>) -> bool {
        false
    }
}

/// What holds where an element stands: how it looks, and the values that were given names around it.
#[derive(Clone)]
struct Scope {
    looks: Vec<String>,
    named: Vec<(&'static str, &'static str)>,
}

impl Style {
    /// The style in a colour scheme.
    pub fn of(theme: Theme) -> Self {
        let lines = TOKENS.lines().map(str::trim).filter(|line| line.starts_with("--"));
        let tokens = lines.filter_map(|line| line.trim_end_matches(';').split_once(": ")).collect();
        let mut rules: Vec<Rule> = STYLE.into_iter().flat_map(str::lines).flat_map(rules).collect();
        order::by(&mut rules, |a, b| a.selector.specificity().cmp(&b.selector.specificity()));
        Style { theme, tokens, rules }
    }

    /// What was drawn, with nothing but what it looks like.
    pub fn apply(&self, drawn: &Element) -> Element {
        let scope =
            Scope { looks: LOOKS.iter().map(|(_, value)| (*value).to_owned()).collect(), named: Vec::new() };
        self.styled(&Place { element: drawn, around: None }, &scope).unwrap_or_default()
    }

    /// A value in this colour scheme.
    pub fn colour(&self, token: &str) -> String {
        self.value(&format!("var(--{token})"), &[])
    }

    fn styled(&self, place: &Place, around: &Scope) -> Option<Element> {
        let element = place.element;
        if element.name == "title" || LIVING.iter().any(|class| element.is(class)) {
            return None;
        }
        let mut scope = around.clone();
        for (nth, (_, value)) in LOOKS.iter().enumerate().skip(INHERITED) {
            (*value).clone_into(&mut scope.looks[nth]);
        }
        for (name, value) in &element.attributes {
            scope.say(name, value.clone());
        }
        let classes = element.get("class").unwrap_or_default();
        let holds = |rule: &&Rule| {
            (rule.class.is_empty() || classes.split(' ').any(|class| class == rule.class))
                && rule.selector.matches(&place)
        };
        let rules: Vec<&Rule> = self.rules.iter().filter(holds).collect();
        for &(name, value) in
            rules.iter().flat_map(|rule| &rule.says).filter(|(name, _)| name.starts_with("--"))
        {
            scope.named.push((name, value));
        }
        let mut is_hidden = false;
        for &(name, value) in rules.iter().flat_map(|rule| &rule.says) {
            let value = self.value(value, &scope.named);
            match name {
                "display" => is_hidden = value == "none",
                "font" => {
                    let (size, family) = value.split_once(' ').unwrap_or((&value, ""));
                    scope.say("font-size", size.to_owned());
                    scope.say("font-family", family.to_owned());
                    scope.say("font-weight", "400".to_owned());
                }
                _ => scope.say(name, value),
            }
        }
        if is_hidden {
            return None;
        }
        let mut styled = Element::new(&element.name, &[]);
        let placed = element.attributes.iter().filter(|(name, _)| PLACED.contains(&name.as_str()));
        styled.attributes = placed.cloned().collect();
        // A picture within the picture has its own size, and not that of all.
        if let Some(view) = element.get("viewBox").filter(|_| element.get("width").is_none()) {
            let sides = ["width", "height"].into_iter().zip(view.split(' ').skip(2).map(str::to_owned));
            sides.for_each(|(name, side)| styled.set(name, side));
        }
        for (nth, (name, _)) in LOOKS.iter().enumerate() {
            let before = if nth < INHERITED { &around.looks[nth] } else { LOOKS[nth].1 };
            let is_for_text = name.starts_with("font") || *name == "text-anchor";
            if scope.looks[nth] != before && (!is_for_text || matches!(&*element.name, "text" | "svg")) {
                styled.attributes.push(((*name).to_owned(), scope.looks[nth].clone()));
            } else if is_for_text {
                // It is said where it matters.
                scope.looks[nth].clone_from(&around.looks[nth]);
            }
        }
        for child in &element.children {
            match child {
                Node::Element(child) => {
                    let child = self.styled(&Place { element: child, around: Some(place) }, &scope);
                    styled.children.extend(child.map(Node::Element));
                }
                Node::Text(text) if element.name == "text" || element.name == "tspan" => {
                    styled.children.push(Node::Text(text.clone()));
                }
                Node::Text(_) => {}
            }
        }
        let is_empty = styled.children.is_empty() && matches!(&*styled.name, "g" | "text" | "a" | "svg");
        (!is_empty).then_some(styled)
    }

    /// A value without names, for one colour scheme, as attributes say it.
    fn value(&self, value: &str, named: &[(&str, &str)]) -> String {
        let value = value.trim();
        let within = |name: &str| value.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')');
        if let Some(name) = within("var").filter(|name| !name.contains(')')) {
            let given = named.iter().rev().find(|(other, _)| *other == name).map(|(_, value)| *value);
            let token = || self.tokens.iter().find(|(other, _)| *other == name).map(|(_, value)| *value);
            return given.or_else(token).map(|value| self.value(value, named)).unwrap_or_default();
        }
        if let Some((light, dark)) = within("light-dark").and_then(|both| both.split_once(", ")) {
            return self.value(if self.theme == Theme::Light { light } else { dark }, named);
        }
        if let Some(mixed) = within("color-mix").and_then(|mix| self.mixed(mix, named)) {
            return mixed;
        }
        if value == "currentColor" {
            return self.colour("ink");
        }
        if let Some((before, rest)) = value.split_once("var(") {
            let (name, after) = rest.split_once(')').unwrap_or((rest, ""));
            let middle = self.value(&format!("var({name})"), named);
            return self.value(&format!("{before}{middle}{after}"), named);
        }
        // Lengths are in pixels.
        let length = |word: &str| match word.strip_suffix("rem").and_then(number) {
            Some(rem) => fixed(rem * REM, 2),
            None => word.strip_suffix("px").filter(|it| number(it).is_some()).unwrap_or(word).to_owned(),
        };
        value.split(' ').map(length).collect::<Vec<_>>().join(" ")
    }

    /// `in srgb, COLOUR SHARE%, OTHER`, as a colour.
    fn mixed(&self, mix: &str, named: &[(&str, &str)]) -> Option<String> {
        let (colour, other) = mix.strip_prefix("in srgb, ")?.split_once("%, ")?;
        let (colour, percent) = colour.rsplit_once(' ')?;
        let (colour, percent) = (channels(&self.value(colour, named))?, percent.parse::<u32>().ok()?);
        if other == "transparent" {
            let [red, green, blue, _] = colour;
            return Some(format!("#{red:02x}{green:02x}{blue:02x}{:02x}", 255 * percent / 100));
        }
        let other = channels(&self.value(other, named))?;
        let [red, green, blue, _] =
            [0, 1, 2, 3].map(|nth| (colour[nth] * percent + other[nth] * (100 - percent) + 50) / 100);
        Some(format!("#{red:02x}{green:02x}{blue:02x}"))
    }
}

impl Scope {
    /// Says how something looks. A colour that lets others through says so apart, for not all programs know eight digits.
    fn say(&mut self, name: &str, value: String) {
        let Some(nth) = LOOKS.iter().position(|(known, _)| *known == name) else { return };
        let opacity = LOOKS.iter().position(|(known, _)| known.strip_suffix("-opacity") == Some(name));
        let (value, through) = match channels(&value) {
            Some([red, green, blue, alpha]) if alpha < 255 => {
                (format!("#{red:02x}{green:02x}{blue:02x}"), Some(fixed(f64::from(alpha) / 255.0, 3)))
            }
            _ if value == "transparent" => ("none".to_owned(), None),
            _ => (value, None),
        };
        if let (Some(through), Some(opacity)) = (through, opacity) {
            self.looks[opacity] = through;
        }
        self.looks[nth] = value;
    }
}

/// The red, green, blue and alpha of a colour.
pub fn channels(colour: &str) -> Option<[u32; 4]> {
    let digits = colour.strip_prefix('#')?;
    let two = |at: usize| u32::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    Some([two(0)?, two(2)?, two(4)?, if digits.len() == 8 { two(6)? } else { 255 }])
}

/// The rules of a line, one for each of its selectors. What a pointer does is no matter of a picture, and `:not(.hit)` says
/// nothing where nothing can be hit.
fn rules(line: &'static str) -> Vec<Rule> {
    let Some((selectors, rest)) = line.split_once(" {") else { return Vec::new() };
    let body = rest.trim().trim_end_matches('}');
    let says: Vec<_> = body.split(';').filter_map(|it| it.trim().split_once(": ")).collect();
    let is_for_pictures =
        |selector: &&str| ![":hover", ":focus", "[data-"].iter().any(|it| selector.contains(it));
    let rule = |selector: &'static str| {
        let selector = selector.strip_suffix(":not(.hit)").unwrap_or(selector);
        let last = selector.rsplit([' ', '>']).next().unwrap_or_default();
        let class = last.split(['.', '[', ':']).nth(1).filter(|_| last.contains('.')).unwrap_or_default();
        let class = if last.find('[').is_some_and(|at| last.find('.').is_none_or(|dot| at < dot)) {
            ""
        } else {
            class
        };
        Some(Rule { selector: Selector::parse(selector)?, class, says: says.clone() })
    };
    selectors.split(", ").filter(is_for_pictures).filter_map(rule).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looks(theme: Theme, markup: &str) -> String {
        Style::of(theme).apply(&Element::read(markup).unwrap_or_default()).write()
    }

    #[test]
    fn an_element_says_itself_how_it_looks() {
        let drawn = "<g class=\"link\" data-is=\"n1\"><line class=\"thread\" x1=\"1\" onclick=\"x\"/><line class=\"hit\"/></g>";
        assert_eq!(looks(Theme::Light, drawn), "<g><line x1=\"1\" fill=\"none\" stroke=\"#d3d1c8\"/></g>");
        assert_eq!(looks(Theme::Dark, drawn), "<g><line x1=\"1\" fill=\"none\" stroke=\"#3a3c42\"/></g>");
    }

    #[test]
    fn what_holds_more_comes_last_and_named_values_hold_within() {
        let reply = "<g class=\"message reply\"><path class=\"disc\" d=\"M0 0\"/></g>";
        assert!(
            looks(Theme::Light, reply).contains("fill=\"#fbfaf7\" stroke=\"#0072b2\""),
            "{}",
            looks(Theme::Light, reply)
        );
        let cell = "<g class=\"cell hue-2 open\"><rect x=\"1\"/></g>";
        assert_eq!(
            looks(Theme::Light, cell),
            "<g><rect x=\"1\" fill=\"#d3e4ec\" stroke=\"#06619 4\" stroke-dasharray=\"2.5 2\"/></g>"
                .replace("06619 4", "066194")
        );
    }

    #[test]
    fn what_lets_through_says_so_apart_and_what_is_not_shown_is_not_there() {
        let wash = looks(Theme::Light, "<path class=\"wash past\" d=\"M0 0\"/>");
        assert_eq!(wash, "<path d=\"M0 0\" fill=\"#0072b2\" fill-opacity=\"0.102\"/>");
        let kind = "<g class=\"message\"><text class=\"kind\">Vote</text><path d=\"M0 0\"/></g>";
        assert_eq!(looks(Theme::Light, kind), "<g><path d=\"M0 0\"/></g>");
        let paused = looks(Theme::Light, &format!("<g class=\"paused\">{kind}</g>"));
        assert!(paused.contains("fill=\"#5c5b55\"") && paused.contains(">Vote<"), "{paused}");
        let clock = looks(Theme::Light, "<text class=\"sheet-clock\">1 s</text>");
        assert!(
            clock.contains("font-family=\"ui-monospace") && clock.contains("font-size=\"13\""),
            "{clock}"
        );
    }

    #[test]
    fn every_rule_of_a_picture_is_read() {
        for line in STYLE.into_iter().flat_map(str::lines).filter(|line| line.contains(" {")) {
            let (selectors, _) = line.split_once(" {").unwrap_or_default();
            let living =
                |it: &&str| [":hover", ":focus", "[data-", ":not([width])"].iter().any(|no| it.contains(no));
            let wanted = selectors.split(", ").filter(|it| !living(it)).count();
            let read = rules_of_whole(line);
            assert!(read >= wanted, "{line}: {read} of {wanted}");
        }
    }

    fn rules_of_whole(line: &'static str) -> usize {
        rules(line).len()
    }
}
