//! What a node does about payments: it collects them, repeats its own, and takes those to it as settled.

use super::{
    COLLECT, Chain, Coin, Ctx, FOLLOW, GOODS, Holders, Map, Message, Miner, NOT_NEW, NodeId, Output, Payment,
    SPENT, Told, block, height_of,
};

impl Miner {
    /// A coin that it may spend and has not spent, and how often that has moved.
    pub(super) fn purse(&self) -> Option<(Coin, u64)> {
        // A payment that it made may be in no chain at the moment, and it must not make another one of the same coin.
        let spent = |it: &(Coin, u64)| {
            let mut made = self.pool.iter().chain(&self.own).chain(self.cheat());
            made.any(|payment| (payment.coin, payment.turn) == *it)
        };
        Holders::of(&self.best, &self.params).of_node(self.me).find(|it| !spent(it))
    }

    /// A payment arrives.
    pub(super) fn collect(&mut self, from: NodeId, payment: Payment, ctx: &mut Ctx<Self>) {
        if self.pool.contains(&payment) || height_of(&self.best, &payment).is_some() {
            return ctx.note(&NOT_NEW);
        }
        let rivalled = self.pool.iter().any(|it| it.is_rival_of(&payment));
        if rivalled && !self.params.bugs.misses_rivals_in_a_block
            || !Holders::of(&self.best, &self.params).allow(&payment)
        {
            return ctx.note(&SPENT);
        }
        ctx.note(&COLLECT);
        self.pool.push(payment);
        self.send_peers(&[from, payment.from], &Message::Payment(payment), ctx);
        self.settle(ctx);
    }

    /// What it wants to have in its next block.
    pub(super) fn wanted(&self) -> Vec<Payment> {
        let rival = self.rival();
        let pool = self.pool.iter().filter(|it| rival.is_none_or(|rival| !rival.is_rival_of(it)));
        rival.into_iter().chain(pool.copied()).collect()
    }

    /// Whether a payment to it is deep enough, or undone.
    pub(super) fn settle(&mut self, ctx: &mut Ctx<Self>) {
        let (me, height, deep) = (self.me, self.best.len(), self.params.confirmations);
        let in_chain = block::payments(&self.best).filter(|(_, it)| it.to == me && it.from != me);
        let enough: Vec<Payment> =
            in_chain.filter(|(at, _)| height - at + 1 >= deep).map(|(_, it)| *it).collect();
        let at_once = self.pool.iter().filter(|it| deep == 0 && it.to == me && it.from != me).copied();
        for payment in enough.into_iter().chain(at_once.collect::<Vec<_>>()) {
            let first = match self.received.get(&payment) {
                Some(true) => continue,
                known => known.is_none(),
            };
            ctx.tell(&GOODS, || format!("takes {payment} as settled"));
            ctx.output(Output::Payment(Told::Settled(payment)));
            self.received.insert(payment, true);
            if first {
                ctx.send(payment.from, Message::Goods(payment));
            }
        }
        let placed: Map<Payment, ()> = block::payments(&self.best).filter(|(_, it)| it.to == me).fold(
            Map::default(),
            |mut placed, (_, payment)| {
                placed.insert(*payment, ());
                placed
            },
        );
        let gone =
            |payment: &Payment| !(placed.contains_key(payment) || deep == 0 && self.pool.contains(payment));
        let settled = self.received.iter().filter(|(_, settled)| **settled).map(|(payment, _)| *payment);
        for payment in settled.filter(gone).collect::<Vec<_>>() {
            ctx.tell(&FOLLOW, || format!("has lost {payment}"));
            ctx.output(Output::Payment(Told::Undone(payment)));
            self.received.insert(payment, false);
        }
    }

    /// Repeats its own payments which are not in the chain yet, at most once for each new height.
    pub(super) fn pay_again(&mut self, before: &Chain, ctx: &mut Ctx<Self>) {
        if self.best.len() <= before.len() {
            return;
        }
        let holders = Holders::of(&self.best, &self.params);
        let lost = |it: &&Payment| holders.allow(it);
        for payment in self.own.iter().filter(lost).copied().collect::<Vec<_>>() {
            if !self.pool.contains(&payment) {
                self.pool.push(payment);
            }
            self.send_peers(&[], &Message::Payment(payment), ctx);
        }
    }
}
