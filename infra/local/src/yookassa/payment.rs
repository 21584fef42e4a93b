//! A payment: what it is at a time, and the object that the API shows.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::amount;
use super::cards::TestCard;
use super::list::Listed;
use super::requests::NewPayment;
use super::settings::Registration;

/// A payer has an hour to pay with a card.
pub const TO_PAY_MS: i64 = 3_600_000;
/// A sum on a card is held for 7 days.
pub const TO_CAPTURE_MS: i64 = 7 * 86_400_000;

/// Where a payment stands. The last two are final.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Nobody has paid.
    Pending,
    /// The sum is held.
    WaitingForCapture,
    /// The sum is taken.
    Succeeded,
    /// Nothing is taken.
    Canceled,
}

impl Status {
    /// As the API writes it.
    pub fn name(self) -> &'static str {
        match self {
            Status::Pending => "pending",
            Status::WaitingForCapture => "waiting_for_capture",
            Status::Succeeded => "succeeded",
            Status::Canceled => "canceled",
        }
    }

    /// All names.
    pub const NAMES: [&str; 4] = ["pending", "waiting_for_capture", "succeeded", "canceled"];
}

/// Who ended it, and why.
#[derive(Clone, Debug)]
pub struct Cancellation {
    /// `merchant`, `yoo_money`, `payment_network`; `refund_network` for a refund.
    pub party: String,
    /// An open list.
    pub reason: String,
}

impl Cancellation {
    /// This party's, for this reason.
    pub fn by(party: &str, reason: &str) -> Cancellation {
        Cancellation { party: party.to_owned(), reason: reason.to_owned() }
    }

    /// `cancellation_details`
    pub fn object(&self) -> Value {
        json!({"party": self.party, "reason": self.reason})
    }
}

/// A card as it was typed.
#[derive(Clone, Copy, Debug)]
pub struct UsedCard {
    /// Which.
    pub card: TestCard,
    /// `(2030, 12)`
    pub expiry: (i16, i8),
}

/// A payment.
#[derive(Clone, Debug)]
pub struct Payment {
    /// 36 characters.
    pub id: String,
    /// Where it stands.
    pub status: Status,
    /// What it costs; after a partial capture, what was taken.
    pub kopecks: i64,
    /// What was asked for.
    pub asked: NewPayment,
    /// The body that made it.
    pub request: Value,
    /// In Unix milliseconds, as all times here.
    pub created_ms: i64,
    /// When the sum was taken.
    pub captured_ms: Option<i64>,
    /// Until when it is held.
    pub held_until_ms: Option<i64>,
    /// What it was paid with.
    pub used: Option<UsedCard>,
    /// Why it was canceled.
    pub cancellation: Option<Cancellation>,
    /// What was given back.
    pub refunded: i64,
    /// What is on its way back.
    pub refunding: i64,
    /// The state of its receipt, when there is one.
    pub receipt: Option<Registration>,
}

impl Listed for Payment {
    fn id(&self) -> &str {
        &self.id
    }

    fn created_ms(&self) -> i64 {
        self.created_ms
    }
}

impl Payment {
    /// When it ends by itself.
    pub fn deadline_ms(&self) -> Option<i64> {
        match self.status {
            Status::Pending => Some(self.created_ms + TO_PAY_MS),
            Status::WaitingForCapture => self.held_until_ms,
            Status::Succeeded | Status::Canceled => None,
        }
    }

    /// What could still be given back.
    pub fn rest(&self) -> i64 {
        if self.status == Status::Succeeded { self.kopecks - self.refunded - self.refunding } else { 0 }
    }

    /// The object of the API, in this shop and with this payment page. What a payment has not got is not in it.
    pub fn object(&self, shop_id: &str, page: &str) -> Value {
        let mut object = json!({
            "id": self.id,
            "status": self.status.name(),
            "amount": amount::object(self.kopecks),
            "recipient": {"account_id": shop_id, "gateway_id": gateway_id(shop_id)},
            "created_at": time(self.created_ms),
            "paid": matches!(self.status, Status::WaitingForCapture | Status::Succeeded),
            "refundable": self.rest() > 0,
            "test": true,
            "metadata": self.asked.metadata,
        });
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                object[name] = value;
            }
        };
        set("description", self.asked.description.as_ref().map(|text| json!(text)));
        set("merchant_customer_id", self.asked.merchant_customer_id.as_ref().map(|id| json!(id)));
        set("cancellation_details", self.cancellation.as_ref().map(Cancellation::object));
        set("receipt_registration", self.receipt.map(|receipt| json!(receipt)));
        set("payment_method", self.used.map(|used| payment_method(&self.id, &used)));
        set("captured_at", self.captured_ms.map(|at| json!(time(at))));
        match self.status {
            Status::Pending => set("confirmation", Some(self.confirmation(page))),
            Status::WaitingForCapture => set("expires_at", self.held_until_ms.map(|at| json!(time(at)))),
            Status::Succeeded => {
                set("income_amount", Some(amount::object(amount::income(self.kopecks))));
                set("refunded_amount", Some(amount::object(self.refunded)));
            }
            Status::Canceled => {}
        }
        if matches!(self.status, Status::WaitingForCapture | Status::Succeeded) {
            set("authorization_details", self.used.map(|used| authorization(&self.id, &used)));
        }
        object
    }

    fn confirmation(&self, page: &str) -> Value {
        let mut confirmation = json!({
            "type": "redirect",
            "return_url": self.asked.return_url,
            "confirmation_url": page,
        });
        if let Some(enforce) = self.asked.enforce {
            confirmation["enforce"] = json!(enforce);
        }
        confirmation
    }
}

fn payment_method(payment_id: &str, used: &UsedCard) -> Value {
    let number = used.card.number;
    let last4 = &number[number.len() - 4..];
    let (year, month) = used.expiry;
    json!({
        "type": "bank_card",
        "id": payment_id,
        "saved": false,
        "status": "inactive",
        "title": format!("Bank card *{last4}"),
        "card": {
            "first6": &number[..6],
            "last4": last4,
            "expiry_year": year.to_string(),
            "expiry_month": format!("{month:02}"),
            "card_type": used.card.card_type,
            "issuer_country": "RU",
        },
    })
}

/// Numbers of the bank; they follow from the payment's id, so that its object stays the same.
fn authorization(payment_id: &str, used: &UsedCard) -> Value {
    let digits =
        |count: usize| payment_id.bytes().take(count).map(|byte| char::from(b'0' + byte % 10)).collect::<String>();
    json!({
        "rrn": digits(12),
        "auth_code": digits(6),
        "three_d_secure": {"applied": used.card.three_d_secure},
    })
}

/// The part of the shop that payments go through has a number near the shop's own.
fn gateway_id(shop_id: &str) -> String {
    shop_id.parse::<u64>().map_or_else(|_| "1".to_owned(), |id| id.saturating_add(1).to_string())
}

/// `2018-07-18T10:51:18.139Z`
pub fn time(ms: i64) -> String {
    let time = Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX);
    time.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}
