//! Which error type belongs to which layer.
//!
//! - The store has [`StoreError`], CargoTech's client
//!   [`UpstreamError`](crate::cargotech::UpstreamError), init data
//!   [`InitDataError`](crate::auth::init_data::InitDataError): each layer has its own error type.
//! - Rules and handlers return [`Error`], which the caller receives. It has codes and status numbers but no HTTP types;
//!   `functions::http` renders it as `application/problem+json`.
//! - A failed start is a [`ConfigError`](crate::config::ConfigError) or
//!   [`StartError`](crate::app::StartError): one message, and the process ends.
//!
//! The text for the log is `log`; the text for the caller is `detail`. They never mix.
pub use kernel::fault::{FieldError, reported};

use crate::{access::Feature, billing::promo_code::Refusal, response::Response, store::StoreError};

/// The error that a caller receives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// The session token is missing or invalid.
    SessionMissing,
    /// The session expired or the driver logged out.
    SessionExpired,
    /// The driver signed in elsewhere.
    SessionReplaced,
    /// The init data lacks Telegram's signature for this bot.
    InitDataInvalid,
    /// The init data is too old.
    InitDataExpired,
    /// The init data was used before, or newer init data was.
    InitDataReplayed,
    /// The request bypassed CloudFront.
    Forbidden,
    /// The resource does not exist.
    NotFound,
    /// The cargo is gone.
    CargoGone,
    /// The request conflicts with the current state.
    Conflict(Conflict),
    /// The access token is invalid or revoked.
    AccessTokenInvalid,
    /// The access link needs an active subscription.
    AccessEnded,
    /// The caller is not an admin or lacks the permission.
    AdminOnly,
    /// A dangerous action needs a sign-in within the last hour.
    SignInTooOld,
    /// An action that could lock the driver out is not available through an access link.
    TelegramNeeded,
    /// The feature is off for this driver.
    FeatureOff,
    /// YooKassa does not confirm the shop.
    ShopUnchecked,
    /// An admin has blocked the driver.
    DriverBlocked,
    /// The driver needs a subscription for this feature.
    SubscriptionRequired(Feature),
    /// An admin switched payments off.
    PaymentsOff,
    /// YooKassa rejected the order through a fault of the product, which has been logged.
    PaymentRefused,
    /// The shipper's link is invalid.
    LinkInvalid,
    /// The shipper's link expired or was revoked.
    LinkExpired,
    /// The body is not a JSON object.
    InvalidJson,
    /// The body is too large.
    BodyTooLarge,
    /// Some fields are invalid; all are listed.
    Validation(Vec<FieldError>),
    /// Too many requests; seconds to wait.
    RateLimited(i64),
    /// CargoTech is unavailable and nothing is cached; seconds to wait.
    UpstreamUnavailable(i64),
    /// CargoTech has closed our account.
    UpstreamForbidden,
    /// The market is off, too old, or knows nothing of the filters.
    MarketUnavailable,
    /// The store is unavailable.
    StoreUnavailable,
    /// Concurrent changes won every attempt. Reported like an unavailable store, because an early retry helps.
    Contended,
    /// A fault of the product; the text is only for the log.
    Internal(String),
}

/// The current state that conflicts with the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// The cargo is gone.
    CargoGone,
    /// The cargo's price differs from the one the driver saw.
    CargoChanged {
        /// The current price, kopecks; 0 is "on request".
        price_kopecks: i64,
    },
    /// The driver already has another response to this cargo.
    ResponseExists(Box<Response>),
    /// The promo code cannot be redeemed.
    PromoCode(Refusal),
    /// A promo code with this name exists.
    PromoCodeExists,
    /// Nothing can be refunded: the payment is not paid, or is already refunded in full or in progress.
    NotRefundable,
    /// The settings changed since the caller read them.
    SettingsChanged,
    /// Admins cannot change their own role.
    OwnRole,
    /// The configuration names this owner, so the role is fixed.
    ConfiguredRole,
    /// The payment belongs to a YooKassa shop that is no longer configured.
    OtherShop,
    /// The difference is already resolved.
    DifferenceResolved,
    /// No subscription time is left to take back.
    SubscriptionEnded,
    /// Admins cannot grant or take anything on their own account.
    OwnAccount,
    /// The request already has the opposite decision.
    RequestDecided,
    /// The driver is an admin. Remove the role first.
    DriverIsAdmin,
    /// The message has not failed: it is waiting, sent or no longer needed.
    DeliveryNotFailed,
    /// The response is already decided. Holds its current state for callers who may see it.
    ResponseClosed(Option<Box<Response>>),
    /// The response is not accepted, so the acceptance cannot be undone.
    NotAccepted,
    /// No sweep of the market was refused.
    NoSweepRefused,
    /// The driver has as many saved searches as there may be.
    TooManySearches,
    /// Other drivers already have the cargo. To accept one more, the caller confirms with `choices`.
    CargoTaken {
        /// Names of these drivers; empty for one whose data was deleted.
        names: Vec<String>,
        /// The version of the list of accepted drivers.
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
            | Self::MarketUnavailable
            | Self::ShopUnchecked
            | Self::StoreUnavailable
            | Self::Contended => 503,
        }
    }

    /// The stable machine-readable code.
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
            Self::Conflict(Conflict::NoSweepRefused) => "no_sweep_refused",
            Self::Conflict(Conflict::TooManySearches) => "too_many_searches",
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
            Self::MarketUnavailable => "market_unavailable",
            Self::StoreUnavailable | Self::Contended => "store_unavailable",
            Self::Internal(_) => "internal",
        }
    }

    /// Whether another service failed or an admin switched a feature off. Such a 5xx is not a fault of the product and
    /// never rolls back an update. `YookassaRefused` reports orders that an update malforms.
    pub fn is_external(&self) -> bool {
        matches!(
            self,
            Self::UpstreamUnavailable(_)
                | Self::UpstreamForbidden
                | Self::MarketUnavailable
                | Self::ShopUnchecked
                | Self::PaymentsOff
                | Self::PaymentRefused
        )
    }

    /// What went wrong, and what the caller can do.
    pub fn detail(&self) -> &'static str {
        match self {
            Self::SessionMissing => "Send a session token: Authorization: Bearer <session_token>.",
            Self::SessionExpired => "The session has ended. Sign in again.",
            Self::SessionReplaced => "The driver signed in elsewhere. Open the app from the bot to sign in here.",
            Self::InitDataInvalid => "The init data was not signed by Telegram for this bot.",
            Self::InitDataExpired => "The init data is too old. Open the app from the bot again.",
            Self::InitDataReplayed => "The init data was already used. Open the app from the bot again.",
            Self::Forbidden => "This address is served through the web app's own origin only.",
            Self::NotFound => "There is nothing at this address.",
            Self::CargoGone => CARGO_GONE,
            Self::Conflict(conflict) => conflict.detail(),
            Self::AccessTokenInvalid => "The link is invalid or was replaced by a new one.",
            Self::AccessEnded => "The link works while a subscription runs.",
            Self::FeatureOff => "This feature is switched off at the moment.",
            Self::ShopUnchecked => "YooKassa does not answer. Nothing was changed. Try again soon.",
            Self::AdminOnly => "This requires an admin with the permission for it.",
            Self::SignInTooOld => "This requires a sign-in within the last hour. Open the app from the bot again.",
            Self::TelegramNeeded => "Not allowed in a session opened by an access link. Open the app from the bot.",
            Self::DriverBlocked => "This driver is blocked. Ask support.",
            Self::SubscriptionRequired(_) => "This requires a subscription; see feature.",
            Self::PaymentsOff => "Payments are switched off for now. Try again later.",
            Self::PaymentRefused => "The payment cannot be made now. Nothing was charged, and we have been notified.",
            Self::LinkInvalid => "There is no such link. Ask the sender.",
            Self::LinkExpired => "The link has expired. Ask the dispatcher for a new one.",
            Self::InvalidJson => "The body must be a JSON object.",
            Self::BodyTooLarge => "The body must have at most 64 KiB.",
            Self::Validation(_) => "Some fields are wrong; see errors.",
            Self::RateLimited(_) => "Too many requests. Wait as long as Retry-After says.",
            Self::UpstreamUnavailable(_) => "CargoTech does not answer and nothing is cached. Try again soon.",
            Self::MarketUnavailable => "The market cannot count these cargos at the moment. The list still works.",
            Self::UpstreamForbidden => "Доступ закрыт, обратитесь в поддержку.",
            Self::StoreUnavailable | Self::Contended => "The store does not answer. Try again soon.",
            Self::Internal(_) => "Something went wrong on our side. Tell support the request id.",
        }
    }

    /// Seconds for `Retry-After`, if waiting helps.
    pub fn retry_after_s(&self) -> Option<i64> {
        match self {
            Self::RateLimited(seconds) | Self::UpstreamUnavailable(seconds) => Some(*seconds),
            Self::ShopUnchecked => Some(10),
            Self::MarketUnavailable => Some(60),
            Self::StoreUnavailable | Self::Contended => Some(2),
            _ => None,
        }
    }
}

impl Conflict {
    /// The conflict, and what the caller can do.
    fn detail(&self) -> &'static str {
        match self {
            Self::CargoGone => CARGO_GONE,
            Self::CargoChanged { .. } => {
                "The price has changed: see price_rub. To respond all the same, send it as seen_price_rub."
            }
            Self::ResponseExists(_) => "Another response to this cargo exists; see response.",
            Self::ResponseClosed(_) => "The response is already decided.",
            Self::NotAccepted => "The response is not accepted.",
            Self::CargoTaken { .. } => {
                "Other drivers were accepted for this cargo: see accepted. To accept one more, send choices back."
            }
            Self::PromoCode(_) => "The promo code cannot be redeemed; the code of this answer says why.",
            Self::PromoCodeExists => "A promo code with this name already exists. Choose another.",
            Self::NotRefundable => {
                "Nothing of this payment can go back: it is not paid, or all of it went back or is on its way."
            }
            Self::OtherShop => "The payment was made in another shop at YooKassa. Refund it in that shop's account.",
            Self::DifferenceResolved => "The difference is already resolved.",
            Self::SubscriptionEnded => "The subscription has ended: there are no days to take back.",
            Self::OwnAccount => "You cannot do this for your own account. Ask another admin.",
            Self::RequestDecided => "The request is already decided.",
            Self::DriverIsAdmin => "This driver is an admin. Remove their role first.",
            Self::DeliveryNotFailed => "The message has not failed: it is waiting, sent or skipped.",
            Self::SettingsChanged => "Settings or flags have changed in the meantime. Reload them.",
            Self::TooManySearches => "A driver can save 20 searches. Delete one first.",
            Self::NoSweepRefused => {
                "No sweep was refused, or a later one was accepted. Reload the state of the market."
            }
            Self::OwnRole => "You cannot change your own role. Ask another owner.",
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
