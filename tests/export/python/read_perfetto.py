"""Reads traces, the files of the arguments, by Perfetto's own schema, and prints one line of JSON for each.

There is no trace processor in any package registry: this is what it requires of a trace of track events. Every member is
known to the schema, a track's parent exists, packets are in order, and slices of a track end in the order in which they
must.
"""

import json
import sys

from google.protobuf.unknown_fields import UnknownFieldSet
from perfetto.protos.perfetto.trace import perfetto_trace_pb2 as schema

TYPES = schema.TrackEvent
CLOCKS = {1: "realtime", 6: "boottime"}


def require_known(message):
    unknown = [field.field_number for field in UnknownFieldSet(message)]
    assert not unknown, f"{message.DESCRIPTOR.name} has no fields {unknown}"
    for _, value in message.ListFields():
        if hasattr(value, "ListFields"):
            require_known(value)
        elif hasattr(value, "add") or isinstance(value, (list, tuple)):
            for part in value:
                if hasattr(part, "ListFields"):
                    require_known(part)


def argument(annotation):
    return annotation.name, getattr(annotation, annotation.WhichOneof("value"))


def read(path):
    trace = schema.Trace()
    with open(path, "rb") as file:
        trace.ParseFromString(file.read())
    require_known(trace)
    tracks, opened, found, before = {}, {}, {}, 0
    clocks = None
    for packet in trace.packet:
        assert packet.trusted_packet_sequence_id == 1
        kind = packet.WhichOneof("data")
        if kind == "clock_snapshot":
            clocks = {CLOCKS[clock.clock_id]: clock.timestamp for clock in packet.clock_snapshot.clocks}
            assert packet.sequence_flags & 1, "the first packet depends on none before it"
        elif kind == "track_descriptor":
            track = packet.track_descriptor
            assert track.uuid and track.uuid not in tracks, f"uuid {track.uuid} twice"
            assert not track.parent_uuid or track.parent_uuid in tracks, f"{track.name} has a parent that is unknown"
            above = tracks[track.parent_uuid] if track.parent_uuid else []
            tracks[track.uuid] = [*above, track.name]
            found[track.uuid] = {"path": tracks[track.uuid], "slices": [], "instants": []}
            opened[track.uuid] = []
        elif kind == "track_event":
            event, at = packet.track_event, packet.timestamp
            assert at >= before, "packets are not in order"
            before = at
            track, stack = found[event.track_uuid], opened[event.track_uuid]
            told = {"name": event.name, "category": list(event.categories), "at": at}
            told["arguments"] = dict(argument(annotation) for annotation in event.debug_annotations)
            if event.type == TYPES.TYPE_SLICE_BEGIN:
                assert not stack, f"{track['path']}: {event.name} begins inside {stack}"
                track["slices"].append({**told, "to": None})
                stack.append(track["slices"][-1])
            elif event.type == TYPES.TYPE_SLICE_END:
                assert stack, f"{track['path']}: nothing ends at {at}"
                stack.pop()["to"] = at
            else:
                assert event.type == TYPES.TYPE_INSTANT
                track["instants"].append(told)
        else:
            raise AssertionError(f"a packet of {kind}")
    assert clocks and clocks["realtime"] == clocks["boottime"], clocks
    return {"tracks": list(found.values())}


for name in sys.argv[1:]:
    try:
        print(json.dumps(read(name)))
    except Exception as error:
        sys.exit(f"read_perfetto.py: {name}: {error!r}")
