//! What the judge of log shipping remembers of a run.

use super::server::{Role, Server};
use super::wal::{Change, Entry};
use super::{LogShipping, Output};
use faultline_core::prelude::*;
use faultline_core::toolbox::log::Log;

/// What is remembered of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Record {
    /// Of every timeline, the log that its primary has had on disk.
    pub(super) histories: Map<u32, Log<Entry>>,
    /// Which servers serve, and which timeline.
    pub(super) serving: Map<NodeId, u32>,
    /// The commits of which a client was told and that are not known to be lost, and who told it.
    pub(super) acknowledged: Map<(u64, u32), (Entry, NodeId)>,
    /// The commits that nobody was told of yet, by their server and LSN, and when they were asked for.
    pub(super) waiting: Map<(NodeId, u64), Micros>,
    /// When something was last written.
    pub(super) written: Option<Micros>,
    /// The segments that primaries hold for archived.
    pub(super) archived: Map<(u32, u64), NodeId>,
    /// For which servers an operator has vouched while none serves instead, and whether one of them was up.
    vouched: NodeSet,
    pub(super) vouched_wrongly: bool,
    /// How many commits were acknowledged, and how many of them were lost.
    pub(super) commits: u64,
    pub(super) lost: u64,
    /// How often a standby was promoted, and a server began to serve or was rewound after a commit was acknowledged.
    pub(super) promoted: u64,
    pub(super) tested: u64,
    /// Whether a standby has flushed something, a server has replayed something, and one was restored.
    pub(super) shipped: bool,
    pub(super) replayed: bool,
    pub(super) restored: bool,
    /// Which nodes are up.
    up: NodeSet,
}

impl Record {
    /// The acknowledged commits that are lost with this step, and who has acknowledged them: a server begins to serve and its log
    /// does not have its own or those of older timelines, or it is rewound and its log has not its own any more.
    pub(super) fn lost_by(&self, who: NodeId, server: &Server, output: &Output) -> Vec<((u64, u32), NodeId)> {
        let below = match output {
            Output::Serves(timeline, ..) => *timeline,
            Output::Rewound(_) => 0,
            _ => return Vec::new(),
        };
        let concerns = |entry: &Entry, by: NodeId| by == who || entry.timeline < below;
        let all = self.acknowledged.iter();
        let lost =
            all.filter(|((lsn, _), (entry, by))| concerns(entry, *by) && server.wal.get(*lsn) != Some(entry));
        lost.map(|(name, (_, by))| (*name, *by)).collect()
    }

    pub(super) fn remember(&mut self, step: &Step<'_, LogShipping>) {
        let who = step.who;
        let Some(node) = step.node else {
            self.stops(who);
            self.up.remove(who);
            return;
        };
        self.up.insert(who);
        self.vouched_wrongly |= self.vouched.contains(who);
        let LogShipping::Server(server) = node else { return };
        for output in step.outputs {
            self.take(who, server, output, step.now);
        }
        let was = |output: &Output| matches!(output, Output::FencedOff(_));
        if server.role == Role::Primary || step.outputs.iter().any(was) {
            self.histories.insert(server.disk.timeline, server.disk.wal.clone());
        }
    }

    fn stops(&mut self, who: NodeId) {
        self.serving.remove(&who);
        self.waiting.retain(|(server, _), _| *server != who);
    }

    fn take(&mut self, who: NodeId, server: &Server, output: &Output, now: Micros) {
        match output {
            Output::Wrote(lsn) => {
                self.waiting.insert((who, *lsn), now);
                self.written = Some(now);
            }
            Output::Acknowledged(lsn) => {
                self.waiting.remove(&(who, *lsn));
                self.commits += 1;
                if let Some(entry) = server.wal.get(*lsn).filter(|entry| entry.change != Change::Fill) {
                    self.acknowledged.insert((*lsn, entry.timeline), (*entry, who));
                }
            }
            Output::Vouched(server) => {
                self.vouched_wrongly |= self.up.contains(*server);
                self.vouched.insert(*server);
            }
            Output::Serves(timeline, _) => {
                self.lose(who, server, output);
                self.promoted += u64::from(*timeline > 1);
                if *timeline > 1 {
                    self.vouched = NodeSet::default();
                }
                self.serving.insert(who, *timeline);
            }
            Output::Rewound(_) => self.lose(who, server, output),
            Output::FencedOff(_) => self.stops(who),
            Output::Flushed(_) => self.shipped |= server.role == Role::Standby,
            Output::Replayed(lsn) => self.replayed |= *lsn > 0,
            Output::Restored(..) => self.restored = true,
            Output::Archived(timeline, number) => drop(self.archived.insert((*timeline, *number), who)),
            _ => {}
        }
    }

    fn lose(&mut self, who: NodeId, server: &Server, output: &Output) {
        self.tested += u64::from(self.commits > 0);
        for (name, _) in self.lost_by(who, server, output) {
            self.acknowledged.remove(&name);
            self.lost += 1;
        }
    }
}
