//! Feature flags.
use serde::Serialize;
use shared::{
    billing::settings::Settings,
    error::Error,
    flags::{Flag, FlagBody, FlagRule},
    modules::Modules,
};
use utoipa::ToSchema;

use crate::{
    admin::Call,
    http::{Answer, ids::FlagName, private_json},
};

/// A feature flag.
#[derive(Serialize, ToSchema)]
pub struct FlagView {
    /// Name. `paid.…`: the feature needs a subscription. `app.…`: the feature is available at all.
    flag: &'static str,
    /// `on`, `off`, or `drivers` if it is on only for the listed drivers.
    rule: &'static str,
    /// Telegram ids of the drivers, with the rule `drivers`; else empty.
    drivers: Vec<i64>,
    /// The rule until an admin sets one.
    default: &'static str,
}

/// All flags.
#[derive(Serialize, ToSchema)]
pub struct FlagList {
    items: Vec<FlagView>,
    /// Version of the settings and flags; each change increments it.
    version: i64,
}

fn all(modules: Modules, settings: &Settings) -> Answer {
    let view = |flag: Flag| {
        let rule = settings.flags.rule(flag);
        let default = if flag.is_on_at_first() { "on" } else { "off" };
        FlagView { flag: flag.as_str(), rule: rule.as_str(), drivers: rule.drivers(), default }
    };
    private_json(&FlagList { items: modules.flags().map(view).collect(), version: settings.version })
}

/// Lists the flags.
#[utoipa::path(
    get, path = "/api/admin/flags", tag = "admin", security(("session" = [])),
    responses((status = 200, body = FlagList))
)]
pub async fn list(call: Call<'_>) -> Answer {
    all(call.app.modules, &call.app.store.settings().await?)
}

/// Sets for whom a flag is on, from the next request.
#[utoipa::path(
    put, path = "/api/admin/flags/{flag}", tag = "admin", security(("session" = [])), request_body = FlagBody,
    params(("flag" = String, Path)),
    responses(
        (status = 200, body = FlagList),
        (status = 404),
        (status = 409, description = "settings_changed"),
    )
)]
pub async fn change(call: Call<'_>, flag: FlagName) -> Answer {
    let flag = call.app.modules.flag(flag.as_str()).ok_or(Error::NotFound)?;
    let rule = call.incoming.body(FlagRule::parse)?;
    all(call.app.modules, &call.app.change_flag(&call.admin, flag, rule, &call.incoming.context).await?)
}
