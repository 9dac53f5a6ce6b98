//! The queries of lists and watches, encoded; [`Resource`](crate::observation::Resource) encodes their paths.

use crate::observation::{ResourceVersion, Watch, field_selector};
use form_urlencoded::Serializer;

/// `Accept` for whole objects.
pub(super) const JSON: &str = "application/json";
/// `Accept` for lists of metadata only.
pub(super) const METADATA: &str = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

/// Objects per page.
pub(super) const PAGE: u32 = 500;

/// One page of a list as of now (a quorum read); `token` continues a list.
#[must_use]
pub(super) fn list(watch: &Watch, limit: u32, token: Option<&str>) -> String {
    let mut query = selectors(watch);
    query.append_pair("limit", &limit.to_string());
    if let Some(token) = token {
        query.append_pair("continue", token);
    }
    path(watch, &mut query)
}

/// The collection's version as of now: a list of one item.
#[must_use]
pub(super) fn head(watch: &Watch) -> String {
    list(watch, 1, None)
}

/// One page of a collection at a revision. Later pages are addressed by their token alone.
#[must_use]
pub(super) fn exact(watch: &Watch, revision: u64, token: Option<&str>) -> String {
    let mut query = selectors(watch);
    query.append_pair("limit", &PAGE.to_string());
    match token {
        Some(token) => query.append_pair("continue", token),
        None => at(&mut query, revision),
    };
    path(watch, &mut query)
}

/// One item of a collection at a revision, to see whether the server still has it.
#[must_use]
pub(super) fn exact_head(watch: &Watch, revision: u64) -> String {
    let mut query = selectors(watch);
    query.append_pair("limit", "1");
    at(&mut query, revision);
    path(watch, &mut query)
}

/// The object with a name at a revision; with `selected`, only if the watch selects it.
#[must_use]
pub(super) fn exact_name(watch: &Watch, namespace: &str, name: &str, revision: u64, selected: bool) -> String {
    let mut query = Serializer::new(String::new());
    let mut fields = format!("metadata.name={}", field_selector::escape(name));
    if selected && !watch.label_selector.is_empty() {
        query.append_pair("labelSelector", &watch.label_selector);
    }
    if selected && !watch.field_selector.is_empty() && watch.field_selector != fields {
        fields = format!("{fields},{}", watch.field_selector);
    }
    query.append_pair("fieldSelector", &fields);
    at(&mut query, revision);
    format!("{}?{}", watch.resource.path(namespace), query.finish())
}

/// The object with a name as of now, selected or not.
#[must_use]
pub(super) fn named(watch: &Watch, namespace: &str, name: &str) -> String {
    let mut query = Serializer::new(String::new());
    query.append_pair("fieldSelector", &format!("metadata.name={}", field_selector::escape(name)));
    format!("{}?{}", watch.resource.path(namespace), query.finish())
}

fn at<'a>(query: &'a mut Serializer<'static, String>, revision: u64) -> &'a mut Serializer<'static, String> {
    query.append_pair("resourceVersion", &revision.to_string()).append_pair("resourceVersionMatch", "Exact")
}

/// A watch from a version on, with bookmarks.
#[must_use]
pub(super) fn watch(watch: &Watch, from: &ResourceVersion, timeout_seconds: u64) -> String {
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
