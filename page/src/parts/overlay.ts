// What moves over the bars without painting them again: the span, the pointer, what is selected, and the newest moment.

import type { App } from "../app";
import { ROW, type Target } from "../draw/scene";
import { rowOf } from "../model/tree";
import type { Hover } from "./pointer";

/** False: there is nothing to paint. An empty canvas costs as much as a full one, so it is to be hidden. */
export function paintOverlay(context: CanvasRenderingContext2D, app: App, hover: Hover, ratio: number): boolean {
    const { view, palette, timeline: { head } } = app;
    const live = head.open || app.following !== null;
    const used = hover.x !== null || hover.target !== null || hover.drawing !== null || app.span !== null || app.spanStart !== null ||
        app.target !== null || live;
    if (!used) return false;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, view.width, view.height);
    const span = hover.drawing ?? app.span;
    if (span) {
        const x0 = view.x(span[0]);
        const x1 = view.x(span[1]);
        context.fillStyle = palette.accent;
        context.globalAlpha = 0.12;
        context.fillRect(x0, 0, x1 - x0, view.height);
        context.globalAlpha = 1;
        context.fillRect(Math.round(x0), 0, 1, view.height);
        context.fillRect(Math.round(x1) - 1, 0, 1, view.height);
    }
    if (app.spanStart !== null) {
        context.fillStyle = palette.accent;
        context.fillRect(Math.round(view.x(app.spanStart)), 0, 2, view.height);
    }
    outline(context, app, hover.target, palette.muted, 1);
    outline(context, app, app.target, palette.dark ? "#ffffff" : "#11151a", 2);
    if (hover.x !== null) {
        context.fillStyle = palette.muted;
        context.globalAlpha = 0.5;
        context.fillRect(Math.round(hover.x), 0, 1, view.height);
        context.globalAlpha = 1;
    }
    if (live) {
        const x = Math.round(view.x(head.last));
        context.fillStyle = palette.accent;
        context.globalAlpha = 0.7;
        context.fillRect(x, 0, 1, view.height);
        context.globalAlpha = 1;
    }
    return true;
}

function outline(context: CanvasRenderingContext2D, app: App, target: Target | null, color: string, width: number): void {
    if (target?.kind !== "segment") return;
    const { row, index } = target;
    const { view, timeline } = app;
    const first = Math.max(0, Math.floor(app.scroll / ROW));
    const last = Math.min(app.tree.list.length - 1, Math.floor((app.scroll + view.height) / ROW));
    for (let i = first; i <= last; i++) {
        const node = app.tree.list[i]!;
        const own = rowOf(node);
        if (own?.subject !== row.subject || own.track !== row.track) continue;
        if (node.type === "object" && node.expanded) continue;
        const x0 = Math.max(-6, view.x(row.trail.start[index]!));
        const x1 = Math.min(view.width + 6, Math.max(x0 + 3, view.x(Math.min(row.trail.end[index]!, timeline.head.last))));
        const short = node.type === "object" && node.subject.events.length > 0;
        context.strokeStyle = color;
        context.lineWidth = width;
        context.strokeRect(x0 - 0.5, i * ROW - app.scroll + 2.5, x1 - x0 + 1, (short ? ROW - 12 : ROW - 7) + 1);
    }
}
