//! The test shop: its payments and refunds, and what may be done to them when.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Map, Value};
use uuid::Uuid;

use super::answer::ApiError;
use super::cards::Outcome;
use super::list::Query;
use super::payment::{Cancellation, Payment, Status, TO_CAPTURE_MS, UsedCard};
use super::refund::{self, Refund};
use super::requests::{self, NewPayment, NewRefund};
use super::settings::{Capture, Refunds, Registration, Settings};

/// A refund can be begun for three years.
const TO_REFUND_MS: i64 = 3 * 365 * 86_400_000;

/// The shop.
#[derive(Debug)]
pub struct Shop {
    /// Its number.
    pub id: String,
    pages: String,
    /// How it is set up.
    pub settings: Settings,
    payments: Vec<Payment>,
    refunds: Vec<Refund>,
    /// Where a payment is in its list.
    places: HashMap<String, usize>,
    /// When payments end by themselves.
    deadlines: BTreeSet<(i64, usize)>,
    /// What the shop's server has to be told.
    events: Vec<Event>,
}

/// Something that the shop's server is told.
#[derive(Debug)]
pub struct Event {
    /// `payment.succeeded` and so on.
    pub name: String,
    /// The object as it was then.
    pub object: Value,
}

/// Why something cannot be done to an object.
#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is none.
    Unknown,
    /// Not as it stands.
    Status(&'static str),
    /// Not so much.
    Amount,
}

impl Shop {
    /// A new shop, whose payment pages are below `pages`.
    pub fn new(id: String, pages: String) -> Shop {
        Shop {
            id,
            pages,
            settings: Settings::default(),
            payments: Vec::new(),
            refunds: Vec::new(),
            places: HashMap::new(),
            deadlines: BTreeSet::new(),
            events: Vec::new(),
        }
    }

    /// Forgets all that happened, and how it was set up.
    pub fn reset(&mut self) {
        *self = Shop::new(self.id.clone(), self.pages.clone());
    }

    /// The payments, oldest first.
    pub fn payments(&self) -> &[Payment] {
        &self.payments
    }

    /// The refunds, oldest first.
    pub fn refunds(&self) -> &[Refund] {
        &self.refunds
    }

    /// The payment with this id.
    pub fn payment(&self, id: &str) -> Option<&Payment> {
        self.places.get(id).map(|index| &self.payments[*index])
    }

    /// The refund with this id.
    pub fn refund(&self, id: &str) -> Option<&Refund> {
        self.refunds.iter().find(|refund| refund.id == id)
    }

    /// A payment's object.
    pub fn object(&self, payment: &Payment) -> Value {
        payment.object(&self.id, &self.page_of(payment))
    }

    /// Where a payment is paid.
    pub fn page_of(&self, payment: &Payment) -> String {
        format!("{}/{}", self.pages, payment.id)
    }

    /// The object with this id, whichever it is.
    pub fn any(&self, id: &str) -> Option<Value> {
        let payment = self.payment(id).map(|payment| self.object(payment));
        payment.or_else(|| self.refund(id).map(Refund::object))
    }

    /// What has happened since it was asked last.
    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// Whether something may end by itself.
    pub fn has_deadlines(&self) -> bool {
        !self.deadlines.is_empty()
    }

    /// Ends what nobody paid or took in time.
    pub fn pass_time(&mut self, now_ms: i64) {
        while let Some((_, index)) = self.deadlines.first().copied().filter(|(at, _)| *at <= now_ms) {
            self.run_out(index);
        }
    }

    fn run_out(&mut self, index: usize) {
        let reason = match self.payments[index].status {
            Status::Pending => "expired_on_confirmation",
            _ => "expired_on_capture",
        };
        self.cancel_for(index, Cancellation::by("yoo_money", reason));
    }

    fn cancel_for(&mut self, index: usize, cancellation: Cancellation) {
        let payment = &mut self.payments[index];
        payment.cancellation = Some(cancellation);
        // A receipt that was asked for is not made.
        payment.receipt = payment.receipt.map(|_| Registration::Canceled);
        self.enter(index, Status::Canceled);
    }

    fn enter(&mut self, index: usize, status: Status) {
        let payment = &mut self.payments[index];
        if let Some(deadline) = payment.deadline_ms() {
            self.deadlines.remove(&(deadline, index));
        }
        payment.status = status;
        if let Some(deadline) = payment.deadline_ms() {
            self.deadlines.insert((deadline, index));
        }
        if status != Status::Pending {
            let object = self.object(&self.payments[index]);
            self.events.push(Event { name: format!("payment.{}", status.name()), object });
        }
    }

    fn take_sum(&mut self, index: usize, now_ms: i64) {
        let receipts = self.settings.receipts;
        let payment = &mut self.payments[index];
        payment.captured_ms = Some(now_ms);
        payment.receipt = payment.receipt.map(|_| receipts);
        self.enter(index, Status::Succeeded);
    }

    /// `POST /payments`
    pub fn create_payment(&mut self, now_ms: i64, body: &Value) -> Result<Value, ApiError> {
        let asked = NewPayment::read(body, self.settings.fiscalization)?;
        let index = self.payments.len();
        let payment = Payment {
            id: Uuid::new_v4().to_string(),
            status: Status::Pending,
            kopecks: asked.kopecks,
            asked,
            request: body.clone(),
            created_ms: now_ms,
            captured_ms: None,
            held_until_ms: None,
            used: None,
            cancellation: None,
            refunded: 0,
            refunding: 0,
            receipt: self.settings.fiscalization.then_some(Registration::Pending),
        };
        self.places.insert(payment.id.clone(), index);
        self.payments.push(payment);
        self.enter(index, Status::Pending);
        Ok(self.object(&self.payments[index]))
    }

    /// `GET /payments/{id}`
    pub fn get_payment(&self, id: &str) -> Result<Value, ApiError> {
        let payment = self.payment(id).ok_or_else(|| ApiError::not_found("payment_id"))?;
        Ok(self.object(payment))
    }

    /// `GET /payments`
    pub fn list_payments(&self, now_ms: i64, pairs: &[(String, String)]) -> Result<Value, ApiError> {
        let query = Query::read(pairs, &["captured_at", "payment_method"], &Status::NAMES)?;
        let passes = |payment: &Payment| {
            query.captured.contains(payment.captured_ms)
                && query.equal.iter().all(|(name, value)| match name.as_str() {
                    "status" => payment.status.name() == value,
                    _ => payment.used.is_some() && value == "bank_card",
                })
        };
        query.page(&self.payments, now_ms, passes, |payment| self.object(payment))
    }

    fn place(&self, id: &str) -> Result<usize, ApiError> {
        self.places.get(id).copied().ok_or_else(|| ApiError::not_found("payment_id"))
    }

    /// `POST /payments/{id}/capture`
    pub fn capture(&mut self, now_ms: i64, id: &str, body: &Value) -> Result<Value, ApiError> {
        let index = self.place(id)?;
        let payment = &self.payments[index];
        if payment.status != Status::WaitingForCapture {
            let description = format!("A payment in the status {} can't be captured", payment.status.name());
            return Err(ApiError::invalid("payment_id", &description));
        }
        let kopecks = requests::capture(body, payment.kopecks, self.settings.fiscalization)?;
        self.payments[index].kopecks = kopecks;
        self.take_sum(index, now_ms);
        Ok(self.object(&self.payments[index]))
    }

    /// `POST /payments/{id}/cancel`
    pub fn cancel(&mut self, id: &str) -> Result<Value, ApiError> {
        let index = self.place(id)?;
        let payment = &self.payments[index];
        if payment.status != Status::WaitingForCapture {
            let description = match payment.asked.capture {
                true => "You can not cancel payment with autocapture".to_owned(),
                false => format!("A payment in the status {} can't be canceled", payment.status.name()),
            };
            return Err(ApiError::invalid("payment_id", &description));
        }
        self.cancel_for(index, Cancellation::by("merchant", "canceled_by_merchant"));
        Ok(self.object(&self.payments[index]))
    }

    /// Whether the sum is taken as soon as it is paid, and not only held.
    pub fn takes_at_once(&self, payment: &Payment) -> bool {
        match self.settings.capture {
            Capture::AsAsked => payment.asked.capture,
            Capture::Hold => false,
            Capture::AtOnce => true,
        }
    }

    /// The payer pays with a card and does or does not confirm it where the bank asks.
    pub fn pay(&mut self, now_ms: i64, id: &str, used: UsedCard, confirms: bool) -> Result<(), Refusal> {
        let index = *self.places.get(id).ok_or(Refusal::Unknown)?;
        let takes_at_once = self.takes_at_once(&self.payments[index]);
        let payment = &mut self.payments[index];
        if payment.status != Status::Pending {
            return Err(Refusal::Status(payment.status.name()));
        }
        payment.used = Some(used);
        match used.card.outcome {
            _ if used.card.three_d_secure && !confirms => {
                self.cancel_for(index, Cancellation::by("payment_network", "3d_secure_failed"));
            }
            Outcome::Declined { party, reason } => self.cancel_for(index, Cancellation::by(party, reason)),
            Outcome::Paid if takes_at_once => self.take_sum(index, now_ms),
            Outcome::Paid => {
                payment.held_until_ms = Some(now_ms + TO_CAPTURE_MS);
                self.enter(index, Status::WaitingForCapture);
            }
        }
        Ok(())
    }

    /// A payment that has not ended ends as if its time were over.
    pub fn expire(&mut self, id: &str) -> Result<(), Refusal> {
        let index = self.living(id)?;
        self.run_out(index);
        Ok(())
    }

    /// A payment that has not ended ends for this reason.
    pub fn end(&mut self, id: &str, cancellation: Cancellation) -> Result<(), Refusal> {
        let index = self.living(id)?;
        self.cancel_for(index, cancellation);
        Ok(())
    }

    fn living(&self, id: &str) -> Result<usize, Refusal> {
        let index = *self.places.get(id).ok_or(Refusal::Unknown)?;
        let payment = &self.payments[index];
        payment.deadline_ms().map(|_| index).ok_or(Refusal::Status(payment.status.name()))
    }

    /// `POST /refunds`
    pub fn create_refund(&mut self, now_ms: i64, body: &Value) -> Result<Value, ApiError> {
        let payment_id = requests::refunded_payment(body)?;
        let payment = self
            .payment(payment_id)
            .ok_or_else(|| ApiError::invalid("payment_id", "Payment doesn't exist or access denied"))?;
        if payment.status != Status::Succeeded {
            let description = format!("A payment in the status {} can't be refunded", payment.status.name());
            return Err(ApiError::invalid("payment_id", &description));
        }
        if payment.created_ms <= now_ms - TO_REFUND_MS {
            return Err(ApiError::invalid("payment_id", "The payment is too old to be refunded"));
        }
        let new = NewRefund::read(body, payment.kopecks, payment.rest(), self.settings.fiscalization)?;
        let payment_id = payment_id.to_owned();
        Ok(self.refund_now(now_ms, payment_id, new, body.clone()))
    }

    /// Somebody begins a refund in the cabinet; without a sum, of all that is left.
    pub fn refund_in_cabinet(
        &mut self,
        now_ms: i64,
        payment_id: &str,
        kopecks: Option<i64>,
        description: Option<String>,
    ) -> Result<Value, Refusal> {
        let payment = self.payment(payment_id).ok_or(Refusal::Unknown)?;
        if payment.status != Status::Succeeded {
            return Err(Refusal::Status(payment.status.name()));
        }
        let kopecks = kopecks.unwrap_or(payment.rest());
        if !(1..=payment.rest()).contains(&kopecks) {
            return Err(Refusal::Amount);
        }
        let new = NewRefund { kopecks, description, metadata: Map::new() };
        Ok(self.refund_now(now_ms, payment_id.to_owned(), new, Value::Null))
    }

    fn refund_now(&mut self, now_ms: i64, payment_id: String, new: NewRefund, request: Value) -> Value {
        let receipts = self.payment(&payment_id).and_then(|payment| payment.receipt);
        let refund = Refund {
            id: Uuid::new_v4().to_string(),
            payment_id,
            status: refund::Status::Pending,
            kopecks: new.kopecks,
            description: new.description,
            metadata: Value::Object(new.metadata),
            request,
            created_ms: now_ms,
            cancellation: None,
            receipt: receipts.map(|_| Registration::Pending),
        };
        let index = self.refunds.len();
        self.hold_back(&refund, refund.kopecks);
        self.refunds.push(refund);
        match self.settings.refunds {
            Refunds::Succeed => self.settle(index, Ok(())),
            Refunds::Pending => {}
            // The day's payments are smaller than the refund: the most ordinary reason.
            Refunds::Cancel => self.settle(index, Err(Cancellation::by("yoo_money", "insufficient_funds"))),
        }
        self.refunds[index].object()
    }

    fn hold_back(&mut self, refund: &Refund, kopecks: i64) {
        if let Some(index) = self.places.get(&refund.payment_id) {
            self.payments[*index].refunding += kopecks;
        }
    }

    /// Ends a refund. Only its success is an event: there is no `refund.canceled`.
    fn settle(&mut self, index: usize, outcome: Result<(), Cancellation>) {
        let receipts = self.settings.receipts;
        let kopecks = self.refunds[index].kopecks;
        let payment_id = self.refunds[index].payment_id.clone();
        let is_back = outcome.is_ok();
        let refund = &mut self.refunds[index];
        match outcome {
            Ok(()) => {
                refund.status = refund::Status::Succeeded;
                refund.receipt = refund.receipt.map(|_| receipts);
            }
            Err(cancellation) => {
                refund.status = refund::Status::Canceled;
                refund.cancellation = Some(cancellation);
                refund.receipt = refund.receipt.map(|_| Registration::Canceled);
            }
        }
        if let Some(place) = self.places.get(&payment_id) {
            let payment = &mut self.payments[*place];
            payment.refunding -= kopecks;
            if is_back {
                payment.refunded += kopecks;
            }
        }
        if is_back {
            self.events.push(Event { name: "refund.succeeded".to_owned(), object: self.refunds[index].object() });
        }
    }

    /// Ends a refund that waits.
    pub fn settle_refund(&mut self, id: &str, outcome: Result<(), Cancellation>) -> Result<(), Refusal> {
        let index = self.refunds.iter().position(|refund| refund.id == id).ok_or(Refusal::Unknown)?;
        if self.refunds[index].status != refund::Status::Pending {
            return Err(Refusal::Status(self.refunds[index].status.name()));
        }
        self.settle(index, outcome);
        Ok(())
    }

    /// `GET /refunds/{id}`
    pub fn get_refund(&self, id: &str) -> Result<Value, ApiError> {
        self.refund(id).map(Refund::object).ok_or_else(|| ApiError::not_found("refund_id"))
    }

    /// `GET /refunds`
    pub fn list_refunds(&self, now_ms: i64, pairs: &[(String, String)]) -> Result<Value, ApiError> {
        let query = Query::read(pairs, &["payment_id"], &refund::Status::NAMES)?;
        let passes = |refund: &Refund| {
            query.equal.iter().all(|(name, value)| match name.as_str() {
                "status" => refund.status.name() == value,
                _ => refund.payment_id == *value,
            })
        };
        query.page(&self.refunds, now_ms, passes, Refund::object)
    }

    /// The tax service says what became of an object's receipt.
    pub fn set_receipt(&mut self, id: &str, state: Registration) -> Result<(), Refusal> {
        let place = self.places.get(id).copied();
        let receipt = match place {
            Some(index) => &mut self.payments[index].receipt,
            None => &mut self.refunds.iter_mut().find(|refund| refund.id == id).ok_or(Refusal::Unknown)?.receipt,
        };
        if receipt.is_none() {
            return Err(Refusal::Status("without a receipt"));
        }
        *receipt = Some(state);
        Ok(())
    }
}
