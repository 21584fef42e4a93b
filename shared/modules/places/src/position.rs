//! Distances along great circles of the mean Earth.
use std::f64::consts::PI;

const EARTH_KM: f64 = 6371.0088;

/// A point on Earth as a unit vector, for fast distance calculations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Position([f64; 3]);

impl Position {
    /// The point at these degrees north and east.
    pub fn new(lat: f64, lon: f64) -> Self {
        let ((north, level), (east, ahead)) = (lat.to_radians().sin_cos(), lon.to_radians().sin_cos());
        Self([level * ahead, level * east, north])
    }

    /// The distance to another point in kilometres.
    pub fn km_to(self, other: Self) -> f64 {
        let chord = self.chord_squared(other).sqrt();
        2.0 * EARTH_KM * (chord / 2.0).min(1.0).asin()
    }

    /// The points at most this many kilometres away.
    pub fn circle(self, km: f64) -> Circle {
        let half = (km / EARTH_KM / 2.0).min(PI / 2.0);
        Circle { middle: self, chord_squared: (2.0 * half.sin()).powi(2) }
    }

    fn chord_squared(self, other: Self) -> f64 {
        self.0.iter().zip(other.0).map(|(a, b)| (a - b).powi(2)).sum()
    }
}

/// A circle on Earth. To ask it is several times as fast as to calculate a distance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Circle {
    middle: Position,
    chord_squared: f64,
}

impl Circle {
    /// Whether a point is inside.
    pub fn holds(&self, position: Position) -> bool {
        self.middle.chord_squared(position) <= self.chord_squared
    }
}
