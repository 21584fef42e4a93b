//! Merges a complete sweep into the market, or rejects it.
use std::collections::{BTreeMap, btree_map::Entry};

use crate::{
    ledger::{Departed, Market},
    model::{Cargo, History, Open, PriceChange},
    sweep::Sweep,
};

/// A sweep with fewer cargos than this percentage of the last accepted one is rejected.
const LEAST_PERCENT: u64 = 70;
/// After this many consecutive sweeps without a cargo, CargoTech is asked for it.
const ASKED_AFTER: u8 = 2;
/// A cargo missing for so long is gone, whatever CargoTech says of it: its details may outlive it.
const LOST_S: i64 = 3600;
/// A cargo that returns within this time is not new.
const REMEMBERED_S: i64 = 6 * 3600;

/// The changes of an accepted sweep: ids in ascending order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// New cargos. Empty after the first sweep, which has nothing to compare with.
    pub new: Vec<u64>,
    /// Returned cargos.
    pub returned: Vec<u64>,
    /// Cargos with a changed price.
    pub price_changed: Vec<u64>,
    /// Cargos with another change.
    pub changed: Vec<u64>,
    /// Cargos missing from this sweep.
    pub missing: Vec<u64>,
    /// Removed cargos: missing for so long that CargoTech need not be asked.
    pub gone: Vec<u64>,
}

/// A rejected sweep. Nothing has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the sweep found {found} cargos, the one before {before}")]
pub struct Refused {
    /// How many cargos it found.
    pub found: u32,
    /// How many the last accepted sweep found.
    pub before: u32,
}

/// CargoTech's answer about a cargo missing from its list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The cargo is gone.
    Gone,
    /// The cargo exists.
    StillOpen,
}

impl Market {
    /// Merges the result of a complete sweep.
    ///
    /// Changes carry the time [`Market::swept_s`] of their sweep, such as a first sighting or a price change.
    ///
    /// # Errors
    /// The sweep is too short to be believed.
    pub fn conclude(&mut self, sweep: Sweep, now_s: i64) -> Result<Changes, Refused> {
        let (found, is_ordered) = sweep.into_found();
        let count = u32::try_from(found.len()).unwrap_or(u32::MAX);
        if let Some(before) = self.ledger.accepted
            && u64::from(count) * 100 < u64::from(before) * LEAST_PERCENT
        {
            return Err(Refused { found: count, before });
        }
        self.ledger.departed.retain(|_, departed| now_s - departed.at_s <= REMEMBERED_S);
        let is_baseline = self.ledger.accepted.is_none();
        let mut changes = Changes { missing: self.count_missing(&found), ..Changes::default() };
        for cargo in found.into_values() {
            self.merge(cargo, now_s, &mut changes);
        }
        if is_baseline {
            // When they came is not known.
            self.open.values_mut().for_each(|open| open.history.first_seen_s = 0);
            changes.new.clear();
        }
        let lost = |open: &&Open| open.history.missing >= ASKED_AFTER && now_s - open.history.last_seen_s >= LOST_S;
        changes.gone = self.open.values().filter(lost).map(|open| open.cargo.id).collect();
        for id in &changes.gone {
            self.answer(*id, Verdict::Gone, now_s);
        }
        self.ledger.swept_s = now_s;
        self.ledger.accepted = Some(count);
        self.ledger.is_ordered = is_ordered;
        Ok(changes)
    }

    /// An operator believes that the market has become so small. The next sweep is compared with this size.
    pub fn accept(&mut self, size: u32) {
        self.ledger.accepted = self.ledger.accepted.map(|before| before.min(size));
    }

    /// The cargos to ask CargoTech about; pass the results to [`Market::answer`]. Unanswered ones stay and are asked
    /// about again.
    pub fn questions(&self) -> impl Iterator<Item = u64> {
        self.open.values().filter(|open| open.history.missing >= ASKED_AFTER).map(|open| open.cargo.id)
    }

    /// Applies CargoTech's answer to one of the [`Market::questions`]. Returns the cargo if it is gone.
    pub fn answer(&mut self, id: u64, verdict: Verdict, now_s: i64) -> Option<Open> {
        let Entry::Occupied(mut open) = self.open.entry(id) else { return None };
        if open.get().history.missing < ASKED_AFTER {
            return None;
        }
        match verdict {
            Verdict::StillOpen => {
                open.get_mut().history.missing = 0;
                None
            }
            Verdict::Gone => {
                let gone = open.remove();
                let departed = Departed { first_seen_s: gone.history.first_seen_s, at_s: now_s };
                self.ledger.departed.insert(id, departed);
                Some(gone)
            }
        }
    }

    fn count_missing(&mut self, found: &BTreeMap<u64, Cargo>) -> Vec<u64> {
        let missing = self.open.iter_mut().filter(|(id, _)| !found.contains_key(id));
        missing
            .map(|(id, open)| {
                open.history.missing = open.history.missing.saturating_add(1);
                *id
            })
            .collect()
    }

    fn merge(&mut self, cargo: Cargo, now_s: i64, changes: &mut Changes) {
        let id = cargo.id;
        match self.open.entry(id) {
            Entry::Vacant(vacant) => {
                let mut history = History::new(now_s, cargo.price);
                match self.ledger.departed.remove(&id) {
                    Some(departed) => {
                        history.first_seen_s = departed.first_seen_s;
                        changes.returned.push(id);
                    }
                    None => changes.new.push(id),
                }
                vacant.insert(Open { cargo, history });
            }
            Entry::Occupied(mut known) => {
                let Open { cargo: before, history } = known.get_mut();
                if before.price != cargo.price {
                    history.price_changed(PriceChange { at_s: now_s, from: before.price });
                    changes.price_changed.push(id);
                }
                if before.differs_from(&cargo) {
                    changes.changed.push(id);
                }
                history.last_seen_s = now_s;
                history.missing = 0;
                *before = cargo;
            }
        }
    }
}
