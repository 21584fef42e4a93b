//! Health of the service and its dependencies.
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

/// Health of the service.
#[derive(Serialize, ToSchema)]
pub struct Health {
    /// `ok`, or `degraded` if the store takes no writes.
    status: &'static str,
    /// State of the store: `ok`, `unwritable` or `unavailable`.
    store: &'static str,
    /// State of CargoTech: `ok`, `unavailable` (its circuit breaker is open) or `unknown` (the store is unavailable).
    cargotech: &'static str,
    /// Version of this build.
    version: &'static str,
}

/// Serves `GET` and `HEAD /api/health`; uptime monitors use the latter.
pub fn handle(app: &App, request: Request) -> BoxFuture<'_, Response<Body>> {
    Box::pin(serve(app, request, async |app, _| health(app).await))
}

/// Returns 200 whenever requests are served, even if dependencies fail.
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
