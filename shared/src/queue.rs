//! SQS, as a hint: "there may be something to send". The truth is the delivery's row, so a hint may be lost, doubled or
//! late, and one that cannot be given is only logged.
use std::{fmt, sync::OnceLock, time::Duration};

use aws_sdk_sqs::{
    Client,
    config::{StalledStreamProtectionConfig, timeout::TimeoutConfig},
};
use aws_types::SdkConfig;

use crate::config::Config;

/// SQS delays a message by at most this long, seconds.
const LONGEST_DELAY_S: i64 = 900;

/// The queue of hints for `notify`.
pub struct Queue {
    sdk: SdkConfig,
    url: String,
    /// Built when first needed: most functions never send.
    client: OnceLock<Client>,
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Queue {
    /// The configured queue.
    pub fn new(sdk: &SdkConfig, config: &Config) -> Self {
        Self { sdk: sdk.clone(), url: config.notify_queue_url.clone(), client: OnceLock::new() }
    }

    /// Hints that the delivery `id` is due after `delay_ms`.
    pub async fn hint(&self, id: &str, delay_ms: i64) {
        let client = self.client.get_or_init(|| {
            let timeouts = TimeoutConfig::builder()
                .connect_timeout(Duration::from_millis(500))
                .operation_attempt_timeout(Duration::from_millis(500))
                // It is only a hint: whoever waits for an answer waits for it no longer.
                .operation_timeout(Duration::from_millis(700))
                .build();
            let conf = aws_sdk_sqs::config::Builder::from(&self.sdk)
                .timeout_config(timeouts)
                // It would act after seconds; an attempt has less.
                .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
                .build();
            Client::from_conf(conf)
        });
        let delay_s = ((delay_ms + 999) / 1000).clamp(0, LONGEST_DELAY_S);
        let send = client
            .send_message()
            .queue_url(&self.url)
            .message_body(id)
            .delay_seconds(i32::try_from(delay_s).unwrap_or(0));
        if send.send().await.is_err() {
            tracing::warn!(delivery = id, "the queue takes no hint; the next run of the job will find the message");
        }
    }
}
