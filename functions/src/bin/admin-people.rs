//! The Lambda function `admin-people`.

fn main() -> Result<(), lambda_http::Error> {
    functions::runtime::run(&functions::admin_people::FUNCTION)
}
