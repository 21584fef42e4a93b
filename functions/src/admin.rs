//! What administrators do.
use lambda_http::{Body, Request, Response, http::StatusCode};
use serde::Serialize;
use shared::{
    app::App,
    billing::promo_code::{Action, PromoCode},
    error::Error,
    secrets::SecretName,
};
use utoipa::ToSchema;

use crate::{
    BoxFuture, Function, Trigger,
    http::{Incoming, Problem, private_json, serve},
};

/// The function.
pub const FUNCTION: Function = Function {
    name: "admin",
    secrets: &[SecretName::Session, SecretName::Edge],
    trigger: Trigger::Http(|app, request| handle(app, request)),
};

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

/// Serves `/api/admin`.
pub fn handle(app: &App, request: Request) -> BoxFuture<'_, Response<Body>> {
    Box::pin(serve(app, request, async |app, incoming| {
        let result = match incoming.route() {
            "POST /api/admin/promo-codes" => create_promo_code(app, &incoming).await,
            _ => Err(Error::NotFound),
        };
        (incoming, result)
    }))
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
pub async fn create_promo_code(app: &App, incoming: &Incoming) -> Result<Response<Body>, Error> {
    let admin = app.check_admin(incoming.bearer(), &incoming.context).await?;
    let body = incoming.json()?;
    let code = PromoCode::parse(&body, admin.admin_id(), app.clock.now_ms()).map_err(Error::Validation)?;
    let code = app.create_promo_code(code, &incoming.context).await?;
    let mut answer = private_json(&OnePromoCode { promo_code: PromoCodeView::new(code) })?;
    *answer.status_mut() = StatusCode::CREATED;
    Ok(answer)
}
