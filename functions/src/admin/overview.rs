//! The numbers of the product.
use std::collections::BTreeMap;

use serde::Serialize;
use shared::{
    admin::overview::Overview,
    clock::{moscow_day, moscow_days},
    error::Error,
    fields::Fields,
    store::{counters::Counts, gate::Breaker},
};
use utoipa::ToSchema;

use super::{Answer, Call, health};
use crate::http::{Problem, private_json};

/// Days that are shown when nobody says how many.
const DAYS: usize = 30;
/// Days ahead for which the ends of subscriptions are shown.
const AHEAD: usize = 30;

/// A day in Moscow.
#[derive(Serialize, ToSchema)]
pub struct DayView {
    /// `YYYY-MM-DD`.
    date: String,
    drivers_new: i64,
    drivers_active: i64,
    trials: i64,
    /// Drivers who paid for the first time.
    conversions: i64,
    promo_uses: i64,
    /// How many came to each status.
    responses: BTreeMap<String, i64>,
    /// How many came to each status.
    payments: BTreeMap<String, i64>,
    /// How many of each plan were paid.
    paid: BTreeMap<String, i64>,
    revenue_rub: BTreeMap<String, f64>,
    refunds: i64,
    refunded_rub: f64,
    deliveries_failed: i64,
}

/// All these days together.
#[derive(Default, Serialize, ToSchema)]
pub struct TotalsView {
    revenue_rub: f64,
    refunded_rub: f64,
    paid: i64,
    refunds: i64,
    drivers_new: i64,
    trials: i64,
    conversions: i64,
    /// Responses that were given.
    responses: i64,
    deliveries_failed: i64,
}

/// Subscriptions that end on a day in Moscow.
#[derive(Serialize, ToSchema)]
pub struct EndsView {
    date: String,
    trial: i64,
    paid: i64,
}

/// Subscriptions that run, by the day on which they end: those that end today are among them until it is over.
#[derive(Serialize, ToSchema)]
pub struct RunningView {
    trial: i64,
    paid: i64,
    ending_3_days: i64,
    ending_7_days: i64,
    by_day: Vec<EndsView>,
}

/// A plan that is offered now.
#[derive(Serialize, ToSchema)]
pub struct PlanName {
    id: String,
    name: String,
}

/// The way to CargoTech in a word.
#[derive(Serialize, ToSchema)]
pub struct UpstreamState {
    /// `ok`, `degraded` or `down`.
    state: &'static str,
    breaker: &'static str,
    budget_used_percent: i64,
}

/// The numbers.
#[derive(Serialize, ToSchema)]
pub struct OverviewView {
    days: Vec<DayView>,
    totals: TotalsView,
    subscriptions: RunningView,
    plans: Vec<PlanName>,
    upstream: UpstreamState,
}

#[allow(clippy::cast_precision_loss)] // far below what a float can hold
pub(super) fn rubles(kopecks: i64) -> f64 {
    kopecks as f64 / 100.0
}

/// The counts whose names begin so, by the rest of their names.
fn of(counts: &Counts, prefix: &str) -> BTreeMap<String, i64> {
    let rest = |(name, count): (&String, &i64)| Some((name.strip_prefix(prefix)?.to_owned(), *count));
    counts.iter().filter_map(rest).collect()
}

fn day(date: &str, counts: &Counts) -> DayView {
    let count = |name: &str| counts.get(name).copied().unwrap_or_default();
    DayView {
        date: date.to_owned(),
        drivers_new: count("drivers_new"),
        drivers_active: count("drivers_active"),
        trials: count("trials"),
        conversions: count("conversions"),
        promo_uses: count("promo_uses"),
        responses: of(counts, "responses."),
        payments: of(counts, "payments."),
        paid: of(counts, "paid."),
        revenue_rub: of(counts, "revenue.").into_iter().map(|(plan, kopecks)| (plan, rubles(kopecks))).collect(),
        refunds: count("refunds"),
        refunded_rub: rubles(of(counts, "refunded.").values().sum()),
        deliveries_failed: count("deliveries_failed"),
    }
}

fn totals(days: &[(String, Counts)]) -> TotalsView {
    let count = |name: &str| days.iter().filter_map(|(_, counts)| counts.get(name)).sum::<i64>();
    let all = |prefix: &str| days.iter().flat_map(|(_, counts)| of(counts, prefix).into_values()).sum::<i64>();
    TotalsView {
        revenue_rub: rubles(all("revenue.")),
        refunded_rub: rubles(all("refunded.")),
        paid: all("paid."),
        refunds: count("refunds"),
        drivers_new: count("drivers_new"),
        trials: count("trials"),
        conversions: count("conversions"),
        responses: count("responses.queued"),
        deliveries_failed: count("deliveries_failed"),
    }
}

fn running(ends: &[(String, i64, i64)], now_ms: i64) -> RunningView {
    let ahead = moscow_days(now_ms + (i64::try_from(AHEAD).unwrap_or_default() - 1) * 86_400_000, AHEAD);
    let by_day = ahead.iter().map(|date| {
        let (trial, paid) =
            ends.iter().find(|(day, ..)| day == date).map_or((0, 0), |(_, trial, paid)| (*trial, *paid));
        EndsView { date: date.clone(), trial, paid }
    });
    let within = |days: i64| {
        let last = moscow_day(now_ms + (days - 1) * 86_400_000);
        ends.iter().filter(|(day, ..)| *day <= last).map(|(_, trial, paid)| trial + paid).sum()
    };
    RunningView {
        trial: ends.iter().map(|(_, trial, _)| trial).sum(),
        paid: ends.iter().map(|(.., paid)| paid).sum(),
        ending_3_days: within(3),
        ending_7_days: within(7),
        by_day: by_day.collect(),
    }
}

fn view(overview: &Overview, now_ms: i64) -> OverviewView {
    let state = match overview.gate.breaker {
        Breaker::Open => "down",
        Breaker::HalfOpen => "degraded",
        Breaker::Closed if overview.gate.budget_used_percent >= 90 => "degraded",
        Breaker::Closed => "ok",
    };
    OverviewView {
        days: overview.days.iter().map(|(date, counts)| day(date, counts)).collect(),
        totals: totals(&overview.days),
        subscriptions: running(&overview.ends, now_ms),
        plans: overview.plans.iter().map(|plan| PlanName { id: plan.id.clone(), name: plan.name.clone() }).collect(),
        upstream: UpstreamState {
            state,
            breaker: health::breaker(&overview.gate),
            budget_used_percent: overview.gate.budget_used_percent,
        },
    }
}

/// The numbers of the last days, today included.
#[utoipa::path(
    get, path = "/api/admin/overview", tag = "admin", security(("session" = [])),
    params(("days" = Option<i64>, Query, description = "1 to 90")),
    responses(
        (status = 200, body = OverviewView),
        (status = 403, description = "admin_only", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "validation_failed", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn show(call: Call<'_>) -> Answer {
    let query = call
        .incoming
        .query()
        .into_iter()
        .map(|(name, text)| (name, serde_json::from_str(&text).unwrap_or(text.into())));
    let query: serde_json::Map<_, _> = query.collect();
    let mut fields = Fields::of(&query, &["days"]);
    let days = fields.value("days").map(|_| fields.whole("days", 1..=90));
    let days = fields.done(days).map_err(Error::Validation)?;
    let days = days.and_then(|days| usize::try_from(days).ok()).unwrap_or(DAYS);
    private_json(&view(&call.app.overview(days).await?, call.app.clock.now_ms()))
}
