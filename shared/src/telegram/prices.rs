//! The prices of a response as text. If the driver's price differs from the cargo's, the text has both and marks the
//! agreed one.
use super::{
    SHORT, inline,
    messages::{Messages, fill},
};
use crate::{cargo::card::exact_price, response::Response};

/// The agreed price, or the cargo's wording if it is on request.
pub fn agreed(response: &Response) -> String {
    response.agreed_price().map_or_else(|| inline(&response.cargo.price, SHORT), exact_price)
}

fn both(text: &str, response: &Response) -> String {
    let own = response.own_price().map(exact_price).unwrap_or_default();
    fill(text, &[("cargo", &inline(&response.cargo.price, SHORT)), ("own", &own), ("agreed", &agreed(response))])
}

/// For the driver.
pub fn for_driver(m: &Messages, response: &Response) -> String {
    match (response.is_repriced(), response.status.is_chosen()) {
        (false, _) => inline(&response.cargo.price, SHORT),
        (true, true) => both(m.prices_agreed, response),
        (true, false) => both(m.prices_yours, response),
    }
}

/// For dispatchers and the shipper.
pub fn for_others(m: &Messages, response: &Response) -> String {
    match (response.is_repriced(), response.status.is_chosen()) {
        (false, _) => fill(m.price, &[("price", &inline(&response.cargo.price, SHORT))]),
        (true, true) => both(m.prices_agreed, response),
        (true, false) => both(m.prices_theirs, response),
    }
}
