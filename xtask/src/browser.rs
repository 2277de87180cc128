//! Finding a Chrome or a Chromium for the browser tests, or installing one.

use crate::packages::{self, Package};
use crate::process::{Done, ask, command, find};
use std::env;
use std::path::PathBuf;

/// Names a browser when it lies in an unusual place, or when a certain one is wanted.
pub(crate) const VARIABLE: &str = "FAULTLINE_CHROME";

const NAMES: [&str; 6] =
    ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome", "microsoft-edge"];

/// Browsers without windows.
const WINDOWLESS: [&str; 2] = ["chromium-headless-shell", "chrome-headless-shell"];

/// Usual places, the first word being a variable of the environment.
const PLACES: [(&str, &str); 9] = [
    ("", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
    ("", "/Applications/Chromium.app/Contents/MacOS/Chromium"),
    ("HOME", "Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
    ("HOME", "Applications/Chromium.app/Contents/MacOS/Chromium"),
    ("", "/snap/bin/chromium"),
    ("PROGRAMFILES", r"Google\Chrome\Application\chrome.exe"),
    ("PROGRAMFILES(X86)", r"Google\Chrome\Application\chrome.exe"),
    ("LOCALAPPDATA", r"Google\Chrome\Application\chrome.exe"),
    ("PROGRAMFILES(X86)", r"Microsoft\Edge\Application\msedge.exe"),
];

const CHROMIUM: Package = Package {
    name: "Chromium",
    recipes: &[
        ("apt-get", "install -y --no-install-recommends chromium"),
        // Ubuntu has it by this name only, and brings it as a snap.
        ("apt-get", "install -y --no-install-recommends chromium-browser"),
        ("dnf", "install -y chromium"),
        ("pacman", "-S --noconfirm --needed chromium"),
        ("apk", "add chromium font-dejavu"),
        ("zypper", "--non-interactive install chromium"),
        ("brew", "install --cask google-chrome"),
    ],
    takes: "one minute",
};

/// A browser's program file; installs Chromium when there is none.
pub(crate) fn ensure() -> Done<PathBuf> {
    if let Some(wanted) = env::var_os(VARIABLE).filter(|value| !value.is_empty()) {
        let file = PathBuf::from(wanted);
        return if starts(&file) {
            Ok(file)
        } else {
            Err(format!("{VARIABLE} names {}, which is not a browser that starts.", file.display()))
        };
    }
    if let Some(file) = search() {
        return Ok(file);
    }
    let attempt = packages::install(&CHROMIUM);
    search().ok_or_else(|| {
        let reason = attempt.err().unwrap_or_else(|| "what was installed does not start".to_owned());
        let advice = format!("install one, or name its program in {VARIABLE}");
        format!("The browser tests need Chrome or Chromium: {advice} ({reason}).")
    })
}

/// The program file of a browser without windows, which opens a page with half the work; any other where there is none.
pub(crate) fn ensure_windowless() -> Done<PathBuf> {
    let named = env::var_os(VARIABLE).is_some_and(|value| !value.is_empty());
    let windowless = || WINDOWLESS.iter().filter_map(|name| find(name)).find(starts);
    if named { ensure() } else { windowless().map_or_else(ensure, Ok) }
}

fn search() -> Option<PathBuf> {
    let on_path = NAMES.iter().filter_map(|name| find(name));
    let elsewhere = PLACES.iter().filter_map(|(variable, place)| match *variable {
        "" => Some(PathBuf::from(place)),
        _ => env::var_os(variable).map(|folder| PathBuf::from(folder).join(place)),
    });
    on_path.chain(elsewhere).find(starts)
}

/// Some systems have a `chromium-browser` that only says how to install one, so a name alone proves little.
fn starts(file: &PathBuf) -> bool {
    // On Windows a browser that is asked its version opens a window and says nothing.
    file.is_file() && (cfg!(windows) || ask(&mut command(file, ["--version"])).is_some())
}
