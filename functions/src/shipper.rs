//! The shipper's page: one response, looked at and decided on with a link and no account.
use lambda_http::{Body, Request, Response};
use serde::Serialize;
use serde_json::Value;
use shared::{
    app::App,
    cargo::Money,
    clock::rfc3339,
    error::{Error, FieldError},
    response::{CargoSummary, LONGEST_TEXT, Response as DriverResponse, Status, act::Command, respond::words},
    secrets::SecretName,
};
use utoipa::ToSchema;

use crate::{
    BoxFuture, Function, Trigger,
    http::{Incoming, Problem, private_json, serve, text},
};

/// The function.
pub const FUNCTION: Function = Function {
    name: "shipper",
    secrets: &[SecretName::Session, SecretName::Edge],
    trigger: Trigger::Http(|app, request| handle(app, request)),
};

/// What a shipper sees of a response.
#[derive(Serialize, ToSchema)]
pub struct ShipperView {
    status: Status,
    /// It was accepted, and then that was undone.
    undone: bool,
    cargo: CargoSummary,
    driver: ShipperDriver,
    /// What the driver added.
    comment: Option<String>,
    /// The driver's own price, rubles.
    #[schema(value_type = Option<f64>)]
    price_rub: Option<Money>,
    /// The price for which the cargo is carried when the response is accepted: the driver's own, else the cargo's; null is
    /// "on request".
    #[schema(value_type = Option<f64>)]
    agreed_price_rub: Option<Money>,
    /// Why it was rejected, if somebody said.
    reason: Option<String>,
    /// When it can no longer be decided on.
    expires_at: String,
}

/// What a shipper sees of the driver.
#[derive(Serialize, ToSchema)]
pub struct ShipperDriver {
    name: String,
    /// E.164; null unless the response was accepted by this link.
    phone: Option<String>,
}

/// A shipper's decision.
#[derive(ToSchema)]
#[allow(dead_code)] // documents the body, which is read field by field so that each fault is named
pub struct DecisionBody {
    /// `accept` or `reject`.
    decision: String,
    /// Why it is rejected; at most 500 characters.
    reason: Option<String>,
    /// To accept although others have the cargo: `choices` of the answer `cargo_taken`.
    choices: Option<i64>,
}

impl ShipperView {
    fn new(response: DriverResponse) -> Self {
        // Who has the link and has not accepted it has no need of the phone.
        let opened = response.is_accepted_by_shipper();
        let (price_rub, agreed_price_rub) = (response.own_price(), response.agreed_price());
        Self {
            status: response.status,
            undone: response.is_undone(),
            cargo: response.cargo,
            driver: ShipperDriver { name: response.offer.name, phone: opened.then_some(response.offer.phone) },
            comment: response.offer.comment,
            price_rub,
            agreed_price_rub,
            reason: response.reason,
            expires_at: rfc3339(response.expires_at_ms),
        }
    }
}

/// Serves `/api/shipper/response`.
pub fn handle(app: &App, request: Request) -> BoxFuture<'_, Response<Body>> {
    Box::pin(serve(app, request, async |app, incoming| {
        let result = match incoming.route() {
            "GET /api/shipper/response" => look(app, &incoming).await,
            "POST /api/shipper/response" => decide(app, &incoming).await,
            _ => Err(Error::NotFound),
        };
        (incoming, result)
    }))
}

/// The response that the link is for.
#[utoipa::path(
    get, path = "/api/shipper/response", tag = "shipper",
    params(("x-shipper-token" = String, Header, description = "From the link, what follows the #")),
    responses(
        (status = 200, body = ShipperView),
        (status = 404, description = "link_invalid", body = Problem, content_type = "application/problem+json"),
        (status = 410, description = "link_expired", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "rate_limited", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn look(app: &App, incoming: &Incoming) -> Result<Response<Body>, Error> {
    private_json(&ShipperView::new(app.response_of_link(token(incoming)?).await?))
}

/// Decides on the response that the link is for, once.
#[utoipa::path(
    post, path = "/api/shipper/response", tag = "shipper", request_body = DecisionBody,
    params(("x-shipper-token" = String, Header, description = "From the link, what follows the #")),
    responses(
        (status = 200, body = ShipperView),
        (status = 404, description = "link_invalid", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "response_closed, cargo_taken (with accepted and choices)", body = Problem, content_type = "application/problem+json"),
        (status = 410, description = "link_expired", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "validation_failed", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "rate_limited", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn decide(app: &App, incoming: &Incoming) -> Result<Response<Body>, Error> {
    let token = token(incoming)?;
    let body = incoming.json()?;
    let mut errors = Vec::new();
    let reason = match text(&body, &["reason"])?.filter(|reason| !reason.trim().is_empty()) {
        Some(reason) => words(reason.trim(), LONGEST_TEXT, true)
            .map_err(|(code, message)| errors.push(FieldError::new("reason", code, message)))
            .ok()
            .filter(|reason| !reason.is_empty()),
        None => None,
    };
    let knowing = match body.get("choices") {
        None | Some(Value::Null) => None,
        Some(choices) => choices.as_i64().filter(|choices| *choices > 0).or_else(|| {
            errors.push(FieldError::new("choices", "malformed", "Must be choices of the answer cargo_taken."));
            None
        }),
    };
    let command = match body.get("decision").and_then(Value::as_str) {
        Some("accept") => Some(Command::Accept { knowing }),
        Some("reject") => Some(Command::Reject(reason)),
        _ => {
            errors.push(FieldError::new("decision", "malformed", "Must be accept or reject."));
            None
        }
    };
    match command {
        Some(command) if errors.is_empty() => {
            private_json(&ShipperView::new(app.decide_by_link(token, &command, &incoming.context).await?))
        }
        _ => Err(Error::Validation(errors)),
    }
}

fn token(incoming: &Incoming) -> Result<&str, Error> {
    incoming.header("x-shipper-token").ok_or(Error::LinkInvalid)
}
