//! Counters of daily events and of subscription ends per day. They are updated in the same transactions as the data, so
//! nothing is counted twice or lost. Shards keep those transactions from contending.
use std::collections::BTreeMap;

use ::store::{Counts, StoreError, Tally};

use super::{Store, keys::List};
use crate::{
    billing::subscription::{Source, Stage, Subscription},
    clock::{moscow_day, moscow_days, moscow_midnight},
};

/// Months of subscription ends to read: the longest plan plus gifts.
const MONTHS_AHEAD: usize = 25;

/// Counter of trials that began on a day, by their length in days, which follows this prefix.
pub const TRIAL_DAYS: &str = "trial_days.";

/// Counts a subscription whose end or kind changes, and a driver who reaches another stage after the trial. A stage
/// counts on the day the trial began.
pub(super) fn moved(tally: &mut Tally, driver_id: i64, before: &Subscription, after: &Subscription) {
    for (subscription, by) in [(before, -1), (after, 1)] {
        if let Some((trial_at_ms, name)) = reached(subscription) {
            tally.count(driver_id, trial_at_ms, name, by);
        }
        let Some(ends_at_ms) = subscription.ends_at_ms else { continue };
        let day = moscow_day(ends_at_ms);
        let kind = if subscription.source == Some(Source::Trial) { "trial" } else { "paid" };
        let (month, day) = day.split_at(7);
        tally.add(format!("ENDS#{month}"), driver_id, format!("{kind}{day}"), by);
    }
}

/// When the trial began, and the counter of the stage reached since. The trial itself is counted separately.
fn reached(subscription: &Subscription) -> Option<(i64, &'static str)> {
    let past = subscription.past?;
    let name = match past.stage() {
        Stage::Trial => return None,
        Stage::Gift => "cohort.gift",
        Stage::Promo => "cohort.promo",
        Stage::Paid => "cohort.paid",
    };
    Some((past.trial_at_ms?, name))
}

/// Subscription ends by day: trials and others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ends {
    /// Each Moscow day from today, including those that ended earlier today.
    pub by_day: Vec<(String, i64, i64)>,
    /// Later today.
    pub left_today: (i64, i64),
    /// After the last day in `by_day`.
    pub later: (i64, i64),
}

impl Store {
    /// The counts of each Moscow day, oldest first: one read per hundred items.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn counts(&self, until_ms: i64, days: usize) -> Result<Vec<(String, Counts)>, StoreError> {
        let days = moscow_days(until_ms, days);
        let partitions = self.counters("counts", &days).await?;
        Ok(days.into_iter().map(|day| (day.clone(), partitions.get(&day).cloned().unwrap_or_default())).collect())
    }

    /// Subscription ends from `now_ms` on, consistent with the current list of subscriptions. Whole days come from the
    /// counters; the rest of today and the few later ends come from the index.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn ends(&self, now_ms: i64) -> Result<Ends, StoreError> {
        let today = moscow_day(now_ms);
        let mut month = today.get(..7).unwrap_or_default().to_owned();
        let mut months = Vec::new();
        for _ in 0..MONTHS_AHEAD {
            months.push(format!("ENDS#{month}"));
            month = next_month(&month);
        }
        let midnight = |day: &str| moscow_midnight(day).ok_or_else(|| StoreError::malformed("ends", "day"));
        let (tomorrow_ms, later_ms) = (midnight(&today)? + 86_400_000, midnight(&format!("{month}-01"))?);
        let subscriptions = List::Subscriptions.name();
        let (found, left, later) = tokio::try_join!(
            self.counters("ends", &months),
            self.count_listed("ends", &subscriptions, Some(now_ms + 1), Some(tomorrow_ms)),
            self.count_listed("ends", &subscriptions, Some(later_ms), None)
        )?;
        let both = |counts: &Counts| {
            let count = |kind: &str| counts.get(kind).copied().unwrap_or_default();
            (count("trial"), count("paid"))
        };
        let mut ends: BTreeMap<String, (i64, i64)> = BTreeMap::new();
        for (partition, counts) in found {
            let month = partition.trim_start_matches("ENDS#");
            for (name, count) in counts {
                let (kind, day) = name.split_once('-').unwrap_or_default();
                let both = ends.entry(format!("{month}-{day}")).or_default();
                if kind == "trial" { both.0 += count } else { both.1 += count }
            }
        }
        let by_day = ends.into_iter().filter(|(day, _)| *day >= today).map(|(day, (trial, paid))| (day, trial, paid));
        Ok(Ends { by_day: by_day.collect(), left_today: both(&left), later: both(&later) })
    }
}

fn next_month(month: &str) -> String {
    let (year, number) = month.split_once('-').unwrap_or_default();
    match (year.parse::<i32>(), number.parse::<u32>()) {
        (Ok(year), Ok(12)) => format!("{}-01", year + 1),
        (Ok(year), Ok(number)) => format!("{year}-{:02}", number + 1),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_that_moves_within_a_month_is_one_write() {
        let ends = |day: i64, source| Subscription {
            ends_at_ms: Some(day * 86_400_000),
            source: Some(source),
            version: 1,
            ..Subscription::default()
        };
        let mut tally = Tally::default();
        moved(&mut tally, 7, &ends(20_000, Source::Trial), &ends(20_003, Source::Payment));
        let sums: Vec<_> = tally.sums().collect();
        assert_eq!(sums, [("ENDS#2024-10", "paid-07", 1), ("ENDS#2024-10", "trial-04", -1)], "one item");
    }

    #[test]
    fn a_driver_is_counted_once_on_the_day_of_the_trial_whatever_comes() {
        let day = 20_000 * 86_400_000;
        let (trial, _) = Subscription::default().grant(3 * 86_400, Source::Trial, "7", day);
        let pay = |before: &Subscription, name: &str| {
            before.grant(86_400, Source::Payment, name, day + 5 * 86_400_000).0.with_money(100)
        };
        let (paid, twice) = (pay(&trial, "p"), pay(&pay(&trial, "p"), "q"));
        let back = paid.revoke(86_400, Source::Refund, "r", day + 6 * 86_400_000).0.with_money(-100);
        let counted = |changes: &[(&Subscription, &Subscription)]| {
            let mut tally = Tally::default();
            changes.iter().for_each(|(before, after)| moved(&mut tally, 7, before, after));
            let sums = tally.sums().filter(|(partition, ..)| !partition.starts_with("ENDS"));
            sums.map(|(day, name, by)| (day.to_owned(), name.to_owned(), by)).collect::<Vec<_>>()
        };
        let once = vec![(moscow_day(day), "cohort.paid".to_owned(), 1)];
        assert_eq!(counted(&[(&Subscription::default(), &trial), (&trial, &paid)]), once);
        assert_eq!(counted(&[(&trial, &paid), (&paid, &twice)]), once);
        assert_eq!(counted(&[(&trial, &paid), (&paid, &back)]), []);
        let old = Subscription { past: None, ..paid.clone() };
        assert_eq!(counted(&[(&old, &paid)]), once, "the job adds what was never counted");
    }

    #[test]
    fn months_follow_each_other() {
        assert_eq!(next_month("2026-12"), "2027-01");
        assert_eq!(next_month("2026-09"), "2026-10");
    }
}
