//! What n1 does when it does not follow the rules: a double spend (Nakamoto 2008, §11; Rosenfeld 2014), or selfish mining (Eyal
//! and Sirer 2014, algorithm 1). Its blocks are as valid as any. It only keeps them to itself for a while.

use super::{
    ATTACKER, Block, Chain, Ctx, Message, Miner, Output, Payment, Rule, Strategy, Told, longer, work,
};

/// What an attacker keeps to itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Secret {
    /// The chain that it mines on, and up to which height everybody may know it.
    pub(super) chain: Chain,
    pub(super) public: u64,
    /// Whether its published branch is as long as that of the others.
    pub(super) racing: bool,
    cheat: Option<Cheat>,
}

/// A coin that is spent twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Cheat {
    /// What the payee sees, and what the secret chain says.
    payment: Payment,
    rival: Payment,
    /// Whether the payment has been sent, and whether the goods have come.
    sent: bool,
    delivered: bool,
}

/// How many blocks behind a double spender gives up: for q = 0.3 its chance is then below 10⁻⁷.
pub(super) const GIVES_UP: u64 = 20;

const PREPARE: Rule =
    Rule::new("Rosenfeld §2", "An attacker mines in secret behind the block before its payment.");
const WITHHOLD: Rule = Rule::new("Rosenfeld §2", "An attacker keeps the blocks of its branch to itself.");
const OVERTAKE: Rule =
    Rule::new("Rosenfeld §2", "With the goods and more work, an attacker publishes its branch.");
const GIVE_UP: Rule = Rule::new("Rosenfeld §2", "An attacker that is far behind gives up.");
const HANDED_OVER: Rule = Rule::new("§11", "A payer receives the goods.");
const LEAD: Rule = Rule::new("Eyal 3.1", "A selfish miner keeps a block that it finds to itself.");
const TIE: Rule =
    Rule::new("Eyal 3.2", "When others catch up with a lead of one, a selfish miner publishes its block.");
const WIN: Rule = Rule::new(
    "Eyal 3.2",
    "When others come within one block, or it wins a tie, a selfish miner publishes all.",
);
const FEED: Rule =
    Rule::new("Eyal 3.2", "With a long lead, a selfish miner publishes one block for each of the others.");

impl Miner {
    /// Whether it is a selfish miner; then it always has a secret chain, which at first holds no secret.
    pub(super) fn begin_selfish_mining(&mut self) {
        if self.me == ATTACKER && self.params.strategy == Strategy::Selfish {
            self.secret = Some(self.nothing_secret());
        }
    }

    fn nothing_secret(&self) -> Secret {
        Secret { chain: self.best.clone(), public: self.best.len(), racing: false, cheat: None }
    }

    /// How many blocks only the attacker knows.
    pub(super) fn hidden(&self) -> u64 {
        self.secret.as_ref().map_or(0, |secret| secret.chain.len() - secret.public)
    }

    /// What a double spender pays with the coin that it means to get back, and the payment that gets it back.
    pub(super) fn cheat(&self) -> Option<&Payment> {
        Some(&self.secret.as_ref()?.cheat.as_ref()?.payment)
    }

    pub(super) fn rival(&self) -> Option<Payment> {
        Some(self.secret.as_ref()?.cheat?.rival)
    }

    /// Prepares a double spend. The payment is sent once the first secret block is found.
    pub(super) fn begin_double_spend(&mut self, payment: Payment, ctx: &mut Ctx<Self>) {
        if self.secret.is_some() {
            return ctx.note(&WITHHOLD);
        }
        let (rival, coin) = (Payment { to: self.me, ..payment }, payment.coin);
        ctx.tell(&PREPARE, || format!("prepares to spend {coin} twice"));
        let cheat = Some(Cheat { payment, rival, sent: false, delivered: false });
        self.secret = Some(Secret { cheat, ..self.nothing_secret() });
    }

    /// The attacker has found a block.
    pub(super) fn keep_secret(&mut self, block: Block, ctx: &mut Ctx<Self>) {
        let Some(secret) = &mut self.secret else { return };
        secret.chain = longer(&secret.chain, block);
        match &mut secret.cheat {
            Some(Cheat { payment, sent: sent @ false, .. }) => {
                *sent = true;
                let payment = *payment;
                ctx.tell(&WITHHOLD, || {
                    format!("keeps it secret and pays {} to {}", payment.coin, payment.to)
                });
                ctx.output(Output::Payment(Told::Paid(payment)));
                self.send_peers(&[], &Message::Payment(payment), ctx);
            }
            Some(_) => {
                ctx.remark(&WITHHOLD, || "keeps it secret".to_owned());
                self.overtake(ctx);
            }
            None if secret.racing => self.publish_all(&WIN, ctx),
            None => ctx.remark(&LEAD, || "keeps it secret".to_owned()),
        }
    }

    /// The payee has handed over the goods.
    pub(super) fn delivered(&mut self, payment: Payment, ctx: &mut Ctx<Self>) {
        ctx.remark(&HANDED_OVER, || format!("has the goods for {payment}"));
        let cheat = self.secret.as_mut().and_then(|secret| secret.cheat.as_mut());
        if let Some(cheat) = cheat.filter(|cheat| cheat.payment == payment) {
            cheat.delivered = true;
            self.overtake(ctx);
        }
    }

    /// A double spender publishes its branch when that undoes a payment for which it has the goods.
    fn overtake(&mut self, ctx: &mut Ctx<Self>) {
        let wins = |secret: &Secret| {
            secret.cheat.is_some_and(|cheat| cheat.delivered) && work(&secret.chain) > work(&self.best)
        };
        if self.secret.as_ref().is_some_and(wins) {
            self.publish_all(&OVERTAKE, ctx);
        }
    }

    /// The chain of the others has changed.
    pub(super) fn react(&mut self, ctx: &mut Ctx<Self>) {
        let others = self.best.len();
        let Some(secret) = &mut self.secret else { return };
        let (mine, cheat) = (secret.chain.len(), secret.cheat);
        match cheat {
            Some(Cheat { sent: false, .. }) => {
                self.secret = Some(Secret { cheat, ..self.nothing_secret() });
            }
            Some(_) if others >= mine + GIVES_UP => {
                ctx.tell(&GIVE_UP, || "gives up its branch".to_owned());
                ctx.output(Output::GaveUp);
                self.secret = None;
            }
            Some(_) => self.overtake(ctx),
            None if others > mine => self.secret = Some(self.nothing_secret()),
            None if secret.chain.is_same(&self.best) => {}
            None if others == mine => {
                secret.racing = true;
                self.publish(others, &TIE, ctx);
            }
            None if others + 1 == mine => self.publish_all(&WIN, ctx),
            None => self.publish(others, &FEED, ctx),
        }
    }

    /// Publishes the whole branch; from now on everybody may follow it.
    fn publish_all(&mut self, rule: &'static Rule, ctx: &mut Ctx<Self>) {
        self.publish(u64::MAX, rule, ctx);
        let double_spender = self.params.strategy == Strategy::DoubleSpend;
        self.secret = (!double_spender).then(|| self.nothing_secret());
    }

    /// Publishes the branch up to a height.
    fn publish(&mut self, height: u64, rule: &'static Rule, ctx: &mut Ctx<Self>) {
        let Some(secret) = &mut self.secret else { return };
        let mut shown = secret.chain.clone();
        shown.truncate(height);
        let blocks: Vec<Block> =
            shown.after(secret.public).into_iter().map(|link| link.block.clone()).collect();
        secret.public = secret.public.max(shown.len());
        if blocks.is_empty() {
            return;
        }
        let count = blocks.len();
        ctx.tell(rule, || format!("publishes {count} of its blocks"));
        self.send_peers(&[], &Message::Blocks(blocks), ctx);
        self.take_up(shown, ctx);
    }
}
