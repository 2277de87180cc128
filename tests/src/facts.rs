//! Facts: what the literature says of a protocol, and what came out here. The rows of a protocol stand in
//! `facts/SLUG.tsv`; each is written by the test that measures it, with `FAULTLINE_UPDATE=1`, and held to it at every other
//! time. `docs/literature.md` is these files, joined.

use crate::{find, folder, updates};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::io::Write as _;
use std::panic::Location;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

const COLUMNS: &str = "fact\twhat\tsource\texpected\tmeasured\ttest";

const HEAD: &str = "\
# What the literature says, and what came out

Each row is a fact of the literature about one of the protocols here, as a test measured it at the latest change; the test
fails when the row is no longer true. The command repeats the measurement. Where something else came out than the source says, the
row says why. [measure.md](measure.md) repeats some of them on the command line.

<!-- Joined from tests/facts/ by the tests: FAULTLINE_UPDATE=1 cargo test -p faultline-tests. -->
";

/// One fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its number in the literature.
    pub id: String,
    /// What is counted.
    pub what: String,
    /// Who says so.
    pub source: String,
    /// What they say.
    pub expected: String,
    /// What came out.
    pub measured: String,
    /// The test that measures it, as `cargo test` names it.
    pub test: String,
}

impl Row {
    fn cells(&self) -> [&str; 6] {
        [&self.id, &self.what, &self.source, &self.expected, &self.measured, &self.test].map(String::as_str)
    }

    /// `B4.10` comes after `B4.9`, both after `A7.1`.
    fn order(&self) -> (String, Vec<u32>, String) {
        let family: String = self.id.chars().take_while(char::is_ascii_alphabetic).collect();
        let numbers = self.id[family.len()..].split('.').filter_map(|number| number.parse().ok()).collect();
        (family, numbers, self.what.clone())
    }
}

/// What the tests of this process have done to the files. Only one test at a time reads or writes them.
#[derive(Default)]
struct Desk {
    /// Whose rows of earlier runs are gone, so that what a test states no longer is written no longer.
    cleared: BTreeSet<String>,
}

static DESK: Mutex<Desk> = Mutex::new(Desk { cleared: BTreeSet::new() });

fn desk() -> MutexGuard<'static, Desk> {
    DESK.lock().unwrap_or_else(PoisonError::into_inner)
}

/// States a fact about the protocol whose file the caller is in: its number in the literature, what is counted, who says
/// so, what they say, and what came out. Whether that is near enough is for the caller to assert.
///
/// With `FAULTLINE_STATED` set to a file, what was stated is noted there: `cargo xtask test` finds with it the rows that
/// nobody states any more.
///
/// # Panics
/// When the row that is kept says something else.
#[track_caller]
pub fn fact(id: &str, what: &str, source: &str, expected: impl Display, measured: impl Display) {
    let stem = Path::new(Location::caller().file()).file_stem().unwrap_or_default();
    let slug = stem.to_string_lossy().replace('_', "-");
    let thread = std::thread::current();
    let test = thread.name().unwrap_or_default();
    assert!(test.contains("::"), "a fact is stated in the thread of its test, and this is `{test}`");
    let cell = |cell: &dyn Display| {
        let cell = cell.to_string();
        assert!(!cell.contains(['\t', '\n']), "`{cell}` does not fit into a cell");
        cell
    };
    let row = Row {
        id: cell(&id),
        what: cell(&what),
        source: cell(&source),
        expected: cell(&expected),
        measured: cell(&measured),
        test: cell(&test),
    };

    let mut desk = desk();
    note(&slug, &row);
    let mut rows = read(&slug);
    let same = |known: &Row| (&known.id, &known.what) == (&row.id, &row.what);
    if updates() {
        let first = desk.cleared.insert(row.test.clone());
        rows.retain(|known| !(same(known) || first && known.test == row.test));
        rows.push(row);
        write(&slug, rows);
        join();
    } else {
        let kept = rows.iter().find(|known| same(known));
        assert_eq!(kept, Some(&row), "tests/facts/{slug}.tsv; FAULTLINE_UPDATE=1 writes the new row");
    }
}

fn note(slug: &str, row: &Row) {
    let Some(path) = std::env::var_os("FAULTLINE_STATED") else { return };
    let file = std::fs::OpenOptions::new().create(true).append(true).open(&path);
    let line = format!("{slug}\t{}\t{}\n", row.id, row.what);
    let noted = file.and_then(|mut file| file.write_all(line.as_bytes()));
    noted.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

fn path(slug: &str) -> PathBuf {
    folder().join("facts").join(format!("{slug}.tsv"))
}

/// The rows of a protocol, none where it has no file.
fn read(slug: &str) -> Vec<Row> {
    let file = std::fs::read_to_string(path(slug)).unwrap_or_default();
    let row = |line: &str| {
        let cells: Vec<String> = line.split('\t').map(str::to_owned).collect();
        let cells: [String; 6] =
            cells.try_into().unwrap_or_else(|_| panic!("{slug}.tsv: `{line}` is no row"));
        let [id, what, source, expected, measured, test] = cells;
        Row { id, what, source, expected, measured, test }
    };
    file.lines().filter(|line| *line != COLUMNS).map(row).collect()
}

fn write(slug: &str, mut rows: Vec<Row>) {
    rows.sort_by_key(Row::order);
    let lines = rows.iter().map(|row| row.cells().join("\t") + "\n");
    put(&path(slug), &(format!("{COLUMNS}\n") + &lines.collect::<String>()));
}

fn put(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap_or(path)).unwrap_or_else(|error| panic!("{error}"));
    std::fs::write(path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

fn every_file() -> BTreeMap<String, Vec<Row>> {
    let entries = std::fs::read_dir(folder().join("facts")).unwrap_or_else(|error| panic!("{error}"));
    let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let slug = |name: String| name.strip_suffix(".tsv").map(str::to_owned);
    let slugs =
        names.map(|name| slug(name.clone()).unwrap_or_else(|| panic!("tests/facts/{name} is no table")));
    slugs.map(|slug| (slug.clone(), read(&slug))).collect()
}

/// All rows, by the slugs of their protocols.
pub fn facts() -> BTreeMap<String, Vec<Row>> {
    let _alone = desk();
    every_file()
}

/// `docs/literature.md` as it is, and as it should be: all rows, a section a protocol. With `FAULTLINE_UPDATE=1` it becomes so.
///
/// # Panics
/// When it cannot be read.
pub fn literature() -> (String, String) {
    let _alone = desk();
    if updates() {
        join();
    }
    let path = document();
    let kept = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    (kept, joined())
}

fn document() -> PathBuf {
    folder().join("../docs/literature.md")
}

fn join() {
    put(&document(), &joined());
}

fn joined() -> String {
    let mut document = HEAD.to_owned();
    for (slug, rows) in every_file() {
        let title = find(&slug).map_or(slug.as_str(), |entry| entry.info.title);
        document += &format!(
            "\n## {title}\n\n| fact | what | source | expected | measured | cargo test -p faultline-tests --test all … |\n"
        );
        document += "|---|---|---|---|---|---|\n";
        for row in rows {
            let [id, what, source, expected, measured, test] = row.cells();
            document += &format!("| {id} | {what} | {source} | {expected} | {measured} | `{test}` |\n");
        }
    }
    document
}
