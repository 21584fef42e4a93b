//! The Lambda function `admin`.

fn main() -> Result<(), lambda_http::Error> {
    functions::runtime::run(&functions::admin::FUNCTION)
}
