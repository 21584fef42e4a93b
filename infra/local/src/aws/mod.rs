//! The AWS endpoint of the local product: DynamoDB and the few operations of Secrets Manager and SQS that it uses, spoken
//! to by the ordinary SDK clients.
pub mod dynamodb;
pub mod faults;
pub mod roles;
pub mod secrets;
pub mod sqs;

use axum::{
    body::Body,
    http::{HeaderValue, Request, Response, StatusCode, header},
};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited};
use serde_json::json;

use dynamodb::Store;
use roles::Roles;
use secrets::SecretsManager;
use sqs::Queues;

/// The region that everything pretends to be in.
pub const REGION: &str = "eu-central-1";
/// The access key of whoever is no function. The local endpoint checks no signature.
pub const ACCESS_KEY_ID: &str = "local";
/// Its secret.
pub const SECRET_ACCESS_KEY: &str = "local";

/// DynamoDB's limit of a request.
const MAX_BODY: usize = 16 * 1024 * 1024;

/// The services behind `/_aws`.
#[derive(Debug)]
pub struct Aws {
    /// DynamoDB.
    pub store: Store,
    /// Secrets Manager.
    pub secrets: SecretsManager,
    /// SQS.
    pub queues: Queues,
    /// What the functions may do with them.
    pub roles: Roles,
}

/// An awsJson answer.
#[derive(Debug, PartialEq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The JSON text.
    pub body: String,
}

impl Answer {
    /// A success.
    pub fn ok(body: String) -> Self {
        Self { status: 200, body }
    }

    /// An error of the service.
    pub fn error(status: u16, kind: &str, message: &str) -> Self {
        Self { status, body: json!({"__type": kind, "message": message}).to_string() }
    }
}

impl Aws {
    /// Answers a call; services are told apart by `X-Amz-Target`.
    pub async fn handle(&self, request: Request<Body>) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let body = match Limited::new(body, MAX_BODY).collect().await {
            Ok(body) => body.to_bytes(),
            Err(_) => {
                return http(Answer::error(413, "RequestEntityTooLargeException", "Request is too large"), "1.0");
            }
        };
        let caller = self.roles.caller(&parts.headers);
        let target = parts.headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
        match target.split_once('.') {
            Some(("DynamoDB_20120810", operation)) => http(self.store.call(caller, operation, &body).await, "1.0"),
            Some(("secretsmanager", operation)) => http(self.secrets.call(caller, operation, &body), "1.1"),
            Some(("AmazonSQS", operation)) => http(self.queues.call(caller, operation, &body), "1.0"),
            _ => http(unknown_operation(), "1.0"),
        }
    }
}

fn http(answer: Answer, version: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(Bytes::from(answer.body)));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    let kind = if version == "1.0" { "application/x-amz-json-1.0" } else { "application/x-amz-json-1.1" };
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(id) = HeaderValue::from_str(&uuid::Uuid::new_v4().to_string()) {
        headers.insert("x-amzn-requestid", id);
    }
    response
}

fn unknown_operation() -> Answer {
    Answer { status: 400, body: r#"{"__type":"com.amazon.coral.service#UnknownOperationException"}"#.to_owned() }
}
