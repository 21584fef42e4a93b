//! Money: payments, subscriptions, gifts and promo codes. What the module declares.
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
/// The place of a payment in its driver's list.
pub const LISTED_PAYMENT: RowKind = RowKind::app("ListedPayment");
/// The payment by which a driver last ordered a plan.
pub const ORDER: RowKind = RowKind::app("Order");
/// Which payment the provider's id means.
pub const PROVIDER_PAYMENT: RowKind = RowKind::app("ProviderPayment");
/// Until when a driver may use what is paid.
pub const SUBSCRIPTION: RowKind = RowKind::app("Subscription");
/// An entry of the ledger of a subscription.
pub const LEDGER_ENTRY: RowKind = RowKind::app("LedgerEntry");
/// A gift that waits for an owner, or waited.
pub const GIFT_REQUEST: RowKind = RowKind::app("GiftRequest");
/// A promo code.
pub const PROMO_CODE: RowKind = RowKind::app("PromoCode");
/// That a driver has redeemed a promo code.
pub const PROMO_USE: RowKind = RowKind::app("PromoUse");
/// What the provider tells of and our rows do not.
pub const DIFFERENCE: RowKind = RowKind::app("Difference");
/// That a driver had the trial.
pub const TRIAL: RowKind = RowKind::app("Trial");
/// How often a driver tried promo codes lately.
pub const PROMO_TRIES: RowKind = RowKind::cache("PromoTries");
/// How often a driver ordered lately.
pub const ORDERING: RowKind = RowKind::cache("Ordering");
/// How often the provider was asked for a driver's payments lately.
pub const PAYMENT_CHECKS: RowKind = RowKind::cache("PaymentChecks");
/// How often requests of a driver's orders were repeated lately.
pub const PAYMENT_REPEATS: RowKind = RowKind::cache("PaymentRepeats");
/// How often we were notified of a payment or refund lately, or of what is none of ours.
pub const SETTLING: RowKind = RowKind::cache("Settling");
/// Until when the provider is left alone.
pub const PROVIDER_PAUSE: RowKind = RowKind::cache("ProviderPause");

/// A payment was ordered or came to another status.
pub const PAYMENT_AUDIT: AuditKind = AuditKind::of_drivers_when("payment", "created");
/// A promo code was made, changed or redeemed.
pub const PROMO_CODE_AUDIT: AuditKind = AuditKind::of_drivers_when("promo_code", "redeemed");
/// Days were given or taken.
pub const SUBSCRIPTION_AUDIT: AuditKind = AuditKind::new("subscription");
/// A gift waits for an owner, or was decided on.
pub const GIFT_REQUEST_AUDIT: AuditKind = AuditKind::new("gift_request");
/// A difference was dealt with.
pub const DIFFERENCE_AUDIT: AuditKind = AuditKind::new("difference");
/// What the provider told of was put aside.
pub const SETTLEMENT_AUDIT: AuditKind = AuditKind::new("settlement");
/// Our account at the provider was checked or changed.
pub const SHOP_AUDIT: AuditKind = AuditKind::new("yookassa_shop");

/// Payments and what differs from the provider's.
pub const SEE_PAYMENTS: Permission = Permission::new("see_payments", &[Owner, Support, Readonly]);
/// Ask the provider for a payment again; say that a difference has been dealt with.
pub const RECHECK_PAYMENTS: Permission = Permission::new("recheck_payments", &[Owner, Support]);
/// Give money back.
pub const REFUND: Permission = Permission::dangerous("refund", &[Owner, Support]);
/// Give days and take them back.
pub const CHANGE_SUBSCRIPTIONS: Permission = Permission::new("change_subscriptions", &[Owner, Support]);
/// Promo codes and who used them.
pub const SEE_PROMO_CODES: Permission = Permission::new("see_promo_codes", &[Owner, Support, Marketing, Readonly]);
/// Make promo codes and switch them on and off.
pub const CHANGE_PROMO_CODES: Permission = Permission::new("change_promo_codes", &[Owner, Marketing]);
/// Change our account at the payment provider and its key.
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
