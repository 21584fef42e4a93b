//! The admin page's own sessions, beside the driver's.
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Driver, World, new_driver_id, text};

async fn enter(world: &World, init_data: &str, seat: &str, attempt: &str) -> Answer {
    let headers = [("content-type", "application/json"), ("idempotency-key", attempt)];
    let body = json!({ "init_data": init_data, "admin": seat }).to_string();
    world.send(Method::POST, "/api/auth/telegram", &headers, body).await
}

async fn launch(world: &World, id: i64) -> String {
    // A launch of a later second than the last.
    world.pass(2);
    world.init_data(json!({ "driver_id": id })).await
}

fn signed_in(id: i64, answer: &Answer) -> Driver {
    Driver { id, token: text(&answer.json()["session_token"]) }
}

async fn seated(world: &World, id: i64, seat: &str) -> Driver {
    signed_in(id, &enter(world, &launch(world, id).await, seat, seat).await.ok())
}

/// What the admin API says to this token.
async fn is_in(world: &World, admin: &Driver) -> (u16, String) {
    world.ask(admin, "me").await.problem()
}

const IN: (u16, String) = (200, String::new());

#[tokio::test]
async fn an_admin_is_signed_in_on_a_phone_at_a_desk_and_in_the_app_at_once() {
    let (world, owner) = World::with_owner().await;
    let (phone, desk) = (seated(&world, owner.id, "phone").await, seated(&world, owner.id, "desk").await);
    for who in [&phone, &desk, &owner] {
        assert_eq!(is_in(&world, who).await, IN);
    }
    world.get(&owner, "/api/me").await.ok();
    // A session of the admin page is good there alone, but it is renewed and ended like any other.
    assert_eq!(world.get(&phone, "/api/me").await.problem(), (401, "session_missing".into()));
    assert_eq!(world.get(&phone, "/api/cargos").await.problem(), (401, "session_missing".into()));
    let renewed = world.call(&phone, Method::POST, "/api/auth/refresh", &Value::Null).await.ok();
    assert_eq!(is_in(&world, &signed_in(owner.id, &renewed)).await, IN);

    // The next desk ends that of before, and nothing else; so does a sign-out.
    let other = seated(&world, owner.id, "desk").await;
    assert_eq!(is_in(&world, &desk).await, (401, "session_replaced".into()));
    let app = world.driver_called(owner.id).await;
    assert_eq!(world.get(&owner, "/api/me").await.problem(), (401, "session_replaced".into()), "drivers have one");
    for who in [&phone, &other, &app] {
        assert_eq!(is_in(&world, who).await, IN);
    }
    world.call(&other, Method::POST, "/api/auth/logout", &Value::Null).await;
    assert_eq!(is_in(&world, &other).await, (401, "session_expired".into()));
    assert_eq!(is_in(&world, &phone).await, IN);
}

#[tokio::test]
async fn a_launch_is_good_once_whichever_session_it_makes() {
    let (world, owner) = World::with_owner().await;
    let replayed = (401, "init_data_replayed".to_owned());
    let one = launch(&world, owner.id).await;
    let first = signed_in(owner.id, &enter(&world, &one, "desk", "a").await.ok());
    let again = signed_in(owner.id, &enter(&world, &one, "desk", "a").await.ok());
    for who in [&first, &again] {
        assert_eq!(is_in(&world, who).await, IN, "the same attempt is the same session");
    }
    assert_eq!(enter(&world, &one, "desk", "b").await.problem(), replayed);
    assert_eq!(enter(&world, &one, "phone", "a").await.problem(), replayed);
    assert_eq!(world.sign_in(&one, Some("a")).await.problem(), replayed);
    let other = launch(&world, owner.id).await;
    world.sign_in(&other, None).await.ok();
    assert_eq!(enter(&world, &other, "desk", "c").await.problem(), replayed);
    let fresh = launch(&world, owner.id).await;
    let tries = (0..8).map(|turn| {
        let (world, fresh, seat) = (&world, &fresh, if turn % 2 == 0 { "phone" } else { "desk" });
        async move { enter(world, fresh, seat, &format!("t{turn}")).await.status.as_u16() }
    });
    let mut met = futures_util::future::join_all(tries).await;
    met.sort_unstable();
    assert_eq!(met[..2], [200, 401], "of many uses at once one makes a session: {met:?}");
    assert_eq!(enter(&world, &launch(&world, owner.id).await, "sofa", "d").await.problem().0, 422);
}

#[tokio::test]
async fn who_administers_nothing_is_refused_at_the_door_and_keeps_the_launch() {
    let (world, _) = World::with_owner().await;
    let id = new_driver_id();
    let init_data = launch(&world, id).await;
    assert_eq!(enter(&world, &init_data, "desk", "a").await.problem(), (403, "admin_only".into()));
    let driver = signed_in(id, &world.sign_in(&init_data, None).await.ok());
    let opened = world.call(&driver, Method::POST, "/api/auth/admin", &json!({ "admin": "phone" })).await;
    assert_eq!(opened.problem(), (403, "admin_only".into()));
    assert_eq!(world.accounts("admin_access", "admin_only").await.len(), 1, "one row an hour");
}

#[tokio::test]
async fn whoever_is_in_the_app_comes_in_with_that_and_is_no_fresher_than_there() {
    let (world, owner) = World::with_owner().await;
    world.pass(3700);
    let open =
        async |driver: &Driver| world.call(driver, Method::POST, "/api/auth/admin", &json!({ "admin": "phone" })).await;
    let phone = signed_in(owner.id, &open(&owner).await.ok());
    assert_eq!(is_in(&world, &phone).await, IN);
    let roles = format!("roles/{}", owner.id);
    let change = async |admin: &Driver| {
        world.call(admin, Method::PUT, &format!("/api/admin/{roles}"), &json!({ "role": "owner" })).await.problem()
    };
    let old = (403, "sign_in_too_old".to_owned());
    assert_eq!(change(&phone).await, old);
    // At a desk they sign in anew: that makes the desk fresh, and not the phone that lies about.
    let desk = seated(&world, owner.id, "desk").await;
    assert_eq!(change(&desk).await, (409, "own_role".into()));
    for stale in [&phone, &owner] {
        assert_eq!(change(stale).await, old);
    }
    assert_eq!(change(&signed_in(owner.id, &open(&owner).await.ok())).await, old);

    // Whose role is taken is out with the next request; a session by a link opens nothing.
    let support = world.driver().await;
    let path = format!("/api/admin/roles/{}", support.id);
    world.call(&desk, Method::PUT, &path, &json!({ "role": "support" })).await.ok();
    let page = signed_in(support.id, &open(&support).await.ok());
    assert_eq!(is_in(&world, &page).await, IN);
    let url = text(&world.get(&owner, "/api/me/access-link").await.ok().json()["url"]);
    let body = json!({ "access_token": url.split_once("#/access/").expect("a token").1 }).to_string();
    let headers = [("content-type", "application/json")];
    let guest = world.send(Method::POST, "/api/auth/access-token", &headers, body).await.ok();
    assert_eq!(open(&signed_in(owner.id, &guest)).await.problem(), (403, "admin_only".into()));
    let taken = world.call(&desk, Method::DELETE, &path, &Value::Null).await;
    assert_eq!(taken.status, 204, "{}", taken.body);
    assert_eq!(is_in(&world, &page).await, (403, "admin_only".into()));
}
