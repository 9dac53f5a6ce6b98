import assert from "node:assert/strict";
import { test } from "node:test";
import { diff, lines } from "../src/model/diff";
import { pieces } from "../src/model/expected";
import { bounds, clock, clockAfter, duration, elapsed, parse } from "../src/model/times";
import { stepFor, ticks } from "../src/model/ticks";
import { pick } from "../src/data/objects";
import { read, write } from "../src/state/fragment";
import type { Expectation } from "../src/data/format";

test("durations are written as the command writes them", () => {
    assert.deepEqual([0, 12, 16_000, 88_400, 230_512, 2_840_000, 14_043_440, 105_000_000, 7_320_000_000, 180_000_000_000].map((micros) => duration(micros)),
        ["0ms", "12µs", "16ms", "88ms", "0.23s", "2.84s", "14.0s", "1m45s", "2h02m", "50h00m"]);
    assert.equal(duration(59_960_000), "1m00s");
    assert.equal(bounds(200_000, 1_400_000), "0.20s to 1.40s");
    assert.equal(bounds(0, Infinity), "not known");
    assert.equal(bounds(0, 901_000), "at most 0.91s");
    assert.deepEqual([1_796_999, 59_999_999, 0].map(elapsed), ["+1.796s", "+59.999s", "+0.000s"]);
});

test("a bound is never said to be closer than it is: lower ones are rounded down, upper ones up", () => {
    const day = 24 * 3600 + 59 * 60 + 20;
    assert.equal(bounds(day * 1e6, Infinity), "at least 24h59m");
    assert.equal(bounds(59_960_000, Infinity), "at least 59.9s");
    assert.equal(bounds(1_239_000, 1_231_0001), "1.23s to 12.4s");
    assert.equal(bounds(99_999, 3_599_000_001), "99ms to 1h00m");
    assert.equal(bounds(1_001_000, 1_002_000), "1.00s to 1.01s");
    assert.equal(duration(day * 1e6), "24h59m");
});

test("a moment of another day than the first has its date", () => {
    const first = parse("2026-11-20T23:59:59.500000Z");
    assert.equal(clockAfter(first + 400_000, first, "utc"), "23:59:59.900");
    assert.equal(clockAfter(first + 600_000, first, "utc"), "2026-11-21 00:00:00.100");
});

test("microseconds survive from RFC 3339 to the clock", () => {
    const at = parse("2026-11-20T18:09:58.684123Z");
    assert.equal(at % 1e6, 684123);
    assert.equal(clock(at, "utc", 6), "18:09:58.684123");
    assert.ok(Number.isNaN(parse("yesterday")));
});

test("ticks are at round times, and far enough apart to be read", () => {
    const from = parse("2026-11-20T18:09:21.000000Z");
    for (const span of [50, 3e3, 7e5, 4e6, 137e6, 6 * 3600e6, 9 * 86400e6, 4 * 365 * 86400e6]) {
        const list = ticks(from, from + span, 1000, "utc");
        assert.ok(list.length >= 2 && list.length <= 11, `${span}: ${list.length} ticks`);
        const step = stepFor(span, 1000);
        for (const tick of list) assert.equal(tick.at % step, 0);
        list.forEach((tick, i) => { assert.notEqual(tick.label, list[i - 1]?.label); });
    }
    assert.deepEqual(ticks(from, from + 60e6, 500, "utc").map((tick) => tick.label), ["18:09:30", "18:09:45", "18:10:00", "18:10:15"]);
});

test("a view survives its address", () => {
    const view = read("");
    view.from = -1000;
    view.to = 5_000_000;
    view.row = "o/uid & more/status";
    view.at = 3_787_000;
    view.item = "event-12";
    view.span = [1, 2];
    view.open.set("k/ns/Pod", false);
    view.open.set("o/uid", true);
    view.filter.state.add("Init:ErrImagePull");
    view.filter.kind.add("Pod").add("VirtualMachine");
    view.filter.text = "web 1";
    view.zone = "local";
    view.panel = "details";
    assert.deepEqual(read(`#${write(view)}`), view);
    assert.equal(write(read("")), "");
});

test("damaged addresses open the page as it is by default", () => {
    const broken = read("#t=9-1&at=x&item=event-x&span=3&theme=pink&panel=none&zone=mars");
    assert.deepEqual(broken, read(""));
});

test("changes of an object are told by line, with where they are", () => {
    const a = lines({ metadata: { name: "x", labels: {} }, status: { phase: "Pending", conditions: [{ type: "Ready", status: "False" }] } });
    const b = lines({ metadata: { name: "x", labels: {} }, status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] } });
    assert.deepEqual(a, ["metadata:", "  name: x", "  labels: {}", "status:", "  phase: Pending", "  conditions:", "  - type: Ready", "    status: \"False\""]
        .map((line) => line.replace('"False"', "False")));
    const changed = diff(a, b).map((line) => `${{ same: " ", added: "+", removed: "-", skipped: "~" }[line.kind]}${line.text}`);
    assert.deepEqual(changed, ["~… 2 unchanged lines", "   labels: {}", " status:", "-  phase: Pending", "+  phase: Running", "   conditions:", "   - type: Ready",
        "-    status: False", "+    status: True"]);
    assert.ok(diff(a, a).every((line) => line.kind === "skipped"));
});

test("the object of a line is that line, or the last one before", () => {
    const text = '5\t{"a":1}\n8\t{"a":2}\n12\t{"a":3}\n';
    assert.deepEqual(pick(text, 8), { now: { seq: 8, json: { a: 2 } }, before: { seq: 5, json: { a: 1 } } });
    assert.deepEqual(pick(text, 11).now?.seq, 8);
    assert.deepEqual(pick(text, 4), { now: null, before: null });
});

test("the expected path keeps, drops, replaces and inserts where the edits say", () => {
    const at = (s: number): string => `2026-11-20T18:09:0${s}.000000Z`;
    const expectation: Expectation = { name: "x", verdict: "violated", passLost: true, reason: "r", assumptions: [], clauses: [],
        path: [{ state: "A", at: at(1) }, { gap: "lost", at: at(2) }, { state: "B", at: at(3) }, { state: "C", at: at(4) }],
        nearest: [{ edit: "keep", state: "A" }, { edit: "insert", state: "X" }, { edit: "drop", state: "B" }, { edit: "replace", state: "C", with: "D" }] };
    const list = pieces(expectation, parse(at(9))).map((p) => `${p.kind} ${p.label} ${(p.from / 1e6) % 10}-${(p.to / 1e6) % 10}`);
    assert.deepEqual(list, ["kept A 1-2", "missing X 2-2", "gap gap 2-3", "dropped B 3-4", "instead D 4-9"]);
});
