//! The Lambda function `alarms`.

fn main() -> Result<(), lambda_http::Error> {
    functions::runtime::run(&functions::alarms::FUNCTION)
}
