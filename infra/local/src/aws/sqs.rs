//! SQS: queues in memory, the operations that the product sends messages with, and what Lambda does with a queue: it takes
//! messages from it and hands them to functions in batches.
//!
//! A queue may be told to lose, double, delay and refuse messages. It is lost when the process ends, which the product has
//! to live with anyway: a message is only a hint.
use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::future::BoxFuture;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value, json};
use shared::clock::Clock;
use tokio::sync::{Notify, Semaphore};
use tokio_util::task::TaskTracker;

use super::{
    Answer, REGION,
    roles::{Access, Caller},
    unknown_operation,
};
use crate::template::{QueueEvent, QueueResource};

/// The largest message, with its attributes.
const MAX_MESSAGE: usize = 1024 * 1024;
/// The longest `DelaySeconds`.
const MAX_DELAY_S: u64 = 900;
/// How often a queue is looked at while something in it waits for its time. The clock may be moved meanwhile.
const POLL: Duration = Duration::from_millis(25);
/// How many invocations Lambda starts with at once.
const CONCURRENCY: usize = 5;

/// The queues of one product.
#[derive(Debug, Clone)]
pub struct Queues {
    inner: Arc<Inner>,
}

struct Inner {
    state: Mutex<State>,
    changed: Notify,
    clock: Clock,
    endpoint: String,
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Queues")
    }
}

#[derive(Default)]
struct State {
    queues: BTreeMap<String, Queue>,
    settings: Settings,
}

struct Queue {
    resource: QueueResource,
    messages: Vec<Message>,
    counters: Counters,
}

/// What happened to a queue since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counters {
    /// Messages that were accepted.
    pub sent: u64,
    /// Accepted messages that were thrown away.
    pub lost: u64,
    /// Messages that were answered with an error.
    pub refused: u64,
    /// Messages handed to a function, repeats included.
    pub received: u64,
    /// Messages that a function was done with.
    pub deleted: u64,
}

/// A message on its way.
#[derive(Debug, Clone)]
struct Message {
    id: String,
    body: String,
    attributes: Map<String, Value>,
    sent_ms: i64,
    visible_ms: i64,
    first_received_ms: Option<i64>,
    receive_count: u64,
    /// That of the last receipt; an older one deletes nothing.
    receipt: Option<String>,
}

/// What goes wrong with the messages that are sent.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// So many are accepted and thrown away.
    #[serde(deserialize_with = "times")]
    pub lose: Times,
    /// Each is delivered twice.
    pub double: bool,
    /// Each is seen so much later.
    pub delay_ms: i64,
    /// So many calls are answered with an error.
    #[serde(deserialize_with = "times")]
    pub refuse: Times,
}

/// How often something strikes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Times {
    /// Not at all.
    #[default]
    Never,
    /// So often.
    Left(u64),
    /// Always.
    All,
}

impl Times {
    /// Whether it strikes now.
    pub fn strike(&mut self) -> bool {
        match self {
            Self::Never | Self::Left(0) => false,
            Self::Left(left) => {
                *left -= 1;
                true
            }
            Self::All => true,
        }
    }
}

impl Serialize for Times {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Never => serializer.serialize_none(),
            Self::Left(left) => serializer.serialize_u64(*left),
            Self::All => serializer.serialize_str("all"),
        }
    }
}

/// Reads a number, `"all"`, a flag or null.
pub fn times<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Times, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null | Value::Bool(false) => Ok(Times::Never),
        Value::Bool(true) => Ok(Times::All),
        Value::String(text) if text == "all" => Ok(Times::All),
        Value::Number(number) if number.is_u64() => Ok(Times::Left(number.as_u64().unwrap_or_default())),
        _ => Err(serde::de::Error::custom("must be a number, \"all\", a flag or null")),
    }
}

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
    /// Empty queues, whose addresses begin with `endpoint`.
    pub fn new(resources: &BTreeMap<String, QueueResource>, endpoint: &str, clock: Clock) -> Self {
        let queue = |(name, resource): (&String, &QueueResource)| {
            let resource = resource.clone();
            (name.clone(), Queue { resource, messages: Vec::new(), counters: Counters::default() })
        };
        let state = State { queues: resources.iter().map(queue).collect(), settings: Settings::default() };
        let inner = Inner { state: Mutex::new(state), changed: Notify::new(), clock, endpoint: endpoint.to_owned() };
        Self { inner: Arc::new(inner) }
    }

    /// Carries out an operation, whose request is JSON.
    pub fn call(&self, caller: Caller<'_>, operation: &str, body: &[u8]) -> Answer {
        let Ok(request) = serde_json::from_slice::<Value>(body) else {
            return error(400, "SerializationException", "the request is not JSON");
        };
        if let Err(refusal) = caller.may(|| vec![access(operation, &request)]) {
            return refusal;
        }
        match operation {
            "SendMessage" => self.send_message(&request),
            "SendMessageBatch" => self.send_message_batch(&request),
            "GetQueueUrl" => self.get_queue_url(&request),
            "GetQueueAttributes" => self.get_queue_attributes(&request),
            _ => unknown_operation(),
        }
    }

    fn send_message(&self, request: &Value) -> Answer {
        let mut state = self.state();
        let Some(name) = queue_of(&state, request) else {
            return no_such_queue();
        };
        if refuses(&mut state, &name, 1) {
            return unavailable();
        }
        match self.enqueue(&mut state, &name, request) {
            Ok(sent) => Answer::ok(sent.to_string()),
            Err((code, message)) => error(400, code, &message),
        }
    }

    fn send_message_batch(&self, request: &Value) -> Answer {
        let mut state = self.state();
        let Some(name) = queue_of(&state, request) else {
            return no_such_queue();
        };
        let entries = request["Entries"].as_array().cloned().unwrap_or_default();
        if entries.is_empty() {
            return error(400, "EmptyBatchRequest", "There should be at least one SendMessageBatchRequestEntry.");
        }
        if entries.len() > 10 {
            return error(400, "TooManyEntriesInBatchRequest", "Maximum number of entries per request are 10.");
        }
        let ids: std::collections::BTreeSet<_> = entries.iter().filter_map(|entry| entry["Id"].as_str()).collect();
        if ids.len() != entries.len() {
            return error(400, "BatchEntryIdsNotDistinct", "Id of every entry must be there and differ.");
        }
        if refuses(&mut state, &name, entries.len() as u64) {
            return unavailable();
        }
        let (mut successful, mut failed) = (Vec::new(), Vec::new());
        for entry in &entries {
            match self.enqueue(&mut state, &name, entry) {
                Ok(mut sent) => {
                    sent["Id"] = entry["Id"].clone();
                    successful.push(sent);
                }
                Err((code, message)) => {
                    failed.push(json!({"Id": entry["Id"], "Code": code, "Message": message, "SenderFault": true}));
                }
            }
        }
        Answer::ok(json!({"Successful": successful, "Failed": failed}).to_string())
    }

    /// Puts one message into a queue and answers as SQS does.
    fn enqueue(&self, state: &mut State, name: &str, request: &Value) -> Result<Value, (&'static str, String)> {
        let Some(body) = request["MessageBody"].as_str().filter(|body| !body.is_empty()) else {
            return Err(("MissingParameter", "The request must contain the parameter MessageBody.".to_owned()));
        };
        let attributes = request["MessageAttributes"].as_object().cloned().unwrap_or_default();
        let size =
            body.len() + attributes.iter().map(|(name, value)| name.len() + value.to_string().len()).sum::<usize>();
        if size > MAX_MESSAGE {
            let text = format!(
                "One or more parameters are invalid. Reason: Message must be shorter than {MAX_MESSAGE} bytes."
            );
            return Err(("InvalidParameterValue", text));
        }
        let now = self.inner.clock.now_ms();
        let settings = &mut state.settings;
        let Some(queue) = state.queues.get_mut(name) else {
            return Err(("QueueDoesNotExist", NO_SUCH_QUEUE.to_owned()));
        };
        let delay_s = match &request["DelaySeconds"] {
            Value::Null => queue.resource.delay.as_secs(),
            value => value.as_u64().filter(|delay| *delay <= MAX_DELAY_S).ok_or_else(|| {
                let text = format!(
                    "Value {value} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900."
                );
                ("InvalidParameterValue", text)
            })?,
        };
        let id = uuid::Uuid::new_v4().to_string();
        queue.counters.sent += 1;
        if settings.lose.strike() {
            queue.counters.lost += 1;
        } else {
            let message = Message {
                id: id.clone(),
                body: body.to_owned(),
                attributes,
                sent_ms: now,
                visible_ms: now + i64::try_from(delay_s).unwrap_or_default() * 1000 + settings.delay_ms.max(0),
                first_received_ms: None,
                receive_count: 0,
                receipt: None,
            };
            if settings.double {
                queue.messages.push(message.clone());
            }
            queue.messages.push(message);
            self.inner.changed.notify_waiters();
        }
        Ok(json!({"MessageId": id, "MD5OfMessageBody": md5_hex(body)}))
    }

    fn get_queue_url(&self, request: &Value) -> Answer {
        match request["QueueName"].as_str().filter(|name| self.state().queues.contains_key(*name)) {
            Some(name) => Answer::ok(json!({"QueueUrl": self.url(name)}).to_string()),
            None => no_such_queue(),
        }
    }

    fn get_queue_attributes(&self, request: &Value) -> Answer {
        let state = self.state();
        let Some((name, queue)) = queue_of(&state, request).and_then(|name| state.queues.get_key_value(&name)) else {
            return no_such_queue();
        };
        let counts = queue.counts(self.inner.clock.now_ms());
        let attributes = json!({
            "ApproximateNumberOfMessages": counts.waiting.to_string(),
            "ApproximateNumberOfMessagesNotVisible": counts.in_flight.to_string(),
            "ApproximateNumberOfMessagesDelayed": counts.delayed.to_string(),
            "QueueArn": arn(name),
            "VisibilityTimeout": queue.resource.visibility_timeout.as_secs().to_string(),
        });
        Answer::ok(json!({"Attributes": attributes}).to_string())
    }

    /// The address of a queue.
    pub fn url(&self, name: &str) -> String {
        queue_url(&self.inner.endpoint, name)
    }

    /// What goes wrong at present.
    pub fn settings(&self) -> Settings {
        self.state().settings.clone()
    }

    /// Replaces what goes wrong.
    pub fn set_settings(&self, settings: Settings) {
        self.state().settings = settings;
    }

    /// Every queue with its counts. `dead` is what its queue of dead letters holds.
    pub fn overview(&self) -> Value {
        let (state, now) = (self.state(), self.inner.clock.now_ms());
        let queue = |(name, queue): (&String, &Queue)| {
            let counts = queue.counts(now);
            let redrive = queue.resource.redrive.as_ref();
            let dead = redrive.and_then(|redrive| Some(state.queues.get(&redrive.dead_letters)?.messages.len()));
            let bodies: Vec<_> = queue.messages.iter().take(100).map(|message| &message.body).collect();
            json!({
                "name": name,
                "url": self.url(name),
                "waiting": counts.waiting,
                "in_flight": counts.in_flight,
                "delayed": counts.delayed,
                "dead": dead,
                "counters": queue.counters,
                "sent": queue.counters.sent,
                "bodies": bodies,
            })
        };
        json!({"settings": state.settings, "queues": state.queues.iter().map(queue).collect::<Vec<_>>()})
    }

    /// Takes up to `max` messages that may be seen now. What was received too often goes to the dead letters.
    fn receive(&self, name: &str, max: usize) -> Vec<Message> {
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

    fn delete(&self, name: &str, receipts: &[String]) {
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
    async fn hand_over(&self, event: &QueueEvent, function: &Arc<QueueFunction>, batch: Vec<Message>) {
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

    fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The address of a queue of the endpoint.
pub fn queue_url(endpoint: &str, name: &str) -> String {
    format!("{endpoint}/000000000000/{name}")
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

struct Counts {
    waiting: usize,
    in_flight: usize,
    delayed: usize,
}

impl Queue {
    fn counts(&self, now: i64) -> Counts {
        let count = |is: &dyn Fn(&&Message) -> bool| self.messages.iter().filter(is).count();
        Counts {
            waiting: count(&|message| message.visible_ms <= now),
            in_flight: count(&|message| message.visible_ms > now && message.receive_count > 0),
            delayed: count(&|message| message.visible_ms > now && message.receive_count == 0),
        }
    }
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

const NO_SUCH_QUEUE: &str = "The specified queue does not exist.";

fn error(status: u16, code: &str, message: &str) -> Answer {
    Answer::error(status, &format!("com.amazonaws.sqs#{code}"), message)
}

fn no_such_queue() -> Answer {
    error(400, "QueueDoesNotExist", NO_SUCH_QUEUE)
}

fn unavailable() -> Answer {
    error(503, "ServiceUnavailable", "The request has failed due to a temporary failure of the server.")
}

/// What an operation does with which queue. A batch is sent by the right to send.
fn access(operation: &str, request: &Value) -> Access {
    let action = if operation == "SendMessageBatch" { "SendMessage" } else { operation };
    let named = request["QueueUrl"].as_str().or_else(|| request["QueueName"].as_str()).unwrap_or_default();
    Access::new(format!("sqs:{action}"), arn(named.rsplit('/').next().unwrap_or_default()))
}

/// What Lambda itself does with a queue by the role of the function that takes messages from it.
pub fn polling(queue: &str) -> Vec<Access> {
    ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
        .map(|action| Access::new(action, arn(queue)))
        .into()
}

fn queue_of(state: &State, request: &Value) -> Option<String> {
    let name = request["QueueUrl"].as_str()?.rsplit('/').next()?;
    state.queues.contains_key(name).then(|| name.to_owned())
}

/// Whether a call is refused; it is counted with its messages.
fn refuses(state: &mut State, name: &str, messages: u64) -> bool {
    let refused = state.settings.refuse.strike();
    if let Some(queue) = state.queues.get_mut(name).filter(|_| refused) {
        queue.counters.refused += messages;
    }
    refused
}

/// The ARN of a queue.
pub fn arn(name: &str) -> String {
    format!("arn:aws:sqs:{REGION}:000000000000:{name}")
}

fn md5_hex(text: &str) -> String {
    format!("{:x}", md5::compute(text))
}

fn ms(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::MovableClock, template::Redrive};

    const URL: &str = "http://127.0.0.1:1/_aws/000000000000/NotifyQueue";

    fn queues(clock: &MovableClock) -> Queues {
        let queue = |redrive| QueueResource {
            visibility_timeout: Duration::from_secs(60),
            delay: Duration::ZERO,
            retention: Duration::from_secs(345_600),
            redrive,
        };
        let redrive = Redrive { dead_letters: "Dead".to_owned(), max_receive_count: 2 };
        let resources =
            BTreeMap::from([("NotifyQueue".to_owned(), queue(Some(redrive))), ("Dead".to_owned(), queue(None))]);
        Queues::new(&resources, "http://127.0.0.1:1/_aws", clock.clock())
    }

    fn send(queues: &Queues, extra: &Value) -> Value {
        let mut request = json!({"QueueUrl": URL, "MessageBody": "This is a test message"});
        for (name, value) in extra.as_object().into_iter().flatten() {
            request[name] = value.clone();
        }
        serde_json::from_str(&queues.call(Caller::Free, "SendMessage", request.to_string().as_bytes()).body)
            .expect("JSON")
    }

    fn event() -> QueueEvent {
        QueueEvent { queue: "NotifyQueue".to_owned(), batch_size: 10, concurrency: None, reports_failures: true }
    }

    fn function(run: impl Fn(Value) -> Result<Value, String> + Send + Sync + 'static) -> Arc<QueueFunction> {
        let run = Arc::new(run);
        Arc::new(QueueFunction {
            name: "notify".to_owned(),
            timeout: Duration::from_secs(5),
            run: Box::new(move |event| {
                let run = run.clone();
                Box::pin(async move { run(event) })
            }),
        })
    }

    #[test]
    fn a_message_has_the_documented_digest_and_waits() {
        let queues = queues(&MovableClock::default());
        // The example of SQS's own documentation.
        assert_eq!(send(&queues, &json!({}))["MD5OfMessageBody"], "fafb00f5732ab283681e124bf8747ed1");
        let overview = queues.overview();
        assert_eq!((&overview["queues"][1]["waiting"], &overview["queues"][1]["sent"]), (&json!(1), &json!(1)));
        let other = json!({"QueueUrl": "http://x/Other", "MessageBody": "a"}).to_string();
        let answer = queues.call(Caller::Free, "SendMessage", other.as_bytes());
        assert!(answer.status == 400 && answer.body.contains("QueueDoesNotExist"), "{answer:?}");
    }

    #[test]
    fn a_batch_is_answered_entry_by_entry() {
        let queues = queues(&MovableClock::default());
        let entries = json!([
            {"Id": "a", "MessageBody": "1"}, {"Id": "b", "MessageBody": ""}, {"Id": "c", "MessageBody": "3", "DelaySeconds": 901}
        ]);
        let request = json!({"QueueUrl": URL, "Entries": entries}).to_string();
        let answer: Value =
            serde_json::from_str(&queues.call(Caller::Free, "SendMessageBatch", request.as_bytes()).body)
                .expect("JSON");
        assert_eq!(answer["Successful"][0]["Id"], "a");
        assert_eq!((&answer["Failed"][0]["Id"], &answer["Failed"][1]["Id"]), (&json!("b"), &json!("c")));
    }

    #[test]
    fn delay_and_visibility_follow_the_clock_and_the_dead_letters_come_last() {
        let clock = MovableClock::default();
        let queues = queues(&clock);
        send(&queues, &json!({"DelaySeconds": 30}));
        assert!(queues.receive("NotifyQueue", 10).is_empty());
        clock.advance_s(31);
        let first = queues.receive("NotifyQueue", 10);
        assert_eq!(first[0].receive_count, 1);
        assert!(queues.receive("NotifyQueue", 10).is_empty(), "in flight");
        clock.advance_s(61);
        let second = queues.receive("NotifyQueue", 10);
        assert_eq!((second[0].receive_count, &second[0].id), (2, &first[0].id));
        queues.delete("NotifyQueue", &[first[0].receipt.clone().expect("a receipt")]);
        clock.advance_s(61);
        assert!(queues.receive("NotifyQueue", 10).is_empty(), "received often enough");
        assert_eq!(queues.overview()["queues"][1]["dead"], 1);
    }

    #[test]
    fn messages_are_lost_doubled_delayed_and_refused_as_told() {
        let clock = MovableClock::default();
        let queues = queues(&clock);
        let set = |settings: Value| queues.set_settings(serde_json::from_value(settings).expect("settings"));
        set(json!({"lose": 1}));
        assert!(send(&queues, &json!({}))["MessageId"].is_string());
        assert!(queues.receive("NotifyQueue", 10).is_empty());
        set(json!({"double": true, "delay_ms": 5000}));
        send(&queues, &json!({}));
        assert!(queues.receive("NotifyQueue", 10).is_empty());
        clock.advance_s(6);
        assert_eq!(queues.receive("NotifyQueue", 10).len(), 2);
        set(json!({"refuse": true}));
        let refused = json!({"QueueUrl": URL, "MessageBody": "a"}).to_string();
        assert_eq!(queues.call(Caller::Free, "SendMessage", refused.as_bytes()).status, 503);
        let counters = &queues.overview()["queues"][1]["counters"];
        assert_eq!((&counters["sent"], &counters["lost"], &counters["refused"]), (&json!(2), &json!(1), &json!(1)));
        assert!(serde_json::from_value::<Settings>(json!({"lose": "some"})).is_err());
    }

    #[tokio::test]
    async fn a_function_gets_the_event_of_lambda_and_only_what_failed_comes_again() {
        let clock = MovableClock::default();
        let queues = queues(&clock);
        let kept = send(&queues, &json!({"MessageBody": "bad"}))["MessageId"].clone();
        send(&queues, &json!({"MessageBody": "good"}));
        let batch = queues.receive("NotifyQueue", 10);
        let function = function(|event| {
            let records = event["Records"].as_array().cloned().unwrap_or_default();
            assert_eq!(records[0]["eventSource"], "aws:sqs");
            assert_eq!(records[0]["eventSourceARN"], "arn:aws:sqs:eu-central-1:000000000000:NotifyQueue");
            assert_eq!(records[0]["attributes"]["ApproximateReceiveCount"], "1");
            let bad = records.iter().filter(|record| record["body"] == "bad");
            let failures: Vec<_> = bad.map(|record| json!({"itemIdentifier": record["messageId"]})).collect();
            Ok(json!({"batchItemFailures": failures}))
        });
        queues.hand_over(&event(), &function, batch).await;
        clock.advance_s(61);
        let again = queues.receive("NotifyQueue", 10);
        assert_eq!(again.iter().map(|message| json!(message.id)).collect::<Vec<_>>(), [kept]);
    }

    #[tokio::test]
    async fn an_error_a_panic_and_an_unknown_id_are_failures_of_the_whole_batch() {
        for answer in [Err("down".to_owned()), Ok(json!({"batchItemFailures": [{"itemIdentifier": ""}]}))] {
            let queues = queues(&MovableClock::default());
            send(&queues, &json!({}));
            let batch = queues.receive("NotifyQueue", 10);
            let answer = answer.clone();
            queues.hand_over(&event(), &function(move |_| answer.clone()), batch).await;
            assert_eq!(queues.overview()["queues"][1]["in_flight"], 1);
        }
        let queues = queues(&MovableClock::default());
        send(&queues, &json!({}));
        let batch = queues.receive("NotifyQueue", 10);
        queues.hand_over(&event(), &function(|_| panic!("a bug")), batch).await;
        assert_eq!(queues.overview()["queues"][1]["in_flight"], 1);
    }

    #[tokio::test(start_paused = true)]
    async fn messages_reach_the_function_without_being_asked_for() {
        let clock = MovableClock::default();
        let queues = queues(&clock);
        let (seen, mut bodies) = tokio::sync::mpsc::unbounded_channel();
        let function = function(move |event| {
            let _ = seen.send(event["Records"][0]["body"].clone());
            Ok(json!({}))
        });
        #[allow(clippy::disallowed_methods, reason = "a consumer beside the test")]
        let consumer = tokio::spawn(queues.clone().consume(event(), function, TaskTracker::new()));
        send(&queues, &json!({"MessageBody": "one"}));
        assert_eq!(bodies.recv().await, Some(json!("one")));
        send(&queues, &json!({"MessageBody": "two", "DelaySeconds": 600}));
        tokio::time::sleep(Duration::from_millis(200)).await;
        clock.advance_s(601);
        assert_eq!(bodies.recv().await, Some(json!("two")));
        consumer.abort();
    }
}
