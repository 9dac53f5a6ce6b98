//! What a browser lets the page do where a server serves it.

use super::file::TEMPLATE;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ring::digest::{SHA256, digest};
use std::sync::LazyLock;

/// The content security policy: the page's own script and style, by their digests, and requests to its own server.
#[must_use]
pub fn policy() -> &'static str {
    static POLICY: LazyLock<String> = LazyLock::new(|| {
        let (script, style) = (digests("script"), digests("style"));
        format!(
            "default-src 'none'; script-src {script}; style-src {style}; img-src data:; connect-src 'self'; base-uri 'none'; \
             form-action 'none'; frame-ancestors 'none'"
        )
    });
    &POLICY
}

/// The digests of all elements of a name.
fn digests(element: &str) -> String {
    let (begin, end) = (format!("<{element}"), format!("</{element}>"));
    let texts = TEMPLATE.split(&begin).skip(1).filter_map(|rest| rest.split_once('>')?.1.split_once(end.as_str()));
    let digests = texts.map(|(text, _)| BASE64_STANDARD.encode(digest(&SHA256, text.as_bytes())));
    let digests: Vec<String> = digests.map(|digest| format!("'sha256-{digest}'")).collect();
    if digests.is_empty() { "'none'".to_owned() } else { digests.join(" ") }
}
