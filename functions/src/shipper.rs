//! The shipper's page: shows one response and takes the decision on it, by link and without an account.
use lambda_http::{Body, Request, Response};
use serde::Serialize;
use shared::{
    app::App,
    auth::secret::{EDGE, SESSION},
    body,
    body::Body as _,
    cargo::Money,
    clock::rfc3339,
    error::Error,
    fields::Fields,
    response::{CargoSummary, LONGEST_TEXT, Response as DriverResponse, Status, act::Command, respond::words},
};
use utoipa::ToSchema;

use crate::{
    BoxFuture, Function, Trigger,
    http::{Answer, Incoming, private_json, serve},
};

/// The function.
pub const FUNCTION: Function = Function {
    name: "shipper",
    secrets: &[SESSION, EDGE],
    trigger: Trigger::Http(|app, request| handle(app, request)),
};

/// A response as the shipper sees it.
#[derive(Serialize, ToSchema)]
pub struct ShipperView {
    status: Status,
    /// Whether the response was accepted and the acceptance then undone.
    undone: bool,
    cargo: CargoSummary,
    driver: ShipperDriver,
    /// The driver's comment.
    comment: Option<String>,
    /// The driver's own price, rubles; null if none was offered.
    #[schema(value_type = Option<f64>)]
    price_rub: Option<Money>,
    /// Price agreed by accepting the response, rubles: the driver's own, else the cargo's; null means "on request".
    #[schema(value_type = Option<f64>)]
    agreed_price_rub: Option<Money>,
    /// Why it was rejected; null without a reason.
    reason: Option<String>,
    /// When it expires if no one decides, RFC 3339 in UTC.
    expires_at: String,
}

/// The driver as the shipper sees them.
#[derive(Serialize, ToSchema)]
pub struct ShipperDriver {
    name: String,
    /// Phone in E.164; null unless the response was accepted through this link.
    phone: Option<String>,
}

body! {
    /// A shipper's decision.
    pub struct DecisionBody {
        /// Reason for a rejection; at most 500 characters.
        reason: Option<String> = Fields::checked_text(|reason| words(reason, LONGEST_TEXT, true)),
        /// Accepts although another driver already has the cargo: `choices` of the `cargo_taken` error.
        choices: Option<i64> = choices(),
        /// Decision: `accept` or `reject`.
        #[schema(value_type = String)]
        decision: Decision = Fields::one_of(&[("accept", Decision::Accept), ("reject", Decision::Reject)]),
        ..
    }
}

/// A shipper's decision.
#[derive(Clone, Copy)]
enum Decision {
    Accept,
    Reject,
}

fn choices(fields: &mut Fields<'_>, name: &str) -> Option<i64> {
    let choices = fields.value(name)?.as_i64().filter(|choices| *choices > 0);
    if choices.is_none() {
        fields.fail(name, "malformed", "Must be choices of the answer cargo_taken.");
    }
    choices
}

impl ShipperView {
    fn new(response: DriverResponse) -> Self {
        // The shipper sees the phone only after accepting.
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
    Box::pin(serve(app, request, async |app, incoming| match incoming.route() {
        "GET /api/shipper/response" => look(app, incoming).await,
        "POST /api/shipper/response" => decide(app, incoming).await,
        _ => Err(Error::NotFound),
    }))
}

/// Returns the response that the link is for.
#[utoipa::path(
    get, path = "/api/shipper/response", tag = "shipper",
    params(("x-shipper-token" = String, Header, description = "The part of the link after the #")),
    responses(
        (status = 200, body = ShipperView),
        (status = 403, description = "feature_off"),
        (status = 404, description = "link_invalid"),
        (status = 410, description = "link_expired"),
        (status = 429),
    )
)]
pub async fn look(app: &App, incoming: &Incoming) -> Answer {
    private_json(&ShipperView::new(app.response_of_link(token(incoming)?).await?))
}

/// Accepts or rejects the response that the link is for, once.
#[utoipa::path(
    post, path = "/api/shipper/response", tag = "shipper", request_body = DecisionBody,
    params(("x-shipper-token" = String, Header, description = "The part of the link after the #")),
    responses(
        (status = 200, body = ShipperView),
        (status = 403, description = "feature_off"),
        (status = 404, description = "link_invalid"),
        (status = 409, description = "response_closed, cargo_taken (with accepted and choices)"),
        (status = 410, description = "link_expired"),
        (status = 429),
    )
)]
pub async fn decide(app: &App, incoming: &Incoming) -> Answer {
    let token = token(incoming)?;
    let DecisionBody { decision, reason, choices } = incoming.body(DecisionBody::parse)?;
    let command = match decision {
        Decision::Accept => Command::Accept { knowing: choices },
        Decision::Reject => Command::Reject(reason),
    };
    private_json(&ShipperView::new(app.decide_by_link(token, &command, &incoming.context).await?))
}

fn token(incoming: &Incoming) -> Result<&str, Error> {
    incoming.header("x-shipper-token").ok_or(Error::LinkInvalid)
}
