//! The names under which the program imports what JavaScript does for it. wasm-bindgen makes them long, and each is written in
//! the program and in the bindings.

use crate::process::Done;
use crate::wasm::sections;

/// The length of what stands before the first section of a program.
const HEAD: usize = 8;
/// A section with a name of its own, and that of the one which lists what a module asks of the machine.
const CUSTOM: u8 = 0;
const ASKED: &[u8] = b"target_features";
/// The section that lists imports.
const IMPORTS: u8 = 2;
/// The section that lists exports.
const EXPORTS: u8 = 7;
/// How an import says that it is a function, a table, a memory or a global.
const FUNCTION: u8 = 0;
const TABLE: u8 = 1;
const MEMORY: u8 = 2;
const GLOBAL: u8 = 3;
const KINDS: usize = 4;
/// The name under which joined pieces import from the main program; `web/parts.js` knows it.
const LENT: &str = "lent";
/// How the names begin that wasm-bindgen makes.
const MADE: &str = "__wb";

/// The program and its bindings with short names.
pub(crate) fn shorten(program: &[u8], bindings: &str) -> Done<(Vec<u8>, String)> {
    shortened(program, bindings)
        .ok_or_else(|| "The program imports something in a form that is not known here.".to_owned())
}

fn shortened(program: &[u8], bindings: &str) -> Option<(Vec<u8>, String)> {
    let (head, mut rest) = program.split_at_checked(HEAD)?;
    let (mut short, mut bindings) = (head.to_vec(), bindings.to_owned());
    while !rest.is_empty() {
        let kind = take(&mut rest, 1)?;
        let section = sized(&mut rest)?;
        short.extend(kind);
        if kind == [IMPORTS] {
            write_sized(&imports(section, &mut bindings)?, &mut short);
        } else {
            write_sized(section, &mut short);
        }
    }
    Some((short, bindings))
}

/// A module that imports what another one does, but from [`LENT`], and exports it under the same names. What is joined behind it
/// under the name from which all of them import shares each import. It says as the other what it asks of the machine.
pub(crate) fn lender(module: &[u8]) -> Option<Vec<u8>> {
    let sections = sections(module)?;
    let found =
        |wanted: u8| sections.iter().filter(move |(kind, _)| *kind == wanted).map(|(_, section)| *section);
    let mut section = found(IMPORTS).next()?;
    let asked = found(CUSTOM).find(|section| sized(&mut &section[..]) == Some(ASKED)).unwrap_or_default();
    let (mut imports, mut exports, mut places) = (Vec::new(), Vec::new(), [0; KINDS]);
    let count = number(&mut section)?;
    write_number(count, &mut imports);
    write_number(count, &mut exports);
    for _ in 0..count {
        let _module = sized(&mut section)?;
        let name = sized(&mut section)?;
        let said = section;
        let &[kind] = take(&mut section, 1)? else { return None };
        let before = match kind {
            MEMORY => 0,
            // A table says first what is in it.
            TABLE => 1,
            // A type, and whether it changes.
            GLOBAL => 2,
            _ => return None,
        };
        take(&mut section, before)?;
        if kind != GLOBAL {
            let has_most = number(&mut section)? & 1 == 1;
            number(&mut section)?;
            if has_most {
                number(&mut section)?;
            }
        }
        write_sized(LENT.as_bytes(), &mut imports);
        write_sized(name, &mut imports);
        imports.extend(&said[..said.len() - section.len()]);
        write_sized(name, &mut exports);
        exports.push(kind);
        let place = &mut places[usize::from(kind)];
        write_number(*place, &mut exports);
        *place += 1;
    }
    let mut lender = module[..HEAD].to_vec();
    for (kind, section) in [(IMPORTS, &imports[..]), (EXPORTS, &exports), (CUSTOM, asked)] {
        lender.push(kind);
        write_sized(section, &mut lender);
    }
    section.is_empty().then_some(lender)
}

/// The section of the imports with short names, which the bindings get, too.
fn imports(mut section: &[u8], bindings: &mut String) -> Option<Vec<u8>> {
    let (mut short, count) = (Vec::new(), number(&mut section)?);
    write_number(count, &mut short);
    for nth in 0..count {
        write_sized(sized(&mut section)?, &mut short);
        let name = str::from_utf8(sized(&mut section)?).ok()?;
        if name.starts_with(MADE) {
            let (before, after) = bindings.split_once(&format!("{name}: "))?;
            let new = nth_name(nth);
            *bindings = format!("{before}{new}: {after}");
            write_sized(new.as_bytes(), &mut short);
        } else {
            write_sized(name.as_bytes(), &mut short);
        }
        if take(&mut section, 1)? != [FUNCTION] {
            return None;
        }
        short.push(FUNCTION);
        write_number(number(&mut section)?, &mut short);
    }
    section.is_empty().then_some(short)
}

/// A name of its own for each number: `a` to `z`, `aa`, `ba` and so on.
fn nth_name(nth: usize) -> String {
    const LETTERS: usize = 26;
    let letter = char::from(b'a' + (nth % LETTERS) as u8);
    if nth < LETTERS { letter.into() } else { format!("{letter}{}", nth_name(nth / LETTERS - 1)) }
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(count)?;
    *rest = left;
    Some(taken)
}

/// A number, seven bits a byte, the low ones first; the last byte has no eighth bit.
fn number(rest: &mut &[u8]) -> Option<usize> {
    let mut number = 0;
    for shift in (0..u32::BITS).step_by(7) {
        let &[byte] = take(rest, 1)? else { return None };
        number |= usize::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

/// What stands behind its length.
fn sized<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let size = number(rest)?;
    take(rest, size)
}

fn write_number(mut number: usize, to: &mut Vec<u8>) {
    while number >= 0x80 {
        to.push(number as u8 | 0x80);
        number >>= 7;
    }
    to.push(number as u8);
}

fn write_sized(bytes: &[u8], to: &mut Vec<u8>) {
    write_number(bytes.len(), to);
    to.extend(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A program with these imports from a module `m`, a function each, and a long section behind them.
    fn program(names: &[&str]) -> Vec<u8> {
        let mut section = vec![names.len() as u8];
        for name in names {
            write_sized(b"m", &mut section);
            write_sized(name.as_bytes(), &mut section);
            section.extend([FUNCTION, 5]);
        }
        let mut program = b"\0asm\x01\0\0\0".to_vec();
        program.push(IMPORTS);
        write_sized(&section, &mut program);
        program.push(10);
        write_sized(&[7; 300], &mut program);
        program
    }

    #[test]
    fn names_that_were_made_are_short_in_both() {
        let long = program(&["__wbg_a_01", "memory_of_mine", "__wbg_b_02"]);
        let bindings = "x = { __wbg_b_02: function() {}, __wbg_a_01: function() {}, memory_of_mine: 1 };";
        let (short, bindings) = shorten(&long, bindings).unwrap();
        assert_eq!(bindings, "x = { c: function() {}, a: function() {}, memory_of_mine: 1 };");
        assert_eq!(short, program(&["a", "memory_of_mine", "c"]));
    }

    #[test]
    fn what_is_not_known_is_refused() {
        let whole = program(&["__wbg_a_01"]);
        assert!(shorten(&whole, "x = {};").is_err(), "the bindings do not have it");
        for end in [4, 12, 20, whole.len() - 1] {
            assert!(shorten(&whole[..end], "__wbg_a_01: 1").is_err(), "{end}");
        }
        let mut of_memory = whole.clone();
        let kind = whole.iter().position(|&byte| byte == 5).unwrap() - 1;
        of_memory[kind] = 2;
        assert!(shorten(&of_memory, "__wbg_a_01: 1").is_err());
    }

    #[test]
    fn what_is_imported_is_lent_under_the_same_names() {
        // A memory of 30 pages, a table with two sizes, and a global that changes.
        let imports = |from: &str| {
            let said = ["\x03mem\x02\x00\x1e", "\x03tab\x01\x70\x01\x05\x09", "\x03top\x03\x7f\x01"];
            format!("\x03{}", said.map(|it| format!("{from}{it}")).concat()).into_bytes()
        };
        let mut module = b"\0asm\x01\0\0\0\x01\x01\x00".to_vec();
        for (kind, section) in
            [(IMPORTS, &imports("\x01m")[..]), (10, b"code"), (CUSTOM, b"\x0ftarget_features\x00")]
        {
            module.push(kind);
            write_sized(section, &mut module);
        }
        let mut lends = b"\0asm\x01\0\0\0".to_vec();
        for (kind, section) in [
            (IMPORTS, &imports("\x04lent")[..]),
            (EXPORTS, b"\x03\x03mem\x02\x00\x03tab\x01\x00\x03top\x03\x00"),
            (CUSTOM, b"\x0ftarget_features\x00"),
        ] {
            lends.push(kind);
            write_sized(section, &mut lends);
        }
        assert_eq!(lender(&module), Some(lends));
        assert_eq!(lender(&program(&["f"])), None, "a function has a type, which is not lent");
        assert_eq!(lender(&module[..20]), None);
    }

    #[test]
    fn every_number_has_a_name_of_its_own() {
        let names: std::collections::BTreeSet<String> = (0..2_000).map(nth_name).collect();
        assert_eq!(names.len(), 2_000);
        assert_eq!(names.first().map(String::as_str), Some("a"));
    }
}
