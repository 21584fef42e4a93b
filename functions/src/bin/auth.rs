//! The Lambda function `auth`.

fn main() -> Result<(), lambda_http::Error> {
    functions::runtime::run(&functions::auth::FUNCTION)
}
