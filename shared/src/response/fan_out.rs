//! What one change means for many cards: those of the other responses to a cargo, and those of a driver who was blocked.
//!
//! Each card is a row that waits for its time, so ten changes within the same minute are one edit. They are looked at one
//! after another, half as fast as the dispatchers' chat takes messages: with fifty responses to a cargo all cards are right
//! within five minutes, and new responses and answers to presses still find their turn. A card that would say what it says
//! already is not edited. The transaction that changes a response has the same few writes however many others there are: it
//! wakes its own card alone, and whoever sends that one wakes the others, unless somebody has told them of that change.
use tokio::time::Instant;

use outbox::ledger::Claimed;

use super::{
    Response, Status,
    act::Command,
    messages::{CARD, response_of},
    rivals::{Around, Rival},
};
use crate::{app::App, delivery::kinds::Step, queue::Hint, request::RequestContext, store::StoreError};

/// So far apart other cards are edited: the dispatchers' chat takes 20 messages a minute.
const APART_MS: i64 = 6_000;
/// A driver's older responses are not looked at: whatever was open is over.
const LOOKED_BACK_MS: i64 = 60 * 86_400_000;
/// Responses of a driver that are read at once.
const PAGE: i32 = 50;

impl App {
    /// What a card is made of. Where the responses to its cargo have changed since, their cards are woken.
    pub(super) async fn card_facts_of(&self, claimed: &Claimed) -> Result<(Option<Response>, Around), StoreError> {
        let facts = self.store.card_facts(claimed.person.number(), &claimed.cargo_id).await?;
        let (cargo_id, id, rivals) = (&claimed.cargo_id, &claimed.subject_id, &facts.rivals);
        let others = rivals.others(id);
        if rivals.revision > rivals.told && !others.is_empty() {
            let mut due_at_ms = self.clock.now_ms();
            let woken = self.wake_cards(others.iter().map(|rival| rival.id.as_str()), &mut due_at_ms).await?;
            // Before anybody is hinted, who would find that nobody was told.
            self.store.note_told(cargo_id, rivals.revision).await?;
            self.hint_cards(&woken, &mut 0).await;
        }
        let chosen = rivals.others_chosen(id);
        let chosen = if chosen.is_empty() { Vec::new() } else { self.store.names_of(cargo_id, &chosen).await? };
        let around = Around { others: rivals.others_undecided(id), chosen, blocked: facts.blocked };
        Ok((facts.response.filter(|response| response.id == *id), around))
    }

    /// Lets these cards be looked at, one after another from `due_at_ms` on, which then is the next one's time. Returns those that did
    /// not wait anyway, in this order.
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

    /// Hints at cards that were woken; `wait_ms` is when the first of them is due from now, and then the next one's.
    async fn hint_cards(&self, responses: &[String], wait_ms: &mut i64) {
        for id in responses {
            self.queue.hint(Hint::new(&CARD.delivery_id(id)), *wait_ms).await;
            *wait_ms += APART_MS;
        }
    }

    /// Wakes the cards of a driver who was blocked or let in again, as far as anything may still be done about them.
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

    /// Rejects the other responses that were open when a dispatcher said so, as long as the one for which they did has the
    /// cargo. Each is rejected by a write of its own under its own version, so whoever goes on after a crash rejects none twice.
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
            // Nobody has seen what came later.
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
