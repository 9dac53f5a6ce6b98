//! An encrypted disk, on a kernel that does not tell of each mount.

use super::machine::{Architecture, run};
use super::{is_whole, scenario, verdicts};

#[test]
fn an_encrypted_disk_is_closed_where_nobody_uses_it_and_otherwise_the_holder_is_named() {
    let results = run(Architecture::Amd64, "luks.sh");
    let closings = results.asked("cryptsetup luksClose");
    let busy = |(code, said): &&(i32, String)| (*code, said.as_str()) == (5, "Device secret is still in use.");
    assert_eq!(closings.iter().filter(busy).count(), 3, "{}", results.story());
    for (name, wanted) in [
        ("busy", &["violated      unmounted-when-asked", "violated      closed-when-asked"][..]),
        ("held", &["violated      released-when-unmounted", "mount of sleep[", "violated      closed-when-asked"]),
        ("healthy", &["satisfied     closed-when-asked"]),
    ] {
        let recording = results.path(&format!("{name}.jsonl"));
        let text = verdicts(&recording, &scenario(&format!("luks-{name}/expectations.yaml")));
        for words in wanted {
            assert!(text.contains(words), "{name}: {words}: {text}\n{}", results.story());
        }
        // This kernel says only that something was mounted, which is no proof that nothing else was.
        assert!(results.text(&format!("{name}.said")).contains("the kernel tells only"), "{name}");
        assert!(!is_whole(&recording) && !text.contains("satisfied     life"), "{name}: {text}");
        assert_eq!(results.text(&format!("{name}.code")).trim(), "3", "{name}");
    }
}
