import assert from "node:assert/strict";
import { test } from "node:test";
import { chunk, document, head, START, type Entry } from "../fixtures/document";
import type { Head } from "../src/data/format";
import { Timeline } from "../src/model/timeline";
import { ABSENT, Flag, GAP, GONE, UNFOLLOWED, VAGUE, type Row } from "../src/model/trail";
import { lengthText, stay, totals, isExact } from "../src/model/dwell";
import { bounds } from "../src/model/times";

const S = 1e6;
const POD = "Pod/ns/web";

function timeline(entries: Entry[], changes = {}): Timeline {
    const data = document(entries, { last: START + 60 * S, ...changes });
    const made = new Timeline(data.head);
    for (const part of data.chunks) made.append(part);
    return made;
}

function row(made: Timeline, track = "status", subject = 0): Row {
    const found = made.trail(made.subjects[subject]!).rows.find((r) => made.tracks[r.track]!.name === track);
    assert.ok(found, `no row ${track}`);
    return found;
}

/** "Pending 0-5" with seconds since the start; the end is "". */
function told(made: Timeline, r: Row): string[] {
    return Array.from({ length: r.hi - r.lo }, (_, n) => r.lo + n).map((i) => {
        const code = r.trail.state[i]!;
        const name = code === GAP ? "gap" : code === GONE ? "gone" : code === ABSENT ? "absent" : code === VAGUE ? "vague" : code === UNFOLLOWED ? "unfollowed" : made.states[code]!.label;
        const end = r.trail.end[i]!;
        return `${name} ${(r.trail.start[i]! - START) / S}-${end === Infinity ? "" : (end - START) / S}`;
    });
}

const at = (seconds: number): number => START + seconds * S;
const enter = (seconds: number, to: string | null, more: Partial<Entry> = {}): Entry => ({ subject: POD, at: at(seconds), from: null, to, ...more });
const gap = (from: number | undefined, to: number | undefined, more: Partial<Entry> = {}): Entry => ({ subject: POD, at: at(to ?? 59), seq: 99,
    gap: { ...(from === undefined ? {} : { from: at(from) }), ...(to === undefined ? {} : { to: at(to) }) }, ...more });

test("columns of deltas are decoded, and references lead into the tables of all chunks", () => {
    const made = timeline([enter(1, "Pending", { seq: 5, version: 3735 }), enter(2, "Running", { seq: 8, version: "abc" })]);
    made.append(chunk([{ subject: "Pod/ns/other", at: at(3), from: null, to: "Pending", seq: 9 }, { ...enter(4, "Error"), seq: 10 }]));
    const { columns } = made;
    assert.deepEqual([...columns.seq.subarray(0, columns.length)], [5, 8, 9, 10]);
    assert.deepEqual([...columns.at.subarray(0, columns.length)].map((t) => (t - START) / S), [1, 2, 3, 4]);
    assert.deepEqual(columns.version.slice(0, 2), [3735, "abc"]);
    assert.equal(made.subjects.length, 2);
    assert.deepEqual(told(made, row(made)), ["Pending 1-2", "Running 2-4", "Error 4-"]);
});

test("a chunk that leads outside of its tables is refused", () => {
    const bad = (change: (c: ReturnType<typeof chunk>) => void): ReturnType<typeof chunk> => {
        const c = chunk([enter(1, "Pending")]);
        change(c);
        return c;
    };
    const made = new Timeline(head());
    assert.throws(() => { made.append(bad((c) => { c.entries.to[0] = 7; })); }, /names to 7 of 2/);
    assert.throws(() => { made.append(bad((c) => { c.entries.subject[0] = -1; })); }, /has no subject/);
    assert.throws(() => { made.append(bad((c) => { c.entries.at.push(1); })); }, /column at has 2 of 1/);
    assert.throws(() => new Timeline(head({ format: "statetrail-page/2" })), /reads statetrail-page\/1/);
});

test("a deletion ends every track of its subject", () => {
    const made = timeline([enter(1, "Present", { track: "lifecycle" }), enter(1, "Running"), enter(9, "Deleted", { track: "lifecycle" })]);
    assert.deepEqual(told(made, row(made)), ["Running 1-9", "gone 9-"]);
    assert.deepEqual(told(made, row(made, "lifecycle")), ["Present 1-9", "gone 9-"]);
});

test("a gap wins over the state, which resumes after it if nothing else was found", () => {
    const made = timeline([enter(1, "Running"), gap(10, 20)]);
    const r = row(made);
    assert.deepEqual(told(made, r), ["Running 1-10", "gap 10-20", "Running 20-"]);
    assert.equal(r.trail.flags[r.lo + 2]! & Flag.resumed, Flag.resumed);
});

test("a state that was found at a gap's end is not resumed, and its beginning is vague", () => {
    const made = timeline([enter(1, "Running"), gap(10, 20), enter(20, "Error", { seen: 5, since: 10 * S })]);
    const r = row(made);
    assert.deepEqual(told(made, r), ["Running 1-10", "gap 10-20", "Error 20-"]);
    assert.equal(r.trail.flags[r.lo + 2]! & Flag.resumed, 0);
    assert.equal(r.trail.flags[r.lo + 2]! & Flag.vagueStart, Flag.vagueStart);
});

test("gaps of a track, without an end, without a beginning, of no length, and over several states", () => {
    const track = timeline([enter(1, "Running"), enter(1, "node1", { track: "node" }), gap(5, 6, { track: "node" })]);
    assert.deepEqual(told(track, row(track)), ["Running 1-"]);
    assert.deepEqual(told(track, row(track, "node")), ["node1 1-5", "gap 5-6", "node1 6-"]);
    const endless = timeline([enter(1, "Running"), gap(10, undefined)]);
    assert.deepEqual(told(endless, row(endless)), ["Running 1-10", "gap 10-"]);
    const beginning = timeline([gap(undefined, 5), enter(5, "Running", { seen: 5, since: -1 })]);
    assert.deepEqual(told(beginning, row(beginning)), ["gap 0-5", "Running 5-"]);
    const moment = timeline([enter(1, "Running"), gap(10, 10)]);
    assert.deepEqual(told(moment, row(moment)), ["Running 1-10", "gap 10-10", "Running 10-"]);
    const over = timeline([enter(1, "A"), gap(2, 9), enter(4, "B"), enter(9, "C", { seen: 5 }), enter(12, "D")]);
    assert.deepEqual(told(over, row(over)), ["A 1-2", "gap 2-4", "B 4-4", "gap 4-9", "C 9-12", "D 12-"]);
});

test("a gap from before a track began is not about it", () => {
    const made = timeline([enter(1, "Pending"), gap(2, 3), enter(10, "True", { track: "condition/Ready" })]);
    assert.deepEqual(told(made, row(made, "condition/Ready")), ["True 10-"]);
});

test("what was delivered late may have happened before: no state is claimed for that time, and none is lost", () => {
    const late = { seen: 2 };
    const made = timeline([enter(1, "A"), enter(5, "B", { since: 2 * S, ...late }), enter(6, "C", { since: 3 * S, ...late }), enter(9, "D")]);
    assert.deepEqual(told(made, row(made)), ["A 1-3", "vague 3-5", "B 5-5", "vague 5-6", "C 6-9", "D 9-"]);
    const deleted = timeline([enter(1, "Present", { track: "lifecycle" }), enter(1, "A"),
        enter(5, "Deleted", { track: "lifecycle", since: 2 * S, ...late })]);
    assert.deepEqual(told(deleted, row(deleted)), ["A 1-3", "vague 3-5", "gone 5-"]);
});

test("a gap after which the state is the same leaves its length open, whatever the entry of the gap is about", () => {
    assert.deepEqual(stays([enter(1, "A"), enter(1, "node1", { track: "node" }), gap(2, 3, { track: "node" }), enter(5, "B")])[0], "4.00s");
    assert.deepEqual(stays([enter(1, "A"), gap(2, 3), enter(5, "B")]).slice(0, 1), ["1.00s to 4.00s not exact"]);
});

const OUT = { watches: [{ resource: "pods", kind: "Pod", outage: { since: at(10), why: "no answer" } }, { resource: "nodes", kind: "Node" }], open: true };

test("while a watch is not followed, what its objects are is not known; what was deleted stays so", () => {
    const made = timeline([enter(1, "A"), enter(2, "Ready", { subject: "Node//n1" }), enter(1, "A", { subject: "Pod/ns/gone" }),
        enter(3, "Deleted", { subject: "Pod/ns/gone", track: "lifecycle" }), enter(12, "B", { subject: "Pod/ns/late" })], OUT);
    assert.deepEqual(told(made, row(made)), ["A 1-10", "unfollowed 10-"]);
    assert.deepEqual(told(made, row(made, "status", 1)), ["Ready 2-"]);
    assert.deepEqual(told(made, row(made, "status", 2)), ["A 1-3", "gone 3-"]);
    // It was delivered: until then the stream was there.
    assert.deepEqual(told(made, row(made, "status", 3)), ["B 12-12", "unfollowed 12-"]);
    assert.equal(bounds(stay(made, row(made), row(made).lo)!.min, Infinity), "at least 9.00s");
    made.setHead(head({ last: at(60), open: true }));
    assert.deepEqual(told(made, row(made)), ["A 1-"]);
});

test("of too many entries the oldest are dropped, and what still holds is kept without its beginning", () => {
    const made = timeline([enter(1, "A"), enter(2, "B"), enter(1, "old", { subject: "Pod/ns/gone" }),
        enter(3, "Deleted", { subject: "Pod/ns/gone", track: "lifecycle" }), enter(4, "node1", { track: "node" }),
        gap(5, 12), { at: at(6), mark: "old" }, enter(10, "C"), enter(13, "D"), { at: at(14), mark: "new" }]);
    made.bound(3, 0);
    assert.equal(made.columns.length, 6);
    assert.equal(made.dropped, 4);
    assert.deepEqual(made.subjects.map((subject) => subject.name), ["web"]);
    assert.deepEqual(told(made, row(made)), ["B 10-10", "C 10-10", "gap 10-12", "C 12-13", "D 13-"]);
    assert.deepEqual(told(made, row(made, "node")), ["node1 10-10", "gap 10-12", "node1 12-"]);
    assert.deepEqual(made.marks.map((mark) => mark.name), ["new"]);
    assert.equal(isExact(stay(made, row(made), row(made).lo)!), false);
    const small = timeline([enter(1, "A"), enter(2, "B")]);
    small.bound(2, 0);
    assert.equal(small.dropped, 0);
});

test("an absent label is no state, and details are ticks inside their state", () => {
    const made = timeline([enter(1, "True"), { ...enter(3, "True"), type: "detail" }, enter(5, null), enter(7, "True")]);
    const r = row(made);
    assert.deepEqual(told(made, r), ["True 1-5", "absent 5-7", "True 7-"]);
    assert.deepEqual([...r.trail.tick].map((t) => (t - START) / S), [3]);
});

test("times that go back within a track are kept in order", () => {
    const made = timeline([enter(5, "A"), enter(4, "B"), enter(6, "C")]);
    assert.deepEqual(told(made, row(made)), ["A 5-5", "B 5-6", "C 6-"]);
});

function stays(entries: Entry[], changes = {}): string[] {
    const made = timeline(entries, changes);
    const r = row(made);
    return Array.from({ length: r.hi - r.lo }, (_, n) => {
        const known = stay(made, r, r.lo + n);
        return known === null ? "none" : `${lengthText(known)}${isExact(known) ? "" : " not exact"}`;
    });
}

test("a stay is exact only if both ends were seen as they happened", () => {
    assert.deepEqual(stays([enter(1, "A"), enter(3.5, "B"), enter(4, "C")]), ["2.50s", "0.50s", "at least 56.0s not exact"]);
    // Seen when the watch started.
    assert.deepEqual(stays([enter(1, "A", { seen: 0, since: -1 }), enter(3, "B")])[0], "at least 2.00s not exact");
    // The next state began within a second before it was seen.
    assert.deepEqual(stays([enter(1, "A"), enter(4, "B", { since: 1 * S, seen: 2 }), enter(6, "C")]),
        ["2.00s to 3.00s not exact", "none", "2.00s to 3.00s not exact", "at least 54.0s not exact"]);
    // It may have been held in the gap, and after it.
    assert.deepEqual(stays([enter(1, "A"), gap(10, 20)])[0], "at least 9.00s not exact");
    // After it, what was seen since then is the least.
    assert.deepEqual(stays([enter(1, "A"), gap(10, 20)])[2], "at least 40.0s not exact");
    assert.deepEqual(stays([enter(1, "A"), gap(10, 20), enter(30, "B")])[2], "10.0s to 29.0s not exact");
    assert.deepEqual(stays([enter(1, "A"), gap(10, 20), gap(25, 26)])[2], "at least 5.00s not exact");
    assert.deepEqual(stays([enter(1, "A"), gap(10, 20), enter(20, "B", { seen: 5, since: 10 * S })])[0], "9.00s to 19.0s not exact");
});

test("without durations there are none, and stamped ones are never exact", () => {
    assert.deepEqual(stays([enter(1, "A"), enter(3, "B")], { durations: "unknown" }), ["none", "none"]);
    assert.deepEqual(stays([enter(1, "A"), enter(3, "B")], { durations: "stamped" }), ["~2.00s not exact", "at least ~57.0s not exact"]);
    assert.deepEqual(stays([enter(1, "A"), enter(1, "B"), enter(3, "C")], { durations: "stamped" }).slice(0, 2), ["? not exact", "~2.00s not exact"]);
    assert.deepEqual(held([enter(1, "A"), enter(1, "B"), enter(3, "C")], 0, 10, { durations: "stamped" }),
        ["C ~7.00s x1", "B ~2.00s x1", "A ? x1", "unseen 0"]);
});

function held(entries: Entry[], from: number, to: number, changes: Partial<Head> = {}): string[] | null {
    const made = timeline(entries, changes);
    const result = totals(made, row(made), at(from), at(to));
    return result && [...result.held.map((h) => `${h.label} ${lengthText({ ...h, stamped: changes.durations === "stamped" })} x${h.times}${h.orMore ? "+" : ""}`), `unseen ${result.unseen / S}`];
}

test("a span adds up what was held inside it", () => {
    const story = [enter(1, "A"), enter(3, "B"), enter(4, "A"), enter(10, "C")];
    assert.deepEqual(held(story, 2, 6), ["A 3.00s x2", "B 1.00s x1", "unseen 0"]);
    assert.deepEqual(held(story, 0, 12), ["A 8.00s x2", "C 2.00s x1", "B 1.00s x1", "unseen 0"]);
    assert.equal(held(story, 2, 6, { durations: "unknown" }), null);
});

test("in a span, a gap may have been any state", () => {
    assert.deepEqual(held([enter(1, "A"), gap(4, 6), enter(6, "B", { seen: 5, since: 2 * S })], 2, 8), ["A 2.00s to 4.00s x1+", "B 2.00s to 4.00s x1+", "unseen 2"]);
});

test("in a span, an uncertain beginning leaves bounds", () => {
    assert.deepEqual(held([enter(1, "A"), enter(5, "B", { seen: 2, since: 2 * S })], 0, 8), ["B 3.00s to 5.00s x1", "A 2.00s to 4.00s x1", "unseen 0"]);
});

test("in a span, what was in doubt is only of the states that it may have been", () => {
    const late = { seen: 2, since: 2 * S };
    const story = [enter(1, "A"), enter(5, "B", late), enter(8, "C")];
    assert.deepEqual(held(story, 0, 20), ["C 12.0s x1", "B 3.00s to 5.00s x1", "A 2.00s to 4.00s x1", "unseen 0"]);
    // A state of which only the time in doubt is in the span.
    assert.deepEqual(held(story, 4, 20), ["C 12.0s x1", "B 3.00s to 4.00s x1", "A at most 1.00s x0", "unseen 0"]);
    // Before a gap, it may have been any state.
    assert.deepEqual(held([enter(1, "A"), gap(3, 4), enter(5, "B")], 0, 9), ["B 4.00s to 5.00s x1+", "A 3.00s to 4.00s x1+", "unseen 1"]);
});
