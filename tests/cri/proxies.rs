//! Calls that pass through the recorder to a stand-in.

use crate::client::Client;
use crate::fake::Fake;
use crate::messages::{Id, Nothing, OneStatus, Version};
use crate::recorder::{Recorder, Timeline, is_verified};

#[test]
fn calls_pass_through_and_are_recorded_with_their_answers() {
    let fake = Fake::start();
    let proxy = fake.folder.path().join("proxy.sock");
    let recorder = Recorder::between(fake.folder.path(), &fake.socket(), &proxy);
    let client = Client::new(&proxy, "");
    let version: Version = client.call("Version", Nothing {}).unwrap();
    assert_eq!(version.runtime_name, "stand-in");
    let missing = client.call::<_, OneStatus>("ContainerStatus", Id { id: "none".to_owned() });
    assert_eq!(missing.unwrap_err().code(), tonic::Code::NotFound);
    let unknown = client.call::<_, Nothing>("NoSuchMethod", Nothing {});
    assert_eq!(unknown.unwrap_err().code(), tonic::Code::Unimplemented);
    // Nothing answers while the recorder lives, and how it ends after that is not seen.
    let followed = client.begin("GetContainerEvents");
    recorder.recorded("GetContainerEvents.4");
    let file = recorder.file.clone();
    let (code, said) = recorder.stop();
    drop(followed);
    let timeline = Timeline::of(&file);
    assert_eq!(timeline.path("Version.1"), "calling answered", "{timeline:?} {said}");
    assert_eq!(timeline.path("ContainerStatus.2"), "calling refused(NOT_FOUND)");
    assert_eq!(timeline.path("NoSuchMethod.3"), "calling refused(UNIMPLEMENTED)");
    assert_eq!(timeline.path("GetContainerEvents.4"), "calling");
    assert_eq!((timeline.gaps, code), (Vec::new(), Some(0)), "{said}");
    assert!(is_verified(&file));
    assert!(!proxy.exists(), "the socket is left");
}
