//! What each family costs in wasm: the core's probe, optimised as the page is, with and without its line in the list.
//!
//! The probe stands for the page, which knows no protocol; it takes half the time.

use crate::process::{Done, cargo, command, root, run, target_dir};
use crate::{node, tools, wasm};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

/// Prints a table of all entries, or of those families that are named. The list is written and written back.
pub(crate) fn table(names: &[&str]) -> Done {
    let catalogue = root().join("core/protocols/all/src/lib.rs");
    let text = fs::read_to_string(&catalogue).map_err(|error| format!("The list of families: {error}."))?;
    let write =
        |text: &str| fs::write(&catalogue, text).map_err(|error| format!("The list of families: {error}."));
    node::ensure_node()?;
    let whole = probe()?;
    println!("{:<12}{:>10}{:>10}{:>10}{:>10}{:>8}", "", "code", "gzipped", "data", "gzipped", "build");
    println!("{:<12}{}", "all", row(whole, ([0; 4], Duration::ZERO)));
    for line in text.lines().filter(|line| line.trim_end().ends_with("::ENTRIES,")) {
        let name = line.trim_start().split("::").next().unwrap_or_default();
        if names.is_empty() || names.contains(&name) {
            write(&text.replace(&format!("{line}\n"), ""))?;
            let without = probe();
            write(&text)?;
            println!("{name:<12}{}", row(whole, without?));
        }
    }
    Ok(())
}

/// The sizes of the probe: its code and its data, each plain and gzipped, and the time that it took to compile.
type Sizes = ([usize; 4], Duration);

fn row((with, long): Sizes, (without, short): Sizes) -> String {
    let size = |place: usize| format!("{:>10}", with[place].saturating_sub(without[place]));
    let seconds = long.as_secs_f64() - short.as_secs_f64();
    format!("{}{}{}{}{seconds:>6.1} s", size(0), size(1), size(2), size(3))
}

fn probe() -> Done<Sizes> {
    let start = Instant::now();
    run(&mut cargo("build --quiet --release -p faultline-probe --lib --target wasm32-unknown-unknown"))?;
    let (took, folder) = (start.elapsed(), target_dir().join("wasm32-unknown-unknown/release"));
    let optimised = folder.join("probe-optimised.wasm");
    let mut wasm_opt = command("wasm-opt", ["-Oz", "--low-memory-unused", "--all-features", "-o"]);
    wasm_opt.env("PATH", tools::path_with(&[tools::wasm_opt()])?);
    run(wasm_opt.arg(&optimised).arg(folder.join("faultline_probe.wasm")))?;
    let [code, data] = [10, 11].map(|kind| wasm::section_sizes(Path::new(&optimised), kind));
    let ((code, small), (data, tiny)) = (code?, data?);
    Ok(([code, small, data, tiny], took))
}
