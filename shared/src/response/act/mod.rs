//! What is done to a response that is there: decisions, reasons, links, withdrawal, expiry. Each is one conditional
//! write with its messages and its audit row; who comes second is told what stands there.
use super::{
    Actor, Event, OthersRejected, Question, Response, Status, UNDO_ASKED_MS,
    link::ShipperLink,
    rivals::{Rival, Rivals},
};
use crate::{
    app::App,
    audit::{self, AuditRow},
    delivery::What,
    error::{Conflict, Error},
    flags::{Flag, Switch},
    request::RequestContext,
    store::{
        bucket::{Rate, retry_after_s},
        keys,
        response::{ResponseWrite, Written},
        retry::{Tried, retry_on_change},
        rivals::Hold,
    },
    telegram::messages::Language,
    telemetry::{self, Metric},
};

/// A shipper reloads a page now and then; a program that tries links does more.
const LINK_USES: i64 = 30;
/// Who meets a change that leaves the way open reads again, so often at most.
const TRIES: usize = 5;

/// What of a change is to be accounted for.
#[derive(Debug)]
pub struct Account {
    outcome: &'static str,
    facts: Vec<(&'static str, String)>,
}

impl Account {
    /// A change from what was read.
    pub fn of_step(before: &Response, after: &Response, by: &Actor) -> Self {
        Self::of_change(before, after, after.status.as_str(), by)
    }

    fn of_change(before: &Response, after: &Response, outcome: &'static str, by: &Actor) -> Self {
        let mut account = Self::of(after, outcome, by);
        account.facts.push(("from", before.status.as_str().to_owned()));
        // Where a decision proved the delivery, there were two steps.
        let through = after.history.len().checked_sub(2).and_then(|at| after.history.get(at));
        if after.history.len() > before.history.len() + 1
            && let Some(step) = through
        {
            account.facts.push(("through", step.status.as_str().to_owned()));
        }
        account
    }

    /// Something that happened to the response.
    pub fn of(response: &Response, outcome: &'static str, by: &Actor) -> Self {
        let mut facts = vec![
            ("response_id", response.id.clone()),
            ("driver_id", response.driver_id.to_string()),
            ("cargo_id", response.cargo.id.clone()),
            ("by", by.as_str().to_owned()),
        ];
        if let Actor::Dispatcher { id, .. } | Actor::Admin { id } = by {
            facts.push(("by_id", id.to_string()));
        }
        Self { outcome, facts }
    }

    /// With the responses that had the cargo too, as whoever decided knew.
    fn beside(mut self, rivals: &Rivals) -> Self {
        let ids: Vec<_> = rivals.chosen.iter().map(|rival| rival.id.as_str()).collect();
        self.facts.push(("beside", ids.join(" ")));
        self
    }

    /// The audit row.
    pub fn row(&self, now_ms: i64, context: &RequestContext) -> AuditRow {
        let row = AuditRow::new(context, now_ms, "response", self.outcome);
        let id = self.facts.iter().find(|(name, _)| *name == "response_id").map_or("", |(_, id)| id.as_str());
        let row = row.about("response", id);
        self.facts.iter().fold(row, |row, (name, value)| row.fact(name, value))
    }
}

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

/// How somebody came to give a command.
#[derive(Clone, Debug, Default)]
struct Means {
    /// The card, by its chat and number, whose button was pressed.
    seen: Option<(i64, i64)>,
    /// The administrator, for the audit log.
    admin: Option<audit::Actor>,
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
    fn holds(&self) -> Vec<Hold> {
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
            Self::Explain(reason) => {
                (response.with_reason(reason, by, now_ms)?, vec![What::Card, What::Reason], "explained")
            }
            // A repeat asks for the number that is there.
            Self::MakeLink(number) if *number != response.link_generation + 1 => return None,
            Self::MakeLink(_) => {
                let next = response.with_new_link(now_ms)?;
                // Whoever pressed waits for the link.
                let mut messages = vec![What::Link(next.link_generation), What::Card];
                messages.extend(response.shown_link());
                (next, messages, "link_made")
            }
            Self::RevokeLink => {
                let messages = [What::Card].into_iter().chain(response.shown_link()).collect();
                (response.without_link()?, messages, "link_revoked")
            }
            Self::AskToo(choices) => {
                let question = Question::AcceptToo { choices: *choices };
                let is_new = response.status.is_open() && response.question.as_ref() != Some(&question);
                (is_new.then(|| response.asking(question))?, vec![What::Card], "acceptance_asked")
            }
            Self::AskUndo => {
                let Actor::Dispatcher { id, .. } = by else { return None };
                let question = Question::Undo { by_id: *id, until_ms: now_ms + UNDO_ASKED_MS };
                let is_accepted = response.status == Status::Accepted;
                (is_accepted.then(|| response.asking(question))?, vec![What::Card], "undo_asked")
            }
            Self::Keep => (response.unasked()?, vec![What::Card], "kept"),
            Self::RejectOthers => {
                let order = OthersRejected { by: by.clone(), at_ms: now_ms };
                let next = Response { others_rejected: Some(order), version: response.version + 1, ..response.clone() };
                (response.status.is_chosen().then_some(next)?, vec![What::Others], "others_rejected")
            }
            _ => return None,
        })
    }

    /// The response after it and the messages that it causes; `None` when it cannot be done.
    fn apply(&self, response: &Response, by: &Actor, now_ms: i64) -> Option<Remark> {
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
        let mut messages = vec![What::Card];
        // Who takes a response back knows it.
        if next.status != Status::Withdrawn {
            messages.push(What::Notice(next.status));
        }
        if next.shown_link().is_none() {
            messages.extend(response.shown_link());
        }
        let outcome = if matches!(self, Self::Undo(_)) { "undone" } else { next.status.as_str() };
        Some((next, messages, outcome))
    }
}

/// A response after a change, the messages that it causes, and what the audit log calls it.
type Remark = (Response, Vec<What>, &'static str);

impl App {
    /// Does `command` to the response that was read. Who meets another change reads again and decides anew.
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

    /// The same for a press of a button on the card that `seen` names by its chat and number.
    ///
    /// # Errors
    /// The store does not answer, or the response is gone.
    pub async fn act_on_card(
        &self,
        response: Response,
        command: &Command,
        by: &Actor,
        seen: Option<(i64, i64)>,
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
        // So many changes within moments that somebody else's stands in any case: then it is given up.
        retry_on_change("act", TRIES, response, |before| async move {
            let now_ms = self.clock.now_ms();
            // Its time may be over before the job comes by.
            let is_over = before.status.is_open() && now_ms >= before.expires_at_ms;
            if is_over && *command != Command::Expire {
                let by_itself = Means { seen: means.seen, admin: None };
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
            let (holds, seen) = (command.holds(), means.seen);
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
                        telemetry::count_by(Metric::ResponseChanged, after.status.as_str());
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

    /// An administrator takes back that a driver's response to a cargo was accepted. Twice the same is done once.
    ///
    /// # Errors
    /// There is none, it is not accepted, or the store does not answer.
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
            // The answer to the first try was lost.
            Acted::Refused(response)
                if response.is_undone() && response.last_step().is_some_and(|last| last.by == by) =>
            {
                Ok(*response)
            }
            _ => Err(Error::Conflict(Conflict::NotAccepted)),
        }
    }

    /// The driver takes the response to a cargo back.
    ///
    /// # Errors
    /// There is none, it has been decided on, or the store does not answer.
    pub async fn withdraw(&self, driver_id: i64, cargo_id: &str, context: &RequestContext) -> Result<Response, Error> {
        let response = self.store.response(driver_id, cargo_id).await?.ok_or(Error::NotFound)?;
        match self.act(response, &Command::Withdraw, &Actor::Driver, context).await? {
            Acted::Done(response) => Ok(*response),
            // The answer to the first try was lost.
            Acted::Refused(response) if response.status == Status::Withdrawn => Ok(*response),
            Acted::Refused(response) | Acted::Chosen(response, _) | Acted::Blocked(response) => {
                Err(Error::Conflict(Conflict::ResponseClosed(Some(response))))
            }
        }
    }

    /// Lets responses expire whose time is over. Returns how many did.
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
            // One that cannot be dealt with does not hold up the others.
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

    /// The address of the page where the shipper decides, with the newest link of the response, and when that ends in
    /// milliseconds.
    ///
    /// # Errors
    /// The signing key cannot be read.
    pub async fn shipper_url(&self, response: &Response) -> Result<(String, i64), Error> {
        let keys = self.secrets.token_keys().await.map_err(|error| Error::Internal(error.to_string()))?;
        let response_id = response.id.parse().map_err(|_| Error::Internal("a response's id is no UUID".to_owned()))?;
        // A link is good for as long as its response waited to be decided on.
        let life_s = (response.expires_at_ms - response.created_at_ms).div_euclid(1000);
        let expires_at_s = response.link_made_at_ms.div_euclid(1000) + life_s;
        let link = ShipperLink { response_id, generation: response.link_generation, expires_at_s };
        // After the `#`, so that it reaches no server's log.
        Ok((format!("{}/app/r/#{}", self.config.webapp_origin, link.token(&keys)), expires_at_s * 1000))
    }

    /// The response that a shipper's link is for.
    ///
    /// # Errors
    /// The link is none of ours, has expired or was taken back, is used too often, or the store does not answer.
    pub async fn response_of_link(&self, token: &str) -> Result<Response, Error> {
        let keys = self.secrets.token_keys().await.map_err(|error| Error::Internal(error.to_string()))?;
        let link = ShipperLink::read(token, &keys).ok_or(Error::LinkInvalid)?;
        let id = link.response_id.to_string();
        let (found, settings) = self.store.response_of_link(&id).await?;
        let (response, blocked) = found.ok_or(Error::LinkExpired)?;
        if !settings.flags.is_on(Flag::App(Switch::ShipperLink), response.driver_id) {
            return Err(Error::FeatureOff);
        }
        let good = response.has_link() && response.link_generation == link.generation && !blocked;
        // Who took the driver keeps the way to them, or learns that it came to nothing.
        let in_time = self.clock.now_s() < link.expires_at_s || response.was_accepted_by_shipper();
        if !(good && in_time) {
            return Err(Error::LinkExpired);
        }
        // Judged before, so that whoever has a void link takes nothing from who has the good one.
        match self.store.take(&keys::link_uses(&id), Rate::per_minute(LINK_USES), self.clock.now_ms()).await {
            Ok(Err(wait_ms)) => Err(Error::RateLimited(retry_after_s(wait_ms))),
            Ok(Ok(())) => Ok(response),
            Err(error) => {
                tracing::warn!(%error, "how often a link is used cannot be counted");
                Ok(response)
            }
        }
    }

    /// The shipper decides on the response that the link is for.
    ///
    /// # Errors
    /// As [`App::response_of_link`]; or it has been decided otherwise.
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
            // Blocked since it was looked at: the link is void.
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
