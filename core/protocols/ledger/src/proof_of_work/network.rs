//! What a node does about blocks: it checks them, keeps what has no parent yet, passes them on, and follows the chain with the
//! most work.

use super::{
    ACCEPT, ATTACKER, Block, Chain, Ctx, FOLLOW, FORGED, Id, MISSED, MOST_BLOCKS, Message, Miner, NOT_NEW,
    NodeId, Output, PROVIDE, SAVE, Ties, Timer, UNKNOWN, block, chance, check, fitting, fork, longer,
    next_difficulty, tip, work,
};

impl Miner {
    /// Sets the time of the next block, unless the one that is set is for the same difficulty: mining makes no progress.
    pub(super) fn mine_on(&mut self, ctx: &mut Ctx<Self>) {
        let difficulty = next_difficulty(self.target(), &self.params);
        let power = self.params.power;
        let (power, of) = match self.me == ATTACKER {
            true => (power, 1_000),
            false => (1_000 - power, 1_000 * u128::from(self.count - 1)),
        };
        if difficulty == self.difficulty || power == 0 {
            return;
        }
        self.difficulty = difficulty;
        let mean = u128::from(self.params.interval) * u128::from(difficulty) * of
            / (u128::from(block::FIRST_DIFFICULTY) * u128::from(power));
        let drawn = ctx.random(1..=u64::MAX);
        ctx.set(Timer::Mine, chance::exponential(mean, drawn));
    }

    /// Sends to its peers, but not to those that have it.
    pub(super) fn send_peers(&self, but: &[NodeId], message: &Message, ctx: &mut Ctx<Self>) {
        for peer in self.peers().filter(|peer| !but.contains(peer)) {
            ctx.send(peer, message.clone());
        }
    }

    /// The nodes that stand near it on the ring.
    pub(super) fn peers(&self) -> impl Iterator<Item = NodeId> + use<> {
        let (me, count, reach) = (self.me.0, self.count, self.params.peers as u32);
        let near = move |node: u32| {
            let apart = node.abs_diff(me);
            apart > 0 && apart.min(count - apart) <= reach
        };
        (0..count).filter(move |&node| near(node)).map(NodeId)
    }

    /// Checks a block, takes it up with all that waited for it, and sends it on.
    pub(super) fn receive(&mut self, from: NodeId, block: Block, ctx: &mut Ctx<Self>) {
        if block.hash() != block.id.hash {
            return ctx.note(&FORGED);
        }
        if self.chain_to(block.id, block.height).is_some() || self.waiting.contains(&block) {
            return ctx.note(&NOT_NEW);
        }
        if self.chain_to(block.parent, block.height.saturating_sub(1)).is_none() {
            ctx.note(&MISSED);
            let (id, parent, difficulty) = (block.id, block.parent, block.difficulty);
            ctx.output(Output::Waits { block: id, parent, difficulty });
            self.waiting.push(block);
            let (missing, height) = self.missing(id);
            return ctx.send(from, Message::Get(missing, height));
        }
        self.join(from, block, ctx);
    }

    /// The first block before one that waits which is missing, with its height.
    fn missing(&self, id: Id) -> (Id, u64) {
        let parent = |id: Id| {
            self.waiting.iter().find(|it| it.id == id).map(|it| (it.parent, it.height.saturating_sub(1)))
        };
        let mut missing = parent(id).unwrap_or((id, 0));
        while let Some(before) = parent(missing.0) {
            missing = before;
        }
        missing
    }

    /// A block whose parent is known becomes part of a chain if it is valid, and so do those that waited for it.
    fn join(&mut self, from: NodeId, block: Block, ctx: &mut Ctx<Self>) {
        let mut ready = vec![(block, 0_u32)];
        while let Some((block, generation)) = ready.pop() {
            let id = block.id;
            let Some(chain) = self.chain_to(block.parent, block.height.saturating_sub(1)) else { continue };
            if let Err(broken) = check(&chain, &block, ctx.clock(), &self.params) {
                ctx.tell(broken, || format!("refuses block {id}"));
                ctx.output(Output::Refused(id));
                continue;
            }
            ctx.note(&ACCEPT);
            Miner::joined(&block, ctx);
            self.send_peers(&[from, id.miner], &Message::Block(block.clone()), ctx);
            self.take_up(longer(&chain, block), ctx);
            if self.params.bugs.drops_grandchildren && generation > 0 {
                self.waiting.clear();
            }
            let waiting = std::mem::take(&mut self.waiting).into_iter();
            let (children, others): (Vec<_>, Vec<_>) = waiting.partition(|it| it.parent == id);
            self.waiting = others;
            ready.extend(children.into_iter().map(|child| (child, generation + 1)));
        }
    }

    pub(super) fn joined(block: &Block, ctx: &mut Ctx<Self>) {
        let &Block { id, parent, height, difficulty, time, .. } = block;
        let clock = ctx.clock();
        ctx.output(Output::Joined { block: id, parent, height, difficulty, time, clock });
    }

    /// Knows one more chain, and follows it if it has more work; of chains with the same work, by the rule for ties.
    pub(super) fn take_up(&mut self, chain: Chain, ctx: &mut Ctx<Self>) {
        let measure = |chain: &Chain| {
            if self.params.bugs.counts_blocks { chain.len() } else { work(chain) }
        };
        let (new, old) = (measure(&chain), measure(&self.best));
        let switches = new > old || new == old && self.params.ties == Ties::Random && ctx.choose(2) == 1;
        let before = if switches { std::mem::replace(&mut self.best, chain) } else { chain };
        let best = &self.best;
        // A branch is kept by its end: what another one goes on from is not.
        let goes_on = |branch: &Chain, longer: &Chain| {
            branch.len() <= longer.len() && branch.agrees_until(longer, branch.len())
        };
        self.others.retain(|it| !goes_on(it, best) && !goes_on(it, &before));
        if !goes_on(&before, best) {
            if !switches {
                ctx.note(&SAVE);
            }
            self.others.push(before);
        }
    }

    /// The chain that ends with a block, if it is known.
    pub(super) fn chain_to(&self, id: Id, height: u64) -> Option<Chain> {
        if height == 0 {
            return (id == block::GENESIS).then(Chain::default);
        }
        let has = |chain: &&Chain| chain.get(height).is_some_and(|link| link.block.id == id);
        let mut found = std::iter::once(&self.best).chain(&self.others).find(has)?.clone();
        found.truncate(height);
        Some(found)
    }

    /// Answers who lacks a block.
    pub(super) fn provide(&mut self, from: NodeId, id: Id, height: u64, ctx: &mut Ctx<Self>) {
        let Some(chain) = self.chain_to(id, height) else { return ctx.note(&UNKNOWN) };
        ctx.note(&PROVIDE);
        let blocks = chain.after(height.saturating_sub(MOST_BLOCKS));
        ctx.send(from, Message::Blocks(blocks.into_iter().map(|link| link.block.clone()).collect()));
    }

    /// What follows when the chain has changed.
    pub(super) fn follow(&mut self, before: &Chain, ctx: &mut Ctx<Self>) {
        if before.is_same(&self.best) {
            return;
        }
        self.react(ctx);
        let common = fork(before, &self.best);
        if common < before.len() {
            let (lost, now) = (before.len() - common, tip(&self.best));
            ctx.tell(&FOLLOW, || format!("follows {now} and leaves {lost} of its blocks"));
        }
        let undone = before.after(common).into_iter().flat_map(|link| link.block.payments.clone());
        self.pool.extend(undone);
        self.pool = fitting(&self.best, &self.pool, &self.params);
        self.settle(ctx);
        self.pay_again(before, ctx);
        self.mine_on(ctx);
    }
}
