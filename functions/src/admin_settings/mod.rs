//! Admin API for operations: settings, flags, roles, health and the caller's own permissions. Only this function may
//! change the key of the shop at YooKassa.
use lambda_http::{Body, Request, Response};
use serde::{Serialize, Serializer};
use shared::{
    app::App,
    auth::secret::{EDGE, SESSION},
    billing::yookassa,
    clock::rfc3339,
    modules::PRODUCT,
    rights::Permission,
};
use std::borrow::Cow;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type},
};

use crate::{
    BoxFuture, Function, Trigger,
    admin::{self, Call, Route, route},
    http::{Answer, private_json},
};

pub mod flags;
pub mod health;
pub mod market;
pub mod roles;
pub mod settings;

/// The function.
pub const FUNCTION: Function = Function {
    name: "admin-settings",
    secrets: &[SESSION, EDGE, yookassa::SECRET],
    trigger: Trigger::Http(|app, request| handle(app, request)),
};

/// Its routes.
pub const ROUTES: &[Route] = &[
    route!("GET /api/admin/me", admin::SEE_OVERVIEW, me),
    route!("GET /api/admin/health", admin::SEE_OVERVIEW, health::show),
    route!("POST /api/admin/market/accept", market::ACCEPT_MARKET, market::accept),
    route!("GET /api/admin/settings", admin::SEE_SETTINGS, settings::show),
    route!("PUT /api/admin/settings", admin::CHANGE_SETTINGS, settings::change),
    route!("PUT /api/admin/settings/yookassa", billing::CHANGE_SECRETS, settings::change_shop),
    route!("GET /api/admin/flags", admin::SEE_SETTINGS, flags::list),
    route!("PUT /api/admin/flags/{flag}", admin::CHANGE_FLAGS, flags::change(flag)),
    route!("GET /api/admin/roles", admin::SEE_ROLES, roles::list),
    route!("PUT /api/admin/roles/{driver_id}", admin::CHANGE_ROLES, roles::give(driver_id)),
    route!("DELETE /api/admin/roles/{driver_id}", admin::CHANGE_ROLES, roles::take(driver_id)),
];

/// Serves its routes.
pub fn handle(app: &App, request: Request) -> BoxFuture<'_, Response<Body>> {
    admin::serve(app, request, ROUTES)
}

/// A permission, by its name.
pub struct PermissionName(Permission);

impl Serialize for PermissionName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.as_str())
    }
}

impl PartialSchema for PermissionName {
    fn schema() -> RefOr<Schema> {
        let names = PRODUCT.permissions().map(Permission::as_str);
        let schema = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names));
        schema.description(Some("A permission that a route of the admin API requires.")).into()
    }
}

impl ToSchema for PermissionName {
    fn name() -> Cow<'static, str> {
        "Permission".into()
    }
}

/// The admin and their permissions.
#[derive(Serialize, ToSchema)]
pub struct Me {
    /// Telegram id.
    id: i64,
    name: String,
    role: shared::rights::Role,
    permissions: Vec<PermissionName>,
    /// Until when dangerous actions need no new sign-in, RFC 3339 in UTC.
    fresh_until: String,
}

/// Returns the calling admin and their permissions.
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
        permissions: call.app.modules.permissions().filter(|one| role.may(*one)).map(PermissionName).collect(),
        fresh_until: rfc3339(call.admin.fresh_until_s() * 1000),
    })
}
