//! `cargo dev` as a person meets it: a program, its one address, its messages, its end.
use std::{path::PathBuf, process::Stdio, time::Duration};

use reqwest::Method;
use tests::World;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader},
    process::{Child, Command},
};

/// The program, built beside this test.
pub fn program() -> PathBuf {
    let path = std::env::current_exe().unwrap().ancestors().nth(2).unwrap().join("local");
    assert!(path.exists(), "{} is missing: build it with `cargo build -p local`", path.display());
    path
}

fn dev(arguments: &[&str]) -> Command {
    let mut command = Command::new(program());
    // The first sweep of the market comes before the address, which these tests wait for.
    command.args(arguments).env("MARKET_CALLS_PER_MIN", "0").stdin(Stdio::null()).kill_on_drop(true);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Reads what it says up to the line with the address, and returns the address.
async fn address(child: &mut Child) -> String {
    let mut lines = BufReader::new(child.stderr.as_mut().unwrap()).lines();
    let read = async {
        while let Some(line) = lines.next_line().await.unwrap() {
            if let Some(address) = address_in(&line) {
                return address;
            }
        }
        panic!("it ended without an address");
    };
    tokio::time::timeout(Duration::from_secs(120), read).await.expect("it starts")
}

/// The address in the line that ends a start.
pub fn address_in(line: &str) -> Option<String> {
    let at = line.contains("The product runs at").then(|| line.find("http://127.0.0.1:"))??;
    Some(line[at..].split('/').take(3).collect::<Vec<_>>().join("/"))
}

async fn ended(child: Child) -> (i32, String) {
    let output =
        tokio::time::timeout(Duration::from_secs(20), child.wait_with_output()).await.expect("it ends").unwrap();
    (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[tokio::test]
async fn it_keeps_its_data_stops_cleanly_and_starts_afresh_when_told() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let data = data.to_str().unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut token = String::new();
    for (arguments, known) in [(vec![], None), (vec![], Some(true)), (vec!["--reset"], Some(false))] {
        let mut child = dev(&[&["--port", "0", "--data-dir", data], &arguments[..]].concat()).spawn().unwrap();
        let address = address(&mut child).await;
        if let Some(known) = known {
            let me = http.get(format!("{address}/api/me")).bearer_auth(&token).send().await.unwrap();
            assert_eq!(me.status().is_success(), known, "{arguments:?}");
        } else {
            let launch = http.post(format!("{address}/_sandbox/telegram/init-data")).body("{}").send().await.unwrap();
            let launch: serde_json::Value = launch.json().await.unwrap();
            let body = serde_json::json!({ "init_data": launch["init_data"] });
            let answer = http.post(format!("{address}/api/auth/telegram")).json(&body).send().await.unwrap();
            token = answer.json::<serde_json::Value>().await.unwrap()["session_token"].as_str().unwrap().to_owned();
        }
        let page = http.get(format!("{address}/")).send().await.unwrap();
        assert!(page.status().is_success() && page.text().await.unwrap().contains("<html"));

        let second = ended(dev(&["--port", "0", "--data-dir", data]).spawn().unwrap()).await;
        assert_eq!(second.0, 1, "two must not share one data dir: {}", second.1);

        let id = child.id().unwrap().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().await.unwrap().success());
        let (code, errors) = ended(child).await;
        assert_eq!(code, 0, "{errors}");
        assert!(!errors.contains("panicked"), "{errors}");
    }
}

#[tokio::test]
async fn jobs_that_find_nothing_to_do_leave_the_address_in_sight() {
    let folder = tempfile::tempdir().unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut child = dev(&["--port", "0", "--data-dir", folder.path().to_str().unwrap()]).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut at = None;
    while at.is_none() {
        at = address_in(&lines.next_line().await.unwrap().expect("it starts"));
    }
    let at = at.unwrap();
    for job in ["deliver-due", "look-after-payments", "expire-responses", "watch", "forget"] {
        let run = http.post(format!("{at}/_sandbox/schedules/jobs")).body(format!(r#"{{"job":"{job}"}}"#));
        assert!(run.send().await.unwrap().status().is_success(), "{job}");
    }
    let id = child.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().await.unwrap().success());
    let mut after = Vec::new();
    while let Some(line) = lines.next_line().await.unwrap() {
        after.push(line);
    }
    assert!(after.is_empty(), "below the address: {after:#?}");
}

#[tokio::test]
async fn a_taken_port_and_a_bad_setting_give_one_clear_message() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    for (arguments, variable, message) in [
        (vec!["--port", &port], None, "is taken"),
        (vec!["--port", "0"], Some(("LIST_TTL_S", "soon")), "LIST_TTL_S"),
        (vec!["--port", "0"], Some(("CARGOTECH_BASE_URL", "nowhere")), "CARGOTECH_BASE_URL"),
        (vec!["--port", "0"], Some(("TELEGRAM_BASE_URL", "nowhere")), "TELEGRAM_BASE_URL"),
        (vec!["--port", "0"], Some(("DISPATCH_CHAT_ID", "12345")), "DISPATCH_CHAT_ID"),
        (vec!["--port", "0"], Some(("NOTIFY_QUEUE_URL", "queue")), "NOTIFY_QUEUE_URL"),
        (vec!["--port", "0"], Some(("RESPONSE_TTL_S", "0")), "RESPONSE_TTL_S"),
        (vec!["--port", "0"], Some(("TELEGRAM_BOT_TOKEN", "nonsense")), "bot_token"),
        (vec!["--port", "0"], Some(("TELEGRAM_WEBHOOK_SECRET", "with spaces")), "TELEGRAM_WEBHOOK_SECRET"),
        (vec!["--colour"], None, "--colour"),
    ] {
        let mut command = dev(&[&["--data-dir", data], &arguments[..]].concat());
        command.envs(variable);
        let (code, errors) = ended(command.spawn().unwrap()).await;
        assert_eq!(code, 1, "{arguments:?} {errors}");
        let told =
            errors.lines().filter(|line| !line.contains(" INFO ") && !line.trim().is_empty()).collect::<Vec<_>>();
        assert!(told.len() == 1 && told.iter().any(|line| line.contains(message)), "{arguments:?}: {errors}");
        assert!(!errors.contains("panicked"), "{errors}");
    }
}

#[tokio::test]
async fn it_prints_the_environment_of_a_function_started_by_hand() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap().to_owned();
    let mut child = dev(&["--port", "0", "--data-dir", &data, "--print-env"]).spawn().unwrap();
    let mut output = child.stdout.take().unwrap();
    let mut text = String::new();
    let read = async {
        let mut chunk = [0; 4096];
        while !(["APP_TABLE=", "AWS_ENDPOINT_URL=", "WEBAPP_ORIGIN=", "NOTIFY_QUEUE_URL="]
            .iter()
            .all(|name| text.contains(name)))
        {
            let count = output.read(&mut chunk).await.unwrap();
            assert_ne!(count, 0, "it ended early: {text}");
            text.push_str(&String::from_utf8_lossy(&chunk[..count]));
        }
    };
    tokio::time::timeout(Duration::from_secs(120), read).await.expect("it prints");
    for name in [
        "AWS_REGION=",
        "AWS_ACCESS_KEY_ID=",
        "CACHE_TABLE=",
        "SECRETS_PREFIX=",
        "DISPATCH_CHAT_ID=",
        "TELEGRAM_BASE_URL=",
    ] {
        assert!(text.contains(name), "{name} in {text}");
    }
}

#[tokio::test]
async fn an_uptime_monitor_may_ask_with_head() {
    let world = World::start().await;
    let (asked, got) = (
        world.send(Method::HEAD, "/api/health", &[], "").await.ok(),
        world.send(Method::GET, "/api/health", &[], "").await.ok(),
    );
    assert_eq!((asked.body.as_str(), asked.header("content-type")), ("", got.header("content-type")));
    let past_the_front = world.send(Method::HEAD, "/_gateway/api/health", &[], "").await;
    assert_eq!((past_the_front.status.as_u16(), past_the_front.body.as_str()), (403, ""));
    assert_eq!(world.send(Method::HEAD, "/api/me", &[], "").await.status.as_u16(), 404, "no other route has it");
}

#[tokio::test]
async fn with_an_address_of_cargotechs_set_it_talks_to_that_and_starts_no_sandbox_of_its_own() {
    let login = [("CARGOTECH_PHONE", "+79990000001"), ("CARGOTECH_PASSWORD", "one")];
    let outside = World::with(&login).await;
    let address = format!("{}/_cargotech/", outside.address());
    let world = World::with(&[login[0], login[1], ("CARGOTECH_BASE_URL", &address)]).await;
    let driver = world.driver().await;
    world.get(&driver, "/api/cargos").await.ok();
    assert_eq!(outside.upstream_calls("list").await, 1);
    for path in ["/_sandbox/cargotech", "/_cargotech/v1/me"] {
        assert_eq!(world.send(Method::GET, path, &[], "").await.status.as_u16(), 404, "{path}");
    }
}
