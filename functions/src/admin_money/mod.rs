//! What administrators see of money and do with it: payments, subscriptions, promo codes, differences, the figures.
use lambda_http::{Body, Request, Response};
use shared::{app::App, secrets::SecretName};

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
    secrets: &[SecretName::Session, SecretName::Edge, SecretName::Yookassa],
    trigger: Trigger::Http(|app, request| handle(app, request)),
};

/// Its routes.
pub const ROUTES: &[Route] = &[
    route!("GET /api/admin/overview", SeeOverview, overview::show),
    route!("GET /api/admin/subscriptions", SeeDrivers, subscriptions::list),
    route!("GET /api/admin/payments", SeePayments, payments::list),
    route!("GET /api/admin/payments/{id}", SeePayments, payments::show(id)),
    route!("POST /api/admin/payments/{id}/recheck", RecheckPayments, payments::recheck(id)),
    route!("POST /api/admin/payments/{id}/refund", Refund, payments::refund(id)),
    route!("GET /api/admin/differences", SeePayments, differences::list),
    route!("POST /api/admin/differences/{id}/resolve", RecheckPayments, differences::resolve(id)),
    route!("GET /api/admin/promo-codes", SeePromoCodes, promo_codes::list),
    route!("POST /api/admin/promo-codes", ChangePromoCodes, promo_codes::create),
    route!("GET /api/admin/promo-codes/{code}", SeePromoCodes, promo_codes::show(code)),
    route!("PUT /api/admin/promo-codes/{code}", ChangePromoCodes, promo_codes::switch(code)),
    route!("GET /api/admin/promo-codes/{code}/uses", SeePromoCodes, promo_codes::uses(code)),
];

/// Serves its routes.
pub fn handle(app: &App, request: Request) -> BoxFuture<'_, Response<Body>> {
    admin::serve(app, request, ROUTES)
}
