//! The title page of the reliable transport: its curves, its figures and its scenarios.

use super::claims::{CLAIMS, Record};
use super::{Params, SENDER, Scheme, Transport};
use faultline_core::prelude::*;

impl Protocol for Transport {
    const INFO: Info = Info {
        slug: "reliable-transport",
        title: "Reliable transport",
        aka: "TCP UDP ARQ sliding window stop and wait go back N selective repeat retransmission timeout RTO Karn flow control",
        family: "Messages and middleware",
        source: "Wesley Eddy (ed.): Transmission Control Protocol, RFC 9293, 2022; Vern Paxson, Mark Allman, Jerry Chu and Matt \
                 Sargent: Computing TCP's Retransmission Timer, RFC 6298, 2011; Phil Karn and Craig Partridge: Improving \
                 Round-Trip Time Estimates in Reliable Transport Protocols, SIGCOMM 1987",
        idea: "Datagrams may be lost, copied, delayed and reordered, and an application wants a stream. The sender numbers its \
               segments and sends again what is not acknowledged in time; the receiver hands over only what it expects next. A \
               window of segments in flight keeps the line busy, a timeout that follows the round trips repairs losses soon, and \
               a window that the receiver advertises keeps the sender from flooding it.",
        left_out: "Opening and closing a connection, segments of more than one letter, data in both directions, crashes, \
                   checksums, congestion control, fast retransmission, delayed acknowledgements. Few sequence numbers are safe \
                   only on links that keep order and copy nothing, because a copy must not outlive a turn of the counter. Timeouts may be \
                   shorter than the second that RFC 6298 asks for.",
        safety: Assumptions { links: Links::Any, failures: Failures::None, timing: Timing::Asynchronous },
        liveness: Assumptions {
            links: Links::FairLoss,
            failures: Failures::None,
            timing: Timing::Asynchronous,
        },
        nodes: (2, 2, 2),
        until: 2_000_000,
        latency: (25_000, 25_000),
        ask: 0,
        layout: Layout::Row,
        picture: &[Panel::Lanes],
        panels: &[Panel::Charts],
    };

    const PRESETS: &'static [Preset] = presets! { "reliable-transport":
        "first-steps" "default" "datagrams" "stop-and-wait" "selective-repeat" "lost-acks" "worked-trace" "karn" "zero-window"
        "just-enough" "old-duplicate" "window-too-big" "full-window" "compares-plainly" "acks-last"
        "silent-on-copies" "samples-copies" "srtt-first" "ignores-window" "no-persist-timer"
        "needless-copy" "pass-for-new"
    };
    const LESSON: Option<Lesson> = Some(lesson!("reliable-transport"));
    const PROPERTIES: &'static [&'static [Property<Self>]] = &[CLAIMS];

    const CHARTS: &'static [Chart<Self>] = &[
        Chart {
            name: "Timeout",
            sentence: "RTO over time. It follows the round trips, and doubles when it was too short (RFC 6298).",
            axes: ("time, µs", "RTO, µs"),
            plot: Plot::OverTime(|scene| sender(scene, |sender| sender.rto.wait())),
            theory: None,
        },
        Chart {
            name: "Round trip",
            sentence: "The round trip that was last measured, over time.",
            axes: ("time, µs", "round trip, µs"),
            plot: Plot::OverTime(|scene| sender(scene, |sender| sender.trip.map_or(0, |trip| trip.0))),
            theory: None,
        },
    ];

    const FIGURES: &'static [Figure<Self>] = &[
        Figure {
            name: "utilisation",
            sentence: "The share of its time in which the line sends what is delivered: letters delivered after the first one, \
                       times the transmission time, divided by the time from the first delivery to the last.",
            of: |scene, _| {
                let (letters, time) = scene.record.delivery();
                (letters * sender(scene, |sender| sender.transmission), time)
            },
        },
        Figure {
            name: "copies",
            sentence: "How often a letter is sent: data messages, divided by the letters that were delivered.",
            of: |scene, costs| (costs.sent(&["Datagram", "Data"]), scene.record.delivered()),
        },
    ];

    type Record = Record;

    fn clash(params: &Params) -> Option<String> {
        in_order(("rto", params.rto), ("max-rto", params.max_rto))
    }

    /// Each of the letters that the sender keeps may need a round trip, in which the line is busy with a window. Where messages are
    /// lost each may need a timeout, too; so it may with go back N, for which a message that is overtaken is as good as lost.
    /// Otherwise timeouts are needed only for what was lost before: a segment, its copy, and the update of a closed window.
    fn settles(params: &Params, quiet: Quiet) -> Option<Micros> {
        let letters = params.send_buffer() + 1;
        let loses = quiet.loss_ppm > 0 || matches!(params.scheme, Scheme::GoBackN | Scheme::Datagrams);
        let timeout = params.max_rto.saturating_mul(if loses { letters } else { 3 });
        let busy = params.transmission.saturating_mul(params.window + 1);
        let once = quiet.way.saturating_mul(2).saturating_add(busy);
        Some(once.saturating_mul(letters).saturating_add(timeout))
    }

    fn remember(record: &mut Record, step: &Step<'_, Self>) {
        record.remember(step);
    }
}

/// A number about the sender.
fn sender(scene: &Scene<'_, Transport>, number: fn(&super::Sender) -> u64) -> u64 {
    match scene.node_of(SENDER) {
        Some(Transport::Sender(sender)) => number(sender),
        _ => 0,
    }
}
