//! Outgoing messages. The row of a message is the truth; SQS only hints that there may be something to send, and the job
//! finds what a lost hint left behind.
//!
//! A message is rendered when it is sent, from the response as it stands then, so the order in which messages are sent
//! cannot matter. Whoever sends one holds its claim; a claim ends by itself, so a function that dies holds nothing up.
use std::pin::pin;

use futures_util::StreamExt as _;
use serde_json::{Value, json};
use tokio::time::{Duration, Instant, sleep};

use crate::{
    app::App,
    error::Error,
    request::RequestContext,
    response::{Actor, Event, Response, Status, act},
    store::{
        StoreError,
        bucket::Rate,
        delivery::{Claim, Claimed, Finish, Finished},
        keys::Key,
        response::ResponseWrite,
    },
    telegram::{
        BotError,
        screens::{self, Screen},
    },
    telemetry::{self, Metric},
};

/// A claim lasts longer than the longest call to Telegram and what is written after it.
const CLAIM_MS: i64 = 30_000;
/// Hints come a moment before the row is due when clocks differ; that is worth waiting for.
const NEARLY_DUE_MS: i64 = 2_000;
/// The pause after the first failed try; it doubles with each further one.
const FIRST_PAUSE_MS: i64 = 2_000;
/// The longest pause.
const LONGEST_PAUSE_MS: i64 = 300_000;
/// With those pauses, two days.
const MOST_TRIES: i64 = 580;
/// How long one waits for one's turn on the spot.
const PATIENCE: Duration = Duration::from_millis(600);
/// The job comes by every minute; for shorter pauses a hint is worth its price.
const JOB_EVERY_MS: i64 = 60_000;
/// How many messages the job sends at the same time.
const AT_ONCE: usize = 8;

/// The bot sends 30 messages a second in all, at most. Evenly: a burst would add to the rate of its busiest second.
const ALL: Rate = Rate { interval_ms: 34, burst: 1 };
/// One a second into a private chat.
const PRIVATE_CHAT: Rate = Rate { interval_ms: 1000, burst: 1 };
/// Messages a minute into a group.
const GROUP_PER_MINUTE: i64 = 20;

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The response in the dispatchers' chat, with its buttons. One message, edited when something changes.
    Card,
    /// Tells the driver what became of the response.
    Notice(Status),
    /// Tells the driver why the response was rejected.
    Reason,
    /// The shipper's link of this generation, for a dispatcher to forward.
    Link(u32),
}

impl What {
    /// As it is stored.
    pub fn as_text(self) -> String {
        match self {
            Self::Card => "card".to_owned(),
            Self::Notice(status) => format!("notice-{}", status.as_str()),
            Self::Reason => "reason".to_owned(),
            Self::Link(generation) => format!("link-{generation}"),
        }
    }

    /// What was stored.
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once('-') {
            None if text == "card" => Some(Self::Card),
            None if text == "reason" => Some(Self::Reason),
            Some(("notice", status)) => {
                Status::ALL.into_iter().find(|known| known.as_str() == status).map(Self::Notice)
            }
            Some(("link", generation)) => generation.parse().ok().map(Self::Link),
            _ => None,
        }
    }

    /// The id of its row. It follows from what it is about, so nothing can be sent under two rows.
    pub fn delivery_id(self, response_id: &str) -> String {
        format!("{}-{response_id}", self.as_text())
    }
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivered {
    /// Telegram has it, or there was nothing to be sent.
    Done,
    /// It waits for its time.
    Waits,
    /// It cannot be sent.
    Failed,
}

/// Where a message goes.
struct Target {
    chat_id: i64,
    rate: Rate,
}

impl Target {
    fn new(chat_id: i64) -> Self {
        let rate = if chat_id < 0 { Rate::at_most_per_minute(GROUP_PER_MINUTE) } else { PRIVATE_CHAT };
        Self { chat_id, rate }
    }

    fn key(&self) -> Key {
        Key::sending(&self.chat_id.to_string())
    }
}

impl App {
    /// Hints that these messages about the response can be sent now.
    pub async fn hint(&self, response: &Response, messages: &[What]) {
        let ids = messages.iter().map(|what| what.delivery_id(&response.id));
        futures_util::future::join_all(ids.map(|id| async move { self.queue.hint(&id, 0).await })).await;
    }

    /// Takes a message's turn in the rates of its chat and of the bot. The inner `Err` holds the milliseconds to wait.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn take_turn(&self, chat_id: i64) -> Result<Result<(), i64>, StoreError> {
        let target = Target::new(chat_id);
        match self.take_patiently(&target.key(), target.rate).await? {
            Ok(()) => self.take_patiently(&Key::sending("all"), ALL).await,
            refused => Ok(refused),
        }
    }

    /// Takes from the bucket; a short wait is cheaper than coming back.
    async fn take_patiently(&self, key: &Key, rate: Rate) -> Result<Result<(), i64>, StoreError> {
        let give_up = Instant::now() + PATIENCE;
        loop {
            let Err(wait_ms) = self.store.take(key, rate, self.clock.now_ms()).await? else { return Ok(Ok(())) };
            let wait = Duration::from_millis(u64::try_from(wait_ms).unwrap_or(0));
            if Instant::now() + wait > give_up {
                return Ok(Err(wait_ms));
            }
            sleep(wait).await;
        }
    }

    /// Sends the message `id`, if it is due and nobody else is at it.
    ///
    /// # Errors
    /// The store cannot be used. The row still says what is to be done.
    pub async fn deliver(&self, id: &str, context: &RequestContext) -> Result<Delivered, StoreError> {
        let claim = uuid::Uuid::new_v4().to_string();
        let mut claimed = loop {
            match self.store.claim_delivery(id, &claim, self.clock.now_ms(), CLAIM_MS).await? {
                Claim::Taken(claimed) => break claimed,
                Claim::NotYet(wait_ms) if wait_ms <= NEARLY_DUE_MS => {
                    sleep(Duration::from_millis(u64::try_from(wait_ms).unwrap_or(0))).await;
                }
                Claim::NotYet(_) => return Ok(Delivered::Waits),
                Claim::Gone => return Ok(Delivered::Done),
            }
        };
        // Read anew when it changes while it is being sent; that cannot go on for long.
        for _ in 0..3 {
            let response = self.response_of(&claimed).await?;
            match self.attempt(&claimed, response.as_ref(), context).await? {
                Attempt::Done(delivered) => return Ok(delivered),
                Attempt::SentBefore(message_id) => claimed.message_id = Some(message_id),
            }
        }
        Ok(Delivered::Waits)
    }

    /// Sends what should have been sent by now, until `until`. Returns how many messages were dealt with.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn deliver_due(&self, until: Instant, context: &RequestContext) -> Result<usize, StoreError> {
        let ids = self.store.due_deliveries(self.clock.now_ms(), 200).await?;
        let mut results = pin!(
            futures_util::stream::iter(ids)
                .take_while(|_| std::future::ready(Instant::now() < until))
                .map(|id| async move {
                    // Each has the whole time of a call to Telegram.
                    let own = RequestContext::new(context.request_id.as_str());
                    Box::pin(self.deliver(&id, &own)).await
                })
                .buffer_unordered(AT_ONCE)
        );
        let mut done = 0;
        while let Some(result) = results.next().await {
            match result {
                Ok(_) => done += 1,
                Err(error) => tracing::warn!(%error, "a message could not be sent; the next run tries again"),
            }
        }
        Ok(done)
    }

    /// The response that the message is about, if that is still the one that stands.
    async fn response_of(&self, claimed: &Claimed) -> Result<Option<Response>, StoreError> {
        let response = self.store.response(claimed.driver_id, &claimed.cargo_id).await?;
        Ok(response.filter(|response| response.id == claimed.response_id))
    }

    async fn attempt(
        &self,
        claimed: &Claimed,
        response: Option<&Response>,
        context: &RequestContext,
    ) -> Result<Attempt, StoreError> {
        let done = |delivered| Ok(Attempt::Done(delivered));
        let screen = match self.render(claimed, response).await? {
            Rendered::Send(screen) => screen,
            Rendered::Skip(reason) => {
                return match self.finish(claimed, &Finish::Skipped { reason }).await? {
                    Finished::More => self.again_at_once(claimed).await,
                    _ => done(Delivered::Done),
                };
            }
        };
        let target = Target::new(screen.chat_id);
        // Without the shared rates nobody may send: Telegram would make us all wait for much longer.
        let turn = match self.take_turn(target.chat_id).await {
            Ok(turn) => turn,
            Err(error) => {
                tracing::warn!(%error, "the rates of the bot cannot be read");
                Err(5_000)
            }
        };
        if let Err(wait_ms) = turn {
            // Those who wait for the same chat come back at different times, further apart the more often they waited.
            let spread = target.rate.interval_ms << claimed.tries.clamp(0, 4);
            let chance = i64::try_from(uuid::Uuid::new_v4().as_u128() % u128::from(spread.unsigned_abs().max(1)));
            return self.postpone(claimed, wait_ms + chance.unwrap_or(0), None).await;
        }
        let message_id = claimed.message_id;
        let result = match message_id {
            None => self.telegram.call("sendMessage", &screen.message(), context.deadline).await,
            Some(id) => self.telegram.call("editMessageText", &screen.edit(id), context.deadline).await,
        };
        match result {
            Ok(message) => {
                let id = message["message_id"].as_i64().or(message_id);
                let Some(id) = id else {
                    return self.postpone(claimed, self.pause(claimed), Some("its answer has no message_id")).await;
                };
                self.sent(claimed, response, id, context).await
            }
            Err(error) if error.is_unchanged() && message_id.is_some() => {
                self.sent(claimed, response, message_id.unwrap_or_default(), context).await
            }
            Err(error) if error.is_message_gone() && message_id.is_some() => {
                // Somebody deleted it. What is to be said is said in a new one.
                let mut anew = claimed.clone();
                anew.message_id = None;
                match self.telegram.call("sendMessage", &screen.message(), context.deadline).await {
                    Ok(message) => {
                        let id = message["message_id"].as_i64().unwrap_or_default();
                        self.sent(&anew, response, id, context).await
                    }
                    Err(error) => self.not_sent(&anew, &target, &error).await,
                }
            }
            Err(error) => self.not_sent(claimed, &target, &error).await,
        }
    }

    async fn not_sent(&self, claimed: &Claimed, target: &Target, error: &BotError) -> Result<Attempt, StoreError> {
        let text = error.to_string();
        match error {
            BotError::TooMany(seconds) => {
                telemetry::count(Metric::DeliveryRateLimited);
                let until_ms = self.clock.now_ms() + seconds * 1000;
                if let Err(error) = self.store.close_bucket(&target.key(), target.rate, until_ms).await {
                    tracing::warn!(%error, "that Telegram asks for a pause could not be noted");
                }
                self.postpone(claimed, seconds * 1000, Some(&text)).await
            }
            BotError::Unknown(reason) if claimed.tries < MOST_TRIES => {
                tracing::warn!(reason, delivery = claimed.id, "Telegram did not take a message");
                telemetry::count(Metric::DeliveryRetried);
                self.postpone(claimed, self.pause(claimed), Some(&text)).await
            }
            BotError::Unknown(_) | BotError::Refused { .. } => {
                tracing::error!(reason = text, delivery = claimed.id, "a message cannot be delivered");
                telemetry::count(Metric::DeliveryFailed);
                if error.is_unreachable()
                    && target.chat_id > 0
                    && let Err(error) = self.store.put_reachable(target.chat_id, false).await
                {
                    tracing::warn!(%error, "that a driver cannot be written to could not be noted");
                }
                match self.finish(claimed, &Finish::Failed { reason: &text }).await? {
                    Finished::More => self.again_at_once(claimed).await,
                    _ => Ok(Attempt::Done(Delivered::Failed)),
                }
            }
        }
    }

    /// Puts on record that Telegram has the message.
    async fn sent(
        &self,
        claimed: &Claimed,
        response: Option<&Response>,
        message_id: i64,
        context: &RequestContext,
    ) -> Result<Attempt, StoreError> {
        telemetry::count(Metric::DeliverySent);
        let now_ms = self.clock.now_ms();
        let queued = response.filter(|response| claimed.what == What::Card && response.status == Status::Queued);
        let step = queued.and_then(|before| {
            let after = before.apply(Event::Deliver, Actor::System, now_ms).ok()?;
            Some((before, after))
        });
        let audit = step.as_ref().map(|(before, after)| act::Account::new(before, after, &Actor::System));
        let write = step.as_ref().zip(audit.as_ref()).map(|((before, after), audit)| ResponseWrite {
            before: Some(before),
            after,
            messages: &[],
            audit: audit.row(now_ms, context),
        });
        match self.finish(claimed, &Finish::Sent { message_id, delivered: write.as_ref() }).await? {
            Finished::Done | Finished::Lost => Ok(Attempt::Done(Delivered::Done)),
            Finished::More => self.again_at_once(claimed).await,
            Finished::Changed => Ok(Attempt::SentBefore(message_id)),
        }
    }

    async fn finish(&self, claimed: &Claimed, finish: &Finish<'_>) -> Result<Finished, StoreError> {
        let finished = self.store.finish_delivery(claimed, finish, self.clock.now_ms()).await?;
        if finished == Finished::Lost {
            tracing::warn!(delivery = claimed.id, "a message took longer than its claim");
        }
        Ok(finished)
    }

    /// There is something new to say in the message that has just been sent.
    async fn again_at_once(&self, claimed: &Claimed) -> Result<Attempt, StoreError> {
        self.queue.hint(&claimed.id, 0).await;
        Ok(Attempt::Done(Delivered::Waits))
    }

    async fn postpone(&self, claimed: &Claimed, wait_ms: i64, error: Option<&str>) -> Result<Attempt, StoreError> {
        let due_at_ms = self.clock.now_ms() + wait_ms;
        self.finish(claimed, &Finish::Again { due_at_ms, error }).await?;
        if wait_ms < JOB_EVERY_MS {
            self.queue.hint(&claimed.id, wait_ms).await;
        }
        Ok(Attempt::Done(Delivered::Waits))
    }

    fn pause(&self, claimed: &Claimed) -> i64 {
        let doubled = FIRST_PAUSE_MS << (claimed.tries - 1).clamp(0, 12);
        let chance = i64::try_from(uuid::Uuid::new_v4().as_u128() % 1000).unwrap_or(0);
        doubled.min(LONGEST_PAUSE_MS) + chance
    }

    async fn render(&self, claimed: &Claimed, response: Option<&Response>) -> Result<Rendered, StoreError> {
        let dispatchers = self.config.dispatch_chat_id;
        Ok(match (claimed.what, response) {
            (What::Card, Some(response)) if response.status == Status::Withdrawn && claimed.message_id.is_none() => {
                Rendered::Skip("it was withdrawn before it was sent")
            }
            (What::Card, Some(response)) => {
                Rendered::Send(screens::card(response, dispatchers, &self.config.telegram_app_url))
            }
            // The driver has responded anew in between; the old card only says that it is void.
            (What::Card, None) if claimed.message_id.is_some() => Rendered::Send(screens::void_card(dispatchers)),
            (_, None) => Rendered::Skip("another response has taken its place"),
            (What::Link(generation), Some(response))
                if response.link_generation == generation && response.has_link() && response.status.is_open() =>
            {
                match self.shipper_url(response).await {
                    Ok(url) => Rendered::Send(screens::shipper_link(response, dispatchers, &url)),
                    Err(Error::Internal(reason)) => {
                        tracing::error!(reason, "a link for a shipper cannot be made");
                        Rendered::Skip("the link cannot be signed")
                    }
                    Err(_) => Rendered::Skip("the link cannot be signed"),
                }
            }
            (What::Link(_), Some(_)) => Rendered::Skip("the link is void"),
            (What::Notice(_) | What::Reason, Some(response)) => {
                let profile = self.store.profile(claimed.driver_id).await?;
                match profile {
                    Some(profile) if profile.unreachable => Rendered::Skip("the driver has blocked the bot"),
                    Some(profile) => {
                        let origin = &self.config.webapp_origin;
                        Rendered::Send(screens::notice(claimed.what, response, &profile, origin))
                    }
                    None => Rendered::Skip("the driver's data was deleted"),
                }
            }
        })
    }
}

enum Attempt {
    Done(Delivered),
    /// Telegram has the message under this id, but the response changed before that was on record.
    SentBefore(i64),
}

enum Rendered {
    Send(Screen),
    Skip(&'static str),
}

impl Screen {
    /// Parameters of `sendMessage`.
    pub fn message(&self) -> Value {
        let mut message = json!({
            "chat_id": self.chat_id,
            "text": self.text,
            "parse_mode": "HTML",
            "link_preview_options": { "is_disabled": true },
        });
        if let Some(keyboard) = self.keyboard() {
            message["reply_markup"] = keyboard;
        }
        message
    }

    /// Parameters of `editMessageText`.
    pub fn edit(&self, message_id: i64) -> Value {
        let mut edit = self.message();
        edit["message_id"] = json!(message_id);
        edit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_is_told_by_its_text() {
        let all = Status::ALL.map(What::Notice);
        for what in [What::Card, What::Reason, What::Link(3)].into_iter().chain(all) {
            assert_eq!(What::parse(&what.as_text()), Some(what));
        }
        for text in ["", "card-1", "notice", "notice-", "link-", "link-x", "other"] {
            assert_eq!(What::parse(text), None, "{text}");
        }
    }
}
