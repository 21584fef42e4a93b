//! A cargo as a card of the list: numbers for the program, ready strings for the eye.
use std::num::NonZeroU32;

use serde::Serialize;
use utoipa::ToSchema;

use super::{Cargo, Kind, Money, Place};

/// A cargo in the list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Card {
    /// CargoTech's id.
    pub id: String,
    /// Name of the cargo, or else what is carried.
    pub title: String,
    /// Weight, kilograms; null if unknown.
    pub weight_kg: Option<f64>,
    /// Volume, cubic metres; null if unknown.
    pub volume_m3: Option<f64>,
    /// Loading place.
    pub from: Place,
    /// Unloading place.
    pub to: Place,
    /// Distance by road, kilometres; null if unknown.
    pub distance_km: Option<i64>,
    /// Whether the distance is an estimate, a quarter more than as the crow flies.
    pub distance_is_estimated: bool,
    /// Estimated distance by road to the loading place from the settlement where the search starts, kilometres; null
    /// within it, and unless the search starts from one settlement.
    #[schema(value_type = Option<u32>)]
    pub deadhead_km: Option<NonZeroU32>,
    /// Price, rubles; null means "on request".
    #[schema(value_type = Option<f64>)]
    pub price_rub: Option<Money>,
    /// Price per kilometre, rubles; null without a price or a distance.
    #[schema(value_type = Option<f64>)]
    pub price_per_km_rub: Option<Money>,
    /// Names of the suitable truck types.
    pub truck_types: Vec<String>,
    /// Names of the load types.
    pub load_types: Vec<String>,
    /// When the market first had the cargo, RFC 3339 in UTC; null if CargoTech was asked instead, or if the market's first
    /// sweep found it.
    pub first_seen_at: Option<String>,
    /// The last change of the price; null if there was none.
    pub price_change: Option<PriceChange>,
    /// How it pays beside similar open cargos; null without a price or a distance, with fewer than eight of them, and if
    /// CargoTech was asked.
    pub market: Option<CardMarket>,
    /// What it leaves the driver; null without a price or a distance, and if CargoTech was asked.
    pub profit: Option<CardProfit>,
    /// The same as ready-made text in Russian.
    pub display: Display,
}

/// How a cargo pays beside similar open cargos.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct CardMarket {
    /// By how many percent its price per kilometre is above the median; negative if it is below.
    pub percent: i64,
    /// The number of similar cargos.
    pub count: usize,
}

/// What a cargo leaves the driver, with the costs of their truck or of an assumed one. `/api/cargos/{id}/worth` has the
/// terms.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct CardProfit {
    /// Whole rubles.
    pub net_rub: i64,
    /// Whole rubles a day.
    pub per_day_rub: i64,
}

/// A change of a cargo's price.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PriceChange {
    /// The price before, rubles; null means "on request".
    #[schema(value_type = Option<f64>)]
    pub from_rub: Option<Money>,
    /// When it was noticed, RFC 3339 in UTC.
    pub at: String,
}

/// Ready-made texts of a cargo, in Russian.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Display {
    /// Such as `Москва → Казань`.
    pub route: String,
    /// Such as `50 000 ₽`, or `по запросу`.
    pub price: String,
    /// Such as `20 т / 82 м³`.
    pub weight_volume: String,
}

impl Card {
    /// Builds the card of a cargo.
    pub fn new(cargo: Cargo) -> Self {
        let weight_volume = weight_volume(&cargo);
        let route = format!("{} → {}", place(&cargo.from), place(&cargo.to));
        let title = cargo.title.or(cargo.cargo_type).unwrap_or_else(|| match weight_volume.as_str() {
            "" => "Груз".to_owned(),
            known => format!("Груз {known}"),
        });
        Self {
            id: cargo.id,
            title,
            weight_kg: cargo.weight_kg,
            volume_m3: cargo.volume_m3,
            from: cargo.from,
            to: cargo.to,
            distance_km: cargo.distance_km,
            distance_is_estimated: false,
            deadhead_km: None,
            price_rub: cargo.price,
            price_per_km_rub: cargo.price.zip(cargo.distance_km).and_then(|(price, km)| price.per_km(km)),
            truck_types: names(cargo.truck_types),
            load_types: names(cargo.load_types),
            first_seen_at: None,
            price_change: None,
            market: None,
            profit: None,
            display: Display {
                route,
                price: cargo.price.map_or_else(|| "по запросу".to_owned(), price),
                weight_volume,
            },
        }
    }
}

fn names(kinds: Vec<Kind>) -> Vec<String> {
    kinds.into_iter().map(|kind| kind.name).collect()
}

fn place(place: &Place) -> &str {
    if place.city.is_empty() { "—" } else { &place.city }
}

/// `50 000 ₽`: whole rubles in groups of three.
pub(crate) fn price(price: Money) -> String {
    let digits = (price.kopecks().saturating_add(50) / 100).max(1).to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    format!("{text} ₽")
}

/// Like [`price`], with kopecks if there are any.
pub(crate) fn exact_price(sum: Money) -> String {
    let whole = Money::from_kopecks(sum.kopecks() / 100 * 100);
    let text = whole.map_or_else(|| "0 ₽".to_owned(), price);
    match sum.kopecks() % 100 {
        0 => text,
        kopecks => text.replace(" ₽", &format!(",{kopecks:02} ₽")),
    }
}

fn weight_volume(cargo: &Cargo) -> String {
    let known = |value: Option<f64>, unit: &str| {
        value.map(decimal).filter(|number| number != "0").map(|number| format!("{number} {unit}"))
    };
    let weight = known(cargo.weight_kg.map(|kg| kg / 1000.0), "т");
    let volume = known(cargo.volume_m3, "м³");
    [weight, volume].into_iter().flatten().collect::<Vec<_>>().join(" / ")
}

/// At most two decimals, no trailing zeros, and a decimal comma as in Russian.
fn decimal(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').replace('.', ",")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cargo(kopecks: i64) -> Cargo {
        Cargo {
            id: "7".into(),
            weight_kg: Some(20_000.0),
            volume_m3: Some(82.5),
            from: Place { city: "Москва".into(), ..Place::default() },
            to: Place { city: "Казань".into(), ..Place::default() },
            distance_km: Some(815),
            price: Money::from_kopecks(kopecks),
            ..Cargo::default()
        }
    }

    #[test]
    fn a_card_reads_as_a_driver_would_say_it() {
        let card = Card::new(cargo(5_000_000));
        assert_eq!(card.display.route, "Москва → Казань");
        assert_eq!(card.display.price, "50 000 ₽");
        assert_eq!(card.display.weight_volume, "20 т / 82,5 м³");
        assert_eq!(card.title, "Груз 20 т / 82,5 м³");
        assert_eq!(serde_json::to_value(card.price_per_km_rub).unwrap(), 61.35);
    }

    #[test]
    fn no_price_is_on_request_and_never_zero_rubles() {
        let card = Card::new(cargo(0));
        assert_eq!((card.display.price.as_str(), card.price_rub, card.price_per_km_rub), ("по запросу", None, None));
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let card = Card::new(Cargo::default());
        assert_eq!((card.title.as_str(), card.display.weight_volume.as_str()), ("Груз", ""));
        assert_eq!(card.display.route, "— → —");
        let little = Cargo { weight_kg: Some(0.001), volume_m3: Some(0.0004), ..Cargo::default() };
        assert_eq!(Card::new(little).display.weight_volume, "", "nobody carries 0 t");
    }

    proptest! {
        #[test]
        fn no_number_breaks_a_card(kopecks in any::<i64>(), km in any::<i64>(), kg in any::<f64>(), m3 in any::<f64>()) {
            let odd = Cargo { distance_km: Some(km), weight_kg: Some(kg), volume_m3: Some(m3), ..cargo(kopecks) };
            let card = Card::new(odd);
            prop_assert!(card.price_per_km_rub.is_none_or(|price| price.kopecks() > 0));
            prop_assert!(serde_json::to_vec(&card).is_ok());
        }

        #[test]
        fn the_digits_of_a_price_survive_grouping(rubles in 1i64..1_000_000_000) {
            let text = price(Money::from_kopecks(rubles * 100).unwrap());
            let digits: String = text.chars().filter(char::is_ascii_digit).collect();
            prop_assert_eq!(digits, rubles.to_string());
            let groups = text.trim_end_matches(" ₽").split(' ').collect::<Vec<_>>();
            prop_assert!(groups[1..].iter().all(|group| group.len() == 3) && groups[0].len() <= 3);
        }
    }
}
