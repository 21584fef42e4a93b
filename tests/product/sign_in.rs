use reqwest::Method;
use serde_json::json;
use tests::{World, new_driver_id};

#[tokio::test]
async fn a_driver_signs_in_with_what_telegram_signed() {
    let world = World::start().await;
    let init_data = world.init_data(json!({})).await;
    let answer = world.sign_in(&init_data, Some("attempt-1")).await.ok();
    let body = answer.json();
    assert_eq!(body["driver"]["first_name"], "Алексей");
    assert_eq!(body["driver"]["phone_confirmed"], false);
    assert!(body["links"]["app_url"].as_str().unwrap().starts_with("http"));
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(!answer.header("x-request-id").is_empty());
    let expires = body["expires_at"].as_str().unwrap();
    assert!(expires.ends_with('Z') && expires.len() == 20, "{expires}");
}

#[tokio::test]
async fn a_sign_in_answers_the_search_that_comes_next_if_it_is_at_hand() {
    let (world, owner) = World::with_owner().await;
    let sign_in = async |id: i64, search: &str| {
        let init_data = world.init_data(json!({ "driver_id": id })).await;
        let body = json!({ "init_data": init_data, "search": search }).to_string();
        world.send(Method::POST, "/api/auth/telegram", &[("content-type", "application/json")], body).await.ok().json()
    };
    let (id, search) = (new_driver_id(), "price_min=10000&limit=20");
    assert_eq!(sign_in(id, search).await["list"], json!(null), "nobody has asked for it");
    assert_eq!(world.upstream_calls("list").await, 0, "nobody waits for CargoTech to sign in");

    let other = world.driver().await;
    let listed = world.get(&other, &format!("/api/cargos?{search}")).await.ok().json();
    world.pass(7);
    let answer = sign_in(id, search).await;
    assert_eq!((&answer["list"]["page"], &answer["list"]["age_s"]), (&listed, &json!(7)));
    for (search, why) in [("limit=19", "another search"), ("limit=many", "no search"), ("", "the whole list")] {
        world.pass(1);
        assert_eq!(sign_in(id, search).await["list"], json!(null), "{why}");
    }
    let order =
        async |path: &str, body| world.call(&owner, Method::POST, &format!("/api/admin/{path}"), &body).await.ok();
    order(&format!("drivers/{id}/block"), json!({ "blocked": true, "reason": "x" })).await;
    assert_eq!(sign_in(id, search).await["list"], json!(null), "who is blocked sees no list");
    order(&format!("drivers/{id}/block"), json!({ "blocked": false, "reason": "x" })).await;
    world.pass(1);
    assert_eq!(sign_in(id, search).await["list"]["page"], listed);

    let version = world.ask(&owner, "flags").await.ok().json()["version"].clone();
    let on = json!({ "rule": "on", "version": version });
    world.call(&owner, Method::PUT, "/api/admin/flags/paid.list", &on).await.ok();
    world.pass(4 * 86_400);
    let reader = world.driver().await;
    world.get(&reader, &format!("/api/cargos?{search}")).await.ok();
    assert_eq!(sign_in(id, search).await["list"], json!(null), "what is not paid for stays on the server");
    world.pass(301);
    assert_eq!(
        sign_in(reader.id, search).await["list"],
        json!(null),
        "an old list is asked for, so that it is renewed"
    );
}

#[tokio::test]
async fn an_answer_that_is_long_enough_is_compressed_for_those_who_take_that() {
    let world = World::start().await;
    let driver = world.driver().await;
    for cargo in world.cargos(&driver, 3).await {
        world.respond(&driver, cargo["id"].as_str().unwrap(), json!({ "phone": "+79161234567" })).await;
    }
    world.settle().await;
    // The harness's own client would undo the compression unseen.
    let raw = reqwest::Client::builder().no_proxy().no_gzip().build().unwrap();
    let get = async |path: &str, coding: &str| {
        let request = raw.get(format!("{}{path}", world.address())).bearer_auth(&driver.token);
        request.header("accept-encoding", coding).send().await.unwrap()
    };
    let plain = get("/api/responses", "identity").await;
    assert!(plain.headers().get("content-encoding").is_none());
    let plain = plain.bytes().await.unwrap();
    let packed = get("/api/responses", "gzip, br").await;
    let headers = packed.headers();
    assert_eq!(
        (&headers["content-encoding"], &headers["vary"]),
        (&"gzip".parse().unwrap(), &"accept-encoding".parse().unwrap())
    );
    let packed = packed.bytes().await.unwrap();
    assert!(packed.len() * 3 < plain.len(), "{} of {}", packed.len(), plain.len());
    assert_eq!(shared::cargo::cache::gunzip(&packed).unwrap(), plain);
    assert!(get("/api/subscription", "gzip").await.headers().get("content-encoding").is_none(), "it is short");
}

#[tokio::test]
async fn the_older_spelling_and_a_separate_hash_are_taken_too() {
    let world = World::start().await;
    let id = new_driver_id();
    let post = async |body: serde_json::Value| {
        world.send(Method::POST, "/api/auth/telegram", &[], body.to_string()).await.status.as_u16()
    };
    let init_data = world.init_data(json!({ "driver_id": id })).await;
    let at = init_data.find("hash=").unwrap();
    let hash = init_data[at + 5..].split('&').next().unwrap();
    let without = init_data.replacen(&format!("&hash={hash}"), "", 1);
    assert_ne!(without, init_data);
    assert_eq!(post(json!({ "initData": without, "hash": "0".repeat(64) })).await, 401);
    assert_eq!(post(json!({ "initData": without, "hash": hash })).await, 200);
}

#[tokio::test]
async fn the_same_init_data_is_accepted_once_however_its_fields_are_ordered() {
    let world = World::start().await;
    let init_data = world.init_data(json!({ "driver_id": new_driver_id() })).await;
    world.sign_in(&init_data, Some("a")).await.ok();
    let mut fields = init_data.split('&').collect::<Vec<_>>();
    fields.reverse();
    for (data, attempt) in [(init_data.as_str(), None), (&init_data, Some("b")), (&fields.join("&"), Some("b"))] {
        assert_eq!(world.sign_in(data, attempt).await.problem(), (401, "init_data_replayed".into()));
    }
}

#[tokio::test]
async fn a_repeat_of_the_same_attempt_is_answered_for_the_same_session() {
    let world = World::start().await;
    let init_data = world.init_data(json!({ "driver_id": new_driver_id() })).await;
    let token = async || {
        let answer = world.sign_in(&init_data, Some("lost-answer")).await.ok();
        answer.json()["session_token"].as_str().unwrap().to_owned()
    };
    let (first, second) = (token().await, token().await);
    for token in [first, second] {
        let driver = tests::Driver { id: 0, token };
        world.get(&driver, "/api/me").await.ok();
    }
}

#[tokio::test]
async fn a_repeat_is_refused_once_the_session_is_over() {
    let world = World::start().await;
    let id = new_driver_id();
    let init_data = world.init_data(json!({ "driver_id": id })).await;
    let body = world.sign_in(&init_data, Some("k")).await.ok().json();
    let driver = tests::Driver { id, token: body["session_token"].as_str().unwrap().to_owned() };
    assert_eq!(world.call(&driver, Method::POST, "/api/auth/logout", &json!(null)).await.status.as_u16(), 204);
    assert_eq!(world.sign_in(&init_data, Some("k")).await.problem(), (401, "init_data_replayed".into()));
}

#[tokio::test]
async fn nothing_older_than_the_last_accepted_launch_is_taken() {
    let world = World::start().await;
    let id = new_driver_id();
    let older = world.init_data(json!({ "driver_id": id, "age_s": 10 })).await;
    let newer = world.init_data(json!({ "driver_id": id, "age_s": 0 })).await;
    world.sign_in(&newer, None).await.ok();
    assert_eq!(world.sign_in(&older, None).await.problem(), (401, "init_data_replayed".into()));
}

#[tokio::test]
async fn two_launches_of_one_second_are_both_good_and_each_only_once() {
    let world = World::start().await;
    let id = new_driver_id();
    let at = world.now_ms() / 1000;
    let launch = async || world.init_data(json!({ "driver_id": id, "auth_date": at })).await;
    let (first, second) = (launch().await, launch().await);
    assert_ne!(first, second);
    world.sign_in(&first, Some("1")).await.ok();
    world.sign_in(&second, Some("2")).await.ok();
    for used in [&first, &second] {
        assert_eq!(world.sign_in(used, Some("3")).await.problem(), (401, "init_data_replayed".into()));
    }
    // An attempt is one of its own launch: whoever knows its key repeats no other launch by it.
    assert_eq!(world.sign_in(&first, Some("2")).await.problem(), (401, "init_data_replayed".into()));
    world.sign_in(&second, Some("2")).await.ok();
}

#[tokio::test]
async fn of_many_simultaneous_uses_of_one_launch_one_attempt_wins() {
    let world = World::start().await;
    let init_data = &world.init_data(json!({ "driver_id": new_driver_id() })).await;
    let world = &world;
    let attempts = (0..12).map(|n| async move {
        let key = format!("attempt-{}", n % 4);
        (n % 4, world.sign_in(init_data, Some(&key)).await.problem().0)
    });
    let answers = futures_util::future::join_all(attempts).await;
    let winners = answers
        .iter()
        .filter(|(_, status)| *status == 200)
        .map(|(key, _)| key)
        .collect::<std::collections::BTreeSet<_>>();
    assert_eq!(winners.len(), 1, "{answers:?}");
    assert!(answers.iter().all(|(key, status)| (*status == 200) == winners.contains(key)), "{answers:?}");
}

#[tokio::test]
async fn age_is_limited_and_configurable() {
    let world = World::with(&[("INIT_DATA_MAX_AGE_S", "60")]).await;
    let aged = async |age_s: i64| {
        let data = world.init_data(json!({ "driver_id": new_driver_id(), "age_s": age_s })).await;
        world.sign_in(&data, None).await.problem()
    };
    assert_eq!(aged(55).await.0, 200);
    assert_eq!(aged(70).await, (401, "init_data_expired".into()));
    // Our clock may have gone back by a minute.
    assert_eq!(aged(-80).await.0, 200);
    assert_eq!(aged(-120).await, (401, "init_data_invalid".into()));
}

#[tokio::test]
async fn forged_and_broken_init_data_is_refused_and_leaves_nothing_behind() {
    let world = World::start().await;
    let id = new_driver_id();
    let good = world.init_data(json!({ "driver_id": id })).await;
    world.store_calls().await;
    let other_user = good.replacen(&id.to_string(), &(id + 1).to_string(), 1);
    assert_ne!(other_user, good);
    let cases = [
        other_user,
        good[..good.len() - 1].to_owned(),
        good.to_uppercase(),
        format!("{good}&user=1"),
        format!("{good}&x={}", "1".repeat(9000)),
        world.init_data(json!({ "driver_id": id, "overrides": { "user": null } })).await,
        world.init_data(json!({ "driver_id": id, "overrides": { "user": "{\"id\":\"7\"}" } })).await,
        world.init_data(json!({ "driver_id": id, "overrides": { "auth_date": "soon" } })).await,
        world.init_data(json!({ "driver_id": id, "overrides": { "hash": "0" } })).await,
        // Signed as it is, and yet it could be read as two fields.
        world.init_data(json!({ "driver_id": id, "overrides": { "query_id": "1\nuser_id=2" } })).await,
        "здравствуйте".to_owned(),
    ];
    for data in &cases {
        let answer = world.sign_in(data, None).await;
        assert_eq!(answer.problem(), (401, "init_data_invalid".into()), "{data:.80}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert!(answer.json()["app_url"].is_string());
    }
    assert!(world.store_calls().await.is_empty(), "a refused launch must not reach the store");
}
