//! A module that the product does not know: a bell that drivers hear of once. This file alone adds it, with a row, a message,
//! a job, a flag, a right, an audit kind and a metric of its own.
use manifest::{
    Kept, Manifest, Rule,
    flags::Flag,
    rights::{Permission, Role},
};
use outbox::{
    class::Class,
    kind::Kind,
    ledger::{Claimed, Subject},
    message::Message,
};
use reqwest::Method;
use serde_json::json;
use shared::{
    app::App,
    delivery::kinds::{Rendering, Step, to_driver},
    modules::{Job, Module, Modules, PRODUCT},
    person::PersonId,
    request::RequestContext,
    store::StoreError,
    telemetry::Metric,
};
use store::{
    Condition, Item, Key, RowKind, Transaction,
    audit::{AuditKind, AuditRow},
    n,
};
use tests::{Options, World, text};

/// The driver for whom it rings.
const DRIVER: i64 = 7_000_000_001;

const BELL_ROW: RowKind = RowKind::app("Bell");
const RUNG: AuditKind = AuditKind::new("bell_rung");
const SOUNDED: Metric = Metric::count("BellSounded");
const RING: Permission = Permission::new("ring_bells", &[Role::Owner]);
const BELL: Flag = Flag::on("app.bell");
const SOUNDS: &Kind = &Kind::plain("bell", Class::News);

static TOY: Module = Module {
    manifest: Manifest {
        name: "bells",
        retention: &[Rule { kinds: &[BELL_ROW], kept: Kept::Until("for ever"), why: "it rings once" }],
        audit: &[RUNG],
        metrics: &[SOUNDED],
        permissions: &[RING],
        secrets: &[],
        flags: &[BELL],
    },
    messages: &[Rendering::for_driver(SOUNDS, |app, claimed, _| Box::pin(render(app, claimed)))],
    jobs: &[Job { name: "ring", every_s: 60, run: |app, context| Box::pin(ring(app, context)) }],
};

async fn render(app: &App, claimed: &Claimed) -> Result<Step, StoreError> {
    let profile = app.store.profile(claimed.person.number()).await?;
    Ok(to_driver(profile, |_| Ok(Message { text: "Дзынь!".to_owned(), rows: Vec::new() })))
}

/// Rings once, unless somebody has switched it off: the row, the audit row and the message are one transaction.
async fn ring(app: &App, context: &RequestContext) -> Result<(), String> {
    let settings = app.store.settings().await.map_err(|error| error.to_string())?;
    if !settings.flags.is_on(BELL, DRIVER) {
        return Ok(());
    }
    let now_ms = app.clock.now_ms();
    let audit = AuditRow::new(context, now_ms, RUNG, "ok").fact("driver_id", DRIVER);
    let (audit_key, audit) = audit.item().map_err(|error| error.to_string())?;
    let row = Item::from([("rung_at".to_owned(), n(now_ms))]);
    let key = Key::of_driver(BELL_ROW.table(), DRIVER, "BELL");
    let transaction = Transaction::default().put("bell", &key, row, Some(Condition::absent()));
    let transaction = transaction.put("audit", &audit_key, audit, Some(Condition::absent()));
    let subject = Subject { person: PersonId::new(DRIVER), cargo_id: "", id: "7000000001" };
    let transaction = app.store.arm_delivery(transaction, SOUNDS.only(), &subject, now_ms);
    app.store.transact("ring", transaction).await.map(drop).map_err(|error| error.to_string())
}

/// The product with one module more.
async fn world() -> World {
    let modules: Vec<_> = PRODUCT.0.iter().copied().chain([&TOY]).collect();
    World::of(Options { modules: Modules(modules.leak()), ..Options::default() }).await
}

#[tokio::test]
async fn a_module_is_added_by_one_file() {
    let world = world().await;
    let owner = world.admin("owner").await;
    world.driver_called(DRIVER).await;

    let me = world.get(&owner, "/api/admin/me").await.ok().json();
    assert!(me["permissions"].as_array().is_some_and(|all| all.contains(&json!("ring_bells"))), "{me}");
    let health = world.get(&owner, "/api/admin/health").await.ok().json();
    let job = health["jobs"].as_array().and_then(|jobs| jobs.iter().find(|job| job["name"] == "ring")).cloned();
    assert_eq!(job.expect("the job")["state"], "never");
    let flags = world.get(&owner, "/api/admin/flags").await.ok().json();
    assert!(flags["items"].as_array().is_some_and(|all| all.iter().any(|flag| flag["flag"] == "app.bell")), "{flags}");

    let switch = async |rule: &str, version: i64| {
        let body = json!({ "rule": rule, "version": version });
        world.call(&owner, Method::PUT, "/api/admin/flags/app.bell", &body).await.ok();
    };
    switch("off", flags["version"].as_i64().expect("a version")).await;
    world.job("ring").await;
    world.settle().await;
    assert_eq!(world.rows("DELIVERY#bell").await.len(), 0, "it is switched off");

    switch("on", flags["version"].as_i64().expect("a version") + 1).await;
    for _ in 0..3 {
        world.job("ring").await;
        world.job("deliver-due").await;
    }
    let heard = world.messages(DRIVER).await;
    let heard: Vec<_> = heard.iter().filter(|message| text(&message["text"]) == "Дзынь!").collect();
    assert_eq!(heard.len(), 1, "{heard:?}");
    let log = world.get(&owner, "/api/admin/audit?kind=bell_rung").await.ok().json();
    assert_eq!(log["items"].as_array().map(Vec::len), Some(1), "{log}");
}

#[tokio::test]
async fn the_product_itself_knows_no_bell() {
    let world = World::start().await;
    let answer = world.send(Method::POST, "/_sandbox/schedules/jobs", &[], json!({ "job": "ring" }).to_string()).await;
    assert!(!answer.status.is_success(), "{} {}", answer.status, answer.body);
    assert!(PRODUCT.flag("app.bell").is_none());
}
