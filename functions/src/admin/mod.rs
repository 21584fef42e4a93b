//! What administrators do. One table says which route needs which right; the check comes before the handler, so none can
//! forget it.
use lambda_http::{Body, Request, Response};
use serde::Serialize;
use shared::{
    app::App,
    auth::{admin::AdminSession, role::Permission},
    clock::rfc3339,
    error::Error,
    request::Caller,
    secrets::SecretName,
};
use utoipa::ToSchema;

use crate::{
    BoxFuture, Function, Trigger,
    http::{Incoming, Problem, private_json, serve},
};

pub mod all_responses;
pub mod audit;
mod columns;
mod csv;
pub mod deliveries;
pub mod differences;
pub mod drivers;
pub mod export;
pub mod flags;
pub mod health;
mod listing;
pub mod overview;
pub mod payments;
pub mod promo_codes;
pub mod requests;
pub mod responses;
pub mod roles;
pub mod settings;
pub mod subscriptions;

/// The function.
pub const FUNCTION: Function = Function {
    name: "admin",
    secrets: &[SecretName::Session, SecretName::Edge, SecretName::Yookassa],
    trigger: Trigger::Http(|app, request| handle(app, request)),
};

/// A request of an admin who may make it.
pub struct Call<'a> {
    /// The product.
    pub app: &'a App,
    /// Who it is.
    pub admin: AdminSession,
    /// What was asked.
    pub incoming: &'a Incoming,
    /// The parts of the path for which the route has a name, in its order.
    pub names: Vec<&'a str>,
}

type Answer = Result<Response<Body>, Error>;

/// A route of the admin API.
pub struct Route {
    /// The method.
    pub method: &'static str,
    /// The path below `/api/admin/`; a part in braces stands for any one part.
    pub path: &'static str,
    /// What the caller has to be allowed.
    pub permission: Permission,
    handler: for<'a> fn(Call<'a>) -> BoxFuture<'a, Answer>,
}

macro_rules! route {
    ($method:literal, $path:literal, $permission:ident, $handler:path) => {
        Route {
            method: $method,
            path: $path,
            permission: Permission::$permission,
            handler: |call| Box::pin($handler(call)),
        }
    };
}

/// All routes of the admin API.
pub const ROUTES: &[Route] = &[
    route!("GET", "me", SeeOverview, me),
    route!("GET", "overview", SeeOverview, overview::show),
    route!("GET", "health", SeeOverview, health::show),
    route!("GET", "drivers/{id}/export", Export, export::driver),
    route!("GET", "drivers", SeeDrivers, drivers::list),
    route!("GET", "drivers/{id}", SeeDrivers, drivers::show),
    route!("GET", "drivers/{id}/responses", SeeDrivers, responses::list),
    route!("GET", "responses", SeeDrivers, all_responses::list),
    route!("GET", "responses/{id}", SeeDrivers, all_responses::show),
    route!("GET", "deciders", SeeDrivers, all_responses::deciders),
    route!("POST", "drivers/{id}/responses/{cargo}/undo", UndoAcceptances, responses::undo_acceptance),
    route!("POST", "drivers/{id}/subscription", ChangeSubscriptions, drivers::change_subscription),
    route!("POST", "drivers/{id}/requests/{request}/confirm", ConfirmRequests, requests::confirm),
    route!("POST", "drivers/{id}/requests/{request}/decline", ConfirmRequests, requests::decline),
    route!("GET", "requests", SeeDrivers, requests::list),
    route!("POST", "drivers/{id}/block", BlockDrivers, drivers::block),
    route!("POST", "drivers/{id}/end-session", BlockDrivers, drivers::end_session),
    route!("POST", "drivers/{id}/revoke-link", BlockDrivers, drivers::revoke_link),
    route!("POST", "drivers/{id}/delete", DeleteDrivers, drivers::delete),
    route!("GET", "subscriptions", SeeDrivers, subscriptions::list),
    route!("GET", "deliveries", SeeDrivers, deliveries::list),
    route!("POST", "deliveries/{id}/retry", RetryDeliveries, deliveries::retry),
    route!("GET", "payments", SeePayments, payments::list),
    route!("GET", "payments/{id}", SeePayments, payments::show),
    route!("POST", "payments/{id}/recheck", RecheckPayments, payments::recheck),
    route!("POST", "payments/{id}/refund", Refund, payments::refund),
    route!("GET", "differences", SeePayments, differences::list),
    route!("POST", "differences/{id}/resolve", RecheckPayments, differences::resolve),
    route!("GET", "promo-codes", SeePromoCodes, promo_codes::list),
    route!("POST", "promo-codes", ChangePromoCodes, promo_codes::create),
    route!("GET", "promo-codes/{code}", SeePromoCodes, promo_codes::show),
    route!("PUT", "promo-codes/{code}", ChangePromoCodes, promo_codes::switch),
    route!("GET", "promo-codes/{code}/uses", SeePromoCodes, promo_codes::uses),
    route!("GET", "settings", SeeSettings, settings::show),
    route!("PUT", "settings", ChangeSettings, settings::change),
    route!("PUT", "settings/yookassa", ChangeSecrets, settings::change_shop),
    route!("GET", "flags", SeeSettings, flags::list),
    route!("PUT", "flags/{flag}", ChangeFlags, flags::change),
    route!("GET", "roles", SeeRoles, roles::list),
    route!("PUT", "roles/{driver_id}", ChangeRoles, roles::give),
    route!("DELETE", "roles/{driver_id}", ChangeRoles, roles::take),
    route!("GET", "audit", SeeAudit, audit::list),
];

/// Serves `/api/admin`.
pub fn handle(app: &App, request: Request) -> BoxFuture<'_, Response<Body>> {
    Box::pin(serve(app, request, async |app, mut incoming| {
        incoming.context.caller = Some(Caller {
            address: incoming.viewer_address(),
            user_agent: incoming.header("user-agent").map(|agent| agent.chars().take(200).collect()),
        });
        let result = answer(app, &incoming).await;
        (incoming, result)
    }))
}

async fn answer(app: &App, incoming: &Incoming) -> Answer {
    let path = incoming.path_parameter("proxy").unwrap_or_default();
    let parts: Vec<&str> = path.split('/').collect();
    let fitting = ROUTES.iter().find_map(|route| Some((route, names(route, incoming.method(), &parts)?)));
    let (route, names) = fitting.ok_or(Error::NotFound)?;
    let admin = app.check_admin(incoming.bearer(), route.permission, &incoming.context).await?;
    if incoming.query().iter().any(|(name, value)| name == "format" && value == "csv") {
        app.require(&admin, Permission::Export, &incoming.context).await?;
    }
    (route.handler)(Call { app, admin, incoming, names }).await
}

/// What stands where the route has names; `None` when it is not this route.
fn names<'a>(route: &Route, method: &str, parts: &[&'a str]) -> Option<Vec<&'a str>> {
    let wanted: Vec<_> = route.path.split('/').collect();
    if route.method != method || wanted.len() != parts.len() {
        return None;
    }
    let mut names = Vec::new();
    for (wanted, part) in wanted.into_iter().zip(parts) {
        if wanted.starts_with('{') && !part.is_empty() {
            names.push(*part);
        } else if wanted != *part {
            return None;
        }
    }
    Some(names)
}

/// Who the admin is and what they may do.
#[derive(Serialize, ToSchema)]
pub struct Me {
    /// Telegram's id.
    id: i64,
    name: String,
    role: shared::auth::role::Role,
    permissions: Vec<Permission>,
    /// Until when they may do what is dangerous without signing in anew.
    fresh_until: String,
}

/// Who am I, and what may I do.
#[utoipa::path(
    get, path = "/api/admin/me", tag = "admin", security(("session" = [])),
    responses(
        (status = 200, body = Me),
        (status = 403, description = "admin_only", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn me(call: Call<'_>) -> Answer {
    let role = call.admin.role();
    private_json(&Me {
        id: call.admin.admin_id(),
        name: call.admin.actor().name,
        role,
        permissions: role.permissions(),
        fresh_until: rfc3339(call.admin.fresh_until_s() * 1000),
    })
}
