//! The command against the sandbox's Bot API, which checks what Telegram checks.
use bot::{Bot, Setup};
use local::{Options, Product};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

const TOKEN: &str = "7000000001:local-demo-bot-token";

fn setup() -> Setup {
    Setup {
        webhook: "https://api.example.org/webhooks/telegram".into(),
        secret: "a-secret-of-sixteen".into(),
        app: "https://app.example.org/app/".into(),
        dispatch_chat_id: Some(-1_001_000_000_001),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn telegram_is_told_everything_once_and_again() {
    let running = Product::start(Options::default()).await.expect("the product starts");
    let bot = Bot { base_url: format!("{}/_telegram", running.url()), token: TOKEN.into() };
    for _ in 0..2 {
        assert_eq!(bot.set(&setup()).await.expect("Telegram takes it"), None);
    }
    let shown = bot.show().await.expect("Telegram tells");
    for text in ["@", "https://api.example.org/webhooks/telegram", "callback_query", "my_chat_member"] {
        assert!(shown.contains(text), "{text} is not in {shown}");
    }
    assert!(!shown.contains("a-secret-of-sixteen") && !shown.contains(TOKEN), "{shown}");
    let about = reqwest::get(format!("{}/_sandbox/telegram/bot", running.url())).await.unwrap().text().await.unwrap();
    let about: Value = serde_json::from_str(&about).unwrap();
    assert_eq!(about["commands"].as_array().map(Vec::len), Some(3), "{about}");
    assert_eq!(about["menu"][0]["button"]["web_app"]["url"], "https://app.example.org/app/");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_telegram_refuses_is_told_with_its_method() {
    let running = Product::start(Options::default()).await.expect("the product starts");
    let bot = Bot { base_url: format!("{}/_telegram", running.url()), token: TOKEN.into() };
    let error = bot.set(&Setup { secret: "not allowed!".into(), ..setup() }).await.expect_err("a bad secret");
    assert!(error.starts_with("setWebhook: refused"), "{error}");
    let stranger = Bot { base_url: bot.base_url, token: "1:x".into() };
    let error = stranger.set(&setup()).await.expect_err("a bad token");
    assert!(error.starts_with("getMe: ") && !error.contains("1:x"), "{error}");
}

/// A Bot API that refuses, with `answer`, whatever names the dispatchers' chat, and takes everything else. Its address.
#[allow(clippy::disallowed_methods, clippy::unwrap_used)] // a stand-in
async fn without_the_chat(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut caller, _)) = listener.accept().await {
            let mut request = Vec::new();
            let mut part = [0; 4096];
            // Each body is one JSON object and ends the request.
            while !(request.ends_with(b"}") && request.windows(4).any(|end| end == b"\r\n\r\n")) {
                match caller.read(&mut part).await {
                    Ok(read) if read > 0 => request.extend_from_slice(&part[..read]),
                    _ => break,
                }
            }
            let refused = String::from_utf8_lossy(&request).contains("-1001000000001");
            let answer = if refused { answer } else { "HTTP/1.1 200 OK|{\"ok\":true,\"result\":true}" };
            let (status, body) = answer.split_once('|').unwrap();
            let length = body.len();
            let _ = caller
                .write_all(
                    format!("{status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}").as_bytes(),
                )
                .await;
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_that_the_bot_is_not_in_is_a_warning_with_the_remedy() {
    const UNKNOWN: &str = "HTTP/1.1 400 Bad Request|\
        {\"ok\":false,\"error_code\":400,\"description\":\"Bad Request: chat not found\"}";
    let bot = Bot { base_url: without_the_chat(UNKNOWN).await, token: TOKEN.into() };
    let warning = bot.set(&setup()).await.expect("everything else is set").expect("and the chat is told");
    for text in ["-1001000000001", "chat not found", "/help", "DispatchChatId"] {
        assert!(warning.contains(text), "{text} is not in {warning}");
    }
    assert_eq!(bot.set(&Setup { dispatch_chat_id: None, ..setup() }).await, Ok(None));

    // Whoever gets no answer does not know, and tries again.
    let bot = Bot { base_url: without_the_chat("HTTP/1.1 502 Bad Gateway|{}").await, token: TOKEN.into() };
    let error = bot.set(&setup()).await.expect_err("no answer");
    assert!(error.starts_with("setMyCommands: no answer"), "{error}");
}
