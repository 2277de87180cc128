//! The stubs' part: the arguments of a call as bytes, in either byte order, and in fragments.

use faultline_core::prelude::*;

/// The account that is debited. Letters are the same in both orders.
const ACCOUNT: [u8; 4] = *b"anna";

/// In which order the bytes of a number are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Choice)]
pub enum Order {
    /// The most significant byte first: the order of networks.
    BigEndian,
    /// The least significant byte first: the order of most processors.
    LittleEndian,
}

impl Order {
    /// The other order.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Order::BigEndian => Order::LittleEndian,
            Order::LittleEndian => Order::BigEndian,
        }
    }

    /// The arguments of a debit as bytes: the account, then the amount.
    pub fn marshal(self, amount: u32) -> Vec<u8> {
        let amount = match self {
            Order::BigEndian => amount.to_be_bytes(),
            Order::LittleEndian => amount.to_le_bytes(),
        };
        [ACCOUNT, amount].concat()
    }

    /// The amount in the bytes of a call; nothing, if they are no call.
    pub fn unmarshal(self, bytes: &[u8]) -> Option<u32> {
        let amount = bytes.strip_prefix(&ACCOUNT)?.try_into().ok()?;
        Some(match self {
            Order::BigEndian => u32::from_be_bytes(amount),
            Order::LittleEndian => u32::from_le_bytes(amount),
        })
    }
}

/// The bytes in fragments of so many at most.
pub fn fragments(bytes: &[u8], most: u64) -> Vec<Vec<u8>> {
    bytes.chunks(most.max(1) as usize).map(<[u8]>::to_vec).collect()
}

/// Bytes as people read them: `61 6e 6e 61`.
pub fn hex(bytes: &[u8]) -> String {
    let bytes: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    bytes.join(" ")
}

/// The bytes of a call in its fragments: `61 6e 6e 61 | 00 00 00 64`.
pub fn in_fragments(order: Order, amount: u32, most: u64) -> String {
    let parts = fragments(&order.marshal(amount), most);
    parts.iter().map(|part| hex(part)).collect::<Vec<_>>().join(" | ")
}
