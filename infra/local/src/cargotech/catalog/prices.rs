//! What a cargo pays.
use fastrand::Rng;

use super::{
    super::{cities::CITIES, vocabulary::Body},
    Payment, Price, freight,
    trucks::Class,
};

/// What a price depends on.
pub(super) struct Rate {
    pub(super) class: Class,
    pub(super) body: Body,
    pub(super) payment: Payment,
    pub(super) partial: bool,
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) distance_km: u32,
}

impl Rate {
    // Rubles, before the market's noise.
    fn rubles(&self) -> f64 {
        let body = match self.body {
            Body::Chilled => 1.17,
            Body::Frozen => 1.22,
            _ => 1.0,
        };
        let payment = match self.payment {
            Payment::WithVat => 1.13,
            Payment::WithoutVat => 1.0,
            Payment::Cash => 0.97,
        };
        // Trucks crowd around the large cities: the way out of one is paid better than the way back.
        let pull = (freight(&CITIES[self.from]) / freight(&CITIES[self.to])).ln();
        let direction = (1.0 + 0.06 * pull).clamp(0.78, 1.28);
        let partial = if self.partial { 0.8 } else { 1.0 };
        let distance = f64::from(self.distance_km);
        let short_haul = 1.0 + 110.0 / (distance + 60.0);
        let haul = self.class.per_km * distance * short_haul * direction;
        haul.max(self.class.at_least) * body * payment * partial
    }
}

pub(super) fn price(rng: &mut Rng, rate: &Rate) -> Price {
    match rng.u32(..100) {
        0..3 => {
            return Price { total: Some(0), carrier: Some(0) };
        }
        3..6 => {
            return Price { total: None, carrier: None };
        }
        6..8 => {
            return Price { total: None, carrier: Some(0) };
        }
        _ => {}
    }
    let rubles = rate.rubles() * (0.88 + 0.26 * rng.f64());
    let step = match rng.u32(..100) {
        0..10 => 100.0,
        _ if rubles < 50_000.0 => 500.0,
        _ => 1_000.0,
    };
    let kopecks = (rubles / step).round() as u64 * step as u64 * 100;
    match rng.u32(..100) {
        // The shipper's price alone.
        0..5 => Price { total: Some(kopecks), carrier: None },
        5..25 => Price { total: Some(kopecks), carrier: Some(kopecks) },
        _ => Price::for_carrier(Some(kopecks)),
    }
}
