//! Outgoing messages. The row of a message is the truth; SQS only hints that there may be something to send, and the job
//! finds what a lost hint left behind.
//!
//! A message is rendered when it is sent, from the response as it stands then, and one that would tell what is no longer so
//! is not sent, so the order in which messages are sent cannot tell a lie. Whoever sends one holds its claim; a claim ends by
//! itself, so a function that dies holds nothing up.
//!
//! A message goes out twice in one case, which cannot be avoided because Telegram has no idempotency keys: Telegram took it,
//! and that did not get on record, because its answer was lost, because we died before we wrote it down, or because the
//! store did not take it for as long as the claim lasted.
mod fan_out;

use std::pin::pin;

use futures_util::StreamExt as _;
use outbox::class::Class;
use serde_json::{Value, json};
use tokio::time::{Duration, Instant, sleep};

use crate::{
    address::{Address, MessageRef},
    app::App,
    error::Error,
    queue::Hint,
    request::RequestContext,
    response::{Actor, Event, Response, Status, act, rivals::Around},
    store::{
        Key, StoreError,
        bucket::Rate,
        delivery::{Claim, Claimed, Finish, Finished},
        keys,
        response::ResponseWrite,
    },
    telegram::{
        BotError, address, card,
        screens::{self, Screen},
        update::CloseAccess,
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
/// After that long a message to a driver is no longer tried: what it says is of no use any more.
const GIVE_UP_MS: i64 = 2 * 86_400_000;
/// After that long somebody has to know that the dispatchers have not got a message.
const LATE_MS: i64 = 600_000;
/// So many hints in a row lead to a message; then it waits for the job. Our own bound in place of Lambda's, which stops a
/// function that calls itself through a queue after some sixteen times: a crowd of messages that wait for their turn in one chat
/// comes to more than that.
const LONGEST_CHAIN: u32 = 50;
/// The pauses in which it is tried to put on record that Telegram has a message; together less than a claim.
const RECORD_PAUSES_MS: [u64; 4] = [200, 500, 1000, 2000];
/// How long one waits for one's turn on the spot.
const PATIENCE: Duration = Duration::from_millis(600);
/// The job comes by every minute; for shorter pauses a hint is worth its price.
const JOB_EVERY_MS: i64 = 60_000;
/// How far apart those come back at most who wait for the same: a hint leads to them, not the job.
const LONGEST_SPREAD_MS: i64 = JOB_EVERY_MS / 2;
/// How many messages a run of the job deals with at most.
const DUE_AT_A_TIME: usize = 200;
/// How many messages the job sends at the same time.
const AT_ONCE: usize = 8;

// Telegram's limits (its FAQ for bots), each with a little slack, because a turn is taken some time before the message
// arrives: 30 messages a second in all, one a second into a private chat, 20 a minute into a group.

/// Evenly: a burst would add to the rate of its busiest second.
const ALL: Rate = Rate { interval_ms: 36, burst: 1 };
/// Into a private chat.
const PRIVATE_CHAT: Rate = Rate { interval_ms: 1050, burst: 1 };
/// Messages a minute into a group.
const GROUP_PER_MINUTE: i64 = 19;
/// Of which so many at once: a press is answered with a message and an edit, and dispatchers wait for both.
const GROUP_BURST: i64 = 4;
/// New cards of one driver: fewer than the chat takes, so that one who responds to everything leaves room to the others.
const CARDS_OF_ONE: Rate = Rate { interval_ms: 6_000, burst: 8 };

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
    /// Nothing by itself: rejects the others that were open when this response's dispatcher said so.
    Others,
    /// Nothing by itself: the cards of a driver who was blocked or let in again are looked at. Its subject is the driver.
    Block,
    /// Tells the driver that a payment has come and until when the subscription lasts.
    Paid,
    /// Tells the driver why a payment was declined.
    Declined,
    /// Tells the driver that money went back. Its subject is [`refund_subject`].
    Refunded,
    /// Tells the driver that an admin has given them more of the subscription. Its subject is the order's id.
    Gift,
    /// Tells the driver that their access link was opened, with a button that voids it. Its subject is [`opening_subject`].
    Opened,
    /// Tells the driver that the subscription ends in so many days, or has ended. Its subject is [`reminder_subject`].
    Reminder(u8),
}

/// Days before the end of a subscription on which its driver is reminded, once each.
pub const REMINDERS: [u8; 3] = [3, 1, 0];

/// What the reminders of a subscription that ends at `ends_at_ms` are about: another end has reminders of its own.
pub fn reminder_subject(driver_id: i64, ends_at_ms: i64) -> String {
    format!("{driver_id}-{ends_at_ms}")
}

/// What the message about an opening of an access link is about: whose, of which generation, and when.
pub fn opening_subject(driver_id: i64, generation: u32, at_ms: i64) -> String {
    format!("{driver_id}-{generation}-{at_ms}")
}

/// What the message about a refund of a payment is about: each refund has its own.
pub fn refund_subject(payment_id: &str, provider_id: &str) -> String {
    format!("{payment_id}_{provider_id}")
}

impl What {
    /// Whether it goes into the dispatchers' chat; all others go to the driver whom they are about.
    pub fn is_for_dispatchers(self) -> bool {
        matches!(self, Self::Card | Self::Link(_))
    }

    /// How urgent it is.
    pub fn class(self) -> Class {
        match self {
            Self::Card | Self::Notice(_) | Self::Reason | Self::Link(_) | Self::Others | Self::Block => Class::Decision,
            Self::Paid | Self::Declined | Self::Refunded | Self::Gift => Class::Money,
            Self::Opened => Class::Alert,
            Self::Reminder(_) => Class::News,
        }
    }

    /// As it is stored.
    pub fn as_text(self) -> String {
        match self {
            Self::Card => "card".to_owned(),
            Self::Notice(status) => format!("notice-{}", status.as_str()),
            Self::Reason => "reason".to_owned(),
            Self::Link(generation) => format!("link-{generation}"),
            Self::Others => "others".to_owned(),
            Self::Block => "block".to_owned(),
            Self::Paid => "paid".to_owned(),
            Self::Declined => "declined".to_owned(),
            Self::Refunded => "refunded".to_owned(),
            Self::Gift => "gift".to_owned(),
            Self::Opened => "opened".to_owned(),
            Self::Reminder(days) => format!("reminder-{days}"),
        }
    }

    /// What was stored.
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once('-') {
            None if text == "card" => Some(Self::Card),
            None if text == "reason" => Some(Self::Reason),
            None if text == "others" => Some(Self::Others),
            None if text == "block" => Some(Self::Block),
            None if text == "paid" => Some(Self::Paid),
            None if text == "declined" => Some(Self::Declined),
            None if text == "refunded" => Some(Self::Refunded),
            None if text == "gift" => Some(Self::Gift),
            None if text == "opened" => Some(Self::Opened),
            Some(("notice", status)) => {
                Status::ALL.into_iter().find(|known| known.as_str() == status).map(Self::Notice)
            }
            Some(("reminder", days)) => days.parse().ok().map(Self::Reminder),
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

/// The rate of a chat.
fn rate_of(to: &Address) -> Rate {
    if to.is_private() { PRIVATE_CHAT } else { Rate::at_most_per_minute_with(GROUP_PER_MINUTE, GROUP_BURST) }
}

fn turns_of(to: &Address) -> Key {
    keys::sending(to.chat_id())
}

impl App {
    /// Hints that these messages about the response or payment `subject_id` can be sent now.
    pub async fn hint(&self, subject_id: &str, messages: &[What]) {
        let ids = messages.iter().map(|what| what.delivery_id(subject_id));
        futures_util::future::join_all(ids.map(|id| async move { self.queue.hint(Hint::new(&id), 0).await })).await;
    }

    /// Takes the turn of a message of this class in the rates of its chat and of the bot. The inner `Err` holds the milliseconds
    /// to wait.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn take_turn(
        &self,
        to: &Address,
        class: Class,
        patience: Duration,
    ) -> Result<Result<(), i64>, StoreError> {
        match self.take_patiently(&turns_of(to), rate_of(to), 0, patience).await? {
            Ok(()) => self.take_patiently(&keys::sending("all"), ALL, class.lag_ms(), patience).await,
            refused => Ok(refused),
        }
    }

    /// Takes from the bucket what nobody has taken who is so far ahead; a short wait is cheaper than coming back.
    async fn take_patiently(
        &self,
        key: &Key,
        rate: Rate,
        lag_ms: i64,
        patience: Duration,
    ) -> Result<Result<(), i64>, StoreError> {
        let give_up = Instant::now() + patience;
        loop {
            let Err(wait_ms) = self.store.take(key, rate, self.clock.now_ms() - lag_ms).await? else {
                return Ok(Ok(()));
            };
            let wait = Duration::from_millis(u64::try_from(wait_ms).unwrap_or(0));
            if Instant::now() + wait > give_up {
                return Ok(Err(wait_ms));
            }
            sleep(wait).await;
        }
    }

    /// Sends the message that a hint names, if it is due and nobody else is at it.
    ///
    /// # Errors
    /// The store cannot be used. The row still says what is to be done.
    pub async fn deliver(&self, hint: Hint<'_>, context: &RequestContext) -> Result<Delivered, StoreError> {
        let claim = uuid::Uuid::new_v4().to_string();
        let mut claimed = loop {
            match self.store.claim_delivery(hint.id, &claim, self.clock.now_ms(), CLAIM_MS).await? {
                Claim::Taken(claimed) => break claimed,
                Claim::NotYet(wait_ms) if wait_ms <= NEARLY_DUE_MS => {
                    sleep(Duration::from_millis(u64::try_from(wait_ms).unwrap_or(0))).await;
                }
                Claim::NotYet(_) => return Ok(Delivered::Waits),
                Claim::Gone => return Ok(Delivered::Done),
            }
        };
        claimed.hops = hint.hops;
        if claimed.is_taken_over {
            tracing::warn!(
                delivery = claimed.id,
                "whoever sent a message did not come to an end; Telegram may have it twice"
            );
            telemetry::count(Metric::DeliveryRetried);
        }
        // Read anew when it changes while it is being sent; that cannot go on for long.
        for _ in 0..3 {
            let (response, around) = self.facts_of(&claimed).await?;
            let attempt = match claimed.what {
                What::Others => self.reject_others(&claimed, response.as_ref(), context).await?,
                What::Block => self.look_at_cards(&claimed, context).await?,
                _ => self.attempt(&claimed, response.as_ref(), &around, context).await?,
            };
            match attempt {
                Attempt::Done(delivered) => return Ok(delivered),
                Attempt::SentBefore(message) => claimed.message = Some(message),
            }
        }
        self.postpone(&claimed, FIRST_PAUSE_MS, None, false).await?;
        Ok(Delivered::Waits)
    }

    /// Sends what should have been sent by now, until `until`. Returns how many messages were dealt with.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn deliver_due(&self, until: Instant, context: &RequestContext) -> Result<usize, StoreError> {
        let ids = self.store.due_deliveries(self.clock.now_ms(), DUE_AT_A_TIME).await?;
        let mut results = pin!(
            futures_util::stream::iter(ids)
                .take_while(|_| std::future::ready(Instant::now() < until))
                .map(|id| async move {
                    // Each has the whole time of a call to Telegram.
                    let own = RequestContext::new(context.request_id.as_str());
                    Box::pin(self.deliver(Hint::new(&id), &own)).await
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

    /// The response that the message is about, if that is still the one that stands, and what its card says beside it.
    async fn facts_of(&self, claimed: &Claimed) -> Result<(Option<Response>, Around), StoreError> {
        if claimed.cargo_id.is_empty() {
            return Ok((None, Around::default()));
        }
        if claimed.what == What::Card {
            return self.card_facts_of(claimed).await;
        }
        let response = self.store.response(claimed.driver_id, &claimed.cargo_id).await?;
        Ok((response.filter(|response| response.id == claimed.subject_id), Around::default()))
    }

    async fn attempt(
        &self,
        claimed: &Claimed,
        response: Option<&Response>,
        around: &Around,
        context: &RequestContext,
    ) -> Result<Attempt, StoreError> {
        let done = |delivered| Ok(Attempt::Done(delivered));
        let screen = match self.render(claimed, response, around).await? {
            Rendered::Send(screen) => screen,
            Rendered::Skip(reason) => {
                return match self.finish(claimed, &Finish::Skipped { reason }).await? {
                    Finished::More => self.again_at_once(claimed).await,
                    _ => done(Delivered::Done),
                };
            }
        };
        let to = &screen.to;
        // What stands in another chat is another message.
        let known = claimed.message.clone().filter(|message| message.at == *to);
        let claimed = &claimed.showing(&screen);
        if let Some(message) = known.clone().filter(|_| claimed.shows_already()) {
            return self.sent(claimed, response, message, context).await;
        }
        let cards = (claimed.what == What::Card && known.is_none()).then(|| keys::cards_of(claimed.driver_id));
        if let Err(Wait { for_ms, interval_ms }) = self.turn_of(to, claimed.what.class(), cards.as_ref()).await {
            // Those who wait for the same come back at different times, further apart the more often they waited.
            let spread = (interval_ms << claimed.waits.clamp(0, 3)).min(LONGEST_SPREAD_MS);
            let chance = i64::try_from(uuid::Uuid::new_v4().as_u128() % u128::from(spread.unsigned_abs().max(1)));
            return self.postpone(claimed, for_ms + chance.unwrap_or(0), None, false).await;
        }
        let result = match &known {
            None => self.telegram.call("sendMessage", &screen.message(), context.deadline).await,
            Some(message) => self.telegram.call("editMessageText", &screen.edit(message), context.deadline).await,
        };
        let claimed = &if result.is_err() { claimed.in_doubt() } else { claimed.clone() };
        match (result, known) {
            (Ok(sent), known) => {
                match sent["message_id"].as_i64().map(|id| id.to_string()).or(known.map(|known| known.id)) {
                    Some(id) => self.sent(claimed, response, MessageRef { at: to.clone(), id }, context).await,
                    // It is given up like any other that Telegram does not take.
                    None => {
                        let error = BotError::Unknown("its answer has no message_id");
                        self.not_sent(claimed, to, &error).await
                    }
                }
            }
            (Err(error), Some(message)) if error.is_unchanged() => self.sent(claimed, response, message, context).await,
            (Err(error), Some(_)) if error.is_message_gone() => {
                // Somebody deleted it. What is to be said is said in a new one, when that has its turn.
                let mut anew = claimed.clone();
                anew.message = None;
                self.postpone(&anew, 0, Some(&error.to_string()), false).await
            }
            (Err(error), _) => {
                self.give_back_card(cards.as_ref()).await;
                self.not_sent(claimed, to, &error).await
            }
        }
    }

    /// A message's turn in the rates of its chat and of the bot, and first, for a new card, in the rate `cards` of its driver:
    /// the chat belongs to all drivers.
    async fn turn_of(&self, to: &Address, class: Class, cards: Option<&Key>) -> Result<(), Wait> {
        // Without the shared rates nobody may send: Telegram would make us all wait for much longer.
        let unread = |error: StoreError| {
            tracing::warn!(%error, "the rates of the bot cannot be read");
            Wait { for_ms: 5_000, interval_ms: rate_of(to).interval_ms }
        };
        if let Some(cards) = cards
            && let Err(for_ms) = self.store.take(cards, CARDS_OF_ONE, self.clock.now_ms()).await.map_err(unread)?
        {
            return Err(Wait { for_ms, interval_ms: CARDS_OF_ONE.interval_ms });
        }
        let turn = self
            .take_turn(to, class, PATIENCE)
            .await
            .map_err(unread)
            .and_then(|turn| turn.map_err(|for_ms| Wait { for_ms, interval_ms: rate_of(to).interval_ms }));
        if turn.is_err() {
            self.give_back_card(cards).await;
        }
        turn
    }

    /// A card that has not gone out takes nothing from its driver's rate.
    async fn give_back_card(&self, cards: Option<&Key>) {
        if let Some(cards) = cards
            && let Err(error) = self.store.give_back(cards, CARDS_OF_ONE).await
        {
            tracing::warn!(%error, "a driver's turn in the dispatchers' chat could not be given back");
        }
    }

    async fn not_sent(&self, claimed: &Claimed, to: &Address, error: &BotError) -> Result<Attempt, StoreError> {
        let text = error.to_string();
        let for_dispatchers = claimed.what.is_for_dispatchers();
        let is_young = self.clock.now_ms() - claimed.armed_at_ms < GIVE_UP_MS;
        if for_dispatchers {
            self.ring(claimed, error);
        }
        match error {
            BotError::TooMany(seconds) | BotError::SlowMode(seconds) => {
                telemetry::count(Metric::DeliveryRateLimited);
                let until_ms = self.clock.now_ms() + seconds * 1000;
                if let Err(error) = self.store.close_bucket(&turns_of(to), until_ms).await {
                    tracing::warn!(%error, "that Telegram asks for a pause could not be noted");
                }
                self.postpone(claimed, seconds * 1000, Some(&text), false).await
            }
            BotError::Unknown(reason) if for_dispatchers || is_young => {
                tracing::warn!(reason, delivery = claimed.id, "Telegram did not take a message");
                telemetry::count(Metric::DeliveryRetried);
                self.postpone(claimed, self.pause(claimed), Some(&text), true).await
            }
            BotError::Moved(id) if for_dispatchers => {
                if let Some(from) = address::number(to) {
                    self.note_move(from, *id).await?;
                }
                self.postpone(claimed, 0, Some(&text), false).await
            }
            // Without their chat no response is decided on at all. So no answer about it is final, whatever its words: what is
            // wrong with the chat, with our rights in it or with our own text is put right some day, and then the card goes out.
            _ if for_dispatchers => self.postpone(claimed, self.pause(claimed), Some(&text), true).await,
            _ => self.give_up(claimed, error, &text).await,
        }
    }

    /// Lets the alarm ring when the dispatchers' chat takes no messages: nobody decides on responses meanwhile.
    fn ring(&self, claimed: &Claimed, error: &BotError) {
        let is_late = self.clock.now_ms() - claimed.armed_at_ms >= LATE_MS;
        let kind = match error {
            BotError::Refused { .. } => "refused",
            BotError::SlowMode(_) => "slow_mode",
            // These pass by themselves as a rule.
            BotError::Unknown(_) if is_late => "no_answer",
            BotError::TooMany(_) if is_late => "pause",
            _ => return,
        };
        tracing::error!(kind, reason = %error, "the dispatchers' chat takes no messages");
        telemetry::count_by(Metric::DispatchChatRefused, kind);
    }

    /// Ends a message to a driver that Telegram will not take, or has not taken for too long.
    async fn give_up(&self, claimed: &Claimed, error: &BotError, text: &str) -> Result<Attempt, StoreError> {
        let is_unreachable = error.is_unreachable();
        if is_unreachable {
            tracing::info!(reason = text, delivery = claimed.id, "a driver cannot be written to");
            if let Err(error) = self.store.put_reachable(claimed.driver_id, false).await {
                tracing::warn!(%error, "that a driver cannot be written to could not be noted");
            }
        } else {
            tracing::error!(reason = text, delivery = claimed.id, "a message cannot be delivered");
        }
        telemetry::count_by(Metric::DeliveryFailed, if is_unreachable { "unreachable" } else { "refused" });
        match self.finish(claimed, &Finish::Failed { reason: text }).await? {
            Finished::More => self.again_at_once(claimed).await,
            _ => Ok(Attempt::Done(Delivered::Failed)),
        }
    }

    /// Puts on record that Telegram has the message.
    async fn sent(
        &self,
        claimed: &Claimed,
        response: Option<&Response>,
        message: MessageRef,
        context: &RequestContext,
    ) -> Result<Attempt, StoreError> {
        let claimed = claimed.sent(message.clone());
        let now_ms = self.clock.now_ms();
        let queued = response.filter(|response| claimed.what == What::Card && response.status == Status::Queued);
        let step = queued.and_then(|before| {
            let mut after = before.apply(Event::Deliver, Actor::System, now_ms).ok()?;
            // Who was held up has the whole time to be decided on from now.
            if now_ms - before.created_at_ms >= LATE_MS {
                after.expires_at_ms += now_ms - before.created_at_ms;
            }
            Some((before, after))
        });
        let audit = step.as_ref().map(|(before, after)| act::Account::of_step(before, after, &Actor::System));
        let write = step.as_ref().zip(audit.as_ref()).map(|((before, after), audit)| ResponseWrite {
            before: Some(before),
            after,
            messages: &[],
            holds: &[],
            seen: None,
            within_ms: 0,
            audit: audit.row(now_ms, context),
        });
        let finish = Finish::Sent { delivered: write.as_ref() };
        let mut pauses = RECORD_PAUSES_MS.iter();
        let finished = loop {
            match (self.finish(&claimed, &finish).await, pauses.next()) {
                (Ok(finished), _) => break finished,
                // What is not on record now is sent again later.
                (Err(error), Some(pause)) => {
                    tracing::warn!(%error, "that a message was sent could not be put on record yet");
                    sleep(Duration::from_millis(*pause)).await;
                }
                (Err(error), None) => return Err(error),
            }
        };
        // Only what is on record, and once: whoever is killed before sends it again and counts it then.
        if matches!(finished, Finished::Done | Finished::More) {
            telemetry::count(Metric::DeliverySent);
        }
        match finished {
            Finished::Done | Finished::Lost => Ok(Attempt::Done(Delivered::Done)),
            Finished::More => self.again_at_once(&claimed).await,
            Finished::Changed => Ok(Attempt::SentBefore(message)),
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
        self.hint_again(claimed, 0).await;
        Ok(Attempt::Done(Delivered::Waits))
    }

    /// The next hint of a chain, unless that is long enough: the message is due, and the job comes by.
    async fn hint_again(&self, claimed: &Claimed, wait_ms: i64) {
        if claimed.hops < LONGEST_CHAIN {
            self.queue.hint(Hint { id: &claimed.id, hops: claimed.hops + 1 }, wait_ms).await;
        } else {
            tracing::debug!(delivery = claimed.id, "a message has been hinted at often enough; the job takes over");
        }
    }

    async fn postpone(
        &self,
        claimed: &Claimed,
        wait_ms: i64,
        error: Option<&str>,
        counts: bool,
    ) -> Result<Attempt, StoreError> {
        let due_at_ms = self.clock.now_ms() + wait_ms;
        self.finish(claimed, &Finish::Again { due_at_ms, error, counts }).await?;
        if wait_ms < JOB_EVERY_MS {
            self.hint_again(claimed, wait_ms).await;
        }
        Ok(Attempt::Done(Delivered::Waits))
    }

    fn pause(&self, claimed: &Claimed) -> i64 {
        let pause = (FIRST_PAUSE_MS << claimed.tries.clamp(0, 12)).min(LONGEST_PAUSE_MS);
        // What failed at the same time comes back apart.
        let most = u128::from((pause / 4).max(1000).unsigned_abs());
        pause + i64::try_from(uuid::Uuid::new_v4().as_u128() % most).unwrap_or(0)
    }

    async fn render_reminder(&self, claimed: &Claimed, days: u8) -> Result<Rendered, StoreError> {
        let (profile, subscription) =
            tokio::try_join!(self.store.profile(claimed.driver_id), self.store.subscription(claimed.driver_id))?;
        let ends_at_ms = subscription.ends_at_ms.unwrap_or_default();
        if reminder_subject(claimed.driver_id, ends_at_ms) != claimed.subject_id {
            return Ok(Rendered::Skip("the subscription has another end by now"));
        }
        Ok(match profile {
            Some(profile) if profile.unreachable => Rendered::Skip("the driver has blocked the bot"),
            // After an outage of hours nobody is told that there is a day left when there is none.
            Some(_) if days > 0 && ends_at_ms <= self.clock.now_ms() => Rendered::Skip("the subscription has ended"),
            Some(profile) => Rendered::Send(screens::reminder(days, ends_at_ms, &profile, &self.config.webapp_origin)),
            None => Rendered::Skip("the driver's data was deleted"),
        })
    }

    async fn render_gift(&self, claimed: &Claimed) -> Result<Rendered, StoreError> {
        let (profile, subscription) =
            tokio::try_join!(self.store.profile(claimed.driver_id), self.store.subscription(claimed.driver_id))?;
        let ends_at_ms = subscription.ends_at_ms.unwrap_or_default();
        Ok(match profile {
            Some(profile) if profile.unreachable => Rendered::Skip("the driver has blocked the bot"),
            Some(_) if ends_at_ms <= self.clock.now_ms() => Rendered::Skip("the subscription has ended"),
            Some(profile) => Rendered::Send(screens::gift(ends_at_ms, &profile, &self.config.webapp_origin)),
            None => Rendered::Skip("the driver's data was deleted"),
        })
    }

    async fn render_opening(&self, claimed: &Claimed) -> Result<Rendered, StoreError> {
        let (profile, good) =
            tokio::try_join!(self.store.profile(claimed.driver_id), self.store.access_generation(claimed.driver_id))?;
        let mut parts = claimed.subject_id.split('-').skip(1);
        let generation = parts.next().and_then(|part| part.parse().ok());
        let at_ms = parts.next().and_then(|part| part.parse().ok());
        let Some((generation, at_ms)) = generation.zip(at_ms) else { return Ok(Rendered::Skip("it names no opening")) };
        Ok(match profile {
            Some(profile) if profile.unreachable => Rendered::Skip("the driver has blocked the bot"),
            Some(profile) => {
                let close = CloseAccess { generation, at_ms };
                Rendered::Send(screens::opening(close, generation == good, &profile))
            }
            None => Rendered::Skip("the driver's data was deleted"),
        })
    }

    async fn render_payment(&self, claimed: &Claimed) -> Result<Rendered, StoreError> {
        let subject = claimed.subject_id.split_once('_');
        let (payment_id, refund_id) = subject.map_or((claimed.subject_id.as_str(), None), |(id, of)| (id, Some(of)));
        let (profile, payment, subscription) = tokio::try_join!(
            self.store.profile(claimed.driver_id),
            self.store.payment(payment_id),
            self.store.subscription(claimed.driver_id)
        )?;
        Ok(match (profile, payment) {
            (Some(profile), _) if profile.unreachable => Rendered::Skip("the driver has blocked the bot"),
            (Some(profile), Some(payment)) => {
                let origin = &self.config.webapp_origin;
                if claimed.what == What::Declined {
                    return Ok(Rendered::Send(screens::declined(&payment, &profile, origin)));
                }
                let refund = payment.refunds.iter().find(|refund| Some(refund.id.as_str()) == refund_id);
                Rendered::Send(screens::payment(&payment, refund, &subscription, &profile, origin))
            }
            _ => Rendered::Skip("the driver's data was deleted"),
        })
    }

    fn rejection(claimed: &Claimed) -> String {
        What::Notice(Status::Rejected).delivery_id(&claimed.subject_id)
    }

    async fn render(
        &self,
        claimed: &Claimed,
        response: Option<&Response>,
        around: &Around,
    ) -> Result<Rendered, StoreError> {
        let stands_at = claimed.message.as_ref().map(|message| &message.at);
        let dispatchers = self.dispatch_chat_beside(stands_at.filter(|_| claimed.what.is_for_dispatchers())).await?;
        let is_there = stands_at == Some(&dispatchers);
        Ok(match (claimed.what, response) {
            (What::Card, Some(response))
                if !response.status.is_open()
                    // Who waited in vain because of the chat is told of: the driver can still be called.
                    && response.status != Status::Expired
                    && claimed.message.is_none()
                    && !claimed.was_sent =>
            {
                Rendered::Skip("it was over before it was sent")
            }
            // Somebody deleted the message, or it is in a chat that is no longer the dispatchers': nobody is to be taken out here.
            (What::Card, Some(response)) if response.is_forgotten() && !is_there => {
                Rendered::Skip("there is nobody to be taken out")
            }
            (What::Card, Some(response)) => {
                Rendered::Send(card::card(response, around, dispatchers, &self.config.telegram_app_url))
            }
            // The driver has responded anew in between; the old card only says that it is void.
            (What::Card, None) if is_there => Rendered::Send(screens::void_card(dispatchers)),
            (What::Reminder(days), _) => self.render_reminder(claimed, days).await?,
            (What::Paid | What::Declined | What::Refunded, _) => self.render_payment(claimed).await?,
            (What::Gift, _) => self.render_gift(claimed).await?,
            (What::Opened, _) => Box::pin(self.render_opening(claimed)).await?,
            (What::Others | What::Block, _) => Rendered::Skip("it is no message"),
            (What::Link(_), None) if is_there => Rendered::Send(screens::void_link(dispatchers)),
            (_, None) => Rendered::Skip("another response has taken its place"),
            (What::Link(generation), Some(response))
                if response.link_generation == generation && response.has_link() && response.status.is_open() =>
            {
                match self.shipper_url(response).await {
                    Ok((url, until_ms)) => Rendered::Send(screens::shipper_link(response, dispatchers, &url, until_ms)),
                    Err(Error::Internal(reason)) => {
                        tracing::error!(reason, "a link for a shipper cannot be made");
                        Rendered::Skip("the link cannot be signed")
                    }
                    Err(_) => Rendered::Skip("the link cannot be signed"),
                }
            }
            (What::Link(_), Some(_)) if is_there => Rendered::Send(screens::void_link(dispatchers)),
            (What::Link(_), Some(_)) => Rendered::Skip("the link is void"),
            (What::Notice(status), Some(response)) if response.status != status => {
                Rendered::Skip("the response has gone on")
            }
            (What::Reason, Some(_)) if self.store.is_waiting(&Self::rejection(claimed)).await? => {
                Rendered::Skip("the notice of the rejection will have it")
            }
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

/// Why a message has not had its turn.
struct Wait {
    /// Milliseconds until it may have one.
    for_ms: i64,
    /// Milliseconds from turn to turn of what it waits for.
    interval_ms: i64,
}

enum Attempt {
    Done(Delivered),
    /// Telegram has the message, but the response changed before that was on record.
    SentBefore(MessageRef),
}

enum Rendered {
    Send(Screen),
    Skip(&'static str),
}

impl Screen {
    /// Parameters of `sendMessage`.
    pub fn message(&self) -> Value {
        let mut message = json!({
            "chat_id": address::number(&self.to),
            "text": self.text,
            "parse_mode": "HTML",
            "link_preview_options": { "is_disabled": true },
        });
        if let Some(topic) = address::thread(&self.to) {
            message["message_thread_id"] = json!(topic);
        }
        if let Some(keyboard) = self.keyboard() {
            message["reply_markup"] = keyboard;
        }
        message
    }

    /// Parameters of `editMessageText`.
    pub fn edit(&self, message: &MessageRef) -> Value {
        let mut edit = self.message();
        edit["message_id"] = json!(message.id.parse::<i64>().ok());
        edit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_is_told_by_its_text() {
        let all = Status::ALL.map(What::Notice);
        for what in [
            What::Card,
            What::Reason,
            What::Link(3),
            What::Others,
            What::Block,
            What::Paid,
            What::Declined,
            What::Refunded,
            What::Gift,
            What::Opened,
            What::Reminder(3),
        ]
        .into_iter()
        .chain(all)
        {
            assert_eq!(What::parse(&what.as_text()), Some(what));
        }
        for text in ["", "card-1", "notice", "notice-", "link-", "link-x", "other"] {
            assert_eq!(What::parse(text), None, "{text}");
        }
    }
}
