//! Payments: the list, one payment, rechecks at YooKassa and refunds.
use lambda_http::http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};
use shared::{
    admin::payments::PaymentFilter,
    billing::{
        payment::{Payment, Status},
        refund::{AskedRefund, RefundBody, RefundOrder, RefundStatus},
    },
    cargo::Money,
    clock::rfc3339,
    error::Error,
};
use utoipa::ToSchema;

use super::overview::rubles;
use crate::{
    admin::{
        Call, columns,
        listing::{self, query},
    },
    http::{Answer, ids::PaymentId, private_json, private_json_of},
};

/// A payment in the list for admins.
#[derive(Serialize, ToSchema)]
pub struct PaymentRow {
    id: String,
    driver_id: i64,
    /// First and last name; null if unknown or if the caller may not see drivers.
    driver_name: Option<String>,
    /// Id of the plan.
    plan: String,
    /// Name of the plan when it was ordered.
    plan_name: String,
    /// Amount, rubles.
    #[schema(value_type = f64)]
    amount_rub: Option<Money>,
    /// Amount refunded, rubles.
    #[schema(value_type = f64)]
    refunded_rub: Option<Money>,
    /// Status, with the values of `PaymentView`.
    status: &'static str,
    /// Why it was canceled, refused or lost; null otherwise.
    reason: Option<String>,
    /// Id at YooKassa; null if there is none yet.
    yookassa_id: Option<String>,
    /// Status of the receipt: `pending`, `succeeded` or `canceled`; null without one.
    receipt: Option<String>,
    created_at: String,
    updated_at: String,
}

/// A page of payments, newest first: by payment date if `paid_from` or `paid_until` is given, else by order date.
#[derive(Serialize, ToSchema)]
pub struct PaymentRows {
    items: Vec<PaymentRow>,
    /// Cursor of the next page; null on the last page.
    cursor: Option<String>,
    /// Order time of the last payment searched, RFC 3339 in UTC. When few rows match, a page may end before `limit`.
    reached: Option<String>,
    /// Totals; null except on the first page of a search with `from` or `paid_from` whose only other filters are the
    /// last day, the plan and the status `succeeded`.
    totals: Option<PaymentTotalsView>,
}

/// Amounts paid and refunded in the requested days, regardless of when the payments were ordered.
#[derive(Serialize, ToSchema)]
pub struct PaymentTotalsView {
    /// Number of payments.
    count: i64,
    /// Amount paid, rubles.
    amount_rub: f64,
    /// Amount refunded, rubles.
    refunded_rub: f64,
}

/// A step of a payment.
#[derive(Serialize, ToSchema)]
pub struct PaymentStep {
    status: &'static str,
    at: String,
}

/// A completed refund.
#[derive(Serialize, ToSchema)]
pub struct DoneRefund {
    /// Id at YooKassa.
    id: String,
    /// Amount, rubles.
    #[schema(value_type = f64)]
    amount_rub: Option<Money>,
    /// Days of the subscription taken back with it.
    days: f64,
    at: String,
}

/// A refund requested by an admin.
#[derive(Serialize, ToSchema)]
pub struct AskedRefundView {
    id: String,
    /// Amount, rubles.
    #[schema(value_type = f64)]
    amount_rub: Option<Money>,
    reason: String,
    /// Telegram id of the admin who requested it.
    admin_id: i64,
    admin_name: Option<String>,
    /// `created` (not yet confirmed by YooKassa), `pending`, `succeeded`, `canceled`, `refused` or `lost`.
    status: &'static str,
    /// Id at YooKassa; null if there is none yet.
    yookassa_id: Option<String>,
    /// Why it was canceled or refused; null otherwise.
    cancellation: Option<String>,
    asked_at: String,
    updated_at: String,
}

/// All details of a payment.
#[derive(Serialize, ToSchema)]
pub struct PaymentDetail {
    #[serde(flatten)]
    row: PaymentRow,
    /// Amount that can still be refunded, rubles.
    #[schema(value_type = f64)]
    refundable_rub: Option<Money>,
    history: Vec<PaymentStep>,
    refunds: Vec<DoneRefund>,
    asked_refunds: Vec<AskedRefundView>,
    /// The request sent to YooKassa, without the driver's e-mail and IP address.
    #[schema(value_type = Object)]
    request: Value,
    /// YooKassa's last answer that changed something; null if none.
    #[schema(value_type = Option<Object>)]
    answer: Option<Value>,
}

/// One payment.
#[derive(Serialize, ToSchema)]
pub struct OnePaymentDetail {
    payment: PaymentDetail,
}

/// A payment and the requested refund.
#[derive(Serialize, ToSchema)]
pub struct RefundAnswer {
    refund: AskedRefundView,
    payment: PaymentDetail,
}

impl PaymentRow {
    fn new(payment: &Payment) -> Self {
        Self {
            id: payment.id.clone(),
            driver_id: payment.driver_id,
            driver_name: None,
            plan: payment.purpose.id().to_owned(),
            plan_name: payment.purpose.name().to_owned(),
            amount_rub: Money::from_kopecks(payment.purpose.price_kopecks()),
            refunded_rub: Money::from_kopecks(payment.refunded_kopecks()),
            status: payment.status.as_str(),
            reason: payment.reason.clone(),
            yookassa_id: payment.provider_id.clone(),
            receipt: payment.receipt.clone(),
            created_at: rfc3339(payment.created_at_ms),
            updated_at: rfc3339(payment.updated_at_ms),
        }
    }
}

impl AskedRefundView {
    fn new(asked: &AskedRefund) -> Self {
        Self {
            id: asked.id.clone(),
            amount_rub: Money::from_kopecks(asked.amount_kopecks),
            reason: asked.reason.clone(),
            admin_id: asked.admin_id,
            admin_name: None,
            status: asked.status.as_str(),
            yookassa_id: asked.provider_id.clone(),
            cancellation: asked.cancellation.clone(),
            asked_at: rfc3339(asked.asked_at_ms),
            updated_at: rfc3339(asked.updated_at_ms),
        }
    }
}

impl PaymentDetail {
    /// The detail, with the names of the driver and the admins.
    async fn named(call: &Call<'_>, payment: &Payment) -> Result<Self, Error> {
        let mut detail = Self::new(payment);
        let admins = detail.asked_refunds.iter().map(|asked| asked.admin_id);
        let ids: Vec<_> = admins.chain([payment.driver_id]).collect();
        let names = call.app.names_for(&call.admin, &ids).await?;
        detail.row.driver_name = names.get(&payment.driver_id).cloned();
        for asked in &mut detail.asked_refunds {
            asked.admin_name = names.get(&asked.admin_id).cloned();
        }
        Ok(detail)
    }

    fn new(payment: &Payment) -> Self {
        let steps = payment.history.iter();
        #[allow(clippy::cast_precision_loss)] // far below what a float can hold
        let days = |seconds: i64| seconds as f64 / 86_400.0;
        let refunds = payment.refunds.iter().map(|refund| DoneRefund {
            id: refund.id.clone(),
            amount_rub: Money::from_kopecks(refund.amount_kopecks),
            days: days(refund.seconds),
            at: rfc3339(refund.at_ms),
        });
        let mut request: Value = serde_json::from_str(&payment.body).unwrap_or_default();
        if let Some(request) = request.as_object_mut() {
            request.remove("client_ip");
            if let Some(receipt) = request.get_mut("receipt").and_then(Value::as_object_mut) {
                receipt.remove("customer");
            }
        }
        Self {
            row: PaymentRow::new(payment),
            refundable_rub: Money::from_kopecks(payment.refundable_kopecks()),
            history: steps.map(|step| PaymentStep { status: step.status.as_str(), at: rfc3339(step.at_ms) }).collect(),
            refunds: refunds.collect(),
            asked_refunds: payment.asked_refunds.iter().map(AskedRefundView::new).collect(),
            request,
            answer: payment.answer.clone(),
        }
    }
}

/// Lists payments that match the filters. `format=csv` returns the same rows as a file.
#[utoipa::path(
    get, path = "/api/admin/payments", tag = "admin", security(("session" = [])),
    params(
        ("status" = Option<String>, Query, description = "Status of the payment"),
        ("plan" = Option<String>, Query, description = "Id of the plan"),
        ("driver_id" = Option<i64>, Query, description = "Telegram id of the driver"),
        ("from" = Option<String>, Query, description = "First day, YYYY-MM-DD, Moscow time"),
        ("until" = Option<String>, Query, description = "Last day, YYYY-MM-DD, Moscow time"),
        ("paid_from" = Option<String>, Query, description = "First day of payment, YYYY-MM-DD, Moscow time"),
        ("paid_until" = Option<String>, Query, description = "Last day of payment"),
        ("amount_from" = Option<f64>, Query, description = "Lowest amount, rubles"),
        ("amount_until" = Option<f64>, Query, description = "Highest amount, rubles"),
        ("id" = Option<String>, Query, description = "Our payment id or YooKassa's"),
        ("cursor" = Option<String>, Query), ("limit" = Option<i64>, Query), ("format" = Option<String>, Query), ("sep" = Option<String>, Query), ("lang" = Option<String>, Query),
    ),
    responses(
        (status = 200, body = PaymentRows),
        (status = 422),
    )
)]
pub async fn list(call: Call<'_>) -> Answer {
    let names = [
        "status",
        "plan",
        "driver_id",
        "from",
        "until",
        "paid_from",
        "paid_until",
        "amount_from",
        "amount_until",
        "id",
    ];
    let numbers = ["driver_id", "amount_from", "amount_until"];
    let (filter, paging) = query(call.incoming, &names, &numbers, |fields| PaymentFilter {
        status: fields.value("status").and_then(|_| fields.choice("status", &Status::ALL.map(|s| (s.as_str(), s)))),
        plan: fields.text("plan", 20),
        driver_id: fields.value("driver_id").map(|_| fields.whole("driver_id", 1..=i64::MAX)),
        from_ms: fields.day("from"),
        until_ms: fields.day("until").map(|midnight| midnight + 86_400_000),
        paid_from_ms: fields.day("paid_from"),
        paid_until_ms: fields.day("paid_until").map(|midnight| midnight + 86_400_000),
        from_kopecks: fields.rubles("amount_from"),
        until_kopecks: fields.rubles("amount_until"),
        id: fields.text("id", 64),
    })?;
    let page = call.app.billing().find_payments(&filter, paging.cursor.as_deref(), paging.limit).await?;
    let rows: Vec<_> = page.items.iter().map(PaymentRow::new).collect();
    // Every page would have the same totals, so only the first has them.
    let totals = match paging.cursor {
        None if paging.csv.is_none() => call.app.billing().payment_totals(&filter).await?,
        _ => None,
    };
    let totals = totals.map(|totals| PaymentTotalsView {
        count: totals.count,
        amount_rub: rubles(totals.paid_kopecks),
        refunded_rub: rubles(totals.refunded_kopecks),
    });
    let further = json!({ "reached": page.reached_ms.map(rfc3339), "totals": totals });
    listing::answer(&call, &paging, (rows, listing::DRIVER), page.cursor, columns::PAYMENTS, further).await
}

/// Returns all details of a payment.
#[utoipa::path(
    get, path = "/api/admin/payments/{id}", tag = "admin", security(("session" = [])), params(("id" = String, Path)),
    responses(
        (status = 200, body = OnePaymentDetail),
        (status = 404),
    )
)]
pub async fn show(call: Call<'_>, id: PaymentId) -> Answer {
    let payment = call.app.billing().any_payment(id.as_str()).await?;
    private_json(&OnePaymentDetail { payment: PaymentDetail::named(&call, &payment).await? })
}

/// Refreshes a payment and its refunds from YooKassa now.
#[utoipa::path(
    post, path = "/api/admin/payments/{id}/recheck", tag = "admin", security(("session" = [])),
    params(("id" = String, Path)),
    responses(
        (status = 200, body = OnePaymentDetail),
        (status = 404),
    )
)]
pub async fn recheck(call: Call<'_>, id: PaymentId) -> Answer {
    let payment = call.app.billing().recheck_payment(&call.admin, id.as_str(), &call.incoming.context).await?;
    private_json(&OnePaymentDetail { payment: PaymentDetail::named(&call, &payment).await? })
}

/// Refunds a payment.
///
/// A retry with the same `Idempotency-Key` returns the same refund. The days bought are taken back when YooKassa
/// reports that the refund succeeded.
#[utoipa::path(
    post, path = "/api/admin/payments/{id}/refund", tag = "admin", security(("session" = [])), request_body = RefundBody,
    params(("id" = String, Path), ("Idempotency-Key" = String, Header, description = "Identifies the refund; send the same key with a retry. 1 to 64 visible ASCII characters")),
    responses(
        (status = 201, description = "YooKassa has answered the refund request; see the refund's status", body = RefundAnswer),
        (status = 202, description = "YooKassa has not confirmed the refund yet", body = RefundAnswer),
        (status = 404),
        (status = 409, description = "not_refundable, other_shop"),
    )
)]
pub async fn refund(call: Call<'_>, id: PaymentId) -> Answer {
    let key = call.incoming.required_idempotency_key()?;
    let order = call.incoming.body(|body| RefundOrder::parse(body, key))?;
    let context = &call.incoming.context;
    let (payment, asked) = Box::pin(call.app.billing().ask_refund(&call.admin, id.as_str(), &order, context)).await?;
    let is_known = asked.status != RefundStatus::Created;
    let status = if is_known { StatusCode::CREATED } else { StatusCode::ACCEPTED };
    let payment = PaymentDetail::named(&call, &payment).await?;
    private_json_of(status, &RefundAnswer { refund: AskedRefundView::new(&asked), payment })
}
