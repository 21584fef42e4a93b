//! Telegram's updates, as far as this product reads them. A field more or less never makes one unreadable.
use outbox::message::Action;
use serde::Deserialize;

use super::address;
use crate::{
    address::{Address, MessageRef},
    text::{cut, one_line},
};

/// What Telegram shall tell us of.
pub const ALLOWED_UPDATES: [&str; 3] = ["message", "callback_query", "my_chat_member"];

/// An update of one of the types that we asked for; of any other type only its number is read.
#[derive(Clone, Debug, Deserialize)]
pub struct Update {
    /// Grows with each update; a repeat has the same.
    pub update_id: i64,
    /// Somebody wrote.
    #[serde(default)]
    pub message: Option<Message>,
    /// Somebody pressed a button.
    #[serde(default)]
    pub callback_query: Option<CallbackQuery>,
    /// Somebody let us in, or out.
    #[serde(default)]
    pub my_chat_member: Option<MyChatMember>,
}

/// A message.
#[derive(Clone, Debug, Deserialize)]
pub struct Message {
    /// Its number in its chat.
    pub message_id: i64,
    /// Who wrote it; absent in channels.
    #[serde(default)]
    pub from: Option<Sender>,
    /// Where.
    pub chat: Chat,
    /// What.
    #[serde(default)]
    pub text: Option<String>,
    /// What stands below a photo, a video or a document.
    #[serde(default)]
    pub caption: Option<String>,
    /// The topic of a forum, or the thread of replies.
    #[serde(default)]
    pub message_thread_id: Option<i64>,
    /// Whether it is a topic.
    #[serde(default)]
    pub is_topic_message: bool,
    /// Telegram's notice in a group: it is this supergroup now.
    #[serde(default)]
    pub migrate_to_chat_id: Option<i64>,
    /// Telegram's notice in a supergroup: it was this group.
    #[serde(default)]
    pub migrate_from_chat_id: Option<i64>,
    /// A contact that was shared.
    #[serde(default)]
    pub contact: Option<Contact>,
    /// What it answers.
    #[serde(default)]
    pub reply_to_message: Option<Box<Repliee>>,
}

impl Message {
    /// What its author wrote: its text, or what stands below a picture.
    pub fn words(&self) -> Option<&str> {
        self.text.as_deref().or(self.caption.as_deref())
    }

    /// Where an answer belongs: in the topic of a forum. A thread of replies in an ordinary group cannot be written to.
    pub fn address(&self) -> Address {
        let topic = self.message_thread_id.filter(|_| self.is_topic_message);
        topic.map_or_else(|| self.chat.address(), |topic| address::topic(self.chat.id, topic))
    }

    /// From which id to which a group has moved, if this is Telegram's notice of it.
    pub fn moved(&self) -> Option<(i64, i64)> {
        let to = self.migrate_to_chat_id.map(|to| (self.chat.id, to));
        to.or_else(|| self.migrate_from_chat_id.map(|from| (from, self.chat.id)))
    }
}

/// A message that is answered.
#[derive(Clone, Debug, Deserialize)]
pub struct Repliee {
    /// Its number in its chat.
    pub message_id: i64,
}

/// A chat.
#[derive(Clone, Debug, Deserialize)]
pub struct Chat {
    /// Telegram's number of it.
    pub id: i64,
    /// `private`, `group`, `supergroup` or `channel`.
    #[serde(default, rename = "type")]
    pub kind: String,
}

impl Chat {
    /// Whether it is a chat with one person.
    pub fn is_private(&self) -> bool {
        self.kind == "private"
    }

    /// The location.
    pub fn address(&self) -> Address {
        if self.is_private() { address::private(self.id) } else { address::group(self.id) }
    }
}

/// Who did something.
#[derive(Clone, Deserialize)]
pub struct Sender {
    /// Telegram user id.
    pub id: i64,
    /// Never empty at Telegram.
    #[serde(default)]
    pub first_name: String,
    /// Where they have one.
    #[serde(default)]
    pub last_name: Option<String>,
    /// The language of their Telegram.
    #[serde(default)]
    pub language_code: Option<String>,
}

impl std::fmt::Debug for Sender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sender").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Sender {
    /// First and last name, cut to what a line holds.
    pub fn name(&self) -> String {
        let parts = [Some(self.first_name.as_str()), self.last_name.as_deref()];
        cut(&one_line(&parts.into_iter().flatten().collect::<Vec<_>>().join(" ")), 64)
    }
}

/// A contact.
#[derive(Clone, Deserialize)]
pub struct Contact {
    /// Digits, with or without a plus.
    pub phone_number: String,
    /// Whose it is, if they use Telegram.
    #[serde(default)]
    pub user_id: Option<i64>,
}

impl std::fmt::Debug for Contact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Contact")
    }
}

/// A pressed button.
#[derive(Clone, Debug, Deserialize)]
pub struct CallbackQuery {
    /// To be answered under this.
    pub id: String,
    /// Who pressed.
    pub from: Sender,
    /// Below which message; absent when that is too old.
    #[serde(default)]
    pub message: Option<Pressed>,
    /// What the button means. Clients can forge it.
    #[serde(default)]
    pub data: Option<String>,
}

/// The message whose button was pressed.
#[derive(Clone, Debug, Deserialize)]
pub struct Pressed {
    /// Its number in its chat.
    pub message_id: i64,
    /// The location.
    pub chat: Chat,
}

impl Pressed {
    /// The message.
    pub fn message(&self) -> MessageRef {
        MessageRef { at: self.chat.address(), id: self.message_id.to_string() }
    }
}

/// A change of our own membership.
#[derive(Clone, Debug, Deserialize)]
pub struct MyChatMember {
    /// Where.
    pub chat: Chat,
    /// What we are now.
    pub new_chat_member: Membership,
}

/// A membership.
#[derive(Clone, Debug, Deserialize)]
pub struct Membership {
    /// `member`, `administrator`, `left`, `kicked` and others.
    pub status: String,
    /// Of a `restricted` member: whether we may write.
    #[serde(default)]
    pub can_send_messages: Option<bool>,
}

/// What a button of a card means. It only names a response; whether it may be done is looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Press {
    /// Accept the response.
    Accept(String),
    /// Accept it although others have the cargo; which choice that is, for the answer counts for what was seen.
    AcceptToo(String, i64),
    /// Leave it as it is, whatever was asked.
    Keep(String),
    /// Reject all others that are open.
    RejectOthers(String),
    /// Take the acceptance back.
    Undo(String),
    /// Reject it.
    Reject(String),
    /// The cargo was carried.
    Complete(String),
    /// Make the link for the shipper that has this number: a press that comes twice makes one.
    MakeLink(String, u32),
    /// Take the link back.
    RevokeLink(String),
}

impl Press {
    /// What the button does.
    pub fn action(&self) -> Action {
        let (letter, id, number) = match self {
            Self::MakeLink(id, number) => ('l', id, Some((*number).into())),
            Self::AcceptToo(id, choices) => ('b', id, Some(*choices)),
            Self::Keep(id) => ('k', id, None),
            Self::RejectOthers(id) => ('o', id, None),
            Self::Undo(id) => ('n', id, None),
            Self::Accept(id) => ('a', id, None),
            Self::Reject(id) => ('r', id, None),
            Self::Complete(id) => ('c', id, None),
            Self::RevokeLink(id) => ('u', id, None),
        };
        Action { id: format!("{letter}:{id}"), number }
    }

    /// What a button says; `None` when it is none of ours.
    pub fn parse(data: &str) -> Option<Self> {
        let (letter, id) = data.split_once(':')?;
        let (id, number) = id.split_once(':').map_or((id, None), |(id, number)| (id, Some(number)));
        let id = uuid::Uuid::parse_str(id).ok()?.to_string();
        match letter {
            "l" => Some(Self::MakeLink(id, number?.parse().ok()?)),
            "b" => Some(Self::AcceptToo(id, number?.parse().ok().filter(|choices| *choices > 0)?)),
            _ if number.is_some() => None,
            "a" => Some(Self::Accept(id)),
            "r" => Some(Self::Reject(id)),
            "c" => Some(Self::Complete(id)),
            "u" => Some(Self::RevokeLink(id)),
            "k" => Some(Self::Keep(id)),
            "o" => Some(Self::RejectOthers(id)),
            "n" => Some(Self::Undo(id)),
            _ => None,
        }
    }

    /// The response's id.
    pub fn response_id(&self) -> &str {
        match self {
            Self::Accept(id)
            | Self::AcceptToo(id, _)
            | Self::Keep(id)
            | Self::RejectOthers(id)
            | Self::Undo(id)
            | Self::Reject(id)
            | Self::Complete(id)
            | Self::MakeLink(id, _)
            | Self::RevokeLink(id) => id,
        }
    }
}

/// What «Закрыть доступ» below a message about an opening of the access link means: the generation that is voided, if it is still
/// the good one, and when it was opened, which names the message. Whose it is says Telegram, who tells us who pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CloseAccess {
    /// Of the link.
    pub generation: u32,
    /// When the link was opened, milliseconds.
    pub at_ms: i64,
}

impl CloseAccess {
    /// What the button does.
    pub fn action(self) -> Action {
        Action { id: self.data(), number: None }
    }

    /// As it stands in the button.
    pub fn data(self) -> String {
        format!("x:{}:{}", self.generation, self.at_ms)
    }

    /// What a button says; `None` when it is none of these.
    pub fn parse(data: &str) -> Option<Self> {
        let (generation, at_ms) = data.strip_prefix("x:")?.split_once(':')?;
        let close = Self { generation: generation.parse().ok()?, at_ms: at_ms.parse().ok()? };
        (close.data() == data && close.at_ms > 0).then_some(close)
    }
}

impl Membership {
    /// Whether we may write there.
    pub fn may_write(&self) -> bool {
        !matches!(self.status.as_str(), "left" | "kicked") && self.can_send_messages != Some(false)
    }
}

/// A command, `/start cargo_7` or `/help@our_bot`, as its name and what follows. Phones begin a message with a capital, so
/// a name is the same in any case.
pub fn command(text: &str) -> Option<(String, &str)> {
    let (name, rest) = text.strip_prefix('/')?.split_once(char::is_whitespace).unwrap_or((&text[1..], ""));
    let name = name.split_once('@').map_or(name, |(name, _)| name);
    Some((name.to_ascii_lowercase(), rest.trim()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn commands_are_read_with_and_without_what_follows() {
        let is = |text, name: &str, rest| assert_eq!(command(text), Some((name.to_owned(), rest)), "{text}");
        is("/start", "start", "");
        is("/start cargo_7", "start", "cargo_7");
        is("/help@our_bot", "help", "");
        is("/START", "start", "");
        is("/Start@Our_Bot Cargo_7", "start", "Cargo_7");
        assert_eq!(command("hello /start"), None);
    }

    #[test]
    fn an_update_of_a_new_kind_is_only_a_number() {
        let update: Update = serde_json::from_str(r#"{"update_id": 7, "reaction": {"x": 1}}"#).unwrap();
        assert!(update.update_id == 7 && update.message.is_none() && update.callback_query.is_none());
    }

    #[test]
    fn a_button_that_shuts_a_link_is_read_in_one_form_alone() {
        let close = CloseAccess { generation: 3, at_ms: 2_062_833_310_000 };
        assert_eq!((close.data().as_str(), CloseAccess::parse(&close.data())), ("x:3:2062833310000", Some(close)));
        for other in ["x:03:1", "x:3:+1", "x:-1:1", "x:3:0", "x:3", "x:3:1:2", "a:3:1", ""] {
            assert_eq!(CloseAccess::parse(other), None, "{other}");
        }
        let longest = CloseAccess { generation: u32::MAX, at_ms: i64::MAX };
        assert!(longest.data().len() <= Action::LONGEST && Press::parse(&longest.data()).is_none());
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,80}") {
            let _ = (command(&text), command(&format!("/{text}")), Press::parse(&text), CloseAccess::parse(&text));
        }
    }
}
