//! The names under which the program imports what JavaScript does for it. wasm-bindgen makes them long, and each is written in
//! the program and in the bindings.

use crate::process::Done;

/// The length of what stands before the first section of a program.
const HEAD: usize = 8;
/// The section that lists imports.
const IMPORTS: u8 = 2;
/// How an import says that it is a function.
const FUNCTION: u8 = 0;
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
    fn every_number_has_a_name_of_its_own() {
        let names: std::collections::BTreeSet<String> = (0..2_000).map(nth_name).collect();
        assert_eq!(names.len(), 2_000);
        assert_eq!(names.first().map(String::as_str), Some("a"));
    }
}
