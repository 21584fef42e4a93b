//! The admins' view of responses, and statistics of those who decide.
use std::collections::BTreeMap;

use crate::{
    app::App,
    cargo::CargoId,
    error::Error,
    response::{Actor, Response, Status, verdict::Verdict},
    store::response::FoundResponses,
};

/// How many recent decisions are searched for dispatchers' names.
const LOOKED_AT: usize = 100;

/// Selects responses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResponseFilter {
    /// With this status.
    pub status: Option<Status>,
    /// Of this driver.
    pub driver_id: Option<i64>,
    /// To this cargo.
    pub cargo: Option<CargoId>,
    /// Decided by a `dispatcher`, `shipper` or `admin`.
    pub decided_by: Option<&'static str>,
    /// Decided by this dispatcher or admin.
    pub decider_id: Option<i64>,
    /// Created at or after this time, milliseconds.
    pub from_ms: Option<i64>,
    /// Created before this time, milliseconds.
    pub until_ms: Option<i64>,
}

impl ResponseFilter {
    /// Whether the response matches.
    pub fn takes(&self, response: &Response) -> bool {
        let decider = response.decision().map(|decision| &decision.by);
        let kind = decider.map(Actor::as_str);
        let id = decider.and_then(Actor::id);
        self.status.is_none_or(|status| response.status == status)
            && self.driver_id.is_none_or(|id| response.driver_id == id)
            && self.cargo.as_ref().is_none_or(|cargo| response.cargo.id == cargo.as_str())
            && self.decided_by.is_none_or(|wanted| kind == Some(wanted))
            && self.decider_id.is_none_or(|wanted| id == Some(wanted))
    }
}

/// What one who decides did in some days.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decider {
    /// Telegram's id of a dispatcher; `None` stands for all shippers together.
    pub id: Option<i64>,
    /// What they are called, where that is known.
    pub name: Option<String>,
    /// Responses accepted.
    pub accepted: i64,
    /// Responses rejected.
    pub rejected: i64,
    /// Acceptances undone.
    pub undone: i64,
    /// Average seconds until an answer.
    pub answer_s: Option<i64>,
}

/// A response with data of those who decided it.
#[derive(Debug)]
pub struct KnownResponse {
    /// The response.
    pub response: Response,
    /// First and last names of admins in its history.
    pub names: BTreeMap<i64, String>,
}

impl App {
    /// A page of responses, newest first.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn find_responses(
        &self,
        filter: &ResponseFilter,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<FoundResponses, Error> {
        Ok(self.store.find_responses(filter, cursor, limit).await?)
    }

    /// A response with all its data: two or three store calls.
    ///
    /// # Errors
    /// It does not exist or was replaced by another, or the store does not answer.
    pub async fn any_response(&self, id: &str) -> Result<KnownResponse, Error> {
        let response = self.store.response_by_id(id).await?.ok_or(Error::NotFound)?;
        let by = response.history.iter().map(|step| &step.by).chain(&response.reason_by);
        let mut admins: Vec<_> =
            by.filter_map(|by| if let Actor::Admin { id } = by { Some(*id) } else { None }).collect();
        admins.sort_unstable();
        admins.dedup();
        Ok(KnownResponse { names: self.store.names(&admins).await?, response })
    }

    /// The decisions of each person in the last days, the most active first. Reads the counters of these days, and a
    /// page of recent responses for the names.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn deciders(&self, days: usize) -> Result<Vec<Decider>, Error> {
        let latest = ResponseFilter::default();
        let (counts, latest) = tokio::join!(
            self.store.counts(self.clock.now_ms(), days),
            self.store.find_responses(&latest, None, LOOKED_AT)
        );
        let (mut deciders, mut answers) = (BTreeMap::<Option<i64>, Decider>::new(), BTreeMap::<_, (i64, i64)>::new());
        for (name, count) in counts?.into_iter().flat_map(|(_, counts)| counts) {
            let Some((id, what)) = Verdict::read(&name) else { continue };
            let decider = deciders.entry(id).or_insert_with(|| Decider { id, ..Decider::default() });
            let answer = answers.entry(id).or_default();
            match what {
                Verdict::Accepted => decider.accepted += count,
                Verdict::Rejected => decider.rejected += count,
                Verdict::Undone => decider.undone += count,
                Verdict::Answered => answer.0 += count,
                Verdict::Seconds => answer.1 += count,
            }
        }
        let mut names = names_in(&latest?.items);
        let unknown: Vec<_> = deciders.keys().flatten().filter(|id| !names.contains_key(id)).copied().collect();
        names.extend(self.store.names(&unknown).await?);
        let mut deciders: Vec<_> = deciders
            .into_values()
            .map(|decider| {
                let (answered, seconds) = answers.get(&decider.id).copied().unwrap_or_default();
                let name = decider.id.and_then(|id| names.get(&id).cloned());
                Decider { name, answer_s: (answered > 0).then(|| seconds / answered), ..decider }
            })
            .collect();
        deciders.sort_by_key(|decider| -(decider.accepted + decider.rejected));
        Ok(deciders)
    }
}

/// Dispatchers' names from the newest of these responses.
fn names_in(responses: &[Response]) -> BTreeMap<i64, String> {
    let mut names = BTreeMap::new();
    for step in responses.iter().flat_map(|response| response.history.iter().rev()) {
        if let Actor::Dispatcher { id, name } = &step.by
            && !name.is_empty()
        {
            names.entry(*id).or_insert_with(|| name.clone());
        }
    }
    names
}
