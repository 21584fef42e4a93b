//! Names beside ids, who did what in the audit log, and files that are taken away.
use serde_json::{Value, json};
use tests::{DISPATCHERS, Driver, World, new_driver_id, text};

const CARD: &str = "5555555555554444";
const OLGA: i64 = DISPATCHERS[0];

async fn audit(world: &World, owner: &Driver, query: &str) -> Vec<Value> {
    world.all(owner, &format!("audit?{query}")).await
}

#[tokio::test]
async fn whoever_is_named_by_id_is_named_by_name_for_who_may_see_drivers() {
    let (world, owner) = World::with_owner().await;
    let id = new_driver_id();
    let driver = world.driver_named(id, "Пётр", Some("Водкин"), None).await;
    let order = world.order(&driver, "1m").await;
    world.pay(&order.yookassa_id, CARD).await;
    world.until_paid(&driver, &order.id, "succeeded").await;
    let refund = json!({ "amount_rub": 100, "reason": "r" });
    assert!(world.command(&owner, &format!("payments/{}/refund", order.id), "a", &refund).await.status.is_success());
    // Two by the same admin, whose name is read once.
    let rest = json!({ "amount_rub": 50, "reason": "r" });
    let second = world.command(&owner, &format!("payments/{}/refund", order.id), "a2", &rest).await;
    assert!(second.status.is_success(), "{}", second.body);
    let code = json!({ "code": "VESNA", "action": "extend", "days": 3, "max_uses": 5 });
    assert_eq!(world.command(&owner, "promo-codes", "b", &code).await.status, 201);
    world.call(&driver, reqwest::Method::POST, "/api/promo-codes/redeem", &json!({ "code": "VESNA" })).await.ok();

    let named = "Пётр Водкин";
    for path in ["payments", "subscriptions?state=active", "promo-codes/VESNA/uses"] {
        let rows = world.all(&owner, path).await;
        let row = rows.iter().find(|row| row["driver_id"] == id).expect("the driver's row");
        assert_eq!(row["driver_name"], named, "{path}");
    }
    let rows = audit(&world, &owner, &format!("driver_id={id}")).await;
    assert!(rows.iter().all(|row| row["driver_name"] == named) && !rows.is_empty(), "{rows:?}");
    let payment = world.ask(&owner, &format!("payments/{}", order.id)).await.ok().json()["payment"].clone();
    assert_eq!(payment["driver_name"], named);
    assert!(payment["asked_refunds"][0]["admin_name"].is_string(), "{payment}");
    assert!(world.all(&owner, "promo-codes").await[0]["created_by_name"].is_string());
    // Who sells sees codes and their uses, and no driver.
    let marketing = world.admin("marketing").await;
    assert_eq!(world.all(&marketing, "promo-codes/VESNA/uses").await[0]["driver_name"], Value::Null);
    assert_eq!(world.all(&marketing, "promo-codes").await[0]["created_by_name"], Value::Null);
}

#[tokio::test]
async fn the_log_tells_who_decided_finds_by_what_it_shows_and_can_leave_out_the_product_itself() {
    let (world, owner) = World::with_owner().await;
    let responded = world.responded().await;
    world.press(OLGA, responded.card, &responded.button('a')).await;
    world.settle().await;
    let decided = audit(&world, &owner, "kind=response&outcome=accepted").await;
    assert_eq!(
        (decided.len(), &decided[0]["by"]["kind"], &decided[0]["by"]["id"]),
        (1, &json!("dispatcher"), &json!(OLGA))
    );
    let undo = format!("drivers/{}/responses/{}/undo", responded.driver.id, responded.cargo);
    world.command(&owner, &undo, "u", &json!({ "reason": "r" })).await.ok();
    let undone = audit(&world, &owner, "kind=response&outcome=undone").await;
    assert_eq!((&undone[0]["by"]["kind"], &undone[0]["by"]["id"]), (&json!("admin"), &json!(owner.id)));

    // As the list shows it: the first eight characters.
    let request = text(&decided[0]["request_id"]);
    let found = audit(&world, &owner, &format!("request_id={}", &request[..8])).await;
    assert!(found.iter().any(|row| row["id"] == decided[0]["id"]), "{found:?}");
    assert!(found.iter().all(|row| text(&row["request_id"]).starts_with(&request[..8])), "{found:?}");
    let row = text(&decided[0]["id"]);
    let found = audit(&world, &owner, &format!("request_id={}", &row[..8])).await;
    assert_eq!(found.iter().map(|row| text(&row["id"])).collect::<Vec<_>>(), [row]);
    assert!(audit(&world, &owner, &format!("request_id={}", &request[..4])).await.is_empty(), "four are anybody's");

    let all = audit(&world, &owner, "").await;
    let people = audit(&world, &owner, "people=true").await;
    let by_nobody = |rows: &[Value]| rows.iter().filter(|row| row["by"].is_null()).count();
    assert!(by_nobody(&all) > 0 && by_nobody(&people) == 0, "{people:?}");
    assert_eq!(people.len(), all.len() - by_nobody(&all), "and nothing else is left out");
    let of_driver = audit(&world, &owner, &format!("people=true&driver_id={}", responded.driver.id)).await;
    assert!(by_nobody(&of_driver) == 0 && !of_driver.is_empty());
}

#[tokio::test]
async fn a_file_is_taken_away_by_who_may_and_written_down() {
    let (world, owner) = World::with_owner().await;
    let path = "drivers?q=%D0%98%D0%B2%D0%B0%D0%BD&format=csv";
    for role in ["readonly", "marketing"] {
        let admin = world.admin(role).await;
        for path in ["promo-codes?format=csv", path, "audit?format=csv"] {
            assert_eq!(world.ask(&admin, path).await.problem(), (403, "admin_only".into()), "{role} {path}");
        }
        let export = world.ask(&admin, &format!("drivers/{}/export", owner.id)).await;
        assert_eq!(export.problem(), (403, "admin_only".into()), "{role}");
    }
    assert!(world.accounts("export", "ok").await.is_empty());
    let support = world.admin("support").await;
    world.ask(&support, path).await.ok();
    world.ask(&owner, "payments?status=succeeded&format=csv&sep=,").await.ok();
    world.ask(&owner, "payments?status=succeeded").await.ok();
    let rows = audit(&world, &owner, "kind=export").await;
    let told: Vec<_> = rows.iter().map(|row| (text(&row["target"]), text(&row["facts"]["filters"]))).collect();
    let expected = [("list/payments", "status=succeeded"), ("list/drivers", "q=…")];
    assert_eq!(told, expected.map(|(list, filters)| (list.to_owned(), filters.to_owned())));
    assert_eq!(rows[1]["by"]["id"], support.id);
}
