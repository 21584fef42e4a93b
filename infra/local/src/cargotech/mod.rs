//! The sandbox of CargoTech: an outside service with thousands of plausible cargos, played by this
//! process. It speaks the API's own paths and shapes, traps included, and can be told to misbehave.
//!
//! What cargos there are follows from the seed and the clock alone, see `catalog`.

mod api;
mod catalog;
mod cities;
mod companies;
mod control;
mod faults;
mod filters;
mod notes;
mod points;
mod sent;
mod traffic;
mod vocabulary;
mod wire;

#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use api::router;
pub use control::control;
pub(crate) use faults::hang_up;

use catalog::Catalog;
use faults::Settings;
use sent::Sent;
use traffic::{Tokens, Traffic};

/// Tells the time in Unix milliseconds.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// What a sandbox is made from.
pub struct Options {
    /// Which cargos there are.
    pub seed: u64,
    /// The phone that may log in; compared by its digits.
    pub phone: String,
    /// Its password.
    pub password: String,
    /// What time it is; [`Sandbox`] asks for no other.
    pub clock: Clock,
}

/// A CargoTech of one's own. Clones share their state.
#[derive(Clone)]
pub struct Sandbox {
    inner: Arc<Inner>,
}

struct Inner {
    seed: u64,
    phone: String,
    password: String,
    clock: Clock,
    catalog: Catalog,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    settings: Settings,
    traffic: Traffic,
    tokens: Tokens,
    sent: Sent,
}

impl Sandbox {
    /// A sandbox in good health, with nobody logged in.
    pub fn new(options: Options) -> Sandbox {
        let Options { seed, phone, password, clock } = options;
        let inner = Inner {
            seed,
            phone: phone_digits(&phone),
            password,
            clock,
            catalog: Catalog::new(seed),
            state: Mutex::default(),
        };
        Sandbox { inner: Arc::new(inner) }
    }

    /// The answer of a list of all cargos that there are now, in the nested shape.
    pub fn list(&self) -> serde_json::Value {
        let alive = self.catalog().at(self.minute());
        let total = alive.len();
        let page = wire::Page { cargos: alive.iter().collect(), total, limit: total, offset: 0, contacts: false };
        let list = wire::list(self.catalog(), &page, wire::Shape::Nested, true);
        serde_json::to_value(list).unwrap_or_default()
    }

    fn now_ms(&self) -> i64 {
        (self.inner.clock)()
    }

    fn minute(&self) -> i64 {
        self.now_ms().div_euclid(60_000)
    }

    fn catalog(&self) -> &Catalog {
        &self.inner.catalog
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// `8 900 …` and `+7 900 …` are one number.
fn phone_digits(phone: &str) -> String {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    match digits.strip_prefix('8') {
        Some(rest) if rest.len() == 10 => format!("7{rest}"),
        _ => digits,
    }
}

/// What a random stream is for: two aspects of a cargo never draw from the same one.
mod stream {
    pub const SLOT: u64 = 1;
    pub const CARGO: u64 = 2;
    pub const ROAD: u64 = 3;
    pub const COMPANY: u64 = 4;
    pub const PEOPLE: u64 = 5;
    pub const CONTACT: u64 = 6;
    pub const NOTE: u64 = 7;
    pub const START: u64 = 8;
    pub const FINISH: u64 = 9;
    pub const EXTRA: u64 = 10;
    pub const TOKEN: u64 = 11;
}

/// One well-mixed number from several (SplitMix64): the seed of a random stream.
fn mix<const N: usize>(parts: [u64; N]) -> u64 {
    parts.into_iter().fold(0, |state, part| {
        let mut z = (state ^ part).wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    })
}
