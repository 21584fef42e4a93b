use std::{collections::BTreeSet, fs};

use functions::openapi::Api;
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
        .map(|(method, path)| format!("{method} {path}"))
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

#[test]
fn every_route_of_admins_has_a_right_in_the_function_that_the_template_sends_it_to() {
    let template = local::template::Template::read(&local::project_root().join("template.yaml")).unwrap();
    for (function, routes) in [
        ("admin-people", functions::admin_people::ROUTES),
        ("admin-money", functions::admin_money::ROUTES),
        ("admin-settings", functions::admin_settings::ROUTES),
    ] {
        let resource = template.functions.iter().find(|resource| resource.name == function).unwrap();
        let routed: BTreeSet<_> = resource.routes.iter().map(|(method, path)| format!("{method} {path}")).collect();
        let known: BTreeSet<_> = routes.iter().map(|route| route.key.to_owned()).collect();
        assert_eq!(known, routed, "{function}");
        assert_eq!(known.len(), routes.len(), "{function} has a route twice");
    }
}
