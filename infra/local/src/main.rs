//! `cargo dev`.
fn main() {}
