//! Responding to a cargo. The request is validated and the cargo looked up again. A driver has at most one response per
//! cargo, however often the request is sent.
use futures_util::future::BoxFuture;
use serde_json::Value;

use super::{Actor, CargoSummary, LONGEST_TEXT, Offer, Response, Status, act::Account};
use crate::{
    access::Feature,
    app::App,
    body,
    cargo::{CargoId, HIGHEST_PRICE_RUB, cache::gunzip},
    driver::{Profile, phone},
    error::{Conflict, Error, FieldError},
    fields::Fields,
    request::RequestContext,
    response::{messages::CARD, metrics, module},
    store::{
        StoreError,
        bucket::{Rate, retry_after_s},
        document::Document,
        keys,
        response::{ListedResponse, Responder, ResponsePage, ResponseWrite, Written},
        retry::{Tried, retry_on_change},
    },
    telemetry, text,
};

/// A cargo looked up within these seconds is fresh enough to respond to. Taps of many drivers and repeats then cost one
/// call to CargoTech.
const LOOKED_UP_S: i64 = 10;
/// The most characters of a name.
const NAME: usize = 100;
/// The rate of a driver's responses. The dispatchers' chat takes fewer than twenty messages a minute from all drivers.
const RESPONSES: Rate = Rate { interval_ms: 60_000, burst: 60 };
/// Responses on a page.
pub const PAGE: i32 = 20;

body! {
    /// A response to a cargo.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct RespondBody {
        /// The driver's phone in any common notation; the profile's phone by default.
        phone: Option<String> = Fields::checked_text(phone),
        /// The driver's name, at most 100 characters; the profile's name by default.
        name: Option<String> = Fields::checked_text(|text| words(text, NAME, false)),
        /// Comment, at most 500 characters.
        comment: Option<String> = Fields::checked_text(|text| words(text, LONGEST_TEXT, true)),
        /// The driver's own price, rubles; null for none.
        #[schema(value_type = Option<f64>)]
        price_rub: Option<Kopecks> = price(1.0),
        /// The price shown to the driver, rubles; 0 for "on request". If it has changed, the request fails with
        /// `cargo_changed`.
        #[schema(value_type = Option<f64>)]
        seen_price_rub: Option<Kopecks> = price(0.0),
    }
}

/// An amount that the API shows in rubles.
type Kopecks = i64;

impl RespondBody {
    /// Whether the existing offer was made from this body. Data from the profile may have changed since.
    fn made(&self, offer: &Offer) -> bool {
        self.phone.as_ref().is_none_or(|phone| *phone == offer.phone)
            && self.name.as_ref().is_none_or(|name| *name == offer.name)
            && self.comment == offer.comment
            && self.price_rub == offer.price_kopecks
    }

    /// The offer, with missing fields taken from the profile.
    fn offer(&self, profile: &Profile) -> Result<Offer, Error> {
        let phone = self.phone.clone().or_else(|| profile.phone.clone()).ok_or_else(|| {
            let message = "The profile has no phone yet: send one, such as +79161234567.";
            Error::Validation(vec![FieldError::new("phone", "missing", message)])
        })?;
        let phone_confirmed = profile.phone_confirmed && profile.phone.as_deref() == Some(&phone);
        let name = self.name.clone().unwrap_or_else(|| profile.full_name());
        Ok(Offer { name, phone, phone_confirmed, comment: self.comment.clone(), price_kopecks: self.price_rub })
    }
}

type Checked = Result<String, (&'static str, &'static str)>;

/// Normalises a text of at most `most` characters; empty if nothing in it is visible.
pub fn words(written: &str, most: usize, lines: bool) -> Checked {
    let text = if lines { text::lines(written) } else { text::one_line(written) };
    if text.chars().count() > most {
        let message = match most {
            LONGEST_TEXT => "Must have at most 500 characters.",
            _ => "Must have at most 100 characters.",
        };
        return Err(("too_long", message));
    }
    Ok(text)
}

fn price(fields: &mut Fields<'_>, name: &str, least: f64) -> Option<Kopecks> {
    let value = fields.value(name)?;
    #[allow(clippy::cast_precision_loss)] // far below 2^53
    let rubles = value.as_f64().filter(|rubles| (least..=HIGHEST_PRICE_RUB as f64).contains(rubles));
    let Some(rubles) = rubles else {
        let message = if least > 0.0 {
            "Must be rubles, from 1 to 99999999, or null."
        } else {
            "Must be rubles, from 0 (on request) to 99999999, or null."
        };
        fields.fail(name, "malformed", message);
        return None;
    };
    #[allow(clippy::cast_possible_truncation)] // at most 1e10
    let kopecks = (rubles * 100.0).round() as i64;
    Some(kopecks)
}

/// A response, and whether this call created it.
#[derive(Debug)]
pub struct Responded {
    /// The response.
    pub response: Response,
    /// It already existed.
    pub repeated: bool,
}

impl App {
    /// Stores a driver's response to a cargo, once. `attempt` is the request's `Idempotency-Key`: the same key never
    /// creates a second response, whatever became of the first.
    ///
    /// # Errors
    /// The cargo is gone or its price differs from what the driver saw, another response exists, the phone is missing,
    /// or the store or CargoTech does not answer.
    pub async fn respond(
        &self,
        driver_id: i64,
        id: &CargoId,
        (body, attempt): (RespondBody, Option<&str>),
        context: &RequestContext,
    ) -> Result<Responded, Error> {
        let Responder { profile, existing, access } = self.store.responder(driver_id, id.as_str()).await?;
        access.check_switch(module::RESPOND)?;
        if !access.allows(Feature::Respond, self.clock.now_ms()) {
            return Err(self.locked_out(driver_id, Feature::Respond, context).await);
        }
        let profile = profile.ok_or(Error::SessionExpired)?;
        let seen_price = body.seen_price_rub;
        let freed = self.is_freed(existing.as_ref()).await?;
        if let Some(answer) = answer_for(existing.as_ref(), freed, &body, attempt) {
            return answer;
        }
        let offer = body.offer(&profile)?;
        self.check_responding(driver_id).await?;
        let document = Box::pin(self.cargo_as_of_now(driver_id, id, seen_price, context)).await?;
        let price = document.prices.first().map_or(0, |(_, price)| *price);
        if seen_price.is_some_and(|seen| seen != price) {
            return Err(Error::Conflict(Conflict::CargoChanged { price_kopecks: price }));
        }
        let cargo = summary(&document)?;
        let now_ms = self.clock.now_ms();
        let given = Response::new(driver_id, cargo, offer, now_ms, access.settings.response_ttl_s(&self.config));
        let response = Response { attempt: attempt.map(str::to_owned), ..given };
        let account = Account::of(&response, "queued", &Actor::Driver);
        let (response, account, body) = (&response, &account, &body);
        // Retry once, if a concurrent request replaced a withdrawn response or created one.
        retry_on_change("respond", 2, existing, |existing: Option<Response>| async move {
            let write = ResponseWrite {
                before: existing.as_ref(),
                after: response,
                messages: &[CARD],
                holds: &[],
                seen: None,
                within_ms: 0,
                audit: account.row(now_ms, context),
            };
            match Box::pin(self.store.write_response(&write)).await? {
                Written::Done => {
                    telemetry::count_by(metrics::RESPONSE_CHANGED, Status::Queued.as_str());
                    self.hint(&response.id, &[CARD]).await;
                    if let Some(replaced) = &existing {
                        self.hint(&replaced.id, &[CARD]).await;
                    }
                    Ok(Tried::Done(Responded { response: response.clone(), repeated: false }))
                }
                // The write had no such conditions.
                Written::Chosen(_) | Written::Blocked => Err(Error::StoreUnavailable),
                Written::Refused(found) => {
                    let existing = found.map(|found| *found);
                    let freed = self.is_freed(existing.as_ref()).await?;
                    match answer_for(existing.as_ref(), freed, body, attempt) {
                        Some(answer) => answer.map(Tried::Done),
                        None => Ok(Tried::Changed(existing)),
                    }
                }
            }
        })
        .await
    }

    /// Checks the driver's rate limit.
    async fn check_responding(&self, driver_id: i64) -> Result<(), Error> {
        match self.store.take(&keys::responding(driver_id), RESPONSES, self.clock.now_ms()).await {
            Ok(Err(wait_ms)) => return Err(Error::RateLimited(retry_after_s(wait_ms))),
            Ok(Ok(())) => {}
            Err(error) => tracing::warn!(%error, "how often a driver responds cannot be counted"),
        }
        Ok(())
    }

    /// A page of a driver's responses, newest first.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn responses(&self, driver_id: i64, from: Option<&ListedResponse>) -> Result<ResponsePage, Error> {
        Ok(self.store.responses(driver_id, from, PAGE).await?)
    }

    /// Whether a response was rejected because another driver had the cargo, and the cargo is free again.
    pub(crate) fn is_freed<'a>(&'a self, response: Option<&'a Response>) -> BoxFuture<'a, Result<bool, StoreError>> {
        // Boxed, because it would be a large part of its callers' futures.
        Box::pin(async move {
            match response.filter(|response| response.is_passed_over()) {
                Some(response) => Ok(self.store.rivals(&response.cargo.id).await?.chosen.is_empty()),
                None => Ok(false),
            }
        })
    }

    /// The cargo as CargoTech has it now, or from the cache if CargoTech does not answer: accepting a response is worth
    /// more than rejecting it.
    async fn cargo_as_of_now(
        &self,
        driver_id: i64,
        id: &CargoId,
        seen_price: Option<i64>,
        context: &RequestContext,
    ) -> Result<Document, Error> {
        match self.look_up_cargo(driver_id, id, seen_price, LOOKED_UP_S, context).await {
            Ok(served) => Ok(served.document),
            Err(Error::CargoGone) => Err(Error::Conflict(Conflict::CargoGone)),
            Err(error) => Err(error),
        }
    }
}

/// The answer if a response exists. `None` if there is none, or if it ended without a rejection of this driver and this
/// is a new attempt. An undone acceptance is no rejection: it may have been a mistake.
fn answer_for(
    existing: Option<&Response>,
    freed: bool,
    body: &RespondBody,
    attempt: Option<&str>,
) -> Option<Result<Responded, Error>> {
    let is_over = |existing: &Response| {
        matches!(existing.status, Status::Withdrawn | Status::Expired) || existing.is_undone() || freed
    };
    let made_it = |existing: &Response| existing.attempt.is_some() && existing.attempt.as_deref() == attempt;
    let existing = existing.filter(|existing| made_it(existing) || !is_over(existing))?;
    Some(if made_it(existing) || body.made(&existing.offer) {
        Ok(Responded { response: existing.clone(), repeated: true })
    } else {
        Err(Error::Conflict(Conflict::ResponseExists(Box::new(existing.clone()))))
    })
}

/// The cargo's summary from its cached detail.
fn summary(document: &Document) -> Result<CargoSummary, Error> {
    let damaged = || Error::Internal("a cached cargo is damaged".to_owned());
    let json = gunzip(&document.body).map_err(|_| damaged())?;
    let detail: Value = serde_json::from_slice(&json).map_err(|_| damaged())?;
    let cargo = &detail["cargo"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let date = |place: &Value| place["date"].as_str().map(str::to_owned);
    Ok(CargoSummary {
        id: text(&cargo["id"]),
        title: text(&cargo["title"]),
        route: text(&cargo["display"]["route"]),
        weight_volume: text(&cargo["display"]["weight_volume"]),
        price: text(&cargo["display"]["price"]),
        price_rub: cargo["price_rub"].as_number().cloned(),
        from_date: date(&cargo["from"]),
        to_date: date(&cargo["to"]),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::body::Body as _;

    fn parse(body: Value) -> Result<RespondBody, Vec<FieldError>> {
        RespondBody::parse(body.as_object().unwrap())
    }

    #[test]
    fn what_is_sent_is_put_in_one_form() {
        let body = parse(json!({
            "phone": "8 (916) 123-45-67", "name": " Иван\tИванов\r\n", "comment": "две\r\nстроки\tи \u{7}", "price_rub": 50000.5,
            "seen_price_rub": 0,
        }))
        .expect("it is good");
        assert_eq!(body.phone.as_deref(), Some("+79161234567"));
        assert_eq!((body.name.as_deref(), body.comment.as_deref()), (Some("Иван Иванов"), Some("две\nстроки и")));
        assert_eq!((body.price_rub, body.seen_price_rub), (Some(5_000_050), Some(0)));
        assert_eq!(
            parse(json!({ "phone": null, "comment": " ", "name": "\u{200e}\t" })).unwrap(),
            RespondBody::default()
        );
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let errors = parse(json!({
            "phone": "123", "name": "x".repeat(101), "comment": "x".repeat(501), "price_rub": 0, "seen_price_rub": -1, "prise": 1,
        }))
        .expect_err("six errors");
        let mut fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        fields.sort_unstable();
        assert_eq!(fields, ["comment", "name", "phone", "price_rub", "prise", "seen_price_rub"]);
    }

    proptest! {
        #[test]
        fn no_body_panics(price in any::<f64>(), text in "\\PC{0,600}") {
            let _ = parse(json!({ "price_rub": price, "seen_price_rub": price, "comment": text, "phone": text }));
        }
    }
}
