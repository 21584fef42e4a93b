//! Commands on a response and their results.
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

/// A command of someone who may decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Accept. If others have the cargo, the caller must name the choices they saw.
    Accept {
        /// See [`Rivals::choices`].
        knowing: Option<i64>,
    },
    /// Ask whether to accept although others have the cargo. Holds the number of choices seen.
    AskToo(i64),
    /// Reject, optionally with a reason.
    Reject(Option<String>),
    /// Reject because this rival has the cargo, if it still does.
    RejectFor(Rival),
    /// Reject all other responses that are open now.
    RejectOthers,
    /// Ask for the reason to undo the acceptance.
    AskUndo,
    /// Undo the acceptance for this reason.
    Undo(String),
    /// Change nothing, and drop any open question.
    Keep,
    /// Mark the cargo as carried.
    Complete,
    /// Withdraw the response.
    Withdraw,
    /// Expire the response.
    Expire,
    /// Add the reason for a rejection.
    Explain(String),
    /// Create the shipper's link with this number, voiding older ones.
    MakeLink(u32),
    /// Revoke the link.
    RevokeLink,
}

/// The result of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Acted {
    /// It succeeded. Holds the new response.
    Done(Box<Response>),
    /// It is impossible in the response's current status.
    Refused(Box<Response>),
    /// Others have the cargo, and the caller did not confirm that.
    Chosen(Box<Response>, Box<Rivals>),
    /// The driver is blocked.
    Blocked(Box<Response>),
}

impl Command {
    /// The status it leads to, if any.
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

    /// Conditions on the other responses and on the driver.
    pub(super) fn holds(&self) -> Vec<Hold> {
        match self {
            Self::Accept { knowing } => vec![Hold::Unchosen(*knowing), Hold::Unblocked],
            Self::RejectFor(rival) => vec![Hold::ChosenIs(rival.clone())],
            Self::MakeLink(_) => vec![Hold::Unblocked],
            _ => Vec::new(),
        }
    }

    /// The result of a command that does not change the status; `None` if it is impossible or changes it.
    fn remark(&self, response: &Response, by: &Actor, now_ms: i64) -> Option<Remark> {
        Some(match self {
            Self::Explain(reason) => (response.with_reason(reason, by, now_ms)?, vec![CARD, REASON], "explained"),
            // A repeat names the existing number.
            Self::MakeLink(number) if *number != response.link_generation + 1 => return None,
            Self::MakeLink(_) => {
                let next = response.with_new_link(now_ms)?;
                // The person who pressed the button waits for the link.
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

    /// The new response and its messages; `None` if the command is impossible.
    pub(super) fn apply(&self, response: &Response, by: &Actor, now_ms: i64) -> Option<Remark> {
        let event = match self {
            Self::Accept { .. } => Event::Accept,
            Self::Reject(_) | Self::RejectFor(_) => Event::Reject,
            Self::Complete => Event::Complete,
            Self::Withdraw => Event::Withdraw,
            Self::Expire if now_ms >= response.expires_at_ms => Event::Expire,
            // A dispatcher's reason is the answer to an open question.
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
        // A driver who withdraws needs no notice.
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

/// A changed response, its messages, and the outcome for the audit log.
pub(super) type Remark = (Response, Vec<MessageKind>, &'static str);
