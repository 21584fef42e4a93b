//! Notifications on their way to the shop's server: each is its own, no order is kept between them, and only the answer
//! 200 ends one.

use std::collections::{BTreeSet, VecDeque};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::payment::time;
use super::shop::Event;
use crate::aws::sqs::{Times, times};

/// The waits between attempts, in seconds. The documentation says only that it is tried for 24 hours; the numbers are
/// those of a note by YooKassa's support, which does not say whether they count from the first attempt or the one before.
pub const GAPS_S: [i64; 7] = [10, 42, 84, 168, 672, 5_376, 86_016];
/// One address of each network that YooKassa calls from.
pub const SENDERS: [IpAddr; 7] = [
    IpAddr::V4(Ipv4Addr::new(185, 71, 76, 5)),
    IpAddr::V4(Ipv4Addr::new(185, 71, 77, 20)),
    IpAddr::V4(Ipv4Addr::new(77, 75, 153, 78)),
    IpAddr::V4(Ipv4Addr::new(77, 75, 154, 200)),
    IpAddr::V4(Ipv4Addr::new(77, 75, 156, 11)),
    IpAddr::V4(Ipv4Addr::new(77, 75, 156, 35)),
    IpAddr::V6(Ipv6Addr::new(0x2a02, 0x5180, 0, 0x1509, 0, 0, 0, 7)),
];
/// How many attempts are remembered.
const HISTORY: usize = 200;

/// How notifications travel. [`Default`] is as documented.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The waits between attempts are divided by it.
    pub speed: f64,
    /// So many attempts do not arrive.
    #[serde(deserialize_with = "times")]
    pub lose: Times,
    /// So many attempts arrive twice at the same time.
    #[serde(deserialize_with = "times")]
    pub double: Times,
    /// Nothing goes out until it is released.
    pub hold: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { speed: 1.0, lose: Times::Never, double: Times::Never, hold: false }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Waiting,
    UnderWay,
    Delivered,
    GivenUp,
}

#[derive(Debug)]
struct Notification {
    event: String,
    object_id: String,
    body: Value,
    state: State,
    attempts: usize,
    next_ms: i64,
}

/// All notifications since the last reset, the delivered ones too: they can be sent again.
#[derive(Debug, Default)]
pub struct Notifications {
    settings: Settings,
    /// The id of each is its place.
    all: Vec<Notification>,
    /// Those that are neither delivered nor given up.
    open: BTreeSet<usize>,
    history: VecDeque<Value>,
}

/// An attempt.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// Of this notification.
    pub id: usize,
    /// What is sent.
    pub body: Value,
    /// Where it comes from.
    pub sender: IpAddr,
    /// So many arrive.
    pub copies: usize,
}

/// `{"type": "notification", …}`
pub fn body(event: &str, object: &Value) -> Value {
    json!({"type": "notification", "event": event, "object": object})
}

impl Notifications {
    /// How they travel.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Changes how they travel.
    pub fn set(&mut self, settings: Settings) {
        self.settings = settings;
    }

    /// Something happened.
    pub fn add(&mut self, now_ms: i64, event: Event) {
        self.open.insert(self.all.len());
        self.all.push(Notification {
            body: body(&event.name, &event.object),
            object_id: event.object["id"].as_str().unwrap_or_default().to_owned(),
            event: event.name,
            state: State::Waiting,
            attempts: 0,
            next_ms: now_ms,
        });
    }

    /// Whether one may come due.
    pub fn is_waiting(&self) -> bool {
        !self.settings.hold && !self.open.is_empty()
    }

    /// The body of a notification.
    pub fn body(&self, id: usize) -> Option<&Value> {
        self.all.get(id).map(|notification| &notification.body)
    }

    /// The ids of those about this object.
    pub fn about(&self, object_id: &str) -> Vec<usize> {
        (0..self.all.len()).filter(|id| self.all[*id].object_id == object_id).collect()
    }

    /// The attempts that are due, which from now on are under way.
    pub fn due(&mut self, now_ms: i64) -> Vec<Delivery> {
        if self.settings.hold {
            return Vec::new();
        }
        let due: Vec<usize> = self.open.iter().copied().filter(|id| self.all[*id].next_ms <= now_ms).collect();
        due.into_iter().filter_map(|id| self.begin(id)).collect()
    }

    /// Begins an attempt now, also of one that is held or not due.
    pub fn begin(&mut self, id: usize) -> Option<Delivery> {
        let notification = self.all.get_mut(id).filter(|notification| notification.state == State::Waiting)?;
        notification.state = State::UnderWay;
        let copies = match (self.settings.lose.strike(), self.settings.double.strike()) {
            (true, _) => 0,
            (false, true) => 2,
            (false, false) => 1,
        };
        let sender = SENDERS[(id + notification.attempts) % SENDERS.len()];
        Some(Delivery { id, body: notification.body.clone(), sender, copies })
    }

    /// Those that wait, oldest first.
    pub fn waiting(&self) -> Vec<usize> {
        self.open.iter().copied().filter(|id| self.all[*id].state == State::Waiting).collect()
    }

    /// Ends an attempt. `statuses` are the answers, none when it did not arrive.
    pub fn finish(&mut self, now_ms: i64, delivery: &Delivery, statuses: &[u16]) {
        let speed = self.settings.speed;
        let Some(notification) = self.all.get_mut(delivery.id).filter(|known| known.state == State::UnderWay) else {
            // All was forgotten meanwhile.
            return;
        };
        notification.attempts += 1;
        notification.state = if statuses.contains(&200) {
            State::Delivered
        } else if let Some(gap_s) = GAPS_S.get(notification.attempts - 1) {
            notification.next_ms = now_ms + (*gap_s as f64 * 1_000.0 / speed) as i64;
            State::Waiting
        } else {
            State::GivenUp
        };
        if notification.state != State::Waiting {
            self.open.remove(&delivery.id);
        }
        self.history.push_back(json!({
            "id": delivery.id,
            "event": notification.event,
            "object_id": notification.object_id,
            "attempt": notification.attempts,
            "at": time(now_ms),
            "source_ip": delivery.sender,
            "statuses": statuses,
        }));
        if self.history.len() > HISTORY {
            self.history.pop_front();
        }
    }

    /// For tests: how they travel, all of them, and the last attempts.
    pub fn overview(&self) -> Value {
        let item = |(id, one): (usize, &Notification)| {
            let next = (one.state == State::Waiting).then(|| time(one.next_ms));
            json!({
                "id": id,
                "event": one.event,
                "object_id": one.object_id,
                "state": one.state,
                "attempts": one.attempts,
                "next_at": next,
                "body": one.body,
            })
        };
        json!({
            "settings": self.settings,
            "waiting": self.open.len(),
            "items": self.all.iter().enumerate().map(item).collect::<Vec<_>>(),
            "history": self.history,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notifications() -> Notifications {
        let mut notifications = Notifications::default();
        add(&mut notifications, "a");
        notifications
    }

    fn add(notifications: &mut Notifications, id: &str) {
        notifications.add(0, Event { name: "payment.succeeded".to_owned(), object: json!({"id": id}) });
    }

    #[test]
    fn it_is_tried_eight_times_with_the_documented_waits() {
        let mut notifications = notifications();
        let (mut now_s, mut waits) = (0, Vec::new());
        for _ in 0..8 {
            let before = now_s;
            let due = loop {
                let due = notifications.due(now_s * 1_000);
                if !due.is_empty() {
                    break due;
                }
                now_s += 1;
            };
            waits.push(now_s - before);
            notifications.finish(now_s * 1_000, &due[0], &[202]);
        }
        assert_eq!(waits, [0, 10, 42, 84, 168, 672, 5_376, 86_016]);
        assert!(notifications.due(i64::MAX).is_empty());
        assert_eq!(notifications.overview()["items"][0]["state"], "given_up");
    }

    #[test]
    fn time_can_be_sped_up() {
        let mut notifications = notifications();
        notifications.set(Settings { speed: 1_000.0, ..Settings::default() });
        let due = notifications.due(0);
        notifications.finish(0, &due[0], &[500]);
        assert!(notifications.due(9).is_empty());
        assert_eq!(notifications.due(10).len(), 1);
    }

    #[test]
    fn only_200_ends_it() {
        let mut notifications = notifications();
        for (answers, waits) in [(vec![], 1), (vec![201], 1), (vec![404], 1), (vec![500, 200], 0)] {
            let due = notifications.due(i64::MAX / 2);
            notifications.finish(0, &due[0], &answers);
            assert_eq!(notifications.waiting().len(), waits, "{answers:?}");
        }
    }

    #[test]
    fn it_is_lost_or_doubled_as_often_as_said() {
        let mut notifications = notifications();
        ["b", "c", "d"].iter().for_each(|id| add(&mut notifications, id));
        notifications.set(Settings { lose: Times::Left(1), double: Times::Left(2), ..Settings::default() });
        let copies: Vec<usize> = notifications.due(0).iter().map(|delivery| delivery.copies).collect();
        assert_eq!(copies, [0, 2, 1, 1], "a lost one uses up a doubling, as it would have been one");
    }

    #[test]
    fn what_is_held_goes_out_only_when_it_is_begun() {
        let mut notifications = notifications();
        notifications.set(Settings { hold: true, ..Settings::default() });
        assert!(notifications.due(0).is_empty() && !notifications.is_waiting());
        assert!(notifications.begin(0).is_some());
        assert_eq!(notifications.begin(0), None, "it is under way");
    }
}
