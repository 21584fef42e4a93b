//! The Lambda function `cargo-list`.

fn main() -> Result<(), lambda_http::Error> {
    functions::runtime::run(&functions::cargo_list::FUNCTION)
}
