use std::{path::Path, process::Stdio, time::Duration};

use reqwest::Method;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, BufReader},
    process::{Child, Command},
    sync::mpsc::UnboundedSender,
    task::JoinHandle,
};

use crate::start::{address_in, program};

/// A whole run at the most talkative level, with everything going wrong that can: none of the secrets, and nothing
/// that belongs to a person, may be in its output.
#[tokio::test]
async fn no_output_at_any_level_holds_a_secret_or_a_person() {
    let folder = tempfile::tempdir().unwrap();
    let secrets = [
        ("CARGOTECH_PHONE", "+79990001122"),
        ("CARGOTECH_PASSWORD", "p4ssw0rd-of-cargotech"),
        ("TELEGRAM_BOT_TOKEN", "123456:bot-token-of-telegram"),
        ("TELEGRAM_WEBHOOK_SECRET", "webhook-secret-of-telegram"),
        ("SESSION_SECRET", "session-secret-session-secret-session"),
        ("YOOKASSA_SECRET_KEY", "test_secret-key-of-our-shop-at-yookassa"),
        ("YOOKASSA_WEBHOOK_TOKEN", "webhook-token-of-yookassa-webhook-token"),
    ];
    let (mut child, stdout, stderr, address) = talkative(folder.path(), &secrets).await;

    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let init_data = launched(&http, &address).await;
    let hash = init_data.split("hash=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let sign_in = async || {
        let body = json!({ "init_data": init_data });
        let answer = http.post(format!("{address}/api/auth/telegram")).json(&body).send().await.unwrap();
        answer.json::<Value>().await.unwrap()
    };
    let token = sign_in().await["session_token"].as_str().unwrap().to_owned();
    sign_in().await;
    let get = async |path: &str| {
        let answer = http.get(format!("{address}{path}")).bearer_auth(&token).send().await.unwrap();
        answer.text().await.unwrap()
    };
    get("/api/cargos").await;
    let change = json!({ "phone": "+79167654321", "email": "innokentiy@example.org", "company": "ООО Тайна" });
    http.put(format!("{address}/api/me")).bearer_auth(&token).json(&change).send().await.unwrap();
    get("/api/me").await;
    let links = respond_and_decide(&http, &address, &token).await;
    order(&http, &address, &token).await;
    with_trouble(&http, &address, &token).await;
    let upstream_token = stored_token(&http, &address).await;

    let id = child.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().await.unwrap().success());
    tokio::time::timeout(Duration::from_secs(20), child.wait()).await.unwrap().unwrap();
    let output = stdout.await.unwrap() + &stderr.await.unwrap();
    went_everywhere(&output);

    let mut forbidden = secrets.map(|(_, value)| value.to_owned()).to_vec();
    forbidden.extend([
        token.clone(),
        token.split('.').nth(2).unwrap().to_owned(),
        hash,
        "79990001122".into(),
        "79167654321".into(),
    ]);
    forbidden.extend(["Иннокентий", "Секретов", "sekretov", "innokentiy", "Тайна", "%D0%98%D0%BD"].map(str::to_owned));
    forbidden.push(upstream_token);
    // The bot's token stands in addresses too, where its colon may be written otherwise.
    forbidden.extend(["bot-token-of-telegram", "79163334455", "79164445566", "Ольга", "Ветрова"].map(str::to_owned));
    forbidden.extend(["тайный комментарий", "тайная причина", "wrong-secret-of-a-stranger"].map(str::to_owned));
    assert!(!links.is_empty());
    forbidden.extend(links);
    for text in forbidden {
        if let Some(at) = output.find(&text) {
            let line = output[..at].rfind('\n').map_or(0, |start| start + 1);
            panic!("the output holds {text:?}: {}", output[line..].lines().next().unwrap_or_default());
        }
    }
}

/// The product at its most talkative, where its output goes, and its address.
async fn talkative(folder: &Path, secrets: &[(&str, &str)]) -> (Child, JoinHandle<String>, JoinHandle<String>, String) {
    let mut child = Command::new(program())
        .args(["--port", "0", "--data-dir", folder.to_str().unwrap()])
        .envs(secrets.iter().copied())
        .env("LOG_LEVEL", "trace")
        .env("RUST_LOG", "trace")
        .env("RUST_BACKTRACE", "full")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let (found, mut address) = tokio::sync::mpsc::unbounded_channel();
    let stdout = tokio::spawn(collect(child.stdout.take().unwrap(), None));
    let stderr = tokio::spawn(collect(child.stderr.take().unwrap(), Some(found)));
    let address = tokio::time::timeout(Duration::from_secs(120), address.recv()).await.unwrap().expect("it starts");
    (child, stdout, stderr, address)
}

/// Init data of a driver whose names are looked for in the output.
async fn launched(http: &reqwest::Client, address: &str) -> String {
    let launch = json!({ "driver_id": 5_123_456_789_i64,
        "overrides": { "user": json!({ "id": 5_123_456_789_i64, "first_name": "Иннокентий", "last_name": "Секретов", "username": "sekretov" }).to_string() } });
    let launch =
        http.post(format!("{address}/_sandbox/telegram/init-data")).body(launch.to_string()).send().await.unwrap();
    launch.json::<Value>().await.unwrap()["init_data"].as_str().unwrap().to_owned()
}

/// Asks for cargos while CargoTech and the store fail in all their ways.
async fn with_trouble(http: &reqwest::Client, address: &str, token: &str) {
    let put = async |path: &str, body: Value| {
        http.put(format!("{address}/_sandbox{path}")).body(body.to_string()).send().await.unwrap();
    };
    let get = async |path: &str| {
        let answer = http.get(format!("{address}{path}")).bearer_auth(token).send().await.unwrap();
        answer.text().await.unwrap()
    };
    let mut limit = 30;
    for trouble in [
        json!({ "fail": { "status": 401 } }),
        json!({ "fail": { "status": 403 } }),
        json!({ "fail": { "status": 422, "endpoint": "login" } }),
        json!({ "fail": { "status": 500, "times": 1 } }),
        json!({ "fail": { "status": 429, "times": 1, "reset_after": 1 } }),
        json!({ "fail": null, "malformed": "broken_json" }),
        json!({ "malformed": "wrong_types" }),
        json!({ "malformed": null, "drop": { "times": 1 } }),
    ] {
        put("/cargotech", trouble).await;
        put("/clock", json!({ "offset_s": (limit - 29) * 20 })).await;
        http.post(format!("{address}/_sandbox/cargotech/kill-token")).send().await.unwrap();
        limit += 1;
        get(&format!("/api/cargos?mode=my&limit={limit}")).await;
    }
    put("/cargotech", json!({ "fail": null, "drop": null, "malformed": null })).await;
    put("/store", json!({ "faults": [{ "error": "InternalServerError", "times": 20 }] })).await;
    get("/api/cargos?mode=my&limit=3").await;
    get("/api/me").await;
    http.delete(format!("{address}/_sandbox/store")).send().await.unwrap();
    put("/clock", json!({ "offset_s": (limit - 29) * 20 })).await;
    get("/api/cargos?mode=my&limit=4").await;
}

/// The run got to all that is worth a line, and the lines of answers say what they cost.
fn went_everywhere(output: &str) {
    for said in [
        "answered",
        "logged in to CargoTech",
        "the market is swept",
        "CargoTech refused the token",
        "the store cannot be used",
        "a hint was dealt with",
        "a messenger did not take a message",
        "the dispatchers' chat takes no messages",
        "a message cannot be delivered",
        "did not prove that it is Telegram's",
        "was put aside",
        "POST /webhooks/yookassa/{token}",
    ] {
        assert!(output.contains(said), "the run did not get to {said:?}: {output:.4000}");
    }

    // Each answer says what it cost, and whose it was by a name that is nobody's.
    let answered: Vec<_> = output.lines().filter(|line| line.contains("answered")).collect();
    assert!(answered.iter().any(|line| line.contains("store_calls") && line.contains("driver")), "{answered:?}");
    assert!(answered.iter().all(|line| !line.contains("5123456789")), "{answered:?}");
}

/// The dispatchers' chat.
const GROUP: i64 = -1_001_000_000_001;

/// A run of the product, and a driver's session in it.
struct Run<'a> {
    http: &'a reqwest::Client,
    address: &'a str,
    token: &'a str,
}

impl Run<'_> {
    async fn sandbox(&self, method: Method, path: &str, body: Value) -> Value {
        let request = self.http.request(method, format!("{}/_sandbox{path}", self.address)).body(body.to_string());
        request.send().await.unwrap().json::<Value>().await.unwrap_or_default()
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let request = self.http.post(format!("{}{path}", self.address)).bearer_auth(self.token).json(&body);
        request.send().await.unwrap().json::<Value>().await.unwrap()
    }

    async fn messages(&self) -> Vec<Value> {
        let chat = self.sandbox(Method::GET, &format!("/telegram/chats/{GROUP}"), Value::Null).await;
        chat["messages"].as_array().cloned().unwrap_or_default()
    }

    async fn until(&self, what: &str, found: impl Fn(&[Value]) -> bool) {
        for _ in 0..300 {
            if found(&self.messages().await) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{what} never came");
    }

    /// Waits until Telegram has refused as often as it should.
    async fn used_up(&self) {
        while self.sandbox(Method::GET, "/telegram/faults", Value::Null).await["fail"]["times"] != 0 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        self.sandbox(Method::PUT, "/telegram/faults", json!({})).await;
    }
}

/// Telegram refuses one call of this method, or of any.
fn refuse(method: Value) -> Value {
    let description = "Bad Request: can't parse entities";
    json!({ "fail": { "status": 400, "times": 1, "method": method, "description": description } })
}

/// A response from the first tap to the shipper's decision, with what goes wrong on the way. The links that were given.
async fn respond_and_decide(http: &reqwest::Client, address: &str, token: &str) -> Vec<String> {
    let (driver, dispatcher) = (5_123_456_789_i64, 402_118_554_i64);
    let run = Run { http, address, token };
    let contact = json!({ "phone": "79163334455" });
    run.sandbox(Method::POST, &format!("/telegram/chats/{driver}/contact"), contact).await;
    let answer = http.get(format!("{address}/api/cargos?limit=5")).bearer_auth(token).send().await.unwrap();
    let cargos = answer.json::<Value>().await.unwrap();
    let path = |nth: usize| format!("/api/cargos/{}/responses", cargos["items"][nth]["id"].as_str().unwrap());

    // The first one meets an outage of Telegram, the second a refusal.
    run.sandbox(Method::PUT, "/telegram/faults", json!({ "fail": { "status": 502, "times": 1 } })).await;
    let body = json!({ "phone": "+79164445566", "comment": "тайный комментарий" });
    let first = run.post(&path(0), body.clone()).await;
    let id = first["response"]["id"].as_str().unwrap().to_owned();
    run.until("the card", |messages| !messages.is_empty()).await;
    run.sandbox(Method::PUT, "/telegram/faults", refuse(Value::Null)).await;
    run.post(&path(1), body).await;
    run.used_up().await;

    for update in ["{\"update_id\": 5, \"message\": \"тайный комментарий\"}", "{}"] {
        for secret in ["wrong-secret-of-a-stranger", "webhook-secret-of-telegram"] {
            let webhook = http.post(format!("{address}/_gateway/webhooks/telegram")).body(update);
            webhook.header("x-telegram-bot-api-secret-token", secret).send().await.unwrap();
        }
    }
    let card = run.messages().await[0]["message_id"].clone();
    let press = async |data: String| {
        let press = json!({ "chat_id": GROUP, "message_id": card, "from": dispatcher, "data": data });
        run.sandbox(Method::POST, "/telegram/press", press).await;
    };
    press(format!("l:{id}:1")).await;
    let start = format!("{address}/app/r/#");
    let link = |message: &Value| {
        let words = message["text"].as_str()?;
        Some(words.split_once(&start)?.1.split_whitespace().next()?.to_owned())
    };
    run.until("the link", |messages| messages.iter().any(|message| link(message).is_some())).await;
    let links = run.messages().await.iter().filter_map(link).collect::<Vec<_>>();
    // What tells the driver of the decision is refused; the card is edited.
    run.sandbox(Method::PUT, "/telegram/faults", refuse(json!("sendMessage"))).await;
    for decision in ["accept", "reject"] {
        let body = json!({ "decision": decision, "reason": "тайная причина" });
        let decide =
            http.post(format!("{address}/api/shipper/response")).header("x-shipper-token", &links[0]).json(&body);
        decide.send().await.unwrap();
    }
    run.used_up().await;
    press(format!("c:{id}")).await;
    let reply = json!({ "from": dispatcher, "text": "тайная причина", "reply_to_message_id": card });
    run.sandbox(Method::POST, &format!("/telegram/chats/{GROUP}/messages"), reply).await;
    // A call that comes to no answer is an error that knows its address, and the bot's token is in that.
    run.sandbox(Method::PUT, "/telegram/faults", json!({ "down": true })).await;
    run.post(&path(2), json!({ "phone": "+79164445566" })).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    run.sandbox(Method::PUT, "/telegram/faults", json!({})).await;
    links
}

/// An order of a plan, and what YooKassa would notify us of.
async fn order(http: &reqwest::Client, address: &str, token: &str) {
    let plans = http.get(format!("{address}/api/plans")).bearer_auth(token).send().await.unwrap();
    let plan = plans.json::<Value>().await.unwrap()["items"][0]["id"].clone();
    let order = http.post(format!("{address}/api/payments")).bearer_auth(token).header("idempotency-key", "one-order");
    let answer = order.json(&json!({ "plan": plan, "email": "innokentiy@example.org" })).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 201, "{:?}", answer.text().await);
    let webhook = format!("{address}/_gateway/webhooks/yookassa/webhook-token-of-yookassa-webhook-token");
    let body = json!({ "type": "notification", "event": "payment.succeeded", "object": { "id": "none" } });
    http.post(webhook).json(&body).send().await.unwrap();
}

/// Reads all output, and tells the address when it comes by.
async fn collect(output: impl AsyncRead + Unpin, found: Option<UnboundedSender<String>>) -> String {
    let mut lines = BufReader::new(output).lines();
    let mut text = String::new();
    while let Ok(Some(line)) = lines.next_line().await {
        if let (Some(found), Some(address)) = (&found, address_in(&line)) {
            found.send(address).unwrap();
        }
        text.push_str(&line);
        text.push('\n');
    }
    text
}

/// CargoTech's token as the product keeps it.
async fn stored_token(http: &reqwest::Client, address: &str) -> String {
    let answer = http
        .post(format!("{address}/_aws"))
        .header("x-amz-target", "DynamoDB_20120810.Scan")
        .header("content-type", "application/x-amz-json-1.0")
        .body(json!({ "TableName": "cache" }).to_string())
        .send()
        .await
        .unwrap();
    let items = answer.json::<Value>().await.unwrap();
    let token = items["Items"].as_array().unwrap().iter().find_map(|item| item["token"]["S"].as_str());
    token.expect("the product is logged in").to_owned()
}
