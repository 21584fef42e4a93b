//! Which truck carries a cargo: what it is, its body, its class and how it is loaded.
use fastrand::Rng;

use super::super::vocabulary::{Body, CARGO_KINDS, load, truck};

/// A class of truck by what it carries.
#[derive(Clone, Copy)]
pub(super) struct Class {
    /// Payload, which the weight comes close to.
    pub(super) tonnes: f64,
    lightest: f64,
    smallest_m3: f64,
    largest_m3: f64,
    /// Rubles per kilometre on a long haul.
    pub(super) per_km: f64,
    /// Rubles for the shortest haul.
    pub(super) at_least: f64,
}

impl Class {
    // Weights as people write them: hundreds of kilograms, and often the full payload.
    pub(super) fn weight(&self, rng: &mut Rng) -> u32 {
        if self.tonnes >= 3.0 && rng.u32(..100) < 40 {
            return (self.tonnes * 1_000.0) as u32;
        }
        let tonnes = self.lightest + rng.f64() * (self.tonnes - self.lightest);
        let step = if self.tonnes > 3.0 { 100.0 } else { 50.0 };
        ((tonnes * 1_000.0 / step).round() * step).max(step) as u32
    }

    pub(super) fn volume(&self, rng: &mut Rng) -> f64 {
        let volume = self.smallest_m3 + rng.f64() * (self.largest_m3 - self.smallest_m3);
        if rng.u32(..100) < 10 { (volume * 10.0).round() / 10.0 } else { volume.round() }
    }
}

const fn class(tonnes: f64, lightest: f64, volume: (f64, f64), per_km: f64, at_least: f64) -> Class {
    Class { tonnes, lightest, smallest_m3: volume.0, largest_m3: volume.1, per_km, at_least }
}

const PARCEL: Class = class(1.0, 0.2, (1.0, 8.0), 27.0, 4_500.0);
const VAN_1_5: Class = class(1.5, 0.7, (6.0, 9.0), 33.0, 6_000.0);
const VAN_3: Class = class(3.0, 1.6, (12.0, 16.0), 41.0, 9_000.0);
const TRUCK_5: Class = class(5.0, 3.1, (25.0, 36.0), 51.0, 12_000.0);
const TRUCK_7_5: Class = class(7.5, 5.1, (36.0, 45.0), 58.0, 14_000.0);
const TRUCK_10: Class = class(10.0, 7.6, (40.0, 54.0), 62.0, 17_000.0);
const TRUCK_15: Class = class(15.0, 10.5, (50.0, 65.0), 68.0, 20_000.0);
const SEMI_82: Class = class(20.0, 15.5, (82.0, 86.0), 74.0, 24_000.0);
const SEMI_92: Class = class(20.0, 14.0, (92.0, 92.0), 75.0, 24_000.0);
const SEMI_LONG: Class = class(20.0, 18.0, (60.0, 82.0), 76.0, 24_000.0);
const BULK: Class = class(27.0, 24.0, (30.0, 50.0), 80.0, 26_000.0);
const LOW_LOADER: Class = class(40.0, 12.0, (40.0, 90.0), 150.0, 45_000.0);
const BOX: Class = class(26.0, 18.0, (33.0, 76.0), 84.0, 28_000.0);
const TRAILER: Class = class(8.0, 6.5, (82.0, 92.0), 55.0, 18_000.0);
const TANK: Class = class(24.0, 20.0, (24.0, 35.0), 86.0, 28_000.0);

pub(super) fn cargo_kind(rng: &mut Rng) -> (usize, Body) {
    let body = match rng.u32(..100) {
        0..58 => Body::Dry,
        58..70 => Body::Chilled,
        70..78 => Body::Frozen,
        78..90 => Body::Open,
        90..92 => Body::Grain,
        92..94 => Body::Loose,
        94 => Body::Scrap,
        95..97 => Body::Machine,
        97..99 => Body::Container,
        _ => {
            if rng.u32(..4) == 0 {
                Body::Trailer
            } else {
                Body::Liquid
            }
        }
    };
    let of_body = || CARGO_KINDS.iter().enumerate().filter(|(_, (_, needs))| *needs == body);
    let chosen = rng.usize(..of_body().count());
    (of_body().nth(chosen).map_or(0, |(index, _)| index), body)
}

pub(super) fn truck_class(rng: &mut Rng, body: Body) -> Class {
    match body {
        Body::Grain | Body::Loose | Body::Scrap => BULK,
        Body::Machine => LOW_LOADER,
        Body::Container => BOX,
        Body::Liquid => TANK,
        Body::Trailer => TRAILER,
        Body::Open => match rng.u32(..100) {
            0..10 => TRUCK_5,
            10..25 => TRUCK_10,
            _ => SEMI_LONG,
        },
        Body::Dry | Body::Chilled | Body::Frozen => match rng.u32(..100) {
            0..9 => PARCEL,
            9..20 => VAN_1_5,
            20..30 => VAN_3,
            30..43 => TRUCK_5,
            43..48 => TRUCK_7_5,
            48..58 => TRUCK_10,
            58..62 => TRUCK_15,
            62..90 => SEMI_82,
            _ => SEMI_92,
        },
    }
}

pub(super) fn trucks(rng: &mut Rng, body: Body, tonnes: f64) -> u32 {
    let chance = |rng: &mut Rng, percent: u32, types: u32| if rng.u32(..100) < percent { types } else { 0 };
    match body {
        Body::Dry if tonnes <= 5.0 => {
            let mask = chance(rng, 60, truck::TENT)
                | chance(rng, 35, truck::VAN)
                | chance(rng, 30, truck::METAL_VAN)
                | chance(rng, 15, truck::ISOTHERM);
            if mask == 0 { truck::TENT } else { mask }
        }
        Body::Dry => match rng.u32(..100) {
            0..18 => truck::ANY_CLOSED,
            18..24 => truck::ISOTHERM | truck::REFRIGERATOR | truck::VAN,
            _ => {
                truck::TENT
                    | chance(rng, 18, truck::ISOTHERM | truck::REFRIGERATOR)
                    | chance(rng, 8, truck::VAN)
                    | chance(rng, 5, truck::FLATBED)
            }
        },
        Body::Chilled => truck::REFRIGERATOR | chance(rng, 35, truck::ISOTHERM),
        Body::Frozen => truck::REFRIGERATOR,
        Body::Open => match rng.u32(..100) {
            0..8 => truck::CRANE,
            8..45 => truck::TENT | truck::FLATBED,
            _ => truck::FLATBED | truck::OPEN | chance(rng, 25, truck::TENT),
        },
        Body::Grain => truck::GRAIN | chance(rng, 40, truck::TIPPER),
        Body::Loose => truck::TIPPER,
        Body::Scrap => truck::SCRAP | chance(rng, 30, truck::TIPPER),
        Body::Machine => truck::LOW_LOADER,
        Body::Container => truck::CONTAINER_CHASSIS | chance(rng, 40, truck::CONTAINER),
        Body::Liquid => match rng.u32(..2) {
            0 => truck::TANK_20,
            _ => truck::TANK_40,
        },
        Body::Trailer => truck::TRACTOR,
    }
}

pub(super) fn loads(rng: &mut Rng, body: Body) -> u32 {
    match body {
        Body::Dry => match rng.u32(..100) {
            0..62 => load::REAR,
            62..76 => load::REAR | load::SIDE,
            76..84 => load::SIDE,
            84..90 => load::REAR | load::SIDE | load::TOP,
            _ => load::UNCOVERED,
        },
        Body::Open => match rng.u32(..100) {
            0..45 => load::TOP,
            45..75 => load::TOP | load::SIDE,
            _ => load::UNCOVERED,
        },
        Body::Grain | Body::Loose | Body::Scrap | Body::Container | Body::Liquid => load::TOP,
        Body::Machine => load::RAMPS,
        Body::Chilled | Body::Frozen => load::REAR,
        // A trailer is coupled, not loaded.
        Body::Trailer => 0,
    }
}
