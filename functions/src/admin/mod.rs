//! Shared by the functions of the admin API. Each has a table of its routes and the permission each requires, which is
//! checked before the handler runs.
use lambda_http::{Body, Request, Response};
use serde::Serialize;
use shared::{admin::module, app::App, audit::Actor, auth::admin::AdminSession, error::Error, rights::Permission};
use utoipa::ToSchema;

use crate::{
    BoxFuture, admin_money, admin_people, admin_settings,
    http::{Answer, Incoming, serve_admins},
};

pub mod columns;
mod csv;
pub mod listing;

/// Prefix of all paths.
const PATHS: &str = "/api/admin/";

/// An authorized request of an admin.
pub struct Call<'a> {
    /// The product.
    pub app: &'a App,
    /// The admin.
    pub admin: AdminSession,
    /// The request.
    pub incoming: &'a Incoming,
}

/// A route of the admin API.
pub struct Route {
    /// The key as in template.yaml, such as `GET /api/admin/drivers/{id}`.
    pub key: &'static str,
    /// The permission it requires.
    pub permission: Permission,
    /// The handler.
    pub handler: for<'a> fn(Call<'a>) -> BoxFuture<'a, Answer>,
}

/// A route whose handler takes the call and the ids in the path, by name and each parsed to its type.
macro_rules! route {
    ($key:literal, $module:ident :: $permission:ident, $($handler:ident)::+ $(($($id:ident),+))?) => {
        $crate::admin::Route {
            key: $key,
            permission: shared::$module::module::$permission,
            handler: |call| {
                Box::pin(async move {
                    $($(let $id = call.incoming.id(stringify!($id))?;)+)?
                    $($handler)::+ (call $($(, $id)+)?).await
                })
            },
        }
    };
}
pub(crate) use route;

impl Route {
    /// Its method.
    pub fn method(&self) -> &'static str {
        self.key.split_once(' ').map_or("", |(method, _)| method)
    }

    /// Its path below `/api/admin/`; a segment in braces matches any segment.
    pub fn path(&self) -> &'static str {
        self.key.split_once(PATHS).map_or("", |(_, path)| path)
    }
}

/// All routes of the admin API.
pub fn routes() -> impl Iterator<Item = &'static Route> {
    [admin_people::ROUTES, admin_money::ROUTES, admin_settings::ROUTES].into_iter().flatten()
}

/// Serves a function's routes.
pub fn serve<'a>(app: &'a App, request: Request, routes: &'static [Route]) -> BoxFuture<'a, Response<Body>> {
    Box::pin(serve_admins(app, request, async move |app, incoming| answer(app, incoming, routes).await))
}

async fn answer(app: &App, incoming: &Incoming, routes: &'static [Route]) -> Answer {
    let route = routes.iter().find(|route| route.key == incoming.route()).ok_or(Error::NotFound)?;
    let admin = app.check_admin(incoming.bearer(), route.permission, &incoming.context).await?;
    if incoming.query().iter().any(|(name, value)| name == "format" && value == "csv") {
        app.require(&admin, module::EXPORT, &incoming.context).await?;
    }
    (route.handler)(Call { app, admin, incoming }).await
}

impl Call<'_> {
    /// The path below `/api/admin/`.
    pub fn path(&self) -> &str {
        self.incoming.path().strip_prefix(PATHS).unwrap_or_default()
    }
}

/// The admin who acted, with their name at the time.
#[derive(Serialize, ToSchema)]
pub struct GiverView {
    id: i64,
    name: String,
}

impl GiverView {
    /// The admin as in the audit log.
    pub fn new(actor: Actor) -> Self {
        Self { id: actor.id, name: actor.name }
    }
}
