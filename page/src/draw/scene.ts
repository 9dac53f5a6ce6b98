// The canvas beside the rows: bars, Events, marks, groups, and what was expected.

import type { MainTracks } from "../model/main";
import type { Timeline } from "../model/timeline";
import { Band, summarize, type Summary } from "../model/summary";
import { lowerBound, type Row } from "../model/trail";
import { rowOf, type Group, type Node, type ObjectNode } from "../model/tree";
import { Batch } from "./batches";
import { Bars, stripes } from "./bars";
import { ExpectedPath } from "./expected";
import type { Palette } from "./palette";
import type { Viewport } from "./viewport";

export const ROW = 26;

/** Something that the pointer is on, or that is selected. */
export type Target =
    | { kind: "segment"; row: Row; index: number }
    | { kind: "tick"; row: Row; index: number }
    | { kind: "event"; entry: number }
    | { kind: "gap"; entry: number }
    | { kind: "mark"; index: number };

export interface Frame {
    nodes: Node[];
    /** The row at the top, and how far it is scrolled out. */
    scroll: number;
    view: Viewport;
    palette: Palette;
    focused: Node | null;
    selectedRows: Set<string>;
    ratio: number;
}

export class Scene {
    private readonly bars: Bars;
    private readonly expected: ExpectedPath;
    private readonly summaries = new Map<Group, { revision: string; summary: Summary }>();
    private readonly bands = Object.values(Band).map(() => new Batch());
    private pattern: { palette: Palette; stripes: CanvasPattern | null; hatches: CanvasPattern | null } | null = null;

    constructor(private readonly timeline: Timeline, private readonly main: MainTracks) {
        this.bars = new Bars(timeline);
        this.expected = new ExpectedPath(timeline);
    }

    paint(context: CanvasRenderingContext2D, frame: Frame, revision: string): void {
        const { view, palette, nodes, scroll, ratio } = frame;
        context.setTransform(ratio, 0, 0, ratio, 0, 0);
        context.fillStyle = palette.background;
        context.fillRect(0, 0, view.width, view.height);
        if (this.pattern?.palette !== palette) this.pattern = { palette, stripes: stripes(context, palette), hatches: stripes(context, palette, 1) };
        const first = Math.floor(scroll / ROW);
        const last = Math.min(nodes.length - 1, Math.floor((scroll + view.height) / ROW));
        this.bars.clear();
        for (const band of this.bands) band.clear();
        const diamonds: [x: number, y: number, warning: boolean][] = [];
        for (let i = first; i <= last; i++) {
            const node = nodes[i]!;
            const y = i * ROW - scroll;
            if (node === frame.focused || frame.selectedRows.has(node.key)) {
                context.fillStyle = palette.focus;
                context.fillRect(0, y, view.width, ROW);
            } else if (node.type === "namespace" || node.type === "kind") {
                context.fillStyle = palette.group;
                context.fillRect(0, y, view.width, ROW);
            }
            context.fillStyle = palette.faint;
            context.fillRect(0, y + ROW - 1, view.width, 1);
            if (node.type === "namespace" || node.type === "kind") {
                this.group(node, view, y, revision);
            } else if (node.type === "object") {
                this.object(node, view, y, diamonds);
            } else if (node.type === "track") {
                this.bars.add(node.row, view, y + 3, ROW - 7);
            }
        }
        this.before(context, view);
        this.marks(context, frame, false);
        this.bars.flush(context, palette);
        this.flushBands(context, palette);
        paintDiamonds(context, palette, diamonds);
        for (let i = first; i <= last; i++) {
            const node = nodes[i]!;
            if (node.type === "expected") this.expected.paint(context, node, view, i * ROW - scroll, ROW, palette);
        }
        this.marks(context, frame, true);
    }

    private object(node: ObjectNode, view: Viewport, y: number, diamonds: [number, number, boolean][]): void {
        const row = node.rows[0];
        const { events } = node.subject;
        if (row) {
            if (node.expanded) this.bars.add(row, view, y + 17, 4, true);
            else this.bars.add(row, view, y + 3, events.length > 0 ? ROW - 12 : ROW - 7);
        }
        // Events are sorted well enough to be searched: by their own watch's order.
        const at = this.timeline.columns.at;
        const height = !row ? y + ROW / 2 : node.expanded ? y + 10 : y + ROW - 5;
        const slots = new Map<number, boolean>();
        for (const entry of events) {
            const moment = at[entry]!;
            if (moment < view.from || moment > view.to) continue;
            const slot = Math.round(view.x(moment) / 3);
            const warning = this.timeline.events.get(entry)?.type === "Warning";
            slots.set(slot, (slots.get(slot) ?? false) || warning);
        }
        for (const [slot, warning] of slots) diamonds.push([slot * 3, height, warning]);
    }

    private summary(node: Group, revision: string): Summary {
        let kept = this.summaries.get(node);
        if (kept?.revision !== revision) {
            if (this.summaries.size > 500) this.summaries.clear();
            kept = { revision, summary: summarize(this.timeline, node, this.main) };
            this.summaries.set(node, kept);
        }
        return kept.summary;
    }

    private group(node: Group, view: Viewport, y: number, revision: string): void {
        const { bands, watchGaps } = this.summary(node, revision);
        const last = this.timeline.head.last;
        bands.forEach(({ start, end }, band) => {
            const batch = this.bands[band]!;
            let i = lowerBound(end, 0, end.length, view.from);
            const height = band === Band.active ? 4 : band >= Band.gap ? 10 : 8;
            while (i < start.length && start[i]! <= view.to) {
                const x0 = Math.floor(Math.max(-2, view.x(start[i]!)));
                const x1 = Math.ceil(Math.min(view.width + 2, view.x(Math.min(end[i]!, last))));
                batch.add(x0, y + (ROW - 1 - height) / 2, Math.max(2, x1 - x0), height);
                i = Math.max(i + 1, lowerBound(end, i + 1, end.length, view.time(x1)));
            }
        });
        for (const gap of watchGaps) {
            const x0 = Math.floor(Math.max(-2, view.x(gap.start)));
            const x1 = Math.ceil(Math.min(view.width + 2, view.x(Math.min(gap.end, last))));
            if (x1 >= -2 && x0 <= view.width + 2) this.bands[Band.gap]!.push(x0, y + 4, Math.max(3, x1 - x0), ROW - 9);
        }
    }

    private flushBands(context: CanvasRenderingContext2D, palette: Palette): void {
        this.bands[Band.active]!.fill(context, palette.dark ? "#3a424d" : "#d5dbe4");
        this.bands[Band.waiting]!.fill(context, palette.tones.waiting.edge);
        this.bands[Band.failing]!.fill(context, palette.tones.failing.fill);
        if (this.pattern?.hatches) this.bands[Band.doubt]!.fill(context, this.pattern.hatches);
        this.bands[Band.gap]!.fill(context, palette.tones.gap.fill);
        if (this.pattern?.stripes) this.bands[Band.gap]!.fill(context, this.pattern.stripes);
    }

    /** The time of which the page has no entries: it is not known what was then. */
    private before(context: CanvasRenderingContext2D, view: Viewport): void {
        const { began, head } = this.timeline;
        if (began <= head.started || began <= view.from || !this.pattern?.hatches) return;
        const x0 = Math.max(0, view.x(head.started));
        context.fillStyle = this.pattern.hatches;
        context.fillRect(x0, 0, Math.min(view.width, view.x(began)) - x0, view.height);
    }

    private marks(context: CanvasRenderingContext2D, { view, palette }: Frame, front: boolean): void {
        context.globalAlpha = front ? 0.35 : 1;
        context.fillStyle = palette.mark;
        let lastX = -10;
        for (const { entry } of this.timeline.marks) {
            const x = Math.round(view.x(this.timeline.columns.at[entry]!));
            if (x < 0 || x > view.width || x === lastX) continue;
            lastX = x;
            context.fillRect(x, 0, 1, view.height);
        }
        context.globalAlpha = 1;
    }

    /** What is at this place of a node's row. */
    hit(node: Node, view: Viewport, x: number, y: number, revision: string): Target | null {
        const c = this.timeline.columns;
        if (node.type === "object") {
            const middle = node.rows.length === 0 ? ROW / 2 : node.expanded ? 10 : ROW - 5;
            if (Math.abs(y - middle) <= 6) {
                let best: number | null = null;
                for (const entry of node.subject.events) {
                    const distance = Math.abs(view.x(c.at[entry]!) - x);
                    if (distance <= 5 && (best === null || distance <= Math.abs(view.x(c.at[best]!) - x))) best = entry;
                }
                if (best !== null) return { kind: "event", entry: best };
            }
        }
        if (node.type === "namespace" || node.type === "kind") {
            const gap = this.summary(node, revision).watchGaps.find((g) => {
                const x0 = view.x(g.start);
                return x >= x0 - 2 && x <= Math.max(x0 + 4, view.x(Math.min(g.end, this.timeline.head.last)) + 2);
            });
            return gap ? { kind: "gap", entry: gap.entry } : null;
        }
        const row = rowOf(node);
        if (!row) return null;
        if (node.type === "track" && y > ROW - 11) {
            for (let i = row.tickLo; i < row.tickHi; i++) {
                if (Math.abs(view.x(row.trail.tick[i]!) - x) <= 2.5) return { kind: "tick", row, index: i };
            }
        }
        const index = segmentAt(this.timeline, row, view.time(x), view.pixel);
        return index < 0 ? null : { kind: "segment", row, index };
    }
}

/** The segment at a moment; of several within a pixel or two the failing one, a gap, or the shortest that is near. */
export function segmentAt(timeline: Timeline, row: Row, at: number, pixel: number): number {
    const { start, end, state } = row.trail;
    let i = lowerBound(end, row.lo, row.hi, at - 2 * pixel);
    let best = -1;
    let bestScore = -Infinity;
    for (let n = 0; i < row.hi && start[i]! <= at + 2 * pixel && n < 50; i++, n++) {
        const inside = start[i]! <= at && at < end[i]!;
        const narrow = end[i]! - start[i]! < 6 * pixel;
        const code = state[i]!;
        if (!inside && !narrow) continue;
        const failing = code >= 0 && timeline.states[code]!.tone === "failing";
        const score = (inside ? 2 : 0) + (narrow ? 1.5 : 0) + (failing || code === -1 ? 1 : 0);
        if (score > bestScore) {
            best = i;
            bestScore = score;
        }
    }
    if (best < 0) {
        i = lowerBound(end, row.lo, row.hi, at, true);
        if (i < row.hi && start[i]! <= at) best = i;
    }
    return best;
}

function paintDiamonds(context: CanvasRenderingContext2D, palette: Palette, list: [number, number, boolean][]): void {
    const paint = (warning: boolean): void => {
        context.beginPath();
        for (const [x, y, w] of list) {
            if (w !== warning) continue;
            const r = warning ? 3.8 : 3.2;
            context.moveTo(x, y - r);
            context.lineTo(x + r, y);
            context.lineTo(x, y + r);
            context.lineTo(x - r, y);
            context.closePath();
        }
        context.fillStyle = warning ? palette.warning : palette.background;
        context.fill();
        context.lineWidth = 1;
        context.strokeStyle = warning ? palette.background : palette.normal;
        context.stroke();
    };
    paint(false);
    paint(true);
}
