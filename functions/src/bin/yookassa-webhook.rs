//! The Lambda function `yookassa-webhook`.

fn main() -> Result<(), lambda_http::Error> {
    functions::runtime::run(&functions::yookassa_webhook::FUNCTION)
}
