//! Where a recording is from and how it ended: the first line for people.

use super::clock;
use super::row::Row;
use super::style::{Ink, Style};
use jiff::Timestamp;

/// How a recording ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ending {
    /// With its last line, by the recorder.
    #[default]
    Closed,
    /// Its recorder was killed, or is still running: what came after this moment is not known.
    Open(Timestamp),
}

/// Where a recording is from, as far as it says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// uid of the cluster's namespace `kube-system`.
    pub cluster: Option<String>,
    /// Version of the API server.
    pub kubernetes: Option<String>,
    /// Version of KubeVirt.
    pub kubevirt: Option<String>,
    /// How it ends.
    pub ending: Ending,
}

impl Origin {
    /// `cluster 3f2a9c1b-..., Kubernetes v1.36.4, KubeVirt v1.6.0`, and a line for an open end; empty where nothing is
    /// known.
    #[must_use]
    pub fn text(&self, style: &Style) -> String {
        let parts = [("cluster", &self.cluster), ("Kubernetes", &self.kubernetes), ("KubeVirt", &self.kubevirt)];
        let known = parts.into_iter().filter_map(|(what, value)| value.as_ref().map(|value| format!("{what} {value}")));
        let known: Vec<String> = known.collect();
        let mut text = String::new();
        let mut add = |row: Row| {
            for line in row.broken(style.width.unwrap_or(usize::MAX), 4) {
                text.push_str(&line.line(style));
            }
        };
        if !known.is_empty() {
            add(Row::of(Ink::Faint, known.join(", ")));
        }
        if let Ending::Open(last) = self.ending {
            let last = clock::time_of_day(last);
            let words = "end open: the recorder was killed or is still running; nothing is known after";
            add(Row::of(Ink::Gap, format!("{words} {last}")));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_known_is_printed() {
        let mut origin = Origin::default();
        assert_eq!(origin.text(&Style::default()), "");
        origin.kubernetes = Some("v1.36.4".to_owned());
        origin.kubevirt = Some("v1.6.0".to_owned());
        assert_eq!(origin.text(&Style::default()), "Kubernetes v1.36.4, KubeVirt v1.6.0\n");
        origin.ending = Ending::Open("2026-11-20T18:09:30Z".parse().expect("a time"));
        assert!(origin.text(&Style::default()).ends_with("nothing is known after 18:09:30.000\n"));
    }
}
