//! The few icons, drawn as strokes of the text's colour.

use yew::prelude::*;

/// An icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Icon {
    Play,
    Pause,
    Back,
    On,
    MarkBack,
    MarkOn,
    Again,
    Closer,
    Farther,
    Theme,
    Branch,
    Close,
    Undo,
    Redo,
    Find,
    Folder,
    Share,
    Out,
}

/// An icon of 16 pixels.
pub fn draw(icon: Icon) -> Html {
    let (path, filled) = match icon {
        Icon::Play => ("M4.5 2.5 L13.5 8 L4.5 13.5 Z", true),
        Icon::Pause => ("M4 3 h3 v10 h-3 z M9 3 h3 v10 h-3 z", true),
        Icon::Back => ("M12 3 L5 8 L12 13 Z M3.5 3 v10", true),
        Icon::On => ("M4 3 L11 8 L4 13 Z M12.5 3 v10", true),
        Icon::MarkBack => ("M8 4 L4 8 L8 12 M13 4 L9 8 L13 12", false),
        Icon::MarkOn => ("M8 4 L12 8 L8 12 M3 4 L7 8 L3 12", false),
        Icon::Again => ("M13 6.5 A5.3 5.3 0 1 0 13.3 9 M13.3 2.8 V6.6 H9.5", false),
        Icon::Closer => ("M8 3.5 v9 M3.5 8 h9", false),
        Icon::Farther => ("M3.5 8 h9", false),
        Icon::Theme => ("M8 2.5 a5.5 5.5 0 1 0 0.01 0 M8 2.5 v11 a5.5 5.5 0 0 0 0 -11", false),
        Icon::Branch => ("M4.5 2.5 v11 M4.5 10.5 c0 -4 7 -2 7 -7 M9 6 L11.5 3.2 L14 6", false),
        Icon::Close => ("M4 4 L12 12 M12 4 L4 12", false),
        Icon::Undo => ("M6 3 L3 6 L6 9 M3 6 h6.5 a3.5 3.5 0 0 1 0 7 H7", false),
        Icon::Redo => ("M10 3 L13 6 L10 9 M13 6 H6.5 a3.5 3.5 0 0 0 0 7 H9", false),
        Icon::Find => ("M7 2.5 a4.5 4.5 0 1 0 0.01 0 M10.3 10.3 L13.5 13.5", false),
        Icon::Folder => ("M2 12.5 V3.5 h4 l1.5 2 H14 v7 Z", false),
        Icon::Share => ("M8 9.5 V2.5 M5 5 L8 2.2 L11 5 M5 7.5 H3 V13.5 H13 V7.5 H11", false),
        Icon::Out => ("M9 3 H13 V7 M13 3 L7.5 8.5 M11 9.5 V13 H3 V5 H6.5", false),
    };
    html! {
        <svg class={classes!("icon", filled.then_some("filled"))} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d={path} /></svg>
    }
}

/// The sign of a claim that does not hold: eight corners and a cross.
pub fn broken() -> Html {
    html! {
        <svg class="octagon" viewBox="0 0 32 32" width="32" height="32" aria-hidden="true">
            <path d="M10 1H22L31 10V22L22 31H10L1 22V10Z" /><path class="cross" d="M11 11L21 21M21 11L11 21" />
        </svg>
    }
}
