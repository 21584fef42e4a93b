//! What administrators see of drivers and do for them: drivers, their responses, requests for gifts, messages, the log.
use lambda_http::{Body, Request, Response};
use shared::{app::App, secrets::SecretName};

use crate::{
    BoxFuture, Function, Trigger,
    admin::{self, Route, route},
};

pub mod all_responses;
pub mod audit;
pub mod deliveries;
pub mod drivers;
pub mod export;
pub mod requests;
pub mod responses;

/// The function.
pub const FUNCTION: Function = Function {
    name: "admin-people",
    secrets: &[SecretName::Session, SecretName::Edge],
    trigger: Trigger::Http(|app, request| handle(app, request)),
};

/// Its routes.
pub const ROUTES: &[Route] = &[
    route!("GET /api/admin/drivers/{id}/export", Export, export::driver(id)),
    route!("GET /api/admin/drivers", SeeDrivers, drivers::list),
    route!("GET /api/admin/drivers/{id}", SeeDrivers, drivers::show(id)),
    route!("GET /api/admin/drivers/{id}/responses", SeeDrivers, responses::list(id)),
    route!("GET /api/admin/responses", SeeDrivers, all_responses::list),
    route!("GET /api/admin/responses/{id}", SeeDrivers, all_responses::show(id)),
    route!("GET /api/admin/deciders", SeeDrivers, all_responses::deciders),
    route!(
        "POST /api/admin/drivers/{id}/responses/{cargo}/undo",
        UndoAcceptances,
        responses::undo_acceptance(id, cargo)
    ),
    route!("POST /api/admin/drivers/{id}/subscription", ChangeSubscriptions, drivers::change_subscription(id)),
    route!("POST /api/admin/drivers/{id}/requests/{request}/confirm", ConfirmRequests, requests::confirm(id, request)),
    route!("POST /api/admin/drivers/{id}/requests/{request}/decline", ConfirmRequests, requests::decline(id, request)),
    route!("GET /api/admin/requests", SeeDrivers, requests::list),
    route!("POST /api/admin/drivers/{id}/block", BlockDrivers, drivers::block(id)),
    route!("POST /api/admin/drivers/{id}/end-session", BlockDrivers, drivers::end_session(id)),
    route!("POST /api/admin/drivers/{id}/revoke-link", BlockDrivers, drivers::revoke_link(id)),
    route!("POST /api/admin/drivers/{id}/delete", DeleteDrivers, drivers::delete(id)),
    route!("GET /api/admin/deliveries", SeeDrivers, deliveries::list),
    route!("POST /api/admin/deliveries/{id}/retry", RetryDeliveries, deliveries::retry(id)),
    route!("GET /api/admin/audit", SeeAudit, audit::list),
];

/// Serves its routes.
pub fn handle(app: &App, request: Request) -> BoxFuture<'_, Response<Body>> {
    admin::serve(app, request, ROUTES)
}
