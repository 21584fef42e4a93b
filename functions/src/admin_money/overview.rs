//! The key figures of the product.
use std::collections::BTreeMap;

use serde::Serialize;
use shared::{
    admin::overview::Overview,
    clock::{moscow_day, moscow_days, moscow_midnight},
    error::Error,
    fields::Fields,
    store::{
        Counts,
        counters::{Ends, TRIAL_DAYS},
        gate::Breaker,
    },
};
use utoipa::ToSchema;

use crate::{
    admin::Call,
    admin_settings::health,
    http::{Answer, private_json},
};

/// Default number of days.
const DAYS: usize = 30;
/// Days ahead for which ending subscriptions are counted.
const AHEAD: usize = 30;
/// A day, milliseconds.
const DAY_MS: i64 = 86_400_000;

/// The figures of one day, Moscow time.
#[derive(Serialize, ToSchema)]
pub struct DayView {
    /// Date, YYYY-MM-DD.
    date: String,
    drivers_new: i64,
    drivers_active: i64,
    /// Number of trials that began on this day.
    trials: i64,
    /// Outcomes of these trials so far; null while one may still be active.
    came: Option<CameView>,
    /// Number of promo codes redeemed.
    promo_uses: i64,
    /// Number of responses by the status that they reached.
    responses: BTreeMap<String, i64>,
    /// Number of payments by the status that they reached.
    payments: BTreeMap<String, i64>,
    /// Number of paid orders by plan.
    paid: BTreeMap<String, i64>,
    /// Revenue by plan, rubles.
    revenue_rub: BTreeMap<String, f64>,
    /// Number of refunds.
    refunds: i64,
    /// Amount refunded, rubles.
    refunded_rub: f64,
    /// Number of messages that failed.
    deliveries_failed: i64,
}

/// Outcomes so far of the drivers whose trial began in a period. Each driver is counted once.
#[derive(Clone, Copy, Default, Serialize, ToSchema)]
pub struct CameView {
    /// Drivers who paid at least once and were not fully refunded.
    paid: i64,
    /// Other drivers who redeemed a promo code.
    promo: i64,
    /// Other drivers who were given days.
    gift: i64,
}

/// Conversion so far of the drivers whose trial began in these days.
#[derive(Default, Serialize, ToSchema)]
pub struct ConversionView {
    /// Drivers whose trial has ended.
    trials: i64,
    #[serde(flatten)]
    came: CameView,
    /// Drivers whose trial began on a day from which trials may still be active: too early to tell.
    too_early: i64,
    /// Drivers among `too_early` who have already paid.
    too_early_paid: i64,
}

/// Totals of these days.
#[derive(Default, Serialize, ToSchema)]
pub struct TotalsView {
    /// Revenue, rubles.
    revenue_rub: f64,
    /// Amount refunded, rubles.
    refunded_rub: f64,
    /// Number of paid orders.
    paid: i64,
    /// Number of refunds.
    refunds: i64,
    /// New drivers, as in the list of drivers: without those deleted since.
    drivers_new: i64,
    conversion: ConversionView,
    /// Responses created.
    responses: i64,
    /// Messages that failed and are still failed, as in their list.
    deliveries_failed: i64,
}

/// Subscriptions that end on a day, Moscow time.
#[derive(Serialize, ToSchema)]
pub struct EndsView {
    /// Date, YYYY-MM-DD.
    date: String,
    /// Number of trials.
    trial: i64,
    /// Number of other subscriptions.
    paid: i64,
}

/// Active subscriptions, as in their list now, and by the day on which they end. Today's count includes those that have
/// already ended today.
#[derive(Serialize, ToSchema)]
pub struct RunningView {
    /// Number of active trials.
    trial: i64,
    /// Number of other active subscriptions, such as paid or given ones.
    paid: i64,
    /// Number of subscriptions that end within 3 days, counting today.
    ending_3_days: i64,
    /// Number of subscriptions that end within 7 days, counting today.
    ending_7_days: i64,
    by_day: Vec<EndsView>,
}

/// A plan on sale.
#[derive(Serialize, ToSchema)]
pub struct PlanName {
    id: String,
    name: String,
}

/// Summary of the connection to CargoTech.
#[derive(Serialize, ToSchema)]
pub struct UpstreamState {
    /// State: `ok`, `degraded` or `down`.
    state: &'static str,
    /// State of the circuit breaker: `closed`, `open` or `half_open`.
    breaker: &'static str,
    /// Share of the current request budget in use, percent.
    budget_used_percent: i64,
}

/// The key figures.
#[derive(Serialize, ToSchema)]
pub struct OverviewView {
    days: Vec<DayView>,
    totals: TotalsView,
    subscriptions: RunningView,
    plans: Vec<PlanName>,
    /// Number of gift requests that wait for an owner.
    requests: i64,
    upstream: UpstreamState,
}

#[allow(clippy::cast_precision_loss)] // far below what a float can hold
pub(super) fn rubles(kopecks: i64) -> f64 {
    kopecks as f64 / 100.0
}

/// The counts whose names begin with `prefix`, by the rest of the name.
fn of(counts: &Counts, prefix: &str) -> BTreeMap<String, i64> {
    let rest = |(name, count): (&String, &i64)| Some((name.strip_prefix(prefix)?.to_owned(), *count));
    counts.iter().filter_map(rest).collect()
}

fn came(counts: &Counts) -> CameView {
    let count = |name: &str| counts.get(name).copied().unwrap_or_default();
    CameView { paid: count("cohort.paid"), promo: count("cohort.promo"), gift: count("cohort.gift") }
}

/// Whether a trial that began on this day may still be active, even one that began in its last moment. The counters
/// hold the lengths of trials; older trials without one count as `usual_days` long.
fn is_early(date: &str, counts: &Counts, usual_days: i64, now_ms: i64) -> bool {
    let lengths = of(counts, TRIAL_DAYS);
    let trials = counts.get("trials").copied().unwrap_or_default();
    let known = lengths.iter().filter(|(_, count)| **count > 0).filter_map(|(days, _)| days.parse().ok());
    let unknown = (lengths.values().sum::<i64>() < trials).then_some(usual_days);
    let longest: Option<i64> = known.chain(unknown).max();
    let midnight_ms = moscow_midnight(date).unwrap_or_default();
    longest.is_some_and(|days| midnight_ms + (days + 1) * DAY_MS > now_ms)
}

fn conversion(days: &[(String, Counts)], usual_days: i64, now_ms: i64) -> ConversionView {
    days.iter().fold(ConversionView::default(), |mut all, (date, counts)| {
        let (trials, came) = (counts.get("trials").copied().unwrap_or_default(), came(counts));
        if is_early(date, counts, usual_days, now_ms) {
            all.too_early += trials;
            all.too_early_paid += came.paid;
        } else {
            all.trials += trials;
            all.came.paid += came.paid;
            all.came.promo += came.promo;
            all.came.gift += came.gift;
        }
        all
    })
}

fn day(date: &str, counts: &Counts, usual_days: i64, now_ms: i64) -> DayView {
    let count = |name: &str| counts.get(name).copied().unwrap_or_default();
    DayView {
        date: date.to_owned(),
        drivers_new: count("drivers_new"),
        drivers_active: count("drivers_active"),
        trials: count("trials"),
        came: (!is_early(date, counts, usual_days, now_ms)).then(|| came(counts)),
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

fn totals(overview: &Overview, now_ms: i64) -> TotalsView {
    let days = &overview.days;
    let count = |name: &str| days.iter().filter_map(|(_, counts)| counts.get(name)).sum::<i64>();
    let all = |prefix: &str| days.iter().flat_map(|(_, counts)| of(counts, prefix).into_values()).sum::<i64>();
    TotalsView {
        revenue_rub: rubles(all("revenue.")),
        refunded_rub: rubles(all("refunded.")),
        paid: all("paid."),
        refunds: count("refunds"),
        drivers_new: overview.new_drivers,
        conversion: conversion(days, overview.trial_days, now_ms),
        responses: count("responses.queued"),
        deliveries_failed: overview.failed_deliveries,
    }
}

fn running(ends: &Ends, now_ms: i64) -> RunningView {
    let by_days = &ends.by_day;
    let today = moscow_day(now_ms);
    let dates = moscow_days(now_ms + (i64::try_from(AHEAD).unwrap_or_default() - 1) * 86_400_000, AHEAD);
    let by_day = dates.iter().map(|date| {
        let (trial, paid) =
            by_days.iter().find(|(day, ..)| day == date).map_or((0, 0), |(_, trial, paid)| (*trial, *paid));
        EndsView { date: date.clone(), trial, paid }
    });
    let ahead = || by_days.iter().filter(|(day, ..)| *day > today);
    let left = ends.left_today;
    let within = |days: i64| {
        let last = moscow_day(now_ms + (days - 1) * DAY_MS);
        let further: i64 = ahead().filter(|(day, ..)| *day <= last).map(|(_, trial, paid)| trial + paid).sum();
        left.0 + left.1 + further
    };
    RunningView {
        trial: left.0 + ahead().map(|(_, trial, _)| trial).sum::<i64>() + ends.later.0,
        paid: left.1 + ahead().map(|(.., paid)| paid).sum::<i64>() + ends.later.1,
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
        days: overview.days.iter().map(|(date, counts)| day(date, counts, overview.trial_days, now_ms)).collect(),
        totals: totals(overview, now_ms),
        subscriptions: running(&overview.ends, now_ms),
        plans: overview.plans.iter().map(|plan| PlanName { id: plan.id.clone(), name: plan.name.clone() }).collect(),
        requests: overview.requests,
        upstream: UpstreamState {
            state,
            breaker: health::breaker(&overview.gate),
            budget_used_percent: overview.gate.budget_used_percent,
        },
    }
}

/// Returns the key figures of the last days, including today.
#[utoipa::path(
    get, path = "/api/admin/overview", tag = "admin", security(("session" = [])),
    params(("days" = Option<i64>, Query, description = "1 to 90; 30 by default")),
    responses(
        (status = 200, body = OverviewView),
        (status = 422),
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
