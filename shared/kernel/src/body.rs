//! Request bodies, each defined once. The same definition drives parsing and the API documentation.
use serde_json::{Map, Value};

use crate::{fault::FieldError, fields::Fields};

/// A request body, or an object inside one. Define it with [`body!`](crate::body!).
pub trait Body: Sized {
    /// The field names.
    const FIELDS: &'static [&'static str];
    /// Whether unknown fields are allowed.
    const IGNORES_OTHERS: bool;

    /// Reads the fields. Records each fault in `fields` and returns a placeholder for the faulty value.
    fn read(fields: &mut Fields<'_>) -> Self;

    /// Reads the body and returns it with the faults found so far, for rules that span several fields.
    fn begin(body: &Map<String, Value>) -> (Self, Fields<'_>) {
        Self::begin_within("", body)
    }

    /// Like [`Body::begin`], for an object inside a body. `place` prefixes its field names.
    fn begin_within<'a>(place: &str, body: &'a Map<String, Value>) -> (Self, Fields<'a>) {
        let mut fields = if Self::IGNORES_OTHERS {
            Fields::among_others(place, body)
        } else {
            Fields::within(place, body, Self::FIELDS)
        };
        (Self::read(&mut fields), fields)
    }

    /// Parses the body.
    ///
    /// # Errors
    /// Every fault, each with its field.
    fn parse(body: &Map<String, Value>) -> Result<Self, Vec<FieldError>> {
        let (read, fields) = Self::begin(body);
        fields.done(read)
    }
}

/// Defines a [`Body`]: each field with its documentation, its type, and the [`Fields`] reader (or a function of the
/// same form) that receives the field's name and these arguments. A trailing `..` allows unknown fields.
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

#[cfg(test)]
mod tests {
    use serde_json::json;
    use utoipa::PartialSchema as _;

    use super::Body as _;
    use crate::fields::Fields;

    body! {
        /// Takes nothing but its fields.
        struct Strict {
            /// Why.
            reason: String = Fields::required_text(5),
            #[schema(value_type = Option<bool>)]
            on: Option<bool> = Fields::if_sent(|fields, name| fields.flag(name, None)),
        }
    }

    body! {
        /// Takes others too.
        struct Lenient {
            token: String = Fields::required_raw_text("Send the token."),
            ..
        }
    }

    #[test]
    fn a_body_is_read_from_its_definition_and_all_faults_are_told() {
        let sent = json!({ "reason": " why ", "on": true });
        let read = Strict::parse(sent.as_object().unwrap()).expect("it is sound");
        assert_eq!((read.reason.as_str(), read.on), ("why", Some(true)));
        let sent = json!({ "raeson": "why", "on": null });
        let (_, fields) = Strict::begin_within("part.", sent.as_object().unwrap());
        let faults = fields.done(()).expect_err("all of it is wrong");
        let told: Vec<_> = faults.iter().map(|fault| (fault.field.as_str(), fault.code)).collect();
        assert_eq!(told, [("part.raeson", "unknown"), ("part.reason", "missing"), ("part.on", "malformed")]);
    }

    #[test]
    fn other_fields_are_ignored_only_where_the_definition_says_so() {
        let sent = json!({ "token": "t", "other": 1 });
        assert_eq!(Lenient::parse(sent.as_object().unwrap()).expect("it is sound").token, "t");
        let faults = Lenient::parse(json!({ "token": " " }).as_object().unwrap()).err().expect("it is blank");
        assert_eq!((faults[0].field.as_str(), faults[0].code), ("token", "missing"));
    }

    #[test]
    fn what_is_documented_are_the_fields_that_are_read() {
        let schema = serde_json::to_value(Strict::schema()).unwrap();
        let documented: Vec<_> = schema["properties"].as_object().unwrap().keys().cloned().collect();
        let mut read = Strict::FIELDS.to_vec();
        read.sort_unstable();
        assert_eq!(
            (documented, schema["required"].clone()),
            (read.iter().map(|name| (*name).to_owned()).collect(), json!(["reason"]))
        );
    }
}
