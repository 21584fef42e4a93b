//! What drivers have is what YooKassa's payments and refunds make.
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use tests::{
    Driver,
    money::{DAY_S, Entry},
    text,
};

use super::{CODES, Model, PLANS};

impl Model {
    /// All of a driver's payments, by our id.
    async fn payments(&self, driver: &Driver) -> BTreeMap<String, Value> {
        let (mut payments, mut cursor) = (BTreeMap::new(), String::new());
        loop {
            let page = self.world.get(driver, &format!("/api/payments{cursor}")).await.ok().json();
            for payment in page["items"].as_array().unwrap() {
                payments.insert(text(&payment["id"]), payment.clone());
            }
            match page["cursor"].as_str() {
                Some(next) => cursor = format!("?cursor={next}"),
                None => return payments,
            }
        }
    }

    /// At any time: nothing was granted that was not paid, and nothing twice.
    pub(super) async fn grants_only_what_is_paid(&self) {
        for driver in &self.drivers {
            let ledger = self.world.ledger(driver).await;
            // After the ledger: YooKassa knew of each before we did.
            let made = self.world.at_yookassa().await;
            for entry in &ledger {
                let Some(id) = entry.id.strip_prefix("payment-") else { continue };
                let is_paid = |item: &&Value| item["object"]["status"] == "succeeded";
                let paid = made.iter().filter(is_paid).any(|item| item["object"]["metadata"]["payment_id"] == id);
                assert!(paid, "{id} was never paid");
            }
        }
    }

    /// At the end: our rows are what YooKassa says, and the subscription is what follows from it.
    pub(super) async fn agrees(&self) {
        let made = self.world.at_yookassa().await;
        let refunds = self.world.look("/yookassa/refunds").await["items"].as_array().cloned().unwrap();
        let named: BTreeSet<_> = made.iter().map(|item| text(&item["object"]["metadata"]["payment_id"])).collect();
        assert_eq!(named.len(), made.len(), "one payment at YooKassa for each of ours");
        let mut known = BTreeSet::new();
        for (place, driver) in self.drivers.iter().enumerate() {
            let ours = self.payments(driver).await;
            known.extend(ours.keys().cloned());
            let bought = bought(&ours, &made, &refunds);
            self.agrees_for(place, driver, bought).await;
        }
        self.codes_agree().await;
        refunds_agree(&made, &refunds);
        assert!(named.is_subset(&known), "each payment at YooKassa is a driver's");
        let paid = made.iter().filter(|item| item["object"]["status"] == "succeeded").count();
        eprintln!("{} orders, {} at YooKassa, {paid} paid, {} refunds", known.len(), made.len(), refunds.len());
    }

    /// The ledger of a driver and their end are what follows from what they bought.
    async fn agrees_for(&self, place: usize, driver: &Driver, Bought { granted: mut expected, returned }: Bought) {
        let gifts = self.gifts.lock().unwrap().clone();
        expected.insert(format!("trial-{}", driver.id), 3 * DAY_S);
        for (code, days) in CODES {
            let uses = self.world.partition(&format!("PROMO#{code}")).await;
            let mark = json!({ "S": format!("DRIVER#{}", driver.id) });
            if uses.iter().any(|row| row["sk"] == mark) {
                expected.insert(format!("promo-{code}"), days * DAY_S);
            }
        }
        let ledger = self.world.ledger(driver).await;
        let entered: BTreeMap<_, _> = ledger.iter().map(|entry| (entry.id.clone(), entry.seconds)).collect();
        assert_eq!(entered.len(), ledger.len());
        let given = entered.iter().filter(|(id, _)| id.starts_with("gift-"));
        expected.extend(given.clone().map(|(id, seconds)| (id.clone(), *seconds)));
        let mut given: Vec<_> = given.map(|(_, seconds)| *seconds).collect();
        given.sort_unstable();
        let wanted: Vec<_> = gifts.iter().filter(|(to, _)| *to == place).map(|(_, days)| days * DAY_S).collect();
        assert_eq!(given, wanted, "each gift once, to driver {}", driver.id);
        for (ids, seconds) in returned {
            let taken: i64 = ids.iter().map(|id| -entered.get(id).copied().unwrap_or(0)).sum();
            assert_eq!(taken, seconds, "refunds {ids:?} of driver {}", driver.id);
            expected.extend(ids.into_iter().map(|id| (id.clone(), entered.get(&id).copied().unwrap_or(0))));
        }
        assert_eq!(entered, expected, "the ledger of driver {}", driver.id);
        let end_ms = follow(None, &ledger).unwrap_or_else(|| panic!("no order of it makes sense: {ledger:?}"));
        let shown = self.world.subscription(driver).await;
        assert_eq!(shown["expires_at"], shared::clock::rfc3339(end_ms), "{ledger:?}");
    }

    /// Promo codes count their uses.
    async fn codes_agree(&self) {
        for (code, _) in CODES {
            let rows = self.world.partition(&format!("PROMO#{code}")).await;
            let of = |name: &str| rows.iter().find_map(|row| row[name]["N"].as_str()?.parse::<usize>().ok()).unwrap();
            assert_eq!(of("uses"), rows.len() - 1, "each use of {code} is a driver's");
            assert!(of("uses") <= of("max_uses"));
        }
    }
}

/// What a driver's payments gave, by the id of the entry, and what each payment's refunds take back.
#[derive(Default)]
struct Bought {
    granted: BTreeMap<String, i64>,
    returned: BTreeMap<BTreeSet<String>, i64>,
}

/// Our payments are as YooKassa says.
fn bought(ours: &BTreeMap<String, Value>, made: &[Value], refunds: &[Value]) -> Bought {
    let mut bought = Bought::default();
    for (id, payment) in ours {
        let plan = PLANS.into_iter().find(|plan| payment["plan"] == plan.0).unwrap();
        let theirs = made.iter().map(|item| &item["object"]).find(|o| o["metadata"]["payment_id"] == json!(id));
        let Some(theirs) = theirs else {
            assert!(payment["status"] == "lost" || payment["status"] == "refused", "YooKassa has no {payment}");
            continue;
        };
        assert_eq!(payment["status"], theirs["status"], "{payment} and {theirs}");
        if theirs["status"] != "succeeded" {
            continue;
        }
        let seconds = plan.1 * DAY_S;
        bought.granted.insert(format!("payment-{id}"), seconds);
        let own: Vec<_> = refunds
            .iter()
            .map(|item| &item["object"])
            .filter(|refund| refund["payment_id"] == theirs["id"] && refund["status"] == "succeeded")
            .collect();
        let back: i64 = own.iter().map(|refund| kopecks(&refund["amount"]["value"])).sum();
        let shown = payment["refunded_rub"].as_f64().unwrap_or(0.0);
        #[allow(clippy::cast_precision_loss)] // far below what a float can hold
        let differs = (shown * 100.0 - back as f64).abs() > 0.5;
        assert!(!differs, "{payment}: {back} kopecks went back");
        let ids: BTreeSet<_> = own.iter().map(|refund| format!("refund-{}", text(&refund["id"]))).collect();
        bought.returned.insert(ids, seconds * back / plan.2);
    }
    bought
}

/// No more goes back than was paid, and each refund that was asked for is one.
fn refunds_agree(made: &[Value], refunds: &[Value]) {
    for item in made {
        let price = kopecks(&item["object"]["amount"]["value"]);
        let back = refunds
            .iter()
            .map(|item| &item["object"])
            .filter(|refund| refund["payment_id"] == item["object"]["id"] && refund["status"] == "succeeded");
        assert!(back.map(|refund| kopecks(&refund["amount"]["value"])).sum::<i64>() <= price);
    }
    let keys: BTreeSet<_> = refunds.iter().map(|item| text(&item["object"]["metadata"]["refund_id"])).collect();
    let ours = refunds.iter().filter(|item| item["in_cabinet"] == false).count();
    let named_by_us = keys.iter().filter(|id| !id.is_empty()).count();
    assert_eq!(named_by_us, ours, "one refund at YooKassa for each that was asked for");
}

/// The end that these entries lead to, by the rule itself: a grant counts from the later of now and the end, a refund
/// takes back from the end. Entries of one millisecond may have been made in any order.
fn follow(end_ms: Option<i64>, entries: &[Entry]) -> Option<i64> {
    let Some(first) = entries.first() else { return end_ms };
    for (place, entry) in entries.iter().enumerate().take_while(|(_, entry)| entry.at_ms == first.at_ms) {
        let from_ms = if entry.seconds > 0 {
            end_ms.map_or(entry.at_ms, |end| end.max(entry.at_ms))
        } else {
            end_ms.unwrap_or(entry.at_ms)
        };
        let next_ms = from_ms + entry.seconds * 1000;
        let mut rest = entries.to_vec();
        rest.remove(place);
        if next_ms == entry.ends_at_ms
            && let Some(end_ms) = follow(Some(next_ms), &rest)
        {
            return Some(end_ms);
        }
    }
    None
}

fn kopecks(value: &Value) -> i64 {
    value.as_str().unwrap().replace('.', "").parse().unwrap()
}
