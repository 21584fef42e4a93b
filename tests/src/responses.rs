//! Responses to cargos, and their cards.
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{Answer, DISPATCH_CHAT, Driver, World, text};

/// A response that the dispatchers have.
#[derive(Clone, Debug)]
pub struct Responded {
    /// Whose.
    pub driver: Driver,
    /// To which cargo.
    pub cargo: String,
    /// Its id.
    pub id: String,
    /// The message in the dispatchers' chat.
    pub card: i64,
}

impl Responded {
    /// What the button says that stands for this letter: `a`ccept, `r`eject, `c`omplete, `u`nlink.
    pub fn button(&self, letter: char) -> String {
        format!("{letter}:{}", self.id)
    }

    /// What the button says that makes the link of this number.
    pub fn link_button(&self, number: u32) -> String {
        format!("l:{}:{number}", self.id)
    }
}

impl World {
    /// A response to a cargo.
    pub async fn respond(&self, driver: &Driver, cargo: &str, body: Value) -> Answer {
        self.call(driver, Method::POST, &format!("/api/cargos/{cargo}/responses"), &body).await
    }

    /// Takes a response back.
    pub async fn withdraw(&self, driver: &Driver, cargo: &str) -> Answer {
        self.call(driver, Method::DELETE, &format!("/api/cargos/{cargo}/responses"), &Value::Null).await
    }

    /// A new driver's response to a cargo, and its card in the dispatchers' chat.
    pub async fn responded(&self) -> Responded {
        let driver = self.driver_with_phone().await;
        let cargo = self.cargo(&driver).await;
        self.responded_to(driver, cargo).await
    }

    /// A new driver's response to a cargo that stays.
    pub async fn responded_to_lasting(&self) -> Responded {
        let (driver, cargo) = (self.driver_with_phone().await, self.lasting_cargo().await);
        self.responded_to(driver, cargo).await
    }

    /// The driver's response to the cargo, and its card.
    pub async fn responded_to(&self, driver: Driver, cargo: String) -> Responded {
        let answer = self.respond(&driver, &cargo, json!({})).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
        let id = text(&answer.json()["response"]["id"]);
        let card = self.card_of(&id).await;
        self.until_status(&driver, &cargo, "sent").await;
        Responded { driver, cargo, id, card }
    }

    /// The card of an open response, as soon as it is in the dispatchers' chat: the id of its message.
    pub async fn card_of(&self, response: &str) -> i64 {
        self.until("the card is in the dispatchers' chat", async || {
            let messages = self.messages(DISPATCH_CHAT).await;
            let card = messages.iter().find(|message| message["reply_markup"].to_string().contains(response))?;
            card["message_id"].as_i64()
        })
        .await
    }

    /// The driver's own view of their response to a cargo.
    pub async fn response(&self, driver: &Driver, cargo: &str) -> Value {
        self.get(driver, &format!("/api/cargos/{cargo}")).await.ok().json()["response"].clone()
    }

    /// Waits until the response has this status.
    pub async fn until_status(&self, driver: &Driver, cargo: &str, status: &str) {
        self.until(status, async || {
            let answer = self.get(driver, "/api/responses").await;
            let items = answer.json()["items"].as_array().cloned().unwrap_or_default();
            items.iter().any(|item| item["cargo_id"] == cargo && item["status"] == status).then_some(())
        })
        .await;
    }
}
