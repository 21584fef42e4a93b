//! The Lambda function `jobs`.

fn main() -> Result<(), lambda_http::Error> {
    functions::runtime::run(&functions::jobs::FUNCTION)
}
