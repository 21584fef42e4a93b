//! The prices of a response in words. Where the driver's is another than the cargo's, both are said, and the one for which the
//! cargo is carried is called so.
use super::{
    escape,
    messages::{Messages, fill},
};
use crate::{cargo::card::exact_price, response::Response};

/// The price for which the cargo is carried; the cargo's words where that is on request.
pub fn agreed(response: &Response) -> String {
    response.agreed_price().map_or_else(|| escape(&response.cargo.price), exact_price)
}

fn both(text: &str, response: &Response) -> String {
    let own = response.own_price().map(exact_price).unwrap_or_default();
    fill(text, &[("cargo", &escape(&response.cargo.price)), ("own", &own), ("agreed", &agreed(response))])
}

/// For the driver.
pub fn for_driver(m: &Messages, response: &Response) -> String {
    match (response.is_repriced(), response.status.is_chosen()) {
        (false, _) => escape(&response.cargo.price),
        (true, true) => both(m.prices_agreed, response),
        (true, false) => both(m.prices_yours, response),
    }
}

/// For whoever decides.
pub fn for_others(m: &Messages, response: &Response) -> String {
    match (response.is_repriced(), response.status.is_chosen()) {
        (false, _) => fill(m.price, &[("price", &escape(&response.cargo.price))]),
        (true, true) => both(m.prices_agreed, response),
        (true, false) => both(m.prices_theirs, response),
    }
}
