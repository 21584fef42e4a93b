//! The command against the sandbox's Bot API, which checks what Telegram checks.
use bot::{Bot, Setup};
use local::{Options, Product};
use serde_json::Value;

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
        bot.set(&setup()).await.expect("Telegram takes it");
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
