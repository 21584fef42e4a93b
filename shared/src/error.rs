//! Which error belongs where.
//!
//! - The store has [`StoreError`], CargoTech's client
//!   [`UpstreamError`](crate::cargotech::UpstreamError), init data
//!   [`InitDataError`](crate::auth::init_data::InitDataError): each layer speaks of its own trouble.
//! - Rules and handlers return [`Error`], which says what the caller is told. It knows codes and status numbers but no
//!   HTTP types; `functions::http` turns it into `application/problem+json`.
//! - A start that fails is a [`ConfigError`](crate::config::ConfigError) or
//!   [`StartError`](crate::app::StartError): one message, and the process ends.
//!
//! The text for the log is `log`; the text for the caller is `detail`. They never mix.
pub use kernel::fault::{FieldError, told};

use crate::{access::Feature, billing::promo_code::Refusal, response::Response, store::StoreError};

/// What a caller is told instead of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// No token, or one that we did not make.
    SessionMissing,
    /// The session has ended: time, or a logout.
    SessionExpired,
    /// The driver signed in elsewhere.
    SessionReplaced,
    /// Init data that Telegram did not sign for this bot.
    InitDataInvalid,
    /// Init data that is too old.
    InitDataExpired,
    /// Init data that was used before, or is older than one that was.
    InitDataReplayed,
    /// Not through the front door.
    Forbidden,
    /// Nothing is at this address.
    NotFound,
    /// The cargo is no longer there.
    CargoGone,
    /// The request does not fit what stands there.
    Conflict(Conflict),
    /// An access token that we did not make, or that was revoked.
    AccessTokenInvalid,
    /// The access link needs a subscription that runs.
    AccessEnded,
    /// The caller is no administrator, or not one who may do this.
    AdminOnly,
    /// What is dangerous needs a sign-in of the last hour.
    SignInTooOld,
    /// What could shut the driver out is not for whoever has their link.
    TelegramNeeded,
    /// It is switched off for this driver.
    FeatureOff,
    /// YooKassa does not say whether it knows a shop.
    ShopUnchecked,
    /// An admin has blocked the driver.
    DriverBlocked,
    /// The driver needs a subscription for this feature.
    SubscriptionRequired(Feature),
    /// An admin switched payments off.
    PaymentsOff,
    /// YooKassa does not take the order; the cause is ours and has been told.
    PaymentRefused,
    /// A shipper's link that we did not make.
    LinkInvalid,
    /// A shipper's link whose time is over, or that was taken back.
    LinkExpired,
    /// The body is not a JSON object.
    InvalidJson,
    /// The body is larger than any that this API takes.
    BodyTooLarge,
    /// Fields are wrong; all of them are listed.
    Validation(Vec<FieldError>),
    /// Too many requests; seconds to wait.
    RateLimited(i64),
    /// CargoTech does not answer and nothing is cached; seconds to wait.
    UpstreamUnavailable(i64),
    /// CargoTech has closed our account.
    UpstreamForbidden,
    /// The store does not answer.
    StoreUnavailable,
    /// Others changed the same rows at every try. Answered as a store that does not answer: to try again soon helps.
    Contended,
    /// A fault of ours; the text is for the log alone.
    Internal(String),
}

/// What stands there instead of what the request took for granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// The cargo is gone.
    CargoGone,
    /// The cargo has another price than the driver was shown.
    CargoChanged {
        /// The price now, kopecks; 0 is "on request".
        price_kopecks: i64,
    },
    /// Another response to this cargo is there.
    ResponseExists(Box<Response>),
    /// The promo code cannot be redeemed.
    PromoCode(Refusal),
    /// A promo code of that name is there.
    PromoCodeExists,
    /// Nothing of the payment can go back: it is not paid, or all of it went back or is on its way.
    NotRefundable,
    /// Settings were changed since they were looked at.
    SettingsChanged,
    /// An admin's own role, which others change.
    OwnRole,
    /// The role of an owner whom the configuration names.
    ConfiguredRole,
    /// The payment was made in a shop at YooKassa that is no longer ours.
    OtherShop,
    /// Somebody has dealt with the difference.
    DifferenceResolved,
    /// Nothing is left of the subscription that could be taken back.
    SubscriptionEnded,
    /// The admin themselves: nobody gives or takes what is their own.
    OwnAccount,
    /// The request was decided on otherwise.
    RequestDecided,
    /// The driver administers: their role has to be taken first.
    DriverIsAdmin,
    /// The message has not failed: it waits, was sent, or need not be sent any more.
    DeliveryNotFailed,
    /// The response has been decided on; as it stands, for whoever may see it.
    ResponseClosed(Option<Box<Response>>),
    /// The response is not accepted, so that cannot be undone.
    NotAccepted,
    /// Other drivers have the cargo. Whoever wants one more says that they know it.
    CargoTaken {
        /// What these drivers are called; empty for one whose data was deleted.
        names: Vec<String>,
        /// Which choice this is.
        choices: i64,
    },
}

const CARGO_GONE: &str = "The cargo is no longer there.";

impl Error {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        match self {
            Self::InvalidJson => 400,
            Self::SessionMissing
            | Self::SessionExpired
            | Self::SessionReplaced
            | Self::InitDataInvalid
            | Self::InitDataExpired
            | Self::InitDataReplayed
            | Self::AccessTokenInvalid => 401,
            Self::SubscriptionRequired(_) | Self::AccessEnded => 402,
            Self::Forbidden
            | Self::AdminOnly
            | Self::SignInTooOld
            | Self::TelegramNeeded
            | Self::FeatureOff
            | Self::DriverBlocked => 403,
            Self::NotFound | Self::CargoGone | Self::LinkInvalid => 404,
            Self::Conflict(_) => 409,
            Self::LinkExpired => 410,
            Self::BodyTooLarge => 413,
            Self::Validation(_) => 422,
            Self::RateLimited(_) => 429,
            Self::Internal(_) => 500,
            Self::UpstreamForbidden | Self::PaymentRefused => 502,
            Self::PaymentsOff
            | Self::UpstreamUnavailable(_)
            | Self::ShopUnchecked
            | Self::StoreUnavailable
            | Self::Contended => 503,
        }
    }

    /// Stable, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::SessionMissing => "session_missing",
            Self::SessionExpired => "session_expired",
            Self::SessionReplaced => "session_replaced",
            Self::InitDataInvalid => "init_data_invalid",
            Self::InitDataExpired => "init_data_expired",
            Self::InitDataReplayed => "init_data_replayed",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::CargoGone | Self::Conflict(Conflict::CargoGone) => "cargo_gone",
            Self::Conflict(Conflict::CargoChanged { .. }) => "cargo_changed",
            Self::Conflict(Conflict::ResponseExists(_)) => "response_exists",
            Self::Conflict(Conflict::ResponseClosed(_)) => "response_closed",
            Self::Conflict(Conflict::NotAccepted) => "response_not_accepted",
            Self::Conflict(Conflict::CargoTaken { .. }) => "cargo_taken",
            Self::Conflict(Conflict::PromoCode(refusal)) => refusal.as_str(),
            Self::Conflict(Conflict::PromoCodeExists) => "promo_code_exists",
            Self::Conflict(Conflict::NotRefundable) => "not_refundable",
            Self::Conflict(Conflict::SubscriptionEnded) => "subscription_ended",
            Self::Conflict(Conflict::OwnAccount) => "own_account",
            Self::Conflict(Conflict::RequestDecided) => "request_decided",
            Self::Conflict(Conflict::DriverIsAdmin) => "driver_is_admin",
            Self::Conflict(Conflict::DeliveryNotFailed) => "delivery_not_failed",
            Self::Conflict(Conflict::SettingsChanged) => "settings_changed",
            Self::Conflict(Conflict::OwnRole) => "own_role",
            Self::Conflict(Conflict::ConfiguredRole) => "configured_role",
            Self::FeatureOff => "feature_off",
            Self::Conflict(Conflict::OtherShop) => "other_shop",
            Self::Conflict(Conflict::DifferenceResolved) => "difference_resolved",
            Self::AdminOnly => "admin_only",
            Self::SignInTooOld => "sign_in_too_old",
            Self::TelegramNeeded => "telegram_needed",
            Self::DriverBlocked => "driver_blocked",
            Self::AccessTokenInvalid => "access_token_invalid",
            Self::SubscriptionRequired(_) | Self::AccessEnded => "subscription_required",
            Self::PaymentsOff => "payments_off",
            Self::PaymentRefused => "payment_refused",
            Self::LinkInvalid => "link_invalid",
            Self::LinkExpired => "link_expired",
            Self::InvalidJson => "invalid_json",
            Self::BodyTooLarge => "body_too_large",
            Self::Validation(_) => "validation_failed",
            Self::RateLimited(_) => "rate_limited",
            Self::UpstreamUnavailable(_) | Self::ShopUnchecked => "upstream_unavailable",
            Self::UpstreamForbidden => "upstream_forbidden",
            Self::StoreUnavailable | Self::Contended => "store_unavailable",
            Self::Internal(_) => "internal",
        }
    }

    /// Whether it is another service that failed, or an admin who switched something off: what is answered 5xx for that is no
    /// fault of this product, and no update of it is undone for it. An order that an update malforms is told by `YookassaRefused`.
    pub fn is_of_others(&self) -> bool {
        matches!(
            self,
            Self::UpstreamUnavailable(_)
                | Self::UpstreamForbidden
                | Self::ShopUnchecked
                | Self::PaymentsOff
                | Self::PaymentRefused
        )
    }

    /// What went wrong and what the caller can do.
    pub fn detail(&self) -> &'static str {
        match self {
            Self::SessionMissing => "Send a session token: Authorization: Bearer <session_token>.",
            Self::SessionExpired => "The session has ended. Sign in again.",
            Self::SessionReplaced => "The driver signed in elsewhere. Open the app from the bot to sign in here.",
            Self::InitDataInvalid => "The init data was not signed by Telegram for this bot.",
            Self::InitDataExpired => "The init data is too old. Open the app from the bot again.",
            Self::InitDataReplayed => "The init data was already used. Open the app from the bot again.",
            Self::Forbidden => "This address is served through the web app's own origin only.",
            Self::NotFound => "Nothing is at this address.",
            Self::CargoGone => CARGO_GONE,
            Self::Conflict(conflict) => conflict.detail(),
            Self::AccessTokenInvalid => "The link is not good, or was replaced by a new one.",
            Self::AccessEnded => "The link works while a subscription runs.",
            Self::FeatureOff => "This is switched off just now.",
            Self::ShopUnchecked => "YooKassa does not answer. Nothing was changed. Try again soon.",
            Self::AdminOnly => "This is for administrators who may do it.",
            Self::SignInTooOld => "This needs a sign-in of the last hour. Open the app from the bot again.",
            Self::TelegramNeeded => "A session that an access link opened may not do this. Open the app from the bot.",
            Self::DriverBlocked => "This driver is blocked. Ask support.",
            Self::SubscriptionRequired(_) => "This needs a subscription: see feature.",
            Self::PaymentsOff => "Payments are switched off for now. Try again later.",
            Self::PaymentRefused => "The payment cannot be made just now. Nothing was charged; we have been told.",
            Self::LinkInvalid => "There is no such link. Ask who sent it.",
            Self::LinkExpired => "The link is no longer good. Ask the dispatcher for a new one.",
            Self::InvalidJson => "The body must be a JSON object.",
            Self::BodyTooLarge => "The body must have at most 64 KiB.",
            Self::Validation(_) => "Some fields are wrong; see errors.",
            Self::RateLimited(_) => "Too many requests. Wait as long as Retry-After says.",
            Self::UpstreamUnavailable(_) => "CargoTech does not answer and nothing is cached. Try again soon.",
            Self::UpstreamForbidden => "Доступ закрыт, обратитесь в поддержку.",
            Self::StoreUnavailable | Self::Contended => "The store does not answer. Try again soon.",
            Self::Internal(_) => "Something went wrong on our side. Tell support the request id.",
        }
    }

    /// Seconds for `Retry-After`, where waiting helps.
    pub fn retry_after_s(&self) -> Option<i64> {
        match self {
            Self::RateLimited(seconds) | Self::UpstreamUnavailable(seconds) => Some(*seconds),
            Self::ShopUnchecked => Some(10),
            Self::StoreUnavailable | Self::Contended => Some(2),
            _ => None,
        }
    }
}

impl Conflict {
    /// What stands against it, and what the caller can do.
    fn detail(&self) -> &'static str {
        match self {
            Self::CargoGone => CARGO_GONE,
            Self::CargoChanged { .. } => {
                "The price has changed: see price_rub. To respond all the same, send it as seen_price_rub."
            }
            Self::ResponseExists(_) => "Another response to this cargo is there: see response.",
            Self::ResponseClosed(_) => "The response has been decided on.",
            Self::NotAccepted => "The response is not accepted.",
            Self::CargoTaken { .. } => {
                "Other drivers were accepted for this cargo: see accepted. To accept one more, send choices back."
            }
            Self::PromoCode(_) => "The promo code cannot be redeemed; the code of this answer says why.",
            Self::PromoCodeExists => "A promo code of that name is there. Choose another.",
            Self::NotRefundable => {
                "Nothing of this payment can go back: it is not paid, or all of it went back or is on its way."
            }
            Self::OtherShop => "The payment was made in another shop at YooKassa. Give it back in that shop's cabinet.",
            Self::DifferenceResolved => "Somebody has dealt with it.",
            Self::SubscriptionEnded => "Nothing is left of the subscription to be taken back.",
            Self::OwnAccount => "Nobody does this for themselves. Another admin can.",
            Self::RequestDecided => "Somebody has decided on it.",
            Self::DriverIsAdmin => "This driver administers. Take their role first.",
            Self::DeliveryNotFailed => "The message has not failed: it waits, was sent, or need not be sent any more.",
            Self::SettingsChanged => "Somebody has changed them meanwhile. Look at them again.",
            Self::OwnRole => "Nobody changes their own role. Another owner can.",
            Self::ConfiguredRole => "The configuration names this owner; only a deployment changes it.",
        }
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        if error.is_lasting() {
            return Self::Internal(error.to_string());
        }
        if error.is_about_cursor() {
            return Self::Validation(vec![FieldError::cursor()]);
        }
        if error.is_contended() {
            tracing::warn!(%error, "a change was given up");
            return Self::Contended;
        }
        tracing::error!(%error, "the store cannot be used");
        Self::StoreUnavailable
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_race_is_answered_as_a_store_that_does_not_answer_and_is_none() {
        let lost = Error::from(crate::store::StoreError::contended("test"));
        assert_eq!(lost, Error::Contended);
        let unavailable = Error::StoreUnavailable;
        assert_eq!((lost.status(), lost.code()), (unavailable.status(), unavailable.code()));
        assert_eq!((lost.detail(), lost.retry_after_s()), (unavailable.detail(), unavailable.retry_after_s()));
    }
}
