//! The Lambda function `admin-settings`.

fn main() -> Result<(), lambda_http::Error> {
    functions::runtime::run(&functions::admin_settings::FUNCTION)
}
