// The bars of one track. What is drawn is bounded by the width, not by the number of states: those narrower than two pixels
// share a column, found by search, in which failing states and gaps win.

import { lengthText, stay } from "../model/dwell";
import { isUnpublished } from "../model/gaps";
import { ABSENT, Flag, GAP, GONE, UNFOLLOWED, UNHELD, VAGUE, lowerBound, type Row } from "../model/trail";
import type { Timeline } from "../model/timeline";
import { Batch } from "./batches";
import { FONT, cut, widthOf } from "./labels";
import { INKS, type Ink, type Palette } from "./palette";
import type { Viewport } from "./viewport";

const NARROW = 2;
const LABEL_PAD = 5;

interface Label {
    text: string;
    after: string;
    x: number;
    y: number;
    room: number;
    ink: Ink;
}

interface Fade {
    x0: number;
    x1: number;
    y: number;
    height: number;
    ink: Ink;
}

export class Bars {
    private readonly fills = new Map<Ink, Batch>(INKS.map((ink) => [ink, new Batch()]));
    private readonly edges = new Map<Ink, Batch>(INKS.map((ink) => [ink, new Batch()]));
    private readonly bands = new Batch();
    private readonly dots = new Batch();
    private readonly stripes = new Batch();
    private readonly hatches = new Batch();
    private readonly ticks = new Batch();
    private readonly dashes: [number, number, number][] = [];
    private labels: Label[] = [];
    private fades: Fade[] = [];
    private stripePattern: CanvasPattern | null = null;
    private hatchPattern: CanvasPattern | null = null;
    private dotPattern: CanvasPattern | null = null;
    private palette: Palette | null = null;

    constructor(private readonly timeline: Timeline) {}

    clear(): void {
        for (const batch of this.fills.values()) batch.clear();
        for (const batch of this.edges.values()) batch.clear();
        for (const batch of [this.bands, this.dots, this.stripes, this.hatches, this.ticks]) batch.clear();
        this.dashes.length = 0;
        this.labels = [];
        this.fades = [];
    }

    /** One row of bars; `thin`: without labels and marks. */
    add(row: Row, view: Viewport, y: number, height: number, thin = false): void {
        const { trail } = row;
        const { start, end, state } = trail;
        const scale = view.width / view.span;
        const { from } = view;
        const last = this.timeline.head.last;
        const right = view.width;
        // The first whose end is after the left edge; the ends are sorted, too.
        let i = lowerBound(end, row.lo, row.hi, from);
        while (i < row.hi && start[i]! <= view.to) {
            const stop = end[i] === Infinity ? Math.max(last, start[i]!) : end[i]!;
            const x0 = (start[i]! - from) * scale;
            const x1 = (stop - from) * scale;
            const code = state[i]!;
            if (code === GONE) {
                this.dashes.push([Math.max(x0, -8), Math.min(right, (Math.max(last, view.to) - from) * scale), y + height / 2]);
                if (!thin && x0 >= -2) this.edges.get("gone")!.push(x0, y + 3, 2, height - 6);
                break;
            }
            if (x1 - x0 >= NARROW || (i + 1 >= row.hi && x1 >= 0)) {
                this.one(row, i, Math.max(x0, -4), Math.max(Math.min(x1, right + 4), x0 + 1), y, height, thin, x0);
                i++;
                continue;
            }
            const column = Math.floor(x0 / NARROW) * NARROW;
            const until = from + (column + NARROW) / scale;
            let j = lowerBound(start, i + 1, row.hi, until);
            // The last to begin in the column may be long enough to stand for itself.
            if (j - 1 > i) {
                const k = j - 1;
                const stopK = end[k] === Infinity ? Math.max(last, start[k]!) : end[k]!;
                if ((stopK - start[k]!) * scale >= NARROW || state[k] === GONE) j = k;
            }
            this.column(row, i, j, column, y, height);
            i = j;
        }
        if (!thin) this.details(row, view, y, height);
    }

    private one(row: Row, i: number, x0: number, x1: number, y: number, height: number, thin: boolean, trueStart: number): void {
        const { trail } = row;
        const code = trail.state[i]!;
        if (code === ABSENT) {
            this.edges.get("gone")!.push(x0, y + height / 2 - 0.5, x1 - x0, 1);
            return;
        }
        if (code === GAP) {
            const x = Math.floor(x0);
            const width = Math.max(3, Math.ceil(x1) - x);
            this.fills.get("gap")!.push(x, y, width, height);
            this.stripes.push(x, y, width, height);
            if (!thin) {
                const gap = this.timeline.gaps.get(trail.entry[i]!);
                const versions = gap?.fromResourceVersion !== undefined || gap?.toResourceVersion !== undefined
                    ? `rv ${gap.fromResourceVersion ?? "?"} to ${gap.toResourceVersion ?? "?"}` : "";
                this.label(isUnpublished(gap) ? "never published" : `gap: ${gap?.text ?? "not seen"}`, versions, x, x + width, y, height, "gap");
            }
            return;
        }
        if (code === VAGUE || code === UNFOLLOWED || code === UNHELD) {
            const x = Math.floor(x0);
            this.hatches.push(x, y, Math.max(2, Math.ceil(x1) - x), height);
            if (!thin && code === UNFOLLOWED) this.label("not followed", "", x, Math.ceil(x1), y, height, "gap");
            return;
        }
        const { tone, text } = this.timeline.states[code]!;
        const flags = trail.flags[i]!;
        const width = x1 - x0;
        if (!thin && (flags & Flag.unseenStart) !== 0 && width > 6 && trueStart > -40) {
            const fade = Math.min(28, width * 0.6);
            this.fades.push({ x0, x1: x0 + fade, y, height, ink: tone });
            this.fills.get(tone)!.push(x0 + fade, y, width - fade, height);
        } else {
            this.fills.get(tone)!.push(x0, y, width - (width > 3 ? 0.5 : 0), height);
            if (!thin && width >= 4 && (flags & Flag.vagueStart) === 0 && trueStart >= -4) {
                this.edges.get(tone)!.push(x0, y, 2, height);
            }
        }
        if (thin) return;
        if (tone === "failing") this.bands.push(x0, y + height - 3, width, 3);
        if (tone === "waiting") this.dots.push(x0, y + height - 3, width, 3);
        if (width > 14) {
            const known = stay(this.timeline, row, i);
            this.label(text, known && known.min === known.max && !known.open ? lengthText(known) : "",
                x0, x1, y, height, tone);
        }
    }

    private label(text: string, after: string, x0: number, x1: number, y: number, height: number, ink: Ink): void {
        const left = Math.max(x0, 0) + LABEL_PAD;
        const room = x1 - left - LABEL_PAD + 1;
        if (room >= 12) this.labels.push({ text, after, x: left, y: y + height / 2 + 0.5, room, ink });
    }

    private column(row: Row, i: number, j: number, x: number, y: number, height: number): void {
        const { trail } = row;
        const failing = trail.failing[j]! - trail.failing[i]! > 0;
        const gaps = trail.gaps[j]! - trail.gaps[i]! > 0;
        let ink: Ink = "gone";
        if (failing) ink = "failing";
        else {
            for (let k = j - 1; k >= i && k > j - 4; k--) {
                if (trail.state[k]! >= 0) {
                    ink = this.timeline.states[trail.state[k]!]!.tone;
                    break;
                }
            }
            if (gaps && ink === "gone") ink = "gap";
        }
        this.fills.get(ink)!.add(x, y, NARROW, height);
        if (gaps) {
            this.fills.get("gap")!.add(x, y, NARROW + 1, height);
            this.stripes.add(x, y, NARROW + 1, height);
        }
    }

    private details(row: Row, view: Viewport, y: number, height: number): void {
        const { tick } = row.trail;
        let lastX = -10;
        let i = lowerBound(tick, row.tickLo, row.tickHi, view.from);
        while (i < row.tickHi && tick[i]! <= view.to) {
            const x = Math.round(view.x(tick[i]!));
            if (x - lastX >= 2) this.ticks.push(x, y + height - 6, 1, 6);
            lastX = x;
            i = lowerBound(tick, i + 1, row.tickHi, view.time(x + 2));
        }
    }

    flush(context: CanvasRenderingContext2D, palette: Palette): void {
        if (this.palette !== palette) {
            this.palette = palette;
            this.stripePattern = stripes(context, palette);
            this.hatchPattern = stripes(context, palette, 1);
            this.dotPattern = dots(context, palette);
        }
        for (const ink of INKS) {
            this.fills.get(ink)!.fill(context, palette.tones[ink].fill);
            this.edges.get(ink)!.fill(context, palette.tones[ink].edge);
        }
        for (const { x0, x1, y, height, ink } of this.fades) {
            const { fill } = palette.tones[ink];
            const gradient = context.createLinearGradient(x0, 0, x1, 0);
            gradient.addColorStop(0, `${fill}00`);
            gradient.addColorStop(1, fill);
            context.fillStyle = gradient;
            context.fillRect(x0, y, x1 - x0, height);
        }
        this.bands.fill(context, palette.tones.failing.edge);
        if (this.dotPattern) this.dots.fill(context, this.dotPattern);
        if (this.stripePattern) this.stripes.fill(context, this.stripePattern);
        if (this.hatchPattern) this.hatches.fill(context, this.hatchPattern);
        this.ticks.fill(context, palette.text);
        if (this.dashes.length > 0) {
            context.strokeStyle = palette.tones.gone.edge;
            context.lineWidth = 1;
            context.setLineDash([3, 4]);
            context.beginPath();
            for (const [x0, x1, y] of this.dashes) {
                context.moveTo(Math.round(x0), Math.floor(y) + 0.5);
                context.lineTo(x1, Math.floor(y) + 0.5);
            }
            context.stroke();
            context.setLineDash([]);
        }
        this.writeLabels(context, palette);
    }

    private writeLabels(context: CanvasRenderingContext2D, palette: Palette): void {
        context.font = FONT;
        context.textBaseline = "middle";
        for (const ink of INKS) {
            context.fillStyle = palette.tones[ink].text;
            for (const label of this.labels) {
                if (label.ink !== ink) continue;
                const text = cut(context, label.text, label.room);
                if (text === "") continue;
                const used = widthOf(context, text) + 8;
                const after = label.after === "" || text !== label.text ? 0 : widthOf(context, label.after);
                const fits = after > 0 && after <= label.room - used;
                if (ink === "gap") {
                    // Text on stripes needs a ground of its own.
                    context.fillStyle = label.text === "not followed" ? palette.background : palette.tones.gap.fill;
                    context.fillRect(label.x - 3, label.y - 7.5, (fits ? used + after : used - 8) + 6, 14);
                    context.fillStyle = palette.tones.gap.text;
                }
                context.fillText(text, label.x, label.y);
                if (fits) {
                    context.globalAlpha = 0.78;
                    context.fillText(label.after, label.x + used, label.y);
                    context.globalAlpha = 1;
                }
            }
        }
    }
}

function tile(width: number, height: number, paint: (context: CanvasRenderingContext2D) => void): HTMLCanvasElement {
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    const context = canvas.getContext("2d");
    if (context) paint(context);
    return canvas;
}

/** Of a gap; thinner ones, of what is not known for other reasons. */
export function stripes(context: CanvasRenderingContext2D, palette: Palette, width = 2): CanvasPattern | null {
    return context.createPattern(tile(8, 8, (c) => {
        c.strokeStyle = palette.tones.gap.edge;
        c.lineWidth = width;
        if (width < 2) c.globalAlpha = 0.7;
        c.beginPath();
        for (const shift of [-8, 0, 8]) {
            c.moveTo(shift - 2, 10);
            c.lineTo(shift + 10, -2);
        }
        c.stroke();
    }), "repeat");
}

function dots(context: CanvasRenderingContext2D, palette: Palette): CanvasPattern | null {
    return context.createPattern(tile(6, 1, (c) => {
        c.fillStyle = palette.tones.waiting.edge;
        c.fillRect(0, 0, 3, 1);
    }), "repeat");
}
