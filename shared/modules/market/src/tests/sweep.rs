use std::collections::{BTreeMap, BTreeSet};

use super::*;

/// CargoTech's list, the newest first, and what is wrong with it.
#[derive(Debug, Default)]
struct Upstream {
    rows: Vec<Cargo>,
    last_id: u64,
}

impl Upstream {
    fn with(count: u64) -> Self {
        let mut upstream = Self::default();
        (0..count).for_each(|_| upstream.add());
        upstream
    }

    fn add(&mut self) {
        self.last_id += 1;
        self.rows.insert(0, Cargo { id: self.last_id, price: Money::from_kopecks(5_000), ..Cargo::default() });
    }

    fn page(&self, offset: u32, limit: usize) -> Page {
        let cargos: Vec<_> = self.rows.iter().skip(offset as usize).take(limit).cloned().collect();
        Page { rows: cargos.len() as u32, cargos }
    }

    fn ids(&self) -> BTreeSet<u64> {
        self.rows.iter().map(|cargo| cargo.id).collect()
    }
}

/// What happens before a page is asked for.
#[derive(Clone, Debug)]
enum Event {
    Nothing,
    /// So many cargos come.
    Come(u8),
    /// Cargos here go.
    Go(prop::sample::Index, u8),
    /// The price of a cargo here changes.
    Price(prop::sample::Index),
    /// The list is in another order.
    Turn(prop::sample::Index),
    /// The page is lost; it is asked for again.
    Lost,
    /// The page has no row.
    Empty,
    /// No row of the page can be read.
    Unreadable,
    /// The page ends early.
    Short(u8),
    /// The run ends; another goes on.
    Stop,
    /// So many pages are asked for at once.
    AtOnce(u32),
}

fn event() -> impl Strategy<Value = Event> {
    let at = any::<prop::sample::Index>;
    prop_oneof![
        6 => Just(Event::Nothing),
        3 => (1u8..12).prop_map(Event::Come),
        3 => (at(), 1u8..12).prop_map(|(at, count)| Event::Go(at, count)),
        2 => at().prop_map(Event::Price),
        1 => at().prop_map(Event::Turn),
        1 => Just(Event::Lost),
        1 => Just(Event::Empty),
        1 => Just(Event::Unreadable),
        1 => (0u8..100).prop_map(Event::Short),
        1 => Just(Event::Stop),
        2 => (2u32..4).prop_map(Event::AtOnce),
    ]
}

/// The product's side, with what it may not do.
#[derive(Default)]
struct Watched {
    market: Market,
    now_s: i64,
    /// So often each cargo was announced as new.
    announced: BTreeMap<u64, u32>,
    baseline: Option<BTreeSet<u64>>,
    /// What the last two accepted sweeps found.
    found: Vec<BTreeSet<u64>>,
}

impl Watched {
    /// One sweep from its beginning to its end, with what happens on the way; `None` if it fails.
    fn sweep(&mut self, upstream: &mut Upstream, events: &mut impl Iterator<Item = Event>) -> Option<()> {
        let mut sweep = Sweep::new(self.now_s);
        let mut asked = BTreeMap::new();
        loop {
            self.now_s += 1;
            let mut page = None;
            match events.next().unwrap_or(Event::Nothing) {
                Event::Nothing => {}
                Event::Come(count) => (0..count).for_each(|_| upstream.add()),
                Event::Go(at, count) if !upstream.rows.is_empty() => {
                    let at = at.index(upstream.rows.len());
                    let end = (at + usize::from(count)).min(upstream.rows.len());
                    upstream.rows.drain(at..end);
                }
                Event::Price(at) if !upstream.rows.is_empty() => {
                    let at = at.index(upstream.rows.len());
                    let kopecks = upstream.rows[at].price.map_or(0, Money::kopecks);
                    upstream.rows[at].price = Money::from_kopecks(kopecks + 100);
                }
                Event::Turn(at) if !upstream.rows.is_empty() => {
                    let at = at.index(upstream.rows.len());
                    upstream.rows.rotate_left(at);
                }
                Event::Go(..) | Event::Price(_) | Event::Turn(_) => {}
                Event::AtOnce(pages) => {
                    let pages = sweep.offsets(pages);
                    asked = pages.map(|offset| (offset, upstream.page(offset, Sweep::LIMIT as usize))).collect();
                }
                Event::Lost => {
                    asked.clear();
                    continue;
                }
                Event::Empty => page = Some(Page::default()),
                Event::Unreadable => page = Some(Page { rows: 100, cargos: Vec::new() }),
                Event::Short(rows) => page = Some(upstream.page(sweep.offset(), rows.into())),
                Event::Stop => {
                    let sealed = sweep.seal(1);
                    sweep = Sweep::open(&sealed.head, &sealed.chunks).expect("a sweep");
                }
            }
            let page = page.or_else(|| asked.remove(&sweep.offset()));
            let page = page.unwrap_or_else(|| upstream.page(sweep.offset(), Sweep::LIMIT as usize));
            match sweep.take(page) {
                Progress::More => assert!(sweep.pages() < 1000, "it never ends"),
                Progress::Failed(_) => return None,
                Progress::Complete => break,
            }
        }
        let sealed = sweep.seal(1);
        let (found, _) = Sweep::open(&sealed.head, &sealed.chunks).expect("a sweep").into_found();
        self.conclude(sweep, found.into_keys().collect(), upstream)
    }

    fn conclude(&mut self, sweep: Sweep, ids: BTreeSet<u64>, upstream: &Upstream) -> Option<()> {
        let before = self.market.clone();
        match self.market.conclude(sweep, self.now_s) {
            Err(refused) => {
                assert!(u64::from(refused.found) * 10 < u64::from(refused.before) * 7);
                assert_eq!((&self.market.open, &self.market.ledger.departed), (&before.open, &before.ledger.departed));
                assert_eq!(self.market.questions().count(), before.questions().count(), "nothing is asked");
                None
            }
            Ok(changes) => {
                if self.baseline.is_none() {
                    assert_eq!(changes, Changes::default(), "a baseline announces nothing");
                    self.baseline = Some(ids.clone());
                }
                for id in changes.new {
                    *self.announced.entry(id).or_default() += 1;
                }
                self.found.insert(0, ids);
                self.found.truncate(2);
                self.answer(upstream);
                Some(())
            }
        }
    }

    /// CargoTech tells the truth of a single cargo.
    fn answer(&mut self, upstream: &Upstream) {
        let questions: Vec<_> = self.market.questions().collect();
        for id in questions {
            assert!(self.found.len() == 2 && self.found.iter().all(|found| !found.contains(&id)), "asked too early");
            let is_there = upstream.rows.iter().any(|cargo| cargo.id == id);
            let verdict = if is_there { Verdict::StillOpen } else { Verdict::Gone };
            let gone = self.market.answer(id, verdict, self.now_s);
            assert_eq!(gone.is_some(), !is_there);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(80))]

    #[test]
    fn nothing_is_announced_twice_removed_through_trouble_or_forgotten(
        count in 1u64..700, events in vec(vec(event(), 0..12), 0..14),
    ) {
        let mut upstream = Upstream::with(count);
        let mut product = Watched { now_s: NOW_S, ..Watched::default() };
        for events in events {
            let mut events = events.into_iter();
            product.sweep(&mut upstream, &mut events);
            product.now_s += 60;
        }
        // Then the trouble is over. A market that became much smaller needs an operator.
        if upstream.rows.is_empty() {
            upstream.add();
        }
        for _ in 0..4 {
            if product.sweep(&mut upstream, &mut std::iter::empty()).is_none() {
                product.market.accept(u32::try_from(upstream.rows.len()).unwrap_or(u32::MAX));
                prop_assert!(product.sweep(&mut upstream, &mut std::iter::empty()).is_some());
            }
        }
        let known: BTreeSet<_> = product.market.iter().map(|open| open.cargo.id).collect();
        prop_assert_eq!(&known, &upstream.ids(), "the market is CargoTech's");
        for cargo in &upstream.rows {
            prop_assert_eq!(product.market.get(cargo.id).map(|open| open.cargo.price), Some(cargo.price));
        }
        let baseline = product.baseline.unwrap_or_default();
        for id in &known {
            let expected = u32::from(!baseline.contains(id));
            prop_assert_eq!(product.announced.get(id).copied().unwrap_or(0), expected, "{}", id);
        }
        prop_assert!(product.announced.values().all(|times| *times == 1), "{:?}", product.announced);
        prop_assert!(product.announced.keys().all(|id| !baseline.contains(id)));
    }
}

fn complete(upstream: &Upstream) -> Sweep {
    let mut sweep = Sweep::new(NOW_S);
    while sweep.take(upstream.page(sweep.offset(), 100)) == Progress::More {}
    sweep
}

#[test]
fn a_list_is_walked_with_few_pages_and_whatever_its_length() {
    for (count, pages) in [(1, 2), (5, 2), (99, 2), (100, 2), (101, 3), (195, 3), (7_000, 74)] {
        let sweep = complete(&Upstream::with(count));
        assert_eq!(sweep.len() as u64, count);
        assert!(sweep.pages() <= pages + 1 && sweep.is_ordered(), "{count}: {} pages", sweep.pages());
    }
}

#[test]
fn five_rows_that_go_between_two_pages_hide_none() {
    let mut upstream = Upstream::with(300);
    let mut sweep = Sweep::new(NOW_S);
    while sweep.take(upstream.page(sweep.offset(), 100)) == Progress::More {
        upstream.rows.drain(..5);
    }
    let found: BTreeSet<_> = sweep.into_found().0.into_keys().collect();
    assert!(found.is_superset(&upstream.ids()));
}

#[test]
fn a_smaller_page_than_was_asked_for_is_not_the_end() {
    let upstream = Upstream::with(500);
    let mut sweep = Sweep::new(NOW_S);
    while sweep.take(upstream.page(sweep.offset(), 50)) == Progress::More {}
    assert_eq!(sweep.len(), 500);
}

#[test]
fn several_pages_can_be_asked_for_at_once_until_one_is_short() {
    let upstream = Upstream::with(250);
    let mut sweep = Sweep::new(NOW_S);
    assert_eq!(sweep.offsets(3).collect::<Vec<_>>(), [0, 95, 190]);
    let pages: Vec<_> = sweep.offsets(3).map(|offset| upstream.page(offset, 100)).collect();
    assert!(pages.into_iter().all(|page| sweep.take(page) == Progress::More));
    assert_eq!((sweep.len(), sweep.offsets(3).collect::<Vec<_>>()), (250, vec![245]));
    assert_eq!(sweep.take(upstream.page(245, 100)), Progress::Complete);
}

#[test]
fn pages_that_cannot_be_are_trouble() {
    let upstream = Upstream::with(300);
    let full = || upstream.page(0, 100);
    let after = |first: Option<Page>, page: Page| {
        let mut sweep = Sweep::new(NOW_S);
        first.map(|first| sweep.take(first));
        sweep.take(page)
    };
    let unreadable = || Page { rows: 100, cargos: Vec::new() };
    assert_eq!(after(None, Page::default()), Progress::Failed(Trouble::Empty));
    assert_eq!(after(Some(full()), Page::default()), Progress::Failed(Trouble::Empty));
    let mut deaf = Sweep::new(NOW_S);
    let taken: Vec<_> = (0..3).map(|_| deaf.take(full())).collect();
    let expected = [Progress::More, Progress::More, Progress::Failed(Trouble::Repeated)];
    assert_eq!(taken, expected, "the offset is not heeded");
    assert_eq!(after(None, unreadable()), Progress::Failed(Trouble::Unreadable));
    assert_eq!(after(Some(upstream.page(280, 100)), Page::default()), Progress::Complete);
}

#[test]
fn a_list_in_another_order_is_seen() {
    let mut upstream = Upstream::with(300);
    assert!(complete(&upstream).is_ordered());
    upstream.rows.swap(7, 8);
    assert!(!complete(&upstream).is_ordered(), "within a page");
    let mut upstream = Upstream::with(300);
    upstream.rows.rotate_left(150);
    upstream.rows.truncate(200);
    let mut sweep = Sweep::new(NOW_S);
    sweep.take(upstream.page(0, 50));
    sweep.take(upstream.page(150, 50));
    assert!(!sweep.is_ordered(), "between pages");
}

#[test]
fn a_sweep_that_lasts_too_long_is_given_up() {
    let sweep = Sweep::new(NOW_S);
    assert!(!sweep.is_outdated(NOW_S + 600) && sweep.is_outdated(NOW_S + 601));
}

#[test]
fn a_price_that_changes_is_told_with_its_past() {
    let mut upstream = Upstream::with(3);
    let mut market = Market::default();
    market.conclude(complete(&upstream), NOW_S).expect("accepted");
    upstream.rows[0].price = Money::from_kopecks(7_000);
    upstream.rows[1].goods = Some("Мебель".into());
    let changes = market.conclude(complete(&upstream), NOW_S + 60).expect("accepted");
    assert_eq!(changes, Changes { price_changed: vec![3], changed: vec![2], ..Changes::default() });
    let History { first_seen_s, last_seen_s, first_price, changes, missing } = &market.get(3).expect("it").history;
    assert_eq!((*first_seen_s, *last_seen_s, *missing), (0, NOW_S + 60, 0));
    let first = Money::from_kopecks(5_000);
    assert_eq!((*first_price, &changes[..]), (first, &[PriceChange { at_s: NOW_S + 60, from: first }][..]));
}

#[test]
fn a_sweep_of_less_than_seventy_percent_waits_for_an_operator() {
    let mut upstream = Upstream::with(1000);
    let mut market = Market::default();
    market.conclude(complete(&upstream), NOW_S).expect("a baseline");
    upstream.rows.truncate(700);
    market.conclude(complete(&upstream), NOW_S).expect("seventy percent are enough");
    upstream.rows.truncate(489);
    let refused = Refused { found: 489, before: 700 };
    // However often it comes, it never becomes what later ones are compared with.
    for _ in 0..3 {
        assert_eq!(market.conclude(complete(&upstream), NOW_S), Err(refused));
    }
    assert_eq!((market.len(), market.questions().count()), (1000, 0));
    market.accept(495);
    market.accept(2000);
    let changes = market.conclude(complete(&upstream), NOW_S).expect("accepted");
    assert_eq!((changes.missing.len(), changes.new.len()), (511, 0));
    assert_eq!(market.questions().count(), 300, "those that two accepted sweeps did not have");
}

#[test]
fn a_cargo_missing_for_an_hour_is_gone_even_if_its_details_stay() {
    let mut upstream = Upstream::with(10);
    let mut market = Market::default();
    market.conclude(complete(&upstream), NOW_S).expect("a baseline");
    let lost = upstream.rows.remove(4).id;
    for minute in 1..60 {
        let changes = market.conclude(complete(&upstream), NOW_S + minute * 60).expect("accepted");
        assert_eq!(changes.gone, Vec::<u64>::new());
        let questions: Vec<_> = market.questions().collect();
        for id in questions {
            market.answer(id, Verdict::StillOpen, NOW_S + minute * 60);
        }
    }
    let gone =
        (60..63).flat_map(|minute| market.conclude(complete(&upstream), NOW_S + minute * 60).expect("accepted").gone);
    assert_eq!(gone.collect::<Vec<_>>(), [lost], "once");
    assert_eq!(market.get(lost), None);
    // An outage alone makes nothing old.
    let late = upstream.rows.remove(0).id;
    market.conclude(complete(&upstream), NOW_S + 86_400).expect("accepted");
    assert!(market.get(late).is_some(), "one sweep may have missed it");
}

#[test]
fn a_page_of_new_rows_above_does_not_end_a_walk() {
    let mut upstream = Upstream::with(700);
    let mut sweep = Sweep::new(NOW_S);
    for _ in 0..3 {
        assert_eq!(sweep.take(upstream.page(sweep.offset(), Sweep::LIMIT as usize)), Progress::More);
    }
    for _ in 0..95 {
        upstream.add();
    }
    while sweep.take(upstream.page(sweep.offset(), Sweep::LIMIT as usize)) == Progress::More {}
    assert!(sweep.len() >= 700, "{}", sweep.len());
}

#[test]
fn a_cargo_that_comes_back_is_not_new() {
    let mut upstream = Upstream::with(10);
    let mut market = Market::default();
    market.conclude(complete(&upstream), NOW_S).expect("a baseline");
    let lost = upstream.rows.remove(4);
    for _ in 0..2 {
        assert_eq!(market.answer(lost.id, Verdict::Gone, NOW_S), None, "nobody asked");
        market.conclude(complete(&upstream), NOW_S + 60).expect("accepted");
    }
    assert_eq!(market.questions().collect::<Vec<_>>(), [lost.id]);
    assert_eq!(market.answer(lost.id, Verdict::Gone, NOW_S + 60).map(|open| open.cargo), Some(lost.clone()));
    upstream.rows.insert(4, lost.clone());
    let sealed = market.seal(2);
    let mut market = Market::open(&sealed.head, &sealed.chunks).expect("a market");
    let changes = market.conclude(complete(&upstream), NOW_S + 120).expect("accepted");
    assert_eq!(changes, Changes { returned: vec![lost.id], ..Changes::default() });
    assert_eq!(market.get(lost.id).map(|open| open.history.first_seen_s), Some(0));
    // The next day it is another cargo to everybody.
    upstream.rows.remove(4);
    for _ in 0..2 {
        market.conclude(complete(&upstream), NOW_S + 180).expect("accepted");
    }
    market.answer(lost.id, Verdict::Gone, NOW_S + 180);
    upstream.rows.insert(4, lost.clone());
    let changes = market.conclude(complete(&upstream), NOW_S + 86_400).expect("accepted");
    assert_eq!(changes, Changes { new: vec![lost.id], ..Changes::default() });
}
