//! Handles a press of a card's button, and what the person sees.
use super::{
    card,
    messages::{Language, fill},
    update::Press,
};
use crate::{
    address::MessageRef,
    app::App,
    error::Error,
    request::RequestContext,
    response::{
        Actor, Response,
        act::{Acted, Command},
        rivals::Rivals,
    },
};

/// The text for the person, and whether they have to dismiss it.
type Told = (String, bool);

fn command_of(press: &Press) -> Command {
    match press {
        Press::Accept(_) => Command::Accept { knowing: None },
        Press::AcceptToo(_, choices) => Command::Accept { knowing: Some(*choices) },
        Press::Keep(_) => Command::Keep,
        Press::RejectOthers(_) => Command::RejectOthers,
        Press::Undo(_) => Command::AskUndo,
        Press::Reject(_) => Command::Reject(None),
        Press::Complete(_) => Command::Complete,
        Press::MakeLink(_, number) => Command::MakeLink(*number),
        Press::RevokeLink(_) => Command::RevokeLink,
    }
}

impl App {
    /// Executes the button's action on its response.
    pub(super) async fn act_on_button(
        &self,
        press: &Press,
        response: Response,
        by: &Actor,
        seen: Option<&MessageRef>,
        context: &RequestContext,
    ) -> Result<Told, Error> {
        let m = Language::Ru.messages();
        let command = command_of(press);
        match self.act_on_card(response, &command, by, seen.cloned(), context).await? {
            Acted::Done(response) => Ok(match command {
                Command::MakeLink(_) => (m.press_link.to_owned(), false),
                Command::RevokeLink => (m.press_link_revoked.to_owned(), false),
                Command::AskUndo => (m.press_undo.to_owned(), true),
                Command::Keep => (m.press_kept.to_owned(), false),
                Command::RejectOthers => (m.press_others.to_owned(), false),
                _ => (fill(m.press_done, &[("status", m.status(response.status))]), false),
            }),
            Acted::Chosen(response, rivals) => self.ask_about_others(*response, &rivals, by, seen, context).await,
            Acted::Blocked(_) => Ok((m.press_blocked.to_owned(), true)),
            Acted::Refused(response) => Ok(refused(&command, &response, by)),
        }
    }

    /// Asks in the card whether another driver should get the cargo too.
    async fn ask_about_others(
        &self,
        response: Response,
        rivals: &Rivals,
        by: &Actor,
        seen: Option<&MessageRef>,
        context: &RequestContext,
    ) -> Result<Told, Error> {
        let m = Language::Ru.messages();
        let others = rivals.others_chosen(&response.id);
        let names = self.store.names_of(&response.cargo.id, &others).await?;
        let ask = Command::AskToo(rivals.choices);
        match self.act_on_card(response, &ask, by, seen.cloned(), context).await? {
            // The card already shows this question.
            Acted::Refused(response) if !response.status.is_open() => Ok(refused(&ask, &response, by)),
            _ => {
                let text = if names.len() > 1 { m.press_chosen_many } else { m.press_chosen };
                Ok((fill(text, &[("names", &card::names(m, &names))]), true))
            }
        }
    }
}

/// The text for a press without effect.
fn refused(command: &Command, response: &Response, by: &Actor) -> Told {
    let m = Language::Ru.messages();
    let by_them = response.last_step().is_some_and(|step| step.by == *by);
    match command {
        // A repeated press, or another dispatcher's for the same link.
        Command::MakeLink(number) if *number <= response.link_generation && response.status.is_open() => {
            (m.press_link.to_owned(), false)
        }
        Command::RevokeLink => (m.press_link_revoked.to_owned(), false),
        Command::Keep => (m.press_kept.to_owned(), false),
        _ if command.status() == Some(response.status) && by_them => {
            (fill(m.press_done, &[("status", m.status(response.status))]), false)
        }
        _ => (card::late(response), true),
    }
}
