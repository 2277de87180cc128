//! Templates, such as `Voted {1} on {0}`: values are written by them and read by them.

use super::{
    Attribute, Data, DeriveInput, Error, Fields, LitStr, Result, Tokens, format_ident, kebab, quote,
};
use proc_macro2::Span;
use syn::spanned::Spanned;

/// What `#[words(…)]` says of a type.
#[derive(Default)]
struct Said {
    template: Option<LitStr>,
    kebab: bool,
    otherwise: Option<LitStr>,
}

/// The template of a variant, or a word.
pub(super) fn given(attributes: &[Attribute]) -> Result<Option<LitStr>> {
    said(attributes).map(|said| said.template)
}

fn said(attributes: &[Attribute]) -> Result<Said> {
    let mut said = Said::default();
    for attribute in attributes.iter().filter(|it| it.path().is_ident("words")) {
        if let Ok(template) = attribute.parse_args() {
            said.template = Some(template);
            continue;
        }
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("kebab") {
                said.kebab = true;
            } else if meta.path.is_ident("otherwise") {
                said.otherwise = Some(meta.value()?.parse()?);
            } else {
                return Err(meta.error("words are a template, `kebab`, or `otherwise = \"a complaint\"`"));
            }
            Ok(())
        })?;
    }
    Ok(said)
}

/// A form of a type: its path, its fields, and its template in pieces.
struct Form {
    path: Tokens,
    fields: Vec<Tokens>,
    /// Before the first hole.
    first: String,
    /// The place of the field in each hole, and what comes after it.
    holes: Vec<(usize, String)>,
}

fn forms(item: &DeriveInput) -> Result<(Said, Vec<Form>)> {
    let (name, said) = (&item.ident, said(&item.attrs)?);
    let forms = match &item.data {
        Data::Struct(data) => {
            let template = match &said.template {
                Some(template) => template.value(),
                None if matches!(data.fields, Fields::Unit) => name.to_string(),
                None => {
                    return Err(Error::new(name.span(), "a struct needs its template: `#[words(\"t{0}\")]`"));
                }
            };
            vec![form(quote!(Self), &data.fields, &template, name.span())?]
        }
        Data::Enum(data) => {
            let form = |variant: &syn::Variant| {
                let ident = &variant.ident;
                let word = if said.kebab { kebab(ident) } else { ident.to_string() };
                let (template, span) = match given(&variant.attrs)? {
                    Some(template) => (template.value(), template.span()),
                    None => (all(word, &variant.fields), ident.span()),
                };
                form(quote!(Self::#ident), &variant.fields, &template, span)
            };
            data.variants.iter().map(form).collect::<Result<_>>()?
        }
        Data::Union(_) => return Err(Error::new(item.span(), "a union has no words")),
    };
    Ok((said, forms))
}

/// The word, then all fields.
fn all(word: String, fields: &Fields) -> String {
    let holes = fields.members().map(|it| format!(" {{{}}}", quote!(#it)));
    holes.fold(word, |all, hole| all + &hole)
}

fn form(path: Tokens, fields: &Fields, template: &str, span: Span) -> Result<Form> {
    let members: Vec<_> = fields.members().map(|it| quote!(#it)).collect();
    let mut pieces = template.split('{');
    let (first, mut holes) = (pieces.next().unwrap_or_default().to_owned(), vec![]);
    for piece in pieces {
        let (hole, after) =
            piece.split_once('}').ok_or_else(|| Error::new(span, "a hole is not closed: `{0}`"))?;
        let place = members.iter().position(|it| it.to_string() == hole);
        let place = place.ok_or_else(|| Error::new(span, no_field(hole, &members)))?;
        holes.push((place, after.to_owned()));
    }
    Ok(Form { path, fields: members, first, holes })
}

fn no_field(hole: &str, members: &[Tokens]) -> String {
    if members.is_empty() {
        return format!("there is no field `{hole}`, and no other: this template has no holes");
    }
    let holes: Vec<_> = members.iter().map(|it| format!("`{{{it}}}`")).collect();
    format!("there is no field `{hole}`; a hole is one of {}", holes.join(", "))
}

pub(super) fn display(item: &DeriveInput) -> Result<Tokens> {
    let (name, (_, forms)) = (&item.ident, forms(item)?);
    let arms = forms.iter().map(|Form { path, fields, first, holes }| {
        if holes.is_empty() {
            return quote!(#path { .. } => out.write_str(#first));
        }
        let bound: Vec<_> = holes.iter().map(|(place, _)| format_ident!("hole_{place}")).collect();
        let taken = holes.iter().map(|(place, _)| &fields[*place]);
        let format = holes.iter().fold(first.clone(), |all, (_, after)| all + "{}" + after);
        quote!(#path { #(#taken: ref #bound,)* .. } => ::std::write!(out, #format, #(#bound),*))
    });
    Ok(quote! {
        impl ::std::fmt::Display for #name {
            fn fmt(&self, out: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                match *self { #(#arms),* }
            }
        }
    })
}

pub(super) fn from_str(item: &DeriveInput) -> Result<Tokens> {
    let (name, (said, forms)) = (&item.ident, forms(item)?);
    let otherwise = said.otherwise.ok_or_else(|| {
        Error::new(
            name.span(),
            "say what is allowed, for words that fit no template: `#[words(otherwise = \"…\")]`",
        )
    })?;
    let mut tries = vec![];
    for Form { path, fields, first, holes } in &forms {
        if holes.len() != fields.len() {
            return Err(Error::new(name.span(), "to be read back, a template needs a hole for every field"));
        }
        let read: Vec<_> = holes.iter().map(|(place, _)| format_ident!("hole_{place}")).collect();
        let (taken, after) = (holes.iter().map(|(place, _)| &fields[*place]), holes.iter().map(|it| &it.1));
        tries.push(quote! {
            if let Some([#(#read),*]) = ::faultline_core::toolbox::hole::split(words, #first, [#(#after),*]) {
                return Ok(#path { #(#taken: ::faultline_core::toolbox::hole::Hole::read(#read)
                    .map_err(|wrong| ::std::format!("{wrong}; {}", #otherwise))?),* });
            }
        });
    }
    Ok(quote! {
        impl ::std::str::FromStr for #name {
            type Err = ::std::string::String;
            fn from_str(words: &str) -> ::std::result::Result<Self, ::std::string::String> {
                #(#tries)*
                Err(#otherwise.into())
            }
        }
    })
}
