// Goes from one thing to the next of its kind: states of a track, Events, gaps, failures and marks.

import type { App } from "./app";
import { stops, type Stop, type StopKind } from "./model/stops";
import { rowOf } from "./model/tree";
import { lowerBound, type Row } from "./model/trail";
import { stateName } from "./model/words";

export class Steps {
    private lists = new Map<string, Stop[]>();

    constructor(private readonly app: App) {}

    /** What was found is old. */
    forget(): void {
        this.lists.clear();
    }

    /** The next, or the previous, transition of the focused row. */
    state(by: number): void {
        const node = this.app.focusedNode;
        if (node?.type === "object" && node.rows.length === 0) {
            this.event(by);
            return;
        }
        const row = node ? rowOf(node) : this.app.target?.kind === "segment" ? this.app.target.row : null;
        if (!row) {
            this.app.surface.announce("Select an object or a track first.");
            return;
        }
        let index: number;
        if (this.app.target?.kind === "segment" && this.app.target.row.subject === row.subject && this.app.target.row.track === row.track) {
            index = this.app.target.index + by;
        } else {
            const { start } = row.trail;
            index = by > 0 ? lowerBound(start, row.lo, row.hi, this.app.view.from) : lowerBound(start, row.lo, row.hi, this.app.view.to) - 1;
        }
        if (index < row.lo || index >= row.hi) {
            this.app.surface.announce(by > 0 ? "That was the last state of this track." : "That was the first state of this track.");
            return;
        }
        this.goTo(row, index);
    }

    private goTo(row: Row, index: number): void {
        const { start, end } = row.trail;
        this.app.pause();
        this.app.view.reveal(start[index]!, Math.min(end[index]!, this.app.timeline.head.last));
        this.app.select({ kind: "segment", row, index }, this.app.panel === "details");
        this.app.surface.announce(stateName(this.app.timeline, row, index));
    }

    /** To the next place of a kind after the selected one, or after the left edge. */
    stop(kind: StopKind, by: number): void {
        const key = `${kind} ${this.app.revision}`;
        let list = this.lists.get(key);
        if (!list) this.lists.set(key, list = stops(this.app.timeline, this.app.tree.roots, kind));
        const what = kind === "gap" ? "gap" : "failure";
        if (list.length === 0) {
            this.app.surface.announce(`No ${what}.`);
            return;
        }
        const { target } = this.app;
        let current = list.findIndex((stop) => target?.kind === "segment" ? stop.row === target.row && stop.index === target.index
            : target?.kind === "gap" && stop.entry === target.entry);
        if (current < 0) {
            const at = target?.kind === "segment" ? target.row.trail.start[target.index]! : this.app.view.from;
            current = list.findIndex((stop) => stop.at >= at);
            if (current < 0) current = list.length;
            if (by > 0) current--;
        }
        const stop = list[current + by];
        if (!stop) {
            this.app.surface.announce(by > 0 ? `That was the last ${what}.` : `That was the first ${what}.`);
            return;
        }
        this.app.pause();
        const last = this.app.timeline.head.last;
        this.app.view.reveal(stop.at, Math.min(stop.to, last));
        if (stop.row && stop.subject) {
            const node = this.app.tree.reveal(stop.subject, this.app.timeline.tracks[stop.row.track]!.name);
            if (node) this.app.focusNode(node);
            this.app.select({ kind: "segment", row: stop.row, index: stop.index });
        } else {
            this.app.select({ kind: "gap", entry: stop.entry });
        }
        this.app.surface.announce(`${what} ${current + by + 1} of ${list.length}`);
    }

    mark(by: number): void {
        const { marks, columns } = this.app.timeline;
        const at = (index: number): number => columns.at[marks[index]!.entry]!;
        const current = this.app.target?.kind === "mark" ? this.app.target.index : by > 0 ? -1 : marks.length;
        const next = current + by;
        if (next < 0 || next >= marks.length) {
            this.app.surface.announce(marks.length === 0 ? "No mark." : by > 0 ? "That was the last mark." : "That was the first mark.");
            return;
        }
        this.app.pause();
        this.app.view.reveal(at(next));
        this.app.select({ kind: "mark", index: next });
    }

    /** Of the focused object, or else of all that are shown. */
    event(by: number): void {
        const { app } = this;
        const { timeline, focusedNode: node, target } = app;
        const { at, subject } = timeline.columns;
        const one = node && "subject" in node ? node.subject : null;
        const list = one ? one.events : app.tree.roots.flatMap((root) => root.objects.flatMap((object) => object.subject.events))
            .sort((a, b) => at[a]! - at[b]! || a - b);
        if (list.length === 0) {
            app.surface.announce(one ? "No Event about this object." : "No Event.");
            return;
        }
        let next = target?.kind === "event" ? list.indexOf(target.entry) : -1;
        if (next >= 0) next += by;
        else {
            const from = target?.kind === "segment" ? target.row.trail.start[target.index]! : by > 0 ? app.view.from : app.view.to;
            const after = list.findIndex((entry) => at[entry]! >= from);
            next = by > 0 ? after : (after < 0 ? list.length : after) - 1;
            // Of one object, those outside of the view are meant as well.
            if (next < 0 && one && by > 0) next = list.length - 1;
        }
        const entry = list[next];
        if (entry === undefined) {
            app.surface.announce(by > 0 ? "That was the last Event." : "That was the first Event.");
            return;
        }
        app.pause();
        app.view.reveal(at[entry]!);
        const of = timeline.subjects[subject[entry]!];
        const shown = one || !of ? null : app.tree.reveal(of, null);
        app.select({ kind: "event", entry });
        app.surface.announce(`Event ${next + 1} of ${list.length}: ${timeline.events.get(entry)?.reason ?? ""}${shown ? `, ${shown.label}` : ""}`);
    }
}
