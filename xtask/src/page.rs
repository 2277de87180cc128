//! The page, built small into `dist/`, and the pages that only benches want.

use crate::parts::For;
use crate::process::{Done, root};
use crate::whole::{self, Make};
use crate::{node, parts, tools, wasm};
use std::path::PathBuf;

/// Builds the optimised page into `dist/`, proves that it is optimised, and prints its sizes.
pub(crate) fn build(whom: For) -> Done {
    let is_address =
        |it: &str| it.starts_with("http") && it.ends_with('/') && !it.contains(['"', '<', '\'', '&', ' ']);
    if let For::Site(site) = whom
        && !is_address(site)
    {
        return Err(format!(
            "`{site}` is no address of a site; write for example `--site https://example.org/faultline/`."
        ));
    }
    tools::ensure_toolchain()?;
    node::ensure_node()?;
    let path = tools::path_with(&[tools::wasm_opt(), tools::esbuild()])?;
    eprintln!("Building the optimised page (the first time usually two to three minutes).");
    parts::build(&dist(), &path, whom)?;
    wasm::check_optimised(&dist())?;
    wasm::print_sizes(&dist())?;
    wasm::check_sizes(&dist())
}

/// Where the page with the stage for the bench of frames lies.
pub(crate) const BENCH: &str = "target/frames";

/// Builds the optimised page with the stage for the bench of frames.
pub(crate) fn build_bench() -> Done {
    whole::build(&root().join(BENCH), Make::Optimised(&["bench"]), "")
}

/// Where the optimised page lies that is not split.
pub(crate) const WHOLE: &str = "target/whole";

/// Builds the optimised page in one piece.
pub(crate) fn build_whole() -> Done {
    whole::build(&root().join(WHOLE), Make::Optimised(&[]), "")
}

/// Prints the sizes of the optimised page, which is built first when it is missing.
pub(crate) fn size() -> Done {
    if is_built() { wasm::print_sizes(&dist()) } else { build(For::Here) }
}

pub(crate) fn dist() -> PathBuf {
    root().join("dist")
}

pub(crate) fn is_built() -> bool {
    dist().join("index.html").is_file()
}
