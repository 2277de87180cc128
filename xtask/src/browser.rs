//! Finding the browsers of the tests, or installing them.

use crate::packages::{self, Package};
use crate::process::{Done, ask, command, find};
use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

/// A browser that tests drive.
pub(crate) struct Browser {
    /// The variable that names it where it lies in an unusual place, or where a certain one is wanted.
    pub(crate) variable: &'static str,
    /// What its program is called.
    names: &'static [&'static str],
    /// Where else it usually is, the first word being a variable of the environment.
    places: &'static [(&'static str, &'static str)],
    package: Package,
}

/// Chrome, Chromium, or what is made of it.
pub(crate) const CHROMIUM: Browser = Browser {
    variable: "FAULTLINE_CHROME",
    names: &[
        "chromium",
        "chromium-browser",
        "google-chrome-stable",
        "google-chrome",
        "chrome",
        "microsoft-edge",
    ],
    places: &[
        ("", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
        ("", "/Applications/Chromium.app/Contents/MacOS/Chromium"),
        ("HOME", "Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
        ("HOME", "Applications/Chromium.app/Contents/MacOS/Chromium"),
        ("", "/snap/bin/chromium"),
        ("PROGRAMFILES", r"Google\Chrome\Application\chrome.exe"),
        ("PROGRAMFILES(X86)", r"Google\Chrome\Application\chrome.exe"),
        ("LOCALAPPDATA", r"Google\Chrome\Application\chrome.exe"),
        ("PROGRAMFILES(X86)", r"Microsoft\Edge\Application\msedge.exe"),
    ],
    package: Package {
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
    },
};

/// Firefox.
pub(crate) const FIREFOX: Browser = Browser {
    variable: "FAULTLINE_FIREFOX",
    names: &["firefox-esr", "firefox"],
    places: &[
        ("", "/Applications/Firefox.app/Contents/MacOS/firefox"),
        ("HOME", "Applications/Firefox.app/Contents/MacOS/firefox"),
        ("PROGRAMFILES", r"Mozilla Firefox\firefox.exe"),
    ],
    package: Package {
        name: "Firefox",
        recipes: &[
            ("apt-get", "install -y --no-install-recommends firefox-esr"),
            ("dnf", "install -y firefox"),
            ("pacman", "-S --noconfirm --needed firefox"),
            ("apk", "add firefox-esr font-dejavu"),
            ("zypper", "--non-interactive install MozillaFirefox"),
            ("brew", "install --cask firefox"),
        ],
        takes: "one minute",
    },
};

/// Browsers without windows.
const WINDOWLESS: [&str; 2] = ["chromium-headless-shell", "chrome-headless-shell"];

impl Browser {
    /// Its program file; installs it when there is none.
    pub(crate) fn ensure(&self) -> Done<PathBuf> {
        let Browser { variable, package, .. } = self;
        if let Some(wanted) = self.named() {
            let file = PathBuf::from(wanted);
            return if starts(&file) {
                Ok(file)
            } else {
                Err(format!("{variable} names {}, which is not a browser that starts.", file.display()))
            };
        }
        if let Some(file) = self.search() {
            return Ok(file);
        }
        let attempt = packages::install(package);
        self.search().ok_or_else(|| {
            let reason = attempt.err().unwrap_or_else(|| "what was installed does not start".to_owned());
            let advice = format!("install it, or name its program in {variable}");
            format!("These tests need {}: {advice} ({reason}).", package.name)
        })
    }

    fn named(&self) -> Option<OsString> {
        env::var_os(self.variable).filter(|value| !value.is_empty())
    }

    fn search(&self) -> Option<PathBuf> {
        let on_path = self.names.iter().filter_map(|name| find(name));
        let elsewhere = self.places.iter().filter_map(|(variable, place)| match *variable {
            "" => Some(PathBuf::from(place)),
            _ => env::var_os(variable).map(|folder| PathBuf::from(folder).join(place)),
        });
        on_path.chain(elsewhere).find(starts)
    }
}

/// The program file of a Chromium without windows, which opens a page with half the work; any other where there is none.
pub(crate) fn ensure_windowless() -> Done<PathBuf> {
    let windowless = || WINDOWLESS.iter().filter_map(|name| find(name)).find(starts);
    let unnamed = CHROMIUM.named().is_none();
    unnamed.then(windowless).flatten().map_or_else(|| CHROMIUM.ensure(), Ok)
}

/// Some systems have a `chromium-browser` that only says how to install one, so a name alone proves little.
fn starts(file: &PathBuf) -> bool {
    // On Windows a browser that is asked its version opens a window and says nothing.
    file.is_file() && (cfg!(windows) || ask(&mut command(file, ["--version"])).is_some())
}
