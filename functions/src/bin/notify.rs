//! The Lambda function `notify`.

fn main() -> Result<(), lambda_http::Error> {
    functions::runtime::run(&functions::notify::FUNCTION)
}
