//! LIST: the revision of the response, the objects on the page, and the page as JSON.
//!
//! The rules are those of "API concepts", section "resourceVersion parameter", and of kube-apiserver where that section
//! is silent. A response never comes from another revision than the one it names.

use super::collection::{Collection, Form};
use super::document::is_builtin;
use super::refusal::Refusal;
use super::route::Query;
use super::selector::Selection;
use super::store::State;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// The content of a continue token, which is opaque to clients.
#[derive(Serialize, Deserialize)]
pub(super) struct Token {
    /// Revision of the first page; `None` to continue from the newest state.
    #[serde(rename = "rv")]
    revision: Option<u64>,
    /// Key to continue from.
    start: String,
}

/// The revision and the key at which a list is read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Position {
    pub revision: u64,
    pub start: String,
}

impl Token {
    /// As API servers do, in an alphabet that needs no escaping in a URL.
    fn write(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    fn read(text: &str) -> Option<Self> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
    }
}

/// True when the client requests an exact revision.
pub(super) fn is_exact(query: &Query) -> bool {
    query.text("resourceVersionMatch") == "Exact"
}

/// Determines where a LIST is read.
pub(super) fn position(state: &State, query: &Query) -> Result<Position, Refusal> {
    let matching = query.text("resourceVersionMatch");
    let version = query.text("resourceVersion");
    let token = query.text("continue");
    if !token.is_empty() {
        if !matching.is_empty() {
            return Err(Refusal::new(400, "resourceVersionMatch is forbidden when continue is provided"));
        }
        return page(state, token);
    }
    let revision = match (version, matching) {
        ("", "") | ("0", "" | "NotOlderThan") => state.revision,
        ("", _) => {
            return Err(Refusal::new(422, "resourceVersionMatch is forbidden unless resourceVersion is provided"));
        }
        ("0", "Exact") => {
            return Err(Refusal::new(422, "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""));
        }
        (text, _) => {
            let asked: u64 =
                text.parse().map_err(|_| Refusal::new(400, format!("Invalid value: \"{text}\": resourceVersion")))?;
            if asked > state.revision {
                return Err(Refusal::too_large(asked, state.revision));
            }
            let limited = query.number("limit").is_some_and(|limit| limit > 0);
            match matching {
                "Exact" => asked,
                "" if limited => asked,
                "" | "NotOlderThan" => state.revision,
                other => {
                    return Err(Refusal::new(422, format!("resourceVersionMatch: Unsupported value: \"{other}\"")));
                }
            }
        }
    };
    if revision < state.compacted {
        return Err(Refusal::expired_list());
    }
    Ok(Position { revision, start: String::new() })
}

fn page(state: &State, token: &str) -> Result<Position, Refusal> {
    let token = Token::read(token).ok_or_else(|| Refusal::new(400, "continue key is not valid"))?;
    match token.revision {
        Some(revision) if revision < state.compacted => Err(expired(token)),
        Some(revision) => Ok(Position { revision, start: token.start }),
        None => Ok(Position { revision: state.revision, start: token.start }),
    }
}

fn expired(token: Token) -> Refusal {
    Refusal::expired_page(Token { revision: None, ..token }.write())
}

/// The response of a server that has compacted the revision of the first page, if the query has a valid token.
pub(super) fn expired_token(query: &Query) -> Option<Refusal> {
    Token::read(query.text("continue")).map(expired)
}

/// The list at a position as JSON, with at most `limit` items unless that is 0.
pub(super) fn json(
    collection: &Collection,
    selection: &Selection,
    form: Form,
    position: &Position,
    limit: usize,
) -> Vec<u8> {
    let typed = form == Form::Metadata || !is_builtin(&collection.resource);
    let mut items = Vec::new();
    let mut last = None;
    let mut found = collection.at(position.revision, selection, &position.start);
    let mut count = 0;
    while limit == 0 || count < limit {
        let Some((key, index)) = found.next() else { break };
        let Some(version) = collection.version(index) else { break };
        if count > 0 {
            items.push(b',');
        }
        collection.write(&mut items, version, form, typed);
        last = Some(key);
        count += 1;
    }
    let left = found.count();
    let mut metadata = serde_json::json!({"resourceVersion": position.revision.to_string()});
    if let (Some(last), true) = (last, left > 0) {
        let token = Token { revision: Some(position.revision), start: format!("{last}\0") };
        metadata["continue"] = token.write().into();
        if selection.has_no_selectors() {
            metadata["remainingItemCount"] = left.into();
        }
    }
    let (kind, version) = match form {
        Form::Full => (format!("{}List", collection.resource.kind), collection.resource.api_version().to_string()),
        Form::Metadata => ("PartialObjectMetadataList".to_owned(), "meta.k8s.io/v1".to_owned()),
    };
    let mut page =
        format!("{{\"kind\":\"{kind}\",\"apiVersion\":\"{version}\",\"metadata\":{metadata},\"items\":[").into_bytes();
    page.append(&mut items);
    page.extend_from_slice(b"]}\n");
    page
}
