//! Admin API for money: payments, subscriptions, promo codes, differences and the overview.
use lambda_http::{Body, Request, Response};
use shared::{
    app::App,
    auth::secret::{EDGE, SESSION},
    billing::yookassa,
};

use crate::{
    BoxFuture, Function, Trigger,
    admin::{self, Route, route},
};

pub mod differences;
pub mod overview;
pub mod payments;
pub mod promo_codes;
pub mod subscriptions;

/// The function.
pub const FUNCTION: Function = Function {
    name: "admin-money",
    secrets: &[SESSION, EDGE, yookassa::SECRET],
    trigger: Trigger::Http(|app, request| handle(app, request)),
};

/// Its routes.
pub const ROUTES: &[Route] = &[
    route!("GET /api/admin/overview", admin::SEE_OVERVIEW, overview::show),
    route!("GET /api/admin/subscriptions", driver::SEE_DRIVERS, subscriptions::list),
    route!("GET /api/admin/payments", billing::SEE_PAYMENTS, payments::list),
    route!("GET /api/admin/payments/{id}", billing::SEE_PAYMENTS, payments::show(id)),
    route!("POST /api/admin/payments/{id}/recheck", billing::RECHECK_PAYMENTS, payments::recheck(id)),
    route!("POST /api/admin/payments/{id}/refund", billing::REFUND, payments::refund(id)),
    route!("GET /api/admin/differences", billing::SEE_PAYMENTS, differences::list),
    route!("POST /api/admin/differences/{id}/resolve", billing::RECHECK_PAYMENTS, differences::resolve(id)),
    route!("GET /api/admin/promo-codes", billing::SEE_PROMO_CODES, promo_codes::list),
    route!("POST /api/admin/promo-codes", billing::CHANGE_PROMO_CODES, promo_codes::create),
    route!("GET /api/admin/promo-codes/{code}", billing::SEE_PROMO_CODES, promo_codes::show(code)),
    route!("PUT /api/admin/promo-codes/{code}", billing::CHANGE_PROMO_CODES, promo_codes::switch(code)),
    route!("GET /api/admin/promo-codes/{code}/uses", billing::SEE_PROMO_CODES, promo_codes::uses(code)),
];

/// Serves its routes.
pub fn handle(app: &App, request: Request) -> BoxFuture<'_, Response<Body>> {
    admin::serve(app, request, ROUTES)
}
