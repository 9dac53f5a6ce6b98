// Text on the canvas, cut to what fits. Widths are measured once.

export const FONT = '500 11px system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif';
const widths = new Map<string, number>();
const cuts = new Map<string, string>();

export function widthOf(context: CanvasRenderingContext2D, text: string): number {
    let width = widths.get(text);
    if (width === undefined) {
        if (widths.size > 20_000) widths.clear();
        width = context.measureText(text).width;
        widths.set(text, width);
    }
    return width;
}

/** The text, or its beginning with an ellipsis; empty if not even a few letters fit. */
export function cut(context: CanvasRenderingContext2D, text: string, room: number): string {
    if (room < 12) return "";
    if (widthOf(context, text) <= room) return text;
    if (room < 30) return "";
    const key = `${Math.floor(room)} ${text}`;
    let found = cuts.get(key);
    if (found === undefined) {
        if (cuts.size > 20_000) cuts.clear();
        let lo = 0;
        let hi = text.length;
        while (lo < hi) {
            const middle = (lo + hi + 1) >> 1;
            if (context.measureText(`${text.slice(0, middle)}…`).width <= room) lo = middle; else hi = middle - 1;
        }
        found = lo < 2 ? "" : `${text.slice(0, lo)}…`;
        cuts.set(key, found);
    }
    return found;
}
