//! SQS: queues in memory, and the operations that the product sends messages with.
//!
//! A queue may be told to lose, double, delay and refuse messages. It is lost when the process ends, which the product has
//! to live with anyway: a message is only a hint.
mod consumer;
mod faults;

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::Serialize;
use serde_json::{Map, Value, json};
use shared::clock::Clock;
use tokio::sync::Notify;

use super::{
    Answer, REGION,
    roles::{Access, Caller},
    unknown_operation,
};
use crate::template::QueueResource;
pub use consumer::QueueFunction;
pub use faults::{Settings, Times, times};

/// The largest message, with its attributes.
const MAX_MESSAGE: usize = 1024 * 1024;
/// The longest `DelaySeconds`.
const MAX_DELAY_S: u64 = 900;

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

    fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The address of a queue of the endpoint.
pub fn queue_url(endpoint: &str, name: &str) -> String {
    format!("{endpoint}/000000000000/{name}")
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

#[cfg(test)]
mod tests;
