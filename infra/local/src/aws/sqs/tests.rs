use std::time::Duration;

use tokio_util::task::TaskTracker;

use super::*;
use crate::{
    clock::MovableClock,
    template::{QueueEvent, Redrive},
};

const URL: &str = "http://127.0.0.1:1/_aws/000000000000/NotifyQueue";

fn queues(clock: &MovableClock) -> Queues {
    let queue = |redrive| QueueResource {
        visibility_timeout: Duration::from_secs(60),
        delay: Duration::ZERO,
        retention: Duration::from_secs(345_600),
        redrive,
    };
    let redrive = Redrive { dead_letters: "Dead".to_owned(), max_receive_count: 2 };
    let resources =
        BTreeMap::from([("NotifyQueue".to_owned(), queue(Some(redrive))), ("Dead".to_owned(), queue(None))]);
    Queues::new(&resources, "http://127.0.0.1:1/_aws", clock.clock())
}

fn send(queues: &Queues, extra: &Value) -> Value {
    let mut request = json!({"QueueUrl": URL, "MessageBody": "This is a test message"});
    for (name, value) in extra.as_object().into_iter().flatten() {
        request[name] = value.clone();
    }
    serde_json::from_str(&queues.call(Caller::Free, "SendMessage", request.to_string().as_bytes()).body).expect("JSON")
}

fn event() -> QueueEvent {
    QueueEvent { queue: "NotifyQueue".to_owned(), batch_size: 10, concurrency: None, reports_failures: true }
}

fn function(run: impl Fn(Value) -> Result<Value, String> + Send + Sync + 'static) -> Arc<QueueFunction> {
    let run = Arc::new(run);
    Arc::new(QueueFunction {
        name: "notify".to_owned(),
        timeout: Duration::from_secs(5),
        run: Box::new(move |event| {
            let run = run.clone();
            Box::pin(async move { run(event) })
        }),
    })
}

#[test]
fn a_message_has_the_documented_digest_and_waits() {
    let queues = queues(&MovableClock::default());
    // The example of SQS's own documentation.
    assert_eq!(send(&queues, &json!({}))["MD5OfMessageBody"], "fafb00f5732ab283681e124bf8747ed1");
    let overview = queues.overview();
    assert_eq!((&overview["queues"][1]["waiting"], &overview["queues"][1]["sent"]), (&json!(1), &json!(1)));
    let other = json!({"QueueUrl": "http://x/Other", "MessageBody": "a"}).to_string();
    let answer = queues.call(Caller::Free, "SendMessage", other.as_bytes());
    assert!(answer.status == 400 && answer.body.contains("QueueDoesNotExist"), "{answer:?}");
}

#[test]
fn a_batch_is_answered_entry_by_entry() {
    let queues = queues(&MovableClock::default());
    let entries = json!([
        {"Id": "a", "MessageBody": "1"}, {"Id": "b", "MessageBody": ""}, {"Id": "c", "MessageBody": "3", "DelaySeconds": 901}
    ]);
    let request = json!({"QueueUrl": URL, "Entries": entries}).to_string();
    let answer: Value =
        serde_json::from_str(&queues.call(Caller::Free, "SendMessageBatch", request.as_bytes()).body).expect("JSON");
    assert_eq!(answer["Successful"][0]["Id"], "a");
    assert_eq!((&answer["Failed"][0]["Id"], &answer["Failed"][1]["Id"]), (&json!("b"), &json!("c")));
}

#[test]
fn delay_and_visibility_follow_the_clock_and_the_dead_letters_come_last() {
    let clock = MovableClock::default();
    let queues = queues(&clock);
    send(&queues, &json!({"DelaySeconds": 30}));
    assert!(queues.receive("NotifyQueue", 10).is_empty());
    clock.advance_s(31);
    let first = queues.receive("NotifyQueue", 10);
    assert_eq!(first[0].receive_count, 1);
    assert!(queues.receive("NotifyQueue", 10).is_empty(), "in flight");
    clock.advance_s(61);
    let second = queues.receive("NotifyQueue", 10);
    assert_eq!((second[0].receive_count, &second[0].id), (2, &first[0].id));
    queues.delete("NotifyQueue", &[first[0].receipt.clone().expect("a receipt")]);
    clock.advance_s(61);
    assert!(queues.receive("NotifyQueue", 10).is_empty(), "received often enough");
    assert_eq!(queues.overview()["queues"][1]["dead"], 1);
}

#[test]
fn messages_are_lost_doubled_delayed_and_refused_as_told() {
    let clock = MovableClock::default();
    let queues = queues(&clock);
    let set = |settings: Value| queues.set_settings(serde_json::from_value(settings).expect("settings"));
    set(json!({"lose": 1}));
    assert!(send(&queues, &json!({}))["MessageId"].is_string());
    assert!(queues.receive("NotifyQueue", 10).is_empty());
    set(json!({"double": true, "delay_ms": 5000}));
    send(&queues, &json!({}));
    assert!(queues.receive("NotifyQueue", 10).is_empty());
    clock.advance_s(6);
    assert_eq!(queues.receive("NotifyQueue", 10).len(), 2);
    set(json!({"refuse": true}));
    let refused = json!({"QueueUrl": URL, "MessageBody": "a"}).to_string();
    assert_eq!(queues.call(Caller::Free, "SendMessage", refused.as_bytes()).status, 503);
    let counters = &queues.overview()["queues"][1]["counters"];
    assert_eq!((&counters["sent"], &counters["lost"], &counters["refused"]), (&json!(2), &json!(1), &json!(1)));
    assert!(serde_json::from_value::<Settings>(json!({"lose": "some"})).is_err());
}

#[tokio::test]
async fn a_function_gets_the_event_of_lambda_and_only_what_failed_comes_again() {
    let clock = MovableClock::default();
    let queues = queues(&clock);
    let kept = send(&queues, &json!({"MessageBody": "bad"}))["MessageId"].clone();
    send(&queues, &json!({"MessageBody": "good"}));
    let batch = queues.receive("NotifyQueue", 10);
    let function = function(|event| {
        let records = event["Records"].as_array().cloned().unwrap_or_default();
        assert_eq!(records[0]["eventSource"], "aws:sqs");
        assert_eq!(records[0]["eventSourceARN"], "arn:aws:sqs:eu-central-1:000000000000:NotifyQueue");
        assert_eq!(records[0]["attributes"]["ApproximateReceiveCount"], "1");
        let bad = records.iter().filter(|record| record["body"] == "bad");
        let failures: Vec<_> = bad.map(|record| json!({"itemIdentifier": record["messageId"]})).collect();
        Ok(json!({"batchItemFailures": failures}))
    });
    queues.hand_over(&event(), &function, batch).await;
    clock.advance_s(61);
    let again = queues.receive("NotifyQueue", 10);
    assert_eq!(again.iter().map(|message| json!(message.id)).collect::<Vec<_>>(), [kept]);
}

#[tokio::test]
async fn an_error_a_panic_and_an_unknown_id_are_failures_of_the_whole_batch() {
    for answer in [Err("down".to_owned()), Ok(json!({"batchItemFailures": [{"itemIdentifier": ""}]}))] {
        let queues = queues(&MovableClock::default());
        send(&queues, &json!({}));
        let batch = queues.receive("NotifyQueue", 10);
        let answer = answer.clone();
        queues.hand_over(&event(), &function(move |_| answer.clone()), batch).await;
        assert_eq!(queues.overview()["queues"][1]["in_flight"], 1);
    }
    let queues = queues(&MovableClock::default());
    send(&queues, &json!({}));
    let batch = queues.receive("NotifyQueue", 10);
    queues.hand_over(&event(), &function(|_| panic!("a bug")), batch).await;
    assert_eq!(queues.overview()["queues"][1]["in_flight"], 1);
}

#[tokio::test(start_paused = true)]
async fn messages_reach_the_function_without_being_asked_for() {
    let clock = MovableClock::default();
    let queues = queues(&clock);
    let (seen, mut bodies) = tokio::sync::mpsc::unbounded_channel();
    let function = function(move |event| {
        let _ = seen.send(event["Records"][0]["body"].clone());
        Ok(json!({}))
    });
    #[allow(clippy::disallowed_methods, reason = "a consumer beside the test")]
    let consumer = tokio::spawn(queues.clone().consume(event(), function, TaskTracker::new()));
    send(&queues, &json!({"MessageBody": "one"}));
    assert_eq!(bodies.recv().await, Some(json!("one")));
    send(&queues, &json!({"MessageBody": "two", "DelaySeconds": 600}));
    tokio::time::sleep(Duration::from_millis(200)).await;
    clock.advance_s(601);
    assert_eq!(bodies.recv().await, Some(json!("two")));
    consumer.abort();
}
