//! What is counted of money.
use crate::telemetry::Metric;

/// A payment came to another status.
pub const PAYMENT_CHANGED: Metric = Metric::count("PaymentChanged");
/// The provider shows another payment than the one that was ordered.
pub const PAYMENT_MISMATCH: Metric = Metric::count("PaymentMismatch");
/// The nightly comparison found what no rule repairs.
pub const PAYMENTS_DIFFER: Metric = Metric::count("PaymentsDiffer");
/// The provider tells of a payment that we do not know.
pub const PAYMENT_UNKNOWN: Metric = Metric::count("PaymentUnknown");
/// A payment or refund was given up: the provider does not know it.
pub const PAYMENT_LOST: Metric = Metric::count("PaymentLost");
/// A payment belongs to an account at its provider that is no longer ours.
pub const PAYMENT_SHOP_CHANGED: Metric = Metric::count("YookassaShopChanged");
/// The nightly comparison did not come to its end.
pub const COMPARISON_INCOMPLETE: Metric = Metric::count("ComparisonIncomplete");
/// A row or message about money cannot be read.
pub const PAYMENT_UNREADABLE: Metric = Metric::count("PaymentUnreadable");
/// A receipt was not registered, or not for days.
pub const RECEIPT_FAILED: Metric = Metric::count("ReceiptFailed");
/// Who knows the webhook's token called from another network than the provider's.
pub const WEBHOOK_FOREIGN_NETWORK: Metric = Metric::count("WebhookForeignNetwork");
/// What admins set cannot be read.
pub const SETTINGS_UNREADABLE: Metric = Metric::count("SettingsUnreadable");
/// For how long the payment has been open that has been for the longest; zero when none is.
pub const OLDEST_UNSETTLED: Metric = Metric::seconds("OldestUnsettledPayment");

/// All of them.
pub const ALL: &[Metric] = &[
    PAYMENT_CHANGED,
    PAYMENT_MISMATCH,
    PAYMENTS_DIFFER,
    PAYMENT_UNKNOWN,
    PAYMENT_LOST,
    PAYMENT_SHOP_CHANGED,
    COMPARISON_INCOMPLETE,
    PAYMENT_UNREADABLE,
    RECEIPT_FAILED,
    WEBHOOK_FOREIGN_NETWORK,
    SETTINGS_UNREADABLE,
    OLDEST_UNSETTLED,
];
