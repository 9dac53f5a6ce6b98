// The strip on top: the whole recording, where it was busy, where something failed, where something was not seen, and which
// part of it is shown below.

import { Type } from "../data/format";
import type { MainTracks } from "../model/main";
import type { Timeline } from "../model/timeline";
import { GAP, UNFOLLOWED } from "../model/trail";
import type { Group } from "../model/tree";
import { watchGaps } from "../model/summary";
import { stripes } from "./bars";
import type { Palette } from "./palette";
import type { Viewport } from "./viewport";

export const OVERVIEW = 36;

interface Bins {
    key: string;
    activity: Float32Array;
    failing: Float32Array;
    gap: Uint8Array;
    most: number;
    mostFailing: number;
}

export class Overview {
    private bins: Bins | null = null;
    private picture: { key: string; canvas: HTMLCanvasElement } | null = null;

    constructor(private readonly timeline: Timeline, private readonly main: MainTracks) {}

    private count(roots: Group[], view: Viewport, key: string): Bins {
        if (this.bins?.key === key) return this.bins;
        const width = Math.max(1, Math.floor(view.width));
        const [first, last] = view.limits;
        const scale = width / (last - first);
        const bin = (at: number): number => Math.max(0, Math.min(width - 1, Math.floor((at - first) * scale)));
        const activity = new Float32Array(width);
        // Differences first, summed up below: a state of an hour costs as much as one of a second.
        const change = new Float32Array(width + 1);
        const gap = new Uint8Array(width);
        const { head: { last: end }, columns: { type, at } } = this.timeline;
        for (const root of roots) {
            for (const object of root.objects) {
                for (const entry of object.subject.entries) {
                    if (type[entry] !== Type.transition) continue;
                    const from = bin(at[entry]!);
                    activity[from] = activity[from]! + 1;
                }
                this.main.visit(object, (start, stop, code) => {
                    if (code >= 0 ? this.timeline.states[code]!.tone !== "failing" : code !== GAP && code !== UNFOLLOWED) return;
                    const from = bin(start);
                    const to = bin(Math.min(stop, end));
                    if (code < 0) {
                        gap.fill(1, from, to + 1);
                    } else {
                        change[from] = change[from]! + 1;
                        change[to + 1] = change[to + 1]! - 1;
                    }
                });
            }
            for (const g of watchGaps(this.timeline, root)) gap.fill(1, bin(g.start), bin(Math.min(g.end, end)) + 1);
        }
        const failing = new Float32Array(width);
        let running = 0;
        let most = 0;
        let mostFailing = 0;
        for (let i = 0; i < width; i++) {
            running += change[i]!;
            failing[i] = running;
            most = Math.max(most, activity[i]!);
            mostFailing = Math.max(mostFailing, running);
        }
        this.bins = { key, activity, failing, gap, most, mostFailing };
        return this.bins;
    }

    paint(context: CanvasRenderingContext2D, roots: Group[], view: Viewport, palette: Palette, ratio: number, revision: string): void {
        const key = `${revision} ${view.width} ${view.limits.join()}`;
        const pictureKey = `${key} ${palette.dark} ${ratio}`;
        if (this.picture?.key !== pictureKey) {
            const canvas = document.createElement("canvas");
            canvas.width = Math.ceil(view.width * ratio);
            canvas.height = OVERVIEW * ratio;
            const picture = canvas.getContext("2d");
            if (picture) this.draw(picture, this.count(roots, view, key), view, palette, ratio);
            this.picture = { key: pictureKey, canvas };
        }
        context.setTransform(1, 0, 0, 1, 0, 0);
        context.drawImage(this.picture.canvas, 0, 0);
        context.setTransform(ratio, 0, 0, ratio, 0, 0);
        const [first, last] = view.limits;
        const scale = view.width / (last - first);
        const x0 = (view.from - first) * scale;
        const x1 = Math.max(x0 + 3, (view.to - first) * scale);
        context.fillStyle = palette.dark ? "rgba(8,10,13,.62)" : "rgba(225,230,238,.66)";
        context.fillRect(0, 0, x0, OVERVIEW);
        context.fillRect(x1, 0, view.width - x1, OVERVIEW);
        context.fillStyle = palette.accent;
        context.fillRect(x0 - 1, 0, 2, OVERVIEW - 1);
        context.fillRect(x1 - 1, 0, 2, OVERVIEW - 1);
        context.fillRect(x0, 0, x1 - x0, 1.5);
    }

    private draw(context: CanvasRenderingContext2D, bins: Bins, view: Viewport, palette: Palette, ratio: number): void {
        context.setTransform(ratio, 0, 0, ratio, 0, 0);
        context.fillStyle = palette.background;
        context.fillRect(0, 0, view.width, OVERVIEW);
        const base = OVERVIEW - 3;
        const room = OVERVIEW - 8;
        const most = Math.log1p(bins.most);
        context.fillStyle = palette.dark ? "#4b5a6e" : "#a9b8cb";
        bins.activity.forEach((count, x) => {
            if (count > 0) {
                const height = Math.max(2, Math.log1p(count) / most * room);
                context.fillRect(x, base - height, 1, height);
            }
        });
        context.fillStyle = palette.tones.failing.fill;
        bins.failing.forEach((count, x) => {
            if (count > 0) context.fillRect(x, 3, 1, Math.max(2.5, count / bins.mostFailing * 8));
        });
        const pattern = stripes(context, palette);
        bins.gap.forEach((hidden, x) => {
            if (hidden === 0) return;
            context.fillStyle = palette.tones.gap.fill;
            context.fillRect(x, base - 8, 1, 8);
            if (pattern) {
                context.fillStyle = pattern;
                context.fillRect(x, base - 8, 1, 8);
            }
        });
        context.fillStyle = palette.mark;
        const [first, last] = view.limits;
        for (const { entry } of this.timeline.marks) {
            context.fillRect(Math.round((this.timeline.columns.at[entry]! - first) / (last - first) * view.width), 0, 1, OVERVIEW);
        }
        context.fillStyle = palette.line;
        context.fillRect(0, OVERVIEW - 1, view.width, 1);
    }
}
