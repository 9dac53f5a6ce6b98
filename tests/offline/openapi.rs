//! The OpenAPI document of `serve`, which is made from its handlers, and the page about it.

use serde_json::Value;
use std::path::Path;

fn document() -> Value {
    serde_json::to_value(statetrail::server::openapi()).expect("it is plain data")
}

#[test]
fn the_page_and_the_document_have_the_same_endpoints() {
    let document = document();
    let paths = document["paths"].as_object().expect("paths");
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/SERVER.md")).expect("a page");
    let mut documented: Vec<String> = Vec::new();
    for (path, methods) in paths {
        for method in methods.as_object().expect("methods").keys() {
            documented.push(format!("{} {path}", method.to_uppercase()));
        }
    }
    assert_eq!(documented.len(), 10, "{documented:?}");
    for endpoint in &documented {
        assert!(page.contains(&format!("`{endpoint}`")), "docs/SERVER.md has no {endpoint}");
    }
    let rows = page.lines().filter(|line| line.starts_with("| [`") || line.starts_with("| `GET /"));
    assert_eq!(rows.count(), documented.len());
}

#[test]
fn every_failure_is_described_as_a_problem() {
    let document = document();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            let responses = operation["responses"].as_object().expect("responses");
            assert!(responses.keys().any(|code| code.starts_with('2')), "{method} {path}");
            for (code, response) in responses.iter().filter(|(code, _)| !code.starts_with('2')) {
                let problem = &response["content"]["application/problem+json"]["schema"]["$ref"];
                assert_eq!(problem, "#/components/schemas/Problem", "{method} {path} {code}");
            }
        }
    }
}
