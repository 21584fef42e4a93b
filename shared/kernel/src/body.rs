//! Bodies of requests, each defined once: its fields are what the API documents and what is read.
use serde_json::{Map, Value};

use crate::{fault::FieldError, fields::Fields};

/// A body of a request, or an object in one; [`body!`](crate::body!) makes it.
pub trait Body: Sized {
    /// The names of its fields.
    const FIELDS: &'static [&'static str];
    /// Whether other fields may stand beside them.
    const IGNORES_OTHERS: bool;

    /// Reads the fields. What is wrong is noted there, and something stands in its place here.
    fn read(fields: &mut Fields<'_>) -> Self;

    /// The body, and what is wrong with it so far, for rules that concern more than one field.
    fn begin(body: &Map<String, Value>) -> (Self, Fields<'_>) {
        Self::begin_within("", body)
    }

    /// The same for a part of a body; `place` goes before the names of its fields.
    fn begin_within<'a>(place: &str, body: &'a Map<String, Value>) -> (Self, Fields<'a>) {
        let mut fields = if Self::IGNORES_OTHERS {
            Fields::among_others(place, body)
        } else {
            Fields::within(place, body, Self::FIELDS)
        };
        (Self::read(&mut fields), fields)
    }

    /// The body.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its field.
    fn parse(body: &Map<String, Value>) -> Result<Self, Vec<FieldError>> {
        let (read, fields) = Self::begin(body);
        fields.done(read)
    }
}

/// Defines a [`Body`]: each field with its documentation, its type, and the reader of [`Fields`] (or of the same form) that
/// gets the field's name and these arguments. With `..` at the end other fields are ignored.
///
/// ```
/// use kernel::{body, body::Body as _, fields::Fields};
///
/// body! {
///     /// Why something is done.
///     pub struct ReasonBody {
///         /// At most 250 characters.
///         reason: String = Fields::required_text(250),
///     }
/// }
/// # fn main() {
/// let sent = serde_json::json!({ "reason": "two payments by mistake" });
/// assert_eq!(ReasonBody::parse(sent.as_object().unwrap()).unwrap().reason, "two payments by mistake");
/// # }
/// ```
#[macro_export]
macro_rules! body {
    ($(#[$meta:meta])* $vis:vis struct $name:ident {
        $($(#[$field_meta:meta])* $field_vis:vis $field:ident: $type:ty = $($reader:ident)::+ ($($argument:expr),* $(,)?)),+ $(,)?
    }) => {
        $crate::body! { @as false, $(#[$meta])* $vis struct $name {
            $($(#[$field_meta])* $field_vis $field: $type = $($reader)::+ ($($argument),*)),+
        } }
    };
    ($(#[$meta:meta])* $vis:vis struct $name:ident {
        $($(#[$field_meta:meta])* $field_vis:vis $field:ident: $type:ty = $($reader:ident)::+ ($($argument:expr),* $(,)?),)+ ..
    }) => {
        $crate::body! { @as true, $(#[$meta])* $vis struct $name {
            $($(#[$field_meta])* $field_vis $field: $type = $($reader)::+ ($($argument),*)),+
        } }
    };
    (@as $ignores_others:literal, $(#[$meta:meta])* $vis:vis struct $name:ident {
        $($(#[$field_meta:meta])* $field_vis:vis $field:ident: $type:ty = $($reader:ident)::+ ($($argument:expr),*)),+
    }) => {
        $(#[$meta])*
        #[derive(utoipa::ToSchema)]
        $vis struct $name {
            $($(#[$field_meta])* $field_vis $field: $type,)+
        }

        impl $crate::body::Body for $name {
            const FIELDS: &'static [&'static str] = &[$(stringify!($field)),+];
            const IGNORES_OTHERS: bool = $ignores_others;

            fn read(fields: &mut $crate::fields::Fields<'_>) -> Self {
                Self { $($field: $($reader)::+ (fields, stringify!($field), $($argument),*)),+ }
            }
        }
    };
}
