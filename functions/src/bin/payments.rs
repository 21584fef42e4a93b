//! The Lambda function `payments`.

fn main() -> Result<(), lambda_http::Error> {
    functions::runtime::run(&functions::payments::FUNCTION)
}
