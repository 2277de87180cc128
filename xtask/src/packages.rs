//! Asking the system's package manager for what only the system can provide: a browser, and Node.

use crate::process::{Done, ask, command, find, run};

/// Something that every package manager has under a name of its own.
pub(crate) struct Package {
    /// What a person calls it.
    pub(crate) name: &'static str,
    /// Package managers, each with the words that install it.
    pub(crate) recipes: &'static [(&'static str, &'static str)],
    /// How long it usually takes.
    pub(crate) takes: &'static str,
}

/// Installs a package by the first recipe that works here; otherwise says why the last one did not.
pub(crate) fn install(package: &Package) -> Done {
    let mut result = Err(format!("no package manager that could install {} was found", package.name));
    for (manager, words) in package.recipes {
        if let Some(program) = find(manager) {
            result = install_with(package, manager, &program.to_string_lossy(), words);
            if result.is_ok() {
                break;
            }
        }
    }
    result
}

/// Asks for no password: whoever would have to type one is told what to install instead.
fn install_with(Package { name, takes, .. }: &Package, manager: &str, program: &str, words: &str) -> Done {
    // Homebrew refuses to run as root; all the others demand it.
    let prefix = match () {
        () if manager == "brew" || is_root() => "",
        () if may_sudo() => "sudo -n ",
        () => return Err(format!("{manager} needs a password to install {name}")),
    };
    eprintln!("Installing {name} with {manager} (usually {takes}).");
    let line = |words: &str| {
        let mut all = prefix.split_whitespace().chain([program]).chain(words.split(' '));
        command(all.next().unwrap_or(program), all)
    };
    if manager == "apt-get" {
        // A new machine has no package lists at all; old lists that cannot be refreshed may still do.
        let _ = run(&mut line("update"));
    }
    run(line(words).env("DEBIAN_FRONTEND", "noninteractive"))
        .map_err(|sentence| sentence.trim_end_matches('.').to_owned())
}

fn is_root() -> bool {
    ask(&mut command("id", ["-u"])).is_some_and(|user| user == "0")
}

fn may_sudo() -> bool {
    ask(&mut command("sudo", ["-n", "true"])).is_some()
}
