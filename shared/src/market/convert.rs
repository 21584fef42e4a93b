//! Converts cargos between CargoTech's list, the market and the cards that drivers see.
use std::num::NonZeroU32;

use ::market::{Haul, Open, Stop, When};
use jiff::civil::{Date, DateTime, Time};
use places::Places;

use crate::{
    cargo::{
        Cargo, Extra, Place,
        card::{Card, CardProfit, PriceChange},
    },
    clock::rfc3339,
};

/// The market's form of a cargo; `None` if its id is too large.
pub fn listed(cargo: Cargo) -> Option<::market::Cargo> {
    let cargo = cargo.for_list();
    Some(::market::Cargo {
        id: cargo.id.parse().ok()?,
        title: cargo.title,
        goods: cargo.cargo_type,
        from: stop(cargo.from),
        to: stop(cargo.to),
        weight_kg: cargo.weight_kg.and_then(whole),
        volume_l: cargo.volume_m3.and_then(|m3| whole(m3 * 1000.0)),
        distance_km: cargo.distance_km.and_then(|km| u32::try_from(km).ok()).and_then(NonZeroU32::new),
        price: cargo.price,
        truck_types: cargo.truck_types,
        load_types: cargo.load_types,
        partial_load: cargo.extra.partial_load,
        round_trip: cargo.extra.krugoreis,
    })
}

/// The card of an open cargo for a truck.
pub fn card(open: Open, haul: &Haul<'_>) -> Card {
    let Open { cargo, history } = open;
    let distance = cargo.distance();
    let amounts = haul.amounts(&cargo);
    let rub = |kopecks: i64| (kopecks + 50).div_euclid(100);
    let profit = amounts.net().zip(amounts.per_day());
    let profit = profit.map(|(net, per_day)| CardProfit { net_rub: rub(net), per_day_rub: rub(per_day) });
    let deadhead_km = haul.start.zip(cargo.from.point).and_then(|(start, loading)| start.road_km_to(loading));
    let change =
        history.changes.last().map(|change| PriceChange { from_rub: change.from, at: rfc3339(change.at_s * 1000) });
    let cargo = Cargo {
        id: cargo.id.to_string(),
        title: cargo.title,
        weight_kg: cargo.weight_kg.map(|kg| f64::from(kg.get())),
        volume_m3: cargo.volume_l.map(|litres| f64::from(litres.get()) / 1000.0),
        from: place(cargo.from),
        to: place(cargo.to),
        distance_km: distance.map(|distance| distance.km.get().into()),
        price: cargo.price,
        truck_types: cargo.truck_types,
        load_types: cargo.load_types,
        cargo_type: cargo.goods,
        extra: Extra { partial_load: cargo.partial_load, krugoreis: cargo.round_trip, ..Extra::default() },
        ..Cargo::default()
    };
    Card {
        distance_is_estimated: distance.is_some_and(|distance| distance.is_estimated),
        deadhead_km,
        first_seen_at: (history.first_seen_s > 0).then(|| rfc3339(history.first_seen_s * 1000)),
        price_change: change,
        profit,
        ..Card::new(cargo)
    }
}

fn stop(place: Place) -> Stop {
    let when = place.date.as_deref().and_then(|written| {
        let (date, time) = written.split_once('T').map_or((written, None), |(date, time)| (date, Some(time)));
        let time = time.and_then(|time| time.parse::<Time>().ok());
        Some(When { date: date.parse::<Date>().ok()?, minute: time.and_then(minute) })
    });
    Stop { city: place.city, when, ..Stop::default() }
}

fn minute(time: Time) -> Option<u16> {
    u16::try_from(i32::from(time.hour()) * 60 + i32::from(time.minute())).ok()
}

fn place(stop: Stop) -> Place {
    let date = stop.when.map(|when| match when.minute {
        None => when.date.to_string(),
        Some(minute) => {
            let (hour, minute) = (i8::try_from(minute / 60).unwrap_or(0), i8::try_from(minute % 60).unwrap_or(0));
            DateTime::from_parts(when.date, Time::new(hour, minute, 0, 0).unwrap_or(Time::midnight())).to_string()
        }
    });
    let place = Place { city: stop.city, date, ..Place::default() };
    match stop.place.and_then(|id| Places::all().get(id)) {
        Some(settlement) => place.at(settlement),
        None => place,
    }
}

/// A positive whole number; a fraction below one counts as one.
fn whole(number: f64) -> Option<NonZeroU32> {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // saturates
    let whole = number.round().max(1.0) as u32;
    (number > 0.0).then(|| NonZeroU32::new(whole)).flatten()
}

#[cfg(test)]
mod tests {
    use ::market::{History, Kind};

    use super::*;
    use crate::cargo::{Contact, Money};

    fn cargo() -> Cargo {
        Cargo {
            id: "77".into(),
            title: Some("Мебель, тел. 8 916 000-00-00".into()),
            weight_kg: Some(1500.0),
            volume_m3: Some(7.5),
            from: Place {
                city: "Москва".into(),
                address: Some("ул. Ленина, 5".into()),
                date: Some("2026-11-25T08:30:00".into()),
                ..Place::default()
            },
            to: Place { city: "Казань".into(), date: Some("2026-11-27".into()), ..Place::default() },
            distance_km: Some(815),
            price: Money::from_kopecks(5_000_050),
            truck_types: vec![Kind { id: Some(4), name: "тент".into() }],
            note: Some("звонить Ивану".into()),
            contacts: vec![Contact { name: Some("Иван".into()), phones: vec!["+79160000000".into()] }],
            ..Cargo::default()
        }
    }

    fn shown(cargo: ::market::Cargo) -> Card {
        let history =
            History { first_seen_s: 1_790_000_000, last_seen_s: 0, first_price: None, changes: Vec::new(), missing: 0 };
        let (truck, tariffs) = Default::default();
        card(Open { cargo, history }, &Haul { truck: &truck, tariffs: &tariffs, day: Date::MIN, start: None })
    }

    #[test]
    fn a_card_of_the_market_is_the_card_of_the_list_without_the_address() {
        let mut expected = serde_json::to_value(Card::new(cargo().for_list())).unwrap();
        expected["from"]["address"] = serde_json::Value::Null;
        // On that day no tariff of diesel holds, so neither the fuel nor the profit is known.
        expected["profit"] = serde_json::Value::Null;
        expected["first_seen_at"] = "2026-09-21T14:13:20Z".into();
        assert_eq!(serde_json::to_value(shown(listed(cargo()).unwrap())).unwrap(), expected);
    }

    #[test]
    fn contacts_addresses_and_notes_never_get_in() {
        let inside = format!("{:?}", listed(cargo()).unwrap());
        for secret in ["Иван", "7916", "000-00-00", "Ленина", "звонить"] {
            assert!(!inside.contains(secret), "{inside}");
        }
    }

    #[test]
    fn what_is_unknown_stays_unknown() {
        let nothing = shown(listed(Cargo { id: "1".into(), ..Cargo::default() }).unwrap());
        assert_eq!((nothing.weight_kg, nothing.volume_m3, nothing.distance_km), (None, None, None));
        assert_eq!((nothing.from.date, nothing.price_rub), (None, None));
        assert_eq!(listed(Cargo { id: "99999999999999999999".into(), ..Cargo::default() }), None);
    }
}
