//! Settings, and the shop at YooKassa.
use serde::Serialize;
use shared::{
    admin::settings::{KnownShop, ShopBody},
    billing::settings::{Settings, SettingsBody, SettingsView},
    body::Body as _,
    clock::rfc3339,
};
use utoipa::ToSchema;

use crate::{
    admin::Call,
    http::{Answer, private_json},
};

/// Our shop at YooKassa. Its key is never shown.
#[derive(Serialize, ToSchema)]
pub struct ShopView {
    /// Id of the shop.
    shop_id: String,
    /// When the shop or its key last changed; null if unknown.
    changed_at: Option<String>,
}

/// The shop after a change.
#[derive(Serialize, ToSchema)]
pub struct OneShop {
    yookassa: ShopView,
}

/// All settings.
#[derive(Serialize, ToSchema)]
pub struct AllSettings {
    settings: SettingsView,
    /// Version of the settings and flags; each change increments it.
    version: i64,
    yookassa: ShopView,
}

impl ShopView {
    fn new(shop: KnownShop) -> Self {
        Self { shop_id: shop.shop_id, changed_at: shop.changed_at_ms.map(rfc3339) }
    }
}

async fn all(call: &Call<'_>, settings: Settings) -> Answer {
    private_json(&AllSettings {
        settings: settings.view(&call.app.config),
        version: settings.version,
        yookassa: ShopView::new(call.app.known_shop().await?),
    })
}

/// Returns the settings.
#[utoipa::path(
    get, path = "/api/admin/settings", tag = "admin", security(("session" = [])),
    responses((status = 200, body = AllSettings))
)]
pub async fn show(call: Call<'_>) -> Answer {
    let settings = call.app.store.settings().await?;
    all(&call, settings).await
}

/// Changes settings, from the next request.
#[utoipa::path(
    put, path = "/api/admin/settings", tag = "admin", security(("session" = [])), request_body = SettingsBody,
    responses(
        (status = 200, body = AllSettings),
        (status = 403, description = "admin_only, sign_in_too_old"),
        (status = 409, description = "settings_changed"),
    )
)]
pub async fn change(call: Call<'_>) -> Answer {
    let change = call.incoming.body(SettingsBody::parse)?;
    let settings = call.app.change_settings(&call.admin, &change, &call.incoming.context).await?;
    all(&call, settings).await
}

/// Changes the shop at YooKassa or its key, if YooKassa accepts them.
///
/// All functions use them within five minutes.
#[utoipa::path(
    put, path = "/api/admin/settings/yookassa", tag = "admin", security(("session" = [])), request_body = ShopBody,
    responses(
        (status = 200, body = OneShop),
        (status = 422, description = "validation_failed; refused on secret_key means that YooKassa rejected it"),
        (status = 503, description = "upstream_unavailable: YooKassa does not answer; nothing is saved"),
    )
)]
pub async fn change_shop(call: Call<'_>) -> Answer {
    let new = call.incoming.body(ShopBody::parse)?;
    let shop = call.app.change_shop(&call.admin, &new, &call.incoming.context).await?;
    private_json(&OneShop { yookassa: ShopView::new(shop) })
}
