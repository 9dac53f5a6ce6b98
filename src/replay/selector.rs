//! Label and field selectors as the Kubernetes API reads them (API concepts, "labels and selectors" and "field
//! selectors").
//!
//! It refuses fields that a real server would not select by, with the server's words.

use super::document::Facts;
use smol_str::SmolStr;

/// What a request selects of a collection.
#[derive(Clone, Debug, Default)]
pub(super) struct Selection {
    /// Empty for all.
    pub namespace: SmolStr,
    labels: Vec<Label>,
    fields: Vec<Field>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Label {
    In(SmolStr, Vec<SmolStr>),
    NotIn(SmolStr, Vec<SmolStr>),
    Exists(SmolStr),
    Absent(SmolStr),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Field {
    path: SmolStr,
    equal: bool,
    value: SmolStr,
}

impl Selection {
    /// Reads both selectors; `selectable` are the fields beside `metadata.name` and `metadata.namespace`.
    ///
    /// # Errors
    /// The server's message for what cannot be selected.
    pub fn read(namespace: &str, labels: &str, fields: &str, selectable: &[&str]) -> Result<Self, String> {
        Ok(Self {
            namespace: namespace.into(),
            labels: terms(labels).map(label).collect::<Result<_, _>>()?,
            fields: terms(fields).map(|term| field(term, selectable)).collect::<Result<_, _>>()?,
        })
    }

    /// True when it leaves nothing out.
    pub fn is_everything(&self) -> bool {
        self.namespace.is_empty() && self.has_no_selectors()
    }

    /// True when it is a namespace or everything.
    pub fn has_no_selectors(&self) -> bool {
        self.labels.is_empty() && self.fields.is_empty()
    }

    /// The only name that it can match, if there is one.
    pub fn only_name(&self) -> Option<&str> {
        self.fields.iter().find(|field| field.equal && field.path == "metadata.name").map(|field| field.value.as_str())
    }

    /// True when the object belongs to it.
    pub fn matches(&self, facts: &Facts) -> bool {
        (self.namespace.is_empty() || self.namespace == facts.namespace)
            && self.labels.iter().all(|label| label.matches(facts))
            && self.fields.iter().all(|field| field.matches(facts))
    }
}

impl Label {
    fn matches(&self, facts: &Facts) -> bool {
        let value = |key: &SmolStr| facts.labels.get(key);
        match self {
            Self::In(key, values) => value(key).is_some_and(|value| values.contains(value)),
            Self::NotIn(key, values) => value(key).is_none_or(|value| !values.contains(value)),
            Self::Exists(key) => value(key).is_some(),
            Self::Absent(key) => value(key).is_none(),
        }
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

/// Splits at commas outside parentheses; empty terms select nothing out.
fn terms(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    text.split(move |character| {
        match character {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        character == ',' && depth == 0
    })
    .map(str::trim)
    .filter(|term| !term.is_empty())
}

fn label(term: &str) -> Result<Label, String> {
    let known = if let Some((key, value)) = term.split_once("!=") {
        Label::NotIn(key.trim().into(), vec![value.trim().into()])
    } else if let Some((key, value)) = term.split_once("==").or_else(|| term.split_once('=')) {
        Label::In(key.trim().into(), vec![value.trim().into()])
    } else if let Some((head, values)) = term.split_once('(') {
        let values = values
            .strip_suffix(')')
            .ok_or_else(|| format!("unable to parse requirement: `{term}` has no closing parenthesis"))?
            .split(',')
            .map(|value| value.trim().into())
            .collect();
        match head.split_whitespace().collect::<Vec<_>>()[..] {
            [key, "in"] => Label::In(key.into(), values),
            [key, "notin"] => Label::NotIn(key.into(), values),
            _ => return Err(format!("unable to parse requirement: `{term}` is neither `in` nor `notin`")),
        }
    } else if let Some(key) = term.strip_prefix('!') {
        Label::Absent(key.trim().into())
    } else {
        Label::Exists(term.into())
    };
    let (Label::In(key, _) | Label::NotIn(key, _) | Label::Exists(key) | Label::Absent(key)) = &known;
    if key.is_empty() || key.contains(char::is_whitespace) {
        return Err(format!("unable to parse requirement: `{term}` has no key"));
    }
    Ok(known)
}

fn field(term: &str, selectable: &[&str]) -> Result<Field, String> {
    let (path, equal, value) = if let Some((path, value)) = term.split_once("!=") {
        (path, false, value)
    } else if let Some((path, value)) = term.split_once("==").or_else(|| term.split_once('=')) {
        (path, true, value)
    } else {
        return Err(format!("invalid field selector: `{term}`"));
    };
    if !matches!(path, "metadata.name" | "metadata.namespace") && !selectable.contains(&path) {
        return Err(format!("field label not supported: {path}"));
    }
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
        for text in ["app in (a", "app within (a)", "=x", "a b"] {
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
        assert_eq!(read("metadata.name=web").expect("known").only_name(), Some("web"));
    }
}
