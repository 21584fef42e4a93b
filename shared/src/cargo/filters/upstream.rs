//! The filters as CargoTech takes them.
use places::{Place, Places};

use super::{
    At, Bounds, Filters, MAX_DISTANCE_KM, MAX_OFFSET, MAX_PRICE_PER_KM_RUB, MAX_PRICE_RUB, Near, Point, WeightVolume,
};
use crate::error::FieldError;

/// The highest price in CargoTech's filter, kopecks.
const MOST_KOPECKS: i64 = MAX_PRICE_RUB * 100;

impl Filters {
    /// The filters that CargoTech cannot apply, each with what to do about it.
    pub fn foreign_to_cargotech(&self) -> Vec<FieldError> {
        let several = |near: &Option<Near>| near.as_ref().is_some_and(|near| near.places.len() > 1);
        let is_bounded = |(min, max): Bounds| (min.is_some(), max.is_some());
        let ((min_weight, max_weight), (min_volume, max_volume)) =
            (is_bounded(self.weight_kg), is_bounded(self.volume_l));
        let foreign = [
            ("from_place_id", several(&self.from)),
            ("to_place_id", several(&self.to)),
            ("date_to", self.date_to.is_some()),
            ("weight_min_kg", min_weight),
            ("weight_max_kg", max_weight),
            ("volume_min_m3", min_volume),
            ("volume_max_m3", max_volume),
            ("has_price", self.has_price == Some(false)),
            ("partial_load", self.partial_load.is_some()),
            ("round_trip", self.round_trip.is_some()),
            ("new_since", self.new_since_s.is_some()),
            ("cursor", self.is_page_of_market()),
        ];
        foreign.into_iter().filter(|(_, given)| *given).map(|(name, _)| unavailable(name)).collect()
    }

    /// The settlements that CargoTech's points must be found for: of the start and of the finish.
    pub fn places(&self) -> [Option<&'static Place>; 2] {
        [&self.from, &self.to].map(|near| near.as_ref().and_then(|near| Places::all().get(*near.places.first()?)))
    }

    /// The same filters with CargoTech's points for [`Filters::places`], each its id and type.
    ///
    /// # Errors
    /// CargoTech does not know one of them.
    pub fn with_points(&self, points: [Option<(i64, i64)>; 2]) -> Result<Self, Vec<FieldError>> {
        let mut filters = self.clone();
        let ends = [
            ("from_place_id", &mut filters.start_point, filters.from.take()),
            ("to_place_id", &mut filters.finish_point, filters.to.take()),
        ];
        for ((name, end, near), point) in ends.into_iter().zip(points) {
            let Some(near) = near else { continue };
            let Some((id, kind)) = point else { return Err(vec![unavailable(name)]) };
            *end = Some(Point { id, kind, radius_km: near.radius_km });
        }
        Ok(filters)
    }

    /// The exact parameters of `GET /v2/cargos/views` in a fixed order, without missing filters. Both the query sent
    /// and the name of the cached list.
    pub fn query(&self) -> Vec<(&'static str, String)> {
        let mut query = vec![
            ("include", "contacts".to_owned()),
            ("limit", self.limit.to_string()),
            ("offset", self.offset().to_string()),
            ("filter[mode]", if self.my { "my" } else { "all" }.to_owned()),
            ("filter[user_id]", "0".to_owned()),
        ];
        let points = [
            (&self.start_point, ["filter[start_point_id]", "filter[start_point_type]", "filter[start_point_radius]"]),
            (
                &self.finish_point,
                ["filter[finish_point_id]", "filter[finish_point_type]", "filter[finish_point_radius]"],
            ),
        ];
        for (point, [id, kind, radius]) in points {
            if let Some(point) = point {
                query.push((id, point.id.to_string()));
                query.push((kind, point.kind.to_string()));
                query.extend(point.radius_km.map(|km| (radius, km.to_string())));
            }
        }
        query.extend(self.date_from.map(|date| ("filter[start_date]", date.to_string())));
        query.extend(self.weight_volume.map(|pair| ("filter[wv]", pair.to_string())));
        for (name, ids) in [("filter[load_types]", &self.load_types), ("filter[truck_types]", &self.truck_types)] {
            if !ids.is_empty() {
                query.push((name, ids.iter().map(u32::to_string).collect::<Vec<_>>().join(",")));
            }
        }
        // CargoTech counts money in kopecks, and a price on request as none.
        let least = i64::from(self.has_price == Some(true));
        let (min, max) = self.price.map_or((0, None), |price| (price.min * 100, price.max));
        if self.price.is_some() || least > 0 {
            let max = max.map_or(MOST_KOPECKS, |rub| rub * 100);
            query.push(("filter[price]", format!("{},{max}", min.max(least))));
        }
        query.extend(
            self.price_per_km_min
                .map(|min| ("filter[price_per_km]", format!("{},{}", min * 100, MAX_PRICE_PER_KM_RUB * 100))),
        );
        query.extend(
            self.distance.map(|km| ("filter[distance]", format!("{},{}", km.min, km.max.unwrap_or(MAX_DISTANCE_KM)))),
        );
        query.extend(self.owner_inn.as_ref().map(|inn| ("filter[owner_company]", inn.clone())));
        query
    }

    /// Whether this is a later page of a list that the market began.
    pub fn is_page_of_market(&self) -> bool {
        matches!(self.at, At::Cursor(_))
    }

    /// The cursor of the page after this one when CargoTech answers, or `None` after the last.
    pub fn next_offset(&self, found: usize, total: Option<i64>) -> Option<String> {
        let next = self.offset() + self.limit;
        let is_full = i64::try_from(found).is_ok_and(|found| found >= self.limit);
        let has_more = total.map_or(is_full, |total| next < total) && next <= MAX_OFFSET;
        has_more.then(|| format!("{}{next}", At::OFFSET))
    }
}

fn unavailable(name: &str) -> FieldError {
    FieldError::new(
        name,
        "unavailable",
        "Only the market can answer this, and it is not available at the moment. Leave it out, or try again later.",
    )
}

impl std::fmt::Display for WeightVolume {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", plain(self.tonnes), plain(self.m3))
    }
}

/// A decimal without trailing zeros.
pub(super) fn plain(hundredths: i64) -> String {
    let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
