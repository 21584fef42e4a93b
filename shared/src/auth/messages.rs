//! The message about an opened access link.
use outbox::{
    class::Class,
    kind::{Kind, MessageKind},
    ledger::Claimed,
};

use crate::{
    app::App,
    delivery::kinds::{Rendering, Step, to_driver},
    store::StoreError,
    telegram::{screens, update::CloseAccess},
};

const OPENINGS: &Kind = &Kind::plain("opened", Class::Alert);

/// Tells the driver that their access link was opened, with a button that voids it. Its subject is [`opening_subject`].
pub const OPENED: MessageKind = OPENINGS.only();

/// The subject of that message: the driver, the generation and the time.
pub fn opening_subject(driver_id: i64, generation: u32, at_ms: i64) -> String {
    format!("{driver_id}-{generation}-{at_ms}")
}

/// How it is rendered.
pub(crate) const ALL: &[Rendering] =
    &[Rendering::for_driver(OPENINGS, |app, claimed, _| Box::pin(render_opening(app, claimed)))];

async fn render_opening(app: &App, claimed: &Claimed) -> Result<Step, StoreError> {
    let driver_id = claimed.person.number();
    let (profile, good) = tokio::try_join!(app.store.profile(driver_id), app.store.access_generation(driver_id))?;
    let mut parts = claimed.subject_id.split('-').skip(1);
    let generation = parts.next().and_then(|part| part.parse().ok());
    let at_ms = parts.next().and_then(|part| part.parse().ok());
    let Some((generation, at_ms)) = generation.zip(at_ms) else { return Ok(Step::Skip("it names no opening")) };
    Ok(to_driver(profile, |profile| {
        Ok(screens::opening(CloseAccess { generation, at_ms }, generation == good, profile))
    }))
}
