//! Crashes: the memory goes, the disk stays, unless it loses what was written last.

use super::{World, rule};
use crate::name::NodeId;
use crate::slot::Wish;
use crate::trace::{Record, What};
use std::rc::Rc;

impl World {
    /// Whether a node has written something since it booted, which a crash could lose.
    pub fn may_lose_write(&self, node: NodeId) -> bool {
        let machine = self.slots.get(node.index()).and_then(|slot| slot.machine.as_ref());
        machine.is_some_and(|machine| self.shim.disk_before(machine).is_some())
    }

    /// A node stops; where it is `losing`, its disk is what it was before it was last written.
    pub(super) fn crash(&mut self, node: NodeId, losing: bool) -> Result<Record, String> {
        let Some(machine) = &self.slots[node.index()].machine else {
            return Err(format!("{node} is down already"));
        };
        let disk = if losing { self.shim.disk_before(machine) } else { self.shim.disk(machine) };
        let disk = disk.ok_or_else(|| format!("{node} has written nothing since it booted"))?;
        let slot = Rc::make_mut(&mut self.slots[node.index()]);
        (slot.machine, slot.disk, slot.crashed) = (None, Some(disk), true);
        for timer in &mut slot.timers {
            timer.wish = Wish::Cancel;
        }
        self.settle_timers(node);
        if self.is_paused(node) {
            self.wake(node);
        }
        let what = if losing { What::CrashLosing } else { What::Crash };
        let mut record = Record::new(what, self.now, node);
        self.judge(&mut record, losing);
        Ok(if losing {
            self.close(record, &rule::CRASH_LOSING, || format!("{node} crashes and loses its last write"))
        } else {
            self.close(record, &rule::CRASH, || format!("{node} crashes"))
        })
    }
}
