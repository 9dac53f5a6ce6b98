// The time axis above the rows, with the marks' names.

import { clock, date, duration, zoneName, type Zone } from "../model/times";
import { stepFor, ticks } from "../model/ticks";
import type { Timeline } from "../model/timeline";
import { FONT, cut, widthOf } from "./labels";
import type { Palette } from "./palette";
import type { Viewport } from "./viewport";

export const AXIS = 40;

export function paintAxis(context: CanvasRenderingContext2D, timeline: Timeline, view: Viewport, palette: Palette, zone: Zone,
    ratio: number): void {
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.fillStyle = palette.background;
    context.fillRect(0, 0, view.width, AXIS);
    context.font = FONT;
    context.textBaseline = "middle";
    const step = stepFor(view.span, view.width);
    // What the ticks leave out: the day, and for small steps the second.
    const base = step < 1e6 ? `${date(view.from, zone)} ${clock(view.from, zone, 0)}` : date(view.from, zone);
    const anchor = `${base} ${zoneName(view.from, zone)}`;
    context.fillStyle = palette.muted;
    context.fillText(anchor, 6, 11);
    const span = `${duration(view.span)} shown`;
    const isMeasured = timeline.head.durations !== "unknown";
    const anchorEnd = 6 + widthOf(context, anchor) + 14;
    let marksEnd = view.width - 6;
    if (isMeasured && anchorEnd + widthOf(context, span) < view.width - 6) {
        context.textAlign = "right";
        context.fillText(span, view.width - 6, 11);
        context.textAlign = "left";
        marksEnd -= widthOf(context, span) + 10;
    }
    for (const tick of ticks(view.from, view.to, view.width, zone)) {
        const x = Math.round(view.x(tick.at));
        context.fillStyle = tick.major ? palette.muted : palette.line;
        context.fillRect(x, AXIS - 7, 1, 7);
        context.fillStyle = tick.major ? palette.text : palette.muted;
        const half = widthOf(context, tick.label) / 2;
        if (x - half >= 2 && x + half <= view.width - 2) context.fillText(tick.label, x - half, AXIS - 14);
    }
    context.fillStyle = palette.line;
    context.fillRect(0, AXIS - 1, view.width, 1);
    let right = anchorEnd;
    for (const { entry, name } of timeline.marks) {
        const x = Math.round(view.x(timeline.columns.at[entry]!));
        if (x < 0 || x > view.width) continue;
        context.fillStyle = palette.mark;
        context.fillRect(x, 4, 1, AXIS - 4);
        context.beginPath();
        context.moveTo(x + 0.5, AXIS - 10);
        context.lineTo(x + 5, AXIS - 5.5);
        context.lineTo(x + 0.5, AXIS - 1);
        context.lineTo(x - 4, AXIS - 5.5);
        context.fill();
        const left = x + 5;
        if (left < right) continue;
        const text = cut(context, name, Math.min(160, marksEnd - left));
        if (text === "") continue;
        const width = widthOf(context, text);
        context.globalAlpha = 0.14;
        context.fillRect(x, 4, width + 10, 14);
        context.globalAlpha = 1;
        context.fillText(text, left, 11.5);
        right = left + width + 8;
    }
}
