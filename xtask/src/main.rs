//! `cargo xtask`: every command that a developer of Faultline needs, set-up included.
//!
//! It uses the standard library only, so that the first command on a new machine starts within seconds,
//! and it works wherever cargo does, without make, just or a shell.

mod browser;
mod imports;
mod new;
mod node;
mod packages;
mod page;
mod parts;
mod pieces;
mod probe;
mod process;
mod serve;
mod test;
mod tools;
mod unit;
mod wasm;
mod whole;

use parts::For;
use process::Done;
use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask serve [--open] [--port N] [--release]   build the page, serve it, rebuild it on every change
cargo xtask build [--site ADDRESS]                  the optimised page, into dist/; where it will be, for previews of links
cargo xtask test [--only STEP,STEP…] [WORD…]        everything; or only some of the steps
                                                    fmt, lint, unit, trace, page, browser, firefox;
                                                    --only unit: WORD picks the tests whose names hold it,
                                                    a slug all trials and facts of its protocol;
                                                    --only browser: WORD picks the files whose names hold it
cargo xtask new FAMILY SLUG                         a protocol to start from, which compiles, runs and has tests
cargo xtask size                                    the sizes of the files of the optimised page
cargo xtask bench                                   events per second, natively and in wasm
cargo xtask bench --only frames                     what a frame of the page costs, in a real browser
cargo xtask bench --only tasks                      the longest tasks of the page in dist/, in a real browser
cargo xtask bench --only first                      what a first visit of the page in dist/ costs, on a slow line
cargo xtask bench --only split                      how fast the page in dist/ is beside one that is not split
cargo xtask pictures [WORD…]                        pictures of the page in dist/ to look at, into target/pictures/
                                                    WORD picks those whose names hold it; #/SLUG is that run's
cargo xtask bench --only search                       states per second of the checker, beside stateright's
cargo xtask strings [--count|--headless]            everything that people read, with its kind and place; or how
                                                    much there is of each kind; or what begins without a noun
cargo xtask fuzz [CASES]                            bad input of every sort, a million cases each
cargo xtask soak [ACTS]                             random acts on the page in dist/, so many on each protocol
cargo xtask probe native|wasm COMMAND < INPUT       the core without a page: natively, or as wasm under Node
";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match dispatch(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            // A command that has said everything already fails without another word.
            if !sentence.is_empty() {
                eprintln!("{sentence}");
            }
            ExitCode::FAILURE
        }
    }
}

fn dispatch(words: &[&str]) -> Done {
    match words {
        ["serve", options @ ..] => serve::serve(&serve::Serve::parse(options)?),
        ["build"] => page::build(For::Here),
        ["build", "--site", site] => page::build(For::Site(site)),
        ["test", options @ ..] => test::run(options),
        ["new", family, slug] => new::skeleton(family, slug),
        ["size"] => page::size(),
        ["bench"] => probe::bench(),
        ["bench", "--only", "frames"] => test::frames(),
        ["bench", "--only", "tasks"] => test::tasks(),
        ["bench", "--only", "first"] => test::first(),
        ["bench", "--only", "split"] => test::split(),
        ["pictures", words @ ..] => test::pictures(words),
        ["bench", "--only", "search"] => test::bench_search(),
        ["strings", options @ ..] => {
            process::run(process::cargo("run --quiet -p faultline-strings --").args(options))
        }
        ["fuzz"] => test::fuzz("1000000"),
        ["fuzz", cases] => test::fuzz(cases),
        ["soak"] => test::soak("1000"),
        ["soak", acts] => test::soak(acts),
        ["probe", "native", command] => probe::native(command),
        ["probe", "wasm", command] => probe::wasm(command),
        [] | ["help" | "--help" | "-h"] => {
            print!("{USAGE}");
            Ok(())
        }
        _ => Err(format!("`cargo xtask {}` is not a command. These are:\n\n{USAGE}", words.join(" "))),
    }
}
