//! The Lambda function `me`.

fn main() -> Result<(), lambda_http::Error> {
    functions::runtime::run(&functions::me::FUNCTION)
}
