//! A space-time diagram for LaTeX, as a picture of `TikZ`.

use super::{Shown, Taken, comment};
use crate::name::NodeId;
use crate::time::{Micros, seconds};
use crate::trace::{NOBODY, Record};
use std::collections::BTreeMap;

/// How far nodes are apart, in hundredths of a centimetre.
const ACROSS: usize = 440;
/// How far events are apart at least, and how much a line of a note takes.
const DOWN: usize = 60;
const LINE: usize = 32;
/// How many letters a line of a note holds.
const LETTERS: usize = 24;

pub(super) fn text(taken: &Taken<'_>) -> String {
    let all: Vec<Shown<'_>> = taken.all_shown().collect();
    let (rows, end) = rows(taken, &all);
    let mut text = comment(taken, "%");
    text += "% In the preamble: \\usepackage{tikz}\n\\begin{tikzpicture}[>=stealth, font=\\scriptsize,\n";
    text += "    note/.style={anchor=north west, align=left, text width=3.6cm},\n";
    text += "    first/.style={anchor=north east, align=right, text width=3.6cm},\n";
    text +=
        "    message/.style={sloped, above, inner sep=1pt, fill=white, fill opacity=0.8, text opacity=1}]\n";
    for (place, node) in taken.nodes.iter().enumerate() {
        let (x, end) = (centimetres(place * ACROSS), centimetres(end));
        let name = escaped(&taken.called(*node));
        text += &format!(
            "  \\node[above, font=\\small] at ({x},0) {{{name}}};\n  \\draw ({x},0) -- ({x},-{end});\n"
        );
    }
    let mut before = None;
    for (event, y) in &rows {
        let time = time_of(taken, *event);
        if before.replace(time) != Some(time) {
            let (y, time) = (centimetres(*y), seconds(time, 6));
            text += &format!("  \\node[left] at (-4.20,-{y}) {{{time} s}};\n");
        }
    }
    all.iter().fold(text, |text, shown| text + &drawn(taken, shown, &rows)) + "\\end{tikzpicture}\n"
}

fn time_of(taken: &Taken<'_>, event: usize) -> Micros {
    taken.lines.get(event).map_or(0, |line| line.record.time)
}

/// How far down each event stands that is shown, or that sent a message that is; and where the diagram ends.
fn rows(taken: &Taken<'_>, all: &[Shown<'_>]) -> (BTreeMap<usize, usize>, usize) {
    let mut rows: BTreeMap<usize, usize> =
        all.iter().filter_map(|shown| Some((sent(taken, shown)?, DOWN))).collect();
    for shown in all {
        let lines = |note: &String| taken.label(note).chars().count().div_ceil(LETTERS);
        let lines: usize = shown.notes.iter().map(lines).sum();
        rows.insert(shown.line.index, DOWN.max(LINE * (lines + 1)));
    }
    let mut y = DOWN;
    for row in rows.values_mut() {
        y += std::mem::replace(row, y);
    }
    (rows, y)
}

/// The event that sent the message that ends here.
fn sent(taken: &Taken<'_>, shown: &Shown<'_>) -> Option<usize> {
    shown.arrow?;
    let cause = shown.line.record.cause as usize;
    taken.lines.get(cause).map(|line| line.index)
}

fn drawn(taken: &Taken<'_>, shown: &Shown<'_>, rows: &BTreeMap<usize, usize>) -> String {
    let Record { node, .. } = shown.line.record;
    let here = shown.line.index;
    let place = |node: NodeId, event: usize| {
        let x = taken.nodes.binary_search(&node).unwrap_or_default() * ACROSS;
        let y = rows.get(&event).copied().unwrap_or_default();
        format!("({},-{})", centimetres(x), centimetres(y))
    };
    let arrow = shown.arrow.map_or_else(String::new, |(from, to)| {
        let (start, end) = (place(from, sent(taken, shown).unwrap_or(here)), place(to, here));
        let message = escaped(&taken.message(shown.line));
        // A message to oneself would lie upon one's own line.
        let way = if from == to { "to[bend left=60]" } else { "--" };
        let label = format!("node[message] {{{message}}}");
        if shown.is_lost() {
            format!("  \\draw[dashed] {start} {way} {label} node[pos=0.9] {{$\\times$}} {end};\n")
        } else {
            format!("  \\draw[->] {start} {way} {label} {end};\n")
        }
    });
    if shown.notes.is_empty() {
        return arrow;
    }
    let notes: Vec<String> = shown.notes.iter().map(|note| escaped(&taken.label(note))).collect();
    let first = taken.nodes.first().copied().unwrap_or(NodeId(0));
    let node = if node == NOBODY { first } else { NodeId(node) };
    // To the left of the first node no message passes.
    let (at, style) = (place(node, here), if node == first { "first" } else { "note" });
    // Without braces, a bracket at the start of a line would be read as a distance.
    format!("  \\fill {at} circle (1.5pt) node[{style}] {{{}}};\n{arrow}", notes.join("\\\\{} "))
}

/// Hundredths of a centimetre as centimetres.
fn centimetres(hundredths: usize) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// A label in which every sign that LaTeX could read as its own stands as the command for it. A letter that pdfLaTeX cannot
/// set stands as its number.
fn escaped(label: &str) -> String {
    let mut text = String::new();
    for letter in label.chars() {
        match letter {
            '\\' => text.push_str("\\textbackslash{}"),
            '^' => text.push_str("\\textasciicircum{}"),
            '~' => text.push_str("\\textasciitilde{}"),
            '<' => text.push_str("\\textless{}"),
            '>' => text.push_str("\\textgreater{}"),
            '|' => text.push_str("\\textbar{}"),
            '`' => text.push_str("\\textasciigrave{}"),
            '"' => text.push_str("{\\ttfamily\\char34}"),
            '{' | '}' | '$' | '&' | '#' | '_' | '%' => text.extend(['\\', letter]),
            // Two of them would be joined into another sign.
            '-' | '\'' | ',' => text.extend([letter, '{', '}']),
            _ if letter.is_ascii() => text.push(letter),
            '§' => text.push_str("\\S{}"),
            '…' => text.push_str("\\dots{}"),
            '→' => text.push_str("\\ensuremath{\\to}"),
            '≤' => text.push_str("\\ensuremath{\\leq}"),
            '≥' => text.push_str("\\ensuremath{\\geq}"),
            '×' => text.push_str("\\ensuremath{\\times}"),
            '∞' => text.push_str("\\ensuremath{\\infty}"),
            '–' => text.push_str("--"),
            '“' => text.push_str("``"),
            '’' => text.push_str("'{}"),
            '”' => text.push_str("''"),
            _ => text.push_str(&format!("U+{:04X}", u32::from(letter))),
        }
    }
    text
}
