//! A driver's payments and promo codes.
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use lambda_http::{Body, Request, Response, http::StatusCode};
use serde::Serialize;
use shared::{
    app::App,
    auth::secret::{EDGE, SESSION},
    billing::yookassa,
    billing::{
        order::OrderBody,
        payment::{Payment, Status},
    },
    body,
    body::Body as _,
    cargo::Money,
    clock::rfc3339,
    email::email,
    error::Error,
    fields::Fields,
};
use utoipa::ToSchema;

use crate::{
    BoxFuture, Function, Trigger,
    http::{Answer, Incoming, ids::PaymentId, private_json, private_json_of, serve},
    me::SubscriptionView,
};

/// The function.
pub const FUNCTION: Function = Function {
    name: "payments",
    secrets: &[SESSION, yookassa::SECRET, EDGE],
    trigger: Trigger::Http(|app, request| handle(app, request)),
};

body! {
    /// An order of a plan.
    pub struct PaymentBody {
        /// Id of the plan.
        plan: String = plan(),
        /// E-mail for the receipt; required if receipts are issued.
        email: Option<String> = Fields::checked_text(email),
        /// Where to return after paying: `telegram` (the default) for the Mini App, `browser` for the web page.
        #[schema(value_type = Option<String>)]
        return_to: Option<ReturnTo> = return_to(),
        ..
    }
}

/// Where the driver returns after paying.
#[derive(Clone, Copy)]
enum ReturnTo {
    Telegram,
    Browser,
}

fn plan(fields: &mut Fields<'_>, name: &str) -> String {
    let plan = fields.required_raw_text(name, "Send the id of a plan; GET /api/plans lists them.");
    plan.trim().to_owned()
}

fn return_to(fields: &mut Fields<'_>, name: &str) -> Option<ReturnTo> {
    match fields.raw_text(name)?.trim() {
        "" => None,
        "telegram" => Some(ReturnTo::Telegram),
        "browser" => Some(ReturnTo::Browser),
        _ => {
            fields.fail(name, "malformed", "Must be telegram or browser.");
            None
        }
    }
}

/// A payment as its driver sees it.
#[derive(Serialize, ToSchema)]
pub struct PaymentView {
    id: String,
    /// Id of the plan.
    plan: String,
    /// Name of the plan when it was ordered.
    plan_name: String,
    /// Amount, rubles.
    #[schema(value_type = f64)]
    amount_rub: Option<Money>,
    /// `created` (not yet confirmed by YooKassa), `pending`, `waiting_for_capture`, `succeeded`, `canceled`, `refused`
    /// or `lost`.
    status: &'static str,
    /// URL of the payment page, while the payment is pending.
    confirmation_url: Option<String>,
    /// YooKassa's code for the cancellation reason; null unless canceled.
    reason: Option<String>,
    /// Status of the receipt: `pending`, `succeeded` or `canceled`.
    receipt: Option<String>,
    /// Amount refunded, rubles.
    #[schema(value_type = f64)]
    refunded_rub: Option<Money>,
    created_at: String,
    updated_at: String,
}

/// One payment.
#[derive(Serialize, ToSchema)]
pub struct OnePayment {
    payment: PaymentView,
}

/// A page of payments, newest first.
#[derive(Serialize, ToSchema)]
pub struct PaymentList {
    items: Vec<PaymentView>,
    /// Cursor of the next page; null on the last page.
    cursor: Option<String>,
}

impl PaymentView {
    fn new(payment: Payment) -> Self {
        Self {
            amount_rub: Money::from_kopecks(payment.purpose.price_kopecks()),
            refunded_rub: Money::from_kopecks(payment.refunded_kopecks()),
            id: payment.id,
            plan: payment.purpose.id().to_owned(),
            plan_name: payment.purpose.name().to_owned(),
            status: payment.status.as_str(),
            confirmation_url: payment.confirmation_url,
            reason: payment.reason.filter(|_| payment.status == Status::Canceled),
            receipt: payment.receipt,
            created_at: rfc3339(payment.created_at_ms),
            updated_at: rfc3339(payment.updated_at_ms),
        }
    }
}

/// Serves `/api/payments`.
pub fn handle(app: &App, request: Request) -> BoxFuture<'_, Response<Body>> {
    Box::pin(serve(app, request, async |app, incoming| match incoming.route() {
        "POST /api/payments" => order(app, incoming).await,
        "GET /api/payments" => list(app, incoming).await,
        "GET /api/payments/{id}" => show(app, incoming).await,
        "POST /api/promo-codes/redeem" => redeem(app, incoming).await,
        _ => Err(Error::NotFound),
    }))
}

/// Orders a plan.
///
/// A retry with the same `Idempotency-Key` returns the same payment. So does another order of the same plan while the
/// first can still be paid.
#[utoipa::path(
    post, path = "/api/payments", tag = "payments", security(("session" = [])), request_body = PaymentBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Identifies the order; send the same key with a retry. 1 to 64 visible ASCII characters")),
    responses(
        (status = 201, description = "The payment can be paid at confirmation_url", body = OnePayment),
        (status = 202, description = "YooKassa has not confirmed the payment yet; poll it", body = OnePayment),
        (status = 403, description = "driver_blocked"),
        (status = 502, description = "payment_refused"),
        (status = 503, description = "payments_off, store_unavailable"),
    )
)]
pub async fn order(app: &App, incoming: &Incoming) -> Answer {
    let session = incoming.session(app).await?;
    let json = incoming.json()?;
    let (body, mut fields) = PaymentBody::begin(&json);
    let key = incoming.idempotency_key();
    if let Err(Error::Validation(faults)) = &key {
        fields.take_over(faults.clone());
    }
    let body = fields.done(body).map_err(Error::Validation)?;
    let return_url = match body.return_to {
        None | Some(ReturnTo::Telegram) => app.config.telegram_app_url.clone(),
        Some(ReturnTo::Browser) => format!("{}/app/", app.config.webapp_origin),
    };
    let order = OrderBody {
        plan: body.plan,
        email: body.email,
        return_url,
        client_ip: incoming.viewer_address(),
        key: key?.map(str::to_owned),
    };
    let payment = app.billing().order(session.driver_id(), order, &incoming.context).await?;
    let status = if payment.status == Status::Created { StatusCode::ACCEPTED } else { StatusCode::CREATED };
    private_json_of(status, &OnePayment { payment: PaymentView::new(payment) })
}

/// Returns a payment.
///
/// While it is open, its status is refreshed from YooKassa at most every three seconds.
#[utoipa::path(
    get, path = "/api/payments/{id}", tag = "payments", security(("session" = [])),
    params(("id" = String, Path, description = "The payment's id")),
    responses(
        (status = 200, body = OnePayment),
        (status = 404, description = "not_found"),
    )
)]
pub async fn show(app: &App, incoming: &Incoming) -> Answer {
    let session = incoming.any_session(app).await?;
    let id: PaymentId = incoming.id("id")?;
    let payment = app.billing().payment_as_of_now(session.driver_id(), id.as_str(), &incoming.context).await?;
    private_json(&OnePayment { payment: PaymentView::new(payment) })
}

/// Lists the driver's payments, newest first.
#[utoipa::path(
    get, path = "/api/payments", tag = "payments", security(("session" = [])),
    params(("cursor" = Option<String>, Query, description = "Cursor of the previous page")),
    responses(
        (status = 200, body = PaymentList),
        (status = 422),
    )
)]
pub async fn list(app: &App, incoming: &Incoming) -> Answer {
    let session = incoming.any_session(app).await?;
    let from = incoming.cursor(read_cursor)?;
    let from = from.as_ref().map(|(at_ms, id)| (*at_ms, id.as_str()));
    let (payments, more) = app.billing().payments(session.driver_id(), from).await?;
    let last = payments.last().filter(|_| more);
    let cursor = last.map(|last| URL_SAFE_NO_PAD.encode(format!("{}.{}", last.created_at_ms, last.id)));
    private_json(&PaymentList { items: payments.into_iter().map(PaymentView::new).collect(), cursor })
}

body! {
    /// A promo code to redeem.
    pub struct RedeemBody {
        /// The code. Case, spaces and dashes are ignored.
        code: String = Fields::required_raw_text("Send the code."),
        ..
    }
}

/// The result of redeeming a promo code.
#[derive(Serialize, ToSchema)]
pub struct RedeemedView {
    subscription: SubscriptionView,
    /// Days added to the subscription.
    days_added: i64,
}

/// Redeems a promo code, once per driver.
///
/// After five failures in an hour, further attempts are refused for a while.
#[utoipa::path(
    post, path = "/api/promo-codes/redeem", tag = "payments", security(("session" = [])), request_body = RedeemBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Identifies the redemption; a retry with the same key gets the same answer. 1 to 64 visible ASCII characters")),
    responses(
        (status = 200, body = RedeemedView),
        (status = 403, description = "driver_blocked, feature_off"),
        (status = 409, description = "promo_code_unknown, promo_code_too_early, promo_code_over, promo_code_used_up, promo_code_repeated, promo_code_not_for_subscribers, promo_code_own"),
    )
)]
pub async fn redeem(app: &App, incoming: &Incoming) -> Answer {
    let session = incoming.session(app).await?;
    let RedeemBody { code } = incoming.body(RedeemBody::parse)?;
    let key = incoming.idempotency_key()?;
    let (access, days_added) = app.billing().redeem(session.driver_id(), &code, key, &incoming.context).await?;
    let subscription = SubscriptionView::new(&access.subscription, app.clock.now_ms());
    private_json(&RedeemedView { subscription, days_added })
}

fn read_cursor(text: &str) -> Option<(i64, String)> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (at, id) = std::str::from_utf8(&bytes).ok()?.split_once('.')?;
    Some((at.parse().ok().filter(|at: &i64| *at >= 0)?, uuid::Uuid::parse_str(id).ok()?.to_string()))
}
