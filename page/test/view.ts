import assert from "node:assert/strict";
import { test } from "node:test";
import { document, START, type Entry } from "../fixtures/document";
import { fleet } from "../fixtures/fleet";
import { Batch } from "../src/draw/batches";
import { Bars } from "../src/draw/bars";
import { Viewport } from "../src/draw/viewport";
import { choices, emptyFilter } from "../src/model/filter";
import { MainTracks } from "../src/model/main";
import { stops } from "../src/model/stops";
import { summarize } from "../src/model/summary";
import { countTones, Tree } from "../src/model/tree";
import { Timeline } from "../src/model/timeline";

const S = 1e6;

function open(data: ReturnType<typeof document>): { timeline: Timeline; tree: Tree } {
    const timeline = new Timeline(data.head);
    for (const part of data.chunks) timeline.append(part);
    const tree = new Tree(timeline);
    tree.rebuild(emptyFilter(), []);
    return { timeline, tree };
}

const entries: Entry[] = [
    { subject: "Pod/a/web", at: START + S, to: "Running", from: null },
    { subject: "Pod/a/web", at: START + S, to: "node1", from: null, track: "node" },
    { subject: "Pod/b/db", at: START + 2 * S, to: "ErrImagePull", from: null },
    { subject: "VirtualMachine/b/vm", at: START + 3 * S, to: "Running", from: null },
    { subject: "Pod/b/db", at: START + 5 * S, gap: { from: START + 4 * S, to: START + 5 * S } },
    { at: START + 9 * S, gap: { resource: "nodes", kind: "Node", from: START + 8 * S, to: START + 9 * S } },
];

function names(tree: Tree): string[] {
    return tree.list.map((node) => `${"  ".repeat(node.level - 1)}${node.label}`);
}

test("the tree has namespaces, kinds, objects and tracks; a kind of which only a gap is known has a row", () => {
    const { tree } = open(document(entries));
    assert.deepEqual(names(tree), ["all namespaces", "  Node", "a", "  Pod", "    web", "b", "  Pod", "    db", "  VirtualMachine", "    vm"]);
    tree.setExpanded(tree.list[4]!, true);
    assert.deepEqual(names(tree).slice(4, 7), ["    web", "      status", "      node"]);
    tree.setAll(false);
    assert.deepEqual(names(tree), ["all namespaces", "  Node", "a", "  Pod", "b", "  Pod", "  VirtualMachine"]);
});

test("filters by kind, namespace, track, state and text", () => {
    const { tree } = open(document(entries));
    const shown = (change: (filter: ReturnType<typeof emptyFilter>) => void): string[] => {
        const filter = emptyFilter();
        change(filter);
        tree.rebuild(filter, []);
        return tree.list.filter((node) => node.type === "object").map((node) => node.label);
    };
    assert.deepEqual(shown((f) => f.kind.add("Pod")), ["web", "db"]);
    assert.deepEqual(shown((f) => f.namespace.add("b")), ["db", "vm"]);
    assert.deepEqual(shown((f) => f.track.add("node")), ["web"]);
    assert.deepEqual(shown((f) => f.state.add("ErrImagePull")), ["db"]);
    assert.deepEqual(shown((f) => f.state.add("(gap)")), ["db"]);
    assert.deepEqual(shown((f) => { f.text = "errimage"; }), ["db"]);
    assert.deepEqual(shown((f) => { f.text = "virtualmachine/vm"; }), ["vm"]);
    assert.deepEqual(shown((f) => { f.text = "nothing of this"; }), []);
});

test("groups count their objects by tone, and know when one was failing", () => {
    const { timeline, tree } = open(document(entries));
    const b = tree.roots.find((root) => root.label === "b")!;
    assert.deepEqual(Object.fromEntries(countTones(timeline, b, new MainTracks(timeline))), { failing: 1, good: 1 });
    const failing = summarize(timeline, b, new MainTracks(timeline)).bands[2]!;
    assert.deepEqual([...failing.start].map((t) => (t - START) / S), [2, 5]);
    const choice = choices(timeline);
    assert.equal(choice.state.get("Running"), 2);
    assert.equal(choice.state.get("(gap)"), 1);
});

test("the stops of gaps have a gap of a whole watch, and one of a subject once", () => {
    const { timeline, tree } = open(document(entries));
    assert.deepEqual(stops(timeline, tree.roots, "gap").map((stop) => (stop.at - START) / S), [4, 8]);
    assert.deepEqual(stops(timeline, tree.roots, "failure").map((stop) => (stop.at - START) / S), [2, 5]);
});

/** A canvas that counts. */
class Counter {
    rectangles = 0;
    texts = 0;
    fillStyle = "";
    font = "";
    textBaseline = "";
    globalAlpha = 1;
    fillRect(): void { this.rectangles++; }
    fillText(): void { this.texts++; }
    measureText(text: string): { width: number } { return { width: text.length * 6 }; }
    createPattern(): null { return null; }
    beginPath(): void { /* not counted */ }
    moveTo(): void { /* not counted */ }
    lineTo(): void { /* not counted */ }
    stroke(): void { /* not counted */ }
    setLineDash(): void { /* not counted */ }
}

test("what is drawn of a row is bounded by its width, and a failure is never lost in it", (t) => {
    // A pattern is made on a canvas, of which node has none.
    const fake = { createElement: () => ({ getContext: () => null }) };
    Object.assign(globalThis, { document: fake });
    t.after(() => { Reflect.deleteProperty(globalThis, "document"); });
    const many: Entry[] = [];
    for (let i = 0; i < 50_000; i++) {
        many.push({ subject: "Pod/a/web", at: START + i * 1000, from: null, to: i === 33_333 ? "Error" : i % 2 === 0 ? "Running" : "Pending" });
    }
    const { timeline } = open(document(many));
    const row = timeline.trail(timeline.subjects[0]!).rows[0]!;
    const view = new Viewport();
    view.width = 1000;
    view.height = 100;
    view.setLimits(timeline.head.started, timeline.head.last);
    view.fit();
    const bars = new Bars(timeline);
    const painted: string[] = [];
    const counter = new Counter();
    counter.fillRect = function fillRect(this: Counter): void {
        this.rectangles++;
        painted.push(this.fillStyle);
    };
    bars.add(row, view, 0, 20);
    const palette = { tones: Object.fromEntries(["good", "plain", "ended", "waiting", "gone", "failing", "gap"].map((ink) =>
        [ink, { fill: ink, text: `${ink} text`, edge: `${ink} edge` }])), text: "text" };
    bars.flush(counter as unknown as CanvasRenderingContext2D, palette as never);
    assert.ok(counter.rectangles <= 1100, `${counter.rectangles} rectangles`);
    assert.ok(painted.includes("failing"));
});

test("zooming keeps the moment under the pointer, and stays within limits", () => {
    const view = new Viewport();
    view.width = 1000;
    view.setLimits(START, START + 100 * S);
    view.fit();
    const at = view.time(700);
    view.zoom(0.1, 700);
    assert.ok(Math.abs(view.time(700) - at) < 2);
    for (let i = 0; i < 100; i++) view.zoom(0.5, 500);
    assert.ok(view.span >= 19);
    view.zoom(1e12, 0);
    assert.deepEqual([view.from, view.to], view.limits);
    view.pan(1e9);
    assert.equal(view.to, view.limits[1]);
});

test("neighbors of one color are one rectangle", () => {
    const batch = new Batch();
    for (let x = 0; x < 100; x += 2) batch.add(x, 4, 2, 10);
    batch.add(50, 30, 2, 10);
    assert.equal(batch.count, 2);
});

test("a large cluster is decoded whole, and its default view shows kinds", () => {
    const { timeline, tree } = open(fleet(400, 8000));
    assert.equal(timeline.subjects.length, 400);
    assert.ok(tree.list.every((node) => node.type === "namespace" || node.type === "kind" || node.parent!.type === "kind"));
    // What groups show without trails is what the trails have.
    const quick = new MainTracks(timeline);
    let without = 0;
    for (const object of tree.roots.flatMap((root) => root.objects)) {
        const spans = (): string[] => {
            const list: string[] = [];
            quick.visit(object, (start, end, code) => list.push(`${start} ${end} ${code}`));
            return list;
        };
        Object.assign(object.subject, { trail: null });
        const before = spans();
        if (object.subject.trail === null) without++;
        timeline.trail(object.subject);
        assert.deepEqual(spans(), before);
    }
    assert.ok(without > 100, `${without} without trails`);
    const rows = timeline.subjects.flatMap((subject) => timeline.trail(subject).rows);
    for (const row of rows) {
        for (let i = row.lo + 1; i < row.hi; i++) {
            assert.ok(row.trail.start[i]! >= row.trail.start[i - 1]! && row.trail.end[i]! >= row.trail.end[i - 1]!);
            assert.ok(row.trail.start[i]! >= row.trail.end[i - 1]!);
        }
    }
});

test("of a window, the rest is there, but neither the axis nor what holds at its end goes beyond it", () => {
    const data = document([
        { subject: "Pod/a/web", at: START + S, to: "Running", from: null },
        { subject: "Pod/a/web", at: START + 20 * S, to: "ErrImagePull", from: "Running" },
    ]);
    const { timeline, tree } = open({ ...data, head: { ...data.head, last: START + 60 * S, since: START + 2 * S, until: START + 10 * S } });
    assert.deepEqual(timeline.shown, [START + 2 * S, START + 10 * S]);
    const [group] = tree.roots;
    assert.deepEqual(Object.fromEntries(countTones(timeline, group!, new MainTracks(timeline))), { good: 1 });
    const [row] = timeline.trail(timeline.subjects[0]!).rows;
    assert.equal(row!.trail.end[row!.lo], START + 20 * S);
});
