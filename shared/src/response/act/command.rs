//! What may be done to a response, and what it becomes by it.
use super::super::{
    Actor, Event, OthersRejected, Question, Response, Status, UNDO_ASKED_MS,
    rivals::{Rival, Rivals},
};
use outbox::kind::MessageKind;

use crate::{
    response::messages::{CARD, OTHERS, REASON, link, notice},
    store::rivals::Hold,
    telegram::messages::Language,
};

/// What somebody who may decide wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Say yes. Where others have the cargo, by whoever names the choice that they have seen.
    Accept {
        /// See [`Rivals::choices`].
        knowing: Option<i64>,
    },
    /// Ask whether to say yes although others have the cargo; which choice that is.
    AskToo(i64),
    /// Say no, perhaps with a reason.
    Reject(Option<String>),
    /// Say no, because this other one has the cargo, if it still does.
    RejectFor(Rival),
    /// Say no to all others that are open now.
    RejectOthers,
    /// Ask why the acceptance shall be undone.
    AskUndo,
    /// Take the yes back, for this reason.
    Undo(String),
    /// Leave everything as it is, whatever was asked.
    Keep,
    /// Say that the cargo was carried.
    Complete,
    /// Take the response back.
    Withdraw,
    /// Time is over.
    Expire,
    /// Give the reason for a rejection.
    Explain(String),
    /// Make the link for the shipper that has this number; older ones are void.
    MakeLink(u32),
    /// Take the link back.
    RevokeLink,
}

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Acted {
    /// It was done; the response as it is now.
    Done(Box<Response>),
    /// It cannot be done to a response that stands like this.
    Refused(Box<Response>),
    /// It was not done, because others have the cargo and whoever decided did not say that they know.
    Chosen(Box<Response>, Box<Rivals>),
    /// It was not done, because the driver is blocked.
    Blocked(Box<Response>),
}

impl Command {
    /// The status that it leads to, if it is about that.
    pub fn status(&self) -> Option<Status> {
        match self {
            Self::Accept { .. } => Some(Status::Accepted),
            Self::Reject(_) | Self::RejectFor(_) | Self::Undo(_) => Some(Status::Rejected),
            Self::Complete => Some(Status::Completed),
            Self::Withdraw => Some(Status::Withdrawn),
            Self::Expire => Some(Status::Expired),
            Self::AskToo(_)
            | Self::RejectOthers
            | Self::AskUndo
            | Self::Keep
            | Self::Explain(_)
            | Self::MakeLink(_)
            | Self::RevokeLink => None,
        }
    }

    /// What has to hold of the other responses and of the driver.
    pub(super) fn holds(&self) -> Vec<Hold> {
        match self {
            Self::Accept { knowing } => vec![Hold::Unchosen(*knowing), Hold::Unblocked],
            Self::RejectFor(rival) => vec![Hold::ChosenIs(rival.clone())],
            Self::MakeLink(_) => vec![Hold::Unblocked],
            _ => Vec::new(),
        }
    }

    /// What is done and does not change where the response stands; `None` when that cannot be done, or it does.
    fn remark(&self, response: &Response, by: &Actor, now_ms: i64) -> Option<Remark> {
        Some(match self {
            Self::Explain(reason) => (response.with_reason(reason, by, now_ms)?, vec![CARD, REASON], "explained"),
            // A repeat asks for the number that is there.
            Self::MakeLink(number) if *number != response.link_generation + 1 => return None,
            Self::MakeLink(_) => {
                let next = response.with_new_link(now_ms)?;
                // Whoever pressed waits for the link.
                let mut messages = vec![link(next.link_generation), CARD];
                messages.extend(response.shown_link());
                (next, messages, "link_made")
            }
            Self::RevokeLink => {
                let messages = [CARD].into_iter().chain(response.shown_link()).collect();
                (response.without_link()?, messages, "link_revoked")
            }
            Self::AskToo(choices) => {
                let question = Question::AcceptToo { choices: *choices };
                let is_new = response.status.is_open() && response.question.as_ref() != Some(&question);
                (is_new.then(|| response.asking(question))?, vec![CARD], "acceptance_asked")
            }
            Self::AskUndo => {
                let Actor::Dispatcher { id, .. } = by else { return None };
                let question = Question::Undo { by_id: *id, until_ms: now_ms + UNDO_ASKED_MS };
                let is_accepted = response.status == Status::Accepted;
                (is_accepted.then(|| response.asking(question))?, vec![CARD], "undo_asked")
            }
            Self::Keep => (response.unasked()?, vec![CARD], "kept"),
            Self::RejectOthers => {
                let order = OthersRejected { by: by.clone(), at_ms: now_ms };
                let next = Response { others_rejected: Some(order), version: response.version + 1, ..response.clone() };
                (response.status.is_chosen().then_some(next)?, vec![OTHERS], "others_rejected")
            }
            _ => return None,
        })
    }

    /// The response after it and the messages that it causes; `None` when it cannot be done.
    pub(super) fn apply(&self, response: &Response, by: &Actor, now_ms: i64) -> Option<Remark> {
        let event = match self {
            Self::Accept { .. } => Event::Accept,
            Self::Reject(_) | Self::RejectFor(_) => Event::Reject,
            Self::Complete => Event::Complete,
            Self::Withdraw => Event::Withdraw,
            Self::Expire if now_ms >= response.expires_at_ms => Event::Expire,
            // A dispatcher's reason is the answer to what they were asked.
            Self::Undo(_) => match by {
                Actor::Dispatcher { id, .. } if !response.waits_for_undo_by(*id, now_ms) => return None,
                _ => Event::Undo,
            },
            Self::Expire => return None,
            _ => return self.remark(response, by, now_ms),
        };
        let mut next = response.apply(event, by.clone(), now_ms).ok()?;
        match self {
            Self::Reject(reason) => {
                next.reason.clone_from(reason);
                next.reason_by = reason.as_ref().map(|_| by.clone());
            }
            Self::Undo(reason) => {
                next.reason = Some(reason.clone());
                next.reason_by = Some(by.clone());
            }
            // Dispatchers write their reasons in Russian.
            Self::RejectFor(_) => next.reason = Some(Language::Ru.messages().others_reason.to_owned()),
            _ => {}
        }
        let mut messages = vec![CARD];
        // Who takes a response back knows it.
        if next.status != Status::Withdrawn {
            messages.push(notice(next.status));
        }
        if next.shown_link().is_none() {
            messages.extend(response.shown_link());
        }
        let outcome = if matches!(self, Self::Undo(_)) { "undone" } else { next.status.as_str() };
        Some((next, messages, outcome))
    }
}

/// A response after a change, the messages that it causes, and what the audit log calls it.
pub(super) type Remark = (Response, Vec<MessageKind>, &'static str);
