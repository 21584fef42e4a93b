//! How messages of a kind are rendered when they are sent.
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

/// How messages of a kind are rendered.
#[derive(Debug)]
pub struct Rendering {
    /// The kind.
    pub kind: &'static Kind,
    /// Renders the message, or does what it stands for.
    pub run: for<'a> fn(&'a App, &'a Claimed, &'a RequestContext) -> Run<'a>,
    /// It goes into the dispatchers' chat: nobody decides before it is there, so it is never given up.
    pub is_for_dispatchers: bool,
    /// It is looked at when there may be nothing new, so what it shows is kept in mind.
    pub is_looked_at: bool,
}

impl Rendering {
    /// A kind that goes to whom it concerns.
    pub const fn for_driver(
        kind: &'static Kind,
        run: for<'a> fn(&'a App, &'a Claimed, &'a RequestContext) -> Run<'a>,
    ) -> Self {
        Self { kind, run, is_for_dispatchers: false, is_looked_at: false }
    }
}

/// What comes of rendering.
pub type Run<'a> = Pin<Box<dyn Future<Output = Result<Step, StoreError>> + Send + 'a>>;

/// What is to be done about a message.
pub enum Step {
    /// It is sent.
    Send(Box<Outgoing>),
    /// There is nothing to be sent, for this reason.
    Skip(&'static str),
    /// It was no message, and what it stands for was done.
    Acted,
    /// The same, and something is left for this reason.
    Later(&'static str),
}

/// A message that is sent.
pub struct Outgoing {
    /// Where it goes.
    pub to: Address,
    /// What it says.
    pub message: Message,
    /// A rate of its owner's that a new message takes from.
    pub turn: Option<(Key, Rate)>,
    /// What goes on record with it.
    pub recorded: Option<Record>,
}

/// What goes on record when the messenger has the message.
pub type Record = Box<dyn Fn(&App, &MessageRef, &RequestContext) -> Result<Recorded, StoreError> + Send + Sync>;

/// What goes on record with a message.
#[derive(Default)]
pub struct Recorded {
    /// Writes of its owner's.
    pub with: Transaction,
    /// A row by which its owner finds a new message.
    pub beside: Option<(Key, Item)>,
}

impl Outgoing {
    /// A message with nothing beside it.
    pub fn plain(to: Address, message: Message) -> Step {
        Step::Send(Box::new(Self { to, message, turn: None, recorded: None }))
    }
}

/// A message to a driver, if they can be written to; an `Err` says why there is nothing to be said.
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
