//! The query parameters of the list.

/// A query parameter.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What its value is.
    pub form: Form,
    /// What it does, for the description of the API.
    pub description: &'static str,
}

/// What the value of a parameter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A whole number.
    Number,
    /// A number with decimals.
    Decimal,
    /// `true` or `false`.
    Truth,
    /// A text.
    Text,
    /// Whole numbers: the parameter may stand several times.
    Numbers,
}

const fn parameter(name: &'static str, form: Form, description: &'static str) -> Parameter {
    Parameter { name, form, description }
}

/// All parameters.
pub const PARAMETERS: [Parameter; 35] = [
    parameter("from_place_id", Form::Numbers, "Loading places: `id` from /api/places, at most 10"),
    parameter(
        "from_radius_km",
        Form::Number,
        "Kilometres around the loading places, 0 to 1000; without it, the places alone",
    ),
    parameter("to_place_id", Form::Numbers, "Unloading places: `id` from /api/places, at most 10"),
    parameter("to_radius_km", Form::Number, "Kilometres around the unloading places, 0 to 1000"),
    parameter("date_from", Form::Text, "First loading date, YYYY-MM-DD, from today to a year from now"),
    parameter("date_to", Form::Text, "Last loading date"),
    parameter("weight_min_kg", Form::Number, "Kilograms"),
    parameter("weight_max_kg", Form::Number, "Kilograms"),
    parameter("volume_min_m3", Form::Decimal, "Cubic metres, at most two decimals"),
    parameter("volume_max_m3", Form::Decimal, "Cubic metres, at most two decimals"),
    parameter(
        "weight_volume",
        Form::Text,
        "1_3, 3_5, 5_10, 10_15, 15_20, 20, any, or tonnes-m3 such as 7.5-45: at most so much",
    ),
    parameter("load_types", Form::Text, "Ids from the load types dictionary, comma-separated"),
    parameter("truck_types", Form::Text, "Ids from the truck types dictionary, comma-separated"),
    parameter("partial_load", Form::Truth, "Whether part of a truck is enough"),
    parameter("round_trip", Form::Truth, "Whether the truck comes back loaded"),
    parameter("has_price", Form::Truth, "Whether there is a price; false: on request"),
    parameter("price_min", Form::Number, "Rubles, 0 to 999999"),
    parameter("price_max", Form::Number, "Rubles, 0 to 999999, which is no limit"),
    parameter("price_per_km_min", Form::Number, "Rubles per kilometre, 0 to 999"),
    parameter("distance_min", Form::Number, "Kilometres, 0 to 9999"),
    parameter("distance_max", Form::Number, "Kilometres, 0 to 9999"),
    parameter("new_since", Form::Text, "Only cargos first seen after this time, RFC 3339"),
    parameter(
        "sort",
        Form::Text,
        "relevance (default), price, price_per_km, distance, date, newest, deadhead (the distance from the first loading place) or profit (for the driver's truck); with - in front, reversed. A cargo whose value is not known comes last. Ignored when CargoTech answers",
    ),
    parameter("cursor", Form::Text, "`cursor` of the page before"),
    parameter("limit", Form::Number, "1 to 100; 20 by default"),
    parameter("offset", Form::Number, "0 or more; 0 by default; not together with cursor"),
    parameter("start_point_id", Form::Number, "Loading place at CargoTech: `id` from the cities dictionary"),
    parameter("start_point_type", Form::Number, "`type` from the cities dictionary, for start_point_id"),
    parameter("start_point_radius", Form::Number, "Kilometres, 0 to 1000"),
    parameter("finish_point_id", Form::Number, "Unloading place at CargoTech: `id` from the cities dictionary"),
    parameter("finish_point_type", Form::Number, "`type` from the cities dictionary, for finish_point_id"),
    parameter("finish_point_radius", Form::Number, "Kilometres, 0 to 1000"),
    parameter("start_date", Form::Text, "The same as date_from"),
    parameter("mode", Form::Text, "my or all; all by default"),
    parameter("owner_inn", Form::Text, "The shipper's tax number (INN), 10 or 12 digits"),
];

/// The parameter with this name.
pub fn parameter_called(name: &str) -> Option<&'static Parameter> {
    PARAMETERS.iter().find(|parameter| parameter.name == name)
}
