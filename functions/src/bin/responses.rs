//! The Lambda function `responses`.

fn main() -> Result<(), lambda_http::Error> {
    functions::runtime::run(&functions::responses::FUNCTION)
}
