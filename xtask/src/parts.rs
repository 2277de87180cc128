//! The optimised page: compiled once, split into a main program and parts that arrive when they are needed, bound to
//! JavaScript, optimised, and put together. Every file has the build in its name, because a part and a program of two builds
//! do not fit.

use crate::process::{Done, cargo, command, root, run, run_quietly, target_dir};
use std::ffi::OsStr;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

const TARGET: &str = "wasm32-unknown-unknown";
const PROGRAM: &str = "faultline-web";
/// The module from which the program imports what loads its parts; [`LOADER`] takes its place.
const IMPORTED: &str = "./__wasm_split.js";
const LOADER: &str = include_str!("../../web/parts.js");
/// What the page fetches first.
const HEAD: &str = include_str!("../templates/head.html");
/// Stands for the build wherever a file is named.
const BUILD: &str = "{build}";

/// Builds the page into a folder that does not exist yet; `path` is where the tools are found.
pub(crate) fn build(dist: &Path, path: &OsStr) -> Done {
    let work = target_dir().join("page");
    let split = work.join("split");
    fresh(&split)?;
    let raw = compile()?;
    run(cargo("run --quiet --package faultline-splitter --").arg(&raw).arg(&split))?;
    let tool = |name: &str| {
        let mut tool = command(name, [""; 0]);
        tool.env("PATH", path);
        tool
    };
    run(tool("wasm-bindgen")
        .args([
            "--target",
            "web",
            "--keep-lld-exports",
            "--no-typescript",
            "--out-name",
            PROGRAM,
            "--out-dir",
        ])
        .args([&work, &split.join("main.wasm")]))?;
    let (parts, shared) = parts_in(&split)?;
    let bound = work.join(format!("{PROGRAM}_bg.wasm"));
    let joined = work.join("joined.wasm");
    join(tool("wasm-merge"), &bound, &shared, &joined)?;
    let mut files = vec![("faultline.wasm".to_owned(), optimise(tool("wasm-opt"), &joined)?)];
    for part in &parts {
        files.push((format!("{}.wasm", name_of(part)), optimise(tool("wasm-opt"), part)?));
    }
    let names: Vec<String> = parts.iter().map(|part| name_of(part)).collect();
    let bindings = with_loader(&text(&work.join(format!("{PROGRAM}.js")))?, &names)?;
    files.push(("faultline.js".to_owned(), bindings.into_bytes()));
    for name in ["faultline.css", "favicon.svg"] {
        files.push((name.to_owned(), read(&root().join("static").join(name))?));
    }
    let index = with_files(&text(&root().join("index.html"))?, &names);
    put_together(dist, files, &index)
}

/// Compiles the program, with what tells the splitter which function uses what.
fn compile() -> Done<PathBuf> {
    let mut compile = cargo("rustc --release --features split");
    compile.args(["--package", PROGRAM, "--bin", PROGRAM, "--target", TARGET]);
    run(compile.args(["--", "-Clink-arg=--emit-relocs"]))?;
    Ok(target_dir().join(TARGET).join("release").join(PROGRAM).with_extension("wasm"))
}

/// The parts that the splitter made, and what several of them have in common, both in the order of their names.
fn parts_in(split: &Path) -> Done<(Vec<PathBuf>, Vec<PathBuf>)> {
    let entries =
        fs::read_dir(split).map_err(|error| format!("{} cannot be read: {error}.", split.display()))?;
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.sort();
    let with = |begin: &str| {
        let begins = |file: &&PathBuf| stem(file).starts_with(begin);
        files.iter().filter(begins).cloned().collect::<Vec<_>>()
    };
    Ok((with("split_"), with("chunk_")))
}

/// The splitter makes a file for each set of parts that have code in common: hundreds of a few bytes. They become part of
/// the main program.
fn join(mut merge: Command, main: &Path, shared: &[PathBuf], joined: &Path) -> Done {
    merge.arg(main).arg("__wasm_split");
    for file in shared {
        merge.arg(file).arg(stem(file));
    }
    // It warns of every name section in a form that it does not know.
    run_quietly(merge.arg("-o").arg(joined))
}

fn optimise(mut wasm_opt: Command, module: &Path) -> Done<Vec<u8>> {
    let optimised = module.with_extension("optimised");
    run_quietly(wasm_opt.args(["-Oz", "--low-memory-unused", "-o"]).args([&optimised, module]))?;
    read(&optimised)
}

/// The bindings with the loader in them, in place of what they import.
fn with_loader(bindings: &str, parts: &[String]) -> Done<String> {
    let loader = |part: &String| {
        format!("  __wasm_split_load_{}: load(\"{part}-{BUILD}.wasm\"),\n", part.replace('-', "_"))
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

/// The page with its files, in place of what only trunk understands.
fn with_files(index: &str, parts: &[String]) -> String {
    let mut page = String::new();
    for line in index.lines() {
        let rel = line.split_once("<link data-trunk rel=\"").and_then(|(_, rest)| rest.split('"').next());
        match rel {
            Some("icon") => page += &format!("    <link rel=\"icon\" href=\"./favicon-{BUILD}.svg\">\n"),
            Some("css") => {
                page += &format!("    <link rel=\"stylesheet\" href=\"./faultline-{BUILD}.css\">\n");
            }
            Some("rust") => page += &HEAD.replace("PARTS", &parts.join(" ")),
            Some(_) => {}
            None => page += &format!("{line}\n"),
        }
    }
    page
}

/// Writes the page. The build is a fingerprint of everything in it.
fn put_together(dist: &Path, files: Vec<(String, Vec<u8>)>, index: &str) -> Done {
    let mut fingerprint = DefaultHasher::new();
    for (_, bytes) in &files {
        fingerprint.write(bytes);
    }
    fingerprint.write(index.as_bytes());
    let build = format!("{:016x}", fingerprint.finish());
    fresh(dist)?;
    for (name, bytes) in files {
        let (stem, kind) = name.rsplit_once('.').unwrap_or((&name, ""));
        let file = dist.join(format!("{stem}-{build}.{kind}"));
        match String::from_utf8(bytes) {
            Ok(text) => write(&file, text.replace(BUILD, &build).as_bytes())?,
            Err(binary) => write(&file, binary.as_bytes())?,
        }
    }
    write(&dist.join("index.html"), index.replace(BUILD, &build).as_bytes())?;
    write(&dist.join("offline.js"), &read(&root().join("static/offline.js"))?)
}

/// `split_two_phase_commit.wasm` is the part `two-phase-commit`.
fn name_of(part: &Path) -> String {
    stem(part).replacen("split_", "", 1).replace('_', "-")
}

fn stem(file: &Path) -> String {
    file.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// Makes a folder that is empty.
fn fresh(folder: &Path) -> Done {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(format!("The old {} cannot be removed: {error}.", folder.display()));
        }
        _ => {}
    }
    fs::create_dir_all(folder).map_err(|error| format!("{} cannot be made: {error}.", folder.display()))
}

fn read(file: &Path) -> Done<Vec<u8>> {
    fs::read(file).map_err(|error| format!("{} cannot be read: {error}.", file.display()))
}

fn text(file: &Path) -> Done<String> {
    fs::read_to_string(file).map_err(|error| format!("{} cannot be read: {error}.", file.display()))
}

fn write(file: &Path, bytes: &[u8]) -> Done {
    fs::write(file, bytes).map_err(|error| format!("{} cannot be written: {error}.", file.display()))
}

#[cfg(test)]
mod tests {
    use super::{name_of, with_files, with_loader};
    use std::path::Path;

    const BINDINGS: &str = "import * as import1 from \"./__wasm_split.js\"\nimport * as import2 from \"./__wasm_split.js\"\n\
        let wasm;\n{\n        \"./__wasm_split.js\": import1,\n        \"./__wasm_split.js\": import2,\n}\n\
        new URL('faultline-web_bg.wasm', import.meta.url);\n";

    #[test]
    fn the_loader_takes_the_place_of_what_the_bindings_import() {
        let text = with_loader(BINDINGS, &["gossip".into(), "two-phase-commit".into()]).unwrap();
        let (loader, rest) = text.split_once("let wasm;").unwrap();
        assert!(
            loader
                .contains("  __wasm_split_load_two_phase_commit: load(\"two-phase-commit-{build}.wasm\"),\n")
        );
        assert_eq!(
            rest,
            "\n{\n        \"./__wasm_split.js\": loaders,\n}\nnew URL('faultline-{build}.wasm', import.meta.url);\n"
        );
        assert!(with_loader("let wasm;\n", &[]).is_err());
    }

    #[test]
    fn the_page_names_its_files_and_no_tool() {
        let page =
            with_files("<p>\n  <link data-trunk rel=\"css\" href=\"static/faultline.css\">\n</p>", &[]);
        assert_eq!(page, "<p>\n    <link rel=\"stylesheet\" href=\"./faultline-{build}.css\">\n</p>\n");
    }

    #[test]
    fn a_part_is_called_as_its_protocol() {
        assert_eq!(name_of(Path::new("page/split_two_phase_commit.wasm")), "two-phase-commit");
    }
}
