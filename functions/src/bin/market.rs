//! The Lambda function `market`.

fn main() -> Result<(), lambda_http::Error> {
    functions::runtime::run(&functions::market::FUNCTION)
}
