//! Messages about payments and the subscription: their kinds and their content.
use outbox::{
    class::Class,
    kind::{Argument, Kind, MessageKind},
    ledger::Claimed,
};

use crate::{
    app::App,
    delivery::kinds::{Rendering, Step, to_driver},
    store::StoreError,
    telegram::screens,
};

const PAYMENTS: &Kind = &Kind::plain("paid", Class::Money);
const DECLINES: &Kind = &Kind::plain("declined", Class::Money);
const REFUNDS: &Kind = &Kind::plain("refunded", Class::Money);
const GIFTS: &Kind = &Kind::plain("gift", Class::Money);
/// Reminders are valid for a day or more, so none is urgent.
const ALL_REMINDERS: &Kind = &Kind { name: "reminder", class: Class::News, read: Some(read_days) };

/// Confirms a payment and tells the driver when the subscription ends.
pub const PAID: MessageKind = PAYMENTS.only();
/// Tells the driver why a payment was declined.
pub const DECLINED: MessageKind = DECLINES.only();
/// Tells the driver of a refund. Its subject is [`refund_subject`].
pub const REFUNDED: MessageKind = REFUNDS.only();
/// Tells the driver of a gift from an admin. Its subject is the order's id.
pub const GIFT: MessageKind = GIFTS.only();

/// Days before the end of a subscription on which to remind the driver, once each.
pub const REMINDERS: [u8; 3] = [3, 1, 0];

/// Reminds the driver that the subscription ends in `days` days or has ended. Its subject is [`reminder_subject`].
pub fn reminder(days: u8) -> MessageKind {
    ALL_REMINDERS.of(Argument::Number(days.into()))
}

/// The subject of reminders for a subscription that ends at `ends_at_ms`. Another end has its own reminders.
pub fn reminder_subject(driver_id: i64, ends_at_ms: i64) -> String {
    format!("{driver_id}-{ends_at_ms}")
}

/// The subject of the message about a refund. Each refund has its own.
pub fn refund_subject(payment_id: &str, provider_id: &str) -> String {
    format!("{payment_id}_{provider_id}")
}

fn read_days(text: &str) -> Option<Argument> {
    text.parse::<u8>().ok().map(|days| Argument::Number(days.into()))
}

/// All renderings.
pub(crate) const ALL: &[Rendering] = &[
    Rendering::for_driver(PAYMENTS, |app, claimed, _| Box::pin(render_payment(app, claimed))),
    Rendering::for_driver(DECLINES, |app, claimed, _| Box::pin(render_payment(app, claimed))),
    Rendering::for_driver(REFUNDS, |app, claimed, _| Box::pin(render_payment(app, claimed))),
    Rendering::for_driver(GIFTS, |app, claimed, _| Box::pin(render_gift(app, claimed))),
    Rendering::for_driver(ALL_REMINDERS, |app, claimed, _| Box::pin(render_reminder(app, claimed))),
];

async fn render_reminder(app: &App, claimed: &Claimed) -> Result<Step, StoreError> {
    let driver_id = claimed.person.number();
    let (profile, subscription) = tokio::try_join!(app.store.profile(driver_id), app.store.subscription(driver_id))?;
    let ends_at_ms = subscription.ends_at_ms.unwrap_or_default();
    if reminder_subject(driver_id, ends_at_ms) != claimed.subject_id {
        return Ok(Step::Skip("the subscription has another end by now"));
    }
    let days = claimed.what.number().unwrap_or_default();
    Ok(to_driver(profile, |profile| {
        // After an outage of hours, never promise a day that is already over.
        if days > 0 && ends_at_ms <= app.clock.now_ms() {
            return Err("the subscription has ended");
        }
        Ok(screens::reminder(days, ends_at_ms, profile, &app.config.webapp_origin))
    }))
}

async fn render_gift(app: &App, claimed: &Claimed) -> Result<Step, StoreError> {
    let driver_id = claimed.person.number();
    let (profile, subscription) = tokio::try_join!(app.store.profile(driver_id), app.store.subscription(driver_id))?;
    let ends_at_ms = subscription.ends_at_ms.unwrap_or_default();
    Ok(to_driver(profile, |profile| {
        if ends_at_ms <= app.clock.now_ms() {
            return Err("the subscription has ended");
        }
        Ok(screens::gift(ends_at_ms, profile, &app.config.webapp_origin))
    }))
}

async fn render_payment(app: &App, claimed: &Claimed) -> Result<Step, StoreError> {
    let subject = claimed.subject_id.split_once('_');
    let (payment_id, refund_id) = subject.map_or((claimed.subject_id.as_str(), None), |(id, of)| (id, Some(of)));
    let driver_id = claimed.person.number();
    let (profile, payment, subscription) = tokio::try_join!(
        app.store.profile(driver_id),
        app.store.payment(payment_id),
        app.store.subscription(driver_id)
    )?;
    Ok(to_driver(profile, |profile| {
        let (payment, origin) = (payment.ok_or("the driver's data was deleted")?, &app.config.webapp_origin);
        if claimed.what == DECLINED {
            return Ok(screens::declined(&payment, profile, origin));
        }
        let refund = payment.refunds.iter().find(|refund| Some(refund.id.as_str()) == refund_id);
        Ok(screens::payment(&payment, refund, &subscription, profile, origin))
    }))
}
