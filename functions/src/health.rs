//! Whether we serve, and what of the services around us we can say.
use lambda_http::{Body, Request, Response};
use serde::Serialize;
use shared::{app::App, auth::secret::EDGE};
use utoipa::ToSchema;

use crate::{
    BoxFuture, Function, Trigger,
    http::{Answer, private_json, serve},
};

/// The function.
pub const FUNCTION: Function =
    Function { name: "health", secrets: &[EDGE], trigger: Trigger::Http(|app, request| handle(app, request)) };

/// How we are.
#[derive(Serialize, ToSchema)]
pub struct Health {
    /// `ok`: requests are served; `degraded`: nothing can be written.
    status: &'static str,
    /// `ok`, `unwritable` or `unavailable`.
    store: &'static str,
    /// `ok`, `unavailable` (its breaker is open) or `unknown` (the store does not say).
    cargotech: &'static str,
    /// Of this build.
    version: &'static str,
}

/// Serves `GET` and `HEAD /api/health`; uptime monitors ask with the latter.
pub fn handle(app: &App, request: Request) -> BoxFuture<'_, Response<Body>> {
    Box::pin(serve(app, request, async |app, _| health(app).await))
}

/// Answers 200 as soon as requests are served, whatever is wrong around us.
#[utoipa::path(method(get, head), path = "/api/health", tag = "health", responses((status = 200, body = Health)))]
pub async fn health(app: &App) -> Answer {
    let (gate, takes_writes) = tokio::join!(app.store.gate_is_closed(app.clock.now_ms()), app.store.takes_writes());
    let writable = if takes_writes { "ok" } else { "unwritable" };
    let (store, cargotech) = match gate {
        Ok(false) => (writable, "ok"),
        Ok(true) => (writable, "unavailable"),
        Err(_) => ("unavailable", "unknown"),
    };
    let status = if takes_writes { "ok" } else { "degraded" };
    private_json(&Health { status, store, cargotech, version: env!("CARGO_PKG_VERSION") })
}
