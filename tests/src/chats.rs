//! What persons see in the chats of Telegram, and what they do there.
use reqwest::Method;
use serde_json::{Value, json};

use crate::{Answer, DISPATCH_CHAT, WEBHOOK_SECRET, World, text};

impl World {
    /// The messages of a chat that the bot wrote, the oldest first.
    pub async fn messages(&self, chat: i64) -> Vec<Value> {
        let chat = self.look(&format!("/telegram/chats/{chat}")).await;
        let messages = chat["messages"].as_array().cloned().unwrap_or_default();
        messages.into_iter().filter(|message| message["from"]["is_bot"] == true).collect()
    }

    /// The texts of these messages.
    pub async fn texts(&self, chat: i64) -> Vec<String> {
        self.messages(chat).await.iter().map(|message| text(&message["text"])).collect()
    }

    /// Those of them in which one of these words stands.
    pub async fn texts_with(&self, chat: i64, words: &[&str]) -> Vec<String> {
        let mut texts = self.texts(chat).await;
        texts.retain(|text| words.iter().any(|word| text.contains(word)));
        texts
    }

    /// A message of the bot's.
    pub async fn message(&self, chat: i64, id: i64) -> Value {
        let messages = self.messages(chat).await;
        messages.into_iter().find(|message| message["message_id"] == id).expect("the message is there")
    }

    /// A press of what stands in `data`; what the person then sees.
    pub async fn press(&self, dispatcher: i64, card: i64, data: &str) -> Value {
        self.press_in(DISPATCH_CHAT, dispatcher, card, data).await
    }

    /// The same in any chat.
    pub async fn press_in(&self, chat: i64, from: i64, message: i64, data: &str) -> Value {
        let press = json!({ "chat_id": chat, "message_id": message, "from": from, "data": data });
        self.sandbox_post("/telegram/press", press).await["answer"].clone()
    }

    /// Somebody writes into a chat. The number of Telegram's update, if the bot learns of it.
    pub async fn write(&self, chat: i64, from: i64, words: &str, reply_to: Option<i64>) -> Option<i64> {
        let message = json!({ "from": from, "text": words, "reply_to_message_id": reply_to });
        self.sandbox_post(&format!("/telegram/chats/{chat}/messages"), message).await["update_id"].as_i64()
    }

    /// Calls the bot's webhook as Telegram does.
    pub async fn webhook(&self, update: &Value) -> Answer {
        self.webhook_with(WEBHOOK_SECRET, update.to_string()).await
    }

    /// Calls the bot's webhook with this secret and this body.
    pub async fn webhook_with(&self, secret: &str, body: String) -> Answer {
        let headers = [("x-telegram-bot-api-secret-token", secret), ("content-type", "application/json")];
        self.send(Method::POST, "/_gateway/webhooks/telegram", &headers, body).await
    }
}
