//! Pages without a program, for those who read and do not play: search engines, previews of links, browsers without scripts. Each
//! protocol has one (`p/SLUG/`), and each of its runs (`p/SLUG/NAME/`): what it is, its picture, what is said on the way, and the way to
//! the living run. One page lists the protocols (`p/`). They are folders with an `index.html`, so that any static host serves them.

use crate::drawn;
use crate::taken::{self, Take};
use faultline_core::catalogue::{Entry, all};
use faultline_core::export::Picture;
use faultline_core::scenario::{Expectation, Scenario, slug};
use faultline_core::time::exact;
use yew::prelude::*;

/// Where the site is, if that is known: what previews and search engines are told must be whole addresses.
pub type Site<'a> = Option<&'a str>;

/// The name of the picture beside a page; with what stands above and below its stage, it has 1200 by 630 pixels.
const PREVIEW: &str = "preview.png";
const SIZE: (f64, f64) = (1200.0, 538.0);

/// What the list of protocols says of them.
const WHAT: &str = "Distributed protocols whose runs can be stopped, stepped back, changed and shared.";

/// A page: its path below `p/`, and its text.
pub type Page = (String, String);

/// The pages of all protocols and runs, and the map of the site, where its address is known.
///
/// # Errors
/// One sentence when one cannot be drawn.
pub fn pages(site: Site) -> Result<Vec<Page>, String> {
    // The list has no run that a preview could show.
    let mut pages = vec![page("p/", "Protocols", WHAT, drawn::<List>(()), None)?];
    for entry in all() {
        let info = &entry.info;
        let body = drawn::<Protocol>(About { entry, run: None });
        let path = format!("p/{}/", info.slug);
        pages.push(page(&path, info.title, info.idea, body, site)?);
        for preset in entry.presets() {
            let scenario = Scenario::parse(preset.text).map_err(|complaint| complaint.to_string())?;
            let said = scenario.captions.first().map(|(_, said)| format!("{}. {}", said.title, said.text));
            let title = format!("{} · {}", scenario.title, info.title);
            let name = format!("{}/{}", info.slug, preset.name);
            let body = drawn::<Run>(About { entry, run: Some((preset.name, scenario)) });
            let words = said.unwrap_or_else(|| info.idea.to_owned());
            pages.push(page(&format!("p/{name}/"), &title, &words, body, site)?);
        }
    }
    if let Some(site) = site {
        let cards: Vec<Page> = pages.iter().filter_map(|(name, text)| card(site, name, text)).collect();
        pages.extend(cards);
        let addresses = pages.iter().filter_map(|(name, _)| name.strip_suffix("index.html"));
        let all: Vec<String> = [""]
            .into_iter()
            .chain(addresses)
            .map(|path| format!("<url><loc>{site}{path}</loc></url>\n"))
            .collect();
        let map = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n";
        pages.push(("sitemap.xml".into(), format!("{map}{}</urlset>\n", all.concat())));
        pages.push(("robots.txt".into(), format!("Sitemap: {site}sitemap.xml\n")));
    }
    Ok(pages)
}

/// A whole page.
fn page(
    path: &str,
    title: &str,
    words: &str,
    body: std::io::Result<String>,
    site: Site,
) -> Result<Page, String> {
    let body = body.map_err(|error| format!("The page {path} cannot be drawn: {error}."))?;
    let (title, words) = (escaped(title), escaped(words));
    let up = "../".repeat(path.matches('/').count());
    let whole = site.map_or(String::new(), |site| {
        format!(
            "<link rel=\"canonical\" href=\"{site}{path}\">\n\
             <meta property=\"og:url\" content=\"{site}{path}\">\n\
             <meta property=\"og:image\" content=\"{site}{path}{PREVIEW}\">\n\
             <meta property=\"og:image:type\" content=\"image/png\">\n\
             <meta property=\"og:image:width\" content=\"1200\">\n<meta property=\"og:image:height\" content=\"630\">\n\
             <meta property=\"og:image:alt\" content=\"{title}\">\n\
             <link rel=\"alternate\" type=\"application/json+oembed\" href=\"{site}{path}oembed.json\" title=\"{title}\">\n"
        )
    });
    let text = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title} · Faultline</title>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"description\" content=\"{words}\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta property=\"og:type\" content=\"article\">\n<meta property=\"og:site_name\" content=\"Faultline\">\n\
         <meta property=\"og:title\" content=\"{title}\">\n<meta property=\"og:description\" content=\"{words}\">\n\
         <meta name=\"twitter:card\" content=\"summary_large_image\">\n{whole}\
         <link rel=\"icon\" href=\"{up}favicon-{{build}}.svg\">\n<style>{STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    );
    Ok((format!("{path}index.html"), text))
}

/// The picture of a protocol: that of its first run, in which something happens.
fn pictured(entry: &Entry) -> String {
    let slug = entry.info.slug;
    entry.presets().first().map_or_else(|| slug.to_owned(), |preset| format!("{slug}/{}", preset.name))
}

/// The pictures that previews of links show, each beside its page: of pixels, since few programs that show previews draw SVG.
///
/// # Errors
/// One sentence when one cannot be drawn.
pub fn previews() -> Result<Vec<(String, Vec<u8>)>, String> {
    let mut previews = Vec::new();
    for entry in all() {
        let slug = entry.info.slug;
        for (nth, preset) in entry.presets().iter().enumerate() {
            let scenario = Scenario::parse(preset.text).map_err(|complaint| complaint.to_string())?;
            let mut lab = taken::open(scenario)?;
            taken::begin(&mut lab);
            let take = Take { size: SIZE, ..Take::default() };
            let png = taken::file(&mut lab, Picture::Png, &take, (None, None, None), 1.0)?;
            if nth == 0 {
                previews.push((format!("p/{slug}/{PREVIEW}"), png.clone()));
            }
            previews.push((format!("p/{slug}/{}/{PREVIEW}", preset.name), png));
        }
    }
    Ok(previews)
}

/// What a site that embeds by address is told of a page (oEmbed 1.0): the frame with its run.
fn card(site: &str, name: &str, text: &str) -> Option<Page> {
    let path = name.strip_suffix("index.html")?;
    let run = path.strip_prefix("p/")?.strip_suffix('/')?;
    let title = text.split_once("<title>")?.1.split_once("</title>")?.0;
    let frame = format!(
        "<iframe src='{site}?embed#/{run}' width='720' height='540' style='border:0' title='{title}'></iframe>"
    );
    let card = format!(
        "{{\"version\":\"1.0\",\"type\":\"rich\",\"provider_name\":\"Faultline\",\"provider_url\":\"{site}\",\
         \"title\":\"{title}\",\"width\":720,\"height\":540,\"html\":\"{frame}\"}}\n"
    );
    Some((format!("{path}oembed.json"), card))
}

/// What a page tells of a protocol, or of a run of it.
#[derive(Clone, Properties)]
struct About {
    entry: &'static Entry,
    run: Option<(&'static str, Scenario)>,
}

impl PartialEq for About {
    fn eq(&self, _: &Self) -> bool {
        // A page is drawn once.
        false
    }
}

/// All protocols.
#[component]
fn List() -> Html {
    let protocol = |entry: &Entry| {
        let info = &entry.info;
        html! { <><dt><a href={format!("{}/", info.slug)}>{ info.title }</a></dt><dd>{ info.idea }</dd></> }
    };
    html! {
        <main>
            <nav><a href="../">{ "Faultline" }</a></nav>
            <h1>{ "Protocols" }</h1>
            <p>{ WHAT }</p>
            <dl>{ for all().into_iter().map(protocol) }</dl>
        </main>
    }
}

#[component]
fn Protocol(about: &About) -> Html {
    let entry = about.entry;
    let info = &entry.info;
    let run = |preset: &faultline_core::title::Preset| {
        let title =
            Scenario::parse(preset.text).map_or_else(|_| preset.name.to_owned(), |scenario| scenario.title);
        html! { <li><a href={format!("{}/", preset.name)}>{ title }</a></li> }
    };
    let (challenges, runs): (Vec<_>, Vec<_>) =
        entry.presets().iter().partition(|preset| preset.text.contains("\ngoal "));
    html! {
        <main>
            <nav><a href="../../">{ "Faultline" }</a>{ " › " }<a href="../">{ "Protocols" }</a></nav>
            <h1>{ info.title }</h1>
            <p class="idea">{ info.idea }</p>
            <img src={format!("../../pictures/runs/{}-{{build}}.svg", pictured(entry))} alt={format!("{}: its nodes, and the messages under way between them", info.title)} width="720" height="540" />
            <p class="go">
                <a class="button" href={format!("../../#/{}", info.slug)}>{ "Open it in the laboratory" }</a>
                if entry.lesson.is_some() { <a href={format!("../../#/learn/{}", info.slug)}>{ "The lesson" }</a> }
            </p>
            <h2>{ "What it promises" }</h2>
            <dl>{ for entry.claims().iter().map(|claim| html! { <><dt>{ claim.name }</dt><dd>{ claim.sentence }</dd></> }) }</dl>
            <h2>{ "Runs" }</h2>
            <ul>{ for runs.into_iter().map(run) }</ul>
            if !challenges.is_empty() { <h2>{ "Challenges" }</h2><ul>{ for challenges.into_iter().map(run) }</ul> }
            <h2>{ "Wrong twins" }</h2>
            <p>{ "Each is the protocol with one rule taken away, as people have got it wrong." }</p>
            <ul>{ for entry.twins.iter().map(|twin| html! { <li>{ twin.sentence }</li> }) }</ul>
            <h2>{ "Source" }</h2>
            <p>{ info.source }</p>
            if !info.left_out.is_empty() { <p>{ "Left out here: " }{ info.left_out }</p> }
        </main>
    }
}

#[component]
fn Run(about: &About) -> Html {
    let info = &about.entry.info;
    let Some((name, scenario)) = &about.run else { return Html::default() };
    let link = format!("{}/{name}", info.slug);
    let said = scenario.captions.iter().map(|(time, said)| {
        html! { <li><span class="time">{ exact(*time) }</span><b>{ &said.title }</b>{ " " }{ &said.text }</li> }
    });
    let called = |claim: &str| {
        let all = about.entry.claims();
        all.iter().find(|it| slug(it.name) == claim).map_or_else(|| claim.to_owned(), |it| it.name.to_owned())
    };
    let comes = scenario.expectations.iter().filter_map(|expected| match expected {
        Expectation::Holds(claim) => Some(format!("{} holds.", called(claim))),
        Expectation::Violated(claim) => Some(format!("{} is violated.", called(claim))),
        Expectation::Reached(claim) => Some(format!("{} comes up.", called(claim))),
        _ => None,
    });
    let comes: Vec<String> = comes.collect();
    let alt = format!("{}: {}, at the moment that matters", info.title, scenario.title);
    html! {
        <main>
            <nav><a href="../../../">{ "Faultline" }</a>{ " › " }<a href="../../">{ "Protocols" }</a>{ " › " }<a href="../">{ info.title }</a></nav>
            <h1>{ &scenario.title }</h1>
            <img src={format!("../../../pictures/runs/{link}-{{build}}.svg")} {alt} width="720" height="540" />
            <p class="go">
                <a class="button" href={format!("../../../#/{link}")}>{ "Play this run" }</a>
                <a href={format!("../../../#/present/{link}")}>{ "Present it" }</a>
            </p>
            <ol>{ for said }</ol>
            if !comes.is_empty() && scenario.challenge.is_none() {
                <h2>{ "What comes of it" }</h2>
                <ul>{ for comes.into_iter().map(|it| html! { <li>{ it }</li> }) }</ul>
            }
            // The text of a challenge holds its solution.
            if scenario.challenge.is_none() {
                <details><summary>{ "The run as a text" }</summary><pre>{ scenario.to_string() }</pre></details>
            }
        </main>
    }
}

/// A text within HTML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

const STYLE: &str = "html{background:#fbfaf7;color:#1c1c1a;color-scheme:light dark;font:1.0625rem/1.55 system-ui,sans-serif}\
body{margin:0}main{max-width:45rem;margin:0 auto;padding:1.5rem}nav,.time{color:#5c5b55}a{color:#00568a}\
h1{margin:.5rem 0;font-size:1.75rem;line-height:1.2}h2{margin:1.75rem 0 .5rem;font-size:1.2rem}\
img{display:block;width:100%;height:auto;margin:1rem 0;border:1px solid #dedcd4;border-radius:10px}\
.go{display:flex;flex-wrap:wrap;gap:1rem;align-items:center}.button{padding:.5rem 1rem;border-radius:8px;background:#1c1c1a;color:#fbfaf7;text-decoration:none}\
li{margin:.35rem 0}.time{display:inline-block;min-width:4.5rem;font:.9rem ui-monospace,monospace}dt{font-weight:650}dd{margin:0 0 .5rem}\
pre{overflow-x:auto;font-size:.85rem;line-height:1.45}\
@media(prefers-color-scheme:dark){html{background:#141518;color:#ecebe6}nav,.time{color:#a8a69e}a{color:#7cc4f2}img{border-color:#33353b}.button{background:#ecebe6;color:#141518}}";
