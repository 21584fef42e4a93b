//! What is urgent is sent before what is not, however much of that waits.
use reqwest::Method;
use serde_json::{Value, json};
use tests::{DISPATCHERS, Responded, World, text};

const OLGA: i64 = DISPATCHERS[0];
/// Messages of the lowest class that wait.
const CROWD: i64 = 5_000;
/// Turns that the bot has in two seconds: every 36 ms.
const TURNS: usize = 2_000 / 36 + 1;

fn number(number: i64) -> Value {
    json!({ "N": number.to_string() })
}

fn number_of(row: &Value, name: &str) -> i64 {
    row[name]["N"].as_str().and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("{name} of {row}"))
}

/// So many drivers whose subscription ends tomorrow, and who have been waiting to be told for longer than anybody else. The
/// reminder is that of a driver who signed in.
async fn crowd(world: &World, like: &Value) {
    let ends_at_ms = world.now_ms() + 86_400_000;
    let mut rows = Vec::new();
    for at in 0..CROWD {
        let id = 6_000_000_000 + at;
        let pk = json!({ "S": format!("DRIVER#{id}") });
        rows.push(json!({ "pk": pk, "sk": { "S": "PROFILE" }, "first_name": { "S": "Толпа" } }));
        let body = json!({ "ends_at_ms": ends_at_ms, "source": "gift", "payments": 0, "version": 1 });
        rows.push(json!({
            "pk": pk, "sk": { "S": "SUBSCRIPTION" }, "version": number(1), "body": { "S": body.to_string() },
        }));
        let (subject, mut row) = (format!("{id}-{ends_at_ms}"), like.clone());
        row["pk"] = json!({ "S": format!("DELIVERY#reminder-1-{subject}") });
        row["id"] = json!({ "S": format!("reminder-1-{subject}") });
        (row["subject_id"], row["driver_id"]) = (json!({ "S": subject }), number(id));
        (row["due_at"], row["list"]) = (number(at), json!({ "S": format!("DELIVERIES#{id}") }));
        rows.push(row);
    }
    world.insert(rows).await;
}

/// A run of the job. A busy machine's store may be too slow for so many rows; then the run fails.
async fn run(world: &World) {
    let job = json!({ "job": "deliver-due" }).to_string();
    world.send(Method::POST, "/_sandbox/schedules/jobs", &[], job).await;
}

/// How often the bot has written to somebody.
async fn calls(world: &World) -> u64 {
    world.look("/telegram/calls").await["methods"]["sendMessage"]["calls"].as_u64().unwrap_or(0)
}

/// When the messages of the crowd were dealt with that were.
async fn dealt_with(world: &World) -> Vec<i64> {
    let mut rows = world.rows("DELIVERY#reminder-1-6").await;
    rows.retain(|row| row["status"]["S"] != "waiting");
    rows.iter().map(|row| number_of(row, "updated_at")).collect()
}

/// The notice of what became of the response was sent within two seconds of being due, by the turns that the crowd had
/// meanwhile. How many of the crowd were dealt with before and after it was due.
async fn is_prompt(world: &World, one: &Responded, status: &str) -> (usize, usize) {
    let row = world.rows(&format!("DELIVERY#notice-{status}-{}", one.id)).await.remove(0);
    assert_eq!(text(&row["status"]["S"]), "sent", "{row}");
    let (due_ms, sent_ms) = (number_of(&row, "armed_at"), number_of(&row, "sent_at"));
    let dealt_with = dealt_with(world).await;
    let between = dealt_with.iter().filter(|at_ms| (due_ms..=sent_ms).contains(*at_ms)).count();
    assert!(
        between <= TURNS,
        "{between} of the crowd were dealt with before it, {} ms after it was due",
        sent_ms - due_ms
    );
    let before = dealt_with.iter().filter(|at_ms| **at_ms < due_ms).count();
    (before, dealt_with.len() - before)
}

#[tokio::test]
async fn a_decision_stands_behind_none_of_five_thousand_messages_of_the_lowest_class() {
    let world = World::roomy().await;
    let one = world.responded_to_lasting().await;
    world.settle().await;
    let like = world.rows(&format!("DELIVERY#reminder-1-{}", one.driver.id)).await.remove(0);
    assert_eq!(like["due"]["S"], "DELIVERY#news");
    crowd(&world, &like).await;

    // With a lost hint, by the next run of the job: before anything of the crowd's, which waits for much longer.
    world.sandbox("/queues", json!({ "lose": "all" })).await;
    world.press(OLGA, one.card, &one.button('a')).await;
    world.job("deliver-due").await;
    is_prompt(&world, &one, "accepted").await;
    let mut crowded = 0;
    for _ in 0..5 {
        run(&world).await;
        crowded = dealt_with(&world).await.len();
        if crowded >= 20 {
            break;
        }
    }
    assert!(crowded >= 20, "the crowd has its share: {crowded}");

    // With a hint, while a run is busy with the crowd.
    world.sandbox("/queues", json!({})).await;
    let decide = async {
        let before = calls(&world).await;
        world.until("the run is under way", async || (calls(&world).await > before + 10).then_some(())).await;
        world.press(OLGA, one.card, &one.button('c')).await;
        world
            .until("the driver is told", async || {
                (!world.texts_with(one.driver.id, &["Перевозка завершена"]).await.is_empty()).then_some(())
            })
            .await;
    };
    let runs = async {
        loop {
            run(&world).await;
        }
    };
    tokio::select! {
        () = decide => {}
        _ = runs => {}
    }
    world
        .until("it is on record", async || {
            (world.delivery(&format!("notice-completed-{}", one.id)).await.0 == "sent").then_some(())
        })
        .await;
    let (before, after) = is_prompt(&world, &one, "completed").await;
    assert!(before > crowded && after > 0, "the run went on: {before} and {after}");
}
