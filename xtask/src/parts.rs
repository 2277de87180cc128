//! The optimised page: compiled once, split into a main program and parts that arrive when they are needed, bound to
//! JavaScript, optimised, and put together. Every file has the build in its name, because a part and a program of two builds
//! do not fit.

use crate::imports::{lender, shorten};
use crate::pieces::{self, Part, Plan};
use crate::process::{Done, capture, cargo, command, root, run, run_quietly, target_dir};
use crate::unit;
use std::collections::{BTreeMap, BTreeSet};
use std::env::consts::EXE_SUFFIX;
use std::ffi::OsStr;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::{fs, io, thread};

pub(crate) const TARGET: &str = "wasm32-unknown-unknown";
pub(crate) const PROGRAM: &str = "faultline-web";
/// The module from which the program imports what loads its parts; [`LOADER`] takes its place.
const IMPORTED: &str = "./__wasm_split.js";
/// The name under which parts import from the main program.
const SHARED: &str = "__wasm_split";
const LOADER: &str = include_str!("../../web/parts.js");
/// What the page fetches first.
const HEAD: &str = include_str!("../templates/head.html");
/// Writes the policy of every page into it.
const POLICY: &str = include_str!("../templates/policy.js");
/// What a browser that installs the page asks.
const MANIFEST: &str = include_str!("../templates/manifest.json");
/// Shows the picture of the run that the address names; and the line of the page where that is done.
const POSTER: &str = include_str!("../templates/poster.html");
const POSTER_HERE: &str = "<!-- The built page shows the picture of the run that the address names here. -->";
/// The styles that come with parts of the program, each with the parts that need it. The other styles are there at once.
const STYLES: [(&str, &[&str]); 3] = [
    ("learn", &["learn"]),
    ("lecture", &["lecture"]),
    (
        "around",
        &[
            "about",
            "around",
            "below",
            "beside_diagram",
            "beside_panel",
            "dialogs",
            "learn",
            "lecture",
            "panels",
        ],
    ),
];
/// Stands there for what the first page says first.
const FIRST_PAGE: &str = "{first page}";
/// Where the texts of runs are: a file for all runs of a protocol, and in a folder one for each.
const TEXTS: &str = "runs";
/// The name of the run that a protocol opens with, where that has a name.
const DEFAULT: &str = "default";
/// Stands for the protocols.
const RUNS: &str = "{runs}";
/// Stands for the build wherever a file is named.
const BUILD: &str = "{build}";

/// A piece of the program is a file of its own from this size on, in bytes before it is optimised and with its names; smaller
/// pieces are joined to others.
const WORTH_A_FILE: u64 = 12_000;
/// What was put together from small pieces is a file of its own from this size on, in bytes.
const WORTH_A_REQUEST: usize = 4_000;

/// Builds the page into a folder; `path` is where binaryen's tools and esbuild are found.
pub(crate) fn build(dist: &Path, path: &OsStr, whom: For) -> Done {
    let work = target_dir().join("page");
    let split = work.join("split");
    fresh(&split)?;
    // What an earlier build left must not be taken for the result of this one.
    fresh(dist)?;
    let raw = compile()?;
    refuse_floats(&read(&raw)?)?;
    let needs = capture(cargo("run --quiet --package faultline-splitter --").arg(&raw).arg(&split))?;
    let mut plan = Plan::of(&String::from_utf8_lossy(&needs), &protocols()?, |piece| {
        fs::metadata(split.join(format!("{piece}.wasm"))).is_ok_and(|it| it.len() >= WORTH_A_FILE)
    });
    let tool = |name: &str| {
        let mut tool = command(name, [""; 0]);
        tool.env("PATH", path);
        tool
    };
    bind(&split.join("main.wasm"), &work, PROGRAM)?;
    let mut files = Vec::new();
    let built = |plan: &Plan, file: &str| {
        optimise(tool("wasm-opt"), &joined(tool("wasm-merge"), &split, file, &plan.files[file])?)
    };
    let common = pieces::common();
    let others: Vec<String> = plan.files.keys().filter(|file| **file != common).cloned().collect();
    for (file, module) in on_all_cores(others, |file| built(&plan, file)) {
        let module = module?;
        if module.len() < WORTH_A_REQUEST {
            plan.dissolve(&file);
        } else {
            files.push((format!("{}.wasm", public(&file)), module));
        }
    }
    files.push((format!("{}.wasm", public(&common)), built(&plan, &common)?));
    let main = work.join("main.wasm");
    let small = plan.main.iter().map(|piece| (split.join(format!("{piece}.wasm")), piece.as_str()));
    let bound = (work.join(format!("{PROGRAM}_bg.wasm")), SHARED);
    merge(tool("wasm-merge"), [bound].into_iter().chain(small), &main)?;
    let bindings = with_loader(&text(&work.join(format!("{PROGRAM}.js")))?, &plan.parts)?;
    let (program, bindings) = shorten(&optimise(tool("wasm-opt"), &main)?, &bindings)?;
    files.push(("faultline.wasm".to_owned(), program));
    let page = text(&root().join("index.html"))?;
    let sources = [("faultline.js".to_owned(), bindings)].into_iter().chain(sheets(&page)?);
    for (name, text) in sources {
        let source = work.join(&name);
        write(&source, text.as_bytes())?;
        files.push((name, minify(tool("esbuild"), &source)?));
    }
    files.push(("favicon.svg".to_owned(), read(&root().join("static/favicon.svg"))?));
    let drawn = work.join("pictures");
    files.extend(pictures(&drawn, whom)?);
    let head = HEAD.replace("PARTS", &lists(&plan.parts));
    let form = Form { head: &head, poster: POSTER, late: &STYLES };
    let index = with_files(&page, &form).replace(FIRST_PAGE, &text(&drawn.join("first.html"))?);
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    let index = index.replace(RUNS, &runs(&names));
    let mut pages = Vec::new();
    gather(&drawn.join("pages"), ".", &mut pages)?;
    put_together(dist, files, &index, pages)?;
    run_quietly(tool("node").args(["-e", POLICY]).arg(dist))
}

/// Refuses a program that prints or reads floats: the first has fifteen kilobytes, and comes by a `{}` or by the library's
/// `clamp`; the second has as many, and comes by `parse`.
fn refuse_floats(program: &[u8]) -> Done {
    let has = |name: &[u8]| program.windows(name.len()).any(|bytes| bytes == name);
    if has(b"float_to_decimal") {
        Err("Something in the page prints a float; use `fixed` of kit/prose.rs, and `within` for `clamp`."
            .to_owned())
    } else if has(b"dec2flt") {
        Err("Something in the page reads a float; use `number` of kit/prose.rs.".to_owned())
    } else {
        Ok(())
    }
}

/// What becomes of each file; wasm-opt works on one core.
fn on_all_cores<T: Send>(files: Vec<String>, work: impl Fn(&str) -> T + Sync) -> BTreeMap<String, T> {
    let (left, done) = (Mutex::new(files), Mutex::new(BTreeMap::new()));
    let worker = || {
        loop {
            let Some(file) = left.lock().ok().and_then(|mut left| left.pop()) else { return };
            let made = work(&file);
            if let Ok(mut done) = done.lock() {
                done.insert(file, made);
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(worker);
        }
    });
    done.into_inner().unwrap_or_default()
}

/// The protocols: each has a folder with its runs.
fn protocols() -> Done<BTreeSet<String>> {
    let mut protocols = BTreeSet::new();
    for family in folders(&root().join("core/protocols"))? {
        let runs = family.join("scenarios");
        if runs.is_dir() {
            let names = folders(&runs)?
                .into_iter()
                .filter_map(|it| Some(it.file_name()?.to_str()?.replace('-', "_")));
            protocols.extend(names);
        }
    }
    Ok(protocols)
}

fn folders(folder: &Path) -> Done<Vec<PathBuf>> {
    Ok(entries(folder)?.into_iter().map(|entry| entry.path()).filter(|path| path.is_dir()).collect())
}

fn entries(folder: &Path) -> Done<Vec<fs::DirEntry>> {
    let entries = fs::read_dir(folder).and_then(Iterator::collect);
    entries.map_err(|error| format!("{} cannot be read: {error}.", folder.display()))
}

/// Joins modules, each with the name under which others import from it, to one.
fn merge<'a>(mut wasm_merge: Command, modules: impl Iterator<Item = (PathBuf, &'a str)>, to: &Path) -> Done {
    modules.for_each(|(file, name)| _ = wasm_merge.arg(file).arg(name));
    // It warns of every name section in a form that it does not know.
    run_quietly(wasm_merge.arg("-o").arg(to))
}

/// One module of several pieces. Each of them imports the memory and the table of the main program, and a module must not import
/// two memories: one that lends them what it imports stands before them.
fn joined(wasm_merge: Command, split: &Path, file: &str, pieces: &BTreeSet<String>) -> Done<PathBuf> {
    let modules: Vec<(PathBuf, &str)> =
        pieces.iter().map(|piece| (split.join(format!("{piece}.wasm")), piece.as_str())).collect();
    if let [(module, _)] = &modules[..] {
        return Ok(module.clone());
    }
    let mut lent = Vec::new();
    for (module, _) in &modules {
        let of_one = lender(&read(module)?)
            .ok_or_else(|| format!("{} imports what is not known here.", module.display()))?;
        // Some need less, and none needs anything that the one with most does not.
        lent = if of_one.len() > lent.len() { of_one } else { lent };
    }
    let (lends, joined) = (split.join(format!("{file}.lender")), split.join(format!("{file}.joined")));
    write(&lends, &lent)?;
    merge(wasm_merge, [(lends, SHARED)].into_iter().chain(modules), &joined)?;
    Ok(joined)
}

/// Compiles the program, with what tells the splitter which function uses what.
fn compile() -> Done<PathBuf> {
    let mut compile = cargo("rustc --release --features split");
    compile.args(["--package", PROGRAM, "--bin", PROGRAM, "--target", TARGET]);
    run(compile.args(["--", "-Clink-arg=--emit-relocs"]))?;
    Ok(target_dir().join(TARGET).join("release").join(PROGRAM).with_extension("wasm"))
}

/// Binds a program to JavaScript: its bindings and the bound program go into a folder, under a name.
pub(crate) fn bind(program: &Path, folder: &Path, name: &str) -> Done {
    run(cargo("run --quiet --package faultline-binder --").args([program, folder]).arg(name))
}

pub(crate) fn optimise(mut wasm_opt: Command, module: &Path) -> Done<Vec<u8>> {
    let optimised = module.with_extension("optimised");
    // What names the compiler, and what asks for features that every browser of today has, would be in each of sixty files.
    let slim = ["--strip-producers", "--strip-target-features"];
    run_quietly(
        wasm_opt.args(["-Oz", "--low-memory-unused"]).args(slim).arg("-o").args([&optimised, module]),
    )?;
    read(&optimised)
}

/// A script, which is a module, or a style, without what only people read.
fn minify(mut esbuild: Command, source: &Path) -> Done<Vec<u8>> {
    capture(esbuild.arg(source).args(["--minify", "--log-level=warning"]))
}

/// The bindings with the loader in them, in place of what they import.
fn with_loader(bindings: &str, parts: &[Part]) -> Done<String> {
    let loader = |part: &Part| {
        let files = part.files.iter().map(|file| format!("\"{}-{BUILD}.wasm\"", public(file)));
        let styles = styles(&part.name).map(|sheet| format!("\"{sheet}-{BUILD}.css\""));
        let files: Vec<String> = files.chain(styles).collect();
        format!("  __wasm_split_load_{}: load([{}]),\n", part.name, files.join(", "))
    };
    let loaders: String = parts.iter().map(loader).collect();
    let mut text = format!("{LOADER}const loaders = {{\n{loaders}}};\n");
    let asked = format!("\"{IMPORTED}\": ");
    let mut lines = bindings.lines().filter(|line| !(line.starts_with("import ") && line.contains(IMPORTED)));
    let before = lines.by_ref().take_while(|line| !line.trim_start().starts_with(&asked));
    before.for_each(|line| text += &format!("{line}\n"));
    text += &format!("        {asked}loaders,\n");
    let after = lines.filter(|line| !line.trim_start().starts_with(&asked));
    after.for_each(|line| text += &format!("{line}\n"));
    let (own, named) = (format!("'{PROGRAM}_bg.wasm'"), format!("'faultline-{BUILD}.wasm'"));
    if bindings.contains(&asked) && bindings.contains(&own) {
        Ok(text.replace(&own, &named))
    } else {
        Err("The bindings do not have the form that is known here.".to_owned())
    }
}

/// For whom a page is built, which says how what draws its pictures is compiled.
#[derive(Clone, Copy)]
pub(crate) enum For<'a> {
    /// Somebody who works on it.
    Here,
    /// The tests, in whose build it is.
    Tests,
    /// A site at this address: hundreds of previews are painted, and pixels want speed.
    Site(&'a str),
}

/// Draws the pictures that are seen until the page can draw them itself, and writes the texts of all runs, which the page fetches when it
/// shows them.
fn pictures(folder: &Path, whom: For) -> Done<Vec<(String, Vec<u8>)>> {
    fresh(folder)?;
    let mut stills = match whom {
        For::Here => cargo("run --quiet --package faultline-stills --"),
        For::Tests => {
            run(cargo(unit::EVERYTHING).args(["--quiet", "--no-run"]))?;
            command(target_dir().join(format!("debug/faultline-stills{EXE_SUFFIX}")), [""; 0])
        }
        For::Site(_) => cargo("run --quiet --release --package faultline-stills --"),
    };
    let site = if let For::Site(site) = whom { Some(site) } else { None };
    run(stills.arg(folder).args(site))?;
    let mut pictures = Vec::new();
    for kind in ["cards", "lessons", "runs"] {
        gather(&folder.join(kind), &format!("pictures/{kind}"), &mut pictures)?;
    }
    gather(&folder.join("texts"), TEXTS, &mut pictures)?;
    // The fingerprint of the build depends on their order.
    pictures.sort();
    Ok(pictures)
}

/// The protocols, as a script writes them: each with 1 where the run that it opens with has a name, and so a text of its own.
fn runs(files: &[&str]) -> String {
    let is_default = |slug: &str| files.contains(&format!("{TEXTS}/{slug}/{DEFAULT}.txt").as_str());
    let slugs = files.iter().filter_map(|file| file.strip_prefix("pictures/cards/")?.strip_suffix(".svg"));
    let lists: Vec<_> = slugs.map(|slug| format!("\"{slug}\":{}", u8::from(is_default(slug)))).collect();
    format!("{{{}}}", lists.join(","))
}

/// Reads all files of a folder and of those in it; their names begin with that of the folder on the page.
fn gather(folder: &Path, name: &str, files: &mut Vec<(String, Vec<u8>)>) -> Done {
    for entry in entries(folder)? {
        let name = format!("{name}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            gather(&entry.path(), &name, files)?;
        } else {
            files.push((name, read(&entry.path())?));
        }
    }
    Ok(())
}

/// What trunk is told to link in a line of the page: its kind, and its file.
fn linked(line: &str) -> Option<(&str, &str)> {
    let (_, rest) = line.split_once("<link data-trunk rel=\"")?;
    let (kind, rest) = rest.split_once('"')?;
    Some((kind, rest.split_once("href=\"")?.1.split('"').next()?))
}

/// Of a style that is linked in a line of the page: the sheet to which it belongs, and its file.
fn sheet(line: &str) -> Option<(&str, &str)> {
    let (_, file) = linked(line).filter(|(kind, _)| *kind == "css")?;
    let (_, sheet) = line.split_once("data-sheet=\"")?;
    Some((sheet.split('"').next()?, file))
}

/// The sheets of style that a page links, by the names of their files, each with all that belongs to it.
pub(crate) fn sheets(index: &str) -> Done<Vec<(String, String)>> {
    let mut sheets: Vec<(String, String)> = Vec::new();
    for (sheet, file) in index.lines().filter_map(sheet) {
        let (name, style) = (format!("{sheet}.css"), text(&root().join(file))?);
        match sheets.iter_mut().find(|(known, _)| *known == name) {
            Some((_, whole)) => *whole += &style,
            None => sheets.push((name, style)),
        }
    }
    Ok(sheets)
}

/// The styles that come with a part.
fn styles(part: &str) -> impl Iterator<Item = &'static str> {
    STYLES.iter().filter(move |(_, parts)| parts.contains(&part)).map(|(sheet, _)| *sheet)
}

/// The files of all parts, as a script writes them.
fn lists(parts: &[Part]) -> String {
    let list = |part: &Part| {
        let styles = styles(&part.name).map(|sheet| format!("{sheet}.css"));
        let files: Vec<String> = styles.chain(part.files.iter().map(|file| public(file))).collect();
        format!("\"{}\":\"{}\"", part.name.replace('_', "-"), files.join(" "))
    };
    let lists: Vec<String> = parts.iter().map(list).collect();
    format!("{{{}}}", lists.join(","))
}

/// What of the page is made in one way or another.
pub(crate) struct Form<'a> {
    /// What fetches the program.
    pub(crate) head: &'a str,
    /// What shows the picture of a run before the program is there.
    pub(crate) poster: &'a str,
    /// Which sheets of style come later, with parts.
    pub(crate) late: &'a [(&'a str, &'a [&'a str])],
}

/// The page with its files, in place of what only trunk understands.
pub(crate) fn with_files(index: &str, form: &Form) -> String {
    let Form { head, poster, late } = form;
    let mut page = String::new();
    let mut last_sheet = None;
    for line in index.lines() {
        let sheet = sheet(line).map(|(sheet, _)| sheet);
        match linked(line) {
            _ if line.trim() == POSTER_HERE => page += poster,
            Some(("icon", _)) => page += &format!("    <link rel=\"icon\" href=\"./favicon-{BUILD}.svg\">\n"),
            Some(("css", _)) => {
                match sheet.filter(|_| sheet != last_sheet) {
                    // The loader puts it there.
                    Some(sheet) if late.iter().any(|(name, _)| *name == sheet) => {
                        page += &format!("    <meta name=\"style\" content=\"{sheet}-{BUILD}.css\">\n");
                    }
                    Some(sheet) => {
                        page += &format!("    <link rel=\"stylesheet\" href=\"./{sheet}-{BUILD}.css\">\n");
                    }
                    None => {}
                }
                last_sheet = sheet;
            }
            Some(("rust", _)) => page += head,
            Some(_) => {}
            None => page += &format!("{line}\n"),
        }
    }
    // What explains a script is for those who read it here.
    page.lines().filter(|line| !line.trim_start().starts_with("//")).flat_map(|line| [line, "\n"]).collect()
}

/// Writes the page, and the pages without a program. The build is a fingerprint of everything in the page.
pub(crate) fn put_together(
    dist: &Path,
    files: Vec<(String, Vec<u8>)>,
    index: &str,
    pages: Vec<(String, Vec<u8>)>,
) -> Done {
    let mut fingerprint = DefaultHasher::new();
    for (_, bytes) in &files {
        fingerprint.write(bytes);
    }
    fingerprint.write(index.as_bytes());
    let build = format!("{:016x}", fingerprint.finish());
    let (mut names, mut sum) = (Vec::new(), 0);
    for (name, bytes) in files {
        let is_in_another = is_in_another(&name);
        let (stem, kind) = name.rsplit_once('.').unwrap_or((&name, ""));
        let name = format!("{stem}-{build}.{kind}");
        let file = dist.join(&name);
        if !is_in_another {
            names.push(format!("\"./{name}\""));
            sum += bytes.len();
        }
        write_built(&file, bytes, &build)?;
    }
    for (name, bytes) in pages {
        write_built(&dist.join(name), bytes, &build)?;
    }
    let everything = format!("{{\"bytes\":{sum},\"files\":[{}]}}\n", names.join(","));
    write(&dist.join("everything.json"), everything.as_bytes())?;
    write(&dist.join("index.html"), index.replace(BUILD, &build).as_bytes())?;
    let script = text(&root().join("static/fault-line.js"))?.replace(BUILD, &build);
    write(&dist.join("fault-line.js"), script.as_bytes())?;
    write(&dist.join("faultline.webmanifest"), MANIFEST.replace(BUILD, &build).as_bytes())?;
    write(&dist.join("offline.js"), &read(&root().join("static/offline.js"))?)
}

/// Whether a file holds nothing that another one does not hold: the text of one run is among those of its protocol.
fn is_in_another(name: &str) -> bool {
    let folders = name.strip_prefix(TEXTS).and_then(|rest| rest.strip_prefix('/'));
    folders.is_some_and(|rest| rest.contains('/'))
}

/// Writes a file; a text names the build.
fn write_built(file: &Path, bytes: Vec<u8>, build: &str) -> Done {
    match String::from_utf8(bytes) {
        Ok(text) => write(file, text.replace(BUILD, build).as_bytes()),
        Err(binary) => write(file, binary.as_bytes()),
    }
}

/// What the page calls a file: `split_two_phase_commit` is `two-phase-commit`, `chunk_71` is `shared-71`.
fn public(file: &str) -> String {
    let name = file.strip_prefix("split_").map_or_else(|| file.replace("chunk", "shared"), str::to_owned);
    name.replace('_', "-")
}

/// Makes a folder that is empty.
pub(crate) fn fresh(folder: &Path) -> Done {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(format!("The old {} cannot be removed: {error}.", folder.display()));
        }
        _ => {}
    }
    fs::create_dir_all(folder).map_err(|error| format!("{} cannot be made: {error}.", folder.display()))
}

pub(crate) fn read(file: &Path) -> Done<Vec<u8>> {
    fs::read(file).map_err(|error| format!("{} cannot be read: {error}.", file.display()))
}

pub(crate) fn text(file: &Path) -> Done<String> {
    fs::read_to_string(file).map_err(|error| format!("{} cannot be read: {error}.", file.display()))
}

/// Writes a file, and makes its folder if there is none.
fn write(file: &Path, bytes: &[u8]) -> Done {
    let written = file.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(file, bytes));
    written.map_err(|error| format!("{} cannot be written: {error}.", file.display()))
}

#[cfg(test)]
mod tests {
    use super::{
        Form, Part, STYLES, is_in_another, lists, public, refuse_floats, runs, with_files, with_loader,
    };

    const BINDINGS: &str = "import * as import1 from \"./__wasm_split.js\"\nimport * as import2 from \"./__wasm_split.js\"\n\
        let wasm;\n{\n        \"./__wasm_split.js\": import1,\n        \"./__wasm_split.js\": import2,\n}\n\
        new URL('faultline-web_bg.wasm', import.meta.url);\n";

    fn two() -> Vec<Part> {
        let part = |name: &str, files: &[&str]| Part {
            name: name.to_owned(),
            files: files.iter().map(|file| (*file).to_owned()).collect(),
        };
        vec![part("gossip", &["split_gossip"]), part("two_phase", &["chunk_71", "split_two_phase"])]
    }

    #[test]
    fn a_program_that_prints_or_reads_floats_is_refused() {
        assert!(refuse_floats(b"\0name of 4core3num7dec2flt7float").is_err());
        assert!(refuse_floats(b"\0name of 25float_to_decimal_common_exact").is_err());
        assert!(refuse_floats(b"\0name of another function").is_ok());
    }

    #[test]
    fn the_loader_takes_the_place_of_what_the_bindings_import() {
        let text = with_loader(BINDINGS, &two()).unwrap();
        let (loader, rest) = text.split_once("let wasm;").unwrap();
        let line = "  __wasm_split_load_two_phase: load([\"shared-71-{build}.wasm\", \"two-phase-{build}.wasm\"]),\n";
        assert!(loader.contains(line), "{loader}");
        assert_eq!(
            rest,
            "\n{\n        \"./__wasm_split.js\": loaders,\n}\nnew URL('faultline-{build}.wasm', import.meta.url);\n"
        );
        assert!(with_loader("let wasm;\n", &[]).is_err());
    }

    #[test]
    fn the_page_names_its_files_and_no_tool() {
        let page = with_files(
            "<p>\n<link data-trunk rel=\"css\" href=\"static/tokens.css\" data-sheet=\"faultline\">\n\
             <link data-trunk rel=\"css\" href=\"static/page.css\" data-sheet=\"faultline\">\n\
             <link data-trunk rel=\"css\" href=\"static/learn.css\" data-sheet=\"learn\">\n\
             <link data-trunk rel=\"rust\" href=\"web\">\n",
            &Form { head: &lists(&two()), poster: "", late: &STYLES },
        );
        let styles = "    <link rel=\"stylesheet\" href=\"./faultline-{build}.css\">\n    \
            <meta name=\"style\" content=\"learn-{build}.css\">\n";
        assert!(page.starts_with(&format!("<p>\n{styles}")), "{page}");
        assert!(page.contains(r#"{"gossip":"gossip","two-phase":"shared-71 two-phase"}"#), "{page}");
        assert!(!page.contains("data-trunk"));
    }

    #[test]
    fn the_page_knows_which_protocols_open_with_a_run_that_has_a_name() {
        let files =
            ["a.wasm", "pictures/cards/chord.svg", "pictures/cards/raft.svg", "runs/chord/default.txt"];
        assert_eq!(runs(&files), r#"{"chord":1,"raft":0}"#);
    }

    #[test]
    fn the_text_of_one_run_is_among_those_of_its_protocol() {
        assert!(is_in_another("runs/chord/default.txt"));
        assert!(!is_in_another("runs/chord.txt") && !is_in_another("pictures/runs/chord/default.svg"));
    }

    #[test]
    fn a_file_is_called_as_its_protocol() {
        assert_eq!(public("split_two_phase_commit"), "two-phase-commit");
    }
}
