//! What is wrong with a request, field by field.
use serde::Serialize;
use utoipa::ToSchema;

/// One thing that is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// The field as the caller wrote it.
    #[schema(examples("start_point_type"))]
    pub field: String,
    /// Stable, for programs: `missing`, `unknown`, `repeated`, `malformed`, `out_of_range`, `too_long`,
    /// `refused` (by CargoTech or YooKassa).
    pub code: &'static str,
    /// What is wrong and what would be right.
    pub message: String,
}

impl FieldError {
    /// A cursor that is none of ours, or of another list.
    pub fn cursor() -> Self {
        Self::new("cursor", "malformed", "Send the cursor of the page before as it came, or none.")
    }

    /// One error of one field.
    pub fn new(field: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        // Callers make up names too, and get them back, but not without end.
        let field: String = field.into();
        Self { field: field.chars().take(60).collect(), code, message: message.into() }
    }
}

/// So many faults are told of one request.
const TOLD: usize = 20;
/// So many bytes of a field's name are sent back, as JSON writes them: of all faults together at most a kilobyte.
const FIELD_BYTES: usize = 50;

/// The faults that a caller is told of. What they send may have thousands of names that they make up, and comes back at most in
/// small part; faults of fields that there are come first.
pub fn told(faults: &[FieldError]) -> Vec<FieldError> {
    let (unknown, known): (Vec<_>, Vec<_>) = faults.iter().partition(|fault| fault.code == "unknown");
    let told = known.into_iter().chain(unknown).take(TOLD);
    told.map(|fault| FieldError { field: cut(&fault.field), ..fault.clone() }).collect()
}

fn cut(name: &str) -> String {
    let mut bytes = 0;
    let fits = |c: &char| {
        // Control characters become `\u0000`, quotes and backslashes get another backslash.
        bytes += if c.is_ascii_control() { 6 } else { c.len_utf8() + usize::from(matches!(c, '"' | '\\')) };
        bytes <= FIELD_BYTES
    };
    name.chars().take_while(fits).collect()
}
