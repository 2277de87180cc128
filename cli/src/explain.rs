//! `faultline explain`: why claims do not hold at the end of a scenario, or how something in it came about.

use crate::io::{Failure, load, print};
use faultline_core::Session;
use faultline_core::scenario::slug;
use faultline_core::view::{Claim, Standing};

pub(crate) fn explain_command(source: &str, what: Option<&str>) -> Result<(), Failure> {
    let mut session = Session::new(load(source)?);
    session.seek_time(session.scenario().until);
    if let Some(what) = what {
        return explain_one(&session, what);
    }
    let claims = session.view().claims;
    let broken = claims.iter().enumerate().filter(|(_, claim)| breaks(claim));
    let explained = broken.map(|(place, _)| session.explain(place).map(|it| it.to_string()));
    let explained = explained.collect::<Result<Vec<_>, _>>().map_err(|sentence| Failure(2, sentence))?;
    if explained.is_empty() {
        return print("No claim breaks in this scenario.\n");
    }
    print(&explained.join("\n"))?;
    Err(Failure(
        1,
        match explained.len() {
            1 => "one claim breaks in this scenario".into(),
            many => format!("{many} claims break in this scenario"),
        },
    ))
}

fn breaks(claim: &Claim) -> bool {
    matches!(claim.standing, Standing::Violated { .. } | Standing::Unmet { .. })
}

/// Explains a claim by its name or its slug, or the first step in which a node tells the application something that begins so.
fn explain_one(session: &Session, what: &str) -> Result<(), Failure> {
    let claims = session.view().claims;
    let claim = claims.iter().position(|claim| slug(&claim.name) == slug(what));
    let explained = match claim {
        Some(place) => session.explain(place),
        None => session.first_told(what).and_then(|event| session.explain_event(event)),
    };
    print(&explained.map_err(|sentence| Failure(2, sentence))?.to_string())?;
    match claim.map(|place| &claims[place]).filter(|claim| breaks(claim)) {
        Some(claim) => Err(Failure(1, format!("{} breaks in this scenario", claim.name))),
        None => Ok(()),
    }
}
