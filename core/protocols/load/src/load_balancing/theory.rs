//! The theory of queues behind a balancer, in whole numbers of 2⁻³²: what is known where arrivals are Poisson and service is
//! exponential (Kleinrock 1975, §3.2; Mitzenmacher 2001).
//!
//! Let ρ be the load of a server. Where each request draws a server at random, a server has at least i requests in hand with
//! probability ρ^i. Where it draws d and takes the least loaded, that is ρ^((d^i − 1)/(d − 1)), for many servers.

use super::{Bugs, Layer, Load, Params, Policy, Varies, shape};
use crate::draw::{ONE, minus_ln};
use faultline_core::prelude::*;

/// The longest queue of which a curve says something.
const LONGEST: u64 = 40;

fn times(a: u64, b: u64) -> u64 {
    ((u128::from(a) * u128::from(b)) >> 32) as u64
}

/// The load of each server, if it is a number below one; and how many servers there are.
fn load(params: &Params, count: usize) -> (u64, u64) {
    let (clients, balancers) = shape(params, count);
    let servers = (count as u64).saturating_sub(u64::from(clients + balancers)).max(1);
    let work = u128::from(clients) * u128::from(params.rate) * u128::from(params.work);
    ((work * u128::from(ONE) / (u128::from(servers) * 1_000_000)) as u64, servers)
}

/// Whether the equations speak of such a run: one balancer that acts at once on what it knows, and follows all rules.
fn speaks_of(params: &Params, count: usize) -> bool {
    let plain = params.layer == Layer::Request && params.load == Load::Counted && params.connections == 0;
    let alike = params.first_weight == 1 && params.varies == Varies::Exponentially;
    let drawn = matches!(params.policy, Policy::Random | Policy::TwoChoices);
    plain && alike && drawn && params.balancers == 1 && params.bugs == Bugs::default() && {
        let (load, _) = load(params, count);
        (1..ONE).contains(&load)
    }
}

/// The share of servers that have at least so many requests in hand, from one on, while it is worth a word.
fn shares(params: &Params, count: usize) -> Vec<u64> {
    if !speaks_of(params, count) {
        return Vec::new();
    }
    let (load, _) = load(params, count);
    let choices = if params.policy == Policy::TwoChoices { params.choices } else { 1 };
    let mut share = ONE;
    let next = |_| {
        // From one to the next the exponent is multiplied by d, and one is added.
        share = times(load, (0..choices).fold(ONE, |power, _| times(power, share)));
        share
    };
    (1..=LONGEST).map(next).take_while(|share| *share > 0).collect()
}

/// Of a thousand servers, how many have at least so many requests in hand.
pub(super) fn tails(params: &Params, count: usize, _: Micros) -> Vec<(u64, u64)> {
    let shares = shares(params, count).into_iter().map(|share| (share * 1_000) >> 32);
    (1..).zip(shares).take_while(|(_, share)| *share > 0).collect()
}

/// How many requests are in servers: a mean, or what is left over where more come than can be carried out.
pub(super) fn in_servers(params: &Params, count: usize, span: Micros) -> Vec<(u64, u64)> {
    let (load, servers) = load(params, count);
    if load >= ONE && params.timeout == 0 {
        let left = u128::from(servers) * u128::from(load - ONE) * u128::from(span);
        let left = left / (u128::from(params.work) << 32);
        return vec![(0, 0), (span, left as u64)];
    }
    let shares = shares(params, count);
    let mean = (shares.iter().sum::<u64>() * servers) >> 32;
    if shares.is_empty() { Vec::new() } else { vec![(0, mean), (span, mean)] }
}

/// The response time, in microseconds, that so many percent of requests do not exceed: exponential, where servers are drawn
/// at random.
pub(super) fn percentiles(params: &Params, count: usize, _: Micros) -> Vec<(u64, u64)> {
    let (load, _) = load(params, count);
    if params.policy != Policy::Random || !speaks_of(params, count) {
        return Vec::new();
    }
    let mean = params.work * 1_000 / (((ONE - load) * 1_000) >> 32).max(1);
    (1..100).map(|percent| (percent, times(mean, minus_ln(ONE / 100 * (100 - percent))))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// I1.3: the sum of the shares is the mean number in a server; by Little's law, over ρ it is the time in units of work.
    #[test]
    fn the_limit_of_the_supermarket_is_as_published() {
        let known = [
            (2, 500, 1_265_700),
            (2, 700, 1_614_500),
            (2, 800, 1_947_400),
            (2, 950, 3_383_000),
            (3, 900, 2_027_900),
        ];
        for (choices, load, time) in known {
            let params = Params {
                policy: Policy::TwoChoices,
                choices,
                clients: 1,
                rate: load * 10,
                work: 10_000,
                ..Params::default()
            };
            let sum: u64 = shares(&params, 102).iter().sum();
            let found = ((sum * 1_000) >> 32) * 1_000_000 / load;
            assert!(found.abs_diff(time) <= 2_000, "{choices} choices at {load}: {found}");
        }
    }
}
