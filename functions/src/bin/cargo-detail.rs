//! The Lambda function `cargo-detail`.

fn main() -> Result<(), lambda_http::Error> {
    functions::runtime::run(&functions::cargo_detail::FUNCTION)
}
