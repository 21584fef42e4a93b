use std::{collections::BTreeSet, fs};

use functions::{admin::ROUTES, openapi::Api};
use utoipa::OpenApi as _;

/// `UPDATE_SNAPSHOTS=1` writes it anew.
#[test]
fn openapi_yaml_is_what_the_code_says() {
    let path = local::project_root().join("openapi.yaml");
    let generated = Api::openapi().to_yaml().unwrap();
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::write(&path, &generated).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        kept, generated,
        "openapi.yaml is old: run the tests once with UPDATE_SNAPSHOTS=1 and look at the difference"
    );
}

#[test]
fn the_description_has_every_route_of_the_template_and_no_other() {
    let template = local::template::Template::read(&local::project_root().join("template.yaml")).unwrap();
    let routed = template
        .functions
        .iter()
        .flat_map(|function| &function.routes)
        // The admin function has a table of its own behind its one route.
        .filter(|(_, path)| path != "/api/admin/{proxy+}")
        .map(|(method, path)| format!("{method} {path}"))
        .chain(ROUTES.iter().map(|route| format!("{} /api/admin/{}", route.method, route.path)))
        .collect::<BTreeSet<_>>();
    let api = Api::openapi();
    let described = api
        .paths
        .paths
        .iter()
        .flat_map(|(path, item)| {
            let operations = [
                ("GET", &item.get),
                ("HEAD", &item.head),
                ("PUT", &item.put),
                ("POST", &item.post),
                ("DELETE", &item.delete),
            ];
            operations
                .into_iter()
                .filter(|(_, operation)| operation.is_some())
                .map(move |(method, _)| format!("{method} {path}"))
        })
        .collect::<BTreeSet<_>>();
    assert_eq!(described, routed);
}
