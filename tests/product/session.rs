use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use local::Options;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Driver, World, new_driver_id};

const ME: &str = "/api/me";

#[tokio::test]
async fn logout_ends_the_session_on_the_very_next_request() {
    let world = World::start().await;
    let driver = world.driver().await;
    world.get(&driver, ME).await.ok();
    assert_eq!(world.call(&driver, Method::POST, "/api/auth/logout", &Value::Null).await.status.as_u16(), 204);
    assert_eq!(world.get(&driver, ME).await.problem(), (401, "session_expired".into()));
}

#[tokio::test]
async fn a_new_sign_in_replaces_the_old_session_at_once() {
    let world = World::start().await;
    let old = world.driver().await;
    world.pass(1);
    let new = world.driver_called(old.id).await;
    assert_eq!(world.get(&old, ME).await.problem(), (401, "session_replaced".into()));
    world.get(&new, ME).await.ok();
    let answer = world.call(&old, Method::POST, "/api/auth/logout", &Value::Null).await;
    assert_eq!(answer.problem(), (401, "session_replaced".into()), "the old one may not end the new one");
    world.get(&new, ME).await.ok();
}

#[tokio::test]
async fn a_session_lasts_a_day_from_its_last_use() {
    let world = World::start().await;
    let driver = world.driver().await;
    for _ in 0..3 {
        world.pass(23 * 3600);
        world.get(&driver, ME).await.ok();
    }
    world.pass(24 * 3600 + 1);
    assert_eq!(world.get(&driver, ME).await.problem(), (401, "session_expired".into()));
}

#[tokio::test]
async fn a_token_is_capped_at_thirty_days_and_renewed_for_the_same_session() {
    let world = World::start().await;
    let mut driver = world.driver().await;
    let first = driver.clone();
    for day in 0..40 {
        world.pass(86_000);
        let answer = world.call(&driver, Method::POST, "/api/auth/refresh", &Value::Null).await.ok();
        driver.token = answer.json()["session_token"].as_str().unwrap().to_owned();
        if day == 10 {
            world.get(&first, ME).await.ok();
        }
    }
    world.get(&driver, ME).await.ok();
    assert_eq!(world.get(&first, ME).await.problem(), (401, "session_expired".into()));
}

#[tokio::test]
async fn foreign_and_tampered_tokens_are_refused() {
    let world = World::start().await;
    let driver = world.driver().await;
    let (head, signature) = driver.token.rsplit_once('.').unwrap();
    let (header, claims) = head.split_once('.').unwrap();
    let none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
    let flipped = if signature.starts_with('A') { "B" } else { "A" };
    let read = URL_SAFE_NO_PAD.decode(claims).expect("claims are base64");
    let mut others: Value = serde_json::from_slice(&read).expect("claims are JSON");
    others["sub"] = json!((driver.id + 1).to_string());
    let others = URL_SAFE_NO_PAD.encode(others.to_string());
    for token in [
        String::new(),
        "abc".into(),
        format!("{head}.{flipped}{}", &signature[1..]),
        format!("{header}.{others}.{signature}"),
        format!("{none}.{claims}."),
        format!("{none}.{claims}.{signature}"),
        "a".repeat(9000),
    ] {
        let forged = Driver { id: driver.id, token };
        assert_eq!(world.get(&forged, ME).await.problem(), (401, "session_missing".into()), "{:.60}", forged.token);
    }
    assert_eq!(world.send(Method::GET, ME, &[], "").await.problem(), (401, "session_missing".into()));
    let basic = format!("Basic {}", driver.token);
    assert_eq!(world.send(Method::GET, ME, &[("authorization", &basic)], "").await.problem().0, 401);
}

#[tokio::test]
async fn a_rotated_key_signs_nobody_out_and_a_retired_one_does() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two, three) = ("1".repeat(32), "2".repeat(32), "3".repeat(32));
    // A function keeps its secrets for five minutes, so each rotation here is followed by a start.
    let start = || World::of(Options { data_dir: Some(folder.path().to_owned()), ..Options::default() });
    let world = start().await;
    rotate(&world, &one, None).await;
    world.stop().await;

    let world = start().await;
    let driver = world.driver().await;
    rotate(&world, &two, Some(&one)).await;
    world.stop().await;

    let world = start().await;
    let renewed = world.call(&driver, Method::POST, "/api/auth/refresh", &Value::Null).await.ok().json();
    let renewed = Driver { id: driver.id, token: renewed["session_token"].as_str().unwrap().to_owned() };
    rotate(&world, &three, Some(&two)).await;
    world.stop().await;

    let world = start().await;
    world.get(&renewed, ME).await.ok();
    assert_eq!(world.get(&driver, ME).await.problem(), (401, "session_missing".into()));
}

#[tokio::test]
async fn a_key_put_in_place_a_moment_ago_is_known_to_instances_that_run() {
    let world = World::start().await;
    let driver = world.driver().await;
    world.get(&driver, ME).await.ok();
    let secret = "n".repeat(32);
    rotate(&world, &secret, None).await;
    // What an instance with the new key would hand out for the same session.
    let claims = driver.token.split('.').nth(1).unwrap();
    let claims = base64::Engine::decode(&URL_SAFE_NO_PAD, claims).unwrap();
    let sid = serde_json::from_slice::<Value>(&claims).unwrap()["sid"].as_str().unwrap().to_owned();
    let now_s = world.now_ms() / 1000;
    let token = shared::auth::token::TokenKeys::new(&secret, None).issue(driver.id, &sid, now_s).unwrap();
    let renewed = Driver { id: driver.id, token };
    for _ in 0..100 {
        if world.get(&renewed, ME).await.status.as_u16() == 200 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("the new key was not noticed within ten seconds, far less than the five minutes that secrets are kept");
}

/// Puts new signing keys, as an operator does.
async fn rotate(world: &World, current: &str, previous: Option<&str>) {
    let prefix = &world.running().variables()["SECRETS_PREFIX"];
    let value = json!({ "current": current, "previous": previous }).to_string();
    let body =
        json!({ "SecretId": format!("{prefix}/session"), "SecretString": value, "ClientRequestToken": "t".repeat(32) });
    let headers = [("x-amz-target", "secretsmanager.PutSecretValue"), ("content-type", "application/x-amz-json-1.1")];
    world.send(Method::POST, "/_aws", &headers, body.to_string()).await.ok();
}

#[tokio::test]
async fn ten_requests_at_once_pass_and_the_eleventh_waits() {
    let world = World::start().await;
    let driver = world.driver().await;
    // Ten at once, and one for each tenth of a second that it takes.
    let from = world.now_ms();
    let answers = futures_util::future::join_all((0..60).map(|_| world.get(&driver, ME))).await;
    let passed = answers.iter().filter(|answer| answer.status.as_u16() == 200).count();
    let most = 11 + usize::try_from((world.now_ms() - from) / 100).unwrap();
    assert!((10..=most).contains(&passed), "{passed} passed, {most} may");
    let refused = answers.iter().find(|answer| answer.status.as_u16() == 429).expect("some were too many");
    assert_eq!(refused.json()["code"], "rate_limited");
    assert_eq!(refused.header("retry-after"), "1");
    world.pass(2);
    world.get(&driver, ME).await.ok();
}

#[tokio::test]
async fn one_driver_in_a_hurry_slows_no_other() {
    let world = World::with(&[("RATE_LIMIT_PER_S", "1")]).await;
    let (hasty, calm) = (world.driver().await, world.driver().await);
    world.pass(10);
    let asked = (0..40).map(async |nth| {
        let who = if nth == 20 { &calm } else { &hasty };
        (who.id, world.get(who, ME).await.status.as_u16())
    });
    let answers = futures_util::future::join_all(asked).await;
    let of = |id: i64| answers.iter().filter(move |(who, _)| *who == id).map(|(_, status)| *status);
    assert!(of(hasty.id).any(|status| status == 429), "{answers:?}");
    assert!(of(calm.id).all(|status| status == 200), "{answers:?}");
}

#[tokio::test]
async fn concurrent_sign_ins_leave_exactly_one_session() {
    let world = World::start().await;
    let id = new_driver_id();
    let mut launches = Vec::new();
    for _ in 0..6 {
        launches.push(world.init_data(json!({ "driver_id": id })).await);
    }
    let answers = futures_util::future::join_all(launches.iter().map(|data| world.sign_in(data, None))).await;
    let mut alive = 0;
    for answer in answers {
        if answer.status.as_u16() == 200 {
            let token = answer.json()["session_token"].as_str().unwrap().to_owned();
            alive += u32::from(world.get(&Driver { id, token }, ME).await.status.as_u16() == 200);
        }
    }
    assert_eq!(alive, 1);
}

#[tokio::test]
async fn the_api_is_served_through_its_front_door_only() {
    let world = World::start().await;
    let driver = world.driver().await;
    let bearer = format!("Bearer {}", driver.token);
    let past = world.send(Method::GET, "/_gateway/api/me", &[("authorization", &bearer)], "").await;
    assert_eq!(past.problem(), (403, "forbidden".into()), "{}", past.body);
    let forged = [("authorization", bearer.as_str()), ("x-origin-token", "0123456789abcdef")];
    assert_eq!(world.send(Method::GET, "/_gateway/api/me", &forged, "").await.problem().0, 403);
}

#[tokio::test]
async fn a_clock_that_goes_back_by_a_minute_hurts_nobody() {
    let world = World::start().await;
    let driver = world.driver().await;
    let launch = world.init_data(json!({ "driver_id": driver.id })).await;
    // Ahead of the budget that all share, and of the rate.
    world.get(&driver, "/api/cargos?limit=7").await.ok();
    world.pass(1);
    futures_util::future::join_all((0..10).map(|_| world.get(&driver, ME))).await;
    world.pass(-60);
    world.get(&driver, ME).await.ok();
    // The steady rate goes on at once.
    for limit in [8, 9] {
        world.pass(1);
        let list = world.get(&driver, &format!("/api/cargos?limit={limit}")).await;
        let told = (list.status.as_u16(), list.header("x-cargo-cache"));
        assert_eq!(told, (200, "miss"), "{limit}: CargoTech is asked: {}", list.body);
    }
    // Telegram's own clock has not gone back: what it signed a moment ago is a minute ahead of ours.
    world.pass(-2);
    let answer = world.sign_in(&launch, None).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.body);
}
