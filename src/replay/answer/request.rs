//! A request about objects, with everything that its response needs.

use crate::replay::body::{self, Body};
use crate::replay::collection::Collection;
use crate::replay::discovery;
use crate::replay::document::selectable;
use crate::replay::printing::Form;
use crate::replay::refusal::Refusal;
use crate::replay::route::{Call, Query};
use crate::replay::scopes::Scope;
use crate::replay::selector::Selection;
use crate::replay::shared::Shared;
use crate::replay::store::{Address, State};
use crate::replay::table::IncludeObject;
use crate::replay::wire::Valve;
use http::request::Parts;
use http::{Response, header};
use std::sync::Arc;

/// A request about objects, with everything that its response needs.
pub(super) struct ObjectRequest<'a> {
    pub shared: &'a Arc<Shared>,
    pub valve: &'a Arc<Valve>,
    pub parts: &'a Parts,
    pub call: &'a Call,
    pub address: &'a Address,
    pub namespace: &'a str,
    pub name: &'a str,
    pub form: Form,
}

impl ObjectRequest<'_> {
    pub(super) fn selection(&self, collection: &Collection) -> Result<Selection, Refusal> {
        let (labels, fields) = (self.call.query.text("labelSelector"), self.call.query.text("fieldSelector"));
        Selection::read(self.namespace, labels, fields, selectable(&collection.resource))
            .map_err(|message| Refusal::new(400, message))
    }

    /// Namespaces are served even if the script has none.
    pub(super) fn is_about_namespaces(&self) -> bool {
        let (group, version, plural) = self.address;
        group.is_empty() && version == "v1" && plural == "namespaces"
    }

    /// In a served group the response is a Status; for any other path it is a plain 404, as from a real server.
    pub(super) fn not_served(&self, state: &State) -> Response<Body> {
        let (group, version, _) = self.address;
        match discovery::resources(state, group, version) {
            Some(_) => Refusal::no_resource().response(),
            None => body::page_not_found(),
        }
    }
}

/// Whether the recording knows what exists.
///
/// # Errors
/// It does not, at this moment of the replay, or never.
pub(super) fn known(collection: &Collection, scope: &Scope) -> Result<(), Refusal> {
    let Collection { resource, scopes, .. } = collection;
    if !scopes.covers(scope) {
        let message = format!("{resource} is forbidden: of these, the recording has only {}", scopes.words());
        return Err(Refusal::new(403, message));
    }
    if scopes.is_lost(scope) {
        return Err(Refusal::unknown(&resource.to_string()));
    }
    Ok(())
}

/// The representation that the client asks for: the first of its Accept header that can be served.
pub(super) fn form(request: &Parts, query: &Query) -> Result<Form, Refusal> {
    let accept = request.headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or("*/*");
    let known = accept.split(',').find_map(|kind| {
        let mut parts = kind.split(';').map(str::trim);
        let media = parts.next()?;
        if !matches!(media, "application/json" | "application/*" | "*/*") {
            return None;
        }
        let parts: Vec<&str> = parts.collect();
        let parameter = |name: &str| parts.iter().find_map(|part| part.strip_prefix(name)?.strip_prefix('='));
        let is_v1 = parameter("v").is_none_or(|version| version == "v1");
        match parameter("as") {
            None => Some(Form::Full),
            Some("PartialObjectMetadata" | "PartialObjectMetadataList") if is_v1 => Some(Form::Metadata),
            Some("Table") if is_v1 => Some(Form::Table(IncludeObject::default())),
            Some(_) => None,
        }
    });
    let message = "only the following media types are accepted: application/json, whole or as Table (v1) or \
                   PartialObjectMetadata (v1) of meta.k8s.io";
    match known.ok_or_else(|| Refusal::new(406, message))? {
        Form::Table(_) => {
            let include = IncludeObject::read(query.text("includeObject"));
            include.map(Form::Table).map_err(|message| Refusal::new(400, message))
        }
        form => Ok(form),
    }
}
