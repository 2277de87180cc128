//! `cargo xtask serve`: builds the page, serves it, and builds it again after every change. Pages that are open load again by
//! themselves.

use crate::process::{Done, command, root, run_quietly, target_dir};
use crate::whole::{self, Make};
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

const PORT: u16 = 8080;
/// What the page is made of; `Trunk.toml` has the same list.
const WATCHED: [&str; 5] = ["core", "web", "static", "index.html", "Cargo.toml"];
/// How often it is looked whether something has changed.
const PAUSE: Duration = Duration::from_millis(300);
/// How long a page that is open waits for an answer before it asks again.
const PATIENCE: Duration = Duration::from_secs(30);
/// Has a page that is open load again once there is another one.
const AGAIN: &str = include_str!("../templates/again.html");

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

    /// Listens at the wanted port, or else at the first free one from 8080 on.
    fn listen(&self) -> Done<TcpListener> {
        let at = |port: u16| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok();
        match self.port {
            Some(port) => {
                at(port).ok_or_else(|| format!("Port {port} is taken; choose another one with `--port N`."))
            }
            None => (PORT..PORT + 100).find_map(at).ok_or_else(|| format!("No port from {PORT} on is free.")),
        }
    }
}

/// How many pages were built, for those who wait for the next one.
#[derive(Default)]
struct Built {
    count: Mutex<u64>,
    another: Condvar,
}

/// Builds and serves the page until it is interrupted, and builds it again on every change.
pub(crate) fn serve(options: &Serve) -> Done {
    let (kind, takes, make) = match options.release {
        true => ("optimised", "three minutes", Make::Optimised(&[])),
        false => ("quick", "one to two minutes", Make::Quick),
    };
    let listener = options.listen()?;
    let port = listener.local_addr().map_err(|error| format!("The server has no address: {error}."))?.port();
    eprintln!("Building the {kind} page (the first time usually {takes}, later a few seconds).");
    // A folder of its own keeps the unoptimised page out of `dist/`.
    let folder = target_dir().join("serve");
    let mut seen = stamps();
    whole::build(&folder, make, AGAIN)?;
    let address = format!("http://localhost:{port}/");
    eprintln!("\nFaultline is at {address} (Ctrl+C stops it).\n");
    if options.open && opener(&address).is_none_or(|mut opener| run_quietly(&mut opener).is_err()) {
        eprintln!("No browser could be started here: open the address yourself.");
    }
    let built = Arc::new(Built::default());
    let (serving, told) = (folder.clone(), Arc::clone(&built));
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (folder, built) = (serving.clone(), Arc::clone(&told));
            // A browser that goes away in the middle of an answer does not matter.
            thread::spawn(move || _ = answer(&stream, &folder, &built));
        }
    });
    loop {
        thread::sleep(PAUSE);
        let now = stamps();
        if now == seen {
            continue;
        }
        seen = now;
        let begun = Instant::now();
        // What does not compile has been said by the compiler; the page stays as it was.
        if let Err(sentence) = whole::build(&folder, make, AGAIN) {
            eprintln!("{sentence}");
            continue;
        }
        eprintln!("Built again in {:.1} s.", begun.elapsed().as_secs_f32());
        *built.count.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        built.another.notify_all();
    }
}

/// When each file that the page is made of was changed last.
fn stamps() -> BTreeMap<PathBuf, SystemTime> {
    let mut stamps = BTreeMap::new();
    let mut left: Vec<PathBuf> = WATCHED.iter().map(|name| root().join(name)).collect();
    while let Some(path) = left.pop() {
        match fs::read_dir(&path) {
            Ok(entries) => left.extend(entries.flatten().map(|entry| entry.path())),
            Err(_) => {
                if let Ok(changed) = path.metadata().and_then(|it| it.modified()) {
                    stamps.insert(path, changed);
                }
            }
        }
    }
    stamps
}

/// What opens an address in a browser here.
fn opener(address: &str) -> Option<std::process::Command> {
    let words: &[&str] = match () {
        () if cfg!(windows) => &["cmd", "/c", "start", ""],
        () if cfg!(target_os = "macos") => &["open"],
        () => &["xdg-open"],
    };
    let (program, words) = words.split_first()?;
    Some(command(program, words.iter().copied().chain([address])))
}

/// Answers one request.
fn answer(stream: &TcpStream, folder: &Path, built: &Built) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    lines.by_ref().map_while(Result::ok).find(String::is_empty);
    let asked = first.split(' ').nth(1).unwrap_or("/").split('?').next().unwrap_or("/");
    if asked == "/another" {
        let count = built.count.lock().unwrap_or_else(PoisonError::into_inner);
        let before = *count;
        let (count, _) = built
            .another
            .wait_timeout_while(count, PATIENCE, |count| *count == before)
            .unwrap_or_else(PoisonError::into_inner);
        let answer = if *count == before { "no" } else { "yes" };
        return send(stream, "200 OK", "text/plain", answer.as_bytes());
    }
    let name = if asked == "/" { "index.html" } else { asked.trim_start_matches('/') };
    // All files lie in the folder itself, so no name leads out of it.
    match fs::read(folder.join(Path::new(name).file_name().unwrap_or_default())) {
        Ok(bytes) => send(stream, "200 OK", kind(name), &bytes),
        Err(_) => send(stream, "404 Not Found", "text/plain", b"There is no such file."),
    }
}

fn send(mut stream: &TcpStream, status: &str, kind: &str, bytes: &[u8]) -> std::io::Result<()> {
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nCache-Control: no-cache\r\nConnection: close\r\n\r\n",
        bytes.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(bytes)
}

/// What kind of file this is, as a browser wants to know it.
fn kind(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("wasm") => "application/wasm",
        Some("json" | "webmanifest") => "application/json",
        _ => "application/octet-stream",
    }
}
