//! Settlements: by what somebody typed, and around a point.
use places::{Place, Places};
use serde::Serialize;
use shared::{app::App, fields::Fields};
use utoipa::ToSchema;

use crate::http::{Answer, Incoming, private_json};

/// How many there are in an answer, unless the query says otherwise.
const FEW: usize = 10;
/// How many there are in the longest answer.
const MOST: i64 = 50;
/// A longer text is no name.
const LONGEST_NAME: usize = 60;

/// A settlement.
#[derive(Serialize, ToSchema)]
pub struct PlaceView {
    /// GeoNames' id.
    id: u32,
    /// What it is called in Russian.
    name: &'static str,
    /// What it is called in Latin letters.
    name_en: &'static str,
    /// The nearest large city, for a name that several places have.
    near: Option<&'static str>,
    /// ISO 3166-1 alpha-2.
    country: &'static str,
    /// Degrees north.
    lat: f64,
    /// Degrees east.
    lon: f64,
    /// By the IANA time zone database.
    timezone: &'static str,
}

/// Settlements, the likeliest or the nearest first.
#[derive(Serialize, ToSchema)]
pub struct FoundPlaces {
    items: Vec<PlaceView>,
}

impl FoundPlaces {
    fn new(places: Vec<&'static Place>) -> Self {
        let view = |place: &'static Place| PlaceView {
            id: place.id,
            name: place.name,
            name_en: place.name_en,
            near: place.near,
            country: place.country,
            lat: place.lat,
            lon: place.lon,
            timezone: place.timezone,
        };
        Self { items: places.into_iter().map(view).collect() }
    }
}

/// Settlements that somebody may mean who typed this: a beginning, a nickname, a misspelling, or on the wrong keyboard.
#[utoipa::path(
    get, path = "/api/places", tag = "dictionaries", security(("session" = [])),
    params(
        ("name" = String, Query, description = "What was typed so far, at most 60 characters"),
        ("limit" = Option<i64>, Query, description = "1 to 50; 10 if it is absent"),
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

/// The settlements nearest to a point.
#[utoipa::path(
    get, path = "/api/places/nearest", tag = "dictionaries", security(("session" = [])),
    params(
        ("lat" = f64, Query, description = "Degrees north"), ("lon" = f64, Query, description = "Degrees east"),
        ("limit" = Option<i64>, Query, description = "1 to 50; 10 if it is absent"),
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
