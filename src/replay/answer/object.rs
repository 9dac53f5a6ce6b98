//! GET of one object, or of a namespace that contains objects.

use super::super::body::{self, Body};
use super::super::discovery;
use super::super::document::key;
use super::super::printing::Printing;
use super::super::refusal::Refusal;
use super::super::scopes::Scope;
use super::request::{ObjectRequest, known};
use http::Response;

pub(super) fn answer(request: &ObjectRequest<'_>) -> Result<Response<Body>, Refusal> {
    let ObjectRequest { shared, namespace, name, .. } = request;
    let state = shared.store.lock();
    let Some(collection) = state.served(request.address) else {
        if !request.is_about_namespaces() {
            return Ok(request.not_served(&state));
        }
        if !discovery::namespace_names(&state).contains(*name) {
            return Err(Refusal::no_object("namespaces", name));
        }
        let mut namespace = discovery::namespace(&state, name, &shared.options.cluster_uid);
        namespace["kind"] = "Namespace".into();
        namespace["apiVersion"] = "v1".into();
        return Ok(body::json(namespace.to_string() + "\n"));
    };
    known(collection, &Scope { namespace: (*namespace).into(), name: (*name).into() })?;
    let key = key(namespace, name);
    let resource = collection.resource.to_string();
    let version = collection.live(&key).ok_or_else(|| Refusal::no_object(&resource, name))?;
    let printing = Printing::new(request.form, &collection.resource, state.now(), true);
    let mut object = collection.object(version, &printing);
    object.push(b'\n');
    Ok(body::json(object))
}
