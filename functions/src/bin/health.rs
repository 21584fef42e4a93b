//! The Lambda function `health`.

fn main() -> Result<(), lambda_http::Error> {
    functions::runtime::run(&functions::health::FUNCTION)
}
