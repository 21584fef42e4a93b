//! Export of everything stored about a driver.
use lambda_http::http::{HeaderValue, header};

use crate::{
    admin::Call,
    http::{Answer, ids::DriverId, private_json},
};

/// Exports everything stored about a driver, to hand to the driver on request.
#[utoipa::path(
    get, path = "/api/admin/drivers/{id}/export", tag = "admin", security(("session" = [])), params(("id" = i64, Path)),
    responses(
        (status = 200, description = "The stored rows: own, payments, audit", body = Object),
        (status = 404),
    )
)]
pub async fn driver(call: Call<'_>, id: DriverId) -> Answer {
    let DriverId(id) = id;
    let everything = call.app.export_driver(&call.admin, id, &call.incoming.context).await?;
    let mut answer = private_json(&everything)?;
    let name = format!("attachment; filename=\"driver-{id}.json\"");
    if let Ok(name) = HeaderValue::from_str(&name) {
        answer.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(answer)
}
