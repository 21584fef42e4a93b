//! How each message kind is rendered at sending time.
use std::pin::Pin;

use ::store::{Item, Key, Transaction, bucket::Rate};
use outbox::{kind::Kind, ledger::Claimed, message::Message};

use crate::{
    address::{Address, MessageRef},
    app::App,
    driver::Profile,
    person::PersonId,
    request::RequestContext,
    store::StoreError,
};

/// The rendering of a message kind.
#[derive(Debug)]
pub struct Rendering {
    /// The kind.
    pub kind: &'static Kind,
    /// Renders the message, or performs the action it represents.
    pub run: for<'a> fn(&'a App, &'a Claimed, &'a RequestContext) -> Run<'a>,
    /// Whether it goes to the dispatchers' chat. Nobody can decide before it arrives, so its delivery never gives up.
    pub is_for_dispatchers: bool,
    /// Whether it is re-rendered when there may be nothing new. The content it shows is then stored.
    pub is_looked_at: bool,
}

impl Rendering {
    /// A kind addressed to the person concerned.
    pub const fn for_driver(
        kind: &'static Kind,
        run: for<'a> fn(&'a App, &'a Claimed, &'a RequestContext) -> Run<'a>,
    ) -> Self {
        Self { kind, run, is_for_dispatchers: false, is_looked_at: false }
    }
}

/// The future of a rendering.
pub type Run<'a> = Pin<Box<dyn Future<Output = Result<Step, StoreError>> + Send + 'a>>;

/// What to do about a message.
pub enum Step {
    /// Send it.
    Send(Box<Outgoing>),
    /// Nothing to send, for this reason.
    Skip(&'static str),
    /// The message was an action, and it is done.
    Acted,
    /// The message was an action, and part of it remains, for this reason.
    Later(&'static str),
}

/// A message to send.
pub struct Outgoing {
    /// Where it goes.
    pub to: Address,
    /// The content.
    pub message: Message,
    /// The owner's rate limit for new messages.
    pub turn: Option<(Key, Rate)>,
    /// What to record with it.
    pub recorded: Option<Record>,
}

/// Builds the record once the messenger has the message.
pub type Record = Box<dyn Fn(&App, &MessageRef, &RequestContext) -> Result<Recorded, StoreError> + Send + Sync>;

/// The record of a sent message.
#[derive(Default)]
pub struct Recorded {
    /// The owner's writes.
    pub with: Transaction,
    /// A row by which the owner finds a new message.
    pub beside: Option<(Key, Item)>,
}

impl Outgoing {
    /// A message without a record.
    pub fn plain(to: Address, message: Message) -> Step {
        Step::Send(Box::new(Self { to, message, turn: None, recorded: None }))
    }
}

/// A message to a driver who can be reached. `Err` holds the reason to skip it.
pub fn to_driver(profile: Option<Profile>, message: impl FnOnce(&Profile) -> Result<Message, &'static str>) -> Step {
    match profile {
        None => Step::Skip("the driver's data was deleted"),
        Some(profile) if profile.unreachable => Step::Skip("the driver has blocked the bot"),
        Some(profile) => match message(&profile) {
            Ok(message) => Outgoing::plain(Address::Private(PersonId::new(profile.id).identity()), message),
            Err(reason) => Step::Skip(reason),
        },
    }
}

#[cfg(test)]
mod tests {
    use outbox::kind::parse;

    use crate::{
        auth::messages::OPENED,
        billing::messages::{DECLINED, GIFT, PAID, REFUNDED, reminder},
        modules::PRODUCT,
        response::{
            Status,
            messages::{BLOCK, CARD, OTHERS, REASON, link, notice},
        },
    };

    #[test]
    fn what_is_sent_is_told_by_its_text() {
        let texts = [
            (CARD, "card"),
            (REASON, "reason"),
            (link(3), "link-3"),
            (OTHERS, "others"),
            (BLOCK, "block"),
            (PAID, "paid"),
            (DECLINED, "declined"),
            (REFUNDED, "refunded"),
            (GIFT, "gift"),
            (OPENED, "opened"),
            (reminder(3), "reminder-3"),
            (notice(Status::Accepted), "notice-accepted"),
        ];
        for (what, text) in texts.into_iter().chain(Status::ALL.map(|status| (notice(status), ""))) {
            assert_eq!(parse(PRODUCT.kinds(), &what.as_text()), Some(what));
            assert!(text.is_empty() || what.as_text() == text, "{what:?}");
            assert!(PRODUCT.rendering(what).is_some(), "{what:?}");
        }
        for text in ["", "card-1", "notice", "notice-", "link-", "link-x", "link", "other"] {
            assert_eq!(parse(PRODUCT.kinds(), text), None, "{text}");
        }
    }
}
