//! The bot's secrets: its token, and the one that authenticates Telegram's webhook calls.
use serde::Deserialize;

use crate::{
    auth::init_data::InitDataKey,
    secrets::{Form, Secret, json},
};

/// `{bot_token, webhook_secret}`.
pub const TELEGRAM: Secret = BotToken::SECRET;

#[derive(Deserialize)]
struct TelegramSecret {
    bot_token: String,
    #[serde(default)]
    webhook_secret: String,
}

/// The bot's token.
pub struct BotToken(pub String);

impl Form for BotToken {
    const SECRET: Secret = Secret::new::<Self>("telegram");

    fn read(text: &str) -> Result<Self, &'static str> {
        let token = json::<TelegramSecret>(text)?.bot_token;
        match token.split_once(':') {
            Some((id, rest)) if !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()) && !rest.is_empty() => {
                Ok(Self(token))
            }
            _ => Err("must have a bot_token such as 12345:ABC"),
        }
    }
}

/// The key for validating init data.
impl Form for InitDataKey {
    const SECRET: Secret = TELEGRAM;

    fn read(text: &str) -> Result<Self, &'static str> {
        BotToken::read(text).map(|token| Self::new(&token.0))
    }
}

/// The secret that authenticates webhook calls, as passed to `setWebhook` (1 to 256 of `A-Z a-z 0-9 _ -`).
pub struct WebhookSecret(pub String);

impl Form for WebhookSecret {
    const SECRET: Secret = TELEGRAM;

    fn read(text: &str) -> Result<Self, &'static str> {
        let secret = json::<TelegramSecret>(text)?.webhook_secret;
        let plain = secret.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        if plain && (16..=256).contains(&secret.len()) {
            Ok(Self(secret))
        } else {
            Err("must have a webhook_secret of 16 to 256 of A-Z a-z 0-9 _ -")
        }
    }
}
