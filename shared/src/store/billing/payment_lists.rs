//! Payment lists: a driver's own, admins' searches, and open payments.
use ::store::{
    Attributes, Item, StoreError,
    listed::{self, Filter, Selection},
    n, s,
};

use super::{body, payments::OPEN};
use crate::{
    admin::payments::{PaymentFilter, PaymentPage},
    billing::{
        metrics,
        payment::{Payment, Status},
    },
    store::{
        Store,
        keys::{self, LISTED_PAYMENT, List},
    },
    telemetry,
};

/// A page of a driver's payments.
#[derive(Debug)]
pub struct OwnPayments {
    /// Newest first.
    pub payments: Vec<Payment>,
    /// The number of unreadable ones on this page.
    pub unreadable: usize,
    /// Whether there are older ones.
    pub more: bool,
}

/// Parses a listed payment. An unreadable one does not hide the others, but is reported.
fn listed_payment(item: &Item) -> Option<Payment> {
    let payment = body(item);
    if payment.is_none() {
        tracing::error!(payment_id = item.text("id"), "a payment's row cannot be read");
        telemetry::count_by(metrics::PAYMENT_UNREADABLE, "list");
    }
    payment
}

impl Store {
    /// The ids of payments to check by `now_ms`, in turns: for each driver the longest overdue first.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn due_payments(&self, now_ms: i64, limit: usize) -> Result<Vec<String>, StoreError> {
        self.due("due_payments", OPEN, now_ms, limit).await
    }

    /// When the oldest open payment was ordered, milliseconds; `None` when none is open. Searches the index for orders
    /// since `since_ms`: one query per megabyte.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn oldest_open_payment(&self, since_ms: i64) -> Result<Option<i64>, StoreError> {
        let ended = Status::ALL.into_iter().filter(|status| !status.is_open());
        let filter = ended.fold(Filter::default(), |filter, status| filter.and("state", "<>", s(status.as_str())));
        let mut selection = Selection {
            from: Some(listed::instant(since_ms)),
            filter: filter.some(),
            limit: 1,
            ..Selection::default()
        };
        loop {
            let page = self.places_in("oldest_open_payment", &List::Payments.name(), &selection).await?;
            if let Some(first) = page.rows.first() {
                let ordered = listed::instant_of(first.text("listed_at").unwrap_or_default());
                return ordered.map(Some).ok_or_else(|| StoreError::malformed("oldest_open_payment", "listed_at"));
            }
            match page.cursor {
                None => return Ok(None),
                cursor => selection.cursor = cursor,
            }
        }
    }

    /// A driver's payments, newest first, after `from` (exclusive): two calls.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn payments(
        &self,
        driver_id: i64,
        from: Option<(i64, &str)>,
        limit: i32,
    ) -> Result<OwnPayments, StoreError> {
        let from = from.map(|(at_ms, id)| keys::listed_payment(driver_id, at_ms, id));
        let (places, more) = self.places("payments", driver_id, LISTED_PAYMENT, from.as_ref(), limit).await?;
        let ids = places.iter().filter_map(|item| item.text("payment_id"));
        let found = self.get_many("payments", ids.map(|id| keys::payment(id).attributes()).collect()).await?;
        let mut payments: Vec<Payment> = found.iter().filter_map(listed_payment).collect();
        payments.sort_by(|a, b| (b.created_at_ms, &b.id).cmp(&(a.created_at_ms, &a.id)));
        Ok(OwnPayments { unreadable: found.len() - payments.len(), payments, more })
    }

    /// A page of payments that match the filter, newest first.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn find_payments(
        &self,
        wanted: &PaymentFilter,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<PaymentPage, StoreError> {
        if let Some((from_ms, until_ms)) = wanted.paid_ms() {
            return self.find_paid(wanted, (from_ms, until_ms), cursor, limit).await;
        }
        let mut filter = Filter::default();
        if let Some(status) = wanted.status {
            filter = filter.and("state", "=", s(status.as_str()));
        }
        if let Some(plan) = &wanted.plan {
            filter = filter.and("plan", "=", s(plan));
        }
        for (comparison, kopecks) in [(">=", wanted.from_kopecks), ("<=", wanted.until_kopecks)] {
            if let Some(kopecks) = kopecks {
                filter = filter.and("kopecks", comparison, n(kopecks));
            }
        }
        let selection = Selection {
            filter: filter.some(),
            ..Selection::newest(cursor, limit).between(wanted.from_ms, wanted.until_ms)
        };
        let page = self.listed("find_payments", &List::Payments.name(), &selection).await?;
        let reached_ms = page.reached_ms();
        Ok(PaymentPage {
            items: page.rows.iter().filter_map(listed_payment).collect(),
            cursor: page.cursor,
            reached_ms,
        })
    }

    /// A page of payments paid from the first instant up to but not including the second, newest first.
    async fn find_paid(
        &self,
        wanted: &PaymentFilter,
        (from_ms, until_ms): (Option<i64>, Option<i64>),
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<PaymentPage, StoreError> {
        let of_plan = wanted.plan.as_ref().map(|plan| Filter::default().and("plan", "=", s(plan)));
        let selection = Selection { filter: of_plan, ..Selection::newest(cursor, limit).between(from_ms, until_ms) };
        let page = self.places_in("find_paid", &List::Paid.name(), &selection).await?;
        let ids: Vec<_> =
            page.rows.iter().filter_map(|place| listed::id_at(place.text("listed_at")?).map(str::to_owned)).collect();
        let found = self.get_many("find_paid", ids.iter().map(|id| keys::payment(id).attributes()).collect()).await?;
        let mut items: Vec<_> = found.iter().filter_map(listed_payment).collect();
        // The index has only the plan.
        items.retain(|payment| wanted.takes(payment));
        items.sort_by_key(|payment| ids.iter().position(|id| *id == payment.id));
        let reached_ms = page.reached_ms();
        Ok(PaymentPage { items, cursor: page.cursor, reached_ms })
    }
}
