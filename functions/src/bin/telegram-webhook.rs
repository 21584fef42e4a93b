//! The Lambda function `telegram-webhook`.

fn main() -> Result<(), lambda_http::Error> {
    functions::runtime::run(&functions::telegram_webhook::FUNCTION)
}
