//! Pictures that are taken away, each read back by what reads such files.
#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed the test.

use faultline_core::catalogue::find;
use faultline_core::export::Picture;
use faultline_core::scenario::Scenario;
use faultline_stills::taken::{Reel, Seen, Stretch, Take, Theme, file, open};
use faultline_web::lab::Lab;
use roxmltree::{Document, Node};
use std::io::Cursor;
use std::sync::Once;

const PAGE: &str = "https://example.org/lab/?a=1&b=2";
/// What every reader of XML would stumble over, if it came through.
const HOSTILE: &str = r#"</text><script>alert(1)</script>&lt;&amp;&#0;<!--"'>]]><![CDATA[%3C"#;
const SMALL: (f64, f64) = (560.0, 240.0);

fn scenario(name: &str) -> Scenario {
    static BEGUN: Once = Once::new();
    BEGUN.call_once(faultline_protocols::install);
    let (slug, name) = name.split_once('/').unwrap();
    let preset = find(slug).unwrap().presets().iter().find(|it| it.name == name).unwrap();
    Scenario::parse(preset.text).unwrap()
}

fn at(scenario: Scenario, time: u64) -> Lab {
    let mut lab = open(scenario).unwrap();
    lab.go(|session| session.seek_time(time));
    lab
}

fn take(seen: Seen, theme: Theme) -> Take {
    Take { seen, theme, page: Some(PAGE.to_owned()), ..Take::default() }
}

fn text(lab: &mut Lab, kind: Picture, take: &Take, stretch: Stretch) -> String {
    String::from_utf8(file(lab, kind, take, stretch, 1.0).unwrap()).unwrap()
}

fn still(lab: &mut Lab, take: &Take) -> String {
    text(lab, Picture::Svg, take, (None, None, None))
}

/// It is read by a parser of XML, and needs nothing but itself.
fn stands_alone(text: &str) -> Document<'_> {
    let document = Document::parse(text).unwrap();
    let root = document.root_element();
    assert_eq!(
        (root.tag_name().name(), root.tag_name().namespace()),
        ("svg", Some("http://www.w3.org/2000/svg"))
    );
    for element in root.descendants().filter(Node::is_element) {
        let name = element.tag_name().name();
        let known = [
            "svg",
            "title",
            "desc",
            "g",
            "a",
            "text",
            "rect",
            "circle",
            "ellipse",
            "line",
            "path",
            "animate",
            "animateTransform",
        ];
        assert!(known.contains(&name), "{name}");
        for attribute in element.attributes() {
            let (what, value) = (attribute.name(), attribute.value());
            assert!(
                !["class", "style", "id", "src"].contains(&what)
                    && !what.starts_with("on")
                    && !what.starts_with("data-"),
                "{what}"
            );
            assert!(
                !["var(", "url(", "light-dark(", "color-mix(", "currentColor", "NaN"]
                    .iter()
                    .any(|it| value.contains(it)),
                "{what}=\"{value}\""
            );
            assert!(what != "href" || name == "a", "only a link leads out of it: {value}");
        }
    }
    document
}

fn words(document: &Document) -> String {
    let texts = document.descendants().filter(|it| it.has_tag_name(("http://www.w3.org/2000/svg", "text")));
    texts.map(|it| it.text().unwrap_or_default().to_owned() + "\n").collect()
}

#[test]
fn a_moment_is_a_file_that_needs_no_other() {
    for seen in Seen::ALL {
        let mut colours = Vec::new();
        for theme in [Theme::Light, Theme::Dark] {
            let svg = still(&mut at(scenario("raft/figure-8"), 490_000), &take(seen, theme));
            let document = stands_alone(&svg);
            let root = document.root_element();
            let mut first = root.children().filter(Node::is_element);
            assert_eq!(
                first.next().unwrap().text(),
                Some("Raft: Figure 8: a majority is not enough to commit")
            );
            let says = first.next().unwrap().text().unwrap();
            assert!(
                says.contains("at 490ms of simulated time")
                    && says.contains(&format!("{PAGE}#/raft/figure-8?")),
                "{says}"
            );
            let link = root.descendants().find(|it| it.tag_name().name() == "a").unwrap();
            assert!(link.attribute("href").unwrap().starts_with(PAGE));
            let words = words(&document);
            assert!(
                ["S1", "S5", "Open this run in Faultline"].iter().all(|it| words.contains(it)),
                "{words}"
            );
            assert_eq!(words.contains("follower"), seen != Seen::Diagram, "{words}");
            assert_eq!(words.contains("0.50 s"), seen != Seen::Stage, "{words}");
            assert!(svg.len() < 60_000, "{} bytes", svg.len());
            colours.push(first.next().unwrap().attribute("fill").unwrap().to_owned());
        }
        assert_eq!(colours, ["#fbfaf7", "#141518"], "the paper of both themes");
    }
}

#[test]
fn every_protocol_can_be_drawn_and_read() {
    let _ = scenario("raft/figure-8");
    for entry in faultline_core::catalogue::all() {
        let scenario = Scenario::parse(entry.presets()[0].text).unwrap();
        let svg = still(&mut open(scenario).unwrap(), &take(Seen::Both, Theme::Dark));
        let _ = stands_alone(&svg);
    }
}

#[test]
fn hostile_labels_stay_labels() {
    let run = |title: &str, value: &str| {
        let text = format!("faultline 2\nprotocol amqp\nuntil 400ms\nat 300ms n1 Publish {value}\n");
        let _ = scenario("raft/figure-8");
        let mut scenario = Scenario::parse(&text).unwrap();
        title.clone_into(&mut scenario.title);
        at(scenario, 303_000)
    };
    let titled = format!("{HOSTILE}\n\t\u{1}\u{FFFF}");
    let (hostile, harmless) = (run(&titled, HOSTILE), run("a", "a"));
    for (mut hostile, mut harmless) in [(hostile, harmless)] {
        for kind in [Picture::Svg, Picture::Playing] {
            let take = take(Seen::Stage, Theme::Light);
            let stretch = (Some(300_000), Some(310_000), None);
            let texts = [&mut hostile, &mut harmless].map(|lab| text(lab, kind, &take, stretch));
            let [of_hostile, of_harmless] = [&texts[0], &texts[1]].map(|text| stands_alone(text));
            let names = |it: &Document| {
                it.descendants()
                    .filter(Node::is_element)
                    .filter(|it| it.tag_name().name() == "script")
                    .count()
            };
            assert_eq!((names(&of_hostile), names(&of_harmless)), (0, 0));
            let title = of_hostile.root_element().first_element_child().unwrap().text().unwrap().to_owned();
            let meant = format!("AMQP 0-9-1: {HOSTILE}\n\t\u{FFFD}\u{FFFD}");
            assert!(title.ends_with(meant.split_once(": ").unwrap().1), "{title}");
            let words = words(&of_hostile);
            assert!(words.contains("</text><script>alert(1)</script>&lt;&amp;"), "{words}");
        }
    }
}

/// The value of an attribute of key frames at a share of all; steps where it does not move.
fn value_at(animate: &Node, share: f64) -> Vec<f64> {
    let list =
        |name: &str| animate.attribute(name).unwrap().split(';').map(str::to_owned).collect::<Vec<_>>();
    let numbers = |it: &String| it.split(' ').map(|it| it.parse::<f64>().unwrap()).collect::<Vec<_>>();
    let times: Vec<f64> = list("keyTimes").iter().map(|it| it.parse().unwrap()).collect();
    let values: Vec<Vec<f64>> = list("values").iter().map(numbers).collect();
    let next = times.iter().position(|it| *it > share).unwrap_or(times.len() - 1);
    let (from, until) = (times[next - 1], times[next]);
    let way = (share - from) / (until - from);
    values[next - 1].iter().zip(&values[next]).map(|(a, b)| a + (b - a) * way).collect()
}

fn animation<'a, 'b>(element: &Node<'a, 'b>, of: &str) -> Option<Node<'a, 'b>> {
    element.children().find(|it| it.attribute("attributeName") == Some(of))
}

fn is_seen(element: &Node, share: f64) -> bool {
    let Some(animate) = animation(element, "display") else {
        return element.attribute("display") != Some("none");
    };
    let times = animate.attribute("keyTimes").unwrap().split(';').map(|it| it.parse::<f64>().unwrap());
    let values = animate.attribute("values").unwrap().split(';');
    times.zip(values).take_while(|(time, _)| *time <= share).last().unwrap().1 == "inline"
}

fn place(transform: &str) -> Option<Vec<f64>> {
    let inner = transform.strip_prefix("translate(")?.strip_suffix(')')?;
    inner.split(' ').map(|it| it.parse().ok()).collect()
}

/// In the order of places, and each once.
fn sorted(mut places: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    places.sort_by(|a, b| a.partial_cmp(b).unwrap());
    places.dedup_by(|a, b| (a[0] - b[0]).abs() + (a[1] - b[1]).abs() < 0.5);
    places
}

fn stage<'a, 'b>(document: &'b Document<'a>) -> Node<'b, 'a> {
    document.root_element().descendants().filter(|it| it.tag_name().name() == "svg").nth(1).unwrap()
}

#[test]
fn what_plays_is_at_every_moment_what_the_page_draws() {
    let stretch = (Some(300_000), Some(420_000), None);
    let take = take(Seen::Stage, Theme::Light);
    let mut lab = at(scenario("raft/figure-8"), 300_000);
    let reel = Reel::of(&mut lab, stretch.0, stretch.1, stretch.2).unwrap();
    let text = text(&mut lab, Picture::Playing, &take, stretch);
    let document = stands_alone(&text);
    let lengths: Vec<_> = document.descendants().filter_map(|it| it.attribute("dur")).collect();
    assert!(lengths.len() > 100 && lengths.iter().all(|it| *it == lengths[0]), "all of one length");
    for animate in document.descendants().filter(|it| it.attribute("keyTimes").is_some()) {
        let times: Vec<f64> =
            animate.attribute("keyTimes").unwrap().split(';').map(|it| it.parse().unwrap()).collect();
        assert_eq!(times.len(), animate.attribute("values").unwrap().split(';').count());
        assert!(
            times[0] == 0.0 && times.windows(2).all(|it| it[0] <= it[1]) && times[times.len() - 1] <= 1.0,
            "{times:?}"
        );
        let is_discrete = animate.attribute("calcMode") == Some("discrete");
        assert!(
            is_discrete || animate.attribute("keyTimes").unwrap().ends_with(";1"),
            "what is not discrete ends at 1: {times:?}"
        );
        assert_eq!(animate.attribute("repeatCount"), Some("indefinite"));
    }
    let mut moved = 0;
    for nth in 0..reel.times.len() - 1 {
        let (from, until) = (reel.times[nth], reel.times[nth + 1]);
        if until - from < 200 {
            continue;
        }
        let share = f64::midpoint(reel.share(nth), reel.share(nth + 1));
        let playing: Vec<Vec<f64>> = stage(&document)
            .children()
            .filter(|it| it.attribute("transform").is_some() && is_seen(it, share))
            .filter_map(|it| match animation(&it, "transform") {
                Some(animate) => Some(value_at(&animate, share)),
                None => place(it.attribute("transform").unwrap()),
            })
            .collect();
        lab.go(|session| session.seek_time(u64::midpoint(from, until)));
        let drawn = still(&mut lab, &take);
        let drawn = Document::parse(&drawn).unwrap();
        let parts = stage(&drawn).children().flat_map(|group| group.children());
        let drawn: Vec<Vec<f64>> = parts.filter_map(|it| place(it.attribute("transform")?)).collect();
        moved += usize::from(drawn.len() > 5);
        let (playing, drawn) = (sorted(playing), sorted(drawn));
        assert_eq!(playing.len(), drawn.len(), "between {from} and {until}: {playing:?} {drawn:?}");
        for (one, other) in playing.iter().zip(&drawn) {
            let apart = (one[0] - other[0]).abs().max((one[1] - other[1]).abs());
            assert!(apart < 1.0, "between {from} and {until}: {one:?} {other:?}");
        }
    }
    assert!(moved > 20, "messages were under way at {moved} moments");
}

/// The share of pixels in a part of a picture that are far from its paper.
fn inked(pixels: &[u8], width: usize, (left, top, right, bottom): (usize, usize, usize, usize)) -> f64 {
    let paper = &pixels[..3];
    let places = (top..bottom).flat_map(|y| (left..right).map(move |x| 4 * (y * width + x)));
    let is_ink = |at: &usize| (0..3).any(|nth| pixels[at + nth].abs_diff(paper[nth]) > 100);
    places.clone().filter(is_ink).count() as f64 / places.count() as f64
}

fn rgba(bytes: &[u8]) -> (png::OutputInfo, Vec<u8>) {
    let mut decoder = png::Decoder::new(Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::normalize_to_color8() | png::Transformations::ALPHA);
    let mut reader = decoder.read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    (info, pixels)
}

#[test]
fn a_png_has_its_pixels_and_its_words() {
    for (theme, paper) in [(Theme::Light, [0xfb, 0xfa, 0xf7]), (Theme::Dark, [0x14, 0x15, 0x18])] {
        let take = Take { size: SMALL, ..take(Seen::Stage, theme) };
        let bytes =
            file(&mut at(scenario("raft/figure-8"), 490_000), Picture::Png, &take, (None, None, None), 2.0)
                .unwrap();
        let (info, pixels) = rgba(&bytes);
        assert_eq!((info.width, info.height), (1_120, 664));
        assert_eq!(pixels[..3], paper);
        assert!(pixels.chunks_exact(4).all(|pixel| pixel[3] == 255), "none lets through");
        // The title in bold, and the line below it.
        assert!(inked(&pixels, 1_120, (32, 20, 400, 60)) > 0.1, "{theme:?}");
        assert!(inked(&pixels, 1_120, (32, 70, 260, 100)) > 0.04, "{theme:?}");
        let reader = png::Decoder::new(Cursor::new(&bytes)).read_info().unwrap();
        let says = reader.info().utf8_text[0].get_text().unwrap();
        assert!(says.contains("at 490ms of simulated time. Made by Faultline."), "{says}");
    }
}

/// The first picture of a GIF and what all of it is: its size, whether it begins again, and the hundredths of a second.
fn played(bytes: &[u8]) -> (Vec<u8>, (u16, u16), bool, Vec<u16>) {
    let mut options = gif::DecodeOptions::new();
    options.set_color_output(gif::ColorOutput::RGBA);
    let mut decoder = options.read_info(Cursor::new(bytes)).unwrap();
    let size = (decoder.width(), decoder.height());
    let (mut first, mut delays) = (Vec::new(), Vec::new());
    while let Some(frame) = decoder.read_next_frame().unwrap() {
        if delays.is_empty() {
            first = frame.buffer.to_vec();
        }
        delays.push(frame.delay);
    }
    (first, size, decoder.repeat() == gif::Repeat::Infinite, delays)
}

#[test]
fn a_page_holds_what_plays_with_its_captions_and_its_text() {
    let mut run = scenario("raft/figure-8");
    let hostile = format!("Mine {HOSTILE} {{text}}");
    run.captions[0].1.text.clone_from(&hostile);
    let page =
        text(&mut at(run, 0), Picture::Page, &take(Seen::Stage, Theme::Dark), (Some(0), Some(400_000), None));
    let (_, from) = page.split_once("<svg").unwrap();
    let svg = format!("<svg{}</svg>", from.split_once("</svg>\n<div id=\"hands\">").unwrap().0);
    stands_alone(&svg);
    assert_eq!(page.matches("<script").count(), 1, "what a run says is no script");
    assert!(page.contains("https://example.org/lab/?a=1&amp;b=2#"), "it leads to the run");
    assert!(!page.contains("src=") && !page.contains("@import"), "it asks for nothing");
    let inner = |name: &str| {
        let (_, rest) = page.rsplit_once(&format!("<{name}")).unwrap();
        let whole = format!("<{name}{}</{name}>", rest.split_once(&format!("</{name}>")).unwrap().0);
        let text = Document::parse(&whole).unwrap();
        text.descendants().filter(Node::is_text).filter_map(|it| it.text()).collect::<String>()
    };
    assert!(inner("ol").contains(&hostile), "{}", inner("ol"));
    assert!(Scenario::parse(&inner("pre")).is_ok(), "the text is the run");
}

#[test]
fn gif_and_apng_play_what_was_drawn() {
    let take = Take { size: SMALL, ..take(Seen::Stage, Theme::Dark) };
    let stretch = (Some(380_000), Some(400_000), Some(1.0));
    let made = |kind| file(&mut at(scenario("raft/figure-8"), 0), kind, &take, stretch, 1.0).unwrap();
    let (bytes, animated) = (made(Picture::Gif), made(Picture::Apng));
    let (first, size, repeats, delays) = played(&bytes);
    assert_eq!((size, repeats), ((560, 332), true));
    // A second, and the rest at the end.
    assert!((250..=265).contains(&delays.iter().sum::<u16>()), "{delays:?}");
    assert!(delays.len() > 8, "{delays:?}");
    let comment = String::from_utf8_lossy(&bytes);
    assert!(comment.contains("from 380ms to 400ms of simulated time"), "it says what it is");
    let (info, of_apng) = rgba(&animated);
    assert_eq!((info.width, info.height), (560, 332));
    assert_eq!(of_apng, first, "both show the same first");
    let mut reader = png::Decoder::new(Cursor::new(&animated)).read_info().unwrap();
    let control = *reader.info().animation_control().unwrap();
    assert_eq!((control.num_frames as usize, control.num_plays), (delays.len(), 0));
    let mut buffer = vec![0; reader.output_buffer_size().unwrap()];
    for delay in delays {
        reader.next_frame(&mut buffer).unwrap();
        let frame = reader.info().frame_control().unwrap();
        assert_eq!((frame.delay_num, frame.delay_den), (delay, 100));
    }
    // The colours are those of the stage, but for what the palette cannot tell apart.
    let apart = first
        .chunks_exact(4)
        .take(1)
        .all(|pixel| pixel[..3].iter().zip([0x14_u8, 0x15, 0x18]).all(|(a, b)| a.abs_diff(b) < 4));
    assert!(apart, "{:?}", &first[..4]);
}

#[test]
fn a_diagram_that_plays_shows_all_of_its_stretch() {
    let take = Take { size: SMALL, ..take(Seen::Both, Theme::Light) };
    let stretch = (Some(380_000), Some(400_000), Some(1.0));
    let bytes = file(&mut at(scenario("raft/figure-8"), 0), Picture::Gif, &take, stretch, 1.0).unwrap();
    let (first, (width, height), _, delays) = played(&bytes);
    assert_eq!((width, height), (560, 556));
    assert!(delays.len() > 8, "{delays:?}");
    // The playhead begins at the left of the lifelines.
    assert!(inked(&first, 560, (82, 300, 90, 500)) > 0.1);
}

#[test]
fn without_an_end_a_stretch_goes_as_far_as_one_picture_holds() {
    let mut lab = at(scenario("gossip/anti-entropy"), 0);
    let reel = Reel::of(&mut lab, None, None, None).unwrap();
    assert!(
        reel.length <= 61.5 && reel.times.len() <= 601,
        "{} s, {} moments",
        reel.length,
        reel.times.len()
    );
    assert!(*reel.times.last().unwrap() < lab.session().scenario().until);
}

#[test]
fn what_is_too_much_is_refused_with_a_way_out() {
    let refused = |scenario: Scenario, kind, take: &Take, stretch, scale| {
        let lab = open(scenario);
        lab.and_then(|mut lab| file(&mut lab, kind, take, stretch, scale)).unwrap_err()
    };
    let plain = take(Seen::Stage, Theme::Light);
    let none = (None, None, None);
    let raft = || scenario("raft/figure-8");
    let large = Take { size: (1_920.0, 1_200.0), ..plain.clone() };
    let huge = Take { size: (5_000.0, 400.0), ..plain.clone() };
    let sentences = [
        refused(raft(), Picture::Svg, &huge, none, 1.0),
        refused(raft(), Picture::Png, &large, none, 4.0),
        refused(raft(), Picture::Gif, &large, (Some(0), Some(400_000), Some(2.0)), 2.0),
        refused(raft(), Picture::Playing, &plain, (Some(400_000), Some(400_000), None), 1.0),
        refused(
            raft(),
            Picture::Playing,
            &take(Seen::Both, Theme::Light),
            (Some(0), Some(100_000), Some(5.0)),
            1.0,
        ),
        {
            let mut crowd = Scenario::of(find("gossip").unwrap());
            crowd.nodes = 10_000;
            refused(crowd, Picture::Svg, &plain, none, 1.0)
        },
    ];
    for (sentence, way) in sentences.iter().zip([
        "560 to 1920",
        "smaller scale",
        "smaller scale",
        "not before",
        "GIF",
        "at most 256",
    ]) {
        assert!(sentence.contains(way) && sentence.ends_with('.'), "{sentence}");
    }
}
