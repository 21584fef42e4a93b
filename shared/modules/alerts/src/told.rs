//! The cargos that a driver has heard of.
use serde::{Deserialize, Serialize};

/// The most cargos that are remembered. The oldest are forgotten: they are gone long before.
pub const KEPT: usize = 500;
/// A price that has risen by so many percent is worth another message.
const RISE_PERCENT: i64 = 5;

/// The cargos that a driver has heard of, each with the price of then.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told(
    /// Ids and kopecks, 0 for "on request"; the one told last comes last.
    Vec<(u64, i64)>,
);

impl Told {
    /// Whether the driver should hear of a cargo at this price, kopecks. `price_rises` asks for those told before whose
    /// price has risen by a twentieth.
    pub fn is_news(&self, id: u64, kopecks: i64, price_rises: bool) -> bool {
        match self.0.iter().find(|(known, _)| *known == id) {
            None => true,
            Some((_, before)) => price_rises && *before > 0 && kopecks * 100 >= before * (100 + RISE_PERCENT),
        }
    }

    /// Notes that the driver hears of a cargo at this price, kopecks.
    pub fn add(&mut self, id: u64, kopecks: i64) {
        self.0.retain(|(known, _)| *known != id);
        self.0.push((id, kopecks));
        self.0.drain(..self.0.len().saturating_sub(KEPT));
    }

    /// The number of cargos remembered.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether none is remembered.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
