//! `cargo xtask new FAMILY SLUG`: a protocol that compiles, runs and passes its tests, to be turned into the one that is meant.

use crate::process::{Done, cargo, root, run};
use std::fs;
use std::path::Path;

const PROTOCOL: &str = include_str!("../templates/protocol.rs");
const FACTS: &str = include_str!("../templates/facts.rs");
const FAMILY: &str = include_str!("../templates/family.rs");
const SCENARIOS: [(&str, &str); 4] = [
    ("default", include_str!("../templates/default.txt")),
    ("lost", include_str!("../templates/lost.txt")),
    ("reports-copies", include_str!("../templates/reports-copies.txt")),
    ("never-repeats", include_str!("../templates/never-repeats.txt")),
];

/// Writes the skeleton, enters it where it must be known, and writes its transcripts.
pub(crate) fn skeleton(family: &str, slug: &str) -> Done {
    let names = Names::of(family, slug)?;
    let families = root().join("core/protocols");
    let folder = families.join(family);
    if folder.join(format!("scenarios/{slug}")).exists() {
        return Err(format!("There is already a protocol `{slug}` in `{family}`."));
    }
    if !folder.exists() {
        new_family(&names, &folder)?;
    }
    write(&folder.join(format!("src/{}.rs", names.module)), &names.fill(PROTOCOL))?;
    for (name, text) in SCENARIOS {
        write(&folder.join(format!("scenarios/{slug}/{name}.txt")), &names.fill(text))?;
    }
    let module = format!("pub mod {};", names.module);
    edit(&folder.join("src/lib.rs"), |text| {
        insert(text, "pub mod ", ";", &module).or_else(|| Some(format!("{text}\n{module}\n")))
    })?;
    edit(&families.join("all/src/lib.rs"), |text| names.list(text))?;
    let tests = root().join("tests/tests/all");
    write(&tests.join(format!("protocols/{}.rs", names.module)), &names.fill(FACTS))?;
    edit(&tests.join("protocols.rs"), |text| insert(text, "mod ", ";", &format!("mod {};", names.module)))?;
    run(&mut cargo("fmt --all"))?;
    // Transcripts and facts are written, then everything is held to what was written.
    let test = || {
        let mut test = cargo("xtask test --only unit");
        test.arg(slug);
        test
    };
    run(test().env("FAULTLINE_UPDATE", "1"))?;
    run(&mut test())?;
    println!(
        "\n{slug} is there: `cargo xtask serve --open`, then #/{slug}.\nIts file is core/protocols/{family}/src/{}.rs; \
         docs/adding-a-protocol.md says what comes next.",
        names.module
    );
    Ok(())
}

/// How a protocol and its family are called, here and there.
struct Names {
    family: String,
    slug: String,
    module: String,
    type_name: String,
    title: String,
}

impl Names {
    fn of(family: &str, slug: &str) -> Done<Self> {
        let is_word = |word: &str| {
            word.starts_with(|it: char| it.is_ascii_lowercase())
                && word.chars().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit())
        };
        if !is_word(family) {
            return Err(format!(
                "A family is one word in lower case, such as `consensus`, and not `{family}`."
            ));
        }
        if !slug.split('-').all(is_word) {
            return Err(format!(
                "A slug is words in lower case with hyphens between, such as `two-generals`, not `{slug}`."
            ));
        }
        Ok(Names {
            family: family.to_owned(),
            slug: slug.to_owned(),
            module: slug.replace('-', "_"),
            type_name: slug.split('-').map(capital).collect(),
            title: capital(&slug.replace('-', " ")),
        })
    }

    /// Enters the protocol in the list of all, behind its family, or at the end.
    fn list(&self, text: &str) -> Option<String> {
        let Names { family, slug, module, type_name, .. } = self;
        let own = format!("$crate::{family}::");
        let line = format!("            {}: {own}{module}::{type_name},", slug.replace('-', "_"));
        insert(text, "            ", &own, &line)
            .or_else(|| insert(text, "            ", ": $crate::", &line))
    }

    fn fill(&self, template: &str) -> String {
        let family = capital(&self.family);
        let filled = template.replace("SLUG", &self.slug).replace("NAME", &self.type_name);
        filled.replace("TITLE", &self.title).replace("FAMILY", &family)
    }
}

fn capital(word: &str) -> String {
    word[..1].to_ascii_uppercase() + &word[1..]
}

/// A crate for a family that is not there yet, entered in the workspace and among all families.
fn new_family(names: &Names, folder: &Path) -> Done {
    let family = &names.family;
    let manifest = read(&root().join("core/protocols/commit/Cargo.toml"))?.replace("commit", family);
    write(&folder.join("Cargo.toml"), &manifest)?;
    write(&folder.join("src/lib.rs"), &names.fill(FAMILY))?;
    let line = format!("faultline-{family} = {{ path = \"core/protocols/{family}\" }}");
    edit(&root().join("Cargo.toml"), |text| {
        insert(text, "faultline-", " = { path = \"core/protocols/", &line)
    })?;
    let all = root().join("core/protocols/all");
    let line = format!("faultline-{family}.workspace = true");
    edit(&all.join("Cargo.toml"), |text| insert(text, "faultline-", ".workspace", &line))?;
    edit(&all.join("src/lib.rs"), |text| {
        insert(text, "pub use faultline_", " as ", &format!("pub use faultline_{family} as {family};"))
    })
}

/// Puts a line behind the last one that begins and goes on so.
fn insert(text: &str, begins: &str, goes_on: &str, line: &str) -> Option<String> {
    let mut lines: Vec<&str> = text.lines().collect();
    let last = lines.iter().rposition(|it| it.starts_with(begins) && it.contains(goes_on))?;
    lines.insert(last + 1, line);
    Some(lines.join("\n") + "\n")
}

fn edit(file: &Path, change: impl FnOnce(&str) -> Option<String>) -> Done {
    let text = read(file)?;
    let changed = change(&text);
    write(file, &changed.ok_or_else(|| format!("{} has not the form that `new` knows.", file.display()))?)
}

fn read(file: &Path) -> Done<String> {
    fs::read_to_string(file).map_err(|error| format!("{} cannot be read: {error}.", file.display()))
}

fn write(file: &Path, text: &str) -> Done {
    let folder = file.parent().unwrap_or(file);
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(file, text));
    written.map_err(|error| format!("{} cannot be written: {error}.", file.display()))
}

#[cfg(test)]
mod tests {
    use super::{Names, insert};

    #[test]
    fn a_slug_gives_all_names() {
        let names = Names::of("messaging", "two-generals").unwrap();
        assert_eq!(
            [names.module, names.type_name, names.title],
            ["two_generals", "TwoGenerals", "Two generals"]
        );
        for wrong in ["Two-generals", "two--generals", "", "two generals", "2pc"] {
            assert!(Names::of("messaging", wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_protocol_is_listed_behind_its_family() {
        let list = "$to! {\n            amqp: $crate::messaging::amqp::Amqp,\n            raft: $crate::consensus::raft::Raft,\n}\n";
        let listed = |family: &str| Names::of(family, "two-generals").unwrap().list(list).unwrap();
        let line =
            |family: &str| format!("            two_generals: $crate::{family}::two_generals::TwoGenerals,");
        assert_eq!(listed("messaging").lines().nth(2), Some(&*line("messaging")));
        assert_eq!(listed("overlay").lines().nth(3), Some(&*line("overlay")));
    }

    #[test]
    fn a_line_is_put_behind_the_last_of_its_kind() {
        assert_eq!(insert("a 1\na 2\nb\n", "a", " ", "a 3").as_deref(), Some("a 1\na 2\na 3\nb\n"));
        assert_eq!(insert("b\n", "a", " ", "a 3"), None);
    }
}
