//! Roles of admins.
use serde::Serialize;
use serde_json::json;
use shared::{admin::roles::Admin, body, body::Body as _, clock::rfc3339, fields::Fields, rights::Role};
use utoipa::ToSchema;

use crate::{
    admin::{
        Call, GiverView, columns,
        listing::{self, query},
    },
    http::{Answer, ids::DriverId, no_content, private_json},
};

/// Someone who has a role.
#[derive(Serialize, ToSchema)]
pub struct RoleView {
    /// Telegram id.
    driver_id: i64,
    /// Empty if they never opened the app.
    name: String,
    role: Role,
    given_by: Option<GiverView>,
    given_at: Option<String>,
    /// Whether the configuration names them as an owner. Only a deployment changes that.
    configured: bool,
}

/// Everyone who has a role.
#[derive(Serialize, ToSchema)]
pub struct RoleList {
    items: Vec<RoleView>,
    /// Always null: the list is short.
    cursor: Option<String>,
}

/// One person and their role.
#[derive(Serialize, ToSchema)]
pub struct OneRole {
    item: RoleView,
}

body! {
    /// A role to give.
    pub struct RoleBody {
        role: Role = Fields::one_of(&Role::ALL.map(|role| (role.as_str(), role))),
    }
}

impl RoleView {
    fn new(admin: Admin) -> Self {
        let (given_by, given_at_ms) = admin.given.unzip();
        Self {
            driver_id: admin.id,
            name: admin.name,
            role: admin.role,
            configured: given_by.is_none(),
            given_by: given_by.map(GiverView::new),
            given_at: given_at_ms.map(rfc3339),
        }
    }
}

/// Lists everyone who has a role.
#[utoipa::path(
    get, path = "/api/admin/roles", tag = "admin", security(("session" = [])),
    params(("format" = Option<String>, Query), ("sep" = Option<String>, Query), ("lang" = Option<String>, Query)),
    responses((status = 200, body = RoleList))
)]
pub async fn list(call: Call<'_>) -> Answer {
    let ((), paging) = query(call.incoming, &[], &[], |_| ())?;
    let rows: Vec<_> = call.app.admins().await?.into_iter().map(RoleView::new).collect();
    listing::answer(&call, &paging, (rows, &[]), None, columns::ROLES, json!({})).await
}

/// Gives a role to someone who has opened the app, replacing any role they have.
///
/// It takes effect with their next request.
#[utoipa::path(
    put, path = "/api/admin/roles/{driver_id}", tag = "admin", security(("session" = [])), request_body = RoleBody,
    params(("driver_id" = i64, Path)),
    responses(
        (status = 200, body = OneRole),
        (status = 404, description = "No one with this id has opened the app"),
        (status = 409, description = "own_role, configured_role"),
    )
)]
pub async fn give(call: Call<'_>, driver_id: DriverId) -> Answer {
    let RoleBody { role } = call.incoming.body(RoleBody::parse)?;
    let admin = call.app.give_role(&call.admin, driver_id.0, role, &call.incoming.context).await?;
    private_json(&OneRole { item: RoleView::new(admin) })
}

/// Removes someone's role. It takes effect with their next request.
#[utoipa::path(
    delete, path = "/api/admin/roles/{driver_id}", tag = "admin", security(("session" = [])),
    params(("driver_id" = i64, Path)),
    responses(
        (status = 204),
        (status = 404),
        (status = 409, description = "own_role, configured_role"),
    )
)]
pub async fn take(call: Call<'_>, driver_id: DriverId) -> Answer {
    call.app.take_role(&call.admin, driver_id.0, &call.incoming.context).await?;
    Ok(no_content())
}
