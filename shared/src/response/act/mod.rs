//! Actions on an existing response: decisions, reasons, links, withdrawal, expiry. Each is one conditional write with
//! its messages and its audit row. After a conflict the caller learns the current state.
mod account;
mod command;

pub use account::Account;
pub use command::{Acted, Command};

use super::{Actor, Response, Status, link::ShipperLink};
use crate::{
    address::MessageRef,
    app::App,
    audit,
    auth::token::TokenKeys,
    error::{Conflict, Error},
    request::RequestContext,
    response::{metrics, module},
    store::{
        bucket::{Rate, retry_after_s},
        keys,
        response::{ResponseWrite, Written},
        retry::{Tried, retry_on_change},
    },
    telemetry,
};

/// A shipper reloads a page now and then. A program that guesses links exceeds this.
const LINK_USES: i64 = 30;
/// Attempts if concurrent changes still allow the command.
const TRIES: usize = 5;

/// How a command was given.
#[derive(Clone, Debug, Default)]
struct Means {
    /// The card whose button was pressed.
    seen: Option<MessageRef>,
    /// The admin, for the audit log.
    admin: Option<audit::Actor>,
}

impl App {
    /// Executes `command` on the response as read. After a conflict it reads again and decides anew.
    ///
    /// # Errors
    /// The store does not answer, or the response is gone.
    pub async fn act(
        &self,
        response: Response,
        command: &Command,
        by: &Actor,
        context: &RequestContext,
    ) -> Result<Acted, Error> {
        self.act_as(response, command, by, Means::default(), context).await
    }

    /// Like [`App::act`], for a button pressed on the card `seen`.
    ///
    /// # Errors
    /// The store does not answer, or the response is gone.
    pub async fn act_on_card(
        &self,
        response: Response,
        command: &Command,
        by: &Actor,
        seen: Option<MessageRef>,
        context: &RequestContext,
    ) -> Result<Acted, Error> {
        self.act_as(response, command, by, Means { seen, admin: None }, context).await
    }

    async fn act_as(
        &self,
        response: Response,
        command: &Command,
        by: &Actor,
        means: Means,
        context: &RequestContext,
    ) -> Result<Acted, Error> {
        let means = &means;
        // After this many conflicts within moments, someone else's change wins.
        retry_on_change("act", TRIES, response, |before| async move {
            let now_ms = self.clock.now_ms();
            // It may have expired before the job ran.
            let is_over = before.status.is_open() && now_ms >= before.expires_at_ms;
            if is_over && *command != Command::Expire {
                let by_itself = Means { seen: means.seen.clone(), admin: None };
                let expired = self.act_as(before, &Command::Expire, &Actor::System, by_itself, context);
                return Box::pin(expired).await.map(|acted| match acted {
                    Acted::Done(response) => Tried::Done(Acted::Refused(response)),
                    otherwise => Tried::Done(otherwise),
                });
            }
            let Some((after, messages, outcome)) = command.apply(&before, by, now_ms) else {
                return Ok(Tried::Done(Acted::Refused(Box::new(before))));
            };
            let mut account = Account::of_change(&before, &after, outcome, by);
            if let Command::Accept { knowing: Some(choices) } = command {
                let rivals = self.store.rivals(&before.cargo.id).await?;
                if rivals.chosen.is_empty() {
                    let accept = Command::Accept { knowing: None };
                    return Box::pin(self.act_as(before, &accept, by, means.clone(), context)).await.map(Tried::Done);
                }
                if rivals.choices != *choices {
                    return Ok(Tried::Done(Acted::Chosen(Box::new(before), Box::new(rivals))));
                }
                account = account.beside(&rivals);
            }
            let mut audit = account.row(now_ms, context);
            audit.actor.clone_from(&means.admin);
            let (holds, seen) = (command.holds(), means.seen.as_ref());
            let write = ResponseWrite {
                before: Some(&before),
                after: &after,
                messages: &messages,
                holds: &holds,
                seen,
                within_ms: 0,
                audit,
            };
            match Box::pin(self.store.write_response(&write)).await? {
                Written::Done => {
                    if after.status != before.status {
                        telemetry::count_by(metrics::RESPONSE_CHANGED, after.status.as_str());
                    }
                    self.hint(&after.id, &messages).await;
                    Ok(Tried::Done(Acted::Done(Box::new(after))))
                }
                Written::Chosen(rivals) => Ok(Tried::Done(Acted::Chosen(Box::new(before), rivals))),
                Written::Blocked => Ok(Tried::Done(Acted::Blocked(Box::new(before)))),
                Written::Refused(Some(existing)) if existing.id == before.id => Ok(Tried::Changed(*existing)),
                Written::Refused(_) => Err(Error::NotFound),
            }
        })
        .await
    }

    /// An admin undoes the acceptance of a driver's response to a cargo. Idempotent.
    ///
    /// # Errors
    /// There is no response, it is not accepted, or the store does not answer.
    pub async fn undo_acceptance(
        &self,
        admin: audit::Actor,
        (driver_id, cargo_id): (i64, &str),
        reason: &str,
        context: &RequestContext,
    ) -> Result<Response, Error> {
        if admin.id == driver_id {
            return Err(Error::Conflict(Conflict::OwnAccount));
        }
        let response = self.store.response(driver_id, cargo_id).await?.ok_or(Error::NotFound)?;
        let by = Actor::Admin { id: admin.id };
        let means = Means { seen: None, admin: Some(admin) };
        match self.act_as(response, &Command::Undo(reason.to_owned()), &by, means, context).await? {
            Acted::Done(response) => Ok(*response),
            // The response to the first attempt was lost.
            Acted::Refused(response)
                if response.is_undone() && response.last_step().is_some_and(|last| last.by == by) =>
            {
                Ok(*response)
            }
            _ => Err(Error::Conflict(Conflict::NotAccepted)),
        }
    }

    /// The driver withdraws the response to a cargo.
    ///
    /// # Errors
    /// There is no response, it is already decided, or the store does not answer.
    pub async fn withdraw(&self, driver_id: i64, cargo_id: &str, context: &RequestContext) -> Result<Response, Error> {
        let response = self.store.response(driver_id, cargo_id).await?.ok_or(Error::NotFound)?;
        match self.act(response, &Command::Withdraw, &Actor::Driver, context).await? {
            Acted::Done(response) => Ok(*response),
            // The response to the first attempt was lost.
            Acted::Refused(response) if response.status == Status::Withdrawn => Ok(*response),
            Acted::Refused(response) | Acted::Chosen(response, _) | Acted::Blocked(response) => {
                Err(Error::Conflict(Conflict::ResponseClosed(Some(response))))
            }
        }
    }

    /// Expires overdue responses. Returns how many.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn expire_responses(
        &self,
        until: tokio::time::Instant,
        context: &RequestContext,
    ) -> Result<usize, Error> {
        let mut expired = 0;
        for id in self.store.overdue_responses(self.clock.now_ms(), 200).await? {
            if tokio::time::Instant::now() >= until {
                break;
            }
            // One failure does not block the others.
            match self.expire(&id, context).await {
                Ok(done) => expired += usize::from(done),
                Err(error) => tracing::error!(?error, response_id = id, "a response could not expire"),
            }
        }
        Ok(expired)
    }

    async fn expire(&self, id: &str, context: &RequestContext) -> Result<bool, Error> {
        let Some(response) = self.store.response_by_id(id).await? else { return Ok(false) };
        let acted = self.act(response, &Command::Expire, &Actor::System, context).await?;
        Ok(matches!(acted, Acted::Done(_)))
    }

    /// The URL of the shipper's page with the newest link, and when it expires, in milliseconds.
    ///
    /// # Errors
    /// The signing key cannot be read.
    pub async fn shipper_url(&self, response: &Response) -> Result<(String, i64), Error> {
        let keys: TokenKeys = self.secrets.get().await.map_err(|error| Error::Internal(error.to_string()))?;
        let response_id = response.id.parse().map_err(|_| Error::Internal("a response's id is no UUID".to_owned()))?;
        // A link is valid for as long as its response waited for a decision.
        let life_s = (response.expires_at_ms - response.created_at_ms).div_euclid(1000);
        let expires_at_s = response.link_made_at_ms.div_euclid(1000) + life_s;
        let link = ShipperLink { response_id, generation: response.link_generation, expires_at_s };
        // After the `#`, so that it reaches no server's log.
        Ok((format!("{}/app/r/#{}", self.config.webapp_origin, link.token(&keys)), expires_at_s * 1000))
    }

    /// The response of a shipper's link.
    ///
    /// # Errors
    /// The link is invalid, expired, revoked or used too often, or the store does not answer.
    pub async fn response_of_link(&self, token: &str) -> Result<Response, Error> {
        let keys: TokenKeys = self.secrets.get().await.map_err(|error| Error::Internal(error.to_string()))?;
        let link = ShipperLink::read(token, &keys).ok_or(Error::LinkInvalid)?;
        let id = link.response_id.to_string();
        let (found, settings) = self.store.response_of_link(&id).await?;
        let (response, blocked) = found.ok_or(Error::LinkExpired)?;
        if !settings.flags.is_on(module::SHIPPER_LINK, response.driver_id) {
            return Err(Error::FeatureOff);
        }
        let good = response.has_link() && response.link_generation == link.generation && !blocked;
        // A shipper who accepted the driver keeps the contact, or learns that the acceptance was undone.
        let in_time = self.clock.now_s() < link.expires_at_s || response.was_accepted_by_shipper();
        if !(good && in_time) {
            return Err(Error::LinkExpired);
        }
        // Checked before taking from the rate limit, so that a void link cannot exhaust the limit of the valid one.
        match self.store.take(&keys::link_uses(&id), Rate::per_minute(LINK_USES), self.clock.now_ms()).await {
            Ok(Err(wait_ms)) => Err(Error::RateLimited(retry_after_s(wait_ms))),
            Ok(Ok(())) => Ok(response),
            Err(error) => {
                tracing::warn!(%error, "how often a link is used cannot be counted");
                Ok(response)
            }
        }
    }

    /// The shipper decides on the response of the link.
    ///
    /// # Errors
    /// As [`App::response_of_link`], or someone has decided otherwise.
    pub async fn decide_by_link(
        &self,
        token: &str,
        command: &Command,
        context: &RequestContext,
    ) -> Result<Response, Error> {
        let response = self.response_of_link(token).await?;
        match self.act(response, command, &Actor::Shipper, context).await? {
            Acted::Done(response) => Ok(*response),
            // The answer to the first try was lost, or a dispatcher decided the same.
            Acted::Refused(response) if Some(response.status) == command.status() => Ok(*response),
            Acted::Refused(response)
                if response.status == Status::Completed && command.status() == Some(Status::Accepted) =>
            {
                Ok(*response)
            }
            // Blocked since the check: the link is void.
            Acted::Blocked(_) => Err(Error::LinkExpired),
            Acted::Chosen(response, rivals) => {
                let others = rivals.others_chosen(&response.id);
                let names = self.store.names_of(&response.cargo.id, &others).await?;
                Err(Error::Conflict(Conflict::CargoTaken { names, choices: rivals.choices }))
            }
            Acted::Refused(_) => Err(Error::Conflict(Conflict::ResponseClosed(None))),
        }
    }
}
