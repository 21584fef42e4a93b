//! Distances along great circles of the mean Earth.

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
        let chord = self.0.iter().zip(other.0).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
        2.0 * EARTH_KM * (chord / 2.0).min(1.0).asin()
    }
}
