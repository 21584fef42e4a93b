//! Where each entity lives. No key is put together anywhere else.
use std::fmt::Display;

mod lists;

pub use lists::{Clue, List};
use sha2::{Digest, Sha256};
use store::Key;

use crate::{
    access, admin,
    auth::{self, seat::Seat},
    billing, cargo, cargotech, delivery, driver, response, telegram,
};

/// The sort keys of a driver's list of responses begin with it.
pub(super) const LISTED_RESPONSE: &str = "RESPONDED#";
/// The sort keys of a driver's list of payments begin with it.
pub(super) const LISTED_PAYMENT: &str = "PAID#";

/// Who a driver is and what they prefer.
pub fn profile(driver_id: i64) -> Key {
    Key::of_driver(driver::module::PROFILE.table(), driver_id, "PROFILE")
}

/// The one session of a driver.
pub fn session(driver_id: i64) -> Key {
    Key::of_driver(auth::module::SESSION.table(), driver_id, "SESSION")
}

/// The session of the admin page on a seat.
pub fn admin_session(driver_id: i64, seat: Seat) -> Key {
    Key::of_driver(auth::module::ADMIN_SESSION.table(), driver_id, format!("SESSION#{}", seat.as_str()))
}

/// The row of the session that is called so: of the admin page, or the driver's own.
pub fn session_called(driver_id: i64, session_id: &str) -> Key {
    match Seat::of(session_id) {
        Some(seat) => admin_session(driver_id, seat),
        None => session(driver_id),
    }
}

/// That a driver is blocked, and why. An item of its own, because it is read with every decision about access.
pub fn block(driver_id: i64) -> Key {
    Key::of_driver(access::module::BLOCK.table(), driver_id, "BLOCK")
}

/// What a driver is found by: one item for each [`Clue`].
pub fn found(driver_id: i64, clue: Clue) -> Key {
    Key::of_driver(driver::module::FOUND.table(), driver_id, format!("FOUND#{}", clue.as_str()))
}

/// The response of a driver to a cargo. Padded, so that the ids sort as the numbers that they are.
pub fn response(driver_id: i64, cargo_id: &str) -> Key {
    Key::of_driver(response::module::RESPONSE.table(), driver_id, format!("RESPONSE#{cargo_id:0>20}"))
}

/// The place of a response in its driver's list, by the time it was given.
pub fn listed_response(driver_id: i64, created_at_ms: i64, cargo_id: &str) -> Key {
    Key::of_driver(
        response::module::LISTED_RESPONSE.table(),
        driver_id,
        format!("{LISTED_RESPONSE}{created_at_ms:0>14}#{cargo_id:0>20}"),
    )
}

/// Whose response, to which cargo, a response's own id means.
pub fn response_id(id: &str) -> Key {
    Key::alone(response::module::RESPONSE_ID.table(), format!("RESPONSE#{id}"))
}

/// Which responses to a cargo wait for a decision, and which were accepted.
pub fn cargo_responses(cargo_id: &str) -> Key {
    Key::alone(response::module::CARGO_RESPONSES.table(), format!("CARGO#{cargo_id}"))
}

/// Which response a message in the dispatchers' chat is about.
pub fn dispatch_message(chat_id: impl Display, message_id: impl Display) -> Key {
    Key::alone(response::module::DISPATCH_MESSAGE.table(), format!("MESSAGE#{chat_id}#{message_id}"))
}

/// What a group has become.
pub fn moved_chat(chat_id: i64) -> Key {
    Key::alone(telegram::module::MOVED_CHAT.table(), format!("CHAT#{chat_id}"))
}

/// The end of a driver's paid access.
pub fn subscription(driver_id: i64) -> Key {
    Key::of_driver(billing::module::SUBSCRIPTION.table(), driver_id, "SUBSCRIPTION")
}

/// One entry of the ledger of a driver's subscription. Its id follows from what it is for, so it is written once.
pub fn ledger_entry(driver_id: i64, entry_id: &str) -> Key {
    Key::of_driver(billing::module::LEDGER_ENTRY.table(), driver_id, format!("LEDGER#{entry_id}"))
}

/// A gift to a driver that waits for an owner.
pub fn gift_request(driver_id: i64, id: &str) -> Key {
    Key::of_driver(billing::module::GIFT_REQUEST.table(), driver_id, format!("REQUEST#{id}"))
}

/// Which generation of a driver's access token is good.
pub fn access_generation(driver_id: i64) -> Key {
    Key::of_driver(auth::module::ACCESS_GENERATION.table(), driver_id, "ACCESS")
}

/// That a driver had the trial; kept when their data is deleted.
pub fn trial(driver_id: i64) -> Key {
    Key::alone(billing::module::TRIAL.table(), format!("TRIAL#{driver_id}"))
}

/// A payment.
pub fn payment(id: &str) -> Key {
    Key::alone(billing::module::PAYMENT.table(), format!("PAYMENT#{id}"))
}

/// The place of a payment in its driver's list.
pub fn listed_payment(driver_id: i64, created_at_ms: i64, id: &str) -> Key {
    Key::of_driver(
        billing::module::LISTED_PAYMENT.table(),
        driver_id,
        format!("{LISTED_PAYMENT}{created_at_ms:0>14}#{id}"),
    )
}

/// The payment by which a driver last ordered a plan.
pub fn order(driver_id: i64, plan_id: &str) -> Key {
    Key::of_driver(billing::module::ORDER.table(), driver_id, format!("ORDER#{plan_id}"))
}

/// Which payment the provider's id means.
pub fn provider_payment(provider_id: &str) -> Key {
    Key::alone(billing::module::PROVIDER_PAYMENT.table(), format!("YOOKASSA#{provider_id}"))
}

/// A promo code.
pub fn promo_code(code: &str) -> Key {
    Key::alone(billing::module::PROMO_CODE.table(), format!("PROMO#{code}"))
}

/// That a driver has redeemed a promo code.
pub fn promo_use(code: &str, driver_id: i64) -> Key {
    Key::new(billing::module::PROMO_USE.table(), format!("PROMO#{code}"), format!("DRIVER#{driver_id}"))
}

/// How often a driver tried promo codes lately.
pub fn promo_tries(driver_id: i64) -> Key {
    Key::alone(billing::module::PROMO_TRIES.table(), format!("PROMOTRIES#{driver_id}"))
}

/// When a job last ran.
pub fn job(name: &str) -> Key {
    Key::alone(admin::module::JOB.table(), format!("JOB#{name}"))
}

/// Where nothing ever stands: whether the table takes writes is tried on it.
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

/// How often a driver revoked their access link lately.
pub fn revoking(driver_id: i64) -> Key {
    Key::alone(auth::module::REVOKING.table(), format!("REVOKING#{driver_id}"))
}

/// How often a driver ordered lately.
pub fn ordering(driver_id: i64) -> Key {
    Key::alone(billing::module::ORDERING.table(), format!("ORDERING#{driver_id}"))
}

/// How often the provider was asked for the payments of a driver lately, because they wait.
pub fn payment_checks(driver_id: i64) -> Key {
    Key::alone(billing::module::PAYMENT_CHECKS.table(), format!("PAYMENTCHECK#{driver_id}"))
}

/// How often requests of a driver's orders were repeated lately, because they wait.
pub fn payment_repeats(driver_id: i64) -> Key {
    Key::alone(billing::module::PAYMENT_REPEATS.table(), format!("PAYMENTREPEAT#{driver_id}"))
}

/// How often we were notified lately of the payment or refund of this name.
pub fn settling(name: &str) -> Key {
    Key::alone(billing::module::SETTLING.table(), format!("SETTLING#{name}"))
}

/// How often we were notified lately of what none of our payments is.
pub fn unknown_settlements() -> Key {
    Key::alone(billing::module::SETTLING.table(), "SETTLING#UNKNOWN".into())
}

/// Until when the provider asked us to leave it alone.
pub fn provider_pause() -> Key {
    Key::alone(billing::module::PROVIDER_PAUSE.table(), "YOOKASSA#PAUSE".into())
}

/// What the provider tells of, a payment or a refund, and our rows do not.
pub fn difference(id: &str) -> Key {
    Key::alone(billing::module::DIFFERENCE.table(), format!("DIFFERENCE#{id}"))
}

/// One outgoing message.
pub fn delivery(id: &str) -> Key {
    outbox::ledger::key(id)
}

/// The rate at which messages may go to `to`: a chat, or `all`.
pub fn sending(to: &str) -> Key {
    Key::alone(delivery::module::SENDING.table(), format!("SENDING#{to}"))
}

/// The rate at which new cards of a driver may go to the dispatchers.
pub fn cards_of(driver_id: i64) -> Key {
    Key::alone(delivery::module::SENDING.table(), format!("SENDING#CARDS#{driver_id}"))
}

/// An update of Telegram's that has been dealt with.
pub fn update(update_id: i64) -> Key {
    Key::alone(telegram::module::UPDATE.table(), format!("UPDATE#{update_id}"))
}

/// How often a driver responded lately.
pub fn responding(driver_id: i64) -> Key {
    Key::alone(response::module::RESPONDING.table(), format!("RESPONDING#{driver_id}"))
}

/// How often a shipper's link was used lately.
pub fn link_uses(response_id: &str) -> Key {
    Key::alone(response::module::LINK_USES.table(), format!("LINK#{response_id}"))
}

/// How often this generation of a driver's access link was opened lately.
pub fn access_openings(driver_id: i64, generation: u32) -> Key {
    Key::alone(auth::module::ACCESS_OPENINGS.table(), format!("ACCESSOPENINGS#{driver_id}#{generation}"))
}

/// A cached document: a list, a cargo, a dictionary.
pub fn document(name: &DocumentName) -> Key {
    Key::alone(cargo::module::DOCUMENT.table(), format!("DOCUMENT#{}", name.0))
}

/// Who may refresh a document, or log in.
pub fn lease(of: &str) -> Key {
    Key::alone(cargotech::module::LEASE.table(), format!("LEASE#{of}"))
}

/// CargoTech's token.
pub fn cargotech_token() -> Key {
    Key::alone(cargotech::module::CARGOTECH_TOKEN.table(), "CARGOTECH#TOKEN".into())
}

/// The gate before CargoTech: request budget and circuit breaker.
pub fn cargotech_gate() -> Key {
    Key::alone(cargotech::module::CARGOTECH_GATE.table(), "CARGOTECH#GATE".into())
}

/// Cargos seen gone or with another price.
pub fn cargo_marks() -> Key {
    Key::alone(cargo::module::CARGO_MARKS.table(), "CARGOTECH#MARKS".into())
}

/// How many searches of a driver went to CargoTech lately.
pub fn misses(driver_id: i64) -> Key {
    Key::alone(cargo::module::MISSES.table(), format!("MISSES#{driver_id}"))
}

/// The name of a cached document; also that of its lease.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DocumentName(String);

impl DocumentName {
    /// The list for a canonical CargoTech query. Hashed, because a key has a limit and a query has none.
    pub fn list(query: &str) -> Self {
        Self(format!("LIST#{}", hex::encode(&Sha256::digest(query)[..16])))
    }

    /// A cargo's detail.
    pub fn cargo(id: &str) -> Self {
        Self(format!("CARGO#{id}"))
    }

    /// A dictionary, or the part of it that a text picks.
    pub fn dictionary(name: &str, text: &str) -> Self {
        Self(format!("DICTIONARY#{name}#{text}"))
    }

    /// Whether a part of it can be locked.
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
