//! Promo codes.
use lambda_http::http::StatusCode;
use serde::Serialize;
use shared::{
    billing::promo_code::{Action, PromoCode},
    error::Error,
};
use utoipa::ToSchema;

use super::{Answer, Call};
use crate::http::{Problem, private_json};

/// A promo code to be made.
#[derive(ToSchema)]
#[allow(dead_code)] // documents the body, which is read field by field so that each fault is named
pub struct PromoCodeBody {
    /// 3 to 32 Latin letters and digits; null has one made that is hard to guess and easy to read out.
    code: Option<String>,
    action: Action,
    /// 1 to 3650.
    days: i64,
    /// How often it can be redeemed in all.
    max_uses: i64,
    valid_from: Option<String>,
    valid_until: Option<String>,
    /// True if it is absent.
    enabled: Option<bool>,
}

/// A promo code.
#[derive(Serialize, ToSchema)]
pub struct PromoCodeView {
    code: String,
    action: Action,
    days: i64,
    max_uses: i64,
    uses: i64,
    valid_from: Option<String>,
    valid_until: Option<String>,
    enabled: bool,
}

/// One promo code.
#[derive(Serialize, ToSchema)]
pub struct OnePromoCode {
    promo_code: PromoCodeView,
}

impl PromoCodeView {
    fn new(code: PromoCode) -> Self {
        Self {
            valid_from: PromoCode::instant(code.valid_from_ms),
            valid_until: PromoCode::instant(code.valid_until_ms),
            code: code.code,
            action: code.action,
            days: code.days,
            max_uses: code.max_uses,
            uses: code.uses,
            enabled: code.enabled,
        }
    }
}

/// Makes a promo code.
#[utoipa::path(
    post, path = "/api/admin/promo-codes", tag = "admin", security(("session" = [])), request_body = PromoCodeBody,
    responses(
        (status = 201, body = OnePromoCode),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "admin_only", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "promo_code_exists", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "validation_failed", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn create(call: Call<'_>) -> Answer {
    let body = call.incoming.json()?;
    let now_ms = call.app.clock.now_ms();
    let code = PromoCode::parse(&body, call.admin.admin_id(), now_ms).map_err(Error::Validation)?;
    let code = call.app.create_promo_code(&call.admin, code, &call.incoming.context).await?;
    let mut answer = private_json(&OnePromoCode { promo_code: PromoCodeView::new(code) })?;
    *answer.status_mut() = StatusCode::CREATED;
    Ok(answer)
}
