//! LIST and GET: revisions, pages, selectors, representations.

use super::raw::{get, send};
use super::script::{empty, filled, pod, pod_at, pods, put, serve, vms};
use statetrail::observation::Change;

#[tokio::test]
async fn a_list_of_a_built_in_type_has_items_without_kind_and_a_version_of_its_own() {
    let store = filled(2);
    store.advance(90);
    let server = serve(&store);
    let list = get(&server, "/api/v1/pods").await.json();
    assert_eq!((&list["kind"], &list["apiVersion"]), (&"PodList".into(), &"v1".into()));
    assert_eq!(list["metadata"]["resourceVersion"], "90");
    let item = &list["items"][1];
    assert!(item.get("kind").is_none() && item.get("apiVersion").is_none());
    assert_eq!(item["metadata"]["resourceVersion"], "3");
    assert_eq!(item["spec"]["containers"][0]["name"], "app");
}

#[tokio::test]
async fn items_of_a_custom_resource_carry_their_kind() {
    let store = empty();
    let vm = r#"{"metadata":{"name":"vm","namespace":"story"},"status":{"printableStatus":"Stopped"}}"#;
    store.write(&vms(), Change::Added, vm.as_bytes()).expect("a VM");
    let server = serve(&store);
    let list = get(&server, "/apis/kubevirt.io/v1/virtualmachines").await.json();
    assert_eq!(list["items"][0]["kind"], "VirtualMachine");
    assert_eq!(list["items"][0]["apiVersion"], "kubevirt.io/v1");
}

#[tokio::test]
async fn objects_keep_their_bytes() {
    let store = empty();
    let given = pod_at("story", "a", "Running", 7);
    store.apply(&pods(), Change::Added, given.as_bytes()).expect("a pod");
    let server = serve(&store);
    let object = get(&server, "/api/v1/namespaces/story/pods/a").await;
    assert_eq!(String::from_utf8_lossy(&object.body), given + "\n");
    let given = r#"{"apiVersion":"kubevirt.io/v1","kind":"VirtualMachine","metadata":{"annotations":{"a":"b"},"name":"vm","namespace":"story","resourceVersion":"8","uid":"u"},"spec":{ "running":true }}"#;
    store.apply(&vms(), Change::Added, given.as_bytes()).expect("a VM");
    let object = get(&server, "/apis/kubevirt.io/v1/namespaces/story/virtualmachines/vm").await;
    assert_eq!(String::from_utf8_lossy(&object.body), given.to_owned() + "\n");
    let missing = get(&server, "/api/v1/namespaces/story/pods/b").await;
    assert_eq!((missing.status, missing.json()["reason"].clone()), (404, "NotFound".into()));
}

#[tokio::test]
async fn an_exact_list_is_the_state_at_that_revision() {
    let store = filled(1);
    put(&store, "pod-00", "Running");
    put(&store, "pod-01", "Pending");
    store.delete(&pods(), "story", "pod-00").expect("it is there");
    let server = serve(&store);
    let mut states = Vec::new();
    for revision in 1..=5 {
        let path = format!("/api/v1/pods?resourceVersion={revision}&resourceVersionMatch=Exact");
        let list = get(&server, &path).await.json();
        assert_eq!(list["metadata"]["resourceVersion"], revision.to_string());
        let item = |item: &serde_json::Value| {
            format!("{} {}", item["metadata"]["name"].as_str().unwrap(), item["status"]["phase"].as_str().unwrap())
        };
        states.push(list["items"].as_array().unwrap().iter().map(item).collect::<Vec<_>>().join(", "));
    }
    let expected = ["", "pod-00 Pending", "pod-00 Running", "pod-00 Running, pod-01 Pending", "pod-01 Pending"];
    assert_eq!(states, expected);
}

#[tokio::test]
async fn compacted_revisions_are_expired_and_future_ones_too_large() {
    let store = filled(5);
    store.compact(4).expect("a past revision");
    assert!(store.compact(7).is_err());
    let server = serve(&store);
    let path = |revision, matching| format!("/api/v1/pods?resourceVersion={revision}{matching}");
    for (revision, matching, status, reason) in [
        (3, "&resourceVersionMatch=Exact", 410, "Expired"),
        (3, "&limit=2", 410, "Expired"),
        (7, "&resourceVersionMatch=Exact", 504, "Timeout"),
        (7, "", 504, "Timeout"),
        (0, "&resourceVersionMatch=Exact", 422, "Invalid"),
    ] {
        let answer = get(&server, &path(revision, matching)).await;
        let json = answer.json();
        assert_eq!((answer.status, json["reason"].as_str()), (status, Some(reason)), "{revision}{matching}");
        assert_eq!((&json["kind"], &json["code"]), (&"Status".into(), &status.into()));
    }
    for (revision, matching, version) in [
        (4, "&resourceVersionMatch=Exact", "4"),
        (3, "&resourceVersionMatch=NotOlderThan", "6"),
        (3, "", "6"),
        (0, "", "6"),
    ] {
        let list = get(&server, &path(revision, matching)).await.json();
        assert_eq!(list["metadata"]["resourceVersion"], version, "{revision}{matching}");
    }
}

#[tokio::test]
async fn pages_show_one_revision_whatever_is_written_between() {
    let store = filled(7);
    let server = serve(&store);
    let (mut path, mut names, mut left) = ("/api/v1/pods?limit=3".to_owned(), Vec::new(), Vec::new());
    loop {
        let page = get(&server, &path).await;
        let metadata = page.json()["metadata"].clone();
        assert_eq!(metadata["resourceVersion"], "8");
        names.extend(page.names());
        left.push(metadata["remainingItemCount"].as_u64());
        let Some(token) = metadata["continue"].as_str() else { break };
        path = format!("/api/v1/pods?limit=3&continue={token}");
        store.delete(&pods(), "story", names.last().unwrap()).expect("it is there");
        put(&store, "pod-99", "Pending");
    }
    assert_eq!(names, (0..7).map(|index| format!("pod-{index:02}")).collect::<Vec<_>>());
    assert_eq!(left, [Some(4), Some(1), None]);
}

#[tokio::test]
async fn an_expired_page_offers_to_continue_without_consistency() {
    let store = filled(5);
    let server = serve(&store);
    let first = get(&server, "/api/v1/pods?limit=2").await.json();
    put(&store, "pod-99", "Pending");
    store.compact(7).expect("the newest");
    let token = first["metadata"]["continue"].as_str().unwrap();
    let expired = get(&server, &format!("/api/v1/pods?limit=2&continue={token}")).await;
    assert_eq!((expired.status, expired.json()["reason"].as_str()), (410, Some("Expired")));
    let expired = expired.json();
    let token = expired["metadata"]["continue"].as_str().expect("a token to go on");
    let rest = get(&server, &format!("/api/v1/pods?continue={token}")).await;
    assert_eq!(rest.names(), ["pod-02", "pod-03", "pod-04", "pod-99"]);
    assert_eq!(rest.json()["metadata"]["resourceVersion"], "7");
    assert_eq!(get(&server, "/api/v1/pods?continue=nonsense").await.status, 400);
}

#[tokio::test]
async fn lists_are_limited_by_selectors_and_namespaces() {
    let store = filled(3);
    put(&store, "pod-01", "Running");
    store.write(&pods(), Change::Added, pod("a-b", "pod-01", "Running").as_bytes()).expect("a pod");
    store.write(&pods(), Change::Added, pod("a", "zebra", "Running").as_bytes()).expect("a pod");
    let server = serve(&store);
    for (path, names) in [
        ("/api/v1/pods", vec!["pod-01", "zebra", "pod-00", "pod-01", "pod-02"]),
        ("/api/v1/namespaces/story/pods", vec!["pod-00", "pod-01", "pod-02"]),
        ("/api/v1/namespaces/none/pods", vec![]),
        ("/api/v1/pods?labelSelector=app%20in%20(pod-00,pod-01)", vec!["pod-01", "pod-00", "pod-01"]),
        ("/api/v1/pods?fieldSelector=status.phase%3DRunning", vec!["pod-01", "zebra", "pod-01"]),
        ("/api/v1/namespaces/story/pods?fieldSelector=metadata.name%3Dpod-02", vec!["pod-02"]),
        ("/api/v1/pods?fieldSelector=metadata.namespace!%3Dstory,spec.nodeName=node1", vec!["pod-01", "zebra"]),
    ] {
        assert_eq!(get(&server, path).await.names(), names, "{path}");
    }
    let refused = get(&server, "/api/v1/pods?fieldSelector=status.reason=x").await;
    assert_eq!(
        (refused.status, refused.json()["message"].as_str()),
        (400, Some("field label not supported: status.reason"))
    );
}

#[tokio::test]
async fn metadata_only_lists_leave_everything_else_out() {
    let server = serve(&filled(1));
    let accept = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
    let list = send(&server, "GET", "/api/v1/pods", &[("Accept", accept)]).await.whole().await.json();
    assert_eq!(list["kind"], "PartialObjectMetadataList");
    let item = list["items"][0].as_object().unwrap();
    assert_eq!(item.keys().collect::<Vec<_>>(), ["apiVersion", "kind", "metadata"]);
    assert_eq!(item["metadata"]["labels"]["app"], "pod-00");
    let protobuf = send(&server, "GET", "/api/v1/pods", &[("Accept", "application/vnd.kubernetes.protobuf")]).await;
    assert_eq!(protobuf.status, 406);
    let kubectl = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
    let list = send(&server, "GET", "/api/v1/pods", &[("Accept", kubectl)]).await.whole().await.json();
    assert_eq!((&list["kind"], &list["columnDefinitions"][2]["name"]), (&"Table".into(), &"Status".into()));
    assert_eq!((&list["rows"][0]["cells"][0], &list["rows"][0]["cells"][2]), (&"pod-00".into(), &"Pending".into()));
}
