// The state of the page, and what can be done with it. Whatever changes asks for a frame; a frame draws everything once.

import type { Expectation, VerdictSubject, Verdicts } from "./data/format";
import type { Objects } from "./data/objects";
import { DARK, LIGHT, type Palette } from "./draw/palette";
import type { Target } from "./draw/scene";
import { ROW } from "./draw/scene";
import { Viewport } from "./draw/viewport";
import { placeOf } from "./model/expected";
import { emptyFilter, type Filter } from "./model/filter";
import { lowerBound, type Row } from "./model/trail";
import { Tree, rowOf, type Node } from "./model/tree";
import type { Subject, Timeline } from "./model/timeline";
import type { Zone } from "./model/times";
import { Steps } from "./steps";

export interface Surface {
    /** Called before the next frame. */
    invalidate(): void;
    announce(text: string): void;
    showDetails(target: Target | null): void;
    showVerdicts(open: boolean): void;
    showSpan(): void;
    focusRow(key: string): void;
    changed(): void;
}

const UNHELD_PART = 0.06;

export class App {
    readonly view = new Viewport();
    readonly tree: Tree;
    filter: Filter = emptyFilter();
    focused: string | null = null;
    readonly selectedRows = new Set<string>();
    target: Target | null = null;
    span: [number, number] | null = null;
    /** The first end of a span that the keyboard began. */
    spanStart: number | null = null;
    zone: Zone = "utc";
    theme: "light" | "dark" | null = null;
    scroll = 0;
    panel: "details" | "verdicts" | null = null;
    verdicts: Verdicts | null = null;
    /** It was asked of a server. */
    live = false;
    /** Null: there is nothing to follow. */
    following: boolean | null = null;
    allExpanded = false;
    prefersDark = false;
    /** Goes to the next state, Event, gap, failure or mark. */
    readonly go: Steps;
    private treeRevision = 0;
    private generation = 0;

    constructor(readonly timeline: Timeline, readonly objects: Objects, readonly surface: Surface) {
        this.tree = new Tree(timeline);
        this.go = new Steps(this);
        this.limit();
        this.view.fit();
        this.rebuild();
    }

    get palette(): Palette {
        return (this.theme === null ? this.prefersDark : this.theme === "dark") ? DARK : LIGHT;
    }

    /** Names what was derived from: the timeline, the filter and the expectations. */
    get revision(): string {
        return `${this.timeline.revision}.${this.treeRevision}`;
    }

    get focusedNode(): Node | null {
        return this.focused === null ? null : this.tree.list[this.tree.indexOf(this.focused)] ?? null;
    }

    /** After the timeline, the filter or the verdicts changed. */
    rebuild(): void {
        const told = (this.verdicts?.expectations ?? []).filter((e) => e.verdict !== "satisfied" && e.verdict !== "skipped");
        this.tree.rebuild(this.filter, told);
        this.treeRevision++;
        this.go.forget();
        this.clampScroll();
        this.surface.invalidate();
    }

    appended(): void {
        this.timeline.bound();
        if (this.generation !== this.timeline.generation) this.findAgain();
        const { last } = this.timeline.head;
        const span = this.view.span;
        const full = this.view.from <= this.view.limits[0] && this.view.to >= this.view.limits[1];
        this.limit();
        if (this.following) {
            if (full) this.view.fit(); else this.view.show(last - span * 0.95, last + span * 0.05);
        }
        this.rebuild();
    }

    /** If the page does not have the beginning, a part of what it does not have can be seen, too. */
    private limit(): void {
        const { began, head: { started, last, since, until } } = this.timeline;
        this.view.setLimits(since ?? Math.max(started, began - (began > started ? UNHELD_PART * (last - began) : 0)), until ?? last);
    }

    /** The entries have other numbers now, and may be gone. */
    private findAgain(): void {
        this.generation = this.timeline.generation;
        const { target } = this;
        if (!target) return;
        this.target = null;
        if (target.kind === "segment" && target.row.subject.index >= 0) {
            const row = this.timeline.trail(target.row.subject).rows.find((other) => other.track === target.row.track);
            const index = row ? lowerBound(row.trail.start, row.lo, row.hi, target.row.trail.start[target.index]!) : -1;
            if (row && index < row.hi) this.target = { kind: "segment", row, index };
        }
        if (this.panel === "details") {
            if (this.target) this.surface.showDetails(this.target); else this.closePanel();
        }
    }

    // Moving

    pan(pixels: number): void {
        this.pause();
        this.view.pan(pixels);
        this.moved();
    }

    zoom(factor: number, x = this.view.width / 2): void {
        this.view.zoom(factor, x);
        this.moved();
    }

    fit(): void {
        this.view.fit();
        this.moved();
    }

    focusOn(from: number, to: number): void {
        this.pause();
        this.view.focus(from, to);
        this.moved();
    }

    show(from: number, to: number): void {
        this.pause();
        this.view.show(from, to);
        this.moved();
    }

    scrollBy(pixels: number): void {
        if (pixels !== 0) this.pause();
        this.scroll += pixels;
        this.clampScroll();
        this.moved();
    }

    clampScroll(): void {
        const most = Math.max(0, this.tree.list.length * ROW - this.view.height + 8);
        this.scroll = Math.max(0, Math.min(this.scroll, most));
    }

    follow(): void {
        if (this.following === null) return;
        this.following = !this.following;
        if (this.following) this.appended();
        this.surface.changed();
    }

    pause(): void {
        if (this.following) {
            this.following = false;
            this.surface.changed();
        }
    }

    private moved(): void {
        this.surface.invalidate();
        this.surface.changed();
    }

    // Rows

    focusNode(node: Node, keyboard = true): void {
        this.focused = node.key;
        if (keyboard) {
            const before = this.scroll;
            this.scrollToFocused();
            if (this.scroll !== before) this.pause();
        }
        if (this.span) this.surface.showSpan();
        this.moved();
        if (keyboard) this.surface.focusRow(node.key);
    }

    scrollToFocused(): void {
        const index = this.focused === null ? -1 : this.tree.indexOf(this.focused);
        if (index < 0) return;
        const top = index * ROW;
        if (top < this.scroll) this.scroll = Math.max(0, top - ROW);
        else if (top + 2 * ROW > this.scroll + this.view.height) this.scroll = top + 2 * ROW - this.view.height;
        this.clampScroll();
    }

    moveFocus(by: number): void {
        const { list } = this.tree;
        if (list.length === 0) return;
        const index = this.focused === null ? -1 : this.tree.indexOf(this.focused);
        const next = Math.max(0, Math.min(list.length - 1, index < 0 ? 0 : index + by));
        this.focusNode(list[next]!);
    }

    toggle(node: Node, expanded = !node.expanded): void {
        this.tree.setExpanded(node, expanded);
        this.clampScroll();
        this.moved();
    }

    setAll(expanded: boolean): void {
        this.tree.setAll(expanded);
        this.allExpanded = expanded;
        this.clampScroll();
        this.moved();
    }

    toggleRow(node: Node): void {
        if (this.selectedRows.has(node.key)) this.selectedRows.delete(node.key); else this.selectedRows.add(node.key);
        if (this.span) this.surface.showSpan();
        this.moved();
    }

    setFilter(filter: Filter): void {
        this.filter = filter;
        this.rebuild();
        this.surface.changed();
    }

    // What is selected

    select(target: Target | null, details = true): void {
        this.target = target;
        if (target && details) {
            this.panel = "details";
            this.surface.showDetails(target);
        }
        this.moved();
    }

    closePanel(): void {
        this.panel = null;
        this.surface.showDetails(null);
        this.moved();
    }

    openDetails(): void {
        const node = this.focusedNode;
        const row = node ? rowOf(node) : null;
        if (this.target?.kind !== "segment" || this.target.row !== row) {
            if (!row) {
                if (node?.type === "object" && node.subject.events.length > 0) {
                    if (this.target?.kind === "event") this.select(this.target); else this.go.event(1);
                } else if (node && node.expanded !== null) this.toggle(node);
                return;
            }
            const index = this.segmentInView(row);
            if (index < 0) {
                this.surface.announce("No state of this row is in view.");
                return;
            }
            this.target = { kind: "segment", row, index };
        }
        this.select(this.target);
    }

    private segmentInView(row: Row): number {
        const middle = (this.view.from + this.view.to) / 2;
        const { end, start } = row.trail;
        let index = lowerBound(end, row.lo, row.hi, middle, true);
        if (index >= row.hi) index = row.hi - 1;
        if (index < row.lo || end[index]! < this.view.from || start[index]! > this.view.to) {
            index = lowerBound(end, row.lo, row.hi, this.view.from, true);
        }
        return index < row.hi && start[index]! <= this.view.to ? index : -1;
    }

    zoomToTarget(): void {
        if (this.target?.kind !== "segment") return;
        const { row, index } = this.target;
        this.focusOn(row.trail.start[index]!, Math.min(row.trail.end[index]!, this.timeline.head.last));
    }

    // Spans

    setSpan(span: [number, number] | null): void {
        this.span = span;
        this.surface.showSpan();
        this.moved();
    }

    /** With the keyboard: from the start of the selected state, or the middle of the view. */
    markSpan(): void {
        const here = this.target?.kind === "segment" ? this.target.row.trail.start[this.target.index]! : (this.view.from + this.view.to) / 2;
        if (this.spanStart === null) {
            this.spanStart = here;
            this.surface.announce("The span begins here. Go to its end and press B again.");
        } else {
            const start = this.spanStart;
            this.spanStart = null;
            if (start !== here) this.setSpan([Math.min(start, here), Math.max(start, here)]);
        }
        this.moved();
    }

    /** The rows that a span adds up: the selected ones, or else the focused one. */
    spanRows(): Row[] {
        const nodes = this.selectedRows.size > 0
            ? this.tree.list.filter((node) => this.selectedRows.has(node.key))
            : this.focusedNode ? [this.focusedNode] : this.tree.list.filter((node) => node.type === "object");
        const rows: Row[] = [];
        for (const node of nodes) {
            if (node.type === "namespace" || node.type === "kind") {
                for (const object of node.objects) if (object.rows[0]) rows.push(object.rows[0]);
            } else if (node.type === "object" && node.expanded) {
                rows.push(...node.rows);
            } else if (node.type === "expected") {
                if (node.row) rows.push(node.row);
            } else {
                const row = rowOf(node);
                if (row) rows.push(row);
            }
        }
        return [...new Set(rows)];
    }

    // Expectations

    jump(expectation: Expectation): void {
        if (!expectation.subject) return;
        const at = placeOf(expectation);
        if (at !== null) {
            this.pause();
            this.view.reveal(at);
        }
        const row = this.goToSubject(expectation.subject, expectation.track);
        if (row && at !== null) {
            const index = lowerBound(row.trail.start, row.lo, row.hi, at, true) - 1;
            if (index >= row.lo) this.select({ kind: "segment", row, index }, false);
        }
    }

    goToSubject(wanted: VerdictSubject, track: string | undefined): Row | null {
        const find = (): Subject | undefined => this.timeline.subjects.find((s) => s.uid === wanted.uid &&
            (wanted.uid !== "" || (s.kind === wanted.kind && s.name === wanted.name && s.namespace === (wanted.namespace ?? ""))));
        const subject = find();
        if (!subject) {
            this.surface.announce("This object is not in the page.");
            return null;
        }
        let node = this.tree.reveal(subject, track ?? null);
        if (!node) {
            this.setFilter(emptyFilter());
            node = this.tree.reveal(subject, track ?? null);
        }
        if (!node) return null;
        this.focusNode(node);
        return rowOf(node);
    }
}
