//! Every type of line is read back as it was written.

use super::{header, write};
use proptest::prelude::*;
use serde_json::json;
use statetrail::observation::{
    Attached, Boot, Capture, Change, ClockChange, Fence, Gap, GapReason, Healed, ObjectEvent, Observation, Past,
    Payload, Raw, Reconnected, Renewal, ResourceVersion, Shape, Stamp, Undecodable, decode_object, digest,
};
use statetrail::recording::{Reader, Record};
use std::time::Duration;

fn text() -> impl Strategy<Value = String> {
    // Characters that JSON must escape, and others.
    prop::collection::vec(prop_oneof![any::<char>(), Just('"'), Just('\\'), Just('\n'), Just('\u{0}')], 0..12)
        .prop_map(String::from_iter)
}

fn ahead() -> impl Strategy<Value = Option<(i64, i64)>> {
    let micros = -4_000_000_000_000_i64..4_000_000_000_000;
    prop::option::of((micros.clone(), micros))
}

fn time() -> impl Strategy<Value = jiff::Timestamp> {
    (0..4_000_000_000_000_000_i64).prop_map(|micros| jiff::Timestamp::from_microsecond(micros).unwrap())
}

fn version() -> impl Strategy<Value = ResourceVersion> {
    prop_oneof![
        any::<u64>().prop_map(|number| ResourceVersion::new(number.to_string())),
        text().prop_map(ResourceVersion::new)
    ]
}

fn seen() -> impl Strategy<Value = Payload> {
    let change = prop::sample::select(vec![Change::Added, Change::Modified, Change::Deleted, Change::Listed]);
    let flags = (prop::option::of(time()), any::<bool>(), any::<bool>());
    (0..3u16, change, "[a-z]{1,9}", text(), 1..u64::MAX, flags).prop_map(
        |(watch, change, name, message, version, (not_before, healed, confirmed))| {
            let json = json!({"metadata": {"name": name, "uid": format!("{name}-uid"), "namespace": message,
                "resourceVersion": version.to_string()}, "status": {"message": message, "n": [1.5, null, {}]}});
            let json = serde_json::to_vec_pretty(&json).unwrap();
            let object = decode_object(&json, Shape::Pod, Capture::Status).unwrap();
            Payload::Object(ObjectEvent { watch, change, object, not_before, healed, confirmed })
        },
    )
}

fn causes() -> impl Strategy<Value = GapReason> {
    prop::sample::select(vec![
        GapReason::HistoryExpired,
        GapReason::Undecodable,
        GapReason::StorageReplaced,
        GapReason::StorageUnproven,
        GapReason::Contradicted,
        GapReason::Unrecorded,
    ])
}

fn of_streams() -> impl Strategy<Value = Payload> {
    let watch = 0..3u16;
    prop_oneof![
        (watch.clone(), text(), version()).prop_map(|(watch, uid, resource_version)| Payload::Unchanged {
            watch,
            uid: uid.into(),
            resource_version
        }),
        (watch.clone(), version()).prop_map(|(watch, resource_version)| Payload::Bookmark { watch, resource_version }),
        watch.clone().prop_map(|watch| Payload::NotServed { watch }),
        (watch.clone(), version(), text(), prop::option::of(time())).prop_map(
            |(watch, resource_version, kind, not_before)| {
                Payload::Attached(Attached { watch, resource_version, kind: kind.into(), not_before })
            }
        ),
        (watch.clone(), version(), time(), text()).prop_map(|(watch, resource_version, not_before, reason)| {
            Payload::Reconnected(Reconnected { watch, resource_version, not_before, reason })
        }),
        (watch.clone(), version(), version(), time(), time(), causes(), text()).prop_map(
            |(watch, from_resource_version, to_resource_version, from, to, reason, unhealed)| {
                Payload::Gap(Gap { watch, from_resource_version, to_resource_version, from, to, reason, unhealed })
            }
        ),
        (watch.clone(), version(), version(), time(), time(), causes(), prop::option::of(time())).prop_map(
            |(watch, from_resource_version, to_resource_version, from, to, reason, not_before)| {
                Payload::Healed(Healed {
                    watch,
                    from_resource_version,
                    to_resource_version,
                    from,
                    to,
                    reason,
                    not_before,
                })
            }
        ),
        (
            (watch.clone(), time(), prop::option::of(version()), prop::option::of(time()), text(), text(), ahead()),
            prop::collection::vec((version(), time()), 0..3),
        )
            .prop_map(|((watch, since, resource_version, dated, clock, missing, ahead_micros), leases)| {
                Payload::Past(Past {
                    watch,
                    since,
                    resource_version,
                    dated,
                    clock: clock.into(),
                    ahead_micros,
                    leases: leases
                        .into_iter()
                        .map(|(resource_version, renew_time)| Renewal { resource_version, renew_time })
                        .collect(),
                    missing,
                })
            }),
        (watch.clone(), prop::option::of(text()), prop::option::of(version()), text(), prop::option::of(text()))
            .prop_map(|(watch, uid, resource_version, error, raw)| {
                Payload::Undecodable(Undecodable {
                    watch,
                    uid: uid.map(Into::into),
                    resource_version,
                    length: error.len() as u64,
                    digest: digest(error.as_bytes()),
                    head: error.clone(),
                    object: None,
                    error,
                    raw,
                })
            }),
        (watch, version(), prop::option::of(version()), any::<bool>(), text()).prop_map(
            |(watch, resource_version, from_resource_version, whole, missing)| {
                Payload::Fence(Fence { watch, resource_version, from_resource_version, whole, missing })
            }
        ),
        text().prop_map(|name| Payload::Mark { name }),
        text().prop_map(|tool| Payload::Resumed { tool }),
        text().prop_map(|reason| Payload::End { reason }),
    ]
}

fn of_clocks() -> impl Strategy<Value = Payload> {
    let step = prop::option::of(prop_oneof![-100_000_000_000..-50_000_i64, 50_000..100_000_000_000_i64]);
    let boot = prop::option::of(
        (text(), 0..1_000_000_000_000_u64)
            .prop_map(|(id, micros)| Boot { id: id.into(), boottime: Duration::from_micros(micros) }),
    );
    let late = (0..3u16, version(), time()).prop_map(|(watch, resource_version, not_before)| Payload::LateBookmark {
        watch,
        resource_version,
        not_before,
    });
    let raw = (0..3u16, version(), text(), time(), prop::option::of(time()), any::<bool>()).prop_map(
        |(watch, resource_version, name, not_before, since, listed)| {
            let event = serde_json::value::to_raw_value(&json!({"did": "CREATE", "what": name})).unwrap();
            let uid = format!("{name}-uid").into();
            Payload::Raw(Raw { watch, resource_version, uid, name: name.into(), not_before, since, listed, event })
        },
    );
    prop_oneof![
        raw,
        (step, boot).prop_map(|(step_micros, boot)| Payload::Clock(ClockChange { step_micros, boot })),
        late
    ]
}

fn observation() -> impl Strategy<Value = Observation> {
    (0..1_000_000_000_000_u64, prop_oneof![seen(), of_streams(), of_clocks()]).prop_map(|(micros, what)| {
        let elapsed = Duration::from_micros(micros);
        let stamp = Stamp { at: header().started + elapsed, elapsed };
        Observation { stamp, payload: what }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_type_of_line_comes_back_as_it_was_written(observations in prop::collection::vec(observation(), 0..40)) {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.jsonl", "a.jsonl.zst"] {
            let path = folder.path().join(name);
            write(&path, &observations);
            let mut reader = Reader::open(&path).unwrap();
            prop_assert_eq!(reader.header(), &header());
            let records: Vec<Record> = reader.by_ref().map(Result::unwrap).collect();
            prop_assert_eq!(reader.torn(), None);
            let seqs: Vec<u64> = records.iter().map(|record| record.seq).collect();
            prop_assert_eq!(seqs, (1..=observations.len() as u64).collect::<Vec<_>>());
            let back: Vec<Observation> = records.into_iter().map(|record| record.observation).collect();
            prop_assert_eq!(&back, &observations);
        }
    }
}
