//! Looking into the finished page: was it optimised, and how large is it?

use crate::node;
use crate::process::{Done, capture, command};
use std::fs;
use std::path::{Path, PathBuf};

/// Makes sure that wasm-opt worked on the wasm of the page.
///
/// The compiler and wasm-bindgen keep the section that names every function, and wasm-opt drops it.
pub(crate) fn check_optimised(dist: &Path) -> Done {
    let modules = files(dist, "wasm")?;
    if modules.is_empty() {
        return Err("The build left no wasm in dist/.".to_owned());
    }
    for module in modules {
        let bytes = read(&module)?;
        let sections =
            custom_sections(&bytes).ok_or_else(|| format!("{} is not a wasm module.", module.display()))?;
        if sections.contains(&"name") {
            return Err(format!("wasm-opt did not work on {}.", module.display()));
        }
    }
    Ok(())
}

/// The most bytes, before compression, of what every page fetches, and of a part of any kind. A build that goes beyond is refused; a
/// change that needs more makes room, or raises a bound and says what for.
const BOUNDS: [(&str, u64); 7] = [
    ("faultline.wasm", 525_000),
    ("faultline.js", 40_000),
    ("faultline.css", 23_000),
    ("narrow.css", 16_000),
    ("around.css", 43_000),
    ("index.html", 17_000),
    ("fault-line.js", 4_500),
];
// What surrounds the stage opens logs, and says where a run repeats one.
const MOST_OF_A_PART: u64 = 363_000;

/// Makes sure that the files of the page stay within their bounds.
pub(crate) fn check_sizes(dist: &Path) -> Done {
    let mut all = files(dist, "wasm")?;
    for (name, _) in BOUNDS {
        all.push(find_built(dist, name).ok_or_else(|| format!("The build left no {name}."))?);
    }
    for file in all {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let bound = BOUNDS.iter().find(|(known, _)| is_built_as(&name, known));
        let most = bound.map_or(MOST_OF_A_PART, |(_, most)| *most);
        let bytes = fs::metadata(&file).map_or(u64::MAX, |it| it.len());
        if bytes > most {
            return Err(format!(
                "{name} has {bytes} bytes; its bound is {most} (BOUNDS in xtask/src/wasm.rs)."
            ));
        }
    }
    Ok(())
}

/// The file of the page with this name.
fn find_built(dist: &Path, name: &str) -> Option<PathBuf> {
    let entries = fs::read_dir(dist).ok()?.flatten();
    entries
        .map(|entry| entry.path())
        .find(|path| path.file_name().is_some_and(|file| is_built_as(&file.to_string_lossy(), name)))
}

/// Whether a file has this name, but for the build in it.
fn is_built_as(file: &str, name: &str) -> bool {
    let Some((stem, kind)) = name.rsplit_once('.') else { return false };
    let rest = file.strip_prefix(stem).and_then(|rest| rest.strip_suffix(kind)?.strip_suffix('.'));
    rest.is_some_and(|rest| rest.is_empty() || rest.len() == 17 && rest.rfind('-') == Some(0))
}

/// Prints a table: the files of the page, plain and as servers compress them.
pub(crate) fn print_sizes(dist: &Path) -> Done {
    const SCRIPT: &str = "for (const file of process.argv.slice(1)) { const bytes = fs.readFileSync(file); console.log( \
        bytes.length, zlib.gzipSync(bytes, { level: 9 }).length, zlib.brotliCompressSync(bytes).length) }";
    let mut all = Vec::new();
    for kind in ["wasm", "js", "css", "html", "svg", "txt"] {
        all.extend(files(dist, kind)?);
    }
    let sizes = capture(command(node::find_node()?, ["-e", SCRIPT]).args(&all))?;
    let sizes = String::from_utf8_lossy(&sizes);
    println!("{:<46}{:>10}{:>10}{:>10}", "dist/", "bytes", "gzip", "brotli");
    // One of each is fetched where it is shown: of hundreds only the sum is of interest.
    let mut many = [("pictures", [0; 3], 0), ("p", [0; 3], 0), ("runs", [0; 3], 0)];
    let mut total = [0; 3];
    let add = |total: &mut [usize; 3], sizes: [usize; 3]| {
        total.iter_mut().zip(sizes).for_each(|(sum, size)| *sum += size);
    };
    for (file, line) in all.iter().zip(sizes.lines()) {
        let mut numbers = line.split(' ').filter_map(|number| number.parse().ok());
        let sizes: [usize; 3] = std::array::from_fn(|_| numbers.next().unwrap_or_default());
        add(&mut total, sizes);
        let of_many = many
            .iter_mut()
            .find(|(folder, ..)| file.strip_prefix(dist).is_ok_and(|it| it.starts_with(folder)));
        if let Some((_, sum, count)) = of_many {
            add(sum, sizes);
            *count += 1;
        } else {
            print_row(&file.file_name().unwrap_or_default().to_string_lossy(), sizes);
        }
    }
    for (folder, sum, count) in many {
        print_row(&format!("{count} files in {folder}/"), sum);
    }
    print_row("all", total);
    Ok(())
}

fn print_row(name: &str, [plain, gzip, brotli]: [usize; 3]) {
    println!("{name:<46}{plain:>10}{gzip:>10}{brotli:>10}");
}

/// The files of one kind in a folder and its folders.
fn files(folder: &Path, kind: &str) -> Done<Vec<PathBuf>> {
    let cannot = |error| format!("{} cannot be read: {error}.", folder.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(cannot)? {
        let path = entry.map_err(cannot)?.path();
        if path.is_dir() {
            found.extend(files(&path, kind)?);
        } else if path.extension().is_some_and(|extension| extension == kind) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn read(file: &Path) -> Done<Vec<u8>> {
    fs::read(file).map_err(|error| format!("{} cannot be read: {error}.", file.display()))
}

/// The names of the custom sections of a wasm module, or nothing where the bytes are not one.
fn custom_sections(module: &[u8]) -> Option<Vec<&str>> {
    let name = |section| {
        let (length, name) = number(section)?;
        std::str::from_utf8(name.get(..length)?).ok()
    };
    let custom = sections(module)?.into_iter().filter(|(kind, _)| *kind == 0);
    custom.map(|(_, section)| name(section)).collect()
}

/// The sections of a wasm module, each with its kind (WebAssembly core specification, §5.5).
pub(crate) fn sections(module: &[u8]) -> Option<Vec<(u8, &[u8])>> {
    let mut rest = module.strip_prefix(b"\0asm\x01\0\0\0")?;
    let mut sections = Vec::new();
    while let Some((kind, after)) = rest.split_first() {
        let (length, after) = number(after)?;
        let (section, after) = after.split_at_checked(length)?;
        sections.push((*kind, section));
        rest = after;
    }
    Some(sections)
}

/// A number in the variable-length coding of wasm (LEB128), and what follows it.
fn number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let last = bytes.iter().take(5).position(|byte| byte & 0x80 == 0)?;
    let (number, rest) = bytes.split_at_checked(last + 1)?;
    Some((number.iter().rev().fold(0, |sum, byte| sum << 7 | usize::from(byte & 0x7f)), rest))
}

#[cfg(test)]
mod tests {
    use super::{custom_sections, is_built_as, number};

    #[test]
    fn a_file_is_known_by_its_name_without_the_build() {
        assert!(is_built_as("faultline-0123456789abcdef.wasm", "faultline.wasm"));
        assert!(is_built_as("index.html", "index.html"));
        assert!(!is_built_as("faultline-0123456789abcdef.js", "faultline.wasm"));
        assert!(!is_built_as("faultline-raft-0123456789ab.wasm", "faultline.wasm"));
    }

    #[test]
    fn numbers_have_seven_bits_a_byte() {
        assert_eq!(number(&[0x7f, 9]), Some((127, &[9][..])));
        assert_eq!(number(&[0xe5, 0x8e, 0x26]), Some((624_485, &[][..])));
        assert_eq!(number(&[0x80, 0x80]), None);
    }

    #[test]
    fn custom_sections_are_found_between_others() {
        let module = b"\0asm\x01\0\0\0\x01\x02\xff\xff\0\x07\x04name\0\0\0\x04\x03abc";
        assert_eq!(custom_sections(module), Some(vec!["name", "abc"]));
        assert_eq!(custom_sections(&module[..15]), None);
        assert_eq!(custom_sections(b"<html>"), None);
    }
}
