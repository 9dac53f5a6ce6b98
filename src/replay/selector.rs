//! Label and field selectors as the Kubernetes API reads them (API concepts, "labels and selectors" and "field
//! selectors").
//!
//! Fields that a real server does not support are refused, with the server's message.

use super::document::{Facts, key};
use super::scopes::Scope;
use crate::observation::{LabelSelector, field_selector};
use smol_str::SmolStr;

/// What a request selects from a collection.
#[derive(Clone, Debug, Default)]
pub(super) struct Selection {
    /// The namespace and the name that it requires.
    pub scope: Scope,
    labels: LabelSelector,
    fields: Vec<Field>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Field {
    path: SmolStr,
    equal: bool,
    value: SmolStr,
}

impl Selection {
    /// Parses both selectors; `selectable` are the fields besides `metadata.name` and `metadata.namespace`.
    ///
    /// # Errors
    /// Returns the server's message for what cannot be selected.
    pub(super) fn read(namespace: &str, labels: &str, fields: &str, selectable: &[&str]) -> Result<Self, String> {
        let labels = LabelSelector::parse(labels).map_err(|error| format!("unable to parse requirement: {error}"))?;
        let fields = field_selector::terms(fields).filter(|term| !term.is_empty()).map(|term| field(term, selectable));
        let fields: Vec<Field> = fields.collect::<Result<_, _>>()?;
        let name = fields.iter().find(|field| field.equal && field.path == "metadata.name");
        let name = name.map(|field| field.value.clone()).unwrap_or_default();
        Ok(Self { scope: Scope { namespace: namespace.into(), name }, labels, fields })
    }

    /// True when it selects everything.
    pub(super) fn is_everything(&self) -> bool {
        self.scope.namespace.is_empty() && self.has_no_selectors()
    }

    /// True when it selects a whole namespace, or everything.
    pub(super) fn has_no_selectors(&self) -> bool {
        self.labels.is_empty() && self.fields.is_empty()
    }

    /// The only name that it can match, if there is one.
    pub(super) fn only_name(&self) -> Option<&str> {
        Some(self.scope.name.as_str()).filter(|name| !name.is_empty())
    }

    /// The key of the only object that it can match, if there is one.
    pub(super) fn only_key(&self) -> Option<String> {
        Some(key(&self.scope.namespace, self.only_name()?))
    }

    /// True when it selects the object.
    pub(super) fn matches(&self, facts: &Facts) -> bool {
        (self.scope.namespace.is_empty() || self.scope.namespace == facts.namespace)
            && self.labels.matches(|key| facts.labels.get(key).map(SmolStr::as_str))
            && self.fields.iter().all(|field| field.matches(facts))
    }
}

impl Field {
    fn matches(&self, facts: &Facts) -> bool {
        let value = match self.path.as_str() {
            "metadata.name" => &facts.name,
            "metadata.namespace" => &facts.namespace,
            path => match facts.fields.iter().find(|(known, _)| *known == path) {
                Some((_, value)) => value,
                None => return false,
            },
        };
        (*value == self.value) == self.equal
    }
}

fn field(term: &str, selectable: &[&str]) -> Result<Field, String> {
    let (path, equal, value) =
        field_selector::split(term).ok_or_else(|| format!("invalid field selector: '{term}'; can't understand"))?;
    if !matches!(path, "metadata.name" | "metadata.namespace") && !selectable.contains(&path) {
        return Err(format!("field label not supported: {path}"));
    }
    let value = field_selector::unescape(value).ok_or_else(|| format!("invalid field selector: {term}"))?;
    Ok(Field { path: path.into(), equal, value: value.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(labels: &[(&str, &str)], phase: &str) -> Facts {
        Facts {
            namespace: "story".into(),
            name: "web".into(),
            labels: labels.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect(),
            fields: vec![("status.phase", phase.into())],
            ..Facts::default()
        }
    }

    #[test]
    fn label_requirements_mean_what_the_api_says() {
        let web = facts(&[("app", "web"), ("tier", "front")], "Running");
        for (text, expected) in [
            ("", true),
            ("app=web", true),
            ("app==web, tier=front", true),
            ("app!=web", false),
            ("other!=web", true),
            ("app in (web,db),tier", true),
            ("app notin (web, db)", false),
            ("other notin (a)", true),
            ("!other", true),
            ("!app", false),
        ] {
            let selection = Selection::read("", text, "", &[]).expect(text);
            assert_eq!(selection.matches(&web), expected, "{text}");
        }
        for text in ["app in (a", "app within (a)", "=x", "a b", "app=we b"] {
            assert!(Selection::read("", text, "", &[]).is_err(), "{text}");
        }
    }

    #[test]
    fn fields_outside_the_selectable_ones_are_refused() {
        let web = facts(&[], "Running");
        let read = |text| Selection::read("story", "", text, &["status.phase"]);
        assert!(read("metadata.name=web,status.phase!=Pending").expect("known").matches(&web));
        assert!(!read("status.phase=Pending").expect("known").matches(&web));
        assert_eq!(read("spec.nodeName=a").err(), Some("field label not supported: spec.nodeName".to_owned()));
        assert_eq!(read(r"metadata.name=a\,b\=c\\").expect("escaped").only_name(), Some(r"a,b=c\"));
        assert!(read("metadata.name=a=b").is_err());
        assert_eq!(read("metadata.name=web").expect("known").only_name(), Some("web"));
    }
}
