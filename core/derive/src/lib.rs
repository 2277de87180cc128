//! A declaration carries its own words: its doc comment is the sentence that the page shows, its name in kebab-case is the
//! word in scenario texts, and an attribute says the rest. The derives implement the traits of `faultline_core::words`.

use proc_macro::TokenStream;
use proc_macro2::TokenStream as Tokens;
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Attribute, Data, DeriveInput, Error, Expr, ExprLit, Field, Fields, Ident, Lit, LitInt, LitStr};
use syn::{Result, Token, Type, parse_macro_input};

mod lesson;
mod stub;
mod template;

/// The settings of a run, and their [`Default`]: `#[setting(default = 100ms, bounds = 1ms..=60s)]`. Numbers need both; a
/// `bool` is off and a [`Choice`] is its first variant unless a default says otherwise. The field marked
/// `#[setting(twins)]` holds the wrong twins. One marked `#[setting(memo)]` remembers what follows from the others, and is no
/// setting itself.
#[proc_macro_derive(Settings, attributes(setting))]
pub fn settings(item: TokenStream) -> TokenStream {
    derived(&parse_macro_input!(item), settings_of, stub::settings)
}

/// Wrong twins, a `bool` each. `#[twin(shows_with = ["set style anti-entropy"])]` names the settings that random faults need
/// to expose a twin.
#[proc_macro_derive(Twins, attributes(twin))]
pub fn twins(item: TokenStream) -> TokenStream {
    derived(&parse_macro_input!(item), twins_of, stub::twins)
}

/// An enum as the value of a setting: its variants in kebab-case, unless `#[words("another")]` stands on one.
#[proc_macro_derive(Choice, attributes(words))]
pub fn choice(item: TokenStream) -> TokenStream {
    derived(&parse_macro_input!(item), choice_of, stub::choice)
}

/// [`std::fmt::Display`] by templates: `#[words("Voted {1} on {0}")]`. Without one, a variant prints as its name, then all
/// its fields. `#[words(kebab)]` on the type writes the names in kebab-case.
#[proc_macro_derive(Words, attributes(words))]
pub fn words(item: TokenStream) -> TokenStream {
    derived(&parse_macro_input!(item), template::display, stub::words)
}

/// [`std::str::FromStr`] by the same templates, each hole read as a `Hole`. `#[words(otherwise = "…")]` is the sentence for
/// words that fit no template.
#[proc_macro_derive(Read, attributes(words))]
pub fn read(item: TokenStream) -> TokenStream {
    derived(&parse_macro_input!(item), template::from_str, stub::read)
}

/// A lesson from the `lesson.md` of a protocol's scenarios, by its slug, as a `Lesson`.
#[proc_macro]
pub fn lesson(item: TokenStream) -> TokenStream {
    lesson::lesson_of(&parse_macro_input!(item)).unwrap_or_else(Error::into_compile_error).into()
}

/// The derived code, or the error and a stub, so that the compiler does not also complain of a missing trait.
fn derived(
    item: &DeriveInput,
    derive: fn(&DeriveInput) -> Result<Tokens>,
    stub: fn(&Ident) -> Tokens,
) -> TokenStream {
    let derived = derive(item).unwrap_or_else(|error| {
        let (error, stub) = (error.into_compile_error(), stub(&item.ident));
        quote!(#error #stub)
    });
    derived.into()
}

/// What a setting is when nothing is said: a number, or an expression.
enum Usual {
    Number(u64),
    Other(Expr),
}

/// What the attribute of a setting says.
#[derive(Default)]
struct Said {
    twins: bool,
    memo: bool,
    time: bool,
    default: Option<Usual>,
    bounds: Option<(u64, u64)>,
}

fn settings_of(item: &DeriveInput) -> Result<Tokens> {
    let name = &item.ident;
    let (mut settings, mut setters, mut defaults, mut checks) = (vec![], vec![], vec![], vec![]);
    let mut twins = (quote!(&[]), quote!(let _ = place;));
    for field in named(item)? {
        let (ident, ty, said) = (&field.ident, &field.ty, said(field)?);
        if said.twins || said.memo {
            defaults.push(quote!(#ident: ::std::default::Default::default()));
        }
        if said.memo {
            continue;
        }
        if said.twins {
            let turn = quote!(::faultline_core::words::Twins::turn(&mut self.#ident, place););
            twins = (quote!(<#ty as ::faultline_core::words::Twins>::TWINS), turn);
            continue;
        }
        let (word, sentence) = (kebab_field(field), sentence(field)?);
        let value = quote!(<#ty as ::faultline_core::words::Value>);
        let (place, time) = (settings.len(), said.time);
        let unit = if time { quote!(::faultline_core::title::Unit::Time) } else { quote!(#value::UNIT) };
        let bounds =
            said.bounds.map_or_else(|| quote!(#value::BOUNDS), |(least, most)| quote!((#least, #most)));
        let (default, number) = match &said.default {
            Some(Usual::Other(default)) => (quote!(#default), quote!(#default as u64)),
            Some(Usual::Number(number)) => (quote!(#value::of(#number)), quote!(#number)),
            None if said.bounds.is_some() => return Err(Error::new(ident.span(), number_needs(&word))),
            None => (quote!(#value::of(0)), quote!(0)),
        };
        if said.bounds.is_none() {
            let needs = number_needs(&word);
            checks.push(quote_spanned!(ident.span()=> const _: () = {
                use ::faultline_core::title::Unit;
                assert!(!::core::matches!(#unit, Unit::Time | Unit::Count), #needs);
            };));
        }
        let outside = format!("the default of `{word}` is not within its bounds");
        checks.push(quote_spanned!(ident.span()=> const _: () = {
            let (bounds, default): ((u64, u64), u64) = (#bounds, #number);
            assert!(bounds.0 <= default && default <= bounds.1, #outside);
        };));
        settings.push(quote_spanned!(field.span()=> ::faultline_core::title::Setting {
            name: #word, sentence: #sentence, unit: #unit, bounds: #bounds, default: #number,
        }));
        setters.push(quote!(#place => self.#ident = #value::of(value),));
        defaults.push(quote!(#ident: #default));
    }
    let (twins, turn) = twins;
    Ok(quote! {
        #(#checks)*
        impl ::std::default::Default for #name {
            fn default() -> Self { Self { #(#defaults),* } }
        }
        impl ::faultline_core::words::Settings for #name {
            const SETTINGS: &'static [::faultline_core::title::Setting] = &[#(#settings),*];
            const TWINS: &'static [::faultline_core::title::Twin] = #twins;
            fn set(&mut self, place: usize, value: u64) {
                match place { #(#setters)* _ => {} }
            }
            fn turn(&mut self, place: usize) { #turn }
        }
    })
}

fn number_needs(setting: &str) -> String {
    format!("`{setting}` is a number, which needs both: `#[setting(default = 3, bounds = 1..=9)]`")
}

fn said(field: &Field) -> Result<Said> {
    let mut said = Said::default();
    for attribute in field.attrs.iter().filter(|it| it.path().is_ident("setting")) {
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("twins") {
                said.twins = true;
            } else if meta.path.is_ident("memo") {
                said.memo = true;
            } else if meta.path.is_ident("default") {
                let default: Expr = meta.value()?.parse()?;
                said.default = Some(match default {
                    Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => {
                        Usual::Number(scaled(&number, &mut said.time)?)
                    }
                    _ => Usual::Other(default),
                });
            } else if meta.path.is_ident("bounds") {
                let (least, _, most): (LitInt, Token![..=], LitInt) = {
                    let it = meta.value()?;
                    (it.parse()?, it.parse()?, it.parse()?)
                };
                said.bounds = Some((scaled(&least, &mut said.time)?, scaled(&most, &mut said.time)?));
            } else {
                return Err(
                    meta.error("a setting has a `default` and `bounds`, or is the `twins` or a `memo`")
                );
            }
            Ok(())
        })?;
    }
    Ok(said)
}

/// A number, or a time in microseconds: `60s`.
fn scaled(number: &LitInt, time: &mut bool) -> Result<u64> {
    let scale = match number.suffix() {
        "" => return number.base10_parse(),
        "us" => 1,
        "ms" => 1_000,
        "s" => 1_000_000,
        _ => return Err(Error::new(number.span(), "a time is in `us`, `ms` or `s`")),
    };
    *time = true;
    number.base10_digits().parse().map(|it: u64| it * scale).map_err(|it| Error::new(number.span(), it))
}

fn twins_of(item: &DeriveInput) -> Result<Tokens> {
    let name = &item.ident;
    let (mut twins, mut turns) = (vec![], vec![]);
    for field in named(item)? {
        let (ident, word, sentence) = (&field.ident, kebab_field(field), sentence(field)?);
        if !matches!(&field.ty, Type::Path(it) if it.path.is_ident("bool")) {
            return Err(Error::new(field.ty.span(), "a wrong twin is a `bool`: it is on or off"));
        }
        let mut shows_with = quote!(&[]);
        for attribute in field.attrs.iter().filter(|it| it.path().is_ident("twin")) {
            attribute.parse_nested_meta(|meta| {
                if !meta.path.is_ident("shows_with") {
                    return Err(meta.error("a wrong twin has `shows_with = [\"set …\"]`"));
                }
                let words: proc_macro2::Group = meta.value()?.parse()?;
                shows_with = quote!(&#words);
                Ok(())
            })?;
        }
        let place = twins.len();
        twins.push(quote!(::faultline_core::title::Twin {
            name: #word, sentence: #sentence, shows_with: #shows_with,
        }));
        turns.push(quote!(#place => self.#ident = true,));
    }
    Ok(quote! {
        impl ::faultline_core::words::Twins for #name {
            const TWINS: &'static [::faultline_core::title::Twin] = &[#(#twins),*];
            fn turn(&mut self, place: usize) {
                match place { #(#turns)* _ => {} }
            }
        }
    })
}

fn choice_of(item: &DeriveInput) -> Result<Tokens> {
    let name = &item.ident;
    let Data::Enum(data) = &item.data else { return Err(Error::new(item.span(), "a choice is an enum")) };
    let (mut words, mut arms) = (vec![], vec![]);
    for (place, variant) in data.variants.iter().enumerate() {
        let (ident, number) = (&variant.ident, place as u64);
        if !matches!(variant.fields, Fields::Unit) {
            return Err(Error::new(variant.span(), "a variant that is chosen by its word has no fields"));
        }
        words.push(template::given(&variant.attrs)?.map_or_else(|| kebab(ident), |it| it.value()));
        arms.push(if place == 0 { quote!(_ => #name::#ident) } else { quote!(#number => #name::#ident) });
    }
    arms.rotate_left(1);
    Ok(quote! {
        impl ::faultline_core::words::Value for #name {
            const UNIT: ::faultline_core::title::Unit =
                ::faultline_core::title::Unit::Choice(&[#(#words),*]);
            fn of(value: u64) -> Self {
                match value { #(#arms),* }
            }
        }
    })
}

fn named(item: &DeriveInput) -> Result<impl Iterator<Item = &Field>> {
    match &item.data {
        Data::Struct(data) if matches!(data.fields, Fields::Named(_)) => Ok(data.fields.iter()),
        _ => Err(Error::new(item.span(), "this derive needs a struct with named fields")),
    }
}

/// The first paragraph of the doc comment, on one line.
fn sentence(of: &Field) -> Result<String> {
    let docs = |it: &&Attribute| it.path().is_ident("doc");
    let mut lines = vec![];
    for attribute in of.attrs.iter().filter(docs) {
        if let Expr::Lit(it) = &attribute.meta.require_name_value()?.value
            && let Lit::Str(line) = &it.lit
        {
            lines.push(line.value().trim().to_owned());
        }
    }
    let sentence = lines.split(String::is_empty).next().unwrap_or_default().join(" ");
    let wrong = match &sentence {
        it if it.is_empty() => "the page shows its doc comment, one sentence: write it above, `/// …`",
        it if !it.ends_with('.') => "the page shows this as a sentence: end it with a full stop",
        it if it.contains("[`") || it.contains("](") => "the page shows this as it stands: leave out links",
        _ => return Ok(sentence),
    };
    Err(Error::new(of.attrs.iter().find(docs).map_or(of.ident.span(), Spanned::span), wrong))
}

fn kebab_field(field: &Field) -> String {
    field.ident.as_ref().map(|it| it.unraw().to_string().replace('_', "-")).unwrap_or_default()
}

fn kebab(ident: &Ident) -> String {
    let mut word = String::new();
    for letter in ident.unraw().to_string().chars() {
        if letter.is_uppercase() && !word.is_empty() {
            word.push('-');
        }
        word.extend(letter.to_lowercase());
    }
    word
}
