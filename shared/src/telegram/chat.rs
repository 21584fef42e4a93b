//! Handles updates: commands and contacts of drivers, presses and replies of dispatchers.
//!
//! The answer is returned in the webhook's response, so it needs no call. Every change is conditional on the stored
//! state, so a repeated update changes nothing.
use outbox::{
    class::Class,
    message::{Button, Message as Answer},
};
use serde_json::{Value, json};
use tokio::time::Duration;
use tracing::Instrument as _;

use super::{
    card,
    channel::parameters,
    messages::{Language, Messages, fill},
    prices,
    screens::{self, app_page, cargo_parameter},
    update::{CallbackQuery, CloseAccess, Contact, Message, MyChatMember, Press, Pressed, Sender, Update, command},
};
use crate::{
    address::Address,
    app::App,
    billing::subscription::State,
    cargo::CargoId,
    delivery::metrics,
    error::Error,
    phone::{self, Fault},
    request::RequestContext,
    response::{
        Actor, LONGEST_TEXT, Question, Status,
        act::{Acted, Command},
    },
    telemetry,
    text::{cut, lines},
};

/// The most responses in `/responses`: one screen.
const LISTED: i32 = 5;
/// How long an answer waits for its turn. Telegram expects a response within a second.
const PATIENCE: Duration = Duration::from_millis(900);
/// How long an essential answer waits, without which a dispatcher would assume success. A group's turns are four
/// seconds apart.
const LONG_PATIENCE: Duration = Duration::from_secs(5);

/// An answer without buttons.
fn plain(text: String) -> Answer {
    Answer { text, rows: Vec::new() }
}

/// Tells the person that their press had no effect.
pub fn not_done(callback_query_id: &str) -> Value {
    let text = Language::Ru.messages().press_trouble;
    json!({ "method": "answerCallbackQuery", "callback_query_id": callback_query_id, "text": text, "show_alert": true })
}

impl App {
    /// Handles an update. Returns the answer for Telegram to execute: a method with its parameters.
    ///
    /// # Errors
    /// The store does not answer: Telegram shall repeat the update.
    pub async fn act_on_update(&self, update: Update, context: &RequestContext) -> Result<Option<Value>, Error> {
        let kind = match &update {
            Update { message: Some(_), .. } => "message",
            Update { callback_query: Some(_), .. } => "callback_query",
            Update { my_chat_member: Some(_), .. } => "my_chat_member",
            _ => "unknown",
        };
        let span = tracing::info_span!("update", update_id = update.update_id, kind);
        async {
            match update {
                Update { message: Some(message), .. } => self.act_on_message(message, context).await,
                Update { callback_query: Some(query), .. } => self.act_on_press(query, context).await,
                Update { my_chat_member: Some(change), .. } => self.act_on_membership(&change).await.map(|()| None),
                // Update types that we did not ask for or do not know.
                _ => Ok(None),
            }
        }
        .instrument(span)
        .await
    }

    async fn act_on_membership(&self, change: &MyChatMember) -> Result<(), Error> {
        if change.chat.is_private() {
            let reachable = change.new_chat_member.status == "member";
            self.store.put_reachable(change.chat.id, reachable).await?;
        } else if !change.new_chat_member.may_write() && self.is_dispatch_chat(&change.chat).await? {
            tracing::error!("the bot was removed from the dispatchers' chat, or may not write there");
            telemetry::count_by(metrics::DISPATCH_CHAT_REFUSED, "removed");
        }
        Ok(())
    }

    async fn act_on_message(&self, message: Message, context: &RequestContext) -> Result<Option<Value>, Error> {
        if let Some((from, to)) = message.moved() {
            self.note_move(from, to).await?;
            return Ok(None);
        }
        let Some(from) = &message.from else { return Ok(None) };
        if message.chat.is_private() {
            // A person who writes to the bot can be reached again, even if they had blocked it.
            let profile = self.store.put_reachable(from.id, true).await?;
            let language = profile.and_then(|profile| profile.language).or_else(|| from.language_code.clone());
            let m = Language::of(language.as_deref()).messages();
            return Ok(match self.answer_driver(&message, from, m).await? {
                Some(answer) => self.in_turn(message.address(), answer, PATIENCE).await,
                // A photo, or a service message of Telegram.
                None => None,
            });
        }
        let asked = message.words().and_then(command).map(|(name, _)| name);
        let asks = asked.as_deref().is_some_and(|name| name == "help" || name == "start");
        let reply_to = message.reply_to_message.as_ref().map(|replied| replied.message_id).filter(|_| asked.is_none());
        if !asks && reply_to.is_none() {
            return Ok(None);
        }
        let is_dispatch_chat = self.is_dispatch_chat(&message.chat).await?;
        if let Some(card) = reply_to {
            return if is_dispatch_chat { self.explain(&message, card, from, context).await } else { Ok(None) };
        }
        let m = Language::Ru.messages();
        let text = if is_dispatch_chat {
            m.dispatch_help.to_owned()
        } else {
            fill(m.foreign_chat, &[("chat", &message.chat.id.to_string())])
        };
        Ok(self.in_turn(message.address(), plain(text), PATIENCE).await)
    }

    /// An answer within the rate limits of its chat and of the bot. People who flood the bot get none.
    async fn in_turn(&self, to: Address, answer: Answer, patience: Duration) -> Option<Value> {
        match self.take_turn(&to, Class::Decision, patience).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return None,
            // One answer per message is within Telegram's limits anyway.
            Err(error) => tracing::warn!(%error, "the rates of the bot cannot be read"),
        }
        let mut answer = parameters(&to, &answer);
        answer["method"] = json!("sendMessage");
        Some(answer)
    }

    async fn answer_driver(
        &self,
        message: &Message,
        from: &Sender,
        m: &'static Messages,
    ) -> Result<Option<Answer>, Error> {
        let screen = |text: String, rows| Answer { text, rows };
        let app = |start_parameter: &str, text| {
            vec![vec![Button::Page { label: text, url: app_page(&self.config.webapp_origin, start_parameter) }]]
        };
        if let Some(contact) = &message.contact {
            let text = self.confirm_contact(contact, from, m).await?;
            return Ok(Some(screen(text, app("", m.open_app))));
        }
        let Some(text) = message.text.as_deref() else { return Ok(None) };
        let Some((name, argument)) = command(text) else {
            return Ok(Some(screen(m.unknown.to_owned(), app("", m.open_app))));
        };
        Ok(Some(match name.as_str() {
            "start" => match argument.strip_prefix("cargo_").and_then(CargoId::parse) {
                Some(id) => {
                    let text = fill(m.start_cargo, &[("cargo", id.as_str())]);
                    screen(text, app(&cargo_parameter(id.as_str()), m.open_cargo))
                }
                None if argument == "responses" => screen(m.start.to_owned(), app("responses", m.my_responses)),
                None => screen(m.start.to_owned(), app("", m.open_app)),
            },
            "help" => {
                let settings = self.store.settings().await?;
                let text =
                    fill(m.help, &[("support", &super::inline(settings.support_contact(&self.config), super::LINE))]);
                screen(text, app("", m.open_app))
            }
            "responses" => match self.tell_responses(from, m).await? {
                Some(text) => screen(text, app("responses", m.my_responses)),
                None => screen(m.responses_none.to_owned(), app("", m.open_app)),
            },
            "subscription" => screen(self.tell_subscription(from, m).await?, app("subscription", m.open_subscription)),
            _ => screen(m.unknown.to_owned(), app("", m.open_app)),
        }))
    }

    /// A list of the driver's newest responses; `None` if there are none.
    async fn tell_responses(&self, from: &Sender, m: &Messages) -> Result<Option<String>, Error> {
        let page = self.store.responses(from.id, None, LISTED).await?;
        if page.items.is_empty() {
            return Ok(None);
        }
        let lines = page.items.iter().map(|response| {
            let values = [
                ("status", m.status(response.status)),
                ("route", &super::inline(&response.cargo.route, super::ROUTE)),
                ("price", &prices::for_driver(m, response)),
            ];
            fill(m.responses_line, &values)
        });
        Ok(Some(std::iter::once(m.responses.to_owned()).chain(lines).collect::<Vec<_>>().join("\n\n")))
    }

    async fn tell_subscription(&self, from: &Sender, m: &Messages) -> Result<String, Error> {
        let subscription = self.store.subscription(from.id).await?;
        let state = match subscription.state(self.clock.now_ms()) {
            State::None => m.subscription_none,
            State::Trial => m.subscription_trial,
            State::Active => m.subscription_active,
            State::Expired => m.subscription_expired,
        };
        let until = screens::in_full(m, subscription.ends_at_ms.unwrap_or_default());
        Ok(fill(m.subscription, &[("state", &fill(state, &[("until", &until)]))]))
    }

    /// A shared contact proves the number, if it is the sender's own.
    async fn confirm_contact(&self, contact: &Contact, from: &Sender, m: &Messages) -> Result<String, Error> {
        if contact.user_id != Some(from.id) {
            return Ok(m.contact_foreign.to_owned());
        }
        let phone = match phone::of_telegram(&contact.phone_number) {
            Ok(phone) => phone,
            Err(Fault::Malformed) => return Ok(m.contact_unreadable.to_owned()),
            Err(Fault::Anonymous) => return Ok(m.contact_anonymous.to_owned()),
        };
        Ok(match self.store.confirm_phone(from.id, &phone).await? {
            Some(_) => fill(m.contact_confirmed, &[("phone", &phone)]),
            None => m.contact_unknown_driver.to_owned(),
        })
    }

    /// A reply to a rejected response gives the reason. If it has no effect, the dispatcher learns why.
    async fn explain(
        &self,
        message: &Message,
        card: i64,
        from: &Sender,
        context: &RequestContext,
    ) -> Result<Option<Value>, Error> {
        let Some(response) = self.store.response_of_message(message.chat.id, card).await? else { return Ok(None) };
        // Normalise instead of rejecting: nobody would expect a rejection here.
        let reason = lines(message.words().unwrap_or_default());
        let reason: String = reason.chars().take(LONGEST_TEXT).collect();
        if reason.is_empty() {
            let is_awaited = (response.status == Status::Rejected && response.reason.is_none())
                || response.waits_for_undo_by(from.id, self.clock.now_ms());
            let hint = Language::Ru.messages().reason_needs_text;
            return Ok(if is_awaited { self.reply(hint.to_owned(), message).await } else { None });
        }
        let by = Actor::Dispatcher { id: from.id, name: from.name() };
        let is_undo = response.waits_for_undo_by(from.id, self.clock.now_ms());
        let command = if is_undo { Command::Undo(reason.clone()) } else { Command::Explain(reason.clone()) };
        match self.act(response, &command, &by, context).await {
            // The response to the first attempt was lost.
            Ok(Acted::Refused(response))
                if response.reason.as_ref() == Some(&reason) && response.reason_by.as_ref() == Some(&by) =>
            {
                Ok(None)
            }
            Ok(Acted::Refused(response)) if matches!(response.question, Some(Question::Undo { .. })) => {
                Ok(self.reply(Language::Ru.messages().undo_not_so.to_owned(), message).await)
            }
            Ok(Acted::Refused(response)) => match card::reason_given(&response) {
                Some(text) => Ok(self.reply(text, message).await),
                // Other replies are chat among dispatchers.
                None => Ok(None),
            },
            Ok(_) | Err(Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A text in reply to a message.
    async fn reply(&self, text: String, message: &Message) -> Option<Value> {
        let mut answer = self.in_turn(message.address(), plain(text), LONG_PATIENCE).await?;
        answer["reply_parameters"] = json!({ "message_id": message.message_id, "allow_sending_without_reply": true });
        Some(answer)
    }

    async fn act_on_press(&self, query: CallbackQuery, context: &RequestContext) -> Result<Option<Value>, Error> {
        let m = Language::Ru.messages();
        let answer = |text: &str, alert: bool| {
            let text = cut(text, 200);
            Ok(Some(json!({
                "method": "answerCallbackQuery", "callback_query_id": query.id, "text": text, "show_alert": alert,
            })))
        };
        if let Some(close) = query.data.as_deref().and_then(CloseAccess::parse) {
            let is_own = query.message.as_ref().is_some_and(|message| message.chat.id == query.from.id);
            let m = Language::of(query.from.language_code.as_deref()).messages();
            let is_closed = is_own && Box::pin(self.close_access(query.from.id, close, context)).await?;
            return answer(if is_closed { m.press_access_closed } else { m.press_access_void }, true);
        }
        // Only members of the dispatchers' chat may press. Button data can be forged.
        let is_dispatcher = match &query.message {
            Some(message) => self.is_dispatch_chat(&message.chat).await?,
            None => false,
        };
        let press = query.data.as_deref().and_then(Press::parse).filter(|_| is_dispatcher);
        let Some(press) = press else {
            tracing::warn!("a press that is none of ours was refused");
            return answer(m.press_unknown, true);
        };
        let Some(response) = self.store.response_by_id(press.response_id()).await? else {
            return answer(m.press_unknown, true);
        };
        let by = Actor::Dispatcher { id: query.from.id, name: query.from.name() };
        let seen = query.message.as_ref().map(Pressed::message);
        match self.act_on_button(&press, response, &by, seen.as_ref(), context).await {
            Ok((text, alert)) => answer(&text, alert),
            Err(Error::NotFound) => answer(m.press_unknown, true),
            Err(error) => Err(error),
        }
    }
}
