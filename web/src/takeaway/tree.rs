//! What Yew has drawn, as a tree: read from markup, and written as XML that stands alone.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};

/// An element.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    /// Its name.
    pub name: String,
    /// Its attributes, as they mean.
    pub attributes: Vec<(String, String)>,
    /// What is in it.
    pub children: Vec<Node>,
}

/// What is in an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// An element.
    Element(Element),
    /// A text, as it means.
    Text(String),
}

impl Element {
    /// An element without anything in it.
    pub fn new(name: &str, attributes: &[(&str, &str)]) -> Self {
        let attributes = attributes.iter().map(|&(name, value)| (name.to_owned(), value.to_owned()));
        Element { name: name.to_owned(), attributes: attributes.collect(), children: Vec::new() }
    }

    /// An element with a text in it.
    pub fn text(name: &str, attributes: &[(&str, &str)], text: &str) -> Self {
        let children = vec![Node::Text(text.to_owned())];
        Element { children, ..Element::new(name, attributes) }
    }

    /// The value of an attribute.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// Gives an attribute a value, whether it had one or not.
    pub fn set(&mut self, name: &str, value: String) {
        match self.attributes.iter_mut().find(|(other, _)| other == name) {
            Some((_, old)) => *old = value,
            None => self.attributes.push((name.to_owned(), value)),
        }
    }

    /// Takes an attribute away.
    pub fn take(&mut self, name: &str) -> Option<String> {
        let place = self.attributes.iter().position(|(other, _)| other == name)?;
        Some(self.attributes.remove(place).1)
    }

    /// Whether it is of a class.
    pub fn is(&self, class: &str) -> bool {
        self.get("class").is_some_and(|all| all.split(' ').any(|one| one == class))
    }

    /// Puts an element behind all that is in it.
    pub fn push(&mut self, child: Element) {
        self.children.push(Node::Element(child));
    }

    /// The elements in it.
    pub fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The elements in it, to be changed.
    pub fn elements_mut(&mut self) -> impl Iterator<Item = &mut Element> {
        self.children.iter_mut().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The first element below it, or itself, that is of a class.
    pub fn find(&self, class: &str) -> Option<&Element> {
        if self.is(class) { Some(self) } else { self.elements().find_map(|child| child.find(class)) }
    }

    /// Reads an element and all that is in it. Comments say nothing.
    ///
    /// # Errors
    /// One sentence where it cannot be read.
    pub fn read(markup: &str) -> Result<Self, String> {
        let wrong = |error: &dyn std::fmt::Display| format!("What was drawn cannot be read: {error}.");
        let mut reader = Reader::from_str(markup);
        let mut open = vec![Element::default()];
        loop {
            let event = reader.read_event().map_err(|error| wrong(&error))?;
            let text = match event {
                Event::Eof => break,
                Event::Start(start) => {
                    open.push(begun(&start).map_err(|error| wrong(&error))?);
                    continue;
                }
                Event::Empty(start) => {
                    let element = begun(&start).map_err(|error| wrong(&error))?;
                    if let Some(parent) = open.last_mut() {
                        parent.push(element);
                    }
                    continue;
                }
                Event::End(_) => {
                    if let (Some(element), Some(parent)) = (open.pop(), open.last_mut()) {
                        parent.push(element);
                    }
                    continue;
                }
                Event::Text(text) => String::from_utf8_lossy(&text).into_owned(),
                Event::GeneralRef(sign) => {
                    let letter = sign.resolve_char_ref().map_err(|error| wrong(&error))?;
                    let name = String::from_utf8_lossy(&sign).into_owned();
                    match letter {
                        Some(letter) => letter.to_string(),
                        None => resolve_predefined_entity(&name).unwrap_or_default().to_owned(),
                    }
                }
                _ => continue,
            };
            if let Some(parent) = open.last_mut() {
                match parent.children.last_mut() {
                    Some(Node::Text(before)) => before.push_str(&text),
                    _ => parent.children.push(Node::Text(text)),
                }
            }
        }
        let found = open.into_iter().next().and_then(|root| {
            root.children.into_iter().find_map(|node| match node {
                Node::Element(element) => Some(element),
                Node::Text(_) => None,
            })
        });
        found.ok_or_else(|| "Nothing was drawn.".to_owned())
    }

    /// Writes it as XML.
    pub fn write(&self) -> String {
        let mut text = String::new();
        self.write_to(&mut text);
        text
    }

    fn write_to(&self, text: &mut String) {
        text.push('<');
        text.push_str(&self.name);
        for (name, value) in &self.attributes {
            text.push(' ');
            text.push_str(name);
            text.push_str("=\"");
            escape(value, true, text);
            text.push('"');
        }
        if self.children.is_empty() {
            text.push_str("/>");
            return;
        }
        text.push('>');
        for child in &self.children {
            match child {
                Node::Element(element) => element.write_to(text),
                Node::Text(words) => escape(words, false, text),
            }
        }
        text.push_str("</");
        text.push_str(&self.name);
        text.push('>');
    }
}

fn begun(start: &BytesStart) -> quick_xml::Result<Element> {
    let mut element = Element::new(&String::from_utf8_lossy(start.name().as_ref()), &[]);
    for attribute in start.html_attributes() {
        let attribute = attribute?;
        let raw = String::from_utf8_lossy(&attribute.value);
        let value = quick_xml::escape::unescape(&raw)?.into_owned();
        element.attributes.push((String::from_utf8_lossy(attribute.key.as_ref()).into_owned(), value));
    }
    Ok(element)
}

/// Writes a text so that it is read as it means. What XML has no letter for, not even by its number, becomes the letter for
/// what is unknown. A `]]>` must not stand there, so no `>` does.
fn escape(value: &str, quoted: bool, text: &mut String) {
    for letter in value.chars() {
        match letter {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '"' if quoted => text.push_str("&quot;"),
            '\t' | '\n' | '\r' if quoted => text.push_str(&format!("&#{};", u32::from(letter))),
            '\r' => text.push_str("&#13;"),
            '\t' | '\n' => text.push(letter),
            '\u{FFFE}' | '\u{FFFF}' => text.push('\u{FFFD}'),
            letter if u32::from(letter) < 0x20 => text.push('\u{FFFD}'),
            letter => text.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_as_it_was() {
        let hostile = "<a & 'b' \"c\"> ]]> &lt; &#9; <!-- --> line\nbreak\ttab \u{2028} é 😀";
        let mut element = Element::text("text", &[("x", "1"), ("aria-label", hostile)], hostile);
        element.push(Element::new("g", &[]));
        let written = element.write();
        assert_eq!(Element::read(&written), Ok(element), "{written}");
        assert!(!written.contains("]]>"), "{written}");
    }

    #[test]
    fn no_letter_stands_there_that_xml_has_not() {
        let written = Element::text("t", &[("a", "\u{0}\u{b}\u{FFFF}")], "\u{1}\u{1b}[1m").write();
        assert_eq!(written, "<t a=\"\u{FFFD}\u{FFFD}\u{FFFD}\">\u{FFFD}\u{FFFD}[1m</t>");
    }

    #[test]
    fn what_is_no_markup_is_refused() {
        assert!(Element::read("").is_err());
        assert!(Element::read("<g><path></g>").is_err());
    }
}
