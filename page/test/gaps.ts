import assert from "node:assert/strict";
import { test } from "node:test";
import { document, START, type Entry } from "../fixtures/document";
import { totals } from "../src/model/dwell";
import { choices, emptyFilter } from "../src/model/filter";
import { countGaps, gapsText } from "../src/model/gaps";
import { stops } from "../src/model/stops";
import { Timeline } from "../src/model/timeline";
import { Tree } from "../src/model/tree";
import { gapMeaning, gapTitle, stateName } from "../src/model/words";

const S = 1e6;
const at = (seconds: number): number => START + seconds * S;

function open(entries: Entry[]): Timeline {
    const data = document(entries, { last: at(60) });
    const made = new Timeline(data.head);
    for (const part of data.chunks) made.append(part);
    return made;
}

const unpublished: Entry = { subject: "Pod/a/web", track: "container/app", at: at(6),
    gap: { from: at(5), to: at(6), reason: "never-published", text: "never published", evidence: "restartCount 0 -> 1" } };
const running: Entry = { subject: "Pod/a/web", track: "container/app", at: at(1), from: null, to: "Running" };

test("gaps are counted as the table counts them", () => {
    assert.equal(gapsText(countGaps(open([running]))), "no gap");
    assert.equal(gapsText(countGaps(open([running, unpublished, unpublished]))), "no gap, 2 never published");
    const ofWatch: Entry = { at: at(10), gap: { from: at(8), to: at(10) } };
    const ofSubject = (name: string, from: number): Entry => ({ subject: `Pod/a/${name}`, at: at(10), gap: { from: at(from), to: at(10) } });
    assert.equal(gapsText(countGaps(open([running, ofWatch, ofSubject("web", 8), ofSubject("web", 9), ofSubject("db", 8), unpublished]))),
        "1 gap (2 subjects hidden), 1 never published");
    // One that began before that of its watch, and one for another reason, are gaps of their own.
    assert.equal(gapsText(countGaps(open([running, ofWatch, ofSubject("web", 7)]))), "2 gaps");
    assert.equal(gapsText(countGaps(open([ofWatch, { subject: "Pod/a/web", at: at(10), gap: { from: at(9), reason: "undecodable" } }]))), "2 gaps");
});

test("what was never published is not called a gap", () => {
    const timeline = open([running, unpublished, { ...running, at: at(6), from: "Running", to: "Error" }]);
    const { gap } = { gap: timeline.gaps.get(1)! };
    assert.equal(gapTitle(gap), "Never published");
    assert.match(gapMeaning(gap, true), /^Nothing was lost: the API server never served/);
    const [row] = timeline.trail(timeline.subjects[0]!).rows;
    assert.equal(stateName(timeline, row!, row!.lo + 1), "Never published");
    const tree = new Tree(timeline);
    tree.rebuild(emptyFilter(), []);
    assert.deepEqual(stops(timeline, tree.roots, "gap"), []);
    assert.deepEqual([...choices(timeline).state.keys()].sort(), ["(never published)", "Error", "Running"]);
    const filter = emptyFilter();
    filter.state.add("(gap)");
    tree.rebuild(filter, []);
    assert.equal(tree.shown, 0);
    filter.state.add("(never published)");
    tree.rebuild(filter, []);
    assert.equal(tree.shown, 1);
    const held = totals(timeline, row!, at(0), at(60))!;
    assert.deepEqual([held.unseen, held.unpublished], [0, 1 * S]);
});
