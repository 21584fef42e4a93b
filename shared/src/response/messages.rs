//! Messages about responses: their kinds and their content.
use ::store::{Item, Transaction, bucket::Rate, s};
use outbox::{
    class::Class,
    kind::{Argument, Kind, MessageKind},
    ledger::Claimed,
    message::Message,
};

use super::{Actor, Event, Response, Status, act, rivals::Surroundings};
use crate::{
    address::Address,
    app::App,
    delivery::{
        LATE_MS,
        kinds::{Outgoing, Recorded, Rendering, Step, to_driver},
    },
    driver::Profile,
    error::Error,
    request::RequestContext,
    store::{StoreError, keys, response::ResponseWrite},
    telegram::{card, screens},
};

/// The rate of one driver's new cards. Lower than the chat's, so that a driver who responds to everything leaves room
/// for others.
const CARDS_OF_ONE: Rate = Rate { interval_ms: 6_000, burst: 8 };

const CARDS: &Kind = &Kind::plain("card", Class::Decision);
const NOTICES: &Kind = &Kind { name: "notice", class: Class::Decision, read: Some(read_status) };
const REASONS: &Kind = &Kind::plain("reason", Class::Decision);
const LINKS: &Kind = &Kind { name: "link", class: Class::Decision, read: Some(read_number) };
const ALL_OTHERS: &Kind = &Kind::plain("others", Class::Decision);
const BLOCKS: &Kind = &Kind::plain("block", Class::Decision);

/// The card of the response in the dispatchers' chat, with buttons. One message, edited on changes.
pub const CARD: MessageKind = CARDS.only();
/// Tells the driver why the response was rejected.
pub const REASON: MessageKind = REASONS.only();
/// An action, not a message: rejects the other responses that were open when the dispatcher asked for it.
pub const OTHERS: MessageKind = ALL_OTHERS.only();
/// An action, not a message: updates the cards of a driver who was blocked or unblocked. Its subject is the driver.
pub const BLOCK: MessageKind = BLOCKS.only();

/// Tells the driver the new status of the response.
pub fn notice(status: Status) -> MessageKind {
    NOTICES.of(Argument::Name(status.as_str()))
}

/// The shipper's link of this generation, for a dispatcher to forward.
pub fn link(generation: u32) -> MessageKind {
    LINKS.of(Argument::Number(generation))
}

fn status_called(name: &str) -> Option<Status> {
    Status::ALL.into_iter().find(|known| known.as_str() == name)
}

fn read_status(text: &str) -> Option<Argument> {
    status_called(text).map(|status| Argument::Name(status.as_str()))
}

fn read_number(text: &str) -> Option<Argument> {
    text.parse().ok().map(Argument::Number)
}

/// All renderings.
pub(crate) const ALL: &[Rendering] = &[
    Rendering {
        kind: CARDS,
        run: |app, claimed, _| Box::pin(render_card(app, claimed)),
        is_for_dispatchers: true,
        is_looked_at: true,
    },
    Rendering {
        kind: LINKS,
        run: |app, claimed, _| Box::pin(render_link(app, claimed)),
        is_for_dispatchers: true,
        is_looked_at: false,
    },
    Rendering::for_driver(NOTICES, |app, claimed, _| Box::pin(render_notice(app, claimed))),
    Rendering::for_driver(REASONS, |app, claimed, _| Box::pin(render_reason(app, claimed))),
    Rendering::for_driver(ALL_OTHERS, |app, claimed, context| Box::pin(app.reject_others(claimed, context))),
    Rendering::for_driver(BLOCKS, |app, claimed, context| Box::pin(app.look_at_cards(claimed, context))),
];

/// The response of the message, if it is still the current one.
pub(super) async fn response_of(app: &App, claimed: &Claimed) -> Result<Option<Response>, StoreError> {
    if claimed.cargo_id.is_empty() {
        return Ok(None);
    }
    let response = app.store.response(claimed.person.number(), &claimed.cargo_id).await?;
    Ok(response.filter(|response| response.id == claimed.subject_id))
}

/// The dispatchers' chat, and whether the message is in it.
async fn dispatchers(app: &App, claimed: &Claimed) -> Result<(Address, bool), StoreError> {
    let stands_at = claimed.message.as_ref().map(|message| &message.at);
    let dispatchers = app.dispatch_chat_beside(stands_at).await?;
    let is_there = stands_at == Some(&dispatchers);
    Ok((dispatchers, is_there))
}

async fn render_card(app: &App, claimed: &Claimed) -> Result<Step, StoreError> {
    let (response, around) = match claimed.cargo_id.is_empty() {
        true => (None, Surroundings::default()),
        false => app.card_facts_of(claimed).await?,
    };
    let (to, is_there) = dispatchers(app, claimed).await?;
    let message = match &response {
        Some(response)
            if !response.status.is_open()
                // Also tell a driver who waited in vain because of the chat: the dispatchers can still call them.
                && response.status != Status::Expired
                && claimed.message.is_none()
                && !claimed.was_sent =>
        {
            return Ok(Step::Skip("it was over before it was sent"));
        }
        // The message was deleted, or is in a former dispatchers' chat: no personal data to remove here.
        Some(response) if response.is_forgotten() && !is_there => {
            return Ok(Step::Skip("there is nobody to be taken out"));
        }
        Some(response) => card::card(response, &around, &app.config.telegram_app_url),
        // The driver has responded again; the old card only says that it is void.
        None if is_there => screens::void_card(),
        None => return Ok(Step::Skip("another response has taken its place")),
    };
    let subject_id = claimed.subject_id.clone();
    Ok(Step::Send(Box::new(Outgoing {
        to,
        message,
        turn: Some((keys::cards_of(claimed.person.number()), CARDS_OF_ONE)),
        recorded: Some(Box::new(move |app, message, context| {
            let beside = Item::from([("response_id".to_owned(), s(&subject_id))]);
            let key = keys::dispatch_message(message.at.chat_id(), &message.id);
            Ok(Recorded { with: delivered(app, response.as_ref(), context)?, beside: Some((key, beside)) })
        })),
    })))
}

/// Records the delivery when the response's card was what it waited for.
fn delivered(app: &App, response: Option<&Response>, context: &RequestContext) -> Result<Transaction, StoreError> {
    let now_ms = app.clock.now_ms();
    let Some(before) = response.filter(|response| response.status == Status::Queued) else {
        return Ok(Transaction::default());
    };
    let Ok(mut after) = before.apply(Event::Deliver, Actor::System, now_ms) else { return Ok(Transaction::default()) };
    // A delayed response gets its full time for a decision from now on.
    if now_ms - before.created_at_ms >= LATE_MS {
        after.expires_at_ms += now_ms - before.created_at_ms;
    }
    let account = act::Account::of_step(before, &after, &Actor::System);
    app.store.response_writes(&ResponseWrite {
        before: Some(before),
        after: &after,
        messages: &[],
        holds: &[],
        seen: None,
        within_ms: 0,
        audit: account.row(now_ms, context),
    })
}

async fn render_link(app: &App, claimed: &Claimed) -> Result<Step, StoreError> {
    let response = response_of(app, claimed).await?;
    let (to, is_there) = dispatchers(app, claimed).await?;
    let generation = claimed.what.number();
    let is_good = |response: &&Response| {
        Some(response.link_generation) == generation && response.has_link() && response.status.is_open()
    };
    if let Some(response) = response.as_ref().filter(is_good) {
        return Ok(match app.shipper_url(response).await {
            Ok((url, until_ms)) => Outgoing::plain(to, screens::shipper_link(response, &url, until_ms)),
            Err(Error::Internal(reason)) => {
                tracing::error!(reason, "a link for a shipper cannot be made");
                Step::Skip("the link cannot be signed")
            }
            Err(_) => Step::Skip("the link cannot be signed"),
        });
    }
    Ok(match response {
        _ if is_there => Outgoing::plain(to, screens::void_link()),
        None => Step::Skip("another response has taken its place"),
        Some(_) => Step::Skip("the link is void"),
    })
}

async fn render_notice(app: &App, claimed: &Claimed) -> Result<Step, StoreError> {
    let status = claimed.what.name().and_then(status_called);
    match response_of(app, claimed).await? {
        None => Ok(Step::Skip("another response has taken its place")),
        Some(response) if Some(response.status) != status => Ok(Step::Skip("the response has gone on")),
        Some(response) => {
            to_its_driver(app, claimed, |profile, origin| screens::notice(status, &response, profile, origin)).await
        }
    }
}

async fn render_reason(app: &App, claimed: &Claimed) -> Result<Step, StoreError> {
    let Some(response) = response_of(app, claimed).await? else {
        return Ok(Step::Skip("another response has taken its place"));
    };
    let rejection = notice(Status::Rejected).delivery_id(&claimed.subject_id);
    if app.store.outbox().is_waiting(&rejection).await? {
        return Ok(Step::Skip("the notice of the rejection will have it"));
    }
    to_its_driver(app, claimed, |profile, origin| screens::notice(None, &response, profile, origin)).await
}

async fn to_its_driver(
    app: &App,
    claimed: &Claimed,
    message: impl FnOnce(&Profile, &str) -> Message,
) -> Result<Step, StoreError> {
    let profile = app.store.profile(claimed.person.number()).await?;
    Ok(to_driver(profile, |profile| Ok(message(profile, &app.config.webapp_origin))))
}
