//! Outgoing messages. A message's row is the source of truth. SQS only hints that there may be something to send, and a
//! job sends messages whose hint was lost.
//!
//! The owning module renders a message when it is sent, from the current state. Outdated messages are skipped, so the
//! order of sending cannot mislead anyone. A sender holds a claim that expires, so a function that dies blocks nothing.
//!
//! A message is sent twice in one unavoidable case, because messengers have no idempotency keys: the messenger accepted
//! it, but that was not recorded. Its response was lost, the function died first, or the store rejected the write for
//! as long as the claim lasted.
pub mod jobs;
pub mod kinds;
pub mod metrics;
pub mod module;

use std::pin::pin;

use futures_util::StreamExt as _;
use outbox::{
    channel::{Channel as _, SendError},
    class::Class,
    kind::MessageKind,
    ledger::{Claim, Claimed, Finish, Finished},
};
use tokio::time::{Duration, Instant, sleep};

use ::store::Transaction;

use crate::{
    address::{Address, MessageRef},
    app::App,
    queue::Hint,
    request::RequestContext,
    store::{Key, StoreError, bucket::Rate, keys},
    telegram::{Telegram, address},
    telemetry,
};
use kinds::{Outgoing, Rendering, Step};

/// A claim outlasts the longest call to a messenger and the writes after it.
const CLAIM_MS: i64 = 30_000;
/// Clock skew can deliver a hint just before its row is due. Up to this long, it is worth waiting.
const NEARLY_DUE_MS: i64 = 2_000;
/// The pause after the first failed attempt. It doubles after each further one.
const FIRST_PAUSE_MS: i64 = 2_000;
/// The longest pause.
const LONGEST_PAUSE_MS: i64 = 300_000;
/// After this long, delivery to a driver gives up because the message is no longer useful.
const GIVE_UP_MS: i64 = 2 * 86_400_000;
/// After this long, someone must learn that the dispatchers lack a message.
pub(crate) const LATE_MS: i64 = 600_000;
/// The most hints in a row for one message; then it waits for the job. This limit replaces Lambda's recursion
/// detection, which stops a function after about sixteen calls through a queue. Many messages waiting for one chat
/// exceed that.
const LONGEST_CHAIN: u32 = 50;
/// Pauses between attempts to record that the messenger has a message. Together they are shorter than a claim.
const RECORD_PAUSES_MS: [u64; 4] = [200, 500, 1000, 2000];
/// How long a sender waits for its turn without rescheduling.
const PATIENCE: Duration = Duration::from_millis(600);
/// The job's interval. Shorter pauses are worth a hint.
const JOB_EVERY_MS: i64 = 60_000;
/// The largest spread of retries that wait for the same rate limit. A hint wakes them, not the job.
const LONGEST_SPREAD_MS: i64 = JOB_EVERY_MS / 2;
/// The most messages per run of the job.
const DUE_AT_A_TIME: usize = 200;
/// Messages that the job sends concurrently.
const AT_ONCE: usize = 8;

/// The result of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivered {
    /// The messenger accepted it, or there was nothing to send.
    Done,
    /// It waits until it is due.
    Waits,
    /// It cannot be sent.
    Failed,
}

/// How long a message has to wait for its turn.
struct Wait {
    /// Milliseconds until the next possible turn.
    for_ms: i64,
    /// Milliseconds between turns of the rate limit.
    interval_ms: i64,
}

enum Attempt {
    Done(Delivered),
    /// The messenger has the message, but its subject changed before that was recorded.
    SentBefore(Box<Claimed>),
}

fn turns_of(to: &Address) -> Key {
    keys::sending(to.chat_id())
}

impl App {
    /// Hints that these messages about `subject_id` can be sent now.
    pub async fn hint(&self, subject_id: &str, messages: &[MessageKind]) {
        let ids = messages.iter().map(|what| what.delivery_id(subject_id));
        futures_util::future::join_all(ids.map(|id| async move { self.queue.hint(Hint::new(&id), 0).await })).await;
    }

    /// The messenger of an address.
    fn channel_of(&self, to: &Address) -> Option<&Telegram> {
        Some(&self.telegram).filter(|channel| channel.can_write(to))
    }

    /// Takes a turn for a message of this class from the rate limits of its chat and of the bot. The inner `Err` holds
    /// the milliseconds to wait.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn take_turn(
        &self,
        to: &Address,
        class: Class,
        patience: Duration,
    ) -> Result<Result<(), i64>, StoreError> {
        let limits = self.telegram.limits(to);
        match self.take_or_wait(&turns_of(to), limits.chat, 0, patience).await? {
            Ok(()) => self.take_or_wait(&keys::sending("all"), limits.all, class.lag_ms(), patience).await,
            refused => Ok(refused),
        }
    }

    /// Takes from the bucket, waiting a short time if needed, because that is cheaper than rescheduling.
    async fn take_or_wait(
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

    /// Sends the hinted message if it is due and unclaimed.
    ///
    /// # Errors
    /// The store cannot be used. The row still says what to do.
    pub async fn deliver(&self, hint: Hint<'_>, context: &RequestContext) -> Result<Delivered, StoreError> {
        let claim = uuid::Uuid::new_v4().to_string();
        let mut claimed = loop {
            match self.store.outbox().claim(hint.id, &claim, self.clock.now_ms(), CLAIM_MS).await? {
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
                "whoever sent a message did not come to an end; the messenger may have it twice"
            );
            telemetry::count(metrics::RETRIED);
        }
        let Some(rendering) = self.modules.rendering(claimed.what) else { return Ok(Delivered::Waits) };
        // Reads again if the message changes while it is being sent, up to three times.
        for _ in 0..3 {
            match self.attempt(&claimed, rendering, context).await? {
                Attempt::Done(delivered) => return Ok(delivered),
                Attempt::SentBefore(sent) => claimed = sent,
            }
        }
        self.postpone(&claimed, FIRST_PAUSE_MS, None, false).await?;
        Ok(Delivered::Waits)
    }

    /// Sends due messages until `until`, the most urgent class first. Returns how many were processed. An unreadable
    /// class does not block the others.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn deliver_due(&self, until: Instant, context: &RequestContext) -> Result<usize, StoreError> {
        let (mut left, mut done, mut failed) = (DUE_AT_A_TIME, 0, None);
        for class in Class::ALL {
            let share = class.share(left, DUE_AT_A_TIME);
            match self.store.outbox().due(class, self.clock.now_ms(), share).await {
                Ok(ids) => {
                    left = left.saturating_sub(ids.len());
                    done += self.deliver_all(ids, until, context).await;
                }
                Err(error) => {
                    tracing::warn!(%error, ?class, "the messages of a class cannot be read");
                    failed = Some(error);
                }
            }
        }
        failed.filter(|_| done == 0).map_or(Ok(done), Err)
    }

    /// Sends these messages, several at a time. Returns how many were processed.
    async fn deliver_all(&self, ids: Vec<String>, until: Instant, context: &RequestContext) -> usize {
        let mut results = pin!(
            futures_util::stream::iter(ids)
                .take_while(|_| std::future::ready(Instant::now() < until))
                .map(|id| async move {
                    // Each message has the full time of a call to its messenger.
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
        done
    }

    async fn attempt(
        &self,
        claimed: &Claimed,
        rendering: &Rendering,
        context: &RequestContext,
    ) -> Result<Attempt, StoreError> {
        match (rendering.run)(self, claimed, context).await? {
            Step::Send(outgoing) => self.send(claimed, rendering, &outgoing, context).await,
            Step::Skip(reason) => self.end(claimed, Finish::Skipped { reason }, Delivered::Done).await,
            Step::Acted => self.end(claimed, Finish::Sent { with: Transaction::default() }, Delivered::Done).await,
            Step::Later(reason) => self.postpone(claimed, FIRST_PAUSE_MS, Some(reason), true).await,
        }
    }

    async fn send(
        &self,
        claimed: &Claimed,
        rendering: &Rendering,
        outgoing: &Outgoing,
        context: &RequestContext,
    ) -> Result<Attempt, StoreError> {
        let to = &outgoing.to;
        let Some(channel) = self.channel_of(to) else {
            let reason = "no messenger of ours has this address";
            return self.end(claimed, Finish::Failed { reason }, Delivered::Failed).await;
        };
        // A message in another chat is another message.
        let known = claimed.message.clone().filter(|message| message.at == *to);
        let claimed = &if rendering.is_looked_at { claimed.showing(&outgoing.message) } else { claimed.clone() };
        if let Some(message) = known.clone().filter(|_| claimed.shows_already()) {
            return self.sent(claimed, outgoing, message, context).await;
        }
        let own = outgoing.turn.as_ref().filter(|_| known.is_none());
        if let Err(Wait { for_ms, interval_ms }) = self.turn_of(to, claimed.what.class(), own).await {
            // Spreads messages that wait for the same rate limit. The more often they waited, the wider the spread.
            let spread = (interval_ms << claimed.waits.clamp(0, 3)).min(LONGEST_SPREAD_MS);
            let chance = i64::try_from(uuid::Uuid::new_v4().as_u128() % u128::from(spread.unsigned_abs().max(1)));
            return self.postpone(claimed, for_ms + chance.unwrap_or(0), None, false).await;
        }
        let result = match &known {
            None => channel.send(to, &outgoing.message, context.deadline).await,
            Some(message) => channel.edit(message, &outgoing.message, context.deadline).await.map(|()| message.clone()),
        };
        match (result, known) {
            (Ok(message), _) | (Err(SendError::Unchanged(_)), Some(message)) => {
                self.sent(claimed, outgoing, message, context).await
            }
            (Err(error @ SendError::Gone(_)), Some(_)) => {
                // Someone deleted the message. Send a new one when its turn comes.
                let mut anew = claimed.in_doubt();
                anew.message = None;
                self.postpone(&anew, 0, Some(&error.to_string()), false).await
            }
            (Err(error), _) => {
                self.give_back(own).await;
                self.not_sent(&claimed.in_doubt(), rendering, to, &error).await
            }
        }
    }

    /// Takes a message's turn: first from its owner's rate limit, if any, then from its chat's and the bot's. All
    /// drivers share the chat.
    async fn turn_of(&self, to: &Address, class: Class, own: Option<&(Key, Rate)>) -> Result<(), Wait> {
        let chat_ms = self.telegram.limits(to).chat.interval_ms;
        // Without the shared rate limits nobody may send: the messenger would block us for much longer.
        let unread = |error: StoreError| {
            tracing::warn!(%error, "the rates of the bot cannot be read");
            Wait { for_ms: 5_000, interval_ms: chat_ms }
        };
        if let Some((key, rate)) = own
            && let Err(for_ms) = self.store.take(key, *rate, self.clock.now_ms()).await.map_err(unread)?
        {
            return Err(Wait { for_ms, interval_ms: rate.interval_ms });
        }
        let turn = self
            .take_turn(to, class, PATIENCE)
            .await
            .map_err(unread)
            .and_then(|turn| turn.map_err(|for_ms| Wait { for_ms, interval_ms: chat_ms }));
        if turn.is_err() {
            self.give_back(own).await;
        }
        turn
    }

    /// Returns the owner's turn if the message was not sent.
    async fn give_back(&self, own: Option<&(Key, Rate)>) {
        if let Some((key, rate)) = own
            && let Err(error) = self.store.give_back(key, *rate).await
        {
            tracing::warn!(%error, "a driver's turn in the dispatchers' chat could not be given back");
        }
    }

    async fn not_sent(
        &self,
        claimed: &Claimed,
        rendering: &Rendering,
        to: &Address,
        error: &SendError,
    ) -> Result<Attempt, StoreError> {
        let text = error.to_string();
        let for_dispatchers = rendering.is_for_dispatchers;
        let is_young = self.clock.now_ms() - claimed.armed_at_ms < GIVE_UP_MS;
        if for_dispatchers {
            self.ring(claimed, error);
        }
        match error {
            SendError::TooMany(seconds) | SendError::SlowMode(seconds) => {
                telemetry::count(metrics::RATE_LIMITED);
                let until_ms = self.clock.now_ms() + seconds * 1000;
                if let Err(error) = self.store.close_bucket(&turns_of(to), until_ms).await {
                    tracing::warn!(%error, "that a messenger asks for a pause could not be noted");
                }
                self.postpone(claimed, seconds * 1000, Some(&text), false).await
            }
            SendError::Unknown(reason) if for_dispatchers || is_young => {
                tracing::warn!(reason, delivery = claimed.id, "a messenger did not take a message");
                telemetry::count(metrics::RETRIED);
                self.postpone(claimed, self.pause(claimed), Some(&text), true).await
            }
            SendError::Moved(now_at) if for_dispatchers => {
                if let Some((from, now_at)) = address::number(to).zip(address::number(now_at)) {
                    self.note_move(from, now_at).await?;
                }
                self.postpone(claimed, 0, Some(&text), false).await
            }
            // Without the dispatchers' chat no response can be decided, so no error from it is final. Once the chat,
            // our permissions or our text is fixed, the card is sent.
            _ if for_dispatchers => self.postpone(claimed, self.pause(claimed), Some(&text), true).await,
            _ => self.give_up(claimed, error, &text).await,
        }
    }

    /// Raises the alarm when the dispatchers' chat rejects messages, because nobody can decide on responses.
    fn ring(&self, claimed: &Claimed, error: &SendError) {
        let is_late = self.clock.now_ms() - claimed.armed_at_ms >= LATE_MS;
        let kind = match error {
            SendError::SlowMode(_) => "slow_mode",
            // Transient errors usually pass.
            SendError::Unknown(_) if is_late => "no_answer",
            SendError::TooMany(_) if is_late => "pause",
            SendError::Unknown(_) | SendError::TooMany(_) | SendError::Moved(_) => return,
            _ => "refused",
        };
        tracing::error!(kind, reason = %error, "the dispatchers' chat takes no messages");
        telemetry::count_by(metrics::DISPATCH_CHAT_REFUSED, kind);
    }

    /// Gives up on a message to a driver that is rejected for good or has failed for too long.
    async fn give_up(&self, claimed: &Claimed, error: &SendError, text: &str) -> Result<Attempt, StoreError> {
        let is_unreachable = matches!(error, SendError::Unreachable(_));
        if is_unreachable {
            tracing::info!(reason = text, delivery = claimed.id, "a driver cannot be written to");
            if let Err(error) = self.store.put_reachable(claimed.person.number(), false).await {
                tracing::warn!(%error, "that a driver cannot be written to could not be noted");
            }
        } else {
            tracing::error!(reason = text, delivery = claimed.id, "a message cannot be delivered");
        }
        telemetry::count_by(metrics::FAILED, if is_unreachable { "unreachable" } else { "refused" });
        self.end(claimed, Finish::Failed { reason: text }, Delivered::Failed).await
    }

    /// Records that the messenger has the message.
    async fn sent(
        &self,
        claimed: &Claimed,
        outgoing: &Outgoing,
        message: MessageRef,
        context: &RequestContext,
    ) -> Result<Attempt, StoreError> {
        let recorded = outgoing.recorded.as_ref().map(|recorded| recorded(self, &message, context)).transpose()?;
        let (with, beside) = recorded.map_or_else(Default::default, |recorded| (recorded.with, recorded.beside));
        let claimed = claimed.sent(message, beside);
        let mut pauses = RECORD_PAUSES_MS.iter();
        let finished = loop {
            let finish = Finish::Sent { with: with.clone() };
            match (self.finish(&claimed, finish).await, pauses.next()) {
                (Ok(finished), _) => break finished,
                // A message that is not recorded is sent again later.
                (Err(error), Some(pause)) => {
                    tracing::warn!(%error, "that a message was sent could not be put on record yet");
                    sleep(Duration::from_millis(*pause)).await;
                }
                (Err(error), None) => return Err(error),
            }
        };
        // Counts recorded messages only, so each counts once. After a crash the message is sent and counted again.
        if matches!(finished, Finished::Done | Finished::More) {
            telemetry::count(metrics::SENT);
        }
        match finished {
            Finished::Done | Finished::Lost => Ok(Attempt::Done(Delivered::Done)),
            Finished::More => self.again_at_once(&claimed).await,
            Finished::Changed => Ok(Attempt::SentBefore(Box::new(claimed))),
        }
    }

    /// Ends an attempt without a message.
    async fn end(&self, claimed: &Claimed, finish: Finish<'_>, delivered: Delivered) -> Result<Attempt, StoreError> {
        match self.finish(claimed, finish).await? {
            Finished::More => self.again_at_once(claimed).await,
            _ => Ok(Attempt::Done(delivered)),
        }
    }

    async fn finish(&self, claimed: &Claimed, finish: Finish<'_>) -> Result<Finished, StoreError> {
        let finished = self.store.outbox().finish(claimed, finish, self.clock.now_ms()).await?;
        if finished == Finished::Lost {
            tracing::warn!(delivery = claimed.id, "a message took longer than its claim");
        }
        Ok(finished)
    }

    /// Sends new content at once in the message just sent.
    async fn again_at_once(&self, claimed: &Claimed) -> Result<Attempt, StoreError> {
        self.hint_again(claimed, 0).await;
        Ok(Attempt::Done(Delivered::Waits))
    }

    /// Sends the next hint of a chain, unless the chain is too long. The message is due, so the job will send it.
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
        self.finish(claimed, Finish::Again { due_at_ms, error, counts }).await?;
        if wait_ms < JOB_EVERY_MS {
            self.hint_again(claimed, wait_ms).await;
        }
        Ok(Attempt::Done(Delivered::Waits))
    }

    fn pause(&self, claimed: &Claimed) -> i64 {
        let pause = (FIRST_PAUSE_MS << claimed.tries.clamp(0, 12)).min(LONGEST_PAUSE_MS);
        // Spreads retries of attempts that failed together.
        let most = u128::from((pause / 4).max(1000).unsigned_abs());
        pause + i64::try_from(uuid::Uuid::new_v4().as_u128() % most).unwrap_or(0)
    }
}
