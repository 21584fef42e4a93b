//! What the API answers with: an object, or an error in YooKassa's shape.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use uuid::Uuid;

/// An answer as it is sent. That of a request with an idempotence key is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The body.
    pub body: Value,
}

impl From<Value> for Answer {
    fn from(body: Value) -> Self {
        Answer { status: StatusCode::OK, body }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        (self.status, Json(self.body)).into_response()
    }
}

/// Why a request is refused.
#[derive(Debug)]
pub struct ApiError {
    status: StatusCode,
    code: &'static str,
    description: String,
    parameter: Option<String>,
    retry_after: Option<u64>,
}

impl ApiError {
    fn new(status: StatusCode, code: &'static str, description: &str) -> ApiError {
        ApiError { status, code, description: description.to_owned(), parameter: None, retry_after: None }
    }

    fn about(mut self, parameter: &str) -> ApiError {
        self.parameter = Some(parameter.to_owned());
        self
    }

    /// The same with the milliseconds that the caller should wait.
    pub fn retry_after(mut self, milliseconds: Option<u64>) -> ApiError {
        self.retry_after = milliseconds;
        self
    }

    /// 400: something is wrong with a parameter.
    pub fn invalid(parameter: &str, description: &str) -> ApiError {
        ApiError::new(StatusCode::BAD_REQUEST, "invalid_request", description).about(parameter)
    }

    /// 400: the body is not JSON.
    pub fn unreadable() -> ApiError {
        ApiError::new(StatusCode::BAD_REQUEST, "invalid_request", "Request body is not a JSON object")
    }

    /// 401.
    pub fn credentials() -> ApiError {
        let description = "Error in shopId or secret key. Check their validity.";
        ApiError::new(StatusCode::UNAUTHORIZED, "invalid_credentials", description).about("Authorization")
    }

    /// 403.
    pub fn forbidden(description: &str) -> ApiError {
        ApiError::new(StatusCode::FORBIDDEN, "forbidden", description)
    }

    /// 404: the shop has no such object.
    pub fn not_found(parameter: &str) -> ApiError {
        let description = "Object doesn't exist or access denied. Specify the ID created in your store.";
        ApiError::new(StatusCode::NOT_FOUND, "not_found", description).about(parameter)
    }

    /// 404: the API has no such path.
    pub fn no_such_path() -> ApiError {
        ApiError::new(StatusCode::NOT_FOUND, "not_found", "No such method")
    }

    /// 429.
    pub fn too_many() -> ApiError {
        ApiError::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", "Too many requests")
    }

    /// 500: nobody knows what became of the request.
    pub fn internal() -> ApiError {
        ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_server_error", "Internal server error")
    }

    /// The answer that says so.
    pub fn answer(&self) -> Answer {
        let mut body = json!({
            "type": "error",
            "id": Uuid::new_v4().to_string(),
            "code": self.code,
            "description": self.description,
        });
        if let Some(parameter) = &self.parameter {
            body["parameter"] = json!(parameter);
        }
        if let Some(retry_after) = self.retry_after {
            body["retry_after"] = json!(retry_after);
        }
        Answer { status: self.status, body }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        self.answer().into_response()
    }
}

/// The old 202, "accepted, but not carried out yet": the caller repeats the request with the same key.
pub fn processing(retry_after: Option<u64>) -> Answer {
    let description = "Request accepted, but not processed yet. Retry the request with the same Idempotence-Key";
    let body = json!({"type": "processing", "description": description, "retry_after": retry_after.unwrap_or(1_800)});
    Answer { status: StatusCode::ACCEPTED, body }
}
