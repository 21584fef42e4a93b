//! Admin API for drivers: drivers, responses, gift requests, messages and the audit log.
use lambda_http::{Body, Request, Response};
use shared::{
    app::App,
    auth::secret::{EDGE, SESSION},
};

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
    secrets: &[SESSION, EDGE],
    trigger: Trigger::Http(|app, request| handle(app, request)),
};

/// Its routes.
pub const ROUTES: &[Route] = &[
    route!("GET /api/admin/drivers/{id}/export", admin::EXPORT, export::driver(id)),
    route!("GET /api/admin/drivers", driver::SEE_DRIVERS, drivers::list),
    route!("GET /api/admin/drivers/{id}", driver::SEE_DRIVERS, drivers::show(id)),
    route!("GET /api/admin/drivers/{id}/responses", driver::SEE_DRIVERS, responses::list(id)),
    route!("GET /api/admin/responses", driver::SEE_DRIVERS, all_responses::list),
    route!("GET /api/admin/responses/{id}", driver::SEE_DRIVERS, all_responses::show(id)),
    route!("GET /api/admin/deciders", driver::SEE_DRIVERS, all_responses::deciders),
    route!(
        "POST /api/admin/drivers/{id}/responses/{cargo}/undo",
        response::UNDO_ACCEPTANCES,
        responses::undo_acceptance(id, cargo)
    ),
    route!(
        "POST /api/admin/drivers/{id}/subscription",
        billing::CHANGE_SUBSCRIPTIONS,
        drivers::change_subscription(id)
    ),
    route!(
        "POST /api/admin/drivers/{id}/requests/{request}/confirm",
        admin::CONFIRM_REQUESTS,
        requests::confirm(id, request)
    ),
    route!(
        "POST /api/admin/drivers/{id}/requests/{request}/decline",
        admin::CONFIRM_REQUESTS,
        requests::decline(id, request)
    ),
    route!("GET /api/admin/requests", driver::SEE_DRIVERS, requests::list),
    route!("POST /api/admin/drivers/{id}/block", driver::BLOCK_DRIVERS, drivers::block(id)),
    route!("POST /api/admin/drivers/{id}/end-session", driver::BLOCK_DRIVERS, drivers::end_session(id)),
    route!("POST /api/admin/drivers/{id}/revoke-link", driver::BLOCK_DRIVERS, drivers::revoke_link(id)),
    route!("POST /api/admin/drivers/{id}/delete", driver::DELETE_DRIVERS, drivers::delete(id)),
    route!("GET /api/admin/deliveries", driver::SEE_DRIVERS, deliveries::list),
    route!("POST /api/admin/deliveries/{id}/retry", delivery::RETRY_DELIVERIES, deliveries::retry(id)),
    route!("GET /api/admin/audit", admin::SEE_AUDIT, audit::list),
];

/// Serves its routes.
pub fn handle(app: &App, request: Request) -> BoxFuture<'_, Response<Body>> {
    admin::serve(app, request, ROUTES)
}
