//! Every route of the admin API, walked by every role and by those who have none.
use functions::admin::routes;
use reqwest::Method;
use serde_json::{Value, json};
use shared::rights::Role;
use tests::{Answer, Driver, World, text};

async fn walk(world: &World, driver: &Driver, method: &str, path: &str) -> Answer {
    let bearer = format!("Bearer {}", driver.token);
    let headers =
        [("authorization", bearer.as_str()), ("content-type", "application/json"), ("idempotency-key", "walk")];
    let method = Method::from_bytes(method.as_bytes()).expect("a method");
    let body = if method == Method::GET { String::new() } else { json!({}).to_string() };
    world.send(method, &format!("/api/admin/{path}"), &headers, body).await
}

/// The path with something in the place of each name: what is not there.
fn place(path: &str) -> String {
    let parts = path.split('/').map(|part| if part.starts_with('{') { "4242" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

async fn refusals(world: &World, driver: &Driver) -> Vec<Value> {
    let id = driver.id.to_string();
    let mut rows = world.rows("AUDIT#").await;
    rows.retain(|row| row["kind"]["S"] == "admin_access" && row["facts"]["M"]["driver_id"]["S"].as_str() == Some(&id));
    rows
}

#[tokio::test]
async fn who_may_is_let_in_and_who_may_not_is_written_down() {
    let (world, owner) = World::with_owner().await;
    for role in Role::ALL {
        let admin = if role == Role::Owner { owner.clone() } else { world.admin(role.as_str()).await };
        let mut refused = std::collections::BTreeSet::new();
        for route in routes() {
            let answer = walk(&world, &admin, route.method(), &place(route.path())).await;
            let told =
                format!("{} {} {}: {} {}", role.as_str(), route.method(), route.path(), answer.status, answer.body);
            if role.may(route.permission) {
                let status = answer.status.as_u16();
                assert!(status < 500 && status != 401 && status != 403, "{told}");
            } else {
                assert_eq!(answer.problem(), (403, "admin_only".into()), "{told}");
                refused.insert(route.permission.as_str());
            }
        }
        let rows = refusals(&world, &admin).await;
        let written: std::collections::BTreeSet<_> =
            rows.iter().map(|row| row["facts"]["M"]["permission"]["S"].as_str().unwrap_or_default()).collect();
        assert_eq!((rows.len(), written), (refused.len(), refused), "one row for each right, {}", role.as_str());
    }
}

#[tokio::test]
async fn drivers_links_and_strangers_are_let_in_nowhere() {
    let (world, owner) = World::with_owner().await;
    let driver = world.driver().await;
    let url = text(&world.get(&owner, "/api/me/access-link").await.ok().json()["url"]);
    let body = json!({ "access_token": url.split_once("#/access/").expect("a token").1 }).to_string();
    let opened =
        world.send(Method::POST, "/api/auth/access-token", &[("content-type", "application/json")], body).await.ok();
    let guest = Driver { id: owner.id, token: text(&opened.json()["session_token"]) };
    let nobody = Driver { id: 1, token: "none".into() };
    for route in routes() {
        let path = place(route.path());
        for who in [&driver, &guest] {
            let answer = walk(&world, who, route.method(), &path).await;
            assert_eq!(answer.problem(), (403, "admin_only".into()), "{} {path}", route.method());
        }
        let answer = walk(&world, &nobody, route.method(), &path).await;
        assert_eq!(answer.problem(), (401, "session_missing".into()), "{} {path}", route.method());
        let other = if route.method() == "GET" { "DELETE" } else { "GET" };
        if !routes().any(|known| known.method() == other && place(known.path()) == path) {
            let answer = walk(&world, &owner, other, &path).await;
            assert!(matches!(answer.status.as_u16(), 401 | 404), "{other} {path}: {}", answer.status);
        }
    }
    let permissions: std::collections::BTreeSet<_> = routes().map(|route| route.permission.as_str()).collect();
    for who in [&driver, &guest] {
        assert_eq!(refusals(&world, who).await.len(), permissions.len(), "one row for each right");
    }
}

#[tokio::test]
async fn what_is_dangerous_needs_a_sign_in_of_the_last_hour() {
    let (world, owner) = World::with_owner().await;
    world.pass(3601);
    for route in routes().filter(|route| route.permission.is_dangerous()) {
        let answer = walk(&world, &owner, route.method(), &place(route.path())).await;
        assert_eq!(answer.problem(), (403, "sign_in_too_old".into()), "{} {}", route.method(), route.path());
    }
    for route in routes().filter(|route| !route.permission.is_dangerous()) {
        let answer = walk(&world, &owner, route.method(), &place(route.path())).await;
        assert_ne!(answer.status.as_u16(), 403, "{} {}", route.method(), route.path());
    }
}
