//! Telegram's updates, with the fields the product uses. Unknown and missing fields are tolerated.
use outbox::message::Action;
use serde::Deserialize;

use super::address;
use crate::{
    address::{Address, MessageRef},
    text::{cut, one_line},
};

/// The update types that we ask for.
pub const ALLOWED_UPDATES: [&str; 3] = ["message", "callback_query", "my_chat_member"];

/// An update of a type that we asked for. Of other types only the id is read.
#[derive(Clone, Debug, Deserialize)]
pub struct Update {
    /// Increases with each update; a repeat has the same.
    pub update_id: i64,
    /// A new message.
    #[serde(default)]
    pub message: Option<Message>,
    /// A pressed button.
    #[serde(default)]
    pub callback_query: Option<CallbackQuery>,
    /// A change of the bot's membership.
    #[serde(default)]
    pub my_chat_member: Option<MyChatMember>,
}

/// A message.
#[derive(Clone, Debug, Deserialize)]
pub struct Message {
    /// Its number within the chat.
    pub message_id: i64,
    /// Who wrote it; absent in channels.
    #[serde(default)]
    pub from: Option<Sender>,
    /// The chat.
    pub chat: Chat,
    /// The text.
    #[serde(default)]
    pub text: Option<String>,
    /// The caption of a photo, video or document.
    #[serde(default)]
    pub caption: Option<String>,
    /// The topic of a forum, or the thread of replies.
    #[serde(default)]
    pub message_thread_id: Option<i64>,
    /// Whether it is a topic.
    #[serde(default)]
    pub is_topic_message: bool,
    /// Service message of a group: it became this supergroup.
    #[serde(default)]
    pub migrate_to_chat_id: Option<i64>,
    /// Service message of a supergroup: it was this group.
    #[serde(default)]
    pub migrate_from_chat_id: Option<i64>,
    /// A shared contact.
    #[serde(default)]
    pub contact: Option<Contact>,
    /// The message it replies to.
    #[serde(default)]
    pub reply_to_message: Option<Box<Repliee>>,
}

impl Message {
    /// The text, or the caption of a picture.
    pub fn words(&self) -> Option<&str> {
        self.text.as_deref().or(self.caption.as_deref())
    }

    /// Where an answer belongs: in the same forum topic. The bot cannot write to a reply thread of an ordinary group.
    pub fn address(&self) -> Address {
        let topic = self.message_thread_id.filter(|_| self.is_topic_message);
        topic.map_or_else(|| self.chat.address(), |topic| address::topic(self.chat.id, topic))
    }

    /// The old and the new id of a migrated group, if this is such a service message.
    pub fn moved(&self) -> Option<(i64, i64)> {
        let to = self.migrate_to_chat_id.map(|to| (self.chat.id, to));
        to.or_else(|| self.migrate_from_chat_id.map(|from| (from, self.chat.id)))
    }
}

/// A message that was replied to.
#[derive(Clone, Debug, Deserialize)]
pub struct Repliee {
    /// Its number within the chat.
    pub message_id: i64,
}

/// A chat.
#[derive(Clone, Debug, Deserialize)]
pub struct Chat {
    /// Telegram's chat number.
    pub id: i64,
    /// `private`, `group`, `supergroup` or `channel`.
    #[serde(default, rename = "type")]
    pub kind: String,
}

impl Chat {
    /// Whether it is a private chat.
    pub fn is_private(&self) -> bool {
        self.kind == "private"
    }

    /// The address of the chat.
    pub fn address(&self) -> Address {
        if self.is_private() { address::private(self.id) } else { address::group(self.id) }
    }
}

/// The person who acted.
#[derive(Clone, Deserialize)]
pub struct Sender {
    /// Telegram user id.
    pub id: i64,
    /// Never empty in Telegram.
    #[serde(default)]
    pub first_name: String,
    /// The last name, if any.
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
    /// The owner's Telegram id, if any.
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
    /// The id for the answer.
    pub id: String,
    /// The person who pressed.
    pub from: Sender,
    /// The message with the button; absent if it is too old.
    #[serde(default)]
    pub message: Option<Pressed>,
    /// The button's data. Clients can forge it.
    #[serde(default)]
    pub data: Option<String>,
}

/// The message whose button was pressed.
#[derive(Clone, Debug, Deserialize)]
pub struct Pressed {
    /// Its number within the chat.
    pub message_id: i64,
    /// The chat.
    pub chat: Chat,
}

impl Pressed {
    /// The message.
    pub fn message(&self) -> MessageRef {
        MessageRef { at: self.chat.address(), id: self.message_id.to_string() }
    }
}

/// A change of the bot's own membership.
#[derive(Clone, Debug, Deserialize)]
pub struct MyChatMember {
    /// The chat.
    pub chat: Chat,
    /// The new membership.
    pub new_chat_member: Membership,
}

/// A membership.
#[derive(Clone, Debug, Deserialize)]
pub struct Membership {
    /// `member`, `administrator`, `left`, `kicked` and others.
    pub status: String,
    /// For a `restricted` member: whether the bot may write.
    #[serde(default)]
    pub can_send_messages: Option<bool>,
}

/// A card's button. It only names a response; permission is checked separately.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Press {
    /// Accept the response.
    Accept(String),
    /// Accept it although others have the cargo. Holds the number of choices seen.
    AcceptToo(String, i64),
    /// Change nothing, and drop any open question.
    Keep(String),
    /// Reject all other open responses.
    RejectOthers(String),
    /// Undo the acceptance.
    Undo(String),
    /// Reject it.
    Reject(String),
    /// Mark the cargo as carried.
    Complete(String),
    /// Create the shipper's link with this number. A repeated press creates only one.
    MakeLink(String, u32),
    /// Revoke the link.
    RevokeLink(String),
}

impl Press {
    /// The action of the button.
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

    /// Parses button data; `None` if it is unknown.
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

/// The button «Закрыть доступ» below a message about an opened access link. Holds the generation to void, if it is
/// still valid, and the time of opening, which identifies the message. Telegram identifies the owner: the person who
/// pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CloseAccess {
    /// The link's generation.
    pub generation: u32,
    /// When the link was opened, milliseconds.
    pub at_ms: i64,
}

impl CloseAccess {
    /// The action of the button.
    pub fn action(self) -> Action {
        Action { id: self.data(), number: None }
    }

    /// The button data.
    pub fn data(self) -> String {
        format!("x:{}:{}", self.generation, self.at_ms)
    }

    /// Parses button data; `None` if it is another button.
    pub fn parse(data: &str) -> Option<Self> {
        let (generation, at_ms) = data.strip_prefix("x:")?.split_once(':')?;
        let close = Self { generation: generation.parse().ok()?, at_ms: at_ms.parse().ok()? };
        (close.data() == data && close.at_ms > 0).then_some(close)
    }
}

impl Membership {
    /// Whether the bot may write in the chat.
    pub fn may_write(&self) -> bool {
        !matches!(self.status.as_str(), "left" | "kicked") && self.can_send_messages != Some(false)
    }
}

/// Parses a command such as `/start cargo_7` or `/help@our_bot` into its name and the rest. Names are case-insensitive,
/// because phones capitalise the first letter.
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
