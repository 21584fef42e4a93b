//! Declarations of the billing module: payments, subscriptions, gifts and promo codes.
use ::manifest::{
    Kept, Manifest, Rule,
    flags::Flag,
    rights::{
        Permission,
        Role::{Marketing, Owner, Readonly, Support},
    },
};
use ::store::{RowKind, audit::AuditKind};

use super::metrics;
use crate::modules::Module;

/// A payment.
pub const PAYMENT: RowKind = RowKind::app("Payment");
/// An entry of the driver's payment list.
pub const LISTED_PAYMENT: RowKind = RowKind::app("ListedPayment");
/// The payment of a driver's last order of a plan.
pub const ORDER: RowKind = RowKind::app("Order");
/// Maps the provider's payment id to ours.
pub const PROVIDER_PAYMENT: RowKind = RowKind::app("ProviderPayment");
/// The end of a driver's paid access.
pub const SUBSCRIPTION: RowKind = RowKind::app("Subscription");
/// A ledger entry of a subscription.
pub const LEDGER_ENTRY: RowKind = RowKind::app("LedgerEntry");
/// A gift that waits or waited for an owner's confirmation.
pub const GIFT_REQUEST: RowKind = RowKind::app("GiftRequest");
/// A promo code.
pub const PROMO_CODE: RowKind = RowKind::app("PromoCode");
/// A driver's use of a promo code.
pub const PROMO_USE: RowKind = RowKind::app("PromoUse");
/// A difference between the provider's records and ours.
pub const DIFFERENCE: RowKind = RowKind::app("Difference");
/// A driver's used trial.
pub const TRIAL: RowKind = RowKind::app("Trial");
/// Rate of a driver's attempts at promo codes.
pub const PROMO_TRIES: RowKind = RowKind::cache("PromoTries");
/// Rate of a driver's orders.
pub const ORDERING: RowKind = RowKind::cache("Ordering");
/// Rate of checks of a driver's payments with the provider.
pub const PAYMENT_CHECKS: RowKind = RowKind::cache("PaymentChecks");
/// Rate of repeated order requests of a driver.
pub const PAYMENT_REPEATS: RowKind = RowKind::cache("PaymentRepeats");
/// Rate of notifications about a payment or refund, or about unknown ones.
pub const SETTLING: RowKind = RowKind::cache("Settling");
/// A pause in calls to the provider.
pub const PROVIDER_PAUSE: RowKind = RowKind::cache("ProviderPause");

/// A payment was created or changed status.
pub const PAYMENT_AUDIT: AuditKind = AuditKind::of_drivers_when("payment", "created");
/// A promo code was made, changed or redeemed.
pub const PROMO_CODE_AUDIT: AuditKind = AuditKind::of_drivers_when("promo_code", "redeemed");
/// Subscription days were granted or taken back.
pub const SUBSCRIPTION_AUDIT: AuditKind = AuditKind::new("subscription");
/// A gift awaits an owner or was decided.
pub const GIFT_REQUEST_AUDIT: AuditKind = AuditKind::new("gift_request");
/// A difference was resolved.
pub const DIFFERENCE_AUDIT: AuditKind = AuditKind::new("difference");
/// A notification from the provider was set aside.
pub const SETTLEMENT_AUDIT: AuditKind = AuditKind::new("settlement");
/// The provider account was checked or changed.
pub const SHOP_AUDIT: AuditKind = AuditKind::new("yookassa_shop");

/// See payments, and differences from the provider's records.
pub const SEE_PAYMENTS: Permission = Permission::new("see_payments", &[Owner, Support, Readonly]);
/// Check a payment with the provider again, and mark a difference as resolved.
pub const RECHECK_PAYMENTS: Permission = Permission::new("recheck_payments", &[Owner, Support]);
/// Refund payments.
pub const REFUND: Permission = Permission::dangerous("refund", &[Owner, Support]);
/// Grant subscription days and take them back.
pub const CHANGE_SUBSCRIPTIONS: Permission = Permission::new("change_subscriptions", &[Owner, Support]);
/// See promo codes and their uses.
pub const SEE_PROMO_CODES: Permission = Permission::new("see_promo_codes", &[Owner, Support, Marketing, Readonly]);
/// Create promo codes and switch them on and off.
pub const CHANGE_PROMO_CODES: Permission = Permission::new("change_promo_codes", &[Owner, Marketing]);
/// Change the account at the payment provider and its key.
pub const CHANGE_SECRETS: Permission = Permission::dangerous("change_secrets", &[Owner]);

/// Redeeming promo codes.
pub const PROMO_CODES: Flag = Flag::on("app.promo_codes");

const MANIFEST: Manifest = Manifest {
    retention: &[
        Rule {
            kinds: &[
                PAYMENT,
                LISTED_PAYMENT,
                ORDER,
                PROVIDER_PAYMENT,
                SUBSCRIPTION,
                LEDGER_ENTRY,
                GIFT_REQUEST,
                PROMO_CODE,
                PROMO_USE,
                DIFFERENCE,
            ],
            kept: Kept::Until("five years after the year at least; nothing deletes them"),
            why: "accounting (402-FZ, article 29; Tax Code, article 23): payments, receipts, refunds and what was given for them",
        },
        Rule {
            kinds: &[TRIAL],
            kept: Kept::Until("for ever, under the driver's id"),
            why: "whoever is forgotten and comes back has no second trial, no old access link and no way around a block",
        },
        Rule::brief(&[PROMO_TRIES, ORDERING, PAYMENT_CHECKS, PAYMENT_REPEATS, SETTLING, PROVIDER_PAUSE]),
    ],
    audit: &[
        PAYMENT_AUDIT,
        PROMO_CODE_AUDIT,
        SUBSCRIPTION_AUDIT,
        GIFT_REQUEST_AUDIT,
        DIFFERENCE_AUDIT,
        SETTLEMENT_AUDIT,
        SHOP_AUDIT,
    ],
    secrets: &[super::yookassa::SECRET],
    metrics: metrics::ALL,
    permissions: &[
        SEE_PAYMENTS,
        RECHECK_PAYMENTS,
        REFUND,
        CHANGE_SUBSCRIPTIONS,
        SEE_PROMO_CODES,
        CHANGE_PROMO_CODES,
        CHANGE_SECRETS,
    ],
    flags: &[PROMO_CODES],
    ..Manifest::new("billing")
};

/// The module.
pub const MODULE: Module = Module {
    manifest: MANIFEST,
    messages: super::messages::ALL,
    jobs: &[super::jobs::LOOK_AFTER_PAYMENTS, super::jobs::COMPARE_PAYMENTS, super::jobs::COUNT_COHORTS],
};
