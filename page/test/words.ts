import assert from "node:assert/strict";
import { test } from "node:test";
import { document, head, START, type Entry } from "../fixtures/document";
import { Timeline } from "../src/model/timeline";
import { VAGUE, type Row } from "../src/model/trail";
import { doubt, gapSpan, rowInWords, seenText, stayText } from "../src/model/words";
import { lengthOf } from "../src/parts/header";

const S = 1e6;
const DAY = 86400 * S;
const WEB = "Pod/a/web";

function open(entries: Entry[], changes = {}): { timeline: Timeline; row: Row } {
    const data = document(entries, changes);
    const timeline = new Timeline(data.head);
    for (const part of data.chunks) timeline.append(part);
    return { timeline, row: timeline.trail(timeline.subjects[0]!).rows[0]! };
}

test("of another day than the first, a time has its date", () => {
    const { timeline, row } = open([{ subject: WEB, at: START, from: null, to: "A" },
        { subject: WEB, at: START + DAY + 9 * S, from: "A", to: "B", seen: 2, since: DAY }], { last: START + 2 * DAY });
    assert.equal(seenText(timeline, 1, "utc"),
        "delayed by an interruption of the watch: it began between 2026-11-20 18:09:29.000 and 2026-11-21 18:09:29.000");
    const vague = row.lo + 1;
    assert.equal(row.trail.state[vague], VAGUE);
    assert.equal(doubt(timeline, row, vague, "utc"), "B began some time between 18:09:29.000 and 2026-11-21 18:09:29.000.");
    assert.match(rowInWords(timeline, row, START, START + 2 * DAY, "utc"), /^A from 18:09:20.000 .*; B from 2026-11-21 18:09:29.000/);
    const gap = { resource: "pods", reason: "x", text: "x", from: START, to: START + DAY + S };
    assert.equal(gapSpan(timeline, gap, "utc"), "2026-11-20 18:09:20.000 to 2026-11-21 18:09:21.000 (24h00m)");
    assert.equal(gapSpan(timeline, { ...gap, to: START + S }, "utc"), "2026-11-20 18:09:20.000 to 18:09:21.000 (1.00s)");
});

test("what still holds lasts until the end of a recording, and so far of one that is followed", () => {
    const { timeline, row } = open([{ subject: WEB, at: START, from: null, to: "A" }], { last: START + 9 * S });
    assert.equal(stayText(timeline, row, row.lo), "at least 9.00s, until the end");
    timeline.live = true;
    assert.equal(stayText(timeline, row, row.lo), "at least 9.00s so far");
});

test("by the writers' clocks a stay is about so long, and none that began and ended within a second has a length", () => {
    const { timeline, row } = open([{ subject: WEB, at: START, from: null, to: "A" }, { subject: WEB, at: START, from: "A", to: "B" },
        { subject: WEB, at: START + 24 * S, from: "B", to: "C" }], { durations: "stamped" });
    assert.deepEqual([0, 1].map((i) => stayText(timeline, row, row.lo + i)), ["?", "~24.0s"]);
});

test("the length of the recording is what a clock measured", () => {
    const last = START + 132 * S;
    assert.deepEqual((["measured", "stamped", "unknown"] as const).map((durations) => lengthOf(head({ last, durations }))), ["2m12s", "~2m12s", "(?)"]);
});

test("before what the server still holds, a state is known to have held, but not since when", () => {
    const { timeline } = open([{ subject: "Pod/a/db", at: START + 10 * S, from: null, to: "A" },
        { subject: WEB, at: START + 20 * S, from: "A", to: "B" }], { last: START + 30 * S });
    timeline.miss(7);
    assert.equal(timeline.began, START + 10 * S);
    const { rows: [row] } = timeline.trail(timeline.subjects[1]!);
    assert.equal(doubt(timeline, row!, row!.lo, "utc"), "It was A until 18:09:40.000; since when is no longer held by the server.");
    assert.deepEqual([...row!.trail.start].map((time) => (time - START) / S), [10, 20]);
    // What was created since then was nothing before.
    assert.equal(timeline.trail(timeline.subjects[0]!).rows[0]!.trail.start.length, 1);
});
