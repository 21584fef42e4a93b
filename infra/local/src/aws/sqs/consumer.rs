//! What Lambda does with a queue: it takes messages from it and hands them to a function in batches.
use std::{sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use serde_json::{Map, Value, json};
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use super::{Message, Queues, REGION, arn, md5_hex};
use crate::template::QueueEvent;

/// How often a queue is looked at while something in it waits for its time. The clock may be moved meanwhile.
const POLL: Duration = Duration::from_millis(25);
/// How many invocations Lambda starts with at once.
const CONCURRENCY: usize = 5;

/// A function that takes messages, and its memory. It gets the event and answers with what failed; an error, a timeout
/// and a panic are the whole batch.
pub struct QueueFunction {
    /// Its name.
    pub name: String,
    /// After this long Lambda ends an invocation.
    pub timeout: Duration,
    /// Its code.
    pub run: Box<dyn Fn(Value) -> BoxFuture<'static, Result<Value, String>> + Send + Sync>,
}

impl Queues {
    /// Takes up to `max` messages that may be seen now. What was received too often goes to the dead letters.
    pub(super) fn receive(&self, name: &str, max: usize) -> Vec<Message> {
        let (mut state, now) = (self.state(), self.inner.clock.now_ms());
        let Some(queue) = state.queues.get_mut(name) else {
            return Vec::new();
        };
        let oldest = now.saturating_sub(ms(queue.resource.retention));
        queue.messages.retain(|message| message.sent_ms > oldest);
        let mut dead = Vec::new();
        if let Some(redrive) = queue.resource.redrive.clone() {
            let is_dead =
                |message: &mut Message| message.visible_ms <= now && message.receive_count >= redrive.max_receive_count;
            dead = queue.messages.extract_if(.., is_dead).collect();
            if let Some(letters) = state.queues.get_mut(&redrive.dead_letters) {
                for message in &dead {
                    tracing::error!(queue = name, body = message.body, "a message went to the dead letters");
                }
                letters.messages.append(&mut dead);
            }
        }
        // Their queue is none that is known: they stay.
        let Some(queue) = state.queues.get_mut(name) else {
            return Vec::new();
        };
        queue.messages.append(&mut dead);
        let visible_ms = now + ms(queue.resource.visibility_timeout);
        let mut received = Vec::new();
        for message in queue.messages.iter_mut().filter(|message| message.visible_ms <= now).take(max) {
            message.visible_ms = visible_ms;
            message.receive_count += 1;
            message.first_received_ms.get_or_insert(now);
            message.receipt = Some(uuid::Uuid::new_v4().to_string());
            received.push(message.clone());
        }
        queue.counters.received += received.len() as u64;
        received
    }

    pub(super) fn delete(&self, name: &str, receipts: &[String]) {
        let mut state = self.state();
        if let Some(queue) = state.queues.get_mut(name) {
            let before = queue.messages.len();
            queue.messages.retain(|message| message.receipt.as_ref().is_none_or(|own| !receipts.contains(own)));
            queue.counters.deleted += (before - queue.messages.len()) as u64;
        }
    }

    /// Whether anything in the queue waits for its time.
    fn is_empty(&self, name: &str) -> bool {
        self.state().queues.get(name).is_none_or(|queue| queue.messages.is_empty())
    }

    /// Hands a queue's messages to a function for as long as it is polled.
    pub async fn consume(self, event: QueueEvent, function: Arc<QueueFunction>, invocations: TaskTracker) {
        let slots = Arc::new(Semaphore::new(event.concurrency.unwrap_or(CONCURRENCY).max(1)));
        loop {
            let Ok(slot) = slots.clone().acquire_owned().await else {
                return;
            };
            let changed = self.inner.changed.notified();
            let batch = self.receive(&event.queue, event.batch_size);
            if !batch.is_empty() {
                let (queues, event, function) = (self.clone(), event.clone(), function.clone());
                invocations.spawn(async move {
                    queues.hand_over(&event, &function, batch).await;
                    drop(slot);
                });
                continue;
            }
            drop(slot);
            if self.is_empty(&event.queue) {
                // A message that came since is seen at the next look; nobody waits longer than that for it.
                let _ = tokio::time::timeout(Duration::from_secs(1), changed).await;
            } else {
                tokio::select! {
                    () = changed => {}
                    () = tokio::time::sleep(POLL) => {}
                }
            }
        }
    }

    /// One invocation. What it is done with is deleted; the rest is seen again after the visibility timeout.
    pub(super) async fn hand_over(&self, event: &QueueEvent, function: &Arc<QueueFunction>, batch: Vec<Message>) {
        let records: Vec<_> = batch.iter().map(|message| message.record(&event.queue)).collect();
        let (code, input) = (function.clone(), json!({"Records": records}));
        // A task of its own: a panic ends the invocation and nothing else.
        #[allow(clippy::disallowed_methods, reason = "it is waited for at once")]
        let invocation = tokio::spawn(async move { tokio::time::timeout(code.timeout, (code.run)(input)).await });
        let result = match invocation.await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(format!("the invocation timed out after {:?}", function.timeout)),
            Err(_) => Err("the function panicked".to_owned()),
        };
        let failed =
            result.and_then(|answer| if event.reports_failures { failed(&answer, &batch) } else { Ok(Vec::new()) });
        match failed {
            Ok(failed) => {
                let done = batch.into_iter().filter(|message| !failed.contains(&message.id));
                self.delete(&event.queue, &done.filter_map(|message| message.receipt).collect::<Vec<_>>());
            }
            Err(error) => {
                tracing::error!(function = function.name, error, "an invocation for a queue failed");
            }
        }
    }
}

/// The messages that a function could not handle, as Lambda reads its answer: without a list none failed; an entry
/// that names no message of the batch is a failure of all.
fn failed(answer: &Value, batch: &[Message]) -> Result<Vec<String>, String> {
    let items = match &answer["batchItemFailures"] {
        Value::Null => return Ok(Vec::new()),
        Value::Array(items) => items,
        _ => return Err("batchItemFailures is not a list".to_owned()),
    };
    let id = |item: &Value| {
        let id = item["itemIdentifier"].as_str().unwrap_or_default();
        let known = batch.iter().any(|message| message.id == id);
        known.then(|| id.to_owned()).ok_or_else(|| format!("{id:?} is no message of the batch"))
    };
    items.iter().map(id).collect()
}

impl Message {
    /// The message as a function gets it.
    fn record(&self, queue: &str) -> Value {
        let mut attributes = Map::new();
        for (name, attribute) in &self.attributes {
            attributes.insert(
                name.clone(),
                json!({
                    "stringValue": attribute["StringValue"],
                    "binaryValue": attribute["BinaryValue"],
                    "stringListValues": [],
                    "binaryListValues": [],
                    "dataType": attribute["DataType"],
                }),
            );
        }
        json!({
            "messageId": self.id,
            "receiptHandle": self.receipt,
            "body": self.body,
            "attributes": {
                "ApproximateReceiveCount": self.receive_count.to_string(),
                "SentTimestamp": self.sent_ms.to_string(),
                "SenderId": "AIDALOCALLOCALLOCALLO",
                "ApproximateFirstReceiveTimestamp": self.first_received_ms.unwrap_or(self.sent_ms).to_string(),
            },
            "messageAttributes": attributes,
            "md5OfBody": md5_hex(&self.body),
            "eventSource": "aws:sqs",
            "eventSourceARN": arn(queue),
            "awsRegion": REGION,
        })
    }
}

fn ms(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
