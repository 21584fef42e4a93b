//! The methods, each with the checks and the texts of Telegram's own server.
use serde_json::{Value, json};

use super::{
    ApiError, Bot, Parameters, QUERY_S, State,
    entities::{MAX_TEXT, parse_html, utf16_len},
    keyboard::Markup,
    trouble::Trouble,
};

/// The longest text of an answer to a press.
const MAX_ANSWER: usize = 200;

impl Bot {
    /// Carries out a method; their names are the same in any case.
    pub fn call(&self, method: &str, parameters: &Parameters) -> Result<Value, ApiError> {
        match method.to_lowercase().as_str() {
            "getme" => Ok(self.get_me()),
            "sendmessage" => self.send_message(parameters),
            "editmessagetext" => self.edit_message_text(parameters),
            "editmessagereplymarkup" => self.edit_message_reply_markup(parameters),
            "deletemessage" => self.delete_message(parameters),
            "answercallbackquery" => self.answer_callback_query(parameters),
            "setwebhook" => self.set_webhook(parameters),
            "deletewebhook" => self.delete_webhook(parameters),
            "getwebhookinfo" => Ok(self.state().updates.info()),
            "setmycommands" => self.set_my_commands(parameters),
            "deletemycommands" => {
                self.state().commands.remove(&scope(parameters));
                Ok(json!(true))
            }
            "getmycommands" => Ok(self.state().commands.get(&scope(parameters)).cloned().unwrap_or_else(|| json!([]))),
            "setchatmenubutton" => self.set_chat_menu_button(parameters),
            "getchatmenubutton" => {
                let (state, chat) = (self.state(), parameters.integer("chat_id").unwrap_or(0));
                let button = state.menu.get(&chat).or_else(|| state.menu.get(&0));
                Ok(button.cloned().unwrap_or_else(|| json!({"type": "commands"})))
            }
            _ => Err(ApiError::new(404, "Not Found")),
        }
    }

    fn get_me(&self) -> Value {
        let mut me = self.user();
        for (name, value) in [
            ("can_join_groups", true),
            ("can_read_all_group_messages", false),
            ("supports_inline_queries", false),
            ("can_connect_to_business", false),
            ("has_main_web_app", true),
        ] {
            me[name] = json!(value);
        }
        me
    }

    fn send_message(&self, parameters: &Parameters) -> Result<Value, ApiError> {
        let (text, entities) = read_text(parameters)?;
        let now_ms = self.inner.clock.now_ms();
        let mut state = self.state();
        let chat_id = chat_to_write_to(&state, parameters)?;
        let slow_s = state.chats.get(chat_id).map_or(0, |chat| (chat.slow_until_ms - now_ms + 999).div_euclid(1000));
        if let Some(error) = trouble_of(&state, chat_id).and_then(|trouble| trouble.error(slow_s)) {
            return Err(error);
        }
        let topic = parameters.integer("message_thread_id");
        if topic.is_some_and(|topic| state.chats.get(chat_id).is_none_or(|chat| !chat.topics.contains(&topic))) {
            return Err(ApiError::bad_request("message thread not found"));
        }
        let markup = Markup::read(&parameters.object("reply_markup"), chat_id > 0)?;
        let reply = parameters.object("reply_parameters");
        let reply_to = reply["message_id"].as_i64().or_else(|| parameters.integer("reply_to_message_id"));
        let may_miss =
            reply["allow_sending_without_reply"] == json!(true) || parameters.flag("allow_sending_without_reply");
        if reply_to.is_some_and(|id| state.chats.message(chat_id, id).is_none()) && !may_miss {
            return Err(ApiError::bad_request("message to be replied not found"));
        }
        let enforced = state.faults.limits;
        state.limits.take(now_ms, chat_id, enforced).map_err(ApiError::too_many)?;
        let mut fields = with_entities(json!({"text": text}), entities);
        if let Some(topic) = topic {
            fields["message_thread_id"] = json!(topic);
            fields["is_topic_message"] = json!(true);
        }
        if let Some(Trouble::SlowMode { seconds }) = trouble_of(&state, chat_id)
            && let Some(chat) = state.chats.get_mut(chat_id)
        {
            chat.slow_until_ms = now_ms + seconds * 1000;
        }
        let sent = state.chats.post(chat_id, now_ms.div_euclid(1000), self.user(), fields, markup, reply_to);
        sent.ok_or_else(chat_not_found)
    }

    fn edit_message_text(&self, parameters: &Parameters) -> Result<Value, ApiError> {
        let (text, entities) = read_text(parameters)?;
        self.edit(parameters, |fields| {
            if fields["text"].is_null() {
                return Err(ApiError::bad_request("there is no text in the message to edit"));
            }
            fields["text"] = json!(text);
            if let Some(fields) = fields.as_object_mut() {
                fields.remove("entities");
            }
            let edited = with_entities(fields.take(), entities);
            *fields = edited;
            Ok(())
        })
    }

    fn edit_message_reply_markup(&self, parameters: &Parameters) -> Result<Value, ApiError> {
        self.edit(parameters, |_| Ok(()))
    }

    /// Changes a message of the bot's own; without a keyboard the one it had is taken away.
    fn edit(
        &self,
        parameters: &Parameters,
        change: impl FnOnce(&mut Value) -> Result<(), ApiError>,
    ) -> Result<Value, ApiError> {
        let mut state = self.state();
        let chat_id = chat_to_write_to(&state, parameters)?;
        // Slow mode is for new messages alone.
        if let Some(error) = trouble_of(&state, chat_id).and_then(|trouble| trouble.error(0)) {
            return Err(error);
        }
        let Some(id) = parameters.integer("message_id") else {
            return Err(ApiError::bad_request("message identifier is not specified"));
        };
        let markup = Markup::read_inline(&parameters.object("reply_markup"), chat_id > 0)?;
        let now_s = self.inner.clock.now_s();
        let messages = state.chats.get_mut(chat_id).map(|chat| &mut chat.messages);
        let Some(message) = messages.and_then(|messages| messages.iter_mut().find(|message| message.id == id)) else {
            return Err(ApiError::bad_request("message to edit not found"));
        };
        if !message.is_ours {
            return Err(ApiError::bad_request("message can't be edited"));
        }
        let mut fields = message.fields.clone();
        change(&mut fields)?;
        match (markup.in_message(), fields.as_object_mut()) {
            (Some(inline), _) => fields["reply_markup"] = inline,
            (None, Some(fields)) => {
                fields.remove("reply_markup");
            }
            (None, None) => {}
        }
        if fields == message.fields {
            return Err(ApiError::bad_request(
                "message is not modified: specified new message content and reply markup are exactly the same as a current \
                 content and reply markup of the message",
            ));
        }
        fields["edit_date"] = json!(now_s);
        message.fields = fields;
        message.markup = markup;
        state.chats.message(chat_id, id).ok_or_else(chat_not_found)
    }

    fn delete_message(&self, parameters: &Parameters) -> Result<Value, ApiError> {
        let mut state = self.state();
        let chat_id = chat_to_write_to(&state, parameters)?;
        let id = parameters.integer("message_id").unwrap_or_default();
        let messages = state.chats.get_mut(chat_id).map(|chat| &mut chat.messages);
        let Some(messages) = messages.filter(|messages| messages.iter().any(|message| message.id == id)) else {
            return Err(ApiError::bad_request("message to delete not found"));
        };
        // In a group the bot is no administrator.
        if messages.iter().any(|message| message.id == id && !message.is_ours && chat_id < 0) {
            return Err(ApiError::bad_request("message can't be deleted"));
        }
        messages.retain(|message| message.id != id);
        Ok(json!(true))
    }

    fn answer_callback_query(&self, parameters: &Parameters) -> Result<Value, ApiError> {
        let (text, id) = (parameters.text("text"), parameters.text("callback_query_id"));
        if utf16_len(&text) > MAX_ANSWER {
            return Err(ApiError::bad_request("MESSAGE_TOO_LONG"));
        }
        let (mut state, now_s) = (self.state(), self.inner.clock.now_s());
        let query = state.queries.get_mut(&id).filter(|query| now_s - query.created_s < QUERY_S);
        let Some(query) = query else {
            return Err(ApiError::bad_request("query is too old and response timeout expired or query ID is invalid"));
        };
        // The first answer is the one that the person sees.
        query.answer.get_or_insert_with(
            || json!({"text": text, "show_alert": parameters.flag("show_alert"), "url": parameters.0.get("url")}),
        );
        self.inner.answered.notify_waiters();
        Ok(json!(true))
    }

    /// Has updates of these kinds delivered to `url`.
    ///
    /// # Errors
    /// Telegram's own text.
    pub fn set_webhook_to(&self, url: &str, secret: &str, kinds: &[&str]) -> Result<(), String> {
        let parameters = [("url", json!(url)), ("secret_token", json!(secret)), ("allowed_updates", json!(kinds))];
        let parameters = parameters.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        self.set_webhook(&Parameters(parameters)).map(|_| ()).map_err(|error| error.description)
    }

    fn set_webhook(&self, parameters: &Parameters) -> Result<Value, ApiError> {
        let (url, secret) = (parameters.text("url"), parameters.text("secret_token"));
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if secret.len() > 256 {
            return Err(ApiError::bad_request("secret token is too long"));
        }
        if !secret.chars().all(is_allowed) {
            return Err(ApiError::bad_request("secret token contains unallowed characters"));
        }
        // Telegram takes HTTPS only; this machine has none.
        let is_near = url.starts_with("http://127.0.0.1:") || url.starts_with("http://localhost:");
        if !url.is_empty() && !url.starts_with("https://") && !is_near {
            return Err(ApiError::bad_request("bad webhook: An HTTPS URL must be provided for webhook"));
        }
        let mut state = self.state();
        if parameters.flag("drop_pending_updates") {
            state.updates.clear();
        }
        let webhook = &mut state.updates.webhook;
        if parameters.0.contains_key("allowed_updates") {
            let kinds = parameters.object("allowed_updates");
            let kinds: Vec<_> = kinds.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            webhook.allowed_updates = (!kinds.is_empty()).then(|| kinds.into_iter().map(str::to_owned).collect());
        }
        let connections = parameters.integer("max_connections").filter(|number| *number > 0).unwrap_or(40);
        webhook.max_connections = usize::try_from(connections.clamp(1, 100)).unwrap_or(40);
        webhook.secret_token = (!secret.is_empty()).then_some(secret);
        webhook.url = url;
        webhook.last_error_date = None;
        webhook.last_error_message = None;
        self.inner.queued.notify_waiters();
        Ok(json!(true))
    }

    fn delete_webhook(&self, parameters: &Parameters) -> Result<Value, ApiError> {
        let mut state = self.state();
        if parameters.flag("drop_pending_updates") {
            state.updates.clear();
        }
        state.updates.webhook.url.clear();
        state.updates.webhook.secret_token = None;
        Ok(json!(true))
    }

    fn set_my_commands(&self, parameters: &Parameters) -> Result<Value, ApiError> {
        let commands = parameters.object("commands");
        let Some(list) = commands.as_array().filter(|list| list.len() <= 100) else {
            return Err(ApiError::bad_request("can't parse commands"));
        };
        for command in list {
            let name = command["command"].as_str().unwrap_or_default().trim_start_matches('/');
            let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            if !(1..=32).contains(&name.len()) || !name.chars().all(is_name) {
                return Err(ApiError::bad_request("BOT_COMMAND_INVALID"));
            }
            let description = command["description"].as_str().unwrap_or_default();
            if !(1..=256).contains(&utf16_len(description)) {
                return Err(ApiError::bad_request("BOT_COMMAND_DESCRIPTION_INVALID"));
            }
        }
        self.state().commands.insert(scope(parameters), commands);
        Ok(json!(true))
    }

    fn set_chat_menu_button(&self, parameters: &Parameters) -> Result<Value, ApiError> {
        let button = match parameters.object("menu_button") {
            Value::Null => json!({"type": "default"}),
            button => button,
        };
        if button["type"] == "web_app"
            && (button["text"].as_str().is_none_or(str::is_empty) || !button["web_app"]["url"].is_string())
        {
            return Err(ApiError::bad_request("can't parse menu button: Web App button must have text and address"));
        }
        self.state().menu.insert(parameters.integer("chat_id").unwrap_or(0), button);
        Ok(json!(true))
    }
}

fn scope(parameters: &Parameters) -> String {
    let scope = match parameters.object("scope") {
        Value::Null => json!({"type": "default"}),
        scope => scope,
    };
    format!("{scope} {}", parameters.text("language_code"))
}

fn chat_not_found() -> ApiError {
    ApiError::bad_request("chat not found")
}

/// The chat that a call names, if the bot may write there.
fn chat_to_write_to(state: &State, parameters: &Parameters) -> Result<i64, ApiError> {
    if parameters.text("chat_id").trim().is_empty() {
        return Err(ApiError::bad_request("chat_id is empty"));
    }
    let chat = parameters.integer("chat_id").and_then(|id| state.chats.get(id)).ok_or_else(chat_not_found)?;
    if let Some(to) = chat.moved_to {
        return Err(ApiError::upgraded(to));
    }
    match (chat.is_private(), chat.blocked, chat.started) {
        (true, true, _) => Err(ApiError::new(403, "Forbidden: bot was blocked by the user")),
        (true, false, false) => Err(ApiError::new(403, "Forbidden: bot can't initiate conversation with a user")),
        (false, true, _) => Err(ApiError::new(403, "Forbidden: bot was kicked from the supergroup chat")),
        _ => Ok(chat.id),
    }
}

fn trouble_of(state: &State, chat_id: i64) -> Option<Trouble> {
    state.chats.get(chat_id).and_then(|chat| chat.trouble.clone())
}

fn read_text(parameters: &Parameters) -> Result<(String, Vec<Value>), ApiError> {
    let text = parameters.text("text");
    let (text, entities) = match parameters.text("parse_mode").to_lowercase().as_str() {
        "" => (text, parameters.object("entities").as_array().cloned().unwrap_or_default()),
        "html" => parse_html(&text)?,
        _ => return Err(ApiError::bad_request("unsupported parse_mode")),
    };
    let text = text.trim_end();
    if text.is_empty() {
        return Err(ApiError::bad_request("message text is empty"));
    }
    if utf16_len(text) > MAX_TEXT {
        return Err(ApiError::bad_request("message is too long"));
    }
    Ok((text.to_owned(), entities))
}

fn with_entities(mut fields: Value, entities: Vec<Value>) -> Value {
    if !entities.is_empty() {
        fields["entities"] = Value::Array(entities);
    }
    fields
}
