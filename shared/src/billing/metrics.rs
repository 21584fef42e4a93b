//! Metrics of billing.
use crate::telemetry::Metric;

/// A payment changed status.
pub const PAYMENT_CHANGED: Metric = Metric::count("PaymentChanged");
/// The provider's payment differs from the order.
pub const PAYMENT_MISMATCH: Metric = Metric::count("PaymentMismatch");
/// The nightly comparison found a difference that no rule repairs.
pub const PAYMENTS_DIFFER: Metric = Metric::count("PaymentsDiffer");
/// The provider reported an unknown payment.
pub const PAYMENT_UNKNOWN: Metric = Metric::count("PaymentUnknown");
/// A payment or refund was abandoned because the provider does not know it.
pub const PAYMENT_LOST: Metric = Metric::count("PaymentLost");
/// A payment belongs to a provider account that is no longer configured.
pub const PAYMENT_SHOP_CHANGED: Metric = Metric::count("YookassaShopChanged");
/// The nightly comparison did not finish.
pub const COMPARISON_INCOMPLETE: Metric = Metric::count("ComparisonIncomplete");
/// A row or message about money is unreadable.
pub const PAYMENT_UNREADABLE: Metric = Metric::count("PaymentUnreadable");
/// A receipt failed, or stayed unregistered for days.
pub const RECEIPT_FAILED: Metric = Metric::count("ReceiptFailed");
/// A webhook call had a valid token but came from outside the provider's network.
pub const WEBHOOK_FOREIGN_NETWORK: Metric = Metric::count("WebhookForeignNetwork");
/// The settings are unreadable.
pub const SETTINGS_UNREADABLE: Metric = Metric::count("SettingsUnreadable");
/// The age of the oldest open payment; zero when there is none.
pub const OLDEST_UNSETTLED: Metric = Metric::seconds("OldestUnsettledPayment");

/// All values.
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
    yookassa::metrics::FAILED,
    yookassa::metrics::SHOP_REFUSED,
    yookassa::metrics::REFUSED,
    yookassa::metrics::LATENCY,
];
