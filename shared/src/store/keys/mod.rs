//! The keys of all entities. No other code builds keys.
use std::fmt::Display;

mod lists;

pub use lists::{Clue, List};
use sha2::{Digest, Sha256};
use store::Key;

use crate::{
    access, admin,
    auth::{self, seat::Seat},
    billing, cargo, cargotech, delivery, driver, market, response, searches, telegram,
};

/// The prefix of the sort keys of a driver's response list.
pub(super) const LISTED_RESPONSE: &str = "RESPONDED#";
/// The prefix of the sort keys of a driver's payment list.
pub(super) const LISTED_PAYMENT: &str = "PAID#";

/// A driver's identity and preferences.
pub fn profile(driver_id: i64) -> Key {
    Key::of_driver(driver::module::PROFILE.table(), driver_id, "PROFILE")
}

/// The single session of a driver.
pub fn session(driver_id: i64) -> Key {
    Key::of_driver(auth::module::SESSION.table(), driver_id, "SESSION")
}

/// The admin session of a seat.
pub fn admin_session(driver_id: i64, seat: Seat) -> Key {
    Key::of_driver(auth::module::ADMIN_SESSION.table(), driver_id, format!("SESSION#{}", seat.as_str()))
}

/// The row of the session with this id: an admin session, or the driver's own.
pub fn session_called(driver_id: i64, session_id: &str) -> Key {
    match Seat::of(session_id) {
        Some(seat) => admin_session(driver_id, seat),
        None => session(driver_id),
    }
}

/// All saved searches of a driver.
pub fn searches(driver_id: i64) -> Key {
    Key::of_driver(searches::module::SEARCHES.table(), driver_id, "SEARCHES")
}

/// The block of a driver, with its reason. A separate item, because every access decision reads it.
pub fn block(driver_id: i64) -> Key {
    Key::of_driver(access::module::BLOCK.table(), driver_id, "BLOCK")
}

/// A driver's search entry: one item per [`Clue`].
pub fn found(driver_id: i64, clue: Clue) -> Key {
    Key::of_driver(driver::module::FOUND.table(), driver_id, format!("FOUND#{}", clue.as_str()))
}

/// The response of a driver to a cargo. Padded, so that ids sort numerically.
pub fn response(driver_id: i64, cargo_id: &str) -> Key {
    Key::of_driver(response::module::RESPONSE.table(), driver_id, format!("RESPONSE#{cargo_id:0>20}"))
}

/// The entry of a response in its driver's list, by creation.
pub fn listed_response(driver_id: i64, created_at_ms: i64, cargo_id: &str) -> Key {
    Key::of_driver(
        response::module::LISTED_RESPONSE.table(),
        driver_id,
        format!("{LISTED_RESPONSE}{created_at_ms:0>14}#{cargo_id:0>20}"),
    )
}

/// Maps a response id to its driver and cargo.
pub fn response_id(id: &str) -> Key {
    Key::alone(response::module::RESPONSE_ID.table(), format!("RESPONSE#{id}"))
}

/// The open and accepted responses to a cargo.
pub fn cargo_responses(cargo_id: &str) -> Key {
    Key::alone(response::module::CARGO_RESPONSES.table(), format!("CARGO#{cargo_id}"))
}

/// Maps a message in the dispatchers' chat to its response.
pub fn dispatch_message(chat_id: impl Display, message_id: impl Display) -> Key {
    Key::alone(response::module::DISPATCH_MESSAGE.table(), format!("MESSAGE#{chat_id}#{message_id}"))
}

/// The new id of a group that became a supergroup.
pub fn moved_chat(chat_id: i64) -> Key {
    Key::alone(telegram::module::MOVED_CHAT.table(), format!("CHAT#{chat_id}"))
}

/// The end of a driver's paid access.
pub fn subscription(driver_id: i64) -> Key {
    Key::of_driver(billing::module::SUBSCRIPTION.table(), driver_id, "SUBSCRIPTION")
}

/// A ledger entry of a driver's subscription. Its id derives from its cause, so it is written once.
pub fn ledger_entry(driver_id: i64, entry_id: &str) -> Key {
    Key::of_driver(billing::module::LEDGER_ENTRY.table(), driver_id, format!("LEDGER#{entry_id}"))
}

/// A gift to a driver that awaits an owner.
pub fn gift_request(driver_id: i64, id: &str) -> Key {
    Key::of_driver(billing::module::GIFT_REQUEST.table(), driver_id, format!("REQUEST#{id}"))
}

/// The valid generation of a driver's access token.
pub fn access_generation(driver_id: i64) -> Key {
    Key::of_driver(auth::module::ACCESS_GENERATION.table(), driver_id, "ACCESS")
}

/// A driver's used trial. Kept when their data is deleted.
pub fn trial(driver_id: i64) -> Key {
    Key::alone(billing::module::TRIAL.table(), format!("TRIAL#{driver_id}"))
}

/// A payment.
pub fn payment(id: &str) -> Key {
    Key::alone(billing::module::PAYMENT.table(), format!("PAYMENT#{id}"))
}

/// The entry of a payment in its driver's list.
pub fn listed_payment(driver_id: i64, created_at_ms: i64, id: &str) -> Key {
    Key::of_driver(
        billing::module::LISTED_PAYMENT.table(),
        driver_id,
        format!("{LISTED_PAYMENT}{created_at_ms:0>14}#{id}"),
    )
}

/// The payment of a driver's last order of a plan.
pub fn order(driver_id: i64, plan_id: &str) -> Key {
    Key::of_driver(billing::module::ORDER.table(), driver_id, format!("ORDER#{plan_id}"))
}

/// Maps the provider's payment id to ours.
pub fn provider_payment(provider_id: &str) -> Key {
    Key::alone(billing::module::PROVIDER_PAYMENT.table(), format!("YOOKASSA#{provider_id}"))
}

/// A promo code.
pub fn promo_code(code: &str) -> Key {
    Key::alone(billing::module::PROMO_CODE.table(), format!("PROMO#{code}"))
}

/// A driver's use of a promo code.
pub fn promo_use(code: &str, driver_id: i64) -> Key {
    Key::new(billing::module::PROMO_USE.table(), format!("PROMO#{code}"), format!("DRIVER#{driver_id}"))
}

/// Rate of a driver's attempts at promo codes.
pub fn promo_tries(driver_id: i64) -> Key {
    Key::alone(billing::module::PROMO_TRIES.table(), format!("PROMOTRIES#{driver_id}"))
}

/// The last run of a job.
pub fn job(name: &str) -> Key {
    Key::alone(admin::module::JOB.table(), format!("JOB#{name}"))
}

/// An item that never exists, for testing whether the table accepts writes.
pub fn health() -> Key {
    Key::alone(admin::module::JOB.table(), "JOB#HEALTH".into())
}

/// The role of an admin.
pub fn role(admin_id: i64) -> Key {
    Key::new(auth::module::ROLE.table(), "ROLES".into(), admin_id.to_string())
}

/// The settings.
pub fn settings() -> Key {
    Key::alone(admin::module::SETTINGS.table(), "SETTINGS".into())
}

/// Rate of revocations of a driver's access link.
pub fn revoking(driver_id: i64) -> Key {
    Key::alone(auth::module::REVOKING.table(), format!("REVOKING#{driver_id}"))
}

/// Rate of a driver's orders.
pub fn ordering(driver_id: i64) -> Key {
    Key::alone(billing::module::ORDERING.table(), format!("ORDERING#{driver_id}"))
}

/// Rate of checks of a waiting driver's payments with the provider.
pub fn payment_checks(driver_id: i64) -> Key {
    Key::alone(billing::module::PAYMENT_CHECKS.table(), format!("PAYMENTCHECK#{driver_id}"))
}

/// Rate of repeated order requests of a waiting driver.
pub fn payment_repeats(driver_id: i64) -> Key {
    Key::alone(billing::module::PAYMENT_REPEATS.table(), format!("PAYMENTREPEAT#{driver_id}"))
}

/// Rate of notifications about this payment or refund.
pub fn settling(name: &str) -> Key {
    Key::alone(billing::module::SETTLING.table(), format!("SETTLING#{name}"))
}

/// Rate of notifications about unknown payments.
pub fn unknown_settlements() -> Key {
    Key::alone(billing::module::SETTLING.table(), "SETTLING#UNKNOWN".into())
}

/// The end of the provider's pause.
pub fn provider_pause() -> Key {
    Key::alone(billing::module::PROVIDER_PAUSE.table(), "YOOKASSA#PAUSE".into())
}

/// A difference from the provider's records.
pub fn difference(id: &str) -> Key {
    Key::alone(billing::module::DIFFERENCE.table(), format!("DIFFERENCE#{id}"))
}

/// One outgoing message.
pub fn delivery(id: &str) -> Key {
    outbox::ledger::key(id)
}

/// The sending rate of `to`: a chat, or `all`.
pub fn sending(to: &str) -> Key {
    Key::alone(delivery::module::SENDING.table(), format!("SENDING#{to}"))
}

/// The rate of a driver's new cards for the dispatchers.
pub fn cards_of(driver_id: i64) -> Key {
    Key::alone(delivery::module::SENDING.table(), format!("SENDING#CARDS#{driver_id}"))
}

/// A processed Telegram update.
pub fn update(update_id: i64) -> Key {
    Key::alone(telegram::module::UPDATE.table(), format!("UPDATE#{update_id}"))
}

/// Rate of a driver's responses.
pub fn responding(driver_id: i64) -> Key {
    Key::alone(response::module::RESPONDING.table(), format!("RESPONDING#{driver_id}"))
}

/// Rate of uses of a shipper's link.
pub fn link_uses(response_id: &str) -> Key {
    Key::alone(response::module::LINK_USES.table(), format!("LINK#{response_id}"))
}

/// Rate of openings of this generation of a driver's access link.
pub fn access_openings(driver_id: i64, generation: u32) -> Key {
    Key::alone(auth::module::ACCESS_OPENINGS.table(), format!("ACCESSOPENINGS#{driver_id}#{generation}"))
}

/// A cached document: a list, a cargo, a dictionary.
pub fn document(name: &DocumentName) -> Key {
    Key::alone(cargo::module::DOCUMENT.table(), format!("DOCUMENT#{}", name.0))
}

/// The lease for refreshing a document or logging in.
pub fn lease(of: &str) -> Key {
    Key::alone(cargotech::module::LEASE.table(), format!("LEASE#{of}"))
}

/// The CargoTech token.
pub fn cargotech_token() -> Key {
    Key::alone(cargotech::module::CARGOTECH_TOKEN.table(), "CARGOTECH#TOKEN".into())
}

/// The gate before CargoTech: request budget and circuit breaker.
pub fn cargotech_gate() -> Key {
    Key::alone(cargotech::module::CARGOTECH_GATE.table(), "CARGOTECH#GATE".into())
}

/// Cargos found gone or with a changed price.
pub fn cargo_marks() -> Key {
    Key::alone(cargo::module::CARGO_MARKS.table(), "CARGOTECH#MARKS".into())
}

/// The current snapshot of the market.
pub fn market_head() -> Key {
    Key::alone(market::module::MARKET_HEAD.table(), "MARKET#HEAD".into())
}

/// The unfinished walk through CargoTech's list.
pub fn market_walk() -> Key {
    Key::alone(market::module::MARKET_WALK.table(), "MARKET#WALK".into())
}

/// A chunk of a snapshot or of a walk.
pub fn market_chunk(version: u64, number: u32) -> Key {
    Key::alone(market::module::MARKET_CHUNK.table(), format!("MARKET#CHUNK#{version}#{number}"))
}

/// Rate of a driver's searches that reached CargoTech.
pub fn misses(driver_id: i64) -> Key {
    Key::alone(cargo::module::MISSES.table(), format!("MISSES#{driver_id}"))
}

/// The name of a cached document and of its lease.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DocumentName(String);

impl DocumentName {
    /// The list for a canonical CargoTech query. Hashed, because keys are limited in length and queries are not.
    pub fn list(query: &str) -> Self {
        Self(format!("LIST#{}", hex::encode(&Sha256::digest(query)[..16])))
    }

    /// A cargo's detail.
    pub fn cargo(id: &str) -> Self {
        Self(format!("CARGO#{id}"))
    }

    /// A dictionary, or the part that matches a text.
    pub fn dictionary(name: &str, text: &str) -> Self {
        Self(format!("DICTIONARY#{name}#{text}"))
    }

    /// Whether it has a variant with a locked part.
    pub fn has_locked_form(&self) -> bool {
        self.0.starts_with("CARGO#")
    }

    /// As text, for a lease or a log.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests;
