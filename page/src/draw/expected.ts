// The row below a track that a verdict is about: the path as it would have fitted, the place where the actual one departed,
// and why.

import type { Expectation } from "../data/format";
import { pieces, placeOf, type Piece } from "../model/expected";
import type { Timeline } from "../model/timeline";
import type { ExpectedNode } from "../model/tree";
import { FONT, cut, widthOf } from "./labels";
import type { Palette } from "./palette";
import type { Viewport } from "./viewport";

const STROKES: Record<Exclude<Piece["kind"], "missing">, [(palette: Palette) => string, number[]]> = {
    kept: [(palette) => palette.tones.good.edge, []],
    dropped: [(palette) => palette.line, []],
    after: [(palette) => palette.line, []],
    instead: [(palette) => palette.accent, [3, 2]],
    gap: [(palette) => palette.tones.gap.edge, [3, 2]],
};

export class ExpectedPath {
    private readonly kept = new WeakMap<Expectation, { last: number; list: Piece[] }>();

    constructor(private readonly timeline: Timeline) {}

    private pieces(expectation: Expectation): Piece[] {
        const { last } = this.timeline.head;
        let kept = this.kept.get(expectation);
        if (kept?.last !== last) {
            kept = { last, list: pieces(expectation, last) };
            this.kept.set(expectation, kept);
        }
        return kept.list;
    }

    paint(context: CanvasRenderingContext2D, node: ExpectedNode, view: Viewport, y: number, height: number, palette: Palette): void {
        context.save();
        context.font = FONT;
        context.textBaseline = "middle";
        const top = y + 4;
        const tall = height - 9;
        const middle = y + height / 2;
        for (const piece of this.pieces(node.expectation)) {
            const x0 = Math.round(Math.max(-4, view.x(piece.from)));
            const x1 = Math.round(Math.min(view.width + 4, view.x(piece.to)));
            if (piece.kind === "missing" || x1 < 0 || x0 > view.width) continue;
            const width = Math.max(2, x1 - x0 - 1);
            const [color, dash] = STROKES[piece.kind];
            context.strokeStyle = color(palette);
            context.setLineDash(dash);
            context.lineWidth = 1;
            context.strokeRect(x0 + 0.5, top + 0.5, width - 1, tall - 1);
            context.setLineDash([]);
            const left = Math.max(0, x0) + 5;
            const name = piece.kind === "instead" ? `${piece.label} instead` : piece.label;
            const text = cut(context, name, x1 - left - 4);
            if (text === "") continue;
            context.fillStyle = piece.kind === "instead" ? palette.accent : palette.muted;
            context.fillText(text, left, middle);
            if (piece.kind === "dropped") context.fillRect(left, Math.round(middle), widthOf(context, text), 1);
        }
        const right = this.inserted(context, node.expectation, view, y, height, palette);
        this.departure(context, node.expectation, view, y, height, palette, right);
        context.restore();
    }

    /** States that should have come between: flags at their place, side by side. */
    private inserted(context: CanvasRenderingContext2D, expectation: Expectation, view: Viewport, y: number, height: number,
        palette: Palette): number {
        let right = -Infinity;
        for (const piece of this.pieces(expectation)) {
            if (piece.kind !== "missing") continue;
            const at = Math.round(view.x(piece.from));
            if (at < -200 || at > view.width + 4) continue;
            const text = `+ ${piece.label}`;
            const width = widthOf(context, text) + 10;
            const x = Math.min(Math.max(at, right + 3), Math.max(at - width, view.width - width - 2));
            right = x + width;
            context.fillStyle = palette.background;
            context.fillRect(x, y + 3, width, height - 7);
            context.strokeStyle = palette.accent;
            context.setLineDash([3, 2]);
            context.strokeRect(x + 0.5, y + 3.5, width - 1, height - 8);
            context.setLineDash([]);
            context.fillStyle = palette.accent;
            context.fillText(text, x + 5, y + height / 2);
        }
        return right;
    }

    private departure(context: CanvasRenderingContext2D, expectation: Expectation, view: Viewport, y: number, height: number,
        palette: Palette, taken: number): void {
        const at = expectation.verdict === "satisfied" || expectation.verdict === "skipped" ? null : placeOf(expectation);
        if (at === null) return;
        const x = Math.round(view.x(at));
        if (x < -8 || x > view.width + 8) return;
        const color = expectation.verdict === "violated" ? palette.tones.failing.fill : palette.tones.gap.edge;
        context.fillStyle = color;
        context.fillRect(x - 1, y - height + 2, 2, 2 * height - 3);
        context.beginPath();
        context.moveTo(x - 1, y - height + 1);
        context.lineTo(x + 9, y - height + 5);
        context.lineTo(x - 1, y - height + 9);
        context.fill();
        this.reason(context, expectation.reason, x, y, height, palette, color, view.width, taken);
    }

    /** Beside the flag, on the side that has room. */
    private reason(context: CanvasRenderingContext2D, text: string, x: number, y: number, height: number, palette: Palette,
        color: string, width: number, taken: number): void {
        const whole = widthOf(context, text) + 14;
        const from = Math.max(x + 3, taken + 3);
        const onRight = width - from >= whole || width - from >= x;
        const room = Math.min(whole, (onRight ? width - from : x - 4) - 2);
        const shown = cut(context, text, room - 12);
        if (shown === "") return;
        const left = onRight ? from : x - 3 - room;
        context.fillStyle = palette.background;
        context.fillRect(left, y + 2, room, height - 5);
        context.fillStyle = palette.dark || color === palette.tones.failing.fill ? color : palette.tones.gap.text;
        context.fillText(shown, left + 6, y + height / 2);
    }
}
