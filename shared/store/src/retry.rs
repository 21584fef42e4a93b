//! Read-then-write loops: read again and retry if a concurrent change wins.
use crate::StoreError;

/// The result of one attempt.
#[derive(Debug)]
pub enum Tried<T, S = ()> {
    /// The attempt succeeded with this result.
    Done(T),
    /// A concurrent change won. The next attempt starts with this state.
    Changed(S),
}

/// Makes up to `tries` attempts, until no concurrent change wins. An attempt reads, decides, and writes under the
/// condition that nothing has changed since. The first starts with `state`.
///
/// # Errors
/// An attempt failed, or a concurrent change won every time ([`StoreError::is_contended`]).
pub async fn retry_on_change<S, T, E, F>(
    operation: &'static str,
    tries: usize,
    mut state: S,
    mut attempt: impl FnMut(S) -> F,
) -> Result<T, E>
where
    E: From<StoreError>,
    F: Future<Output = Result<Tried<T, S>, E>>,
{
    for _ in 0..tries {
        match attempt(state).await? {
            Tried::Done(value) => return Ok(value),
            Tried::Changed(next) => state = next,
        }
    }
    Err(StoreError::contended(operation).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_loses_a_race_tries_again_as_often_as_said() {
        let third = |tried| async move { Ok(if tried == 3 { Tried::Done(tried) } else { Tried::Changed(tried + 1) }) };
        let done: Result<i32, StoreError> = retry_on_change("test", 3, 1, third).await;
        assert_eq!(done.unwrap(), 3);
        let lost: Result<i32, StoreError> = retry_on_change("test", 2, 1, third).await;
        assert!(lost.unwrap_err().is_contended());
    }

    #[tokio::test]
    async fn a_failure_is_told_at_once() {
        let tried = std::cell::Cell::new(0);
        let failed: Result<(), StoreError> = retry_on_change("test", 3, (), |()| {
            tried.set(tried.get() + 1);
            async { Err(StoreError::malformed("test", "body")) }
        })
        .await;
        assert!(failed.is_err_and(|error| error.is_lasting() && !error.is_contended()));
        assert_eq!(tried.get(), 1);
    }
}
