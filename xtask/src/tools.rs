//! The tools that build the page, each in exactly one version and in a folder of its own.
//!
//! They live in the user's cache and not in the workspace: they take minutes to compile, and all clones
//! and branches share them. wasm-opt comes from npm, since neither the distributions' package nor the one
//! of the Rust registry reads what today's compiler writes; it and esbuild are here and not among the packages of the
//! browser tests, because the page must build without those.

use crate::node;
use crate::process::{Done, ask, cargo, command, find, root, run};
use std::ffi::OsString;
use std::path::PathBuf;
use std::{env, fs};

const TRUNK: &str = "0.21.14";
const BINARYEN: &str = "132";
const ESBUILD: &str = "0.28.2";
const TARGET: &str = "wasm32-unknown-unknown";

/// A program of exactly one version.
pub(crate) struct Tool {
    package: &'static str,
    program: &'static str,
    version: String,
    from: Source,
}

enum Source {
    /// Compiled by cargo at this level of optimisation, on two cores in about this time.
    Cargo { takes: &'static str, level: &'static str },
    /// Unpacked by npm.
    Npm,
}

/// Builds and serves the page.
pub(crate) fn trunk() -> Tool {
    let from = Source::Cargo { takes: "two to three minutes", level: "0" };
    Tool { package: "trunk", program: "trunk", version: TRUNK.to_owned(), from }
}

/// Joins wasm and JavaScript. Its version is read from the lock file, because it must be the library's.
pub(crate) fn wasm_bindgen() -> Done<Tool> {
    let version = locked_version("wasm-bindgen")?;
    let from = Source::Cargo { takes: "two minutes", level: "1" };
    Ok(Tool { package: "wasm-bindgen-cli", program: "wasm-bindgen", version, from })
}

/// Makes the wasm small.
pub(crate) fn wasm_opt() -> Tool {
    Tool { package: "binaryen", program: "wasm-opt", version: BINARYEN.to_owned(), from: Source::Npm }
}

/// Makes JavaScript and style small.
pub(crate) fn esbuild() -> Tool {
    Tool { package: "esbuild", program: "esbuild", version: ESBUILD.to_owned(), from: Source::Npm }
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
        let programs = folder.join(match self.from {
            Source::Cargo { .. } => "bin",
            Source::Npm => "node_modules/.bin",
        });
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

    fn install(&self, folder: &PathBuf) -> Done {
        let Self { package, version, .. } = self;
        let place = folder.display();
        match self.from {
            Source::Cargo { takes, level } => {
                eprintln!("Compiling {package} {version} into {place} (once; usually {takes}).");
                let install = format!("install --debug --locked {package} --version {version} --root");
                // Without debug information and with little optimisation a tool compiles in a fraction of the time.
                // Without any, wasm-bindgen takes four times as long after every change of the page. The build
                // folder is a temporary one: it is not needed again.
                let mut install = cargo(&install);
                install.arg(folder).env("CARGO_PROFILE_DEV_DEBUG", "0").env_remove("CARGO_TARGET_DIR");
                run(install.env("CARGO_PROFILE_DEV_OPT_LEVEL", level))
            }
            Source::Npm => {
                node::ensure_node()?;
                eprintln!("Installing {package} {version} into {place} (once; usually a few seconds).");
                fs::create_dir_all(folder).map_err(|error| format!("{place} cannot be made: {error}."))?;
                let name = format!("{package}@{version}");
                node::npm(&["install", "--prefix", ".", "--no-save", &name], folder)
            }
        }
    }

    /// Whether this file is the tool in the right version.
    fn is(&self, file: PathBuf) -> bool {
        let said = file.is_file().then(|| ask(&mut command(file, ["--version"]))).flatten();
        said.is_some_and(|said| said.split_whitespace().any(|word| word == self.version))
    }

    fn file_name(&self) -> String {
        match self.from {
            _ if !cfg!(windows) => self.program.to_owned(),
            Source::Cargo { .. } => format!("{}.exe", self.program),
            Source::Npm => format!("{}.cmd", self.program),
        }
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

/// The version of a package in `Cargo.lock`.
fn locked_version(package: &str) -> Done<String> {
    let lock = fs::read_to_string(root().join("Cargo.lock"))
        .map_err(|error| format!("Cargo.lock cannot be read: {error}."))?;
    version_in(&lock, package).ok_or_else(|| format!("Cargo.lock names no package {package}."))
}

fn version_in(lock: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    Some(lines.nth(1)?.strip_prefix("version = \"")?.strip_suffix('"')?.to_owned())
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

#[cfg(test)]
mod tests {
    use super::version_in;

    #[test]
    fn a_locked_version_is_that_of_the_whole_name() {
        let lock = "[[package]]\nname = \"wasm-bindgen-futures\"\nversion = \"0.4.79\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.129\"\n";
        assert_eq!(version_in(lock, "wasm-bindgen").as_deref(), Some("0.2.129"));
        assert_eq!(version_in(lock, "wasm"), None);
    }
}
