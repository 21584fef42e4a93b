//! The Lambda function `searches`.

fn main() -> Result<(), lambda_http::Error> {
    functions::runtime::run(&functions::searches::FUNCTION)
}
