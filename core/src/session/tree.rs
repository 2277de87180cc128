//! The branches of a session and the steps back: what was tried, and from where.
//!
//! A branch is its scenario and nothing else; its run is made again when somebody switches to it, from the event on at
//! which it parts from the run at hand. So what a session holds beside one run is bounded: [`MOST_BRANCHES`] scenarios,
//! and as many steps back as [`Session::undo`] says.

use super::Session;
use crate::scenario::Scenario;
use crate::sim::Run;
use crate::time::Micros;
use std::rc::Rc;

/// The most branches that are open at once.
pub const MOST_BRANCHES: usize = 64;
/// The most steps back that are remembered.
pub const MOST_STEPS_BACK: usize = 256;
/// Of a scenario with many acts fewer steps back are remembered, so that they hold about this many acts together...
const MOST_ACTS_BACK: usize = 160_000;
/// ...but never fewer steps than this.
const LEAST_STEPS_BACK: usize = 16;
/// The longest name of a branch, in characters.
const LONGEST_NAME: usize = 80;

/// One way the run went: a scenario, and where it left another.
#[derive(Clone)]
pub struct Branch {
    /// A number that no other branch of the session has.
    pub id: u32,
    /// What somebody called it; else the words that opened it.
    pub name: String,
    /// The branch that it left; `None` of the first.
    pub parent: Option<u32>,
    /// How many of its first events it shares with its parent.
    pub left_at: usize,
    /// The time up to which it does.
    pub left: Micros,
    /// What is played.
    pub scenario: Rc<Scenario>,
}

/// All branches, and which one is played.
#[derive(Clone)]
pub(super) struct Tree {
    branches: Vec<Branch>,
    current: u32,
    next: u32,
}

/// What a step back goes back to: the branches as they were, and the playhead.
pub(super) struct Step {
    tree: Tree,
    event: usize,
    time: Micros,
}

impl Tree {
    pub(super) fn new(scenario: Scenario) -> Self {
        let name = "as opened".to_owned();
        let first = Branch { id: 0, name, parent: None, left_at: 0, left: 0, scenario: Rc::new(scenario) };
        Tree { branches: vec![first], current: 0, next: 1 }
    }

    fn place(&self, id: u32) -> Result<usize, String> {
        let place = self.branches.iter().position(|branch| branch.id == id);
        place.ok_or_else(|| format!("there is no branch {id}"))
    }

    /// The scenario of a branch.
    pub(super) fn scenario_of(&self, id: u32) -> Result<&Rc<Scenario>, String> {
        self.place(id).map(|place| &self.branches[place].scenario)
    }

    /// Opens a branch that leaves the one that is played, and plays it.
    fn open(&mut self, name: &str, (left_at, left): (usize, Micros), scenario: Rc<Scenario>) {
        let (id, parent) = (self.next, Some(self.current));
        self.branches.push(Branch { id, name: short(name), parent, left_at, left, scenario });
        (self.current, self.next) = (id, id + 1);
    }

    /// Changes the scenario of the branch that is played from some event on; its children share no more than that.
    fn replace(&mut self, (left_at, left): (usize, Micros), scenario: Rc<Scenario>) {
        let current = self.current;
        for branch in &mut self.branches {
            if (branch.id == current || branch.parent == Some(current)) && branch.left_at > left_at {
                (branch.left_at, branch.left) = (left_at, left);
            }
        }
        if let Ok(place) = self.place(current) {
            self.branches[place].scenario = scenario;
        }
    }

    /// Whether nothing was done in the branch that is played since other settings opened it.
    fn is_fresh(&self) -> bool {
        let of = |id: u32| self.branches.iter().find(|branch| branch.id == id);
        let Some(branch) = of(self.current) else { return false };
        let acts_of_parent = branch.parent.and_then(of).map(|parent| &parent.scenario.acts);
        branch.left_at == 0
            && acts_of_parent == Some(&branch.scenario.acts)
            && self.branches.iter().all(|other| other.parent != Some(self.current))
    }

    fn close(&mut self, id: u32) -> Result<(), String> {
        let place = self.place(id)?;
        if self.branches.len() == 1 {
            return Err("this is the only branch".into());
        }
        let closed = self.branches.remove(place);
        for child in self.branches.iter_mut().filter(|branch| branch.parent == Some(id)) {
            child.parent = closed.parent;
            if closed.left_at <= child.left_at {
                (child.left_at, child.left) = (closed.left_at, closed.left);
            }
        }
        if self.current == id {
            self.current = closed.parent.unwrap_or(self.branches[0].id);
        }
        Ok(())
    }
}

fn short(name: &str) -> String {
    name.trim().chars().take(LONGEST_NAME).collect()
}

impl Session {
    /// The branches, the first opened first.
    pub fn branches(&self) -> &[Branch] {
        &self.tree.branches
    }

    /// Which of them is played.
    pub fn branch(&self) -> u32 {
        self.tree.current
    }

    /// Plays another branch. The playhead stays where both share their events, and otherwise keeps its time.
    ///
    /// # Errors
    /// One sentence when there is none with this number.
    pub fn switch(&mut self, id: u32) -> Result<(), String> {
        let scenario = self.tree.scenario_of(id)?.clone();
        if id != self.tree.current {
            self.remember();
            self.tree.current = id;
            self.replay(self.stem(&scenario));
        }
        Ok(())
    }

    /// Names a branch.
    ///
    /// # Errors
    /// One sentence when there is none with this number, or the name is empty.
    pub fn rename(&mut self, id: u32, name: &str) -> Result<(), String> {
        let place = self.tree.place(id)?;
        let name = short(name);
        if name.is_empty() {
            return Err("a branch needs a name".into());
        }
        self.remember();
        self.tree.branches[place].name = name;
        Ok(())
    }

    /// Closes a branch; what left it now leaves its parent. [`Session::undo`] opens it again.
    ///
    /// # Errors
    /// One sentence when there is none with this number, or no other.
    pub fn close(&mut self, id: u32) -> Result<(), String> {
        let mut tree = self.tree.clone();
        tree.close(id)?;
        self.remember();
        self.tree = tree;
        if let Ok(scenario) = self.tree.scenario_of(self.tree.current) {
            self.replay(self.stem(scenario));
        }
        Ok(())
    }

    /// Takes back the last change of the run or its branches; `false` when there is none. At most [`MOST_STEPS_BACK`]
    /// are remembered, and of a scenario with more than six hundred acts fewer, down to sixteen.
    pub fn undo(&mut self) -> bool {
        let Some(step) = self.undo.pop() else { return false };
        let now = self.step_back_to(step);
        self.redo.push(now);
        true
    }

    /// Does again what was taken back; `false` when nothing was.
    pub fn redo(&mut self) -> bool {
        let Some(step) = self.redo.pop() else { return false };
        let now = self.step_back_to(step);
        self.undo.push(now);
        true
    }

    /// Whether there is a change to take back, and whether there is one to do again.
    pub fn undoable(&self) -> (bool, bool) {
        (!self.undo.is_empty(), !self.redo.is_empty())
    }

    fn step_back_to(&mut self, Step { tree, event, time }: Step) -> Step {
        let tree = std::mem::replace(&mut self.tree, tree);
        let now = Step { tree, event: self.event(), time: self.time };
        if let Ok(scenario) = self.tree.scenario_of(self.tree.current) {
            self.play_instead(self.stem(scenario));
            self.run.extend(time);
            self.go(event.min(self.run.records().len()), time);
        }
        now
    }

    /// Keeps how everything is, for [`Session::undo`].
    fn remember(&mut self) {
        let acts = self.scenario().acts.len();
        let most = (MOST_ACTS_BACK / (acts + 1)).clamp(LEAST_STEPS_BACK, MOST_STEPS_BACK);
        self.undo.drain(..(self.undo.len() + 1).saturating_sub(most));
        self.undo.push(Step { tree: self.tree.clone(), event: self.event(), time: self.time });
        self.redo.clear();
    }

    /// Opens a branch and plays it from where it leaves; the playhead stays or, if that is later, keeps its time.
    ///
    /// # Errors
    /// One sentence when no more branches can be open.
    pub fn open_branch(&mut self, name: &str, scenario: &Scenario) -> Result<(), String> {
        self.open_run(name, self.stem(scenario))
    }

    /// The same with a run, as far as it has been played already: what is long is played in slices before.
    ///
    /// # Errors
    /// As [`Session::open_branch`].
    pub fn open_run(&mut self, name: &str, run: Run) -> Result<(), String> {
        if self.tree.branches.len() == MOST_BRANCHES {
            return Err(format!("{MOST_BRANCHES} branches are open, which is the limit; close one first"));
        }
        let scenario = Rc::new(run.scenario().clone());
        self.remember();
        self.tree.open(name, self.parting(&scenario), scenario);
        self.replay(run);
        Ok(())
    }

    /// Opens the run of another session as a branch, at the moment that its scenario wants shown, or at its start.
    ///
    /// # Errors
    /// As [`Session::open_branch`].
    pub fn open_session(&mut self, name: &str, other: Session) -> Result<(), String> {
        self.open_run(name, other.run)?;
        self.arrive();
        Ok(())
    }

    /// Whether anything was done that is not in the scenario as it was opened.
    pub fn is_changed(&self) -> bool {
        self.tree.branches.len() > 1 || !self.undo.is_empty() || !self.redo.is_empty()
    }

    /// Changes the scenario of this branch; the playhead as in [`Session::open_branch`].
    pub(super) fn change_branch(&mut self, scenario: Scenario) {
        let scenario = Rc::new(scenario);
        self.remember();
        self.tree.replace(self.parting(&scenario), scenario.clone());
        self.replay(self.stem(&scenario));
    }

    /// Plays a scenario in place of this one: in the same branch where it begins like it, else from its start in
    /// another, unless in this one nothing but settings was changed.
    pub(super) fn put(&mut self, name: &str, scenario: Scenario) -> Result<(), String> {
        if self.scenario().begins_like(&scenario) {
            self.change_branch(scenario);
        } else if self.tree.is_fresh() {
            self.change_branch(scenario);
            let place = self.tree.place(self.tree.current)?;
            self.tree.branches[place].name = short(name);
        } else {
            self.open_branch(name, &scenario)?;
        }
        Ok(())
    }

    /// How many events, and up to when, a scenario shares with the run at hand.
    fn parting(&self, scenario: &Scenario) -> (usize, Micros) {
        let shared = self.run.shared_with(scenario).unwrap_or(0);
        (shared, shared.checked_sub(1).map_or(0, |last| self.run.records()[last].time))
    }

    fn replay(&mut self, run: Run) {
        let (event, time) = (self.event(), self.time);
        match self.play_instead(run) {
            None => self.seek_time(0),
            Some(shared) if event <= shared => self.go(event, time),
            Some(_) => self.seek_time(time),
        }
    }
}
