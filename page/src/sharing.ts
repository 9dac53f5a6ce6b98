// What of the page is in its address: the view, the rows, what is selected, and the filters.

import type { App } from "./app";
import { Type } from "./data/format";
import type { Target } from "./draw/scene";
import { lowerBound, type Row } from "./model/trail";
import type { Timeline } from "./model/timeline";
import { rowOf } from "./model/tree";
import type { Shared } from "./state/fragment";

export function share(app: App): Shared {
    const { started } = app.timeline.head;
    const [first, last] = app.view.limits;
    const whole = app.view.from <= first && app.view.to >= last;
    const shared: Shared = { open: app.allExpanded ? new Map<string, boolean>() : new Map([...app.tree.chosen].slice(0, 100)), filter: app.filter, zone: app.zone };
    if (!whole) {
        shared.from = app.view.from - started;
        shared.to = app.view.to - started;
    }
    if (app.allExpanded) shared.all = true;
    if (app.focused !== null) shared.row = app.focused;
    if (app.target?.kind === "segment") shared.at = app.target.row.trail.start[app.target.index]! - started;
    else if (app.target) shared.item = keyOf(app.timeline, app.target);
    if (app.span) shared.span = [app.span[0] - started, app.span[1] - started];
    if (app.theme) shared.theme = app.theme;
    if (app.panel) shared.panel = app.panel;
    return shared;
}

export function restore(app: App, shared: Shared): void {
    const { started } = app.timeline.head;
    app.filter = shared.filter;
    app.zone = shared.zone ?? "utc";
    app.theme = shared.theme ?? null;
    app.tree.chosen.clear();
    for (const [key, expanded] of shared.open) app.tree.chosen.set(key, expanded);
    app.rebuild();
    if (shared.all) app.setAll(true);
    if (shared.from !== undefined && shared.to !== undefined) app.view.show(started + shared.from, started + shared.to);
    else app.view.fit();
    app.span = shared.span ? [started + shared.span[0], started + shared.span[1]] : null;
    const node = shared.row === undefined ? undefined : app.tree.list[app.tree.indexOf(shared.row)];
    app.focused = node?.key ?? null;
    app.target = null;
    const row = node ? rowOf(node) : null;
    if (row && shared.at !== undefined) {
        const index = lowerBound(row.trail.start, row.lo, row.hi, started + shared.at);
        if (index < row.hi) app.target = { kind: "segment", row, index };
    }
    if (shared.item !== undefined) app.target = find(app.timeline, row, shared.item);
    if (node) app.focusNode(node, true);
    app.panel = null;
    if (shared.panel === "details" && app.target) app.select(app.target);
    else app.surface.showDetails(null);
    if (shared.panel === "verdicts" && app.verdicts) {
        app.panel = "verdicts";
        app.surface.showVerdicts(true);
    }
    app.surface.showSpan();
    app.surface.invalidate();
}

const TYPES = { mark: Type.mark, gap: Type.gap, event: Type.event, tick: Type.detail };

/** By the line of the recording: "event-12". */
function keyOf(timeline: Timeline, target: Exclude<Target, { kind: "segment" }>): string {
    const entry = target.kind === "mark" ? timeline.marks[target.index]!.entry
        : target.kind === "tick" ? target.row.trail.tickEntry[target.index]! : target.entry;
    return `${target.kind}-${timeline.columns.seq[entry]!}`;
}

function find(timeline: Timeline, row: Row | null, key: string): Target | null {
    const [, kind, line] = /^(mark|gap|event|tick)-(\d+)$/.exec(key) ?? [];
    const { length, seq, type, subject } = timeline.columns;
    if (kind === "tick") {
        for (let index = row?.tickLo ?? 0; row && index < row.tickHi; index++) {
            if (seq[row.trail.tickEntry[index]!] === Number(line)) return { kind, row, index };
        }
        return null;
    }
    if (kind !== "mark" && kind !== "gap" && kind !== "event") return null;
    for (let entry = 0; entry < length; entry++) {
        if (seq[entry] !== Number(line) || type[entry] !== TYPES[kind] || (kind === "gap" && subject[entry]! >= 0)) continue;
        return kind === "mark" ? { kind, index: timeline.marks.findIndex((mark) => mark.entry === entry) } : { kind, entry };
    }
    return null;
}
