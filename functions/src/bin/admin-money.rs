//! The Lambda function `admin-money`.

fn main() -> Result<(), lambda_http::Error> {
    functions::runtime::run(&functions::admin_money::FUNCTION)
}
