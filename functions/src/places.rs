//! Searches settlements by name and by distance from a point.
use places::{Place, Places};
use serde::Serialize;
use shared::{app::App, fields::Fields};
use utoipa::ToSchema;

use crate::http::{Answer, Incoming, private_json};

/// Default number of results.
const FEW: usize = 10;
/// Maximum number of results.
const MOST: i64 = 50;
/// Maximum length of a name.
const LONGEST_NAME: usize = 60;

/// A settlement.
#[derive(Serialize, ToSchema)]
pub struct PlaceView {
    /// GeoNames id.
    id: u32,
    /// Name in Russian.
    name: &'static str,
    /// Name in Latin letters.
    name_en: &'static str,
    /// The nearest large city if several places share the name; of a district, its city; else null.
    near: Option<&'static str>,
    /// The same in Latin letters.
    near_en: Option<&'static str>,
    /// Country code, ISO 3166-1 alpha-2.
    country: &'static str,
    /// Latitude, degrees north.
    lat: f64,
    /// Longitude, degrees east.
    lon: f64,
    /// Time zone in the IANA database.
    timezone: &'static str,
}

/// Settlements, likeliest or nearest first.
#[derive(Serialize, ToSchema)]
pub struct FoundPlaces {
    items: Vec<PlaceView>,
}

impl FoundPlaces {
    fn new(places: Vec<&'static Place>) -> Self {
        let view = |place: &'static Place| {
            let near = Places::all().near(place);
            PlaceView {
                id: place.id,
                name: place.name,
                name_en: place.name_en,
                near: near.map(|near| near.name),
                near_en: near.map(|near| near.name_en),
                country: place.country,
                lat: place.lat,
                lon: place.lon,
                timezone: place.timezone,
            }
        };
        Self { items: places.into_iter().map(view).collect() }
    }
}

/// Suggests settlements for a typed name.
///
/// Matches prefixes, nicknames, misspellings and text typed in the wrong keyboard layout.
#[utoipa::path(
    get, path = "/api/places", tag = "dictionaries", security(("session" = [])),
    params(
        ("name" = String, Query, description = "The text typed so far, at most 60 characters"),
        ("limit" = Option<i64>, Query, description = "1 to 50; 10 by default"),
    ),
    responses(
        (status = 200, body = FoundPlaces),
        (status = 403, description = "driver_blocked"),
        (status = 422),
    )
)]
pub async fn find(app: &App, incoming: &Incoming) -> Answer {
    incoming.session(app).await?;
    let (name, limit) = incoming.parameters(&["name", "limit"], &["limit"], |fields| {
        (fields.required_text("name", LONGEST_NAME), limit(fields))
    })?;
    private_json(&FoundPlaces::new(Places::all().find(&name, limit)))
}

/// Lists the settlements nearest to a point.
#[utoipa::path(
    get, path = "/api/places/nearest", tag = "dictionaries", security(("session" = [])),
    params(
        ("lat" = f64, Query, description = "Latitude, degrees north"), ("lon" = f64, Query, description = "Longitude, degrees east"),
        ("limit" = Option<i64>, Query, description = "1 to 50; 10 by default"),
    ),
    responses(
        (status = 200, body = FoundPlaces),
        (status = 403, description = "driver_blocked"),
        (status = 422),
    )
)]
pub async fn nearest(app: &App, incoming: &Incoming) -> Answer {
    incoming.session(app).await?;
    let numbers = ["lat", "lon", "limit"];
    let (lat, lon, limit) = incoming.parameters(&numbers, &numbers, |fields| {
        (fields.number("lat", -90.0..=90.0), fields.number("lon", -180.0..=180.0), limit(fields))
    })?;
    private_json(&FoundPlaces::new(Places::all().nearest(lat, lon, limit)))
}

fn limit(fields: &mut Fields<'_>) -> usize {
    fields
        .if_given("limit", |fields, name| fields.whole(name, 1..=MOST))
        .and_then(|limit| limit.try_into().ok())
        .unwrap_or(FEW)
}
