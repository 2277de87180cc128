//! Asking the system's package manager for what only the system can provide: a browser, and Node.

use crate::process::{Done, ask, command, find, run};

/// Something that every package manager has under a name of its own.
pub(crate) struct Package {
    /// What a person calls it.
    pub(crate) name: &'static str,
    /// Package managers and the words that install it, with the newest names first.
    pub(crate) recipes: &'static [(&'static str, &'static str)],
    /// How long it usually takes.
    pub(crate) takes: &'static str,
}

/// Installs a package with the first package manager that is here.
///
/// It asks for no password: whoever would have to type one is told what to install instead.
pub(crate) fn install(package: &Package) -> Done {
    let Package { name, takes, .. } = package;
    let found = package.recipes.iter().find_map(|(manager, words)| Some((*manager, find(manager)?, words)));
    let Some((manager, program, words)) = found else {
        return Err(format!("no package manager that could install {name} was found"));
    };
    // Homebrew refuses to run as root; all the others demand it.
    let prefix: &[&str] = match () {
        () if manager == "brew" || is_root() => &[],
        () if may_sudo() => &["sudo", "-n"],
        () => return Err(format!("{manager} needs a password to install {name}")),
    };
    eprintln!("Installing {name} with {manager} (usually {takes}).");
    let program = program.to_string_lossy();
    let line = |words: &str| {
        let all: Vec<&str> =
            prefix.iter().copied().chain([program.as_ref()]).chain(words.split(' ')).collect();
        command(all[0], &all[1..])
    };
    if manager == "apt-get" {
        // A new machine has no package lists at all; old lists that cannot be refreshed may still do.
        let _ = run(&mut line("update"));
    }
    run(line(words).env("DEBIAN_FRONTEND", "noninteractive"))
}

fn is_root() -> bool {
    ask(&mut command("id", ["-u"])).is_some_and(|user| user == "0")
}

fn may_sudo() -> bool {
    ask(&mut command("sudo", ["-n", "true"])).is_some()
}
