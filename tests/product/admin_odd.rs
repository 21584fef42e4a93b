//! What an admin can ask that makes no sense: days the wrong way round, cursors of other lists, gifts without end. All of it is
//! refused with its field, and nothing fails.
use serde_json::{Value, json};
use tests::{Answer, World, text};

/// Lists with days, and a second filter where it changes what is asked of the store.
const DATED: [&str; 12] = [
    "drivers?",
    "payments?",
    "payments?status=pending&",
    "payments?status=succeeded&",
    "subscriptions?",
    "subscriptions?state=active&",
    "subscriptions?state=trial&",
    "subscriptions?state=expired&",
    "deliveries?state=failed&",
    "audit?",
    "audit?driver_id=7&",
    "audit?kind=role&",
];

fn fields(answer: &Answer) -> Vec<String> {
    let errors = answer.json()["errors"].as_array().cloned().unwrap_or_default();
    errors.iter().map(|error| format!("{} {}", text(&error["field"]), text(&error["code"]))).collect()
}

#[tokio::test]
async fn days_the_wrong_way_round_are_refused_and_days_beyond_all_have_nothing() {
    let (world, owner) = World::with_owner().await;
    world.responded().await;
    for list in DATED {
        let answer = world.ask(&owner, &format!("{list}from=2035-05-16&until=2035-05-15")).await;
        let told = (answer.status.as_u16(), fields(&answer));
        assert_eq!(told, (422, vec!["until out_of_range".to_owned()]), "{list} {}", answer.body);
        for days in [
            "from=2035-05-15&until=2035-05-15",
            "until=1970-01-01",
            "until=0001-01-01",
            "from=9999-12-30",
            "from=9999-12-30&until=9999-12-30",
            "from=0000-01-01&until=9999-12-30",
            "from=5138-11-17&until=9999-12-30",
        ] {
            let answer = world.ask(&owner, &format!("{list}{days}")).await;
            assert!(answer.status == 200 || answer.status == 422, "{list}{days}: {} {}", answer.status, answer.body);
        }
    }
}

#[tokio::test]
async fn a_cursor_of_another_list_or_of_nobodys_making_is_refused() {
    let (world, owner) = World::with_owner().await;
    world.responded().await;
    for _ in 0..3 {
        world.order(&world.driver().await, "1m").await;
    }
    world.settle().await;
    let mut cursors = Vec::new();
    for list in DATED {
        let page = world.ask(&owner, &format!("{list}limit=1")).await.ok().json();
        cursors.extend(page["cursor"].as_str().map(|cursor| (list, cursor.to_owned())));
    }
    assert!(cursors.len() >= 4, "{cursors:?}");
    let forge = |parts: &str| {
        use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
        ("-", URL_SAFE_NO_PAD.encode(parts))
    };
    cursors.extend([
        forge("x\ny\nz"),
        forge("DRIVER#7\nPROFILE\n00000000000001#7"),
        forge("DRIVERS\nDRIVER#7\nPROFILE\n99999999999999#7"),
        forge("AUDIT#2035-05-15\nzzz\n-"),
        forge("AUDIT#nonsense\n\u{10ffff}\n-"),
        forge("DELIVERY#x\n-\n99999999999999999999"),
        forge(&format!("{}\ny\nz", "x".repeat(200))),
    ]);
    for list in DATED {
        // Within days, so that a foreign place may lie outside of them.
        for days in ["", "from=2035-05-15&until=2035-05-15"] {
            for (of, cursor) in &cursors {
                let answer = world.ask(&owner, &format!("{list}{days}&cursor={cursor}")).await;
                let status = answer.status.as_u16();
                assert!(status == 200 || status == 422, "{list}{days} with that of {of}: {status} {}", answer.body);
                if status == 422 {
                    assert_eq!(fields(&answer), ["cursor malformed"], "{list}");
                }
                if *of == list && days.is_empty() {
                    assert_eq!(status, 200, "its own is good: {list}");
                }
            }
        }
    }
    let drivers = cursors.iter().find(|(of, _)| *of == "drivers?").expect("a page of drivers");
    for list in ["payments?", "subscriptions?", "deliveries?state=failed&", "audit?driver_id=7&", "audit?"] {
        let answer = world.ask(&owner, &format!("{list}cursor={}", drivers.1)).await;
        assert_eq!((answer.status.as_u16(), fields(&answer)), (422, vec!["cursor malformed".to_owned()]), "{list}");
    }
}

#[tokio::test]
async fn gifts_reach_five_years_ahead_and_no_further() {
    let (world, owner) = World::with_owner().await;
    let driver = world.driver().await;
    let order = async |key: &str, body: Value| {
        world.command(&owner, &format!("drivers/{}/subscription", driver.id), key, &body).await
    };
    let gift = |days: i64| json!({ "action": "gift", "days": days, "reason": "r" });
    let extend = |until: &str| json!({ "action": "extend", "until": until, "reason": "r" });
    order("a", gift(1000)).await.ok();
    let beyond = order("b", gift(1000)).await;
    assert_eq!((beyond.status.as_u16(), fields(&beyond)), (422, vec!["days out_of_range".to_owned()]));
    for far in ["2040-06-01", "2101-01-01", "9999-12-30"] {
        let answer = order(far, extend(far)).await;
        assert_eq!((answer.status.as_u16(), fields(&answer)), (422, vec!["until out_of_range".to_owned()]), "{far}");
    }
    order("c", extend("2040-05-01")).await.ok();
    for at in 0..12 {
        let answer = order(&format!("d{at}"), gift(3650)).await;
        assert_eq!(answer.status, 422, "{}", answer.body);
    }
    assert_eq!(world.ledger(&driver).await.len(), 3, "the trial, a gift, an extension");
    // A repeat of what was given is that, whatever stands by now.
    order("a", gift(1000)).await.ok();
    // Rows from before there was a cap are shown and counted, however far they reach.
    let ends_at_ms = 4_200_000_000_000_i64;
    let body = json!({ "ends_at_ms": ends_at_ms, "source": "gift", "version": 1 }).to_string();
    let pk = format!("DRIVER#{}", world.driver().await.id);
    let far = json!({ "pk": { "S": pk }, "sk": { "S": "SUBSCRIPTION" }, "body": { "S": body }, "version": { "N": "1" },
        "driver_id": { "N": pk.trim_start_matches("DRIVER#") }, "list": { "S": "SUBSCRIPTIONS" },
        "listed_at": { "S": format!("{ends_at_ms:0>14}#x") }, "state": { "S": "gift" } });
    world.insert(vec![far]).await;
    for path in ["subscriptions", "overview", "subscriptions?state=active"] {
        world.ask(&owner, path).await.ok();
    }
}
