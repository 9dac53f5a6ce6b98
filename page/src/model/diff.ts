// Which lines of an object changed. Objects are a few hundred lines at most after what both have in common is cut off; of
// larger ones everything is told as replaced.

import { printable } from "./printable";

export interface DiffLine {
    kind: "same" | "added" | "removed" | "skipped";
    text: string;
}

const CONTEXT = 2;
const MOST_CELLS = 4_000_000;

/** As YAML writes it, so that a line says one thing. */
export function lines(value: unknown, indent = ""): string[] {
    const scalar = (v: unknown): string => printable(typeof v === "string"
        ? (/^[\w./:@ -]+$/.test(v) && v.trim() === v && !/^(true|false|null|[\d.+-]+)$/.test(v) && !/: |^- |:$/.test(v) ? v : JSON.stringify(v))
        : JSON.stringify(v));
    if (Array.isArray(value)) {
        return value.flatMap((item: unknown) => {
            if (isLeaf(item)) return [`${indent}- ${scalar(item)}`];
            const inner = lines(item, `${indent}  `);
            inner[0] = `${indent}- ${inner[0]!.slice(indent.length + 2)}`;
            return inner;
        });
    }
    if (value !== null && typeof value === "object") {
        return Object.entries(value as Record<string, unknown>).flatMap(([key, item]) => {
            if (isLeaf(item)) return [`${indent}${printable(key)}: ${scalar(item)}`];
            return [`${indent}${printable(key)}:`, ...lines(item, Array.isArray(item) ? indent : `${indent}  `)];
        });
    }
    return [indent + scalar(value)];
}

function isLeaf(value: unknown): boolean {
    return value === null || typeof value !== "object" || Object.keys(value).length === 0;
}

export function diff(before: string[], after: string[]): DiffLine[] {
    let head = 0;
    while (head < before.length && head < after.length && before[head] === after[head]) head++;
    let tail = 0;
    while (tail < before.length - head && tail < after.length - head &&
        before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
    const a = before.slice(head, before.length - tail);
    const b = after.slice(head, after.length - tail);
    const all: DiffLine[] = [
        ...before.slice(0, head).map((text): DiffLine => ({ kind: "same", text })),
        ...middle(a, b),
        ...before.slice(before.length - tail).map((text): DiffLine => ({ kind: "same", text })),
    ];
    return fold(all);
}

function middle(a: string[], b: string[]): DiffLine[] {
    const removed = (text: string): DiffLine => ({ kind: "removed", text });
    const added = (text: string): DiffLine => ({ kind: "added", text });
    if (a.length * b.length > MOST_CELLS) return [...a.map(removed), ...b.map(added)];
    const width = b.length + 1;
    const common = new Uint32Array((a.length + 1) * width);
    for (let i = a.length - 1; i >= 0; i--) {
        for (let j = b.length - 1; j >= 0; j--) {
            common[i * width + j] = a[i] === b[j] ? common[(i + 1) * width + j + 1]! + 1
                : Math.max(common[(i + 1) * width + j]!, common[i * width + j + 1]!);
        }
    }
    const out: DiffLine[] = [];
    let i = 0;
    let j = 0;
    while (i < a.length || j < b.length) {
        if (i < a.length && j < b.length && a[i] === b[j]) {
            out.push({ kind: "same", text: a[i]! });
            i++;
            j++;
        } else if (i < a.length && (j >= b.length || common[(i + 1) * width + j]! >= common[i * width + j + 1]!)) {
            out.push(removed(a[i++]!));
        } else {
            out.push(added(b[j++]!));
        }
    }
    return out;
}

/** Leaves out what is far from any change, except the lines that say where a change is. */
function fold(all: DiffLine[]): DiffLine[] {
    const keep = new Uint8Array(all.length);
    const indentOf = (text: string): number => text.search(/[^ ]/);
    all.forEach((line, i) => {
        if (line.kind === "same") return;
        for (let k = Math.max(0, i - CONTEXT); k <= Math.min(all.length - 1, i + CONTEXT); k++) keep[k] = 1;
        let indent = indentOf(line.text);
        for (let k = i - 1; k >= 0 && indent > 0; k--) {
            const own = indentOf(all[k]!.text);
            if (own < indent) {
                keep[k] = 1;
                indent = own;
            }
        }
    });
    const out: DiffLine[] = [];
    let skipped = 0;
    const flush = (): void => {
        if (skipped > 0) out.push({ kind: "skipped", text: `… ${skipped} unchanged ${skipped === 1 ? "line" : "lines"}` });
        skipped = 0;
    };
    all.forEach((line, i) => {
        if (keep[i] === 1) {
            flush();
            out.push(line);
        } else {
            skipped++;
        }
    });
    flush();
    return out;
}
