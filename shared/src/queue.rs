//! SQS queues. `notify` carries hints that there may be something to send. The delivery's row is the source of truth,
//! so a hint may be lost, repeated or late, and a failed one is only logged. `settle` carries the provider's
//! notifications; there the sender learns of a failure.
use std::{fmt, sync::OnceLock};

use aws_sdk_sqs::{
    Client,
    config::{StalledStreamProtectionConfig, timeout::TimeoutConfig},
    types::QueueAttributeName,
};
use aws_types::SdkConfig;
use tokio::time::{Duration, timeout};

use crate::config::Config;

/// The longest delay that SQS supports, seconds.
const LONGEST_DELAY_S: i64 = 900;
/// How long reading a queue's state may take.
const LOOK: Duration = Duration::from_secs(3);
/// How long sending a hint may take.
const HINT: Duration = Duration::from_millis(700);

/// An object to read from the payment provider, by its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// A payment.
    Payment(String),
    /// A refund.
    Refund(String),
}

impl Settlement {
    /// The queued form, with the id of this request.
    pub fn as_text(&self, request_id: &str) -> String {
        match self {
            Self::Payment(id) => format!("payment {id} {request_id}"),
            Self::Refund(id) => format!("refund {id} {request_id}"),
        }
    }

    /// Its type and id: a refund and a payment may share an id.
    pub fn name(&self) -> String {
        match self {
            Self::Payment(id) => format!("payment-{id}"),
            Self::Refund(id) => format!("refund-{id}"),
        }
    }

    /// The provider's id.
    pub fn provider_id(&self) -> &str {
        let (Self::Payment(id) | Self::Refund(id)) = self;
        id
    }

    /// Parses the queued form, with the id of its request if present.
    pub fn parse(text: &str) -> Option<(Self, Option<&str>)> {
        let (what, rest) = text.split_once(' ')?;
        let (id, request_id) = rest.split_once(' ').unwrap_or((rest, ""));
        let request_id = (!request_id.is_empty()).then_some(request_id);
        if !is_id(id) {
            return None;
        }
        match what {
            "payment" => Some((Self::Payment(id.to_owned()), request_id)),
            "refund" => Some((Self::Refund(id.to_owned()), request_id)),
            _ => None,
        }
    }
}

/// Whether it can be a provider's id. It becomes part of keys and URLs.
fn is_id(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// A hint that a delivery may be due. A handler that must come back sends the next hint, so each counts those before
/// it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hint<'a> {
    /// The delivery.
    pub id: &'a str,
    /// The number of hints in a row before this one.
    pub hops: u32,
}

impl<'a> Hint<'a> {
    /// The first hint.
    pub fn new(id: &'a str) -> Self {
        Self { id, hops: 0 }
    }

    /// The queued form. The first hint is only the id.
    pub fn as_text(&self) -> String {
        if self.hops == 0 { self.id.to_owned() } else { format!("{} {}", self.id, self.hops) }
    }

    /// Parses the queued form.
    pub fn parse(text: &'a str) -> Self {
        let counted = text.split_once(' ').and_then(|(id, hops)| Some(Self { id, hops: hops.parse().ok()? }));
        counted.unwrap_or(Self::new(text))
    }
}

/// The state of a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Depth {
    /// `notify` or `settle`.
    pub name: &'static str,
    /// Waiting messages.
    pub waiting: Option<i64>,
    /// Messages being processed.
    pub in_flight: Option<i64>,
    /// Messages in the dead-letter queue.
    pub dead_letters: Option<i64>,
}

/// The queues.
pub struct Queue {
    sdk: SdkConfig,
    notify_url: String,
    settle_url: String,
    notify_aside_url: String,
    settle_aside_url: String,
    /// Built on first use: most functions never send.
    client: OnceLock<Client>,
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue").field("notify", &self.notify_url).finish_non_exhaustive()
    }
}

impl Queue {
    /// The configured queues.
    pub fn new(sdk: &SdkConfig, config: &Config) -> Self {
        Self {
            sdk: sdk.clone(),
            notify_url: config.notify_queue_url.clone(),
            settle_url: config.settle_queue_url.clone(),
            notify_aside_url: config.notify_dead_letters_url.clone(),
            settle_aside_url: config.settle_dead_letters_url.clone(),
            client: OnceLock::new(),
        }
    }

    fn client(&self) -> &Client {
        self.client.get_or_init(|| {
            let timeouts = TimeoutConfig::builder()
                .connect_timeout(Duration::from_millis(500))
                .operation_attempt_timeout(Duration::from_millis(1000))
                .operation_timeout(Duration::from_millis(3000))
                .build();
            let conf = aws_sdk_sqs::config::Builder::from(&self.sdk)
                .timeout_config(timeouts)
                // Stalled-stream protection acts after seconds; an attempt takes less.
                .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
                .build();
            Client::from_conf(conf)
        })
    }

    /// The state of the queues; `None` for one that does not answer.
    pub async fn depths(&self) -> [Depth; 2] {
        let of = async |name, url, aside| {
            let (own, aside) = tokio::join!(self.messages(url), self.messages(aside));
            let (waiting, in_flight) = own.unzip();
            Depth { name, waiting, in_flight, dead_letters: aside.map(|(waiting, in_flight)| waiting + in_flight) }
        };
        let (notify, settle) = tokio::join!(
            of("notify", &self.notify_url, &self.notify_aside_url),
            of("settle", &self.settle_url, &self.settle_aside_url)
        );
        [notify, settle]
    }

    /// Messages waiting in a queue, delayed ones included, and messages being processed.
    async fn messages(&self, url: &str) -> Option<(i64, i64)> {
        let names = [
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesDelayed,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
        ];
        let get = self.client().get_queue_attributes().queue_url(url).set_attribute_names(Some(names.to_vec()));
        let Ok(Ok(answer)) = timeout(LOOK, get.send()).await else {
            tracing::warn!("a queue does not say how full it is");
            return None;
        };
        let number = |name: &QueueAttributeName| answer.attributes()?.get(name)?.parse::<i64>().ok();
        let [waiting, delayed, in_flight] = names.each_ref().map(|name| number(name).unwrap_or_default());
        Some((waiting + delayed, in_flight))
    }

    /// Queues a read from the payment provider after `delay_ms`, traceable to this request.
    ///
    /// # Errors
    /// The queue did not accept it.
    pub async fn settle(&self, settlement: &Settlement, request_id: &str, delay_ms: i64) -> Result<(), &'static str> {
        let text = settlement.as_text(request_id);
        let send = self.client().send_message().queue_url(&self.settle_url).message_body(text);
        let send = send.delay_seconds(delay_s(delay_ms));
        send.send().await.map(drop).map_err(|_| "the queue does not take it")
    }

    /// Sends a hint that a delivery is due after `delay_ms`.
    pub async fn hint(&self, hint: Hint<'_>, delay_ms: i64) {
        let send = self
            .client()
            .send_message()
            .queue_url(&self.notify_url)
            .message_body(hint.as_text())
            .delay_seconds(delay_s(delay_ms));
        // A caller who waits for a response should not wait longer for a mere hint.
        if !matches!(timeout(HINT, send.send()).await, Ok(Ok(_))) {
            tracing::warn!(
                delivery = hint.id,
                "the queue takes no hint; the next run of the job will find the message"
            );
        }
    }
}

/// Whole seconds, limited to the longest delay of SQS.
fn delay_s(delay_ms: i64) -> i32 {
    i32::try_from(((delay_ms + 999) / 1000).clamp(0, LONGEST_DELAY_S)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_counts_those_before_it() {
        for hint in [Hint::new("card-1"), Hint { id: "card-1", hops: 9 }] {
            assert_eq!(Hint::parse(&hint.as_text()), hint);
        }
        assert_eq!(Hint::new("card-1").as_text(), "card-1");
        for text in ["", "card-1 x", "card-1 -1", "card-1 99999999999"] {
            assert_eq!(Hint::parse(text), Hint::new(text), "{text}");
        }
    }

    #[test]
    fn what_is_queued_comes_back() {
        for settlement in [Settlement::Payment("22e12f66-000f".into()), Settlement::Refund("a-1".into())] {
            assert_eq!(Settlement::parse(&settlement.as_text("r-1=")), Some((settlement, Some("r-1="))));
        }
        for text in ["payment a-1", "payment a-1 "] {
            assert_eq!(Settlement::parse(text), Some((Settlement::Payment("a-1".into()), None)), "{text}");
        }
        for text in ["", "payment", "payment ", "payment ../x r", "other 1 r"] {
            assert_eq!(Settlement::parse(text), None, "{text}");
        }
    }
}
