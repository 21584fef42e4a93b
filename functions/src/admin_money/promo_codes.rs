//! Promo codes.
use lambda_http::http::StatusCode;
use serde::Serialize;
use serde_json::json;
use shared::{
    billing::promo_code::{Action, PromoChange, PromoChangeBody, PromoCode, PromoCodeBody},
    clock::rfc3339,
};
use utoipa::ToSchema;

use crate::{
    admin::{
        Call, columns,
        listing::{self, query},
    },
    http::{Answer, ids::Code, private_json, private_json_of},
};

/// The creator of a code.
const CREATOR: &[listing::Named] = &[("/created_by", "/created_by_name")];

/// A promo code.
#[derive(Serialize, ToSchema)]
pub struct PromoCodeView {
    code: String,
    action: Action,
    /// Days that it gives.
    days: i64,
    /// Maximum number of redemptions.
    max_uses: i64,
    /// Number of redemptions so far.
    uses: i64,
    /// Start of validity, RFC 3339 in UTC; null for none.
    valid_from: Option<String>,
    /// End of validity, RFC 3339 in UTC; null for no end.
    valid_until: Option<String>,
    enabled: bool,
    /// Whether it can be redeemed now: `works`, `off`, `early`, `ended` or `used_up`.
    state: &'static str,
    /// Telegram id of the admin.
    created_by: i64,
    /// The admin's name; null outside lists, if unknown, or if the caller may not see drivers.
    created_by_name: Option<String>,
    created_at: String,
}

/// A page of promo codes, newest first.
#[derive(Serialize, ToSchema)]
pub struct PromoCodes {
    items: Vec<PromoCodeView>,
    /// Cursor of the next page; null on the last page.
    cursor: Option<String>,
}

/// A redemption of a promo code.
#[derive(Serialize, ToSchema)]
pub struct PromoUseView {
    /// Telegram id.
    driver_id: i64,
    /// First and last name; null if unknown or if the caller may not see drivers.
    driver_name: Option<String>,
    /// When it was redeemed, RFC 3339 in UTC.
    at: String,
}

/// Redemptions of a promo code, newest first.
#[derive(Serialize, ToSchema)]
pub struct PromoUses {
    items: Vec<PromoUseView>,
    /// Cursor of the next page; null on the last page.
    cursor: Option<String>,
}

/// One promo code.
#[derive(Serialize, ToSchema)]
pub struct OnePromoCode {
    promo_code: PromoCodeView,
}

impl PromoCodeView {
    fn new(code: PromoCode, now_ms: i64) -> Self {
        Self {
            state: code.state(now_ms),
            valid_from: PromoCode::instant(code.valid_from_ms),
            valid_until: PromoCode::instant(code.valid_until_ms),
            code: code.code,
            action: code.action,
            days: code.days,
            max_uses: code.max_uses,
            uses: code.uses,
            enabled: code.enabled,
            created_by: code.created_by,
            created_by_name: None,
            created_at: rfc3339(code.created_at_ms),
        }
    }
}

/// Creates a promo code.
///
/// A retry with the same `Idempotency-Key` returns the same code.
#[utoipa::path(
    post, path = "/api/admin/promo-codes", tag = "admin", security(("session" = [])), request_body = PromoCodeBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Identifies the new code; send the same key with a retry. 1 to 64 visible ASCII characters, such as a UUID")),
    responses(
        (status = 201, body = OnePromoCode),
        (status = 403, description = "admin_only, sign_in_too_old"),
        (status = 409, description = "promo_code_exists"),
    )
)]
pub async fn create(call: Call<'_>) -> Answer {
    let now_ms = call.app.clock.now_ms();
    let key = call.incoming.idempotency_key()?;
    let code = call.incoming.body(|body| PromoCode::parse(body, key, call.admin.admin_id(), now_ms))?;
    let code = call.app.billing().create_promo_code(&call.admin, code, &call.incoming.context).await?;
    private_json_of(StatusCode::CREATED, &OnePromoCode { promo_code: PromoCodeView::new(code, now_ms) })
}

/// Lists promo codes, newest first.
#[utoipa::path(
    get, path = "/api/admin/promo-codes", tag = "admin", security(("session" = [])),
    params(("cursor" = Option<String>, Query), ("limit" = Option<i64>, Query), ("format" = Option<String>, Query), ("sep" = Option<String>, Query), ("lang" = Option<String>, Query)),
    responses(
        (status = 200, body = PromoCodes),
        (status = 422),
    )
)]
pub async fn list(call: Call<'_>) -> Answer {
    let ((), paging) = query(call.incoming, &[], &[], |_| ())?;
    let (codes, cursor) = call.app.billing().promo_codes(paging.cursor.as_deref(), paging.limit).await?;
    let now_ms = call.app.clock.now_ms();
    let rows: Vec<_> = codes.into_iter().map(|code| PromoCodeView::new(code, now_ms)).collect();
    listing::answer(&call, &paging, (rows, CREATOR), cursor, columns::PROMO_CODES, json!({})).await
}

/// Returns a promo code.
#[utoipa::path(
    get, path = "/api/admin/promo-codes/{code}", tag = "admin", security(("session" = [])), params(("code" = String, Path)),
    responses(
        (status = 200, body = OnePromoCode),
        (status = 404),
    )
)]
pub async fn show(call: Call<'_>, code: Code) -> Answer {
    let code = call.app.billing().promo_code(code.as_str()).await?;
    private_json(&OnePromoCode { promo_code: PromoCodeView::new(code, call.app.clock.now_ms()) })
}

/// Changes a promo code: whether it is enabled, its end and its maximum number of redemptions.
#[utoipa::path(
    put, path = "/api/admin/promo-codes/{code}", tag = "admin", security(("session" = [])),
    params(("code" = String, Path)), request_body = PromoChangeBody,
    responses(
        (status = 200, body = OnePromoCode),
        (status = 403, description = "admin_only, sign_in_too_old"),
        (status = 404),
    )
)]
pub async fn switch(call: Call<'_>, code: Code) -> Answer {
    let now_ms = call.app.clock.now_ms();
    let change = call.incoming.body(|body| PromoChange::parse(body, now_ms))?;
    let code =
        call.app.billing().change_promo_code(&call.admin, code.as_str(), &change, &call.incoming.context).await?;
    private_json(&OnePromoCode { promo_code: PromoCodeView::new(code, now_ms) })
}

/// Lists who redeemed a promo code, and when.
#[utoipa::path(
    get, path = "/api/admin/promo-codes/{code}/uses", tag = "admin", security(("session" = [])),
    params(("code" = String, Path), ("cursor" = Option<String>, Query), ("limit" = Option<i64>, Query), ("format" = Option<String>, Query), ("sep" = Option<String>, Query), ("lang" = Option<String>, Query)),
    responses(
        (status = 200, body = PromoUses),
        (status = 404),
        (status = 422),
    )
)]
pub async fn uses(call: Call<'_>, code: Code) -> Answer {
    let ((), paging) = query(call.incoming, &[], &[], |_| ())?;
    let (uses, cursor) = call.app.billing().promo_uses(code.as_str(), paging.cursor.as_deref(), paging.limit).await?;
    let rows: Vec<_> = uses
        .into_iter()
        .map(|(driver_id, at_ms)| PromoUseView { driver_id, driver_name: None, at: rfc3339(at_ms) })
        .collect();
    listing::answer(&call, &paging, (rows, listing::DRIVER), cursor, columns::PROMO_USES, json!({})).await
}
