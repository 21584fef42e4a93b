//! Drivers as admins look for them, and what admins do to them.
use futures_util::future::try_join_all;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::requests::Ordered;
use crate::{
    app::App,
    audit::AuditRow,
    auth::admin::AdminSession,
    billing::{
        order::named_id,
        plan::DAY_S,
        subscription::{Entry, Source, State, Subscription},
    },
    body,
    body::Body as _,
    clock::rfc3339,
    delivery::What,
    driver::{Block, compared, from_end},
    error::{Conflict, Error, FieldError},
    fields::Fields,
    phone,
    request::RequestContext,
    response::{Actor, Response, act::Account},
    store::{
        billing::Revocation,
        driver::{DriverCard, DriverPage, Forget, Sought, SubscriptionPage},
        keys::Clue,
        response::{ListedResponse, ResponsePage, ResponseWrite, Written},
        retry::{Tried, retry_on_change},
    },
};

/// The most characters of a reason.
const LONGEST_REASON: usize = 250;
/// Days that one order gives or takes: at most as many as a promo code.
const DAYS: std::ops::RangeInclusive<i64> = 1..=3650;
/// How far ahead of now gifts may reach, all of them together: five years.
const FARTHEST_MS: i64 = 1826 * DAY_S * 1000;
/// Who meets another's change reads again, so often at most.
const TRIES: usize = 8;
/// Responses that one call clears of a driver whose data is deleted.
const CLEARED_AT_ONCE: i32 = 50;

/// Digits from which on a number can be the beginning of a phone.
const PHONE_DIGITS: usize = 5;
/// How many digits are looked for as the last ones of a phone.
const PHONE_END: std::ops::RangeInclusive<usize> = 4..=9;
/// Drivers who are shown for one number: a phone is rarely anybody's but one driver's.
const OF_ONE_NUMBER: usize = 20;
/// Responses on a page.
const RESPONSES: i32 = 20;

/// What somebody who looks for a driver has typed.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Query {
    /// Nothing: all of them.
    All,
    /// A number: Telegram's id, a phone, or the beginning of one.
    Number { id: Option<i64>, phones: Vec<Sought> },
    /// A word that may be a name at Telegram or a name.
    Either(Sought, Sought),
    /// The beginning of a name at Telegram.
    Username(Sought),
    /// Names: the beginning of one to look for, and words that all have to be there.
    Names(Sought, Vec<String>),
}

impl Query {
    fn parse(text: &str) -> Self {
        let whole = phone::parse(text);
        let text = compared(text);
        let sought = |clue, text: &str| Sought { clue, text: text.to_owned(), whole: false };
        if let Some(username) = username(&text) {
            return Self::Username(sought(Clue::Username, username));
        }
        let beginnings = phone::beginnings(&text);
        if !beginnings.is_empty() {
            let id = text.parse().ok().filter(|id| *id > 0 && !text.starts_with('+'));
            let long = |number: &String| number.len() > PHONE_DIGITS;
            let phones = beginnings.into_iter().filter(long).map(|number| {
                let whole = whole.as_ref() == Ok(&number);
                Sought { clue: Clue::Phone, text: number, whole }
            });
            let end = Some(from_end(&text)).filter(|end| PHONE_END.contains(&end.len()) && !text.starts_with('+'));
            let end = end.map(|end| sought(Clue::PhoneEnd, &end));
            return Self::Number { id, phones: phones.chain(end).collect() };
        }
        if text.starts_with(|c: char| c.is_ascii_lowercase()) && text.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Self::Either(sought(Clue::Username, &text), sought(Clue::Name, &text));
        }
        let words: Vec<_> = text.split([' ', '-']).filter(|word| !word.is_empty()).map(str::to_owned).collect();
        match words.first().filter(|word| !word.is_empty()) {
            Some(_) => Self::Names(sought(Clue::Name, text.split(' ').next().unwrap_or_default()), words.clone()),
            None => Self::All,
        }
    }
}

/// The name at Telegram that somebody has typed: with its sign, as a link, or with an underscore, which no other name has.
fn username(text: &str) -> Option<&str> {
    let text = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or(text);
    let linked = ["t.me/", "telegram.me/", "@"].into_iter().find_map(|sign| text.strip_prefix(sign));
    if let Some(name) = linked {
        let name = name.trim_start_matches('@');
        return Some(name.split(['?', '/']).next().unwrap_or_default());
    }
    let is_one = text.contains('_') && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    is_one.then_some(text)
}

/// What an admin wants with a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    /// So many seconds more.
    Gift(i64),
    /// It shall last until this instant, milliseconds.
    Extend(i64),
    /// So many seconds less, but no more than are left.
    Revoke(i64),
}

body! {
    /// A change of a subscription.
    pub struct SubscriptionBody {
        /// `gift`, `extend` or `revoke`.
        #[schema(value_type = String)]
        action: Option<Action> =
            Fields::choice(&[("gift", Action::Gift), ("extend", Action::Extend), ("revoke", Action::Revoke)]),
        /// To give, or to take back as far as they are left: 1 to 3650.
        days: Option<i64> = Fields::if_given(|fields, name| fields.whole(name, DAYS)),
        /// The last day, as Moscow counts, to whose end it is extended.
        #[schema(value_type = Option<String>)]
        until: Option<i64> = Fields::day(),
        /// At most 250 characters.
        reason: String = Fields::required_text(LONGEST_REASON),
    }
}

/// What a change of a subscription does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Action {
    Gift,
    Extend,
    Revoke,
}

/// A change of a subscription that an admin orders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubscriptionOrder {
    /// What is wanted.
    pub wish: Wish,
    /// Why.
    pub reason: String,
    /// The admin's own name for this order, so that a repeat is the same.
    pub key: String,
}

impl SubscriptionOrder {
    /// Reads what an admin wants.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its field.
    pub fn parse(body: &Map<String, Value>, key: &str) -> Result<Self, Vec<FieldError>> {
        let (SubscriptionBody { action, days, until, reason }, mut fields) = SubscriptionBody::begin(body);
        let unwanted = if action == Some(Action::Extend) { "days" } else { "until" };
        if action.is_some() && fields.value(unwanted).is_some() {
            fields.fail(unwanted, "unknown", "Does not belong to this action.");
        }
        let wish = if action == Some(Action::Extend) {
            if fields.value("until").is_none() {
                fields.fail("until", "missing", "Must be a date such as 2026-12-31.");
            }
            Wish::Extend(until.unwrap_or_default() + DAY_S * 1000)
        } else {
            if fields.value("days").is_none() {
                fields.whole("days", DAYS);
            }
            let seconds = days.unwrap_or_default() * DAY_S;
            if action == Some(Action::Revoke) { Wish::Revoke(seconds) } else { Wish::Gift(seconds) }
        };
        fields.done(Self { wish, reason, key: key.to_owned() })
    }

    /// Whether the entry is what this order made.
    fn made(&self, entry: &Entry) -> bool {
        let fits = match self.wish {
            Wish::Gift(seconds) => entry.source == Source::Gift && entry.seconds == seconds,
            Wish::Extend(until_ms) => {
                entry.source == Source::Gift && (0..1000).contains(&(until_ms - entry.ends_at_ms))
            }
            Wish::Revoke(seconds) => entry.source == Source::Revocation && -entry.seconds <= seconds,
        };
        fits && entry.reason.as_ref() == Some(&self.reason)
    }

    /// The subscription as it shall be, and the entry of the ledger.
    pub(super) fn change(
        &self,
        subscription: &Subscription,
        id: &str,
        now_ms: i64,
    ) -> Result<(Subscription, Entry), Error> {
        let end_ms = subscription.ends_at_ms.map_or(now_ms, |end| end.max(now_ms));
        // Up to the second, as the ledger counts: who has less than one left has none.
        let left_s = (end_ms - now_ms + 999).div_euclid(1000);
        let out_of_range = |field, message| Error::Validation(vec![FieldError::new(field, "out_of_range", message)]);
        match self.wish {
            Wish::Gift(seconds) if end_ms + seconds * 1000 > now_ms + FARTHEST_MS => {
                Err(out_of_range("days", "Must not take the subscription further than five years from now."))
            }
            Wish::Gift(seconds) => Ok(subscription.grant(seconds, Source::Gift, id, now_ms)),
            Wish::Extend(until_ms) => {
                let seconds = (until_ms - end_ms).div_euclid(1000);
                if seconds <= 0 || until_ms > now_ms + FARTHEST_MS {
                    let message = "Must be later than the present end, and within five years.";
                    return Err(out_of_range("until", message));
                }
                Ok(subscription.grant(seconds, Source::Gift, id, now_ms))
            }
            Wish::Revoke(_) if left_s == 0 => Err(Error::Conflict(Conflict::SubscriptionEnded)),
            Wish::Revoke(seconds) => Ok(subscription.revoke(seconds.min(left_s), Source::Revocation, id, now_ms)),
        }
    }
}

/// Which drivers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DriverFilter {
    /// What somebody has typed.
    pub text: String,
    /// Who first signed in at or after it, milliseconds.
    pub from_ms: Option<i64>,
    /// Who first signed in before it, milliseconds.
    pub until_ms: Option<i64>,
}

/// Which subscriptions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SubscriptionFilter {
    /// In this state.
    pub state: Option<State>,
    /// That end at or after it, milliseconds.
    pub from_ms: Option<i64>,
    /// That end before it, milliseconds.
    pub until_ms: Option<i64>,
}

pub(super) fn told(subscription: &Subscription) -> Value {
    json!({ "expires_at": subscription.ends_at_ms.map(rfc3339), "source": subscription.source })
}

impl App {
    fn of_driver(
        &self,
        driver_id: i64,
        outcome: &str,
        reason: &str,
        admin: &AdminSession,
        context: &RequestContext,
    ) -> AuditRow {
        let row = AuditRow::new(context, self.clock.now_ms(), "driver", outcome).by(admin.actor());
        row.about("driver", driver_id).fact("driver_id", driver_id).fact("reason", reason)
    }

    /// Gives days of a subscription or takes them back. The same order, told by its key, is done once. What is beyond the
    /// role's limit becomes a request that an owner confirms.
    ///
    /// # Errors
    /// There is no such driver, it is the admin, nothing is left to take back, the key was used for another order, the sign-in is
    /// too old for so much, or the store does not answer.
    pub async fn order_subscription(
        &self,
        admin: &AdminSession,
        driver_id: i64,
        order: &SubscriptionOrder,
        context: &RequestContext,
    ) -> Result<Ordered, Error> {
        admin.check_not_own(driver_id)?;
        let id = named_id("subscription", &driver_id.to_string(), &order.key);
        let (id, entries) = (&id, &["gift", "revocation"].map(|source| format!("{source}-{id}")));
        retry_on_change("order_subscription", TRIES, (), |()| async move {
            let holder = self.store.holder(driver_id, entries).await?;
            if let Some(entry) = holder.entries.first() {
                if !order.made(entry) {
                    let message = "Was used for another order. Each order has its own.";
                    return Err(Error::Validation(vec![FieldError::new("Idempotency-Key", "repeated", message)]));
                }
                return Ok(Tried::Done(Ordered::Done(holder.subscription, entry.seconds)));
            }
            if !holder.is_known {
                return Err(Error::NotFound);
            }
            let (before, now_ms) = (holder.subscription, self.clock.now_ms());
            let (after, entry) = order.change(&before, id, now_ms)?;
            if !self.may_give(admin, driver_id, entry.seconds, context).await? {
                return self.ask_owner(admin, driver_id, order, id, context).await.map(Tried::Done);
            }
            let entry = entry.by(admin.actor(), &order.reason);
            let outcome = match order.wish {
                Wish::Gift(_) => "gift",
                Wish::Extend(_) => "extended",
                Wish::Revoke(_) => "revoked",
            };
            let audit = AuditRow::new(context, now_ms, "subscription", outcome).by(admin.actor());
            let audit = audit.about("driver", driver_id).fact("driver_id", driver_id).fact("seconds", entry.seconds);
            let audit = audit.fact("reason", &order.reason).changing(told(&before), told(&after));
            let message = (entry.seconds > 0).then_some(id.as_str());
            let change = (&before, &after, &entry);
            if Box::pin(self.store.change_subscription(driver_id, change, message, None, &audit)).await? {
                if message.is_some() {
                    self.hint(id, &[What::Gift]).await;
                }
                return Ok(Tried::Done(Ordered::Done(after, entry.seconds)));
            }
            Ok(Tried::Changed(()))
        })
        .await
    }

    /// A driver to whom something may be done: no admin.
    async fn manageable(&self, driver_id: i64) -> Result<DriverCard, Error> {
        let card = self.store.driver_card(driver_id).await?.ok_or(Error::NotFound)?;
        if card.role.is_some() || self.config.admin_telegram_ids.contains(&driver_id) {
            return Err(Error::Conflict(Conflict::DriverIsAdmin));
        }
        Ok(card)
    }

    /// Blocks a driver, or lets them in again. Who is what they shall be stays so.
    ///
    /// # Errors
    /// There is no such driver, they administer, or the store does not answer.
    pub async fn block_driver(
        &self,
        admin: &AdminSession,
        driver_id: i64,
        blocked: bool,
        reason: &str,
        context: &RequestContext,
    ) -> Result<Block, Error> {
        retry_on_change("block_driver", TRIES, (), |()| async move {
            let card = self.manageable(driver_id).await?;
            let by_link = card.session.is_some_and(|session| session.by_link);
            let before = card.row.block;
            if before.blocked == blocked {
                return Ok(Tried::Done(before));
            }
            let actor = admin.actor();
            let after = Block {
                blocked,
                reason: reason.to_owned(),
                by: actor.id,
                name: actor.name,
                at_ms: self.clock.now_ms(),
                version: before.version + 1,
            };
            let outcome = if blocked { "blocked" } else { "unblocked" };
            let audit = self.of_driver(driver_id, outcome, reason, admin, context);
            let audit = audit.changing(json!({ "blocked": before.blocked }), json!({ "blocked": blocked }));
            if self.store.write_block(driver_id, (&before, &after), by_link, &audit).await? {
                self.hint(&driver_id.to_string(), &[What::Block]).await;
                return Ok(Tried::Done(after));
            }
            Ok(Tried::Changed(()))
        })
        .await
    }

    /// Ends the session of a driver at once, and voids their access link.
    ///
    /// # Errors
    /// There is no such driver, they administer, or the store does not answer.
    pub async fn end_session_of(
        &self,
        admin: &AdminSession,
        driver_id: i64,
        reason: &str,
        context: &RequestContext,
    ) -> Result<(), Error> {
        self.manageable(driver_id).await?;
        // Whether a session runs is learnt from what refuses.
        retry_on_change("end_session_of", TRIES, true, |runs| async move {
            let outcome = if runs { "session_ended" } else { "session_over" };
            let audit = self.of_driver(driver_id, outcome, reason, admin, context);
            let is_ended = self.store.end_any_session(driver_id, runs, &audit).await?;
            Ok(if is_ended { Tried::Done(()) } else { Tried::Changed(!runs) })
        })
        .await
    }

    /// Voids the access link of a driver and ends the session that it opened. An admin's too: it takes nothing from them.
    ///
    /// # Errors
    /// There is no such driver, or the store does not answer.
    pub async fn revoke_link_of(
        &self,
        admin: &AdminSession,
        driver_id: i64,
        reason: &str,
        context: &RequestContext,
    ) -> Result<(), Error> {
        self.store.profile(driver_id).await?.ok_or(Error::NotFound)?;
        let audit = AuditRow::new(context, self.clock.now_ms(), "access_link", "revoked").by(admin.actor());
        let audit = audit.about("driver", driver_id).fact("driver_id", driver_id).fact("reason", reason);
        self.store.revoke_access(&Revocation { driver_id, generation: None, subject: None, audit }).await?;
        Ok(())
    }

    /// Deletes what is known of a driver, but for what the law wants kept: payments, the ledger and the audit log, which know
    /// them by their id. That they had the trial stays known too. Returns the driver, and whether all of it is done: there may
    /// be more responses than one call clears, and then the same order goes on.
    ///
    /// # Errors
    /// There is no such driver, they administer, or the store does not answer.
    pub async fn delete_driver(
        &self,
        admin: &AdminSession,
        driver_id: i64,
        reason: &str,
        context: &RequestContext,
    ) -> Result<(DriverCard, bool), Error> {
        retry_on_change("delete_driver", TRIES, (), |()| async move {
            let card = self.manageable(driver_id).await?;
            if card.row.deleted_at_ms.is_some() {
                let done = self.clear_responses(&card, 0, context).await?;
                return Ok(Tried::Done((card, done)));
            }
            let audit = self.of_driver(driver_id, "deleted", reason, admin, context);
            self.store.forget_driver(&card, Forget::Always, &audit).await?;
            Ok(Tried::Changed(()))
        })
        .await
    }

    /// Clears the next responses that a driver gave before their data was deleted, and within so many milliseconds their cards;
    /// `true` when none are left.
    ///
    /// # Errors
    /// The store does not answer.
    pub(crate) async fn clear_responses(
        &self,
        card: &DriverCard,
        within_ms: i64,
        context: &RequestContext,
    ) -> Result<bool, Error> {
        let Some(from) = &card.clear_from else { return Ok(true) };
        let page = self.store.responses(card.row.profile.id, Some(from), CLEARED_AT_ONCE).await?;
        for response in page.items {
            let forget = |response: &Response| response.forgotten(self.clock.now_ms());
            let is_over = Instant::now() > context.deadline;
            if is_over || self.clear_response(response, forget, within_ms, context).await?.is_none() {
                return Ok(false);
            }
        }
        let is_noted = self.store.note_cleared(card, from, page.next.as_ref()).await?;
        Ok(is_noted && page.next.is_none())
    }

    /// Takes persons out of a response as `forget` says, and within so many milliseconds out of its messages in the dispatchers' chat.
    /// Whether there was anything to take out; `None` when it changes all the time.
    ///
    /// # Errors
    /// The store does not answer.
    pub(crate) async fn clear_response(
        &self,
        response: Response,
        forget: impl Fn(&Response) -> Option<Response>,
        within_ms: i64,
        context: &RequestContext,
    ) -> Result<Option<bool>, Error> {
        let mut before = response;
        for _ in 0..TRIES {
            let Some(after) = forget(&before) else { return Ok(Some(false)) };
            let account = Account::of(&after, "forgotten", &Actor::System);
            let messages: Vec<_> = [What::Card].into_iter().chain(before.shown_link()).collect();
            let write = ResponseWrite {
                before: Some(&before),
                after: &after,
                messages: &messages,
                holds: &[],
                seen: None,
                within_ms,
                audit: account.row(self.clock.now_ms(), context),
            };
            match Box::pin(self.store.write_response(&write)).await? {
                Written::Done => {
                    if within_ms == 0 {
                        self.hint(&after.id, &messages).await;
                    }
                    return Ok(Some(true));
                }
                Written::Refused(Some(found)) if found.id == before.id => before = *found,
                // The driver has responded anew, as somebody whom nobody wants forgotten.
                Written::Refused(_) | Written::Chosen(_) | Written::Blocked => return Ok(Some(false)),
            }
        }
        Ok(None)
    }

    /// A page of subscriptions.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn find_subscriptions(
        &self,
        filter: &SubscriptionFilter,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<SubscriptionPage, Error> {
        Ok(self.store.find_subscriptions(filter, self.clock.now_ms(), cursor, limit).await?)
    }

    /// A page of the drivers who are meant by what somebody has typed; of all, the newest first, if that is nothing. Only those
    /// can be told by when they came.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn find_drivers(
        &self,
        filter: &DriverFilter,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<DriverPage, Error> {
        Ok(match Query::parse(&filter.text) {
            Query::All => self.store.newest_drivers((filter.from_ms, filter.until_ms), cursor, limit).await?,
            Query::Username(sought) => self.store.sought_drivers(&sought, cursor, limit).await?,
            Query::Names(sought, words) => {
                let mut page = self.store.sought_drivers(&sought, cursor, limit).await?;
                page.items.retain(|row| {
                    let name = compared(&row.profile.full_name());
                    words.iter().all(|word| name.split([' ', '-']).any(|own| own.starts_with(word)))
                });
                page
            }
            Query::Either(username, name) => {
                // The few of that name at Telegram are on the first page.
                let few = async {
                    match cursor {
                        None => self.store.sought_drivers(&username, None, OF_ONE_NUMBER).await,
                        Some(_) => Ok(DriverPage::default()),
                    }
                };
                let (few, mut page) = tokio::try_join!(few, self.store.sought_drivers(&name, cursor, limit))?;
                page.items.retain(|row| few.items.iter().all(|known| known.profile.id != row.profile.id));
                page.items.splice(0..0, few.items);
                page
            }
            Query::Number { id, phones } => {
                let by_id = async { self.store.drivers(id.as_slice()).await };
                let by_phone =
                    try_join_all(phones.iter().map(|sought| self.store.sought_drivers(sought, None, OF_ONE_NUMBER)));
                let (mut items, by_phone) = tokio::try_join!(by_id, by_phone)?;
                for row in by_phone.into_iter().flat_map(|page| page.items) {
                    if items.iter().all(|known| known.profile.id != row.profile.id) {
                        items.push(row);
                    }
                }
                DriverPage { items, cursor: None }
            }
        })
    }

    /// All about a driver, and the ledger of their subscription, the newest entry first.
    ///
    /// # Errors
    /// Nobody of that id ever signed in, or the store does not answer.
    pub async fn driver(&self, driver_id: i64) -> Result<(DriverCard, Vec<Entry>), Error> {
        let (card, ledger) = tokio::try_join!(self.store.driver_card(driver_id), self.store.ledger(driver_id))?;
        let mut ledger = ledger;
        ledger.reverse();
        Ok((card.ok_or(Error::NotFound)?, ledger))
    }

    /// A page of a driver's responses, the newest first.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn responses_of(&self, driver_id: i64, from: Option<&ListedResponse>) -> Result<ResponsePage, Error> {
        Ok(self.store.responses(driver_id, from, RESPONSES).await?)
    }
}

#[cfg(test)]
mod tests;
