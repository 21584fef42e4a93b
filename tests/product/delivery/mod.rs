//! Messages reach the chats whatever happens on the way, and no chat is flooded.
mod rates;
mod trouble;
mod unreachable;
mod unrecorded;

use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::{DISPATCH_CHAT, DISPATCHERS, Driver, World, text};

const OLGA: i64 = DISPATCHERS[0];
/// Room for what one driver alone would never do.
const ROOM: [(&str, &str); 2] = [("RATE_LIMIT_PER_S", "1000"), ("MISSES_PER_MIN", "6000")];

/// So many responses of one driver, all taken.
async fn responses(world: &World, driver: &Driver, count: usize) -> Vec<String> {
    let cargos = world.cargos(driver, count).await;
    join_all(cargos.iter().map(async |cargo| {
        let id = cargo["id"].as_str().unwrap();
        let (mut answer, mut good) = (world.respond(driver, id, json!({})).await, vec![201]);
        // A busy machine's store may be too slow; then the app repeats it, which may be the same response.
        for _ in 0..5 {
            if answer.status.as_u16() == 503 {
                (answer, good) = (world.respond(driver, id, json!({})).await, vec![200, 201]);
            }
        }
        assert!(good.contains(&answer.status.as_u16()), "{}", answer.body);
        text(&answer.json()["response"]["id"])
    }))
    .await
}

/// Every one of these responses has exactly one message in the dispatchers' chat, and there is nothing else.
async fn each_arrived_once(world: &World, responses: &[String]) {
    let messages = world.messages(DISPATCH_CHAT).await;
    for response in responses {
        let about = |message: &&Value| message["reply_markup"].to_string().contains(response.as_str());
        assert_eq!(messages.iter().filter(about).count(), 1, "{response}");
        assert_eq!(world.delivery(&format!("card-{response}")).await.0, "sent");
    }
    assert_eq!(messages.len(), responses.len());
}

async fn calls(world: &World) -> Value {
    world.look("/telegram/calls").await
}
