//! The Lambda function `dictionaries`.

fn main() -> Result<(), lambda_http::Error> {
    functions::runtime::run(&functions::dictionaries::FUNCTION)
}
