//! Updates on their way to the webhook, in Telegram's order: each chat's messages and each person's presses are a queue
//! of their own, and the next of a queue goes out when the one before it has arrived or has become too old.
use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};

/// How long a message is worth delivering.
pub const MESSAGE_S: i64 = 86_400;
/// How long a press is.
pub const CALLBACK_S: i64 = 150;
/// The longest wait between two attempts.
const MAX_WAIT_S: i64 = 60;
/// The longest wait that a webhook may ask for.
const MAX_RETRY_AFTER_S: i64 = 3600;
/// How many deliveries are remembered.
const HISTORY: usize = 100;

/// What `setWebhook` said.
#[derive(Debug, Clone, Default)]
pub struct Webhook {
    /// Empty when there is none.
    pub url: String,
    /// Goes into a header of every delivery.
    pub secret_token: Option<String>,
    /// The kinds of updates that are wanted; None for the default ones.
    pub allowed_updates: Option<Vec<String>>,
    /// How many deliveries there are at the same time.
    pub max_connections: usize,
    /// When the last delivery failed, seconds.
    pub last_error_date: Option<i64>,
    /// And why.
    pub last_error_message: Option<String>,
}

/// The queues.
#[derive(Debug, Default)]
pub struct Updates {
    /// Where they go.
    pub webhook: Webhook,
    queues: BTreeMap<String, VecDeque<Pending>>,
    next_id: i64,
    expired: u64,
    history: VecDeque<Value>,
}

#[derive(Debug)]
struct Pending {
    id: i64,
    update: Value,
    expires_ms: i64,
    attempts: u32,
    next_ms: i64,
    in_flight: bool,
}

/// What came of an attempt: the answer's status, or why it failed and the seconds that the webhook asked to wait.
pub type Outcome = Result<u16, (String, Option<i64>)>;

/// One attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// The queue that it is the head of.
    pub queue: String,
    /// The update's id.
    pub id: i64,
    /// The update.
    pub update: Value,
    /// Where to.
    pub url: String,
    /// The header's value.
    pub secret_token: Option<String>,
}

impl Updates {
    /// Empty queues. Ids go on from those of an earlier start, which were fewer than one a second.
    pub fn new(now_s: i64) -> Self {
        Self { next_id: now_s, ..Self::default() }
    }

    /// Queues an update and returns its id; None when its kind is not wanted.
    pub fn add(&mut self, now_ms: i64, kind: &str, content: Value) -> Option<i64> {
        let is_wanted = match &self.webhook.allowed_updates {
            Some(kinds) => kinds.iter().any(|own| own == kind),
            None => !["chat_member", "message_reaction", "message_reaction_count"].contains(&kind),
        };
        is_wanted.then(|| {
            let mut update = json!({});
            update[kind] = content;
            self.add_raw(now_ms, update)
        })
    }

    /// Queues any object, with an id if it has none.
    pub fn add_raw(&mut self, now_ms: i64, mut update: Value) -> i64 {
        let id = update["update_id"].as_i64().unwrap_or_else(|| {
            self.next_id += 1;
            self.next_id
        });
        update["update_id"] = json!(id);
        let (queue, life_s) = place(&update);
        let expires_ms = now_ms + life_s * 1000;
        let pending = Pending { id, update, expires_ms, attempts: 0, next_ms: now_ms, in_flight: false };
        self.queues.entry(queue).or_default().push_back(pending);
        id
    }

    /// The deliveries that are due, which from now on are under way.
    pub fn due(&mut self, now_ms: i64) -> Vec<Delivery> {
        for queue in self.queues.values_mut() {
            while queue.front().is_some_and(|head| !head.in_flight && head.expires_ms <= now_ms) {
                queue.pop_front();
                self.expired += 1;
            }
        }
        self.queues.retain(|_, queue| !queue.is_empty());
        if self.webhook.url.is_empty() {
            return Vec::new();
        }
        let under_way = self.queues.values().flatten().filter(|pending| pending.in_flight).count();
        let free = self.webhook.max_connections.max(1).saturating_sub(under_way);
        let (url, secret_token) = (&self.webhook.url, &self.webhook.secret_token);
        let heads = self.queues.iter_mut().filter_map(|(name, queue)| Some((name, queue.front_mut()?)));
        heads
            .filter(|(_, head)| !head.in_flight && head.next_ms <= now_ms)
            .take(free)
            .map(|(name, head)| {
                head.in_flight = true;
                Delivery {
                    queue: name.clone(),
                    id: head.id,
                    update: head.update.clone(),
                    url: url.clone(),
                    secret_token: secret_token.clone(),
                }
            })
            .collect()
    }

    /// Ends an attempt. A failed one is repeated at once, then after 2, 4, 8 s and so on, or as the webhook asked.
    pub fn finish(&mut self, now_ms: i64, delivery: &Delivery, result: Outcome) {
        let attempts = match self.queues.get_mut(&delivery.queue).and_then(VecDeque::front_mut) {
            Some(head) if head.id == delivery.id => {
                head.in_flight = false;
                head.attempts += 1;
                head.attempts
            }
            // The queues were emptied meanwhile.
            _ => return,
        };
        let (status, error) = match &result {
            Ok(status) => (json!(status), Value::Null),
            Err((error, _)) => (Value::Null, json!(error)),
        };
        self.history.push_back(
            json!({"update_id": delivery.id, "attempt": attempts, "status": status, "error": error, "update": delivery.update}),
        );
        if self.history.len() > HISTORY {
            self.history.pop_front();
        }
        let Some(queue) = self.queues.get_mut(&delivery.queue) else {
            return;
        };
        match result {
            Ok(_) => {
                queue.pop_front();
            }
            Err((error, retry_after_s)) => {
                let backoff_s = if attempts == 1 { 0 } else { (1_i64 << (attempts - 1).min(6)).min(MAX_WAIT_S) };
                let wait_s = retry_after_s.map_or(backoff_s, |wait| wait.clamp(0, MAX_RETRY_AFTER_S));
                if let Some(head) = queue.front_mut() {
                    head.next_ms = now_ms + wait_s * 1000;
                }
                self.webhook.last_error_date = Some(now_ms.div_euclid(1000));
                self.webhook.last_error_message = Some(error);
            }
        }
    }

    /// How many wait, those under way among them.
    pub fn pending(&self) -> usize {
        self.queues.values().map(VecDeque::len).sum()
    }

    /// Forgets all that wait.
    pub fn clear(&mut self) {
        self.queues.clear();
        self.history.clear();
    }

    /// As `getWebhookInfo` answers.
    pub fn info(&self) -> Value {
        let webhook = &self.webhook;
        let mut info = json!({
            "url": webhook.url,
            "has_custom_certificate": false,
            "pending_update_count": self.pending(),
        });
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                info[name] = value;
            }
        };
        set("last_error_date", webhook.last_error_date.map(|date| json!(date)));
        set("last_error_message", webhook.last_error_message.as_ref().map(|text| json!(text)));
        set("max_connections", (!webhook.url.is_empty()).then(|| json!(webhook.max_connections)));
        set("allowed_updates", webhook.allowed_updates.as_ref().map(|kinds| json!(kinds)));
        info
    }

    /// For the people: what waits where, and the last deliveries.
    pub fn overview(&self) -> Value {
        let queues: Vec<_> = self
            .queues
            .iter()
            .map(|(name, queue)| {
                let head = queue.front();
                json!({
                    "queue": name,
                    "pending": queue.len(),
                    "head": head.map(|head| json!({
                        "update_id": head.id, "attempts": head.attempts, "next_ms": head.next_ms, "in_flight": head.in_flight,
                    })),
                })
            })
            .collect();
        let mut overview = self.info();
        overview["pending"] = json!(self.pending());
        overview["last_error"] = json!(self.webhook.last_error_message);
        overview["expired"] = json!(self.expired);
        overview["queues"] = json!(queues);
        overview["history"] = json!(self.history);
        overview
    }
}

/// The queue of an update, and how long it lives.
fn place(update: &Value) -> (String, i64) {
    let callback = &update["callback_query"];
    if callback.is_object() {
        return (format!("user {}", callback["from"]["id"]), CALLBACK_S);
    }
    let member = &update["my_chat_member"];
    if member.is_object() {
        return (format!("member {}", member["chat"]["id"]), MESSAGE_S);
    }
    let kinds = ["message", "edited_message", "channel_post"];
    match kinds.iter().map(|kind| &update[*kind]).find(|message| message.is_object()) {
        Some(message) => (format!("chat {}", message["chat"]["id"]), MESSAGE_S),
        None => ("other".to_owned(), MESSAGE_S),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn updates() -> Updates {
        let mut updates = Updates::new(100);
        updates.webhook =
            Webhook { url: "https://a/webhooks/telegram".to_owned(), max_connections: 40, ..Webhook::default() };
        updates
    }

    fn message(chat: i64) -> Value {
        json!({"chat": {"id": chat}})
    }

    fn ids(due: &[Delivery]) -> Vec<i64> {
        due.iter().map(|delivery| delivery.id).collect()
    }

    fn down() -> Outcome {
        Err(("down".to_owned(), None))
    }

    #[test]
    fn a_chat_waits_for_its_head_and_other_chats_do_not() {
        let mut updates = updates();
        for chat in [1, 1, 2] {
            updates.add(0, "message", message(chat));
        }
        updates.add(0, "callback_query", json!({"from": {"id": 1}}));
        let due = updates.due(0);
        assert_eq!(ids(&due), [101, 103, 104]);
        assert!(updates.due(0).is_empty(), "under way");
        updates.finish(0, &due[0], Ok(200));
        assert_eq!(ids(&updates.due(0)), [102]);
        assert_eq!(updates.pending(), 3);
    }

    #[test]
    fn it_is_repeated_at_once_and_then_ever_more_seldom() {
        let mut updates = updates();
        updates.add(0, "message", message(1));
        let (mut now, mut waits) = (0, Vec::new());
        for _ in 0..9 {
            let due = updates.due(now);
            updates.finish(now, &due[0], down());
            let before = now;
            while updates.due(now).is_empty() {
                now += 500;
            }
            waits.push((now - before) / 1000);
            // Put it back: the look above took it.
            let head = updates.queues.values_mut().next().and_then(VecDeque::front_mut).expect("a head");
            head.in_flight = false;
        }
        assert_eq!(waits, [0, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(updates.info()["last_error_message"], "down");
    }

    #[test]
    fn the_webhook_may_ask_for_a_pause() {
        let mut updates = updates();
        updates.add(0, "message", message(1));
        let due = updates.due(0);
        updates.finish(0, &due[0], Err(("busy".to_owned(), Some(10))));
        assert!(updates.due(9_999).is_empty());
        assert_eq!(updates.due(10_000).len(), 1);
    }

    #[test]
    fn what_is_too_old_makes_room() {
        let mut updates = updates();
        updates.add(0, "callback_query", json!({"from": {"id": 1}}));
        updates.add(100_000, "callback_query", json!({"from": {"id": 1}}));
        let due = updates.due(0);
        updates.finish(0, &due[0], down());
        let due = updates.due(150_000);
        assert_eq!(ids(&due), [102]);
        assert_eq!(updates.overview()["expired"], 1);
        updates.clear();
        updates.finish(150_000, &due[0], Ok(200));
        assert_eq!(updates.pending(), 0);
    }

    #[test]
    fn only_wanted_kinds_are_queued_and_raw_ones_keep_their_id() {
        let mut updates = updates();
        updates.webhook.allowed_updates = Some(vec!["message".to_owned()]);
        assert_eq!(updates.add(0, "callback_query", json!({})), None);
        assert_eq!(updates.add_raw(0, json!({"poll": {}, "update_id": 7})), 7);
        assert_eq!(updates.due(0)[0].update, json!({"update_id": 7, "poll": {}}));
    }
}
