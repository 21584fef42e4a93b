//! The payment page, `confirmation_url`: where a payer would type a card. It says what it is, and works without scripts.

use std::fmt::Write as _;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::Deserialize;

use super::Sandbox;
use super::amount::for_people;
use super::cards::{self, Outcome, TestCard};
use super::payment::{Payment, Status, UsedCard};
use super::shop::{Refusal, Shop};

const STYLE: &str = include_str!("pay.css");
const UNKNOWN: &str = "<h1>Такого платежа нет</h1><p>Песочница хранит платежи в памяти: после перезапуска их нет.</p>";

/// The reasons of declining, for people.
const REASONS: [(&str, &str); 12] = [
    ("insufficient_funds", "Не хватает денег"),
    ("3d_secure_failed", "Не пройдено 3-D Secure"),
    ("call_issuer", "Позвонить в банк"),
    ("card_expired", "Срок карты истёк"),
    ("fraud_suspected", "Подозрение в мошенничестве"),
    ("general_decline", "Без объяснения причины"),
    ("invalid_card_number", "Неверный номер"),
    ("invalid_csc", "Неверный CVC"),
    ("issuer_unavailable", "Банк недоступен"),
    ("payment_method_limit_exceeded", "Исчерпан лимит"),
    ("payment_method_restricted", "Карта ограничена"),
    ("country_forbidden", "Страна под запретом"),
];

/// `/pay/{id}`
pub fn router(sandbox: Sandbox) -> Router {
    Router::new().route("/pay/{id}", get(show).post(act)).with_state(sandbox)
}

/// What stands in the form.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Form {
    card: String,
    expiry: String,
    csc: String,
    action: String,
}

impl Form {
    fn read(body: &[u8]) -> Form {
        let mut form = Form::default();
        for (name, value) in form_urlencoded::parse(body) {
            match &*name {
                "card" => form.card = value.into_owned(),
                "expiry" => form.expiry = value.into_owned(),
                "csc" => form.csc = value.into_owned(),
                "action" => form.action = value.into_owned(),
                _ => {}
            }
        }
        form
    }

    /// The card that was typed, or what is wrong with it.
    fn card(&self, now_ms: i64) -> Result<UsedCard, &'static str> {
        let card = cards::find(&self.card).ok_or("Это не тестовая карта. Возьмите одну из списка внизу.")?;
        let expiry = expiry(&self.expiry).ok_or("Срок карты пишется так: 12/30.")?;
        if expiry < month(now_ms) {
            return Err("Срок карты должен быть в будущем.");
        }
        // American Express has four.
        let digits = if card.card_type == "AmericanExpress" { 4 } else { 3 };
        let csc = self.csc.trim();
        if csc.len() != digits || !csc.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err("CVC — три цифры, у American Express — четыре. Подойдут любые.");
        }
        Ok(UsedCard { card, expiry })
    }
}

fn date(now_ms: i64) -> Date {
    Timestamp::from_millisecond(now_ms).unwrap_or(Timestamp::MAX).to_zoned(TimeZone::UTC).date()
}

fn month(now_ms: i64) -> (i16, i8) {
    let date = date(now_ms);
    (date.year(), date.month())
}

/// An expiry that is far enough.
pub fn far_expiry(now_ms: i64) -> (i16, i8) {
    (date(now_ms).year() + 4, 12)
}

/// `12/30`, `12 / 2030`, `1230`
fn expiry(text: &str) -> Option<(i16, i8)> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let month: i8 = digits.get(..2)?.parse().ok()?;
    let year: i16 = digits.get(2..)?.parse().ok()?;
    let year = match digits.len() {
        4 => 2_000 + year,
        6 => year,
        _ => return None,
    };
    (1..=12).contains(&month).then_some((year, month))
}

async fn show(State(sandbox): State<Sandbox>, Path(id): Path<String>, Query(chosen): Query<Form>) -> Response {
    sandbox.with(|state, now_ms| match state.shop.payment(&id) {
        None => page(StatusCode::NOT_FOUND, UNKNOWN),
        Some(payment) if payment.status != Status::Pending => page(StatusCode::OK, &ended(payment)),
        Some(payment) => page(StatusCode::OK, &form(&state.shop, payment, &chosen, now_ms, "")),
    })
}

async fn act(State(sandbox): State<Sandbox>, Path(id): Path<String>, body: Bytes) -> Response {
    let sent = Form::read(&body);
    sandbox.with(|state, now_ms| {
        let Some(payment) = state.shop.payment(&id) else { return page(StatusCode::NOT_FOUND, UNKNOWN) };
        if payment.status != Status::Pending {
            return page(StatusCode::CONFLICT, &ended(payment));
        }
        let back = payment.asked.return_url.clone();
        let done: Result<(), Refusal> = if sent.action == "expire" {
            state.shop.expire(&id)
        } else {
            match sent.card(now_ms) {
                Err(wrong) => {
                    return page(StatusCode::UNPROCESSABLE_ENTITY, &form(&state.shop, payment, &sent, now_ms, wrong));
                }
                Ok(used) if used.card.three_d_secure && !["confirm", "refuse"].contains(&&*sent.action) => {
                    return page(StatusCode::OK, &three_d_secure(payment, &sent));
                }
                Ok(used) => state.shop.pay(now_ms, &id, used, sent.action != "refuse"),
            }
        };
        match done {
            Ok(()) => see_other(&back),
            Err(_) => StatusCode::CONFLICT.into_response(),
        }
    })
}

/// Back to the shop, with nothing added to the address: arriving there proves nothing.
fn see_other(url: &str) -> Response {
    let location = HeaderValue::from_bytes(url.as_bytes()).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}

fn page(status: StatusCode, content: &str) -> Response {
    let html = format!(
        r#"<!doctype html>
<html lang="ru">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Оплата — песочница ЮKassa</title>
<style>{STYLE}</style>
</head>
<body>
<p class="sandbox"><strong>Песочница ЮKassa.</strong> Это не настоящая страница оплаты, деньги не списываются.</p>
<main>
{content}
</main>
</body>
</html>
"#
    );
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        // All that is shown is in the page itself.
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (status, headers, Body::from(html)).into_response()
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(c),
        }
    }
    escaped
}

fn head(payment: &Payment) -> String {
    let description = payment.asked.description.as_deref().unwrap_or("Платёж без описания");
    format!("<h1>{}</h1>\n<p class=\"for\">{}</p>\n", for_people(payment.kopecks), escaped(description))
}

fn back(payment: &Payment) -> String {
    format!("<p><a class=\"back\" href=\"{}\">Вернуться в магазин</a></p>\n", escaped(&payment.asked.return_url))
}

fn form(shop: &Shop, payment: &Payment, form: &Form, now_ms: i64, wrong: &str) -> String {
    let mut html = head(payment);
    if !shop.takes_at_once(payment) {
        html.push_str(
            "<p class=\"note\">Двухстадийный платёж: сумма будет заблокирована и ждёт списания магазином.</p>\n",
        );
    }
    if !wrong.is_empty() {
        let _ = writeln!(html, "<p class=\"wrong\" role=\"alert\" id=\"wrong\">{wrong}</p>");
    }
    let id = &payment.id;
    let (card, expiry, csc) = (escaped(&form.card), escaped(&form.expiry), escaped(&form.csc));
    let sum = for_people(payment.kopecks);
    let _ = write!(
        html,
        r#"<form method="post" action="{id}" novalidate>
<label>Номер карты
<input name="card" value="{card}" inputmode="numeric" autocomplete="off" maxlength="23" placeholder="0000 0000 0000 0000"></label>
<div class="two">
<label>Срок
<input name="expiry" value="{expiry}" inputmode="numeric" autocomplete="off" maxlength="9" placeholder="ММ/ГГ"></label>
<label>CVC
<input name="csc" value="{csc}" inputmode="numeric" autocomplete="off" maxlength="4" placeholder="000"></label>
</div>
<button name="action" value="pay">Заплатить {sum}</button>
<button class="plain" name="action" value="expire">Дать истечь</button>
</form>
"#
    );
    html.push_str(&back(payment));
    html.push_str(&test_cards(id, now_ms));
    html
}

/// The test cards; each is a link to the page with the card in the form.
fn test_cards(id: &str, now_ms: i64) -> String {
    let (year, month) = far_expiry(now_ms);
    let link = |card: &TestCard, text: &str| {
        let csc = if card.card_type == "AmericanExpress" { "1234" } else { "123" };
        let number = card.number;
        let year = year % 100;
        format!(
            "<a href=\"{id}?card={number}&amp;expiry={month:02}/{year:02}&amp;csc={csc}\" title=\"{number}\">{text}</a>\n"
        )
    };
    let mut html =
        "<section>\n<h2>Тестовые карты</h2>\n<p>Нажмите, чтобы заполнить. Срок и CVC могут быть любыми.</p>\n\
                    <h3>Оплата пройдёт</h3>\n<p class=\"cards\">\n"
            .to_owned();
    for card in cards::all().filter(|card| card.outcome == Outcome::Paid) {
        let last = &card.number[card.number.len() - 4..];
        let secure = if card.three_d_secure { ", 3-D Secure" } else { "" };
        html.push_str(&link(&card, &format!("{} •{last}{secure}", card.brand)));
    }
    html.push_str("</p>\n<h3>Будет отказ</h3>\n<dl>\n");
    let mut current = None;
    for card in cards::all() {
        let Outcome::Declined { party, reason } = card.outcome else { continue };
        if current != Some((party, reason)) {
            let close = if current.is_some() { "</dd>\n" } else { "" };
            let text = REASONS.iter().find(|(name, _)| *name == reason).map_or(reason, |(_, text)| text);
            let _ = writeln!(html, "{close}<dt>{text} <code>{reason} · {party}</code></dt>\n<dd class=\"cards\">");
            current = Some((party, reason));
        }
        html.push_str(&link(&card, card.brand));
    }
    html.push_str("</dd>\n</dl>\n</section>\n");
    html
}

/// The bank asks the payer to confirm.
fn three_d_secure(payment: &Payment, form: &Form) -> String {
    let (card, expiry, csc) = (escaped(&form.card), escaped(&form.expiry), escaped(&form.csc));
    let id = &payment.id;
    format!(
        r#"{head}<h2>Подтверждение 3-D Secure</h2>
<p>Здесь банк спросил бы код из сообщения. В песочнице подойдёт любой.</p>
<form method="post" action="{id}">
<input type="hidden" name="card" value="{card}">
<input type="hidden" name="expiry" value="{expiry}">
<input type="hidden" name="csc" value="{csc}">
<label>Код
<input name="code" inputmode="numeric" autocomplete="off" placeholder="00000"></label>
<button name="action" value="confirm">Подтвердить</button>
<button class="plain" name="action" value="refuse">Отказаться</button>
</form>
{back}"#,
        head = head(payment),
        back = back(payment)
    )
}

fn ended(payment: &Payment) -> String {
    let state = match payment.status {
        Status::Canceled => "Платёж отменён.",
        Status::WaitingForCapture => "Сумма заблокирована и ждёт списания магазином.",
        Status::Succeeded | Status::Pending => "Платёж прошёл.",
    };
    let reason = payment.cancellation.as_ref().map_or_else(String::new, |cancellation| {
        format!("<p><code>{} · {}</code></p>\n", escaped(&cancellation.reason), escaped(&cancellation.party))
    });
    format!("{}<p class=\"note\">{state}</p>\n{reason}{}", head(payment), back(payment))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expiry_is_read_as_people_write_it() {
        for text in ["12/30", "12 / 30", "1230", "12/2030", "12.30"] {
            assert_eq!(expiry(text), Some((2030, 12)), "{text}");
        }
        for text in ["", "13/30", "00/30", "1/30", "12/3", "12/203", "дек 30"] {
            assert_eq!(expiry(text), None, "{text}");
        }
    }

    #[test]
    fn every_reason_has_its_words() {
        for card in cards::all() {
            if let Outcome::Declined { reason, .. } = card.outcome {
                assert!(REASONS.iter().any(|(name, _)| *name == reason), "{reason}");
            }
        }
    }
}
