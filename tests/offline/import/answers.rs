//! Lists in YAML, and responses in an audit log: states at versions, without anything between them.

use super::{import_of, notes, pod, summary, times};
use serde_json::{Value, json};
use statetrail::observation::Payload;
use statetrail::source::import::{Options, Times};
use statetrail::timeline::{Body, Fold, SETTLE, sorted};

/// An entry of an audit log: a write and its response.
fn written(second: u64, verb: &str, part: &str, code: u16, answer: &Value) -> String {
    let line = json!({"kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "RequestResponse", "auditID": "x",
        "stage": "ResponseComplete", "requestURI": "/api/v1/namespaces/ns/pods/a", "verb": verb,
        "objectRef": {"resource": "pods", "subresource": part}, "responseStatus": {"code": code},
        "responseObject": answer, "stageTimestamp": format!("2026-01-01T00:00:{second:02}.5Z")});
    format!("{line}\n")
}

#[test]
fn a_list_in_yaml_is_the_list_that_it_would_be_in_json() {
    let yaml = "---\napiVersion: v1\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata:\n    creationTimestamp: \
                \"2026-03-02T09:00:00Z\"\n    name: a\n    namespace: lab\n    resourceVersion: \"9001\"\n    uid: u\n  \
                status:\n    phase: Running\nkind: PodList\nmetadata:\n  resourceVersion: \"9005\"\n";
    let json = json!({"apiVersion": "v1", "kind": "PodList", "metadata": {"resourceVersion": "9005"}, "items": [
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"creationTimestamp": "2026-03-02T09:00:00Z", "name": "a",
        "namespace": "lab", "resourceVersion": "9001", "uid": "u"}, "status": {"phase": "Running"}}]});
    let imported = import_of(&[yaml]);
    assert_eq!(summary(&imported), ["LISTED a 9001", "ATTACHED 9005", "END imported"]);
    assert_eq!(imported.observations, import_of(&[&json.to_string()]).observations);
}

#[test]
fn watch_events_in_yaml_are_events_and_what_is_no_yaml_among_them_is_a_gap() {
    let event = |change: &str, version: u64| {
        format!(
            "---\nobject:\n  apiVersion: v1\n  kind: Pod\n  metadata:\n    name: a\n    uid: u\n    resourceVersion: \
             \"{version}\"\n    creationTimestamp: \"2026-01-01T00:00:01Z\"\ntype: {change}\n"
        )
    };
    let imported = import_of(&[&[event("ADDED", 3), event("MODIFIED", 4)].concat()]);
    assert_eq!(summary(&imported), ["LISTED a 3", "MODIFIED a 4", "END imported"]);
    let imported =
        import_of(&[&[event("ADDED", 3), "---\nkind: [hunter2\n".to_owned(), event("MODIFIED", 5)].concat()]);
    let all = summary(&imported);
    assert!(all.iter().any(|line| line.starts_with("UNDECODABLE")), "{all:?}");
    assert!(all.contains(&"GAP 3 3 undecodable".to_owned()), "{all:?}");
    assert!(notes(&imported).contains("in1:12: cannot be decoded") && !notes(&imported).contains("hunter2"));
}

/// A pod as `kubectl -o yaml` prints it, after `indent`.
fn in_yaml(name: &str, version: u64, phase: &str, indent: &str) -> String {
    let text = format!(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  creationTimestamp: \"2026-01-01T00:00:01Z\"\n  name: {name}\n  \
         namespace: ns\n  resourceVersion: \"{version}\"\n  uid: uid-{name}\nspec:\n  nodeName: node\nstatus:\n  \
         conditions:\n  - status: \"True\"\n    type: Ready\n  containerStatuses:\n  - name: c\n    restartCount: 0\n    \
         state:\n      waiting:\n        message: 'text\n\n          more'\n        reason: PodInitializing\n  \
         phase: {phase}\n  podIP: 10.0.0.1\n  qosClass: BestEffort\n  startTime: \"2026-01-01T00:00:01Z\"\n"
    );
    text.lines().map(|line| if line.is_empty() { "\n".to_owned() } else { format!("{indent}{line}\n") }).collect()
}

#[test]
fn what_is_cut_off_in_yaml_is_never_taken_for_an_object() {
    const STARTED: &str = r#","startTime":"2026-01-01T00:00:01Z""#;
    let event =
        |change: &str, version, phase| format!("object:\n{}type: {change}\n", in_yaml("a", version, phase, "  "));
    let events = [event("ADDED", 3, "Pending"), event("MODIFIED", 4, "Running"), event("DELETED", 5, "Running")];
    let pods = [in_yaml("a", 3, "Pending", ""), in_yaml("b", 4, "Failed", "")];
    let items = [in_yaml("a", 3, "Pending", "  "), in_yaml("b", 4, "Running", "  ")];
    let items: String = items.map(|item| item.replacen("  ", "- ", 1)).concat();
    let list = format!("apiVersion: v1\nitems:\n{items}kind: PodList\nmetadata:\n  resourceVersion: \"9\"\n");
    let loose = format!("kind: PodList\napiVersion: v1\nmetadata:\n  resourceVersion: \"9\"\nitems:\n{items}...\n");
    let inputs = [events.join("---\n"), pods.join("---\n"), list, items.clone() + "...\n", loose];
    for (number, input) in inputs.iter().enumerate() {
        let objects = |imported: &statetrail::source::import::Imported| -> Vec<String> {
            let json = |line: &statetrail::observation::Observation| match &line.payload {
                // Nothing is read from it, and a pod that waits for a node has none.
                Payload::Object(event) => Some(event.object.json.get().replace(STARTED, "")),
                _ => None,
            };
            imported.observations.iter().filter_map(json).collect()
        };
        let whole = import_of(&[input]);
        assert!(!whole.is_cut, "input {number}: {}", notes(&whole));
        let expected = objects(&whole);
        assert!(expected.len() >= 2, "input {number}");
        let mut complete = 0;
        for length in 1..input.len() {
            let Ok(imported) = super::try_import_of(&[&input.as_bytes()[..length]], &Options::default()) else {
                continue;
            };
            let found = objects(&imported);
            let cut = &input[..length];
            assert!(expected.starts_with(&found), "input {number} up to {length} is imported as {found:?}:\n{cut}");
            complete += u64::from(!imported.is_cut);
        }
        assert!(complete <= 12, "{complete} beginnings of input {number} count as complete");
    }
}

#[test]
fn yaml_that_may_be_cut_off_is_left_out_with_a_remedy() {
    let unproven = |phase: &str| {
        in_yaml("a", 4, phase, "")
            .replace("  qosClass: BestEffort\n", "")
            .replace("  startTime: \"2026-01-01T00:00:01Z\"\n", "")
    };
    let error = super::try_import_of(&[unproven("Running").as_bytes()], &Options::default()).unwrap_err();
    assert!(
        error.to_string().contains("in1:1: nothing shows that this document is complete; if it is, add a line `...`"),
        "{error}"
    );
    let whole = unproven("Running") + "...\n";
    assert_eq!(summary(&import_of(&[&whole])), ["LISTED a 4", "END imported"]);
    let imported = import_of(&[&(in_yaml("b", 3, "Running", "") + "---\n" + &unproven("Running"))]);
    assert_eq!(summary(&imported), ["LISTED b 3", "END imported"]);
    assert!(imported.is_cut && notes(&imported).contains("in1:29: left out: nothing shows"), "{}", notes(&imported));
}

#[test]
fn yaml_in_braces_is_what_it_would_be_in_json() {
    let object = |version: u64| {
        format!(
            "{{\n    apiVersion: \"v1\",\n    kind: \"Pod\",\n    metadata: {{\n      name: \"a\",\n      uid: \"u\",\n      \
             resourceVersion: \"{version}\",\n      creationTimestamp: \"2026-01-01T00:00:01Z\",\n    }},\n  }}"
        )
    };
    let event = |change: &str, version| format!("{{\n  type: \"{change}\",\n  object: {},\n}}\n", object(version));
    let list = format!(
        "{{ # of a cluster\n  apiVersion: \"v1\",\n  kind: \"List\",\n  metadata: {{}},\n  items: [{}],\n}}",
        object(3)
    );
    assert_eq!(summary(&import_of(&[&list])), ["LISTED a 3", "END imported"]);
    let events = ["---\n".to_owned(), event("ADDED", 3), "---\n".to_owned(), event("MODIFIED", 4)].concat();
    assert_eq!(summary(&import_of(&[&events])), ["LISTED a 3", "MODIFIED a 4", "END imported"]);
    let json = json!({"type": "ADDED", "object": pod("a", 3, "Running")});
    assert_eq!(summary(&import_of(&[&format!("---\n{json}\n---\n{json}\n")])).len(), 4, "documents of JSON");
}

#[test]
fn an_audit_log_shows_states_in_the_order_of_their_versions_with_a_gap_before_each() {
    let status = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}});
    let scale = json!({"kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": {"name": "a", "uid": "uid-a",
        "resourceVersion": "9"}});
    let log = [
        written(1, "create", "", 201, &pod("a", 5, "Pending")),
        // Completed after the write that follows it.
        written(3, "patch", "status", 200, &pod("a", 7, "Failed")),
        written(2, "patch", "status", 200, &pod("a", 6, "Running")),
        // No change, rejected, a dry run, without an object, of another kind, a read.
        written(3, "update", "", 200, &pod("a", 7, "Failed")),
        written(4, "patch", "status", 409, &status),
        written(4, "update", "", 200, &pod("a", 8, "Running")).replace("pods/a", "pods/a?dryRun=All"),
        written(4, "create", "binding", 201, &status),
        written(4, "update", "scale", 200, &scale),
        written(4, "get", "", 200, &pod("a", 7, "Failed")),
        written(5, "delete", "", 200, &pod("a", 9, "Failed")),
    ];
    let imported = import_of(&[&log.concat()]);
    assert_eq!(
        summary(&imported),
        ["GAP  9 unrecorded", "LISTED a 5", "LISTED a 6", "LISTED a 7", "LISTED a 9", "END imported"]
    );
    let Payload::Gap(gap) = &imported.observations[0].payload else { panic!("a gap") };
    assert_eq!(
        (gap.from.to_string(), gap.to.to_string()),
        ("2026-01-01T00:00:01.5Z".into(), "2026-01-01T00:00:05.5Z".into())
    );
    assert_eq!(imported.times, Times::Receipt);
    assert_eq!(times(&imported)[..3], ["2026-01-01T00:00:01.5Z", "2026-01-01T00:00:01.5Z", "2026-01-01T00:00:02.5Z"]);
    assert!(notes(&imported).contains("in1: 5 lines of the audit log were passed over"), "{}", notes(&imported));
    let mut fold = Fold::new(None, &imported.watches).unwrap();
    let mut placed = Vec::new();
    for (seq, observation) in (1..).zip(imported.observations) {
        fold.push(seq, observation, &mut placed);
    }
    let entries = sorted(placed, SETTLE);
    let gaps = entries.iter().filter(|entry| matches!(&entry.body, Body::Gap(_)) && entry.subject.is_some()).count();
    assert!(gaps >= 3, "{entries:#?}");
}
