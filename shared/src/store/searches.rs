//! Saved searches: one row per driver, changed under its version.
use ::store::{
    Attributes, Condition, Item, Outcome, StoreError, Update, n,
    retry::{Tried, retry_on_change},
    s,
};

use super::{Store, keys};
use crate::{error::Error, searches::Searches};

/// Attempts if concurrent changes win.
const TRIES: usize = 8;

fn read(item: Option<&Item>) -> Result<Searches, StoreError> {
    let Some(item) = item else { return Ok(Searches::default()) };
    let malformed = || StoreError::malformed("searches", "body");
    // A forgotten driver's row keeps only its version.
    let body = item.text("body").map(serde_json::from_str::<Searches>).transpose().map_err(|_| malformed())?;
    Ok(Searches { version: item.number("version").unwrap_or_default(), ..body.unwrap_or_default() })
}

impl Store {
    /// The driver's saved searches.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn searches(&self, driver_id: i64) -> Result<Searches, StoreError> {
        read(self.get_now("searches", &keys::searches(driver_id)).await?.as_ref())
    }

    /// Changes the driver's saved searches by `change`, which says whether it changed anything. Returns them with its
    /// answer.
    ///
    /// # Errors
    /// `change` refuses, or the store cannot be used.
    pub async fn change_searches(
        &self,
        driver_id: i64,
        change: impl Fn(&mut Searches) -> Result<bool, Error>,
    ) -> Result<(Searches, bool), Error> {
        let key = keys::searches(driver_id);
        let first = self.searches(driver_id).await?;
        retry_on_change("change_searches", TRIES, first, |mut searches| {
            let changed = change(&mut searches);
            let key = key.clone();
            async move {
                if !changed? {
                    return Ok(Tried::Done((searches, false)));
                }
                let body = serde_json::to_string(&searches).map_err(|_| StoreError::malformed("searches", "body"))?;
                let update = Update::default()
                    .when(Condition::version(searches.version))
                    .set("body", s(body))
                    .set("version", n(searches.version + 1));
                Ok(match self.update("change_searches", &key, update).await? {
                    Outcome::Done(_) => Tried::Done((Searches { version: searches.version + 1, ..searches }, true)),
                    Outcome::Refused(existing) => Tried::Changed(read(Some(&existing))?),
                })
            }
        })
        .await
    }
}
