//! The page: served while it is being written, or built small into `dist/`.

use crate::process::{Done, command, root, run};
use crate::{node, parts, tools, wasm};
use std::ffi::OsString;
use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::Duration;

const PORT: u16 = 8080;

/// The options of `cargo xtask serve`.
pub(crate) struct Serve {
    open: bool,
    release: bool,
    port: Option<u16>,
}

impl Serve {
    pub(crate) fn parse(options: &[&str]) -> Done<Self> {
        let mut serve = Self { open: false, release: false, port: None };
        let mut options = options.iter();
        while let Some(option) = options.next() {
            match *option {
                "--open" => serve.open = true,
                "--release" => serve.release = true,
                "--port" => {
                    let number = options.next().and_then(|number| number.parse().ok());
                    serve.port = Some(number.ok_or("`--port` wants a number from 1 to 65535.")?);
                }
                other => {
                    return Err(format!("`serve` knows --open, --port N and --release, but not `{other}`."));
                }
            }
        }
        Ok(serve)
    }

    /// The wanted port, or else the first free one from 8080 on.
    fn free_port(&self) -> Done<u16> {
        let free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
        match self.port {
            Some(port) if free(&port) => Ok(port),
            Some(port) => Err(format!("Port {port} is taken; choose another one with `--port N`.")),
            None => (PORT..PORT + 100).find(free).ok_or_else(|| format!("No port from {PORT} on is free.")),
        }
    }
}

/// Builds and serves the page until it is interrupted, and builds it again on every change.
pub(crate) fn serve(options: &Serve) -> Done {
    let port = options.free_port()?;
    let path = tools_on_path(options.release)?;
    let (kind, takes) = if options.release { ("optimised", "two minutes") } else { ("quick", "one minute") };
    eprintln!("Building the {kind} page (the first time usually {takes}, later a few seconds).");
    announce(port);
    // A folder of its own keeps the unoptimised page out of `dist/`; the server wants an absolute address.
    let mut trunk = trunk("serve", path);
    trunk.args(["--public-url", "/", "--dist", "target/serve", "--port", &port.to_string()]);
    fs::create_dir_all(root().join("target")).map_err(|error| format!("target/ cannot be made: {error}."))?;
    if options.release {
        trunk.arg("--release");
    } else {
        // No browser reads Rust's debug information; with it, the wasm of a hundred protocols is seven times as large, and
        // wasm-bindgen reads all of it after every change.
        trunk.env("CARGO_PROFILE_DEV_DEBUG", "none");
    }
    if options.open {
        trunk.arg("--open");
    }
    run(&mut trunk)
}

/// Says the address as soon as the server answers, so that it is the last thing on the screen.
fn announce(port: u16) {
    thread::spawn(move || {
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            thread::sleep(Duration::from_millis(200));
        }
        eprintln!("\nFaultline is at http://localhost:{port}/ (Ctrl+C stops it).\n");
    });
}

/// Builds the optimised page into `dist/`, proves that it is optimised, and prints its sizes.
pub(crate) fn build(site: Option<&str>) -> Done {
    if let Some(site) = site.filter(|site| {
        !(site.starts_with("http") && site.ends_with('/') && !site.contains(['"', '<', '\'', '&', ' ']))
    }) {
        return Err(format!(
            "`{site}` is no address of a site; write for example `--site https://example.org/faultline/`."
        ));
    }
    tools::ensure_toolchain()?;
    node::ensure_node()?;
    let path = tools::path_with(&[tools::wasm_bindgen()?, tools::wasm_opt(), tools::esbuild()])?;
    eprintln!("Building the optimised page (the first time usually two to three minutes).");
    parts::build(&dist(), &path, site)?;
    wasm::check_optimised(&dist())?;
    wasm::print_sizes(&dist())?;
    wasm::check_sizes(&dist())
}

/// Where the page with the stage for the bench of frames lies.
pub(crate) const BENCH: &str = "target/frames";

/// Builds the optimised page with the stage for the bench of frames.
pub(crate) fn build_bench() -> Done {
    let path = tools_on_path(true)?;
    run(trunk("build", path).args(["--release", "--features", "bench", "--dist", BENCH]))
}

/// Where the optimised page lies that is not split.
pub(crate) const WHOLE: &str = "target/whole";

/// Builds the optimised page in one piece.
pub(crate) fn build_whole() -> Done {
    let path = tools_on_path(true)?;
    run(trunk("build", path).args(["--release", "--dist", WHOLE]))
}

/// Prints the sizes of the optimised page, which is built first when it is missing.
pub(crate) fn size() -> Done {
    if is_built() { wasm::print_sizes(&dist()) } else { build(None) }
}

pub(crate) fn dist() -> PathBuf {
    root().join("dist")
}

pub(crate) fn is_built() -> bool {
    dist().join("index.html").is_file()
}

/// Trunk with its tools first on PATH, and with the network forbidden: only then does it look for them there.
fn trunk(verb: &str, path: OsString) -> Command {
    let mut trunk = command("trunk", [verb, "--offline", "--skip-version-check"]);
    // Trunk takes the customary `NO_COLOR=1` for a fault in its options.
    trunk.env("PATH", path).env_remove("NO_COLOR");
    trunk
}

/// Only the optimised page needs wasm-opt, and with it Node: a quick page does without if they are missing.
fn tools_on_path(optimised: bool) -> Done<OsString> {
    tools::ensure_toolchain()?;
    let mut needed = vec![tools::trunk(), tools::wasm_bindgen()?];
    let ready = if optimised { node::ensure_node() } else { node::find_node() };
    match ready.and_then(|_| tools::wasm_opt().ensure()) {
        Ok(_) => needed.push(tools::wasm_opt()),
        Err(reason) if optimised => return Err(reason),
        Err(reason) => eprintln!("Going on without wasm-opt, which only the optimised page needs: {reason}"),
    }
    tools::path_with(&needed)
}
