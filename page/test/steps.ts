import assert from "node:assert/strict";
import { test } from "node:test";
import type { Expectation, Step } from "../src/data/format";
import { badgeText, nearestFit, path } from "../src/model/steps";

const expectation = (steps: Step[], more: Partial<Expectation> = {}): Expectation =>
    ({ name: "x", verdict: "violated", passLost: true, reason: "r", assumptions: [], clauses: [], path: steps, ...more });
const state = (name: string, more: Partial<Step> = {}): Step => ({ state: name, at: "2026-11-20T18:09:01.000000Z", ...more });
const told = (chips: { kind: string; text: string }[]): string[] => chips.map(({ kind, text }) => `${kind} ${text}`);

test("the path has its gaps between its steps", () => {
    const steps = [state("A", { gap: "beginning" }), state("B", { gap: "lost" }), state("C", { gap: "neverPublished" }), { gap: "lost" } as const];
    assert.deepEqual(told(path(expectation(steps, { departure: 1 }))), ["gap beginning not seen", "keep A", "gap not seen", "drop B",
        "gap never published", "keep C", "gap not seen again"]);
    // Without times, what was lost before the first state is its beginning.
    assert.deepEqual(told(path(expectation([{ gap: "lost", state: "A" }]))), ["gap beginning not seen", "keep A"]);
});

test("of a long path, it is said how many steps are left out", () => {
    const steps = Array.from({ length: 12 }, (_, i) => state(`S${i}`));
    const shown = (more: Partial<Expectation>): string[] => told(path(expectation(steps, more))).map((text) => text.replace("keep ", ""));
    assert.deepEqual(shown({ departure: 1 }), ["S0", "drop S1", "S2", "S3", "S4", "S5", "more … 6 steps after"]);
    assert.deepEqual(shown({ departure: 8 }), ["more … 4 steps before", "S4", "S5", "S6", "S7", "drop S8", "S9", "more … 2 steps after"]);
    assert.deepEqual(shown({ departure: 9 }).slice(-2), ["S10", "more … 1 step after"]);
    assert.deepEqual(shown({}), ["more … 6 steps before", "S6", "S7", "S8", "S9", "S10", "S11"]);
    assert.deepEqual(shown({ gap: 3 }).at(-1), "more … 6 steps after");
});

test("the nearest fit has the gaps of the path", () => {
    const steps = [state("A"), { gap: "lost" } as const, state("B", { gap: "lost" }), state("C")];
    assert.deepEqual(told(nearestFit(expectation(steps, { nearest: [{ edit: "keep", state: "A" }, { edit: "insert", state: "X" },
        { edit: "drop", state: "B" }, { edit: "replace", state: "C", with: "D" }] }))),
    ["keep A", "insert + X", "gap not seen again", "gap not seen", "drop - B", "replace C ⇒ D"]);
});

test("the badge counts the expectations that have the verdict", () => {
    const text = (verdict: string, ...verdicts: string[]): string => badgeText(verdict, verdicts).join("");
    assert.equal(text("violated", "violated", "inconclusive", "inconclusive", "inconclusive"), "4 expectations: 1 violated");
    assert.equal(text("violated", "violated", "violated"), "2 expectations: all violated");
    assert.equal(text("violated", "violated"), "1 expectation: violated");
    assert.equal(text("satisfied", "satisfied", "skipped"), "2 expectations: 1 satisfied");
    assert.equal(text("violated", "satisfied", "satisfied"), "2 expectations: violated");
});
