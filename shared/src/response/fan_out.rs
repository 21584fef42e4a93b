//! Spreads one change to many cards: those of the other responses to a cargo, and those of a blocked driver.
//!
//! Each card is a row with a due time, so ten changes within a minute cause one edit. Cards are updated one after
//! another, at half the rate of the dispatchers' chat: fifty cards are right within five minutes, and new responses and
//! answers still get their turn. Unchanged cards are not edited. The transaction that changes a response wakes only its
//! own card, so its size does not depend on the number of others. The sender of that card wakes the others, unless they
//! already know of the change.
use tokio::time::Instant;

use outbox::ledger::Claimed;

use super::{
    Response, Status,
    act::Command,
    messages::{CARD, response_of},
    rivals::{Rival, Surroundings},
};
use crate::{app::App, delivery::kinds::Step, queue::Hint, request::RequestContext, store::StoreError};

/// The interval between edits of other cards. The dispatchers' chat takes 20 messages a minute.
const APART_MS: i64 = 6_000;
/// A driver's older responses are skipped, because none can be open.
const LOOKED_BACK_MS: i64 = 60 * 86_400_000;
/// Responses of a driver per read.
const PAGE: i32 = 50;

impl App {
    /// The data of a card. If the responses to its cargo have changed, their cards are woken.
    pub(super) async fn card_facts_of(
        &self,
        claimed: &Claimed,
    ) -> Result<(Option<Response>, Surroundings), StoreError> {
        let facts = self.store.card_facts(claimed.person.number(), &claimed.cargo_id).await?;
        let (cargo_id, id, rivals) = (&claimed.cargo_id, &claimed.subject_id, &facts.rivals);
        let others = rivals.others(id);
        if rivals.revision > rivals.told && !others.is_empty() {
            let mut due_at_ms = self.clock.now_ms();
            let woken = self.wake_cards(others.iter().map(|rival| rival.id.as_str()), &mut due_at_ms).await?;
            // Before any hint, whose receiver would find that nobody was told.
            self.store.mark_cards_updated(cargo_id, rivals.revision).await?;
            self.hint_cards(&woken, &mut 0).await;
        }
        let chosen = rivals.others_chosen(id);
        let chosen = if chosen.is_empty() { Vec::new() } else { self.store.names_of(cargo_id, &chosen).await? };
        let around = Surroundings { others: rivals.others_undecided(id), chosen, blocked: facts.blocked };
        Ok((facts.response.filter(|response| response.id == *id), around))
    }

    /// Makes these cards due, one after another from `due_at_ms`, which advances to the next free time. Returns those
    /// that were not already waiting, in order.
    async fn wake_cards(
        &self,
        responses: impl Iterator<Item = &str>,
        due_at_ms: &mut i64,
    ) -> Result<Vec<String>, StoreError> {
        let mut woken = Vec::new();
        for id in responses {
            if self.store.touch_card(id, self.clock.now_ms(), *due_at_ms).await? {
                woken.push(id.to_owned());
                *due_at_ms += APART_MS;
            }
        }
        Ok(woken)
    }

    /// Sends hints for woken cards. `wait_ms` is the time until the first is due, and advances to the next.
    async fn hint_cards(&self, responses: &[String], wait_ms: &mut i64) {
        for id in responses {
            self.queue.hint(Hint::new(&CARD.delivery_id(id)), *wait_ms).await;
            *wait_ms += APART_MS;
        }
    }

    /// Wakes the cards of a driver who was blocked or unblocked, if anything can still be done with them.
    pub(super) async fn look_at_cards(&self, claimed: &Claimed, context: &RequestContext) -> Result<Step, StoreError> {
        let since_ms = self.clock.now_ms() - LOOKED_BACK_MS;
        let (mut due_at_ms, mut wait_ms) = (self.clock.now_ms(), 0);
        let mut from = None;
        loop {
            let page = self.store.responses(claimed.person.number(), from.as_ref(), PAGE).await?;
            let is_live = |response: &&Response| response.status.is_open() || response.status == Status::Accepted;
            let live = page.items.iter().filter(is_live).map(|response| response.id.as_str());
            let woken = self.wake_cards(live, &mut due_at_ms).await?;
            self.hint_cards(&woken, &mut wait_ms).await;
            from = page.next.filter(|next| next.created_at_ms >= since_ms);
            if from.is_none() {
                return Ok(Step::Acted);
            }
            if Instant::now() > context.deadline {
                return Ok(Step::Later("it takes long"));
            }
        }
    }

    /// Rejects the other responses that were open when a dispatcher asked for it, while the chosen response still has
    /// the cargo. Each rejection is a separate write under its own version, so a run after a crash rejects none twice.
    pub(super) async fn reject_others(&self, claimed: &Claimed, context: &RequestContext) -> Result<Step, StoreError> {
        let response = response_of(self, claimed).await?;
        let order = response.as_ref().and_then(|response| Some((response, response.others_rejected.as_ref()?)));
        let Some((response, order)) = order.filter(|(response, _)| response.status.is_chosen()) else {
            return Ok(Step::Skip("the acceptance was undone"));
        };
        let reject = Command::RejectFor(Rival { id: response.id.clone(), driver_id: response.driver_id });
        let rivals = self.store.rivals(&claimed.cargo_id).await?;
        let mut left = None;
        for rival in rivals.undecided.iter().filter(|rival| rival.id != response.id) {
            if Instant::now() > context.deadline {
                left = Some("it takes long");
                break;
            }
            let found = self.store.response(rival.driver_id, &claimed.cargo_id).await?;
            // The dispatcher has not seen later responses.
            let Some(found) = found.filter(|found| found.id == rival.id && found.created_at_ms <= order.at_ms) else {
                continue;
            };
            if let Err(error) = Box::pin(self.act(found, &reject, &order.by, context)).await {
                tracing::warn!(?error, response_id = rival.id, "a response could not be rejected; it is tried again");
                left = Some("one could not be rejected");
            }
        }
        Ok(left.map_or(Step::Acted, Step::Later))
    }
}
