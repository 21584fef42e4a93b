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

/// A flag.
#[derive(Serialize, ToSchema)]
pub struct FlagView {
    /// `paid.…`: a subscription is needed for it. `app.…`: it is there at all.
    flag: &'static str,
    /// `on`, `off`, or `drivers`: on for those alone.
    rule: &'static str,
    /// For whom, with the rule `drivers`.
    drivers: Vec<i64>,
    /// The rule while nobody has set another.
    default: &'static str,
}

/// All flags.
#[derive(Serialize, ToSchema)]
pub struct FlagList {
    items: Vec<FlagView>,
    /// Counts changes of settings and flags.
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

/// The flags.
#[utoipa::path(
    get, path = "/api/admin/flags", tag = "admin", security(("session" = [])),
    responses((status = 200, body = FlagList))
)]
pub async fn list(call: Call<'_>) -> Answer {
    all(call.app.modules, &call.app.store.settings().await?)
}

/// Says for whom a flag is on; it holds with the next request.
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
