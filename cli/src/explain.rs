//! `faultline explain`: why claims do not hold at the end of a scenario.

use crate::io::{Failure, load, print};
use faultline_core::Session;
use faultline_core::view::{Claim, Standing};

pub(crate) fn explain_command(source: &str) -> Result<(), Failure> {
    let mut session = Session::new(load(source)?);
    session.seek_time(session.scenario().until);
    let breaks = |claim: &Claim| matches!(claim.standing, Standing::Violated { .. } | Standing::Unmet { .. });
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
