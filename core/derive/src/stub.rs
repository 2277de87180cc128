//! What stands in for a derive that failed, so that its one error is not followed by many that follow from it. It never runs.

use super::{Ident, Tokens, quote};

pub(super) fn settings(name: &Ident) -> Tokens {
    quote! {
        impl ::std::default::Default for #name {
            fn default() -> Self { ::std::unreachable!() }
        }
        impl ::faultline_core::words::Settings for #name {
            const SETTINGS: &'static [::faultline_core::title::Setting] = &[];
            const TWINS: &'static [::faultline_core::title::Twin] = &[];
            fn set(&mut self, _: usize, _: u64) {}
            fn turn(&mut self, _: usize) {}
        }
    }
}

pub(super) fn twins(name: &Ident) -> Tokens {
    quote! {
        impl ::faultline_core::words::Twins for #name {
            const TWINS: &'static [::faultline_core::title::Twin] = &[];
            fn turn(&mut self, _: usize) {}
        }
    }
}

pub(super) fn choice(name: &Ident) -> Tokens {
    quote! {
        impl ::faultline_core::words::Value for #name {
            const UNIT: ::faultline_core::title::Unit = ::faultline_core::title::Unit::Choice(&[""]);
            fn of(_: u64) -> Self { ::std::unreachable!() }
        }
    }
}

pub(super) fn words(name: &Ident) -> Tokens {
    quote! {
        impl ::std::fmt::Display for #name {
            fn fmt(&self, _: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result { ::std::unreachable!() }
        }
    }
}

pub(super) fn read(name: &Ident) -> Tokens {
    quote! {
        impl ::std::str::FromStr for #name {
            type Err = ::std::string::String;
            fn from_str(_: &str) -> ::std::result::Result<Self, ::std::string::String> { ::std::unreachable!() }
        }
    }
}
