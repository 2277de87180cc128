//! `faultline measure`: what runs of a protocol cost, over some seeds.

use crate::attack::set_up;
use crate::watch::{INTERRUPTED, Watch, interrupted};
use crate::{Failure, find, print};
use faultline_core::measure::{Counts, Measures, percentile};
use faultline_core::scenario::Scenario;
use faultline_core::sim::Run;
use faultline_core::time::exact;

pub(crate) fn measure_command(words: &[&str]) -> Result<(), Failure> {
    let usage = || Failure(2, "write it as in `faultline measure raft --nodes 7 --seeds 20 --json`".into());
    let [name, options @ ..] = words else { return Err(usage()) };
    let mut scenario = Scenario::of(find(name)?);
    if scenario.ask == 0 {
        scenario.ask = 100_000;
    }
    let (mut seeds, mut json) = (10, false);
    let mut options = options.iter();
    while let Some(option) = options.next() {
        if *option == "--json" {
            json = true;
            continue;
        }
        let value = *options.next().ok_or_else(usage)?;
        match *option {
            "--seeds" => {
                seeds = value.parse().map_err(|_| Failure(2, format!("`{value}` is no whole number")))?;
            }
            _ if set_up(&mut scenario, option, value)? => {}
            _ => {
                return Err(Failure(
                    2,
                    format!("`measure` knows no `{option}`; `faultline help` lists what it knows"),
                ));
            }
        }
    }
    let (mut sum, mut done, mut watch) = (Measures::default(), 0, Watch::start());
    while done < seeds && !interrupted() {
        done += 1;
        scenario.seed = done;
        sum.add(&Measures::of(&Run::new(scenario.clone(), scenario.until)));
        watch.tell(|| format!("{done} of {seeds} seeds"));
    }
    print(&if json { as_json(&scenario, done, &sum) } else { as_text(&scenario, done, &sum) })?;
    if done == seeds {
        Ok(())
    } else {
        Err(Failure(INTERRUPTED, "interrupted; that is what was known".into()))
    }
}

fn as_text(scenario: &Scenario, seeds: u64, sum: &Measures) -> String {
    let mut text = format!(
        "{}, {} nodes, {seeds} seeds of {} each, something asked every {}\n\n{:<20}{:>12}{:>12}{:>8}{:>16}\n",
        scenario.entry.info.title,
        scenario.nodes,
        exact(scenario.until),
        exact(scenario.ask),
        "messages",
        "sent",
        "delivered",
        "lost",
        "forced writes"
    );
    for Counts { name, sent, delivered, lost, writes } in &sum.messages {
        text += &format!("{name:<20}{sent:>12}{delivered:>12}{lost:>8}{writes:>16}\n");
    }
    for (name, writes) in ["timers", "requests", "starts"].into_iter().zip(sum.local_writes) {
        text += &format!("{name:<52}{writes:>16}\n");
    }
    let (writes, rounds) = (sum.writes(), sum.rounds.checked_div(seeds).unwrap_or(0));
    text += &format!("\nforced writes {writes}, events {}, rounds a run {rounds}\n", sum.events);
    for (name, values) in [("latency", &sum.delays), ("answered in", &sum.waits)] {
        let [half, most, nearly] = [50, 95, 99].map(|percent| exact(percentile(values, percent)));
        text += &format!("{name}: median {half}, 95 % {most}, 99 % {nearly}, of {}\n", values.len());
    }
    text
}

/// All names are words of ours, so that nothing needs an escape.
fn as_json(scenario: &Scenario, seeds: u64, sum: &Measures) -> String {
    let message = |Counts { name, sent, delivered, lost, writes }: &Counts| {
        format!(
            "{{\"kind\":\"{name}\",\"sent\":{sent},\"delivered\":{delivered},\"lost\":{lost},\"forced_writes\":{writes}}}"
        )
    };
    let spread = |values: &[u32]| {
        let [half, most, nearly] = [50, 95, 99].map(|percent| percentile(values, percent));
        format!("{{\"p50\":{half},\"p95\":{most},\"p99\":{nearly}}}")
    };
    let messages: Vec<_> = sum.messages.iter().map(message).collect();
    format!(
        "{{\"protocol\":\"{}\",\"nodes\":{},\"seeds\":{seeds},\"until_us\":{},\"ask_us\":{},\"messages\":[{}],\
         \"forced_writes\":{},\"events\":{},\"rounds\":{},\"latency_us\":{},\"answered_us\":{}}}\n",
        scenario.entry.info.slug,
        scenario.nodes,
        scenario.until,
        scenario.ask,
        messages.join(","),
        sum.writes(),
        sum.events,
        sum.rounds,
        spread(&sum.delays),
        spread(&sum.waits)
    )
}
