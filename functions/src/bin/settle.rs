//! The Lambda function `settle`.

fn main() -> Result<(), lambda_http::Error> {
    functions::runtime::run(&functions::settle::FUNCTION)
}
