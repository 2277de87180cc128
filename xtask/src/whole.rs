//! The page in one piece, in which nothing has still to arrive: quickly made for whoever writes it, or optimised, to be measured.

use crate::parts::{self, Form, PROGRAM, TARGET};
use crate::process::{Done, cargo, command, root, run, target_dir};
use crate::{node, tools};
use std::path::{Path, PathBuf};

/// What fetches the program.
const HEAD: &str = include_str!("../templates/whole.html");

/// How it is made.
#[derive(Clone, Copy)]
pub(crate) enum Make {
    /// In seconds after every change.
    Quick,
    /// As small and as fast as the one that people get, with these features of the program.
    Optimised(&'static [&'static str]),
}

/// Builds the page into a folder of its own. `more` stands in its head.
pub(crate) fn build(folder: &Path, make: Make, more: &str) -> Done {
    tools::ensure_toolchain()?;
    let work = target_dir().join("page");
    let program = compile(make)?;
    parts::bind(&program, &work, "whole")?;
    let bound = work.join("whole_bg.wasm");
    let program = match make {
        Make::Quick => parts::read(&bound)?,
        Make::Optimised(_) => {
            node::ensure_node()?;
            let mut wasm_opt = command("wasm-opt", [""; 0]);
            wasm_opt.env("PATH", tools::path_with(&[tools::wasm_opt()])?);
            parts::optimise(wasm_opt, &bound)?
        }
    };
    let index = parts::text(&root().join("index.html"))?;
    let bindings = parts::text(&work.join("whole.js"))?;
    let mut files = vec![
        ("faultline.wasm".to_owned(), program),
        ("faultline.js".to_owned(), bindings.into_bytes()),
        ("favicon.svg".to_owned(), parts::read(&root().join("static/favicon.svg"))?),
    ];
    files.extend(parts::sheets(&index)?.into_iter().map(|(name, style)| (name, style.into_bytes())));
    let form = Form { head: &format!("{HEAD}{more}"), poster: "", late: &[] };
    parts::fresh(folder)?;
    parts::put_together(folder, files, &parts::with_files(&index, &form), Vec::new())
}

fn compile(make: Make) -> Done<PathBuf> {
    let mut compile = cargo("build");
    compile.args(["--package", PROGRAM, "--bin", PROGRAM, "--target", TARGET]);
    let folder = match make {
        Make::Quick => {
            // No browser reads Rust's debug information; with it, the wasm of a hundred protocols is seven times as large, and
            // to bind it takes as much longer after every change.
            compile.env("CARGO_PROFILE_DEV_DEBUG", "none");
            "debug"
        }
        Make::Optimised(features) => {
            compile.arg("--release").arg(format!("--features={}", features.join(",")));
            "release"
        }
    };
    run(&mut compile)?;
    Ok(target_dir().join(TARGET).join(folder).join(PROGRAM).with_extension("wasm"))
}
