//! The bot: the parts of Telegram's Bot API that the product uses.
pub mod address;
#[cfg(test)]
mod bounds;
pub mod card;
pub mod channel;
pub mod chat;
pub mod dispatch;
pub mod messages;
pub mod metrics;
pub mod module;
mod press;
pub mod prices;
pub mod screens;
pub mod secret;
pub mod update;

use std::fmt;

use reqwest::StatusCode;
use serde_json::Value;
use tokio::time::{Duration, Instant};

use crate::{
    config::Config,
    outbound::{self, Outbound},
    secrets::Secrets,
    text::{cut, lines, one_line},
};

/// The longest route in a message, UTF-16 units: two cities.
const ROUTE: usize = 210;
/// The longest other line.
const LINE: usize = 200;
/// The longest short value: a dispatcher's name, an amount, a phone.
const SHORT: usize = 64;
/// The longest comment or reason, whose characters may take two units each.
const QUOTED: usize = 1000;
/// The longest call.
const CALL: Duration = Duration::from_secs(5);
/// The longest wait we accept from Telegram, which may send absurd values. After it, the caller asks again.
const LONGEST_WAIT_S: i64 = 600;
/// The largest response we accept.
const MAX_ANSWER_BYTES: usize = 256 * 1024;

/// Why a call failed. Texts never contain the token, which is part of the URL.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BotError {
    /// 429: seconds to wait.
    #[error("too many requests, wait {0} s")]
    TooMany(i64),
    /// Telegram is unreachable, too slow, or answers 5xx. **The call may have succeeded**: see [`crate::delivery`].
    #[error("no answer: {0}")]
    Unknown(&'static str),
    /// The group is in slow mode: seconds to wait.
    #[error("the chat's slow mode asks to wait {0} s")]
    SlowMode(i64),
    /// The group became the supergroup with this id.
    #[error("the group is the supergroup {0} now")]
    Moved(i64),
    /// 400 or 403. Whether a retry can succeed depends on the chat.
    #[error("refused: {description}")]
    Refused {
        /// The HTTP status.
        code: u16,
        /// Telegram's description.
        description: String,
    },
}

impl BotError {
    /// Whether the message already had this content.
    pub fn is_unchanged(&self) -> bool {
        matches!(self, Self::Refused { description, .. } if description.contains("message is not modified"))
    }

    /// Whether the message to edit was deleted or is too old.
    pub fn is_message_gone(&self) -> bool {
        let gone = ["message to edit not found", "message can't be edited", "MESSAGE_ID_INVALID"];
        matches!(self, Self::Refused { description, .. } if gone.iter().any(|text| description.contains(text)))
    }

    /// Whether the person blocked the bot or never started it.
    pub fn is_unreachable(&self) -> bool {
        matches!(self, Self::Refused { code, description } if *code == 403 || description.contains("chat not found"))
    }
}

/// The client of the Bot API.
#[derive(Clone)]
pub struct Telegram {
    http: Outbound,
    base_url: String,
    secrets: Secrets,
}

impl fmt::Debug for Telegram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Telegram").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

impl Telegram {
    /// Creates a client for the configured URL.
    pub fn new(config: &Config, http: Outbound, secrets: Secrets) -> Self {
        Self { http, base_url: config.telegram_base_url.clone(), secrets }
    }

    /// Calls `method` and returns its result.
    ///
    /// # Errors
    /// See [`BotError`].
    pub async fn call(&self, method: &str, parameters: &Value, deadline: Instant) -> Result<Value, BotError> {
        let secret::BotToken(token) = self.secrets.get().await.map_err(|error| {
            tracing::error!(%error, "the bot has no token");
            BotError::Unknown("the bot has no token")
        })?;
        call(&self.http, &self.base_url, &token, method, parameters, deadline).await
    }
}

/// Calls a method of the Bot API at `base_url` with this bot's token.
///
/// # Errors
/// See [`BotError`].
pub async fn call(
    http: &Outbound,
    base_url: &str,
    token: &str,
    method: &str,
    parameters: &Value,
    deadline: Instant,
) -> Result<Value, BotError> {
    let client = http.client().map_err(|_| BotError::Unknown("there is no HTTP client"))?;
    let request = client.post(format!("{base_url}/bot{token}/{method}")).json(parameters);
    let deadline = deadline.min(Instant::now() + CALL);
    let (status, body) = outbound::answer(request, MAX_ANSWER_BYTES, deadline).await.map_err(BotError::Unknown)?;
    read(status, &body)
}

fn read(status: StatusCode, body: &[u8]) -> Result<Value, BotError> {
    let mut answer: Value = serde_json::from_slice(body).unwrap_or_default();
    if status.is_success() && answer["ok"] == true {
        return Ok(answer["result"].take());
    }
    let description = answer["description"].as_str().unwrap_or("no description");
    if let Some(seconds) = asked_to_wait(description, "SLOWMODE_WAIT_") {
        return Err(BotError::SlowMode(seconds));
    }
    if let Some(seconds) = asked_to_wait(description, "FLOOD_WAIT_") {
        return Err(BotError::TooMany(seconds));
    }
    if status == StatusCode::TOO_MANY_REQUESTS {
        let seconds = answer["parameters"]["retry_after"].as_i64().unwrap_or(5);
        return Err(BotError::TooMany(seconds.clamp(1, LONGEST_WAIT_S)));
    }
    if matches!(status, StatusCode::BAD_REQUEST | StatusCode::FORBIDDEN) {
        if let Some(chat_id) = answer["parameters"]["migrate_to_chat_id"].as_i64() {
            return Err(BotError::Moved(chat_id));
        }
        let description = description.chars().take(200).collect();
        return Err(BotError::Refused { code: status.as_u16(), description });
    }
    if status.is_client_error() {
        // 401 and 404 concern the token, not the message. They pass once the token is fixed.
        tracing::error!(status = status.as_u16(), "Telegram refuses the bot itself");
        return Err(BotError::Unknown("it refuses the bot's token"));
    }
    Err(BotError::Unknown("it answers 5xx or what its API does not promise"))
}

/// The seconds in an error with this name, such as `SLOWMODE_WAIT_30`.
fn asked_to_wait(description: &str, name: &str) -> Option<i64> {
    let (_, rest) = description.split_once(name)?;
    let digits = rest.find(|c: char| !c.is_ascii_digit()).map_or(rest, |end| &rest[..end]);
    Some(digits.parse::<i64>().unwrap_or(LONGEST_WAIT_S).clamp(1, LONGEST_WAIT_S))
}

/// Escapes the three special characters of Telegram's HTML.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Formats a value within a line as HTML, at most `most` UTF-16 units long. It cannot start a new line.
pub(super) fn inline(text: &str, most: usize) -> String {
    escape(&plain(text, most))
}

/// Like [`inline`], as plain text.
pub(super) fn plain(text: &str, most: usize) -> String {
    cut(&one_line(text), most)
}

/// Formats a person's text of several lines as one line of HTML.
pub(super) fn quoted(text: &str) -> String {
    let said: Vec<_> = lines(text).lines().map(one_line).filter(|line| !line.is_empty()).collect();
    escape(&cut(&said.join(" / "), QUOTED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn telegrams_refusals_are_told_apart() {
        let refused = |code, description: &str| BotError::Refused { code, description: description.into() };
        let same = "Bad Request: message is not modified: specified new message content is exactly the same";
        assert!(refused(400, same).is_unchanged());
        assert!(refused(400, "Bad Request: message to edit not found").is_message_gone());
        assert!(refused(403, "Forbidden: bot was blocked by the user").is_unreachable());
        assert!(!refused(400, "Bad Request: chat not found").is_message_gone());
    }

    #[test]
    fn a_wait_and_a_new_id_are_read_out_of_a_refusal() {
        let read = |status: u16, body: &str| {
            super::read(StatusCode::from_u16(status).unwrap(), body.as_bytes()).expect_err("refused")
        };
        let slow = |seconds: &str| format!(r#"{{"ok":false,"description":"Bad Request: SLOWMODE_WAIT_{seconds}"}}"#);
        for status in [400, 420] {
            assert_eq!(read(status, &slow("30")), BotError::SlowMode(30));
            assert_eq!(read(status, &slow("0 and more")), BotError::SlowMode(1));
            assert_eq!(read(status, &slow("99999999999999999999")), BotError::SlowMode(LONGEST_WAIT_S));
        }
        assert_eq!(read(420, r#"{"description":"FLOOD_WAIT_7"}"#), BotError::TooMany(7));
        assert_eq!(read(429, r#"{"parameters":{"retry_after":9}}"#), BotError::TooMany(9));
        for (asked, waits) in
            [("601", 600), ("9223372036854775807", 600), ("-5", 1), ("0", 1), ("1e300", 5), ("null", 5)]
        {
            let body = format!(r#"{{"parameters":{{"retry_after":{asked}}}}}"#);
            assert_eq!(read(429, &body), BotError::TooMany(waits), "{asked}");
        }
        assert_eq!(read(429, "<html>"), BotError::TooMany(5));
        let moved = r#"{"description":"Bad Request: group chat was upgraded to a supergroup chat",
            "parameters":{"migrate_to_chat_id":-1001}}"#;
        assert_eq!(read(400, moved), BotError::Moved(-1001));
        assert!(matches!(read(403, r#"{"description":"Forbidden: new"}"#), BotError::Refused { code: 403, .. }));
        assert!(matches!(read(401, "{}"), BotError::Unknown(_)));
    }

    #[test]
    fn what_people_write_is_no_markup() {
        assert_eq!(escape("<b>Иван & Ко</b>"), "&lt;b&gt;Иван &amp; Ко&lt;/b&gt;");
    }
}
