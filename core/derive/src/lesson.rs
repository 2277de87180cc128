//! A lesson, from Markdown to a constant: `lesson!("two-phase-commit")` reads the `lesson.md` of these scenarios.

use proc_macro2::{Span, TokenStream as Tokens};
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use quote::quote;
use std::ops::Range;
use syn::{Error, LitStr, Result};

/// The most words of a step, its question included.
const MOST_WORDS: usize = 75;
/// The most steps of a lesson.
const MOST_STEPS: usize = 10;
/// What separates an answer from what is said to it.
const DASH: &str = " — ";

pub(crate) fn lesson_of(slug: &LitStr) -> Result<Tokens> {
    let folder = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    let path = format!("{folder}/scenarios/{}/lesson.md", slug.value());
    let text = std::fs::read_to_string(&path)
        .map_err(|error| Error::new(slug.span(), format!("{path} cannot be read: {error}")))?;
    let mut reader = Reader::new(&text);
    reader.read().map_err(|(place, sentence)| {
        let line = text[..place].lines().count().max(1);
        Error::new(Span::call_site(), format!("{path}:{line}: {sentence}"))
    })?;
    let (title, steps) = (&reader.title, &reader.steps);
    // The compiler reads the file again when it changes.
    Ok(quote!({
        const _: &[u8] = ::core::include_bytes!(#path);
        ::faultline_core::lesson::Lesson { title: #title, steps: &[#(#steps),*] }
    }))
}

/// A complaint: the place in the text, and a sentence.
type Complaint = (usize, String);

/// A run of words that belong together, as tokens, and their count.
#[derive(Default)]
struct Line {
    spans: Vec<Tokens>,
    words: usize,
    last: String,
}

/// What is being read.
#[derive(Default)]
struct Step {
    title: String,
    run: String,
    at: String,
    blocks: Vec<Tokens>,
    question: Option<Line>,
    answers: Vec<Tokens>,
    seen: Vec<String>,
    attempt: Option<String>,
    words: usize,
    rights: usize,
}

struct Reader<'a> {
    events: std::iter::Peekable<pulldown_cmark::OffsetIter<'a>>,
    place: usize,
    title: String,
    run: String,
    steps: Vec<Tokens>,
    step: Option<Step>,
    /// The last paragraph, which may turn out to be a question.
    paragraph: Option<Line>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        let options = Options::ENABLE_HEADING_ATTRIBUTES | Options::ENABLE_TASKLISTS;
        Reader {
            events: Parser::new_ext(text, options).into_offset_iter().peekable(),
            place: 0,
            title: String::new(),
            run: String::new(),
            steps: Vec::new(),
            step: None,
            paragraph: None,
        }
    }

    fn next(&mut self) -> Option<Event<'a>> {
        let (event, Range { start, .. }) = self.events.next()?;
        self.place = start;
        Some(event)
    }

    fn wrong<T>(&self, sentence: impl Into<String>) -> std::result::Result<T, Complaint> {
        Err((self.place, sentence.into()))
    }

    fn read(&mut self) -> std::result::Result<(), Complaint> {
        while let Some(event) = self.next() {
            match event {
                Event::Start(Tag::Heading { level, attrs, .. }) => {
                    let of = |name: &str| {
                        let found = attrs.iter().find(|(known, _)| &**known == name);
                        found.and_then(|(_, value)| value.as_ref()).map(ToString::to_string)
                    };
                    let (run, at) = (of("run"), of("at"));
                    let title = self.line(TagEnd::Heading(level))?.last;
                    match level {
                        HeadingLevel::H1 => (self.title, self.run) = (title, run.unwrap_or_default()),
                        HeadingLevel::H2 => self.begin(title, run, at)?,
                        _ => return self.wrong("a lesson has headings of two levels: `#` and `##`"),
                    }
                }
                Event::Start(Tag::Paragraph) => {
                    let line = self.line(TagEnd::Paragraph)?;
                    self.settle();
                    self.here()?.words += line.words;
                    self.paragraph = Some(line);
                }
                Event::Start(Tag::List(None)) => self.list()?,
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(kind))) => {
                    let mut text = String::new();
                    while let Some(Event::Text(more)) = self.next() {
                        text.push_str(&more);
                    }
                    self.settle();
                    let lines =
                        text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned);
                    match &*kind {
                        "expect" => self.here()?.seen.extend(lines),
                        "try" => self.here()?.attempt = Some(text.trim().to_owned()),
                        other => return self.wrong(format!("`{other}` is neither `expect` nor `try`")),
                    }
                }
                other => return self.wrong(format!("a lesson has no place for {other:?}")),
            }
        }
        self.end()?;
        match self.steps.len() {
            0 => self.wrong("a lesson needs steps, each a heading with `##`"),
            1..=MOST_STEPS => Ok(()),
            many => self.wrong(format!("a lesson has at most {MOST_STEPS} steps, not {many}")),
        }
    }

    fn here(&mut self) -> std::result::Result<&mut Step, Complaint> {
        let place = self.place;
        self.step.as_mut().ok_or_else(|| (place, "text stands before the first step".to_owned()))
    }

    /// What was the last paragraph is no question.
    fn settle(&mut self) {
        if let (Some(Line { spans, .. }), Some(step)) = (self.paragraph.take(), &mut self.step) {
            step.blocks.push(quote!(::faultline_core::lesson::Block::Paragraph(&[#(#spans),*])));
        }
    }

    fn begin(
        &mut self,
        title: String,
        run: Option<String>,
        at: Option<String>,
    ) -> std::result::Result<(), Complaint> {
        self.end()?;
        let Some(at) = at else { return self.wrong("a step needs its moment, as in `{at=20ms}`") };
        // A run that a step names stays for those after it.
        self.run = run.unwrap_or_else(|| std::mem::take(&mut self.run));
        if self.run.is_empty() {
            return self.wrong("the title names the run, as in `# Title {run=default}`");
        }
        self.step = Some(Step { title, run: self.run.clone(), at, ..Step::default() });
        Ok(())
    }

    fn end(&mut self) -> std::result::Result<(), Complaint> {
        self.settle();
        let Some(step) = self.step.take() else { return Ok(()) };
        let Step { title, run, at, blocks, question, answers, seen, attempt, words, rights } = step;
        if seen.is_empty() {
            return self
                .wrong(format!("the step `{title}` says nothing that is checked: it needs `~~~expect`"));
        }
        if words > MOST_WORDS {
            return self.wrong(format!("the step `{title}` has {words} words; {MOST_WORDS} are the most"));
        }
        if question.is_some() && rights == 0 {
            return self.wrong(format!("the question of `{title}` has no right answer"));
        }
        let question = if let Some(Line { spans, .. }) = question {
            quote!(::core::option::Option::Some(::faultline_core::lesson::Question {
                text: &[#(#spans),*],
                answers: &[#(#answers),*],
            }))
        } else {
            quote!(::core::option::Option::None)
        };
        let attempt = if let Some(name) = attempt {
            quote!(::core::option::Option::Some(#name))
        } else {
            quote!(::core::option::Option::None)
        };
        self.steps.push(quote!(::faultline_core::lesson::Step {
            title: #title,
            run: #run,
            at: #at,
            text: &[#(#blocks),*],
            question: #question,
            seen: &[#(#seen),*],
            attempt: #attempt,
        }));
        Ok(())
    }

    /// A list: of the answers to the paragraph before it, or of items.
    fn list(&mut self) -> std::result::Result<(), Complaint> {
        while let Some(event) = self.next() {
            match event {
                Event::Start(Tag::Item) => {}
                Event::End(TagEnd::List(_)) => return Ok(()),
                _ => return self.wrong("an item of a list is one line"),
            }
            if let Some((Event::TaskListMarker(is_right), _)) = self.events.peek() {
                let is_right = *is_right;
                self.next();
                self.answer(is_right)?;
            } else {
                let line = self.line(TagEnd::Item)?;
                self.settle();
                let (step, spans) = (self.here()?, line.spans);
                step.words += line.words;
                step.blocks.push(quote!(::faultline_core::lesson::Block::Item(&[#(#spans),*])));
            }
        }
        Ok(())
    }

    fn answer(&mut self, is_right: bool) -> std::result::Result<(), Complaint> {
        if let Some(question) = self.paragraph.take() {
            if !question.last.ends_with('?') {
                return self.wrong("before answers stands a paragraph that asks, and ends with `?`");
            }
            self.here()?.question = Some(question);
        }
        if self.here()?.question.is_none() {
            return self.wrong("answers need a question before them");
        }
        let (text, said) = self.halves()?;
        let (text, said) = (text.spans, said.spans);
        let step = self.here()?;
        step.rights += usize::from(is_right);
        step.answers.push(quote!(::faultline_core::lesson::Answer {
            is_right: #is_right,
            text: &[#(#text),*],
            said: &[#(#said),*],
        }));
        Ok(())
    }

    /// An item as what stands before the dash and behind it.
    fn halves(&mut self) -> std::result::Result<(Line, Line), Complaint> {
        let (mut text, mut said, mut behind) = (Line::default(), Line::default(), false);
        loop {
            match self.next() {
                Some(Event::End(TagEnd::Item)) | None => break,
                Some(Event::Text(words)) if !behind => match words.split_once(DASH) {
                    Some((before, after)) => {
                        text.add(&Event::Text(before.to_owned().into()));
                        said.add(&Event::Text(after.to_owned().into()));
                        behind = true;
                    }
                    None => {
                        text.add(&Event::Text(words));
                    }
                },
                Some(event) => {
                    if !(if behind { &mut said } else { &mut text }).add(&event) {
                        return self.wrong("an answer is words and names only");
                    }
                }
            }
        }
        if said.spans.is_empty() {
            self.wrong("behind ` — ` stands what is said to the answer")
        } else {
            Ok((text, said))
        }
    }

    /// The pieces of a line, up to where it ends.
    fn line(&mut self, end: TagEnd) -> std::result::Result<Line, Complaint> {
        let mut line = Line::default();
        while let Some(event) = self.next() {
            match event {
                Event::End(other) if other == end => return Ok(line),
                Event::Start(tag @ (Tag::Strong | Tag::Emphasis | Tag::Link { .. })) => {
                    let mut words = String::new();
                    while let Some(Event::Text(more)) = self.next() {
                        words.push_str(&more);
                    }
                    line.count(&words);
                    line.spans.push(match tag {
                        Tag::Strong => quote!(::faultline_core::lesson::Span::Strong(#words)),
                        Tag::Link { dest_url, .. } => {
                            let to = &*dest_url;
                            quote!(::faultline_core::lesson::Span::Link(#words, #to))
                        }
                        _ => quote!(::faultline_core::lesson::Span::Stressed(#words)),
                    });
                }
                event => {
                    if !line.add(&event) {
                        return self.wrong(format!("a line has no place for {event:?}"));
                    }
                }
            }
        }
        Ok(line)
    }
}

impl Line {
    /// Adds words or a name; whether it is one of these.
    fn add(&mut self, event: &Event<'_>) -> bool {
        match event {
            Event::Text(words) => {
                let words = &**words;
                self.count(words);
                self.spans.push(quote!(::faultline_core::lesson::Span::Text(#words)));
            }
            Event::Code(name) => {
                let name = &**name;
                self.count(name);
                self.spans.push(quote!(::faultline_core::lesson::Span::Name(#name)));
            }
            Event::SoftBreak => self.spans.push(quote!(::faultline_core::lesson::Span::Text(" "))),
            _ => return false,
        }
        true
    }

    fn count(&mut self, words: &str) {
        self.words += words.split_whitespace().count();
        words.clone_into(&mut self.last);
    }
}
