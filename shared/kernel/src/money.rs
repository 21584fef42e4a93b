//! Sums of money.
use serde::Serialize;

/// A positive amount in kopecks. JSON shows it in rubles with at most two decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(i64);

impl Money {
    /// `None` for zero or less, which CargoTech uses for "on request".
    pub fn from_kopecks(kopecks: i64) -> Option<Self> {
        (kopecks > 0).then_some(Self(kopecks))
    }

    /// Kopecks.
    pub fn kopecks(self) -> i64 {
        self.0
    }

    /// The price per kilometre, rounded half up to the kopeck. `None` for a distance of zero, and for less than half a
    /// kopeck.
    pub fn per_km(self, km: i64) -> Option<Self> {
        (km > 0).then(|| self.0.saturating_add(km / 2) / km).and_then(Self::from_kopecks)
    }

    /// The amount in rubles, exact to the kopeck.
    #[allow(clippy::cast_precision_loss)] // sums of cargos are far below 2^53 kopecks
    pub fn rubles(self) -> f64 {
        self.0 as f64 / 100.0
    }
}

impl Serialize for Money {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 % 100 == 0 { serializer.serialize_i64(self.0 / 100) } else { serializer.serialize_f64(self.rubles()) }
    }
}
