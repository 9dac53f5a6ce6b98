//! The paths and queries of lists and watches.

use crate::observation::{ResourceVersion, Watch};
use form_urlencoded::Serializer;

/// `Accept` for whole objects.
pub const JSON: &str = "application/json";
/// `Accept` for lists of metadata only.
pub const METADATA: &str = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

/// One page of a list, as of now (a quorum read), continued where `token` says.
#[must_use]
pub fn list(watch: &Watch, limit: u32, token: Option<&str>) -> String {
    let mut query = selectors(watch);
    query.append_pair("limit", &limit.to_string());
    if let Some(token) = token {
        query.append_pair("continue", token);
    }
    path(watch, &mut query)
}

/// The collection's head as of now: one item, for the list's own version.
#[must_use]
pub fn head(watch: &Watch) -> String {
    list(watch, 1, None)
}

/// A watch from a version on, with bookmarks.
#[must_use]
pub fn watch(watch: &Watch, from: &ResourceVersion, timeout_seconds: u64) -> String {
    let mut query = selectors(watch);
    query
        .append_pair("watch", "true")
        .append_pair("allowWatchBookmarks", "true")
        .append_pair("resourceVersion", from.as_str())
        .append_pair("timeoutSeconds", &timeout_seconds.to_string());
    path(watch, &mut query)
}

fn selectors(watch: &Watch) -> Serializer<'static, String> {
    let mut query = Serializer::new(String::new());
    if !watch.label_selector.is_empty() {
        query.append_pair("labelSelector", &watch.label_selector);
    }
    if !watch.field_selector.is_empty() {
        query.append_pair("fieldSelector", &watch.field_selector);
    }
    query
}

fn path(watch: &Watch, query: &mut Serializer<'static, String>) -> String {
    format!("{}?{}", watch.resource.path(&watch.namespace), query.finish())
}
