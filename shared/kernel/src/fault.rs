//! Faults of a request, field by field.
use serde::Serialize;
use utoipa::ToSchema;

/// A fault in a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// Name of the field as the caller wrote it.
    #[schema(examples("start_point_type"))]
    pub field: String,
    /// Stable code for programs: `missing`, `unknown`, `repeated`, `malformed`, `out_of_range`, `too_long`, `refused`
    /// (by CargoTech or YooKassa), `conflicting` (with another field) or `unavailable` at the moment.
    pub code: &'static str,
    /// What is wrong and what would be valid.
    pub message: String,
}

impl FieldError {
    /// A cursor that is malformed or belongs to another list.
    pub fn cursor() -> Self {
        Self::new("cursor", "malformed", "Send the cursor of the page before as it came, or none.")
    }

    /// Creates a fault for one field.
    pub fn new(field: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        // Callers can invent field names; echo them, but only up to a limit.
        let field: String = field.into();
        Self { field: field.chars().take(60).collect(), code, message: message.into() }
    }
}

/// The most faults reported for one request.
const TOLD: usize = 20;
/// The most bytes of a field's name to echo, in JSON form. All faults together echo at most a kilobyte.
const FIELD_BYTES: usize = 50;

/// Selects the faults to report. A request may contain thousands of invented field names, so only a few are echoed;
/// faults of known fields come first.
pub fn reported(faults: &[FieldError]) -> Vec<FieldError> {
    let (unknown, known): (Vec<_>, Vec<_>) = faults.iter().partition(|fault| fault.code == "unknown");
    let told = known.into_iter().chain(unknown).take(TOLD);
    told.map(|fault| FieldError { field: cut(&fault.field), ..fault.clone() }).collect()
}

fn cut(name: &str) -> String {
    let mut bytes = 0;
    let fits = |c: &char| {
        // Control characters become `\u0000`; quotes and backslashes gain a backslash.
        bytes += if c.is_ascii_control() { 6 } else { c.len_utf8() + usize::from(matches!(c, '"' | '\\')) };
        bytes <= FIELD_BYTES
    };
    name.chars().take_while(fits).collect()
}
