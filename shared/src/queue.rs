//! SQS. To `notify` it carries hints: "there may be something to send". The truth is the delivery's row, so a hint may be lost,
//! doubled or late, and one that cannot be given is only logged. To `settle` it carries what YooKassa notified us of, and
//! there the sender is told when it was not taken.
use std::{fmt, sync::OnceLock};

use aws_sdk_sqs::{
    Client,
    config::{StalledStreamProtectionConfig, timeout::TimeoutConfig},
};
use aws_types::SdkConfig;
use tokio::time::{Duration, timeout};

use crate::{config::Config, yookassa::wire::is_id};

/// SQS delays a message by at most this long, seconds.
const LONGEST_DELAY_S: i64 = 900;
/// How long giving a hint may take.
const HINT: Duration = Duration::from_millis(700);

/// What YooKassa shall be asked for, by its own id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// A payment.
    Payment(String),
    /// A refund.
    Refund(String),
}

impl Settlement {
    /// As it is queued.
    pub fn as_text(&self) -> String {
        match self {
            Self::Payment(id) => format!("payment {id}"),
            Self::Refund(id) => format!("refund {id}"),
        }
    }

    /// What was queued.
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once(' ')? {
            ("payment", id) if is_id(id) => Some(Self::Payment(id.to_owned())),
            ("refund", id) if is_id(id) => Some(Self::Refund(id.to_owned())),
            _ => None,
        }
    }
}

/// The queues.
pub struct Queue {
    sdk: SdkConfig,
    notify_url: String,
    settle_url: String,
    /// Built when first needed: most functions never send.
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
                // It would act after seconds; an attempt has less.
                .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
                .build();
            Client::from_conf(conf)
        })
    }

    /// Queues what YooKassa shall be asked for.
    ///
    /// # Errors
    /// The queue did not take it.
    pub async fn settle(&self, settlement: &Settlement) -> Result<(), &'static str> {
        let send = self.client().send_message().queue_url(&self.settle_url).message_body(settlement.as_text());
        send.send().await.map(drop).map_err(|_| "the queue does not take it")
    }

    /// Hints that the delivery `id` is due after `delay_ms`.
    pub async fn hint(&self, id: &str, delay_ms: i64) {
        let delay_s = ((delay_ms + 999) / 1000).clamp(0, LONGEST_DELAY_S);
        let send = self
            .client()
            .send_message()
            .queue_url(&self.notify_url)
            .message_body(id)
            .delay_seconds(i32::try_from(delay_s).unwrap_or(0));
        // Whoever waits for an answer waits no longer than this for a mere hint.
        if !matches!(timeout(HINT, send.send()).await, Ok(Ok(_))) {
            tracing::warn!(delivery = id, "the queue takes no hint; the next run of the job will find the message");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_queued_comes_back() {
        for settlement in [Settlement::Payment("22e12f66-000f".into()), Settlement::Refund("a-1".into())] {
            assert_eq!(Settlement::parse(&settlement.as_text()), Some(settlement));
        }
        for text in ["", "payment", "payment ../x", "other 1"] {
            assert_eq!(Settlement::parse(text), None, "{text}");
        }
    }
}
