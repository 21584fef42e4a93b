//! Who is an admin, and what each may do.
use futures_util::future::join;
use reqwest::Method;
use serde_json::{Value, json};
use shared::rights::Role;
use tests::{Answer, Driver, World, new_driver_id, text};

/// A product whose configured owner is signed in.
async fn with_owner() -> (World, Driver) {
    let id = new_driver_id();
    let world = World::with(&[("ADMIN_TELEGRAM_IDS", &id.to_string()), ("RATE_LIMIT_PER_S", "1000")]).await;
    let owner = world.driver_called(id).await;
    (world, owner)
}

async fn give(world: &World, by: &Driver, to: i64, role: &str) -> Answer {
    world.call(by, Method::PUT, &format!("/api/admin/roles/{to}"), &json!({ "role": role })).await
}

async fn take(world: &World, by: &Driver, from: i64) -> Answer {
    world.call(by, Method::DELETE, &format!("/api/admin/roles/{from}"), &Value::Null).await
}

/// The roles as an admin sees them: id and role.
async fn roles(world: &World, admin: &Driver) -> Vec<(i64, String)> {
    let answer = world.get(admin, "/api/admin/roles").await.ok().json();
    let items = answer["items"].as_array().cloned().expect("a list");
    items.iter().map(|item| (item["driver_id"].as_i64().unwrap(), text(&item["role"]))).collect()
}

async fn audited(world: &World) -> Vec<(String, String, String)> {
    let mut rows = world.rows("AUDIT#").await;
    rows.retain(|row| row["kind"]["S"] == "role");
    rows.sort_by_key(|row| text(&row["at_ms"]["N"]));
    rows.iter().map(|row| (text(&row["outcome"]["S"]), text(&row["before"]["S"]), text(&row["after"]["S"]))).collect()
}

#[tokio::test]
async fn a_role_holds_with_the_next_request_and_is_gone_with_the_one_after_it_was_taken() {
    let (world, owner) = with_owner().await;
    let driver = world.driver().await;
    assert_eq!(world.get(&driver, "/api/admin/payments").await.problem(), (403, "admin_only".into()));
    let given = give(&world, &owner, driver.id, "support").await.ok().json()["item"].clone();
    assert_eq!(
        (&given["driver_id"], &given["role"], &given["configured"]),
        (&json!(driver.id), &json!("support"), &json!(false))
    );
    assert_eq!(given["given_by"]["id"], owner.id);
    world.get(&driver, "/api/admin/payments").await.ok();
    assert_eq!(world.get(&driver, "/api/admin/me").await.ok().json()["role"], "support");
    assert_eq!(world.get(&driver, "/api/admin/roles").await.problem(), (403, "admin_only".into()));
    assert_eq!(roles(&world, &owner).await, [(owner.id, "owner".into()), (driver.id, "support".into())]);

    give(&world, &owner, driver.id, "marketing").await.ok();
    give(&world, &owner, driver.id, "marketing").await.ok();
    assert_eq!(world.get(&driver, "/api/admin/payments").await.problem(), (403, "admin_only".into()));
    assert_eq!(take(&world, &owner, driver.id).await.status, 204);
    assert_eq!(take(&world, &owner, driver.id).await.problem(), (404, "not_found".into()));
    assert_eq!(world.get(&driver, "/api/admin/me").await.problem(), (403, "admin_only".into()));
    assert_eq!(roles(&world, &owner).await, [(owner.id, "owner".into())]);
    give(&world, &owner, driver.id, "readonly").await.ok();
    let row = |outcome: &str, before: &str, after: &str| {
        let shown = |role: &str| {
            if role.is_empty() { r#"{"role":null}"#.to_owned() } else { format!(r#"{{"role":"{role}"}}"#) }
        };
        (outcome.to_owned(), shown(before), shown(after))
    };
    let expected = [
        row("given", "", "support"),
        row("given", "support", "marketing"),
        row("taken", "marketing", ""),
        row("given", "", "readonly"),
    ];
    assert_eq!(audited(&world).await, expected, "each change once, and what changed nothing not at all");
}

#[tokio::test]
async fn nobody_changes_their_own_role_nor_one_that_is_configured() {
    let (world, owner) = with_owner().await;
    let second = world.driver().await;
    give(&world, &owner, second.id, "owner").await.ok();
    for admin in [&owner, &second] {
        assert_eq!(take(&world, admin, admin.id).await.problem(), (409, "own_role".into()));
        assert_eq!(give(&world, admin, admin.id, "readonly").await.problem(), (409, "own_role".into()));
    }
    assert_eq!(take(&world, &second, owner.id).await.problem(), (409, "configured_role".into()));
    assert_eq!(give(&world, &second, owner.id, "support").await.problem(), (409, "configured_role".into()));
    assert_eq!(give(&world, &owner, new_driver_id(), "support").await.problem(), (404, "not_found".into()));
    assert_eq!(give(&world, &owner, second.id, "king").await.problem(), (422, "validation_failed".into()));
    assert_eq!(roles(&world, &owner).await, [(owner.id, "owner".into()), (second.id, "owner".into())]);
    assert_eq!(audited(&world).await.len(), 1);

    world.pass(3601);
    assert_eq!(give(&world, &owner, second.id, "support").await.problem(), (403, "sign_in_too_old".into()));
}

#[tokio::test]
async fn two_owners_who_unmake_each_other_leave_one() {
    let (world, first) = with_owner().await;
    for _ in 0..5 {
        let (one, other) = (world.driver().await, world.driver().await);
        give(&world, &first, one.id, "owner").await.ok();
        give(&world, &first, other.id, "owner").await.ok();
        let (a, b) = join(take(&world, &one, other.id), take(&world, &other, one.id)).await;
        let mut statuses = [a.status.as_u16(), b.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 403], "{} {}", a.body, b.body);
        let left = roles(&world, &first).await;
        let left: Vec<_> = left.iter().filter(|(id, _)| [one.id, other.id].contains(id)).collect();
        assert_eq!(left.len(), 1, "{left:?}");
        let id = left[0].0;
        take(&world, &first, id).await;
    }
}

/// The table of rights, as the routes have it: each route with each role answers 403 exactly where the role lacks the right.
#[tokio::test]
async fn each_route_is_open_to_whom_the_table_says_and_to_nobody_else() {
    let (world, owner) = with_owner().await;
    let nobody = world.driver().await;
    let mut admins = Vec::new();
    for role in Role::ALL {
        let admin = world.driver().await;
        give(&world, &owner, admin.id, role.as_str()).await.ok();
        admins.push((Some(role), admin));
    }
    admins.push((None, nobody));
    for route in functions::admin::routes() {
        // Names that nothing has, and bodies that nothing takes: who may come in changes nothing.
        let parts = route.path().split('/').map(|part| if part.starts_with('{') { "0" } else { part });
        let path = format!("/api/admin/{}", parts.collect::<Vec<_>>().join("/"));
        let method: Method = route.method().parse().unwrap();
        for (role, admin) in &admins {
            let answer = world
                .call(
                    admin,
                    method.clone(),
                    &path,
                    &if route.method() == "GET" { Value::Null } else { json!({ "no": 1 }) },
                )
                .await;
            let is_refused = answer.problem() == (403, "admin_only".into());
            let may = role.is_some_and(|role| role.may(route.permission));
            assert_eq!(is_refused, !may, "{} {path} as {role:?}: {} {}", route.method(), answer.status, answer.body);
            assert!(answer.status.as_u16() < 500, "{} {path}: {}", route.method(), answer.body);
        }
    }
    let refused = world.rows("AUDIT#").await;
    assert!(refused.iter().any(|row| row["kind"]["S"] == "admin_access"), "who was refused is written down");
}
