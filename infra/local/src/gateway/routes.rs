//! Which function answers a request: the rules by which an HTTP API picks a route.
use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;

/// The routes of the API, most specific first.
#[derive(Debug, Default)]
pub struct Routes<T> {
    routes: Vec<Route<T>>,
}

#[derive(Debug)]
struct Route<T> {
    /// As in the event: `GET /api/cargos/{id}`.
    key: String,
    /// None for ANY.
    method: Option<String>,
    path: Vec<Segment>,
    target: T,
}

/// A part of a path pattern. The order is that of precedence: what is fixed wins over a variable, which wins over a rest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Fixed(String),
    Variable(String),
    /// `{proxy+}`: one or more segments.
    Rest(String),
}

/// A request's route.
#[derive(Debug, PartialEq, Eq)]
pub struct Matched<'a, T> {
    /// The route key as the event has it.
    pub key: &'a str,
    /// The path parameters, decoded.
    pub parameters: BTreeMap<String, String>,
    /// What the route leads to.
    pub target: &'a T,
}

impl<T> Routes<T> {
    /// Takes `(method, path pattern, target)`; a method of `ANY` answers all.
    pub fn new(routes: impl IntoIterator<Item = (String, String, T)>) -> Self {
        let mut routes: Vec<_> = routes
            .into_iter()
            .map(|(method, path, target)| Route {
                key: format!("{method} {path}"),
                method: (method != "ANY").then_some(method),
                path: segments(&path).map(Segment::parse).collect(),
                target,
            })
            .collect();
        // Between equal paths the route that names the method wins.
        routes.sort_by(|a, b| a.path.cmp(&b.path).then(a.method.is_none().cmp(&b.method.is_none())));
        Self { routes }
    }

    /// Finds the route of a request; `path` is as it was sent, still percent-encoded.
    pub fn find(&self, method: &str, path: &str) -> Option<Matched<'_, T>> {
        let path: Vec<_> = segments(path).collect();
        self.routes.iter().filter(|route| route.method.as_deref().is_none_or(|own| own == method)).find_map(|route| {
            Some(Matched { key: &route.key, parameters: route.matches(&path)?, target: &route.target })
        })
    }
}

impl<T> Route<T> {
    fn matches(&self, path: &[&str]) -> Option<BTreeMap<String, String>> {
        let mut parameters = BTreeMap::new();
        let mut rest = path;
        for segment in &self.path {
            let (first, after) = rest.split_first()?;
            match segment {
                Segment::Fixed(wanted) if decode(first) == *wanted => rest = after,
                Segment::Variable(name) if !first.is_empty() => {
                    parameters.insert(name.clone(), decode(first));
                    rest = after;
                }
                Segment::Rest(name) if rest.iter().any(|segment| !segment.is_empty()) => {
                    parameters.insert(name.clone(), decode(&rest.join("/")));
                    rest = &[];
                }
                _ => return None,
            }
        }
        rest.is_empty().then_some(parameters)
    }
}

impl Segment {
    fn parse(text: &str) -> Self {
        match text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
            Some(name) => match name.strip_suffix('+') {
                Some(name) => Self::Rest(name.to_owned()),
                None => Self::Variable(name.to_owned()),
            },
            None => Self::Fixed(text.to_owned()),
        }
    }
}

/// The parts of a path between its slashes; a slash at the end leaves an empty last part.
fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.strip_prefix('/').unwrap_or(path).split('/')
}

/// Percent-decoding as in a path: a plus stays a plus.
pub fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(method: &str, path: &str) -> Option<(&'static str, Vec<(String, String)>)> {
        let routes = Routes::new(
            [
                ("ANY", "/api/admin/{proxy+}", "admin"),
                ("GET", "/api/cargos/{id}", "detail"),
                ("GET", "/api/cargos/near", "near"),
                ("ANY", "/api/cargos/{id}", "any"),
                ("GET", "/api/cargos", "list"),
                ("POST", "/api/cargos/{id}/responses", "responses"),
            ]
            .map(|(method, path, target)| (method.to_owned(), path.to_owned(), target)),
        );
        let found = routes.find(method, path)?;
        Some((found.target, found.parameters.into_iter().collect()))
    }

    fn parameter(name: &str, value: &str) -> Vec<(String, String)> {
        vec![(name.to_owned(), value.to_owned())]
    }

    #[test]
    fn what_is_more_specific_wins() {
        assert_eq!(find("GET", "/api/cargos"), Some(("list", vec![])));
        assert_eq!(find("GET", "/api/cargos/near"), Some(("near", vec![])));
        assert_eq!(find("GET", "/api/cargos/7"), Some(("detail", parameter("id", "7"))));
        assert_eq!(find("PUT", "/api/cargos/7"), Some(("any", parameter("id", "7"))));
        assert_eq!(find("PUT", "/api/cargos/near"), Some(("any", parameter("id", "near"))));
    }

    #[test]
    fn a_greedy_parameter_takes_at_least_one_segment() {
        assert_eq!(find("PATCH", "/api/admin/a/b"), Some(("admin", parameter("proxy", "a/b"))));
        assert_eq!(find("GET", "/api/admin"), None);
        assert_eq!(find("GET", "/api/admin/"), None);
    }

    #[test]
    fn parameters_are_decoded_after_the_path_was_split() {
        assert_eq!(find("GET", "/api/cargos/a%2Fb%20c+d"), Some(("detail", parameter("id", "a/b c+d"))));
        assert_eq!(find("GET", "/api/cargos/%D1%91"), Some(("detail", parameter("id", "ё"))));
        assert_eq!(find("GET", "/api/cargos/%FF"), Some(("detail", parameter("id", "\u{fffd}"))));
    }

    #[test]
    fn other_methods_and_paths_have_no_route() {
        assert_eq!(find("DELETE", "/api/cargos"), None);
        assert_eq!(find("GET", "/api/cargos/"), None);
        assert_eq!(find("GET", "/api/cargos/7/8"), None);
        assert_eq!(find("GET", "/"), None);
    }
}
