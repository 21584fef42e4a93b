//! A driver's responses, for admins.
use serde::Serialize;
use shared::{
    cargo::{CargoId, Money},
    clock::rfc3339,
    response::{Response, Status},
};
use utoipa::ToSchema;

use super::drivers::{ReasonBody, reason};
use crate::{
    admin::Call,
    http::{Answer, ids::DriverId, private_json},
    responses::{cursor, read_cursor},
};

/// A response in a driver's list for admins.
#[derive(Serialize, ToSchema)]
pub struct DriverResponse {
    id: String,
    cargo_id: String,
    /// Such as `Москва → Казань`.
    route: String,
    status: Status,
    created_at: String,
    updated_at: String,
    /// Price agreed by accepting the response, rubles: the driver's own, else the cargo's; null means "on request".
    #[schema(value_type = Option<f64>)]
    price_rub: Option<Money>,
    /// The driver's own price, rubles; null if none was offered.
    #[schema(value_type = Option<f64>)]
    own_price_rub: Option<Money>,
    /// The cargo's price, rubles; null means "on request".
    #[schema(value_type = Option<f64>)]
    cargo_price_rub: Option<Money>,
    /// Why it was rejected or its acceptance undone; null without a reason.
    reason: Option<String>,
    /// Whether the response was accepted and the acceptance then undone.
    undone: bool,
}

/// One response.
#[derive(Serialize, ToSchema)]
pub struct OneDriverResponse {
    response: DriverResponse,
}

/// A page of a driver's responses, newest first.
#[derive(Serialize, ToSchema)]
pub struct DriverResponses {
    items: Vec<DriverResponse>,
    /// Cursor of the next page; null on the last page.
    cursor: Option<String>,
}

impl DriverResponse {
    fn new(response: &Response) -> Self {
        Self {
            id: response.id.clone(),
            cargo_id: response.cargo.id.clone(),
            route: response.cargo.route.clone(),
            status: response.status,
            created_at: rfc3339(response.created_at_ms),
            updated_at: rfc3339(response.updated_at_ms),
            price_rub: response.agreed_price(),
            own_price_rub: response.own_price(),
            cargo_price_rub: response.cargo_price(),
            reason: response.reason.clone(),
            undone: response.is_undone(),
        }
    }
}

/// Lists a driver's responses, newest first.
#[utoipa::path(
    get, path = "/api/admin/drivers/{id}/responses", tag = "admin", security(("session" = [])),
    params(("id" = i64, Path), ("cursor" = Option<String>, Query)),
    responses(
        (status = 200, body = DriverResponses),
        (status = 422),
    )
)]
pub async fn list(call: Call<'_>, id: DriverId) -> Answer {
    let from = call.incoming.cursor(read_cursor)?;
    let page = call.app.responses_of(id.0, from.as_ref()).await?;
    private_json(&DriverResponses {
        items: page.items.iter().map(DriverResponse::new).collect(),
        cursor: page.next.as_ref().map(cursor),
    })
}

/// Undoes the acceptance of a driver's response and tells the driver why.
///
/// A repeat has no further effect.
#[utoipa::path(
    post, path = "/api/admin/drivers/{id}/responses/{cargo}/undo", tag = "admin", security(("session" = [])),
    request_body = ReasonBody,
    params(("id" = i64, Path), ("cargo" = String, Path, description = "CargoTech's id of the cargo, 1 to 20 digits")),
    responses(
        (status = 200, body = OneDriverResponse),
        (status = 404),
        (status = 409, description = "response_not_accepted"),
    )
)]
pub async fn undo_acceptance(call: Call<'_>, id: DriverId, cargo: CargoId) -> Answer {
    let reason = reason(&call)?;
    let (admin, context) = (call.admin.actor(), &call.incoming.context);
    let response = Box::pin(call.app.undo_acceptance(admin, (id.0, cargo.as_str()), &reason, context)).await?;
    private_json(&OneDriverResponse { response: DriverResponse::new(&response) })
}
