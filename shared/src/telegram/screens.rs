//! The layout of the bot's messages: text and buttons.
use jiff::{Timestamp, Zoned, tz::TimeZone};
use outbox::message::{Button, Message};

use super::{
    LINE, ROUTE, SHORT, escape, inline,
    messages::{Language, Messages, fill},
    prices, quoted,
    update::CloseAccess,
};
use crate::{
    billing::{payment::Payment, refund::Refund, subscription::Subscription},
    cargo::{Money, card},
    driver::Profile,
    response::{Response, Status},
};

/// The Mini App page of a start parameter.
pub fn app_page(origin: &str, start_parameter: &str) -> String {
    // Buttons that open a page have no start parameter, so the URL contains it.
    if start_parameter.is_empty() {
        format!("{origin}/app/")
    } else {
        format!("{origin}/app/?tgWebAppStartParam={start_parameter}")
    }
}

/// The start parameter that opens a cargo.
pub fn cargo_parameter(cargo_id: &str) -> String {
    format!("cargo_{cargo_id}")
}

/// The card of a response that the same driver has replaced.
pub fn void_card() -> Message {
    Message { text: Language::Ru.messages().card_void.to_owned(), rows: Vec::new() }
}

/// The shipper's link with a text to the shipper, ready to forward. `until_ms` is its expiry.
pub fn shipper_link(response: &Response, url: &str, until_ms: i64) -> Message {
    let m = Language::Ru.messages();
    let values = [
        ("route", inline(&response.cargo.route, ROUTE)),
        ("details", details(response, prices::for_others(m, response))),
        ("name", inline(&response.offer.name, LINE)),
        ("until", moscow_time(until_ms)),
        ("url", escape(url)),
    ];
    let text = fill(m.link, &values.each_ref().map(|(name, value)| (*name, value.as_str())));
    Message { text, rows: vec![vec![Button::Copy { label: m.copy_link, copied: url.to_owned() }]] }
}

/// A message whose link is void.
pub fn void_link() -> Message {
    Message { text: Language::Ru.messages().link_void.to_owned(), rows: Vec::new() }
}

/// The cargo and the given price text.
fn details(response: &Response, price: String) -> String {
    let size = inline(&response.cargo.weight_volume, SHORT);
    [size, price].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ")
}

/// Tells the driver the new status of a response or, without one, the reason for its rejection.
pub fn notice(status: Option<Status>, response: &Response, profile: &Profile, origin: &str) -> Message {
    let m = Language::of(profile.language.as_deref()).messages();
    let cargo = &response.cargo;
    let reason = response.reason.as_deref().map(quoted).unwrap_or_default();
    let text = match status {
        None => m.notice_reason,
        Some(Status::Accepted) => m.notice_accepted,
        Some(Status::Rejected) if response.is_undone() => m.notice_undone,
        Some(Status::Rejected) if response.reason.is_some() => m.notice_rejected_why,
        Some(Status::Rejected) => m.notice_rejected,
        Some(Status::Completed) => m.notice_completed,
        _ => m.notice_expired,
    };
    let values = [
        ("route", inline(&cargo.route, ROUTE)),
        ("details", details(response, prices::for_driver(m, response))),
        ("phone", inline(&response.offer.phone, SHORT)),
        ("reason", reason),
    ];
    Message {
        text: fill(text, &values.each_ref().map(|(name, value)| (*name, value.as_str()))),
        rows: vec![vec![Button::Page { label: m.open_cargo, url: app_page(origin, &cargo_parameter(&cargo.id)) }]],
    }
}

/// Tells the driver of a payment, or of a refund.
pub fn payment(
    payment: &Payment,
    refund: Option<&Refund>,
    subscription: &Subscription,
    profile: &Profile,
    origin: &str,
) -> Message {
    let m = Language::of(profile.language.as_deref()).messages();
    let sum = |kopecks| Money::from_kopecks(kopecks).map(card::exact_price).unwrap_or_default();
    let until = subscription.ends_at_ms.map(|ms| in_full(m, ms)).unwrap_or_default();
    let (text, sum) = match refund {
        Some(refund) => (m.payment_refunded, sum(refund.amount_kopecks)),
        None => (m.payment_succeeded, sum(payment.purpose.price_kopecks())),
    };
    let text = fill(text, &[("plan", &inline(payment.purpose.name(), SHORT)), ("sum", &sum), ("until", &until)]);
    let open = Button::Page { label: m.open_app, url: app_page(origin, "") };
    Message { text, rows: vec![vec![open]] }
}

/// Tells the driver why a payment was declined.
pub fn declined(payment: &Payment, profile: &Profile, origin: &str) -> Message {
    let m = Language::of(profile.language.as_deref()).messages();
    let sum = Money::from_kopecks(payment.purpose.price_kopecks()).map(card::exact_price).unwrap_or_default();
    let reason = m.declined(payment.reason.as_deref().unwrap_or_default());
    let values = [("plan", inline(payment.purpose.name(), SHORT)), ("sum", sum), ("reason", reason.to_owned())];
    Message {
        text: fill(m.payment_declined, &values.each_ref().map(|(name, value)| (*name, value.as_str()))),
        rows: vec![vec![Button::Page { label: m.open_subscription, url: app_page(origin, "subscription") }]],
    }
}

/// Tells the driver of an admin's gift.
pub fn gift(ends_at_ms: i64, profile: &Profile, origin: &str) -> Message {
    let m = Language::of(profile.language.as_deref()).messages();
    let text = fill(m.subscription_given, &[("until", &in_full(m, ends_at_ms))]);
    let open = Button::Page { label: m.open_app, url: app_page(origin, "") };
    Message { text, rows: vec![vec![open]] }
}

/// Tells the driver that their access link was opened and how to void it, or that it is void.
pub fn opening(opened: CloseAccess, is_good: bool, profile: &Profile) -> Message {
    let m = Language::of(profile.language.as_deref()).messages();
    let text = fill(if is_good { m.link_opened } else { m.link_closed }, &[("at", &in_full(m, opened.at_ms))]);
    let close = Button::Act { label: m.close_access.to_owned(), action: opened.action() };
    Message { text, rows: if is_good { vec![vec![close]] } else { Vec::new() } }
}

/// Reminds the driver that the subscription ends in `days` days or has ended.
pub fn reminder(days: u32, ends_at_ms: i64, profile: &Profile, origin: &str) -> Message {
    let m = Language::of(profile.language.as_deref()).messages();
    let text = match days {
        0 => m.reminder_over,
        1 => m.reminder_tomorrow,
        _ => m.reminder_soon,
    };
    let values = [("days", days.to_string()), ("until", in_full(m, ends_at_ms))];
    Message {
        text: fill(text, &values.each_ref().map(|(name, value)| (*name, value.as_str()))),
        rows: vec![vec![Button::Page { label: m.open_subscription, url: app_page(origin, "subscription") }]],
    }
}

/// Formats a cargo's date without a zone: `2026-11-25T08:30:00` as `25.11 08:30`.
pub(super) fn local_date(date: &str) -> String {
    let (day, time) = date.split_once('T').unwrap_or((date, ""));
    let mut parts = day.split('-').skip(1);
    match (parts.next(), parts.next(), time.get(..5)) {
        (Some(month), Some(day), Some(time)) if time != "00:00" => {
            format!("{}.{} {}", escape(day), escape(month), escape(time))
        }
        (Some(month), Some(day), _) => format!("{}.{}", escape(day), escape(month)),
        _ => escape(date),
    }
}

/// Formats an instant for dispatchers.
pub fn moscow_time(ms: i64) -> String {
    in_moscow(ms).map(|at| at.strftime("%d.%m %H:%M МСК").to_string()).unwrap_or_default()
}

/// Formats an instant for drivers, with the year: some subscriptions last a year, and some ended long ago.
pub fn in_full(m: &Messages, ms: i64) -> String {
    let Some(at) = in_moscow(ms) else { return String::new() };
    let month = usize::try_from(at.month() - 1).ok().and_then(|month| m.months.get(month)).copied();
    let (day, year) = (at.day().to_string(), at.year().to_string());
    let time = at.strftime("%H:%M").to_string();
    fill(m.ends_at, &[("day", &day), ("month", month.unwrap_or_default()), ("year", &year), ("time", &time)])
}

/// Moscow has kept UTC+3 since 2014.
fn in_moscow(ms: i64) -> Option<Zoned> {
    Some(Timestamp::from_millisecond(ms).ok()?.to_zoned(TimeZone::fixed(jiff::tz::offset(3))))
}

/// Formats an alarm for operators, from CloudWatch's message in SNS. Other texts are shown unchanged.
pub fn alarm(message: &str) -> String {
    let alarm: serde_json::Value = serde_json::from_str(message).unwrap_or_default();
    let text = |name: &str| alarm[name].as_str().map(|text| escape(&text.chars().take(600).collect::<String>()));
    let Some(name) = text("AlarmName") else { return escape(&message.chars().take(1000).collect::<String>()) };
    let mark = match alarm["NewStateValue"].as_str() {
        Some("ALARM") => "🔴",
        Some("OK") => "🟢",
        _ => "⚪️",
    };
    let parts = [Some(format!("{mark} <b>{name}</b>")), text("AlarmDescription"), text("NewStateReason")];
    parts.into_iter().flatten().collect::<Vec<_>>().join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_subscription_names_its_year() {
        let profile = |language: &str| Profile { language: Some(language.into()), ..Profile::default() };
        // 2 December 2027, 23:30 in Moscow.
        let ends_at_ms = 1_827_779_400_000;
        for (language, until) in [("ru", "2 декабря 2027, 23:30 МСК"), ("en", "2 December 2027, 23:30 MSK")] {
            let (m, profile) = (Language::of(Some(language)).messages(), profile(language));
            assert_eq!(in_full(m, ends_at_ms), until);
            let mut screens = vec![gift(ends_at_ms, &profile, "https://app")];
            screens.extend([3, 1, 0].map(|days| reminder(days, ends_at_ms, &profile, "https://app")));
            for screen in screens {
                assert!(screen.text.contains(until), "{}", screen.text);
            }
        }
    }

    #[test]
    fn an_alarm_is_told_with_what_it_means() {
        let message = r#"{"AlarmName":"ct-JobsErrors","NewStateValue":"ALARM","AlarmDescription":"A job <fails>.","NewStateReason":"1 > 0"}"#;
        assert_eq!(alarm(message), "🔴 <b>ct-JobsErrors</b>\n\nA job &lt;fails&gt;.\n\n1 &gt; 0");
        assert_eq!(alarm("plain <text>"), "plain &lt;text&gt;");
    }
}
