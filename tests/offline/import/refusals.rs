//! What cannot be imported is refused with its remedy.

use super::try_import_of;
use serde_json::json;
use statetrail::source::import::Options;

#[test]
fn what_is_no_watch_line_at_all_is_refused_with_its_remedy() {
    let refused = |bytes: &[u8]| try_import_of(&[bytes], &Options::default()).unwrap_err().to_string();
    assert!(refused(b"").starts_with("nothing to import"));
    assert!(
        refused(b"\nNAME READY STATUS\n").starts_with("in1:2: no watch line and no Kubernetes object; write them with")
    );
    assert!(refused(b"{\"a\":1}").starts_with("in1:1: no watch line"));
    assert!(refused(b"{\"format\":\"statetrail.recording/v1\"}").contains("is a statetrail recording already"));
    assert!(refused(b"\xff\xfe{\0").contains("is UTF-16"));
    let timeless = json!({"type": "ADDED", "object": {"kind": "Pod", "apiVersion": "v1",
        "metadata": {"name": "a", "uid": "a", "resourceVersion": "1"}}});
    assert!(refused(timeless.to_string().as_bytes()).starts_with("in1: no times in it"));
}
