//! People, chats and messages.
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{keyboard::Markup, trouble::Trouble};
use crate::telegram::drivers::{DISPATCHERS, DRIVERS, Driver};

/// Ids of supergroups are below this one, those of groups above.
const SUPERGROUPS_BELOW: i64 = -1_000_000_000_000;

/// A person.
#[derive(Debug, Clone)]
pub struct Person {
    /// Telegram's id, which is also that of the private chat.
    pub id: i64,
    /// Never empty.
    pub first_name: String,
    /// May be empty.
    pub last_name: String,
    /// Without the `@`.
    pub username: Option<String>,
    /// The language of the person's Telegram.
    pub language_code: String,
    /// Whether the person pays Telegram.
    pub is_premium: bool,
    /// Digits only.
    pub phone: String,
}

impl Person {
    /// A person who is made up on the spot.
    pub fn unknown(id: i64) -> Self {
        Self {
            id,
            first_name: "Водитель".to_owned(),
            last_name: String::new(),
            username: None,
            language_code: "ru".to_owned(),
            is_premium: false,
            phone: format!("7900{:07}", id.unsigned_abs() % 10_000_000),
        }
    }

    /// A `User`.
    pub fn user(&self) -> Value {
        let mut user = json!({"id": self.id, "is_bot": false, "first_name": self.first_name});
        if !self.last_name.is_empty() {
            user["last_name"] = json!(self.last_name);
        }
        if let Some(username) = &self.username {
            user["username"] = json!(username);
        }
        user["language_code"] = json!(self.language_code);
        if self.is_premium {
            user["is_premium"] = json!(true);
        }
        user
    }

    /// The names together.
    pub fn name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name).trim().to_owned()
    }
}

impl From<&Driver> for Person {
    fn from(driver: &Driver) -> Self {
        Self {
            id: driver.id,
            first_name: driver.first_name.to_owned(),
            last_name: driver.last_name.to_owned(),
            username: driver.username.map(str::to_owned),
            language_code: driver.language_code.to_owned(),
            is_premium: driver.is_premium,
            phone: driver.phone.to_owned(),
        }
    }
}

/// A chat.
#[derive(Debug, Clone)]
pub struct Chat {
    /// Negative for a group.
    pub id: i64,
    /// A group's title.
    pub title: String,
    /// The people in a group besides the bot.
    pub members: Vec<i64>,
    /// Whether the person has started the bot, or the group has it.
    pub started: bool,
    /// Whether the person has blocked the bot, or the group has removed it.
    pub blocked: bool,
    /// The keyboard that the bot has put in place of the phone's own.
    pub keyboard: Value,
    /// In the order in which they were sent.
    pub messages: Vec<Message>,
    /// Why the group takes no messages of the bot's.
    pub trouble: Option<Trouble>,
    /// Until when the bot has to wait in slow mode.
    pub slow_until_ms: i64,
    /// The supergroup that the group has become.
    pub moved_to: Option<i64>,
    /// The topics in which people have written.
    pub topics: BTreeSet<i64>,
    /// The last id of a group; private chats share one.
    last_id: i64,
}

/// A message.
#[derive(Debug, Clone)]
pub struct Message {
    /// Its id in the chat.
    pub id: i64,
    /// A `Message`, without `chat`.
    pub fields: Value,
    /// What came with it.
    pub markup: Markup,
    /// Whether the bot wrote it.
    pub is_ours: bool,
}

/// Everybody and everything that was said.
#[derive(Debug)]
pub struct Chats {
    people: BTreeMap<i64, Person>,
    chats: BTreeMap<i64, Chat>,
    last_private_id: i64,
    /// Changes with every change.
    pub revision: u64,
}

impl Chats {
    /// The demo people and the dispatchers' group. Ids of messages go on from those of an earlier start, which were fewer
    /// than one a second: a message that is gone is never taken for another.
    pub fn new(group: i64, now_s: i64) -> Self {
        let first_id = now_s.saturating_sub(1_700_000_000).max(0);
        let mut chats =
            Self { people: BTreeMap::new(), chats: BTreeMap::new(), last_private_id: first_id, revision: 1 };
        for (person, started) in
            DRIVERS.iter().map(|driver| (driver, true)).chain(DISPATCHERS.iter().map(|person| (person, false)))
        {
            chats.add_person(person.into(), started);
        }
        let group = Chat {
            title: "Диспетчеры CargoTech".to_owned(),
            members: DISPATCHERS.iter().map(|person| person.id).collect(),
            ..Chat::new(group, true, first_id)
        };
        chats.chats.insert(group.id, group);
        chats
    }

    fn add_person(&mut self, person: Person, started: bool) {
        self.chats.insert(person.id, Chat::new(person.id, started, 0));
        self.people.insert(person.id, person);
    }

    /// The person with this id, made up if there is none; such a person has not started the bot.
    pub fn meet(&mut self, id: i64) -> &Person {
        if !self.people.contains_key(&id) {
            self.add_person(Person::unknown(id), false);
        }
        &self.people[&id]
    }

    /// The person with this id.
    pub fn person(&self, id: i64) -> Option<&Person> {
        self.people.get(&id)
    }

    /// The chat with this id.
    pub fn get(&self, id: i64) -> Option<&Chat> {
        self.chats.get(&id)
    }

    /// The chat with this id, to be changed.
    pub fn get_mut(&mut self, id: i64) -> Option<&mut Chat> {
        self.revision += 1;
        self.chats.get_mut(&id)
    }

    /// All chats, groups first.
    pub fn all(&self) -> impl Iterator<Item = &Chat> {
        self.chats.values()
    }

    /// Empties every chat. Who has started or blocked the bot is forgotten too.
    pub fn clear(&mut self) {
        self.revision += 1;
        for chat in self.chats.values_mut() {
            chat.messages.clear();
            chat.keyboard = Value::Null;
            chat.blocked = false;
            chat.trouble = None;
            chat.started = !DISPATCHERS.iter().any(|person| person.id == chat.id);
        }
    }

    /// A `Chat`.
    pub fn chat_json(&self, id: i64) -> Value {
        if let Some(person) = self.people.get(&id) {
            let mut chat = json!({"id": id, "first_name": person.first_name});
            if !person.last_name.is_empty() {
                chat["last_name"] = json!(person.last_name);
            }
            if let Some(username) = &person.username {
                chat["username"] = json!(username);
            }
            chat["type"] = json!("private");
            return chat;
        }
        match self.chats.get(&id) {
            Some(chat) if id > SUPERGROUPS_BELOW => json!({"id": id, "title": chat.title, "type": "group"}),
            Some(chat) => json!({"id": id, "title": chat.title, "type": "supergroup"}),
            None => json!({"id": id, "type": "private"}),
        }
    }

    /// Makes a group the supergroup `to`, with the same people and none of the messages.
    pub fn migrate(&mut self, group: i64, to: i64) -> bool {
        let Some(old) = self.get_mut(group).filter(|chat| !chat.is_private() && chat.moved_to.is_none()) else {
            return false;
        };
        old.moved_to = Some(to);
        let (title, members) = (old.title.clone(), old.members.clone());
        self.chats.insert(to, Chat { title, members, ..Chat::new(to, true, 0) });
        true
    }

    /// Puts a message into a chat and returns it whole; None when there is no such chat.
    pub fn post(
        &mut self,
        chat: i64,
        date: i64,
        from: Value,
        mut fields: Value,
        markup: Markup,
        reply_to: Option<i64>,
    ) -> Option<Value> {
        let is_ours = from["is_bot"] == json!(true);
        let replied = reply_to.and_then(|id| self.message(chat, id));
        let id = if chat < 0 {
            let group = self.chats.get_mut(&chat)?;
            group.last_id += 1;
            group.last_id
        } else {
            self.last_private_id += 1;
            self.last_private_id
        };
        fields["message_id"] = json!(id);
        fields["from"] = from;
        fields["date"] = json!(date);
        if let Some(mut replied) = replied {
            // A reply holds the message, but not what that one replied to.
            if let Some(replied) = replied.as_object_mut() {
                replied.remove("reply_to_message");
            }
            fields["reply_to_message"] = replied;
        }
        if let Some(inline) = markup.in_message() {
            fields["reply_markup"] = inline;
        }
        let own = self.get_mut(chat)?;
        match &markup {
            Markup::Keyboard(keyboard) => own.keyboard = keyboard.clone(),
            Markup::Remove => own.keyboard = Value::Null,
            _ => {}
        }
        own.messages.push(Message { id, fields, markup, is_ours });
        self.message(chat, id)
    }

    /// A whole `Message`.
    pub fn message(&self, chat: i64, id: i64) -> Option<Value> {
        let message = self.chats.get(&chat)?.messages.iter().find(|message| message.id == id)?;
        let mut fields = message.fields.clone();
        fields["chat"] = self.chat_json(chat);
        Some(fields)
    }
}

impl Chat {
    fn new(id: i64, started: bool, last_id: i64) -> Self {
        Self {
            id,
            title: String::new(),
            members: Vec::new(),
            started,
            blocked: false,
            keyboard: Value::Null,
            messages: Vec::new(),
            trouble: None,
            slow_until_ms: 0,
            moved_to: None,
            topics: BTreeSet::new(),
            last_id,
        }
    }

    /// Whether it is between one person and the bot.
    pub fn is_private(&self) -> bool {
        self.id > 0
    }
}
