//! How administrators run the product: settings, flags, roles, its state, and who one is. It alone may change the key of
//! the shop at YooKassa.
use lambda_http::{Body, Request, Response};
use serde::Serialize;
use shared::{app::App, auth::role::Permission, clock::rfc3339, secrets::SecretName};
use utoipa::ToSchema;

use crate::{
    BoxFuture, Function, Trigger,
    admin::{self, Call, Route, route},
    http::{Answer, private_json},
};

pub mod flags;
pub mod health;
pub mod roles;
pub mod settings;

/// The function.
pub const FUNCTION: Function = Function {
    name: "admin-settings",
    secrets: &[SecretName::Session, SecretName::Edge, SecretName::Yookassa],
    trigger: Trigger::Http(|app, request| handle(app, request)),
};

/// Its routes.
pub const ROUTES: &[Route] = &[
    route!("GET /api/admin/me", SeeOverview, me),
    route!("GET /api/admin/health", SeeOverview, health::show),
    route!("GET /api/admin/settings", SeeSettings, settings::show),
    route!("PUT /api/admin/settings", ChangeSettings, settings::change),
    route!("PUT /api/admin/settings/yookassa", ChangeSecrets, settings::change_shop),
    route!("GET /api/admin/flags", SeeSettings, flags::list),
    route!("PUT /api/admin/flags/{flag}", ChangeFlags, flags::change(flag)),
    route!("GET /api/admin/roles", SeeRoles, roles::list),
    route!("PUT /api/admin/roles/{driver_id}", ChangeRoles, roles::give(driver_id)),
    route!("DELETE /api/admin/roles/{driver_id}", ChangeRoles, roles::take(driver_id)),
];

/// Serves its routes.
pub fn handle(app: &App, request: Request) -> BoxFuture<'_, Response<Body>> {
    admin::serve(app, request, ROUTES)
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
    responses((status = 200, body = Me))
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
