//! LIST: the revision of the response, the objects on the page, and the page as JSON.
//!
//! The rules are those of "API concepts", section "resourceVersion parameter", and of kube-apiserver where that section
//! is silent. A response never comes from another revision than the one it names.

use super::collection::Collection;
use super::document::is_builtin;
use super::printing::{Form, Printing};
use super::refusal::Refusal;
use super::route::Query;
use super::selector::Selection;
use super::store::State;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
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
pub(super) fn position(
    state: &State,
    collection: &Collection,
    selection: &Selection,
    query: &Query,
) -> Result<Position, Refusal> {
    let newest = state.known_until(collection, &selection.scope);
    let knows = |revision| state.knows(collection, &selection.scope, revision);
    let matching = query.text("resourceVersionMatch");
    let version = query.text("resourceVersion");
    let token = query.text("continue");
    if !token.is_empty() {
        if !matching.is_empty() {
            return Err(Refusal::new(400, "resourceVersionMatch is forbidden when continue is provided"));
        }
        return page(newest, knows, token);
    }
    let revision = match (version, matching) {
        ("", "") | ("0", "" | "NotOlderThan") => newest,
        ("", _) => {
            return Err(Refusal::new(422, "resourceVersionMatch is forbidden unless resourceVersion is provided"));
        }
        ("0", "Exact") => {
            return Err(Refusal::new(422, "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""));
        }
        (text, _) => {
            let asked: u64 =
                text.parse().map_err(|_| Refusal::new(400, format!("Invalid value: \"{text}\": resourceVersion")))?;
            if asked > newest {
                return Err(Refusal::too_large(asked, newest));
            }
            let limited = query.number("limit").is_some_and(|limit| limit > 0);
            match matching {
                "Exact" => asked,
                "" if limited => asked,
                "" | "NotOlderThan" => newest,
                other => {
                    return Err(Refusal::new(422, format!("resourceVersionMatch: Unsupported value: \"{other}\"")));
                }
            }
        }
    };
    // Of a single object, its own history may be known.
    let of_history = || selection.only_key().is_some_and(|key| collection.knows(&key, revision));
    let may_have_left = || selection.only_key().is_some_and(|key| collection.may_have_left(&key, revision));
    let is_unknown = !knows(revision) && (state.has_compacted(collection, revision) || !of_history());
    if is_unknown || matching == "Exact" && may_have_left() {
        return Err(Refusal::expired_list());
    }
    Ok(Position { revision, start: String::new() })
}

fn page(newest: u64, knows: impl Fn(u64) -> bool, token: &str) -> Result<Position, Refusal> {
    let token = Token::read(token).ok_or_else(|| Refusal::new(400, "continue key is not valid"))?;
    match token.revision {
        Some(revision) if !knows(revision) || revision > newest => Err(expired(token)),
        Some(revision) => Ok(Position { revision, start: token.start }),
        None => Ok(Position { revision: newest, start: token.start }),
    }
}

fn expired(token: Token) -> Refusal {
    Refusal::expired_page(Token { revision: None, ..token }.write())
}

/// The response of a server that has compacted the revision of the first page, if the query has a valid token.
pub(super) fn expired_token(query: &Query) -> Option<Refusal> {
    Token::read(query.text("continue")).map(expired)
}

/// A list that is read piece by piece, all of it at one revision.
pub(super) struct Page {
    form: Form,
    position: Position,
    /// Items that are left; none for all.
    left: Option<usize>,
    progress: Progress,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    Opening,
    /// The first item is not preceded by a comma.
    First,
    Items,
    Done,
}

impl Page {
    /// A list at a position, with at most `limit` items unless that is 0.
    pub(super) fn new(form: Form, position: Position, limit: usize) -> Self {
        Self { form, position, left: (limit > 0).then_some(limit), progress: Progress::Opening }
    }

    /// The next bytes, of about a size; none at the end.
    pub(super) fn next(
        &mut self,
        collection: &Collection,
        selection: &Selection,
        now: Timestamp,
        size: usize,
    ) -> Option<Vec<u8>> {
        let mut piece = Vec::new();
        let printing = Printing::new(self.form, &collection.resource, now, true);
        match self.progress {
            Progress::Opening => {
                piece = printing.opening(&collection.resource, &self.metadata(collection, selection)).into_bytes();
                self.progress = Progress::First;
            }
            Progress::Done => return None,
            Progress::First | Progress::Items => {}
        }
        let typed = self.form != Form::Full || !is_builtin(&collection.resource);
        let start = std::mem::take(&mut self.position.start);
        let mut last = None;
        let mut is_over = true;
        for (key, index) in collection.at(self.position.revision, selection, &start) {
            if self.left == Some(0) {
                break;
            }
            if piece.len() >= size {
                is_over = false;
                break;
            }
            let Some(version) = collection.version(index) else { break };
            if self.progress == Progress::Items {
                piece.push(b',');
            }
            self.progress = Progress::Items;
            collection.write(&mut piece, version, &printing, typed);
            self.left = self.left.map(|left| left - 1);
            last = Some(key);
        }
        match last {
            Some(last) => self.position.start = format!("{last}\0"),
            None => self.position.start = start,
        }
        if is_over {
            piece.extend_from_slice(b"]}\n");
            self.progress = Progress::Done;
        }
        Some(piece)
    }

    /// True when all of it was read.
    pub(super) fn is_over(&self) -> bool {
        self.progress == Progress::Done
    }

    /// The metadata of the list.
    fn metadata(&self, collection: &Collection, selection: &Selection) -> String {
        let revision = self.position.revision;
        let mut metadata = serde_json::json!({"resourceVersion": revision.to_string()});
        if let Some(limit) = self.left {
            let mut found = collection.at(revision, selection, &self.position.start);
            let last = found.by_ref().take(limit).last();
            let rest = found.count();
            if let (Some((last, _)), true) = (last, rest > 0) {
                let token = Token { revision: Some(revision), start: format!("{last}\0") };
                metadata["continue"] = token.write().into();
                if selection.has_no_selectors() {
                    metadata["remainingItemCount"] = rest.into();
                }
            }
        }
        metadata.to_string()
    }
}
