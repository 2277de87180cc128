//! The tools that make the page small, each in exactly one version and in a folder of its own.
//!
//! They live in the user's cache and not in the workspace, so all clones and branches share them. wasm-opt comes from npm, since
//! neither the distributions' package nor the one of the Rust registry reads what today's compiler writes; it and esbuild are
//! here and not among the packages of the browser tests, because the page must build without those.

use crate::node;
use crate::process::{Done, ask, command, find, run};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{env, fs};

const BINARYEN: &str = "132";
const ESBUILD: &str = "0.28.2";
const TARGET: &str = "wasm32-unknown-unknown";

/// A program of exactly one version, which npm unpacks.
pub(crate) struct Tool {
    package: &'static str,
    program: &'static str,
    version: &'static str,
}

/// Makes the wasm small.
pub(crate) fn wasm_opt() -> Tool {
    Tool { package: "binaryen", program: "wasm-opt", version: BINARYEN }
}

/// Makes JavaScript and style small.
pub(crate) fn esbuild() -> Tool {
    Tool { package: "esbuild", program: "esbuild", version: ESBUILD }
}

/// A PATH on which exactly these tools are found first, after installing those that are missing.
pub(crate) fn path_with(tools: &[Tool]) -> Done<OsString> {
    let mut folders = Vec::new();
    for tool in tools {
        folders.extend(tool.ensure()?);
    }
    folders.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
    env::join_paths(folders).map_err(|error| format!("The tools' folders do not fit on PATH: {error}."))
}

impl Tool {
    /// The folder to put on PATH, or nothing when the right version is there already.
    pub(crate) fn ensure(&self) -> Done<Option<PathBuf>> {
        if find(self.program).is_some_and(|program| self.is(program)) {
            return Ok(None);
        }
        let folder = cache()?.join(format!("{}-{}", self.package, self.version));
        let programs = folder.join("node_modules/.bin");
        let file = programs.join(self.file_name());
        if !self.is(file.clone()) {
            self.install(&folder)?;
        }
        if self.is(file) {
            return Ok(Some(programs));
        }
        Err(format!(
            "{} {} was installed into {} but does not answer; remove that folder and try again.",
            self.package,
            self.version,
            folder.display()
        ))
    }

    fn install(&self, folder: &Path) -> Done {
        let Self { package, version, .. } = self;
        let place = folder.display();
        node::ensure_node()?;
        eprintln!("Installing {package} {version} into {place} (once; usually a few seconds).");
        fs::create_dir_all(folder).map_err(|error| format!("{place} cannot be made: {error}."))?;
        let name = format!("{package}@{version}");
        node::npm(&["install", "--prefix", ".", "--no-save", &name], folder)
    }

    /// Whether this file is the tool in the right version.
    fn is(&self, file: PathBuf) -> bool {
        let said = file.is_file().then(|| ask(&mut command(file, ["--version"]))).flatten();
        said.is_some_and(|said| said.split_whitespace().any(|word| word == self.version))
    }

    fn file_name(&self) -> String {
        if cfg!(windows) { format!("{}.cmd", self.program) } else { self.program.to_owned() }
    }
}

/// Adds to the toolchain what `rust-toolchain.toml` asks for and what is missing.
///
/// rustup does this by itself on most machines, but not where automatic installation is switched off.
pub(crate) fn ensure_toolchain() -> Done {
    let sysroot = ask(&mut command("rustc", ["--print", "sysroot"]))
        .ok_or("`rustc` does not answer: install Rust with rustup and run the command again.")?;
    let sysroot = PathBuf::from(sysroot);
    let parts = ["cargo-fmt", "cargo-clippy"]
        .map(|name| sysroot.join("bin").join(name).with_extension(env::consts::EXE_EXTENSION));
    let target = sysroot.join("lib/rustlib").join(TARGET);
    if target.is_dir() && parts.iter().all(|part| part.is_file()) {
        return Ok(());
    }
    let Some(rustup) = find("rustup") else {
        return Err(format!(
            "This Rust lacks the target {TARGET}, rustfmt or clippy, and there is no rustup to add them."
        ));
    };
    eprintln!("Adding the target {TARGET}, rustfmt and clippy to the toolchain (usually half a minute).");
    // `cargo` sets RUSTUP_TOOLCHAIN for its children, and with it set rustup would not read the file.
    run(command(rustup, ["toolchain", "install", "--no-self-update"]).env_remove("RUSTUP_TOOLCHAIN"))
}

/// The folder of our tools inside the user's cache folder, wherever the system keeps that.
fn cache() -> Done<PathBuf> {
    let folder = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = folder("XDG_CACHE_HOME").or_else(|| match env::consts::OS {
        "windows" => folder("LOCALAPPDATA"),
        "macos" => Some(folder("HOME")?.join("Library/Caches")),
        _ => Some(folder("HOME")?.join(".cache")),
    });
    cache
        .map(|cache| cache.join("faultline-tools"))
        .ok_or_else(|| "There is no home folder to put tools into: set HOME.".to_owned())
}
