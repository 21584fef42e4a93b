//! Where each entity lives. No key is put together anywhere else.
use std::fmt::Display;

mod lists;

pub use lists::{Clue, List};
use sha2::{Digest, Sha256};
use store::{Key, Table};

use crate::auth::seat::Seat;

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident in $table:ident,)*) => {
        /// What an item is, and so in which table. How long it is kept says [`crate::retention`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Kind { $($(#[$doc])* $kind,)* }

        impl Kind {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$kind),*];

            /// The table that it is in.
            pub fn table(self) -> Table {
                match self { $(Self::$kind => Table::$table,)* }
            }
        }
    };
}

kinds! {
    /// Who a driver is and what they prefer.
    Profile in App,
    /// The one session of a driver.
    Session in App,
    /// A session of the admin page, one for each seat.
    AdminSession in App,
    /// That a driver is blocked.
    Block in App,
    /// What a driver is found by.
    Found in App,
    /// What somebody may have to account for.
    Audit in App,
    /// A response.
    Response in App,
    /// The place of a response in its driver's list.
    ListedResponse in App,
    /// Whose response an id means.
    ResponseId in App,
    /// Which responses to a cargo wait for a decision, and which were accepted.
    CargoResponses in App,
    /// Which response a message in the dispatchers' chat is about.
    DispatchMessage in App,
    /// What a group has become.
    MovedChat in App,
    /// Until when a driver may use what is paid.
    Subscription in App,
    /// An entry of the ledger of a subscription.
    LedgerEntry in App,
    /// Which generation of an access link is good.
    AccessGeneration in App,
    /// A gift that waits for an owner, or waited.
    GiftRequest in App,
    /// That a driver had the trial.
    Trial in App,
    /// A payment.
    Payment in App,
    /// The place of a payment in its driver's list.
    ListedPayment in App,
    /// The payment by which a driver last ordered a plan.
    Order in App,
    /// Which payment the provider's id means.
    ProviderPayment in App,
    /// A promo code.
    PromoCode in App,
    /// That a driver has redeemed a promo code.
    PromoUse in App,
    /// Counts of a day, ends of a month.
    Counter in App,
    /// When a job last ran.
    Job in App,
    /// The role of an admin.
    Role in App,
    /// What admins set.
    Settings in App,
    /// What the provider tells of and our rows do not.
    Difference in App,
    /// One outgoing message.
    Delivery in App,
    /// How often a driver tried promo codes lately.
    PromoTries in Cache,
    /// How often a driver revoked their access link lately.
    Revoking in Cache,
    /// How often a driver ordered lately.
    Ordering in Cache,
    /// How often the provider was asked for a driver's payments lately.
    PaymentChecks in Cache,
    /// How often requests of a driver's orders were repeated lately.
    PaymentRepeats in Cache,
    /// How often we were notified of a payment or refund lately, or of what is none of ours.
    Settling in Cache,
    /// Until when the provider is left alone.
    ProviderPause in Cache,
    /// The rate at which messages may go to a chat.
    Sending in Cache,
    /// An update of Telegram's that has been dealt with.
    Update in Cache,
    /// How often a driver responded lately.
    Responding in Cache,
    /// How often a shipper's link was used lately.
    LinkUses in Cache,
    /// How often a driver's access link was opened lately.
    AccessOpenings in Cache,
    /// A cached document.
    Document in Cache,
    /// Who may refresh a document, or log in.
    Lease in Cache,
    /// CargoTech's token.
    CargotechToken in Cache,
    /// The gate before CargoTech.
    CargotechGate in Cache,
    /// Cargos seen gone or with another price.
    CargoMarks in Cache,
    /// How many searches of a driver went to CargoTech lately.
    Misses in Cache,
}

/// The sort keys of a driver's list of responses begin with it.
pub(super) const LISTED_RESPONSE: &str = "RESPONDED#";
/// The sort keys of a driver's list of payments begin with it.
pub(super) const LISTED_PAYMENT: &str = "PAID#";

/// Who a driver is and what they prefer.
pub fn profile(driver_id: i64) -> Key {
    Key::of_driver(Kind::Profile.table(), driver_id, "PROFILE")
}

/// The one session of a driver.
pub fn session(driver_id: i64) -> Key {
    Key::of_driver(Kind::Session.table(), driver_id, "SESSION")
}

/// The session of the admin page on a seat.
pub fn admin_session(driver_id: i64, seat: Seat) -> Key {
    Key::of_driver(Kind::AdminSession.table(), driver_id, format!("SESSION#{}", seat.as_str()))
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
    Key::of_driver(Kind::Block.table(), driver_id, "BLOCK")
}

/// What a driver is found by: one item for each [`Clue`].
pub fn found(driver_id: i64, clue: Clue) -> Key {
    Key::of_driver(Kind::Found.table(), driver_id, format!("FOUND#{}", clue.as_str()))
}

/// One audit row. `date` is `YYYY-MM-DD`, `at` an RFC 3339 instant, `id` unique.
pub fn audit(date: &str, at: &str, id: &str) -> Key {
    Key::new(Kind::Audit.table(), format!("AUDIT#{date}"), format!("{at}#{id}"))
}

/// The response of a driver to a cargo. Padded, so that the ids sort as the numbers that they are.
pub fn response(driver_id: i64, cargo_id: &str) -> Key {
    Key::of_driver(Kind::Response.table(), driver_id, format!("RESPONSE#{cargo_id:0>20}"))
}

/// The place of a response in its driver's list, by the time it was given.
pub fn listed_response(driver_id: i64, created_at_ms: i64, cargo_id: &str) -> Key {
    Key::of_driver(
        Kind::ListedResponse.table(),
        driver_id,
        format!("{LISTED_RESPONSE}{created_at_ms:0>14}#{cargo_id:0>20}"),
    )
}

/// Whose response, to which cargo, a response's own id means.
pub fn response_id(id: &str) -> Key {
    Key::alone(Kind::ResponseId.table(), format!("RESPONSE#{id}"))
}

/// Which responses to a cargo wait for a decision, and which were accepted.
pub fn cargo_responses(cargo_id: &str) -> Key {
    Key::alone(Kind::CargoResponses.table(), format!("CARGO#{cargo_id}"))
}

/// Which response a message in the dispatchers' chat is about.
pub fn dispatch_message(chat_id: impl Display, message_id: impl Display) -> Key {
    Key::alone(Kind::DispatchMessage.table(), format!("MESSAGE#{chat_id}#{message_id}"))
}

/// What a group has become.
pub fn moved_chat(chat_id: i64) -> Key {
    Key::alone(Kind::MovedChat.table(), format!("CHAT#{chat_id}"))
}

/// Until when a driver may use what is paid.
pub fn subscription(driver_id: i64) -> Key {
    Key::of_driver(Kind::Subscription.table(), driver_id, "SUBSCRIPTION")
}

/// One entry of the ledger of a driver's subscription. Its id follows from what it is for, so it is written once.
pub fn ledger_entry(driver_id: i64, entry_id: &str) -> Key {
    Key::of_driver(Kind::LedgerEntry.table(), driver_id, format!("LEDGER#{entry_id}"))
}

/// A gift to a driver that waits for an owner.
pub fn gift_request(driver_id: i64, id: &str) -> Key {
    Key::of_driver(Kind::GiftRequest.table(), driver_id, format!("REQUEST#{id}"))
}

/// Which generation of a driver's access token is good.
pub fn access_generation(driver_id: i64) -> Key {
    Key::of_driver(Kind::AccessGeneration.table(), driver_id, "ACCESS")
}

/// That a driver had the trial; kept when their data is deleted.
pub fn trial(driver_id: i64) -> Key {
    Key::alone(Kind::Trial.table(), format!("TRIAL#{driver_id}"))
}

/// A payment.
pub fn payment(id: &str) -> Key {
    Key::alone(Kind::Payment.table(), format!("PAYMENT#{id}"))
}

/// The place of a payment in its driver's list.
pub fn listed_payment(driver_id: i64, created_at_ms: i64, id: &str) -> Key {
    Key::of_driver(Kind::ListedPayment.table(), driver_id, format!("{LISTED_PAYMENT}{created_at_ms:0>14}#{id}"))
}

/// The payment by which a driver last ordered a plan.
pub fn order(driver_id: i64, plan_id: &str) -> Key {
    Key::of_driver(Kind::Order.table(), driver_id, format!("ORDER#{plan_id}"))
}

/// Which payment the provider's id means.
pub fn provider_payment(provider_id: &str) -> Key {
    Key::alone(Kind::ProviderPayment.table(), format!("YOOKASSA#{provider_id}"))
}

/// A promo code.
pub fn promo_code(code: &str) -> Key {
    Key::alone(Kind::PromoCode.table(), format!("PROMO#{code}"))
}

/// That a driver has redeemed a promo code.
pub fn promo_use(code: &str, driver_id: i64) -> Key {
    Key::new(Kind::PromoUse.table(), format!("PROMO#{code}"), format!("DRIVER#{driver_id}"))
}

/// How often a driver tried promo codes lately.
pub fn promo_tries(driver_id: i64) -> Key {
    Key::alone(Kind::PromoTries.table(), format!("PROMOTRIES#{driver_id}"))
}

/// When a job last ran.
pub fn job(name: &str) -> Key {
    Key::alone(Kind::Job.table(), format!("JOB#{name}"))
}

/// Where nothing ever stands: whether the table takes writes is tried on it.
pub fn health() -> Key {
    Key::alone(Kind::Job.table(), "JOB#HEALTH".into())
}

/// The role of an admin.
pub fn role(admin_id: i64) -> Key {
    Key::new(Kind::Role.table(), "ROLES".into(), admin_id.to_string())
}

/// What admins set.
pub fn settings() -> Key {
    Key::alone(Kind::Settings.table(), "SETTINGS".into())
}

/// How often a driver revoked their access link lately.
pub fn revoking(driver_id: i64) -> Key {
    Key::alone(Kind::Revoking.table(), format!("REVOKING#{driver_id}"))
}

/// How often a driver ordered lately.
pub fn ordering(driver_id: i64) -> Key {
    Key::alone(Kind::Ordering.table(), format!("ORDERING#{driver_id}"))
}

/// How often the provider was asked for the payments of a driver lately, because they wait.
pub fn payment_checks(driver_id: i64) -> Key {
    Key::alone(Kind::PaymentChecks.table(), format!("PAYMENTCHECK#{driver_id}"))
}

/// How often requests of a driver's orders were repeated lately, because they wait.
pub fn payment_repeats(driver_id: i64) -> Key {
    Key::alone(Kind::PaymentRepeats.table(), format!("PAYMENTREPEAT#{driver_id}"))
}

/// How often we were notified lately of the payment or refund of this name.
pub fn settling(name: &str) -> Key {
    Key::alone(Kind::Settling.table(), format!("SETTLING#{name}"))
}

/// How often we were notified lately of what none of our payments is.
pub fn unknown_settlements() -> Key {
    Key::alone(Kind::Settling.table(), "SETTLING#UNKNOWN".into())
}

/// Until when the provider asked us to leave it alone.
pub fn provider_pause() -> Key {
    Key::alone(Kind::ProviderPause.table(), "YOOKASSA#PAUSE".into())
}

/// What the provider tells of, a payment or a refund, and our rows do not.
pub fn difference(id: &str) -> Key {
    Key::alone(Kind::Difference.table(), format!("DIFFERENCE#{id}"))
}

/// One outgoing message.
pub fn delivery(id: &str) -> Key {
    outbox::ledger::key(id)
}

/// The rate at which messages may go to `to`: a chat, or `all`.
pub fn sending(to: &str) -> Key {
    Key::alone(Kind::Sending.table(), format!("SENDING#{to}"))
}

/// The rate at which new cards of a driver may go to the dispatchers.
pub fn cards_of(driver_id: i64) -> Key {
    Key::alone(Kind::Sending.table(), format!("SENDING#CARDS#{driver_id}"))
}

/// An update of Telegram's that has been dealt with.
pub fn update(update_id: i64) -> Key {
    Key::alone(Kind::Update.table(), format!("UPDATE#{update_id}"))
}

/// How often a driver responded lately.
pub fn responding(driver_id: i64) -> Key {
    Key::alone(Kind::Responding.table(), format!("RESPONDING#{driver_id}"))
}

/// How often a shipper's link was used lately.
pub fn link_uses(response_id: &str) -> Key {
    Key::alone(Kind::LinkUses.table(), format!("LINK#{response_id}"))
}

/// How often this generation of a driver's access link was opened lately.
pub fn access_openings(driver_id: i64, generation: u32) -> Key {
    Key::alone(Kind::AccessOpenings.table(), format!("ACCESSOPENINGS#{driver_id}#{generation}"))
}

/// A cached document: a list, a cargo, a dictionary.
pub fn document(name: &DocumentName) -> Key {
    Key::alone(Kind::Document.table(), format!("DOCUMENT#{}", name.0))
}

/// Who may refresh a document, or log in.
pub fn lease(of: &str) -> Key {
    Key::alone(Kind::Lease.table(), format!("LEASE#{of}"))
}

/// CargoTech's token.
pub fn cargotech_token() -> Key {
    Key::alone(Kind::CargotechToken.table(), "CARGOTECH#TOKEN".into())
}

/// The gate before CargoTech: request budget and circuit breaker.
pub fn cargotech_gate() -> Key {
    Key::alone(Kind::CargotechGate.table(), "CARGOTECH#GATE".into())
}

/// Cargos seen gone or with another price.
pub fn cargo_marks() -> Key {
    Key::alone(Kind::CargoMarks.table(), "CARGOTECH#MARKS".into())
}

/// How many searches of a driver went to CargoTech lately.
pub fn misses(driver_id: i64) -> Key {
    Key::alone(Kind::Misses.table(), format!("MISSES#{driver_id}"))
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
