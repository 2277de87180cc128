//! Running other programs; every failure becomes one sentence.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// What every command of this crate returns: the error is a sentence that a person can act on.
pub(crate) type Done<T = ()> = Result<T, String>;

/// The folder of the workspace.
pub(crate) fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}

/// The folder into which cargo compiles.
pub(crate) fn target_dir() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// A command that will run at the root of the workspace.
pub(crate) fn command<I, S>(program: impl AsRef<OsStr>, arguments: I) -> Command
where
    I: IntoIterator<Item = S>,
    S: AsRef<OsStr>,
{
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root());
    command
}

/// The cargo that started this program; its toolchain is the one of `rust-toolchain.toml`.
pub(crate) fn cargo(arguments: &str) -> Command {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    command(cargo, arguments.split_whitespace())
}

/// Runs a command whose output goes straight to the terminal.
pub(crate) fn run(command: &mut Command) -> Done {
    let status = command.status().map_err(|error| not_started(command, &error))?;
    if status.success() { Ok(()) } else { Err(format!("`{}` failed: {status}.", line(command))) }
}

/// Runs a command whose output matters only when it fails.
pub(crate) fn run_quietly(command: &mut Command) -> Done {
    let Output { status, stderr, .. } = command.output().map_err(|error| not_started(command, &error))?;
    if status.success() {
        return Ok(());
    }
    Err(format!("`{}` failed: {status}.\n{}", line(command), String::from_utf8_lossy(&stderr)))
}

/// Runs a command and returns what it wrote to its standard output, to the byte.
pub(crate) fn capture(command: &mut Command) -> Done<Vec<u8>> {
    command.stderr(Stdio::inherit());
    let Output { status, stdout, .. } = command.output().map_err(|error| not_started(command, &error))?;
    if status.success() { Ok(stdout) } else { Err(format!("`{}` failed: {status}.", line(command))) }
}

/// What a command says when all is well with it, otherwise nothing: for asking a program its version.
pub(crate) fn ask(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The file of a program on PATH.
///
/// On Windows the full name is needed, because npm is a script there and is not found by its bare name.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let endings: &[&str] = if cfg!(windows) { &[".exe", ".cmd", ".bat"] } else { &[""] };
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .flat_map(|folder| endings.iter().map(move |ending| folder.join(format!("{program}{ending}"))))
        .find(|file| file.is_file())
}

fn not_started(command: &Command, error: &std::io::Error) -> String {
    format!("`{}` could not be started: {error}.", line(command))
}

/// The command as a person would type it, near enough to be recognised.
fn line(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_stem().unwrap_or_default();
    let words: Vec<_> =
        std::iter::once(program).chain(command.get_args()).map(OsStr::to_string_lossy).collect();
    words.join(" ")
}
