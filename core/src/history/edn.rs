//! Reading EDN, the notation in which Jepsen keeps its histories: maps, lists, sets, texts, numbers and
//! words.
//!
//! A reader goes over a text form by form. Tags (`#inst "…"`, `#jepsen.history.Op{…}`) are dropped and what
//! they stand before is kept; `#_` discards a form; everything that is none of the forms below is a word.

use super::Value;
use crate::text::{Complaint, shown};

/// How deep forms may be nested.
pub const MOST_DEPTH: usize = 32;

/// How many forms one form at the top may hold.
pub const MOST_FORMS: usize = 200_000;

/// A piece of EDN.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// `nil`.
    Nil,
    /// `true` and `false`.
    Truth(bool),
    /// A whole number.
    Number(i64),
    /// `"…"`.
    Text(String),
    /// A keyword (with its colon), a symbol, a fraction or a letter.
    Word(String),
    /// `[…]` or `(…)`.
    List(Vec<Form>),
    /// `#{…}`.
    Set(Vec<Form>),
    /// `{…}`: each key with what it is mapped to.
    Map(Vec<(Form, Form)>),
}

impl Form {
    /// The form as a value: all but lists, sets and maps.
    pub fn value(&self) -> Option<Value> {
        match self {
            Form::Nil => Some(Value::Nil),
            Form::Number(number) => Some(Value::Number(*number)),
            Form::Text(text) | Form::Word(text) => Some(Value::Text(text.clone())),
            Form::Truth(truth) => Some(Value::Text(truth.to_string())),
            Form::List(_) | Form::Set(_) | Form::Map(_) => None,
        }
    }
}

/// Goes over a text.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// The line of `counted`.
    line: usize,
    counted: usize,
    /// How many forms the form at the top may still hold.
    left: usize,
}

impl<'a> Reader<'a> {
    /// A reader at the beginning of a text that begins on this line.
    pub fn new(text: &'a str, line: usize) -> Self {
        Reader { text, at: 0, line, counted: 0, left: MOST_FORMS }
    }

    /// The line that it is on.
    pub fn line(&mut self) -> usize {
        let passed = &self.text.as_bytes()[self.counted..self.at];
        self.line += passed.iter().filter(|&&byte| byte == b'\n').count();
        self.counted = self.at;
        self.line
    }

    /// A complaint about where it is.
    pub fn complain(&mut self, sentence: impl Into<String>) -> Complaint {
        Complaint { line: self.line(), sentence: sentence.into() }
    }

    /// The next form at the top; none at the end of the text.
    pub fn form(&mut self) -> Result<Option<Form>, Complaint> {
        self.left = MOST_FORMS;
        self.skip(0)?;
        if self.peek().is_none() {
            return Ok(None);
        }
        self.read(0).map(Some)
    }

    /// Whether the next thing is this letter; if so it is passed.
    pub fn pass(&mut self, letter: u8) -> Result<bool, Complaint> {
        self.left = MOST_FORMS;
        self.skip(0)?;
        let there = self.peek() == Some(letter);
        self.at += usize::from(there);
        Ok(there)
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Passes blanks, commas, comments and discarded forms.
    fn skip(&mut self, depth: usize) -> Result<(), Complaint> {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start_matches(|letter: char| letter.is_whitespace() || letter == ',');
            self.at += rest.len() - trimmed.len();
            if trimmed.starts_with(';') {
                self.at += trimmed.find('\n').unwrap_or(trimmed.len());
            } else if trimmed.starts_with("#_") {
                self.at += 2;
                self.read(depth + 1)?;
            } else {
                return Ok(());
            }
        }
    }

    fn read(&mut self, depth: usize) -> Result<Form, Complaint> {
        if depth > MOST_DEPTH {
            return Err(self.complain(format!("the nesting is deeper than {MOST_DEPTH} levels")));
        }
        if self.left == 0 {
            return Err(self.complain(format!("this text holds more than {MOST_FORMS} values")));
        }
        self.left -= 1;
        self.skip(depth)?;
        match self.peek() {
            None => Err(self.complain("the text ends before its last value is complete")),
            Some(b'"') => self.quoted(),
            Some(b'[') => self.until(b']', depth).map(Form::List),
            Some(b'(') => self.until(b')', depth).map(Form::List),
            Some(b'{') => self.map(depth),
            Some(b'#') => self.tagged(depth),
            Some(b']' | b')' | b'}') => {
                let letter = shown(&self.rest()[..1]);
                Err(self.complain(format!("`{letter}` has no opening bracket")))
            }
            Some(_) => self.word(),
        }
    }

    fn until(&mut self, close: u8, depth: usize) -> Result<Vec<Form>, Complaint> {
        self.at += 1;
        let mut forms = Vec::new();
        loop {
            self.skip(depth)?;
            if self.peek() == Some(close) {
                self.at += 1;
                return Ok(forms);
            }
            forms.push(self.read(depth + 1)?);
        }
    }

    fn map(&mut self, depth: usize) -> Result<Form, Complaint> {
        let mut forms = self.until(b'}', depth)?.into_iter();
        let mut pairs = Vec::new();
        while let Some(key) = forms.next() {
            let Some(value) = forms.next() else {
                return Err(
                    self.complain("a map pairs each key with a value, and the last key here has none")
                );
            };
            pairs.push((key, value));
        }
        Ok(Form::Map(pairs))
    }

    /// What follows a `#`: a set, or a tag and the form that it says something about.
    fn tagged(&mut self, depth: usize) -> Result<Form, Complaint> {
        self.at += 1;
        if self.peek() == Some(b'{') {
            return self.until(b'}', depth).map(Form::Set);
        }
        self.at += self.word_length();
        self.read(depth + 1)
    }

    fn quoted(&mut self) -> Result<Form, Complaint> {
        let mut text = String::new();
        let mut letters = self.rest().char_indices().skip(1);
        while let Some((place, letter)) = letters.next() {
            match letter {
                '"' => {
                    self.at += place + 1;
                    return Ok(Form::Text(text));
                }
                '\\' => match letters.next() {
                    Some((_, 'n')) => text.push('\n'),
                    Some((_, 't')) => text.push('\t'),
                    Some((_, 'r')) => text.push('\r'),
                    Some((_, same @ ('"' | '\\'))) => text.push(same),
                    Some((_, 'u')) => {
                        let code = letters
                            .by_ref()
                            .take(4)
                            .try_fold(0, |code, (_, digit)| Some(code * 16 + digit.to_digit(16)?));
                        text.push(code.and_then(char::from_u32).unwrap_or('\u{fffd}'));
                    }
                    _ => return Err(self.complain("this text has a `\\` before a character that needs none")),
                },
                _ => text.push(letter),
            }
        }
        Err(self.complain("this text has no closing quotation mark"))
    }

    fn word_length(&self) -> usize {
        let ends = |letter: char| letter.is_whitespace() || ",;\"[](){}".contains(letter);
        let rest = self.rest();
        // A letter is written with a backslash, and may itself be one of those that end a word.
        let first = if rest.starts_with('\\') { rest.chars().take(2).map(char::len_utf8).sum() } else { 0 };
        rest.get(first..).and_then(|tail| tail.find(ends)).map_or(rest.len(), |length| first + length)
    }

    fn word(&mut self) -> Result<Form, Complaint> {
        let word = &self.rest()[..self.word_length()];
        self.at += word.len();
        let digits = word.strip_prefix(['-', '+']).unwrap_or(word);
        let digits = digits.strip_suffix('N').unwrap_or(digits);
        match word {
            "nil" => Ok(Form::Nil),
            "true" => Ok(Form::Truth(true)),
            "false" => Ok(Form::Truth(false)),
            _ if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                let number = word.strip_suffix('N').unwrap_or(word).parse();
                number
                    .map(Form::Number)
                    .map_err(|_| self.complain(format!("the number `{}` is too large", shown(word))))
            }
            _ => Ok(Form::Word(word.to_owned())),
        }
    }
}
