//! What is said in a file of Rust: the literals that a reader may see, and the doc comments that are words of the page.

use crate::Said;
use proc_macro2::{TokenStream, TokenTree};
use std::error::Error;
use std::path::Path;
use syn::visit::{self, Visit};
use syn::{Attribute, Expr, Lit, LitStr, Meta, parse_str};

/// Collects what is said in a file, without its tests.
pub(crate) fn collect(file: &Path, text: &str, said: &mut Vec<Said>) -> Result<(), Box<dyn Error>> {
    let syntax = syn::parse_file(text).map_err(|error| format!("{}: {error}", file.display()))?;
    let here = file.to_string_lossy();
    let kind = if here.contains("/cli/") {
        "command line"
    } else if here.contains("/web/") {
        "page"
    } else {
        "sentence"
    };
    Reader { said, file, kind }.visit_file(&syntax);
    Ok(())
}

struct Reader<'a> {
    said: &'a mut Vec<Said>,
    file: &'a Path,
    /// What a literal is here.
    kind: &'static str,
}

impl Reader<'_> {
    /// What is said within something, which is of a kind of its own.
    fn within(&mut self, kind: &'static str, read: impl FnOnce(&mut Self)) {
        let before = std::mem::replace(&mut self.kind, kind);
        read(self);
        self.kind = before;
    }

    /// A literal that has at least two words, or on the page one that begins as a label does.
    fn literal(&mut self, literal: &LitStr) {
        let text = literal.value();
        let spoken =
            text.split_whitespace().filter(|word| word.chars().filter(|it| it.is_alphabetic()).count() > 1);
        let label = self.kind == "page" && text.starts_with(char::is_uppercase);
        if spoken.count() > 1 || label {
            self.push(self.kind, literal.span().start().line, text);
        }
    }

    fn push(&mut self, kind: &'static str, line: usize, text: String) {
        self.said.push(Said { kind, file: self.file.into(), line, text });
    }

    /// The literals among the words of a macro.
    fn tokens(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Literal(literal) => {
                    if let Ok(text) = parse_str::<LitStr>(&literal.to_string()) {
                        let text = LitStr::new(&text.value(), literal.span());
                        self.literal(&text);
                    }
                }
                TokenTree::Ident(_) | TokenTree::Punct(_) => {}
            }
        }
    }

    /// The doc comment of something that the page shows.
    fn doc(&mut self, kind: &'static str, attributes: &[Attribute]) {
        let (mut text, mut line) = (String::new(), 0);
        for attribute in attributes.iter().filter(|it| it.path().is_ident("doc")) {
            if let Meta::NameValue(doc) = &attribute.meta
                && let Expr::Lit(literal) = &doc.value
                && let Lit::Str(words) = &literal.lit
            {
                line = if line == 0 { words.span().start().line } else { line };
                text += &words.value();
            }
        }
        if !text.trim().is_empty() {
            self.push(kind, line, text.trim().into());
        }
    }
}

/// Whether something derives this.
fn derives(attributes: &[Attribute], what: &str) -> bool {
    attributes.iter().filter(|it| it.path().is_ident("derive")).any(|it| {
        it.meta
            .require_list()
            .is_ok_and(|list| list.tokens.to_string().split([',', ' ']).any(|it| it == what))
    })
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|it| {
        it.path().is_ident("test")
            || it.meta.require_list().is_ok_and(|list| list.tokens.to_string() == "test")
    })
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_test(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        for (what, kind) in [("Settings", "setting"), ("Twins", "wrong twin"), ("Args", "help")] {
            let clap = what == "Args" && item.attrs.iter().any(|it| it.path().is_ident("command"));
            if derives(&item.attrs, what) || clap {
                item.fields.iter().for_each(|field| self.doc(kind, &field.attrs));
                if clap {
                    self.doc(kind, &item.attrs);
                }
            }
        }
        visit::visit_item_struct(self, item);
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        for (what, kind) in [("Choice", "choice"), ("Subcommand", "help"), ("ValueEnum", "help")] {
            if derives(&item.attrs, what) {
                item.variants.iter().for_each(|variant| self.doc(kind, &variant.attrs));
            }
        }
        visit::visit_item_enum(self, item);
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if let (true, Ok(list)) = (attribute.path().is_ident("words"), attribute.meta.require_list()) {
            self.within("words", |it| it.tokens(list.tokens.clone()));
        }
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        let Expr::Path(path) = &*call.func else { return visit::visit_expr_call(self, call) };
        let names: Vec<String> = path.path.segments.iter().map(|it| it.ident.to_string()).collect();
        let kind = match names.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            [.., "Rule", "new"] => "rule",
            [.., "always" | "eventually" | "sometimes"] => "claim",
            [.., "Err"] => "complaint",
            _ => self.kind,
        };
        self.within(kind, |it| visit::visit_expr_call(it, call));
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        let kind = match call.method.to_string().as_str() {
            "tell" | "remark" => "log",
            "expect" | "unwrap_or_default" => return visit::visit_expr_method_call(self, call),
            _ => self.kind,
        };
        self.within(kind, |it| visit::visit_expr_method_call(it, call));
    }

    fn visit_expr_struct(&mut self, it: &'ast syn::ExprStruct) {
        let name = it.path.segments.last().map(|it| it.ident.to_string()).unwrap_or_default();
        let kind = match name.as_str() {
            "Info" | "LaneWords" | "LogWords" | "Vetted" => "title page",
            "Chart" | "Figure" => "figure",
            _ => self.kind,
        };
        self.within(kind, |reader| visit::visit_expr_struct(reader, it));
    }

    fn visit_macro(&mut self, called: &'ast syn::Macro) {
        let name = called.path.segments.last().map(|it| it.ident.to_string()).unwrap_or_default();
        let kind = match name.as_str() {
            "assert" | "assert_eq" | "debug_assert" | "presets" | "panic" | "matches" | "include_str" => {
                return;
            }
            "kinds" => "message kind",
            _ => self.kind,
        };
        self.within(kind, |it| it.tokens(called.tokens.clone()));
    }

    fn visit_lit_str(&mut self, literal: &'ast LitStr) {
        self.literal(literal);
    }
}
