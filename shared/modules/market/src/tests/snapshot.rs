use super::*;
use crate::{
    columns::Columns,
    ledger::{Departed, Ledger},
    snapshot::{self, Contents, FORMAT},
};

/// Cargos with values that no market has.
fn odd() -> impl Strategy<Value = Open> {
    let stop = || {
        let point =
            option::of((-90.0..=90.0f64, -180.0..=180.0f64)).prop_map(|at| at.and_then(|(a, b)| Point::new(a, b)));
        let when = option::of((-9999i16..=9999, 1i8..=12, 1i8..=28, option::of(0u16..1440)));
        let when = when.prop_map(|when| when.map(|(y, m, d, minute)| When { date: date(y, m, d), minute }));
        let parts = (any::<String>(), option::of(any::<u32>()), point, when);
        parts.prop_map(|(city, place, point, when)| Stop { city, place, point, when })
    };
    let number = || any::<u32>().prop_map(NonZeroU32::new);
    let money = || any::<i64>().prop_map(Money::from_kopecks);
    let kinds = || vec((option::of(any::<u32>()), any::<String>()).prop_map(|(id, name)| Kind { id, name }), 0..3);
    let change = (any::<i64>(), money()).prop_map(|(at_s, from)| PriceChange { at_s, from });
    let times = (any::<i64>(), any::<i64>(), money(), vec(change, 0..=10), any::<u8>());
    let texts = (option::of(any::<String>()), option::of(any::<String>()));
    let numbers = (any::<u64>(), number(), number(), number(), money());
    (open(), numbers, texts, stop(), stop(), kinds(), times).prop_map(
        |(usual, (id, weight_kg, volume_l, distance_km, price), (title, goods), from, to, truck_types, times)| {
            let (first_seen_s, last_seen_s, first_price, changes, missing) = times;
            let sizes = Cargo { id, weight_kg, volume_l, distance_km, price, ..usual.cargo };
            let cargo = Cargo { title, goods, from, to, truck_types, ..sizes };
            Open { cargo, history: History { first_seen_s, last_seen_s, first_price, changes, missing } }
        },
    )
}

fn sealed(market: &Market) -> Sealed {
    market.seal(3)
}

fn some_market() -> Market {
    let cargos = (1..=40).map(|id| Open {
        cargo: Cargo { id, title: Some(format!("Груз {id}")), ..Cargo::default() },
        history: History::new(NOW_S, Money::from_kopecks(100)),
    });
    market_of(cargos.collect())
}

/// As if a writer had made nonsense of it and signed that.
fn signed(columns: &Columns) -> Result<Market, Unreadable> {
    let sealed = snapshot::seal(Contents::Market, 3, NOW_S, columns.ids.len(), &(columns, Ledger::default()));
    Index::open(&sealed.head, &sealed.chunks)?;
    Market::open(&sealed.head, &sealed.chunks)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_opened_is_what_was_sealed(cargos in vec(prop_oneof![open(), odd()], 0..60), left in any::<u64>()) {
        let mut market = market_of(cargos);
        market.ledger.departed.insert(left, Departed { first_seen_s: -1, at_s: NOW_S });
        market.ledger.accepted = Some(9);
        let sealed = sealed(&market);
        prop_assert_eq!(sealed.head.cargos as usize, market.len());
        prop_assert_eq!(&Market::open(&sealed.head, &sealed.chunks).expect("a snapshot"), &market);
        let index = Index::open(&sealed.head, &sealed.chunks).expect("a snapshot");
        for open in market.iter() {
            let read = index.get(open.cargo.id);
            prop_assert_eq!(read.as_ref(), Some(open));
        }
    }

    #[test]
    fn a_market_is_written_in_one_way_only(market in market(40)) {
        prop_assert_eq!(sealed(&market), sealed(&market.clone()));
    }

    #[test]
    fn damaged_chunks_are_refused(market in market(40), at in any::<prop::sample::Index>(), bit in 0u8..8, cut in any::<bool>()) {
        let Sealed { head, mut chunks } = sealed(&market);
        let at = at.index(chunks[0].len());
        if cut { chunks[0].truncate(at) } else { chunks[0][at] ^= 1 << bit }
        prop_assert_eq!(Market::open(&head, &chunks).unwrap_err(), Unreadable::Digest);
        prop_assert_eq!(Index::open(&head, &chunks).unwrap_err(), Unreadable::Digest);
    }

    #[test]
    fn random_bytes_are_refused_even_with_their_digest(chunk in vec(any::<u8>(), 0..400), bytes in any::<u32>(), is_signed in any::<bool>()) {
        let head = Head { format: FORMAT, version: 3, at_s: NOW_S, cargos: 1, chunks: 1, bytes, digest: [7; 32] };
        let chunks = [chunk];
        let digest = if is_signed { head.digest_with(&chunks) } else { head.digest };
        let read = Market::open(&Head { digest, ..head }, &chunks);
        let refused_for = if is_signed { matches!(read, Err(Unreadable::Broken(_))) } else { read == Err(Unreadable::Digest) };
        prop_assert!(refused_for, "{:?}", read);
    }

    #[test]
    fn a_byte_that_was_written_wrongly_never_breaks_the_reader(market in market(12), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let rows: Vec<_> = market.iter().map(|open| (&open.cargo, &open.history)).collect();
        let mut plain = postcard::to_stdvec(&Columns::of(&rows)).expect("bytes");
        let at = at.index(plain.len());
        plain[at] = byte;
        if let Ok(columns) = postcard::from_bytes::<Columns>(&plain)
            && let Ok(market) = signed(&columns)
        {
            // Whatever it has can be searched.
            let index = index_of(&market);
            let sort = Sort { by: By::PricePerKm, is_reversed: true };
            let found = index.search(&Query { filters: &Filters::default(), sort, haul: Some(&haul()), after: None, skip: 0, limit: 20 });
            prop_assert_eq!(found.total, market.len());
            prop_assert_eq!(index.facets(&Filters::default()).total as usize, market.len());
        }
    }
}

#[test]
fn a_snapshot_is_refused_with_the_reason() {
    let Sealed { head, chunks } = sealed(&some_market());
    let open = |head: &Head, chunks: &[Vec<u8>]| Market::open(head, chunks).unwrap_err();
    assert_eq!(open(&Head { format: FORMAT + 1, ..head.clone() }, &chunks), Unreadable::Format(FORMAT + 1));
    assert_eq!(open(&head, &[]), Unreadable::Chunks { expected: 1, found: 0 });
    assert_eq!(open(&Head { version: 4, ..head.clone() }, &chunks), Unreadable::Digest);
    assert_eq!(open(&Head { bytes: head.bytes + 1, ..head.clone() }, &chunks), Unreadable::Digest);
    let sweep = Sweep::new(NOW_S).seal(3);
    assert_eq!(open(&sweep.head, &sweep.chunks), Unreadable::Broken("it has something else"));
    assert!(Sweep::open(&head, &chunks).is_err());
    assert_eq!(open(&head, &[chunks.clone(), chunks.clone()].concat()), Unreadable::Chunks { expected: 1, found: 2 });
    assert!(Unreadable::Format(2).to_string().contains("format 2"));
}

#[test]
fn columns_that_name_what_is_not_there_are_refused() {
    let columns = || {
        let market = some_market();
        let rows: Vec<_> = market.iter().map(|open| (&open.cargo, &open.history)).collect();
        Columns::of(&rows)
    };
    assert_eq!(signed(&columns()).expect("a market").len(), 40);
    let spoilt: [fn(&mut Columns); 16] = [
        |columns| columns.titles[3] = 99,
        |columns| columns.goods[3] = 99,
        |columns| columns.from.spots[0] = 7,
        |columns| columns.to.spots[0] = 7,
        |columns| columns.truck_sets[1] = 9,
        |columns| columns.load_sets[1] = 9,
        |columns| columns.sets[0] = vec![1],
        |columns| columns.spots[0].city = 77,
        |columns| columns.kinds.push((None, 77)),
        |columns| columns.ids[5] = 1,
        |columns| columns.text_ends[2] += 1,
        |columns| columns.from.minutes[0] = 1441,
        |columns| columns.to.days[0] = i32::MAX,
        |columns| columns.kopecks[0] = u64::MAX,
        |columns| columns.change_counts[0] = 1,
        |columns| columns.terms.truncate(2),
    ];
    for (at, spoil) in spoilt.iter().enumerate() {
        let mut columns = columns();
        spoil(&mut columns);
        assert!(matches!(signed(&columns), Err(Unreadable::Broken(_))), "{at}");
    }
}

#[test]
fn a_small_snapshot_that_claims_to_be_large_takes_no_memory() {
    // Two kilobytes that unpack to two megabytes, of which the head knows nothing.
    let sealed = snapshot::seal(Contents::Market, 1, NOW_S, 0, &vec![0u8; 2 << 20]);
    assert!(sealed.chunks[0].len() < 4000);
    assert!(matches!(Market::open(&sealed.head, &sealed.chunks), Err(Unreadable::Broken(_))));
    let huge = Head { bytes: u32::MAX, ..sealed.head };
    let huge = Head { digest: huge.digest_with(&sealed.chunks), ..huge };
    assert_eq!(Market::open(&huge, &sealed.chunks).unwrap_err(), Unreadable::Broken("too large"));
}

/// If this fails, an older release would misread what this one writes: raise `FORMAT` and write the new bytes here.
#[test]
fn the_encoding_is_that_of_its_format() {
    let stop = Stop { city: "Омск".into(), place: Some(300), point: Point::new(55.0, 73.4), when: None };
    let when = When { date: date(2026, 11, 25), minute: Some(510) };
    let kinds = vec![Kind { id: Some(3), name: "тент".into() }];
    let route = Cargo { id: 7, from: Stop { when: Some(when), ..stop.clone() }, to: stop, ..Cargo::default() };
    let cargo =
        Cargo { goods: Some("Соль".into()), weight_kg: NonZeroU32::new(20_000), truck_types: kinds, ..route };
    let price = Money::from_kopecks(5_000_000);
    let changes = vec![PriceChange { at_s: NOW_S + 60, from: price }];
    let history = History { changes, ..History::new(NOW_S, price) };
    let columns = Columns::of(&[(&cargo, &history)]);
    let bytes = postcard::to_stdvec(&(columns, Ledger::default())).expect("bytes");
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let format_2 = "18d0a1d0bed0bbd18cd09ed0bcd181d0bad182d0b5d0bdd18203101010010101ac0201c0b19f05c0ffff060101030202010000010e01\
        000101010001dcc40201ff03010001ffffffff0f010001a09c010100010001000100010101000180c8ceb40d0180c8ceb40d01c096b1020100\
        010101f8c8ceb40d01c096b10200000000";
    assert_eq!(hex, format_2);
}

#[test]
fn chunks_are_small_enough_for_a_row() {
    let mut noise = 1u64;
    let cargos = (0..30_000).map(|id| {
        noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let cargo = Cargo { id, title: Some(format!("{noise:x}{:x}", noise.rotate_left(9))), ..Cargo::default() };
        Open { cargo, history: History::new(NOW_S, None) }
    });
    let market = market_of(cargos.collect());
    let sealed = sealed(&market);
    assert!(sealed.chunks.len() > 1 && sealed.chunks.iter().all(|chunk| chunk.len() <= CHUNK_BYTES));
    assert_eq!(Market::open(&sealed.head, &sealed.chunks).expect("a market"), market);
    let mut turned = sealed.chunks.clone();
    turned.swap(0, 1);
    assert_eq!(Market::open(&sealed.head, &turned).unwrap_err(), Unreadable::Digest);
}
