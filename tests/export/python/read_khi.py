"""Reads files of Kubernetes History Inspector, those of the arguments, and prints one line of JSON for each.

It follows the description of the format (docs/en/architecture/khi-file-format.md and proto/khifile of KHI), and declares
the messages itself: nothing in it is shared with what writes them. It requires that every id leads somewhere.
"""

import gzip
import json
import struct
import sys

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.unknown_fields import UnknownFieldSet

# Each message with its fields: name, number, type. A trailing * is a repeated field.
MESSAGES = {
    "Time": "seconds 1 int64, nanos 2 int32",
    "Header": "type 1 string, name 2 string, start 4 int64, end 5 int64, filename 7 string",
    "MetadataItem": "header 1 Header",
    "MetadataChunk": "items 1 MetadataItem*",
    "String": "id 1 uint32, value 2 string",
    "FieldSet": "id 1 uint32, strings 2 uint32*",
    "Value": "number 2 int64, text 4 uint32, flag 5 bool",
    "Struct": "fields 1 uint32, values 2 Value*, id 3 uint32",
    "PoolChunk": "strings 1 String*, sets 2 FieldSet*, structs 3 Struct*",
    "Log": "id 1 uint32, ts 2 Time, summary 4 uint32, type 5 uint32, severity 6 uint32, body 7 uint32",
    "LogChunk": "logs 1 Log*",
    "Colour": "r 1 float, g 2 float, b 3 float, a 4 float",
    "Severity": "id 1 uint32, label 2 string, short 3 string, back 4 Colour, fore 5 Colour, order 6 int32",
    "Verb": "id 1 uint32, label 2 string, back 3 Colour, fore 4 Colour, visible 5 bool",
    "LogType": "id 1 uint32, label 2 string, description 3 string, back 4 Colour, fore 5 Colour",
    "State": "id 1 uint32, label 2 string, icon 3 string, description 4 string, back 5 Colour, style 6 int32",
    "Type": "id 1 uint32, label 2 string, description 3 string, back 4 Colour, fore 5 Colour, visible 6 bool, "
    "priority 7 int32, icon 8 string, height 9 float, chip 10 Colour, on_chip 13 Colour",
    "Named": "key 1 string, value 2 string",
    "Atlas": "images 1 bytes*, font 2 bytes, names 3 Named*",
    "StyleChunk": "severities 1 Severity*, verbs 2 Verb*, log_types 3 LogType*, states 4 State*, types 5 Type*, atlas 6 Atlas",
    "Timeline": "id 1 uint32, type 2 uint32, name 3 uint32, items 4 uint32, parent 5 uint32",
    "Revision": "log 1 uint32, time 2 Time, principal 4 uint32, verb 5 uint32, state 6 uint32, body 8 uint32",
    "Event": "log 1 uint32",
    "Items": "id 1 uint32, revisions 2 Revision*, events 3 Event*",
    "TimelineChunk": "timelines 1 Timeline*, items 2 Items*",
}
CHUNKS = {1: "MetadataChunk", 2: "PoolChunk", 3: "LogChunk", 4: "StyleChunk", 5: "TimelineChunk", 6: "PoolChunk"}
MOST = 64 << 20


def declared():
    file = descriptor_pb2.FileDescriptorProto(name="khi.proto", package="khi", syntax="proto2")
    field = descriptor_pb2.FieldDescriptorProto
    for name, fields in MESSAGES.items():
        message = file.message_type.add(name=name)
        for text in fields.split(", "):
            member, number, kind = text.split()
            label = field.LABEL_REPEATED if kind.endswith("*") else field.LABEL_OPTIONAL
            kind = kind.rstrip("*")
            made = message.field.add(name=member, number=int(number), label=label)
            if kind in MESSAGES:
                made.type, made.type_name = field.TYPE_MESSAGE, f".khi.{kind}"
            else:
                made.type = getattr(field, f"TYPE_{kind.upper()}")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"khi.{name}")) for name in MESSAGES}


CLASSES = declared()


def require_known(message):
    unknown = [field.field_number for field in UnknownFieldSet(message)]
    assert not unknown, f"{message.DESCRIPTOR.name} has no fields {unknown}"
    for field, value in message.ListFields():
        if field.message_type:
            for part in value if hasattr(value, "add") else [value]:
                require_known(part)


def chunks(data):
    assert data[:4] == b"KHI\x06", data[:4]
    at = 4
    while at < len(data):
        size, kind = struct.unpack_from("<II", data, at)
        packed = data[at + 8 : at + 8 + size]
        assert len(packed) == size, "a chunk is cut"
        plain = gzip.decompress(packed)
        assert len(plain) <= MOST
        message = CLASSES[CHUNKS[kind]].FromString(plain)
        require_known(message)
        yield kind, message
        at += 8 + size


def unique(found, parts):
    for part in parts:
        assert part.id and part.id not in found, f"id {part.id} twice"
        found[part.id] = part


def read(path):
    with open(path, "rb") as file:
        data = file.read()
    strings, sets, structs, logs, timelines, items, style, header = {}, {}, {}, {}, {}, {}, None, None
    for kind, chunk in chunks(data):
        if kind == 1:
            header = chunk.items[0].header
        elif kind in (2, 6):
            assert all((string.id > 0x80000000) == (kind == 6) for string in chunk.strings)
            unique(strings, chunk.strings)
            unique(sets, chunk.sets)
            unique(structs, chunk.structs)
        elif kind == 3:
            unique(logs, chunk.logs)
        elif kind == 4:
            assert style is None, "one chunk of styles"
            style = chunk
        else:
            unique(timelines, chunk.timelines)
            unique(items, chunk.items)
    assert header.type == "statetrail"
    named = {}
    for member in ("severities", "verbs", "log_types", "states", "types"):
        named[member] = {}
        unique(named[member], getattr(style, member))
    icons = {name.key for name in style.atlas.names}
    font = json.loads(style.atlas.font)
    glyphs = {glyph["char"] for glyph in font["chars"]}
    assert all(name.value in glyphs for name in style.atlas.names)
    assert all(state.icon in icons for state in style.states), "the page looks up the icon of every state"
    assert style.atlas.images[0].startswith(b"\x89PNG")

    def value(of):
        kind = next(field.name for field, _ in of.ListFields())
        return strings[of.text].value if kind == "text" else getattr(of, kind)

    def body(id):
        if not id:
            return {}
        names = [strings[name].value for name in sets[structs[id].fields].strings]
        assert len(names) == len(structs[id].values)
        return dict(zip(names, map(value, structs[id].values)))

    def nanos(time):
        return time.seconds * 10**9 + time.nanos

    def log(id):
        of = logs[id]
        told = {"at": nanos(of.ts), "summary": strings[of.summary].value, "body": body(of.body)}
        return {
            **told,
            "type": named["log_types"][of.type].label,
            "severity": named["severities"][of.severity].label,
        }

    def revision(of):
        state = named["states"][of.state]
        assert named["verbs"][of.verb].label and strings[of.principal].value and of.log in logs
        return {"at": nanos(of.time), "state": state.label, "style": state.style, "body": body(of.body)}

    def path(of):
        above = path(timelines[of.parent]) if of.parent else []
        return [*above, strings[of.name].value]

    rows = []
    for row in timelines.values():
        assert row.type in named["types"]
        has = items.get(row.items, CLASSES["Items"]())
        revisions = [revision(part) for part in has.revisions]
        assert revisions == sorted(revisions, key=lambda revision: revision["at"]), "revisions are not in order"
        rows.append({"path": path(row), "revisions": revisions, "events": [log(event.log) for event in has.events]})
    return {"logs": [log(id) for id in logs], "rows": rows}


for name in sys.argv[1:]:
    try:
        print(json.dumps(read(name)))
    except Exception as error:
        sys.exit(f"read_khi.py: {name}: {error!r}")
