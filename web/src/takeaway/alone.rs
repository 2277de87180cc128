//! A page that needs no other: a stretch that plays, hands for it, what is said on the way, and the run as text. It asks nobody for
//! anything, so it plays from a disk.

use super::reel::Reel;
use super::style::Style;
use super::tree::Element;
use super::{Take, leading, title_of};
use crate::kit::prose::fixed;
use crate::lab::Lab;
use faultline_core::time::exact;

const PAGE: &str = include_str!("alone.html");

/// The page of a stretch, which `picture` plays.
pub(super) fn page(lab: &Lab, take: &Take, reel: &Reel, picture: &str) -> String {
    let style = Style::of(take.theme);
    let mut captions = Element::new("ol", &[]);
    let scenario = lab.session().scenario();
    for (time, caption) in &scenario.captions {
        let Some(nth) = reel.times.iter().position(|it| it >= time).filter(|_| *time >= reel.times[0]) else {
            continue;
        };
        let mut item = Element::new("li", &[]);
        item.push(Element::text(
            "button",
            &[("type", "button"), ("data-at", &fixed(reel.shown[nth], 3))],
            &exact(*time),
        ));
        let separator = if caption.text.is_empty() { "" } else { ": " };
        item.push(Element::text("span", &[], &format!("{}{separator}{}", caption.title, caption.text)));
        captions.push(item);
    }
    let leads = match leading(lab, take, Some(reel.times[0])) {
        Ok(link) => Element::text("a", &[("href", &link)], "Open this run in Faultline"),
        Err(words) => Element::text("p", &[], &words),
    };
    let parts = [
        ("{title}", Element::text("title", &[], &format!("{} · Faultline", title_of(scenario))).write()),
        ("{paper}", style.colour("paper")),
        ("{ink}", style.colour("ink")),
        ("{line}", style.colour("line")),
        ("{accent}", style.colour("accent")),
        ("{theme}", take.theme.word().to_owned()),
        ("{picture}", picture.to_owned()),
        ("{length}", fixed(reel.length, 2)),
        ("{captions}", captions.write()),
        ("{leads}", leads.write()),
        ("{text}", Element::text("pre", &[], &lab.session().here().to_string()).write()),
    ];
    // What is put in may hold braces of its own, so each place is filled once, from the first to the last.
    let (mut page, mut rest) = (String::new(), PAGE);
    for (place, value) in parts {
        let (before, after) = rest.split_once(place).unwrap_or((rest, ""));
        page = page + before + &value;
        rest = after;
    }
    page + rest
}
