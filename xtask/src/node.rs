//! Node and npm: they run wasm-opt and esbuild, the probe and the browser tests.

use crate::packages::{self, Package};
use crate::process::{Done, ask, command, find, root, run};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The oldest major version that the driver of the browser tests runs on.
const OLDEST: u32 = 20;

const NODE: Package = Package {
    name: "Node and npm",
    recipes: &[
        ("apt-get", "install -y --no-install-recommends nodejs npm"),
        ("dnf", "install -y nodejs npm"),
        ("pacman", "-S --noconfirm --needed nodejs npm"),
        ("apk", "add nodejs npm"),
        ("zypper", "--non-interactive install nodejs npm"),
        ("brew", "install node"),
    ],
    takes: "one minute",
};

/// Node's program file, new enough, with npm beside it; or a sentence that says what to install.
pub(crate) fn find_node() -> Done<PathBuf> {
    let advice = format!("install Node {OLDEST} or newer, with npm, and run the command again");
    let (Some(node), Some(_)) = (find("node"), find("npm")) else {
        return Err(format!("Node or npm is missing: {advice}."));
    };
    let said = ask(&mut command(&node, ["--version"])).unwrap_or_default();
    let major = said.trim_start_matches('v').split('.').next().and_then(|number| number.parse::<u32>().ok());
    match major {
        Some(major) if major >= OLDEST => Ok(node),
        _ => Err(format!("Node is too old ({said}): {advice}.")),
    }
}

/// Node's program file; installs Node with the system's package manager when it is missing.
pub(crate) fn ensure_node() -> Done<PathBuf> {
    if find("node").is_some() && find("npm").is_some() {
        return find_node();
    }
    let attempt = packages::install(&NODE);
    find_node().map_err(|sentence| match attempt {
        Ok(()) => sentence,
        Err(reason) => format!("{sentence} ({reason})"),
    })
}

/// Runs npm without its advertisements.
pub(crate) fn npm(words: &[&str], folder: &Path) -> Done {
    let npm = find("npm").ok_or("npm is missing: install it with Node and run the command again.")?;
    let quiet = ["--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"];
    run(command(npm, words.iter().chain(&quiet)).current_dir(folder))
}

/// Installs the packages of the browser tests when they are missing or older than their lock file.
pub(crate) fn ensure_test_packages() -> Done {
    let folder = root().join("tests/browser");
    let changed = |name: &str| fs::metadata(folder.join(name)).and_then(|file| file.modified()).ok();
    // npm writes this file last, so a broken installation is noticed as well.
    let installed: Option<SystemTime> = changed("node_modules/.package-lock.json");
    if installed.is_some() && installed >= changed("package-lock.json") {
        return Ok(());
    }
    eprintln!("Installing the packages of the browser tests (usually a few seconds).");
    npm(&["ci"], &folder)
}
