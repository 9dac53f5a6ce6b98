import assert from "node:assert/strict";
import { test } from "node:test";
import { document, START } from "../fixtures/document";
import { Lives, shortUids } from "../src/model/lives";
import { Timeline } from "../src/model/timeline";

test("lives of one name have as much of their uids as tells them apart", () => {
    assert.deepEqual(shortUids(["12345678-aaaa", "87654321-bbbb"]), ["12345678", "87654321"]);
    assert.deepEqual(shortUids(["12345678-aaaa", "12345678-bbbb"]), ["12345678-a", "12345678-b"]);
    assert.deepEqual(shortUids(["1", "1"]), ["1", "1"]);
    const data = document([{ subject: "Pod/a/twice#12345678-aaaa", at: START, from: null, to: "Running" },
        { subject: "Pod/a/twice#12345678-bbbb", at: START, from: null, to: "Running" },
        { subject: "Pod/a/once#12345678-cccc", at: START, from: null, to: "Running" }]);
    const timeline = new Timeline(data.head);
    for (const part of data.chunks) timeline.append(part);
    const lives = new Lives(timeline);
    assert.deepEqual(timeline.subjects.map((subject) => subject.name + lives.suffix(subject)),
        ["twice (12345678-a)", "twice (12345678-b)", "once"]);
});
