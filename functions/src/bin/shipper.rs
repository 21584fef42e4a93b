//! The Lambda function `shipper`.

fn main() -> Result<(), lambda_http::Error> {
    functions::runtime::run(&functions::shipper::FUNCTION)
}
