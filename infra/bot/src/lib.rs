//! What Telegram has to be told of the bot, once per deployment and after every change of it. Telling it again changes
//! nothing.
use serde_json::{Value, json};
use shared::{
    outbound::Outbound,
    telegram::{
        BotError, call,
        messages::{Language, Messages},
        update::ALLOWED_UPDATES,
    },
};
use tokio::time::{Duration, Instant};

/// How long the whole of it may take.
const WITHIN: Duration = Duration::from_secs(60);
/// How many calls of the webhook Telegram makes at the same time.
const CONNECTIONS: u32 = 40;

/// The bot and where it is reached.
pub struct Bot {
    /// The Bot API, without a slash at its end.
    pub base_url: String,
    /// The bot's token.
    pub token: String,
}

/// What a deployment looks like from Telegram.
#[derive(Debug)]
pub struct Setup {
    /// The webhook's address, `https://<the API's own domain>/webhooks/telegram`.
    pub webhook: String,
    /// What Telegram proves itself with.
    pub secret: String,
    /// The Mini App's address, `https://<the site>/app/`.
    pub app: String,
    /// The dispatchers' chat, if it is known.
    pub dispatch_chat_id: Option<i64>,
}

impl Bot {
    /// Calls a method of the Bot API.
    ///
    /// # Errors
    /// See [`BotError`].
    pub async fn call(&self, method: &str, parameters: &Value) -> Result<Value, BotError> {
        call(&Outbound::default(), &self.base_url, &self.token, method, parameters, Instant::now() + WITHIN).await
    }

    /// Sets the webhook with its secret and the updates that the product reads, the commands and the menu button. Returns
    /// what is wrong with the dispatchers' chat, if anything: its id is learnt from a bot that answers, so that is no reason
    /// to end.
    ///
    /// # Errors
    /// The method that failed, and why.
    pub async fn set(&self, setup: &Setup) -> Result<Option<String>, String> {
        let (ru, en) = (Language::Ru.messages(), Language::En.messages());
        let calls = [
            ("getMe", json!({})),
            (
                "setWebhook",
                json!({
                    "url": setup.webhook, "secret_token": setup.secret, "allowed_updates": ALLOWED_UPDATES,
                    "max_connections": CONNECTIONS, "drop_pending_updates": false,
                }),
            ),
            ("setMyCommands", json!({ "commands": commands(ru), "scope": { "type": "all_private_chats" } })),
            (
                "setMyCommands",
                json!({ "commands": commands(en), "scope": { "type": "all_private_chats" }, "language_code": "en" }),
            ),
            (
                "setChatMenuButton",
                json!({ "menu_button": { "type": "web_app", "text": ru.menu, "web_app": { "url": setup.app } } }),
            ),
        ];
        for (method, parameters) in calls {
            self.call(method, &parameters).await.map_err(|error| format!("{method}: {error}"))?;
        }
        let Some(chat_id) = setup.dispatch_chat_id else { return Ok(None) };
        let help = json!([{ "command": "help", "description": ru.command_help }]);
        let parameters = json!({ "commands": help, "scope": { "type": "chat", "chat_id": chat_id } });
        match self.call("setMyCommands", &parameters).await {
            Ok(_) => Ok(None),
            Err(error @ BotError::Refused { .. }) => Ok(Some(format!(
                "the dispatchers' chat {chat_id} cannot be reached ({error}), so nobody gets drivers' responses. Add the bot \
                 to the group, send /help@<the bot> there, set DispatchChatId to the id that it answers with, and deploy \
                 again"
            ))),
            Err(error) => Err(format!("setMyCommands: {error}")),
        }
    }

    /// Who the bot is and how its webhook fares, in lines for a person.
    ///
    /// # Errors
    /// The method that failed, and why.
    pub async fn show(&self) -> Result<String, String> {
        let me = self.call("getMe", &json!({})).await.map_err(|error| format!("getMe: {error}"))?;
        let info = self.call("getWebhookInfo", &json!({})).await.map_err(|error| format!("getWebhookInfo: {error}"))?;
        let text = |value: &Value| match value {
            Value::Null => "-".to_owned(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let mut lines = vec![format!("bot                   @{}", text(&me["username"]))];
        for field in [
            "url",
            "pending_update_count",
            "max_connections",
            "allowed_updates",
            "last_error_date",
            "last_error_message",
        ] {
            lines.push(format!("{field:21} {}", text(&info[field])));
        }
        Ok(lines.join("\n"))
    }
}

fn commands(m: &Messages) -> Value {
    json!([
        { "command": "start", "description": m.command_start },
        { "command": "responses", "description": m.command_responses },
        { "command": "subscription", "description": m.command_subscription },
        { "command": "help", "description": m.command_help },
    ])
}
