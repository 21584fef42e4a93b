//! Error responses: `application/problem+json`.
use lambda_http::{
    Body, Response,
    http::{HeaderValue, StatusCode, header},
};
use serde::Serialize;
use shared::{
    access::Feature,
    app::App,
    cargo::Money,
    error::{Conflict, Error, FieldError, reported},
    response::view::ResponseView,
};
use utoipa::ToSchema;

use super::answer::response;

/// `application/problem+json` (RFC 9457).
#[derive(Serialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`: `title` repeats the status, and `code` identifies the problem.
    #[serde(rename = "type")]
    kind: &'static str,
    /// Reason phrase of the HTTP status.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What went wrong and what the caller can do.
    detail: &'static str,
    /// Stable code for programs.
    code: &'static str,
    /// Id of the request, for support.
    request_id: String,
    /// For `validation_failed`: the faults, each with its field; at most the first twenty.
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<Vec<FieldError>>,
    /// For `subscription_required`: the feature that needs a subscription.
    #[serde(skip_serializing_if = "Option::is_none")]
    feature: Option<Feature>,
    /// For `cargo_changed`: the current price, rubles; null means "on request".
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    price_rub: Option<Option<Money>>,
    /// For `response_exists` and `response_closed`: the driver's response in its current state.
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<ResponseView>,
    /// For `cargo_taken`: names of the accepted drivers; an empty name if the data was deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted: Option<Vec<String>>,
    /// For `cargo_taken`: value to send as `choices` to accept one more driver.
    #[serde(skip_serializing_if = "Option::is_none")]
    choices: Option<i64>,
    /// For 401: link that opens the app from the bot.
    #[serde(skip_serializing_if = "Option::is_none")]
    app_url: Option<String>,
}

/// Renders an error as a response.
pub(super) fn problem(app: &App, error: Error, request_id: &str) -> Response<Body> {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let (detail, code, retry_after_s) = (error.detail(), error.code(), error.retry_after_s());
    let body = Problem {
        kind: "about:blank",
        title: status.canonical_reason().unwrap_or("Error"),
        status: status.as_u16(),
        detail,
        code,
        request_id: request_id.to_owned(),
        errors: if let Error::Validation(errors) = &error { Some(reported(errors)) } else { None },
        feature: match &error {
            Error::SubscriptionRequired(feature) => Some(*feature),
            _ => None,
        },
        price_rub: match &error {
            Error::Conflict(Conflict::CargoChanged { price_kopecks }) => Some(Money::from_kopecks(*price_kopecks)),
            _ => None,
        },
        response: match &error {
            Error::Conflict(Conflict::ResponseExists(response) | Conflict::ResponseClosed(Some(response))) => {
                Some(ResponseView::new(response))
            }
            _ => None,
        },
        accepted: match &error {
            Error::Conflict(Conflict::CargoTaken { names, .. }) => Some(names.clone()),
            _ => None,
        },
        choices: match &error {
            Error::Conflict(Conflict::CargoTaken { choices, .. }) => Some(*choices),
            _ => None,
        },
        app_url: (status == StatusCode::UNAUTHORIZED).then(|| app.config.telegram_app_url.clone()),
    };
    let body = serde_json::to_string(&body).unwrap_or_default();
    let mut answer = response(status, "application/problem+json", "no-store", Body::from(body));
    if let Some(seconds) = retry_after_s {
        answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    answer
}
