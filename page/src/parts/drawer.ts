// The details of what is selected: a state, a gap, an Event, a change of details or a mark; and the stored object.

import { Type } from "../data/format";
import type { Objects } from "../data/objects";
import type { Target } from "../draw/scene";
import { diff, lines } from "../model/diff";
import { isUnpublished } from "../model/gaps";
import { printable } from "../model/printable";
import { clockAfter, dateTime, elapsed, type Zone } from "../model/times";
import { GAP, GONE, UNFOLLOWED, UNHELD, VAGUE, type Row } from "../model/trail";
import type { Subject, Timeline } from "../model/timeline";
import { grouped } from "../model/counts";
import { doubt, gapMeaning, gapSpan, gapTitle, gapVersions, moment, seenText, stateName, stayText, subjectName } from "../model/words";
import { button, el } from "./element";

const MOST_EVENTS = 12;
const LONG = 300;

export interface DrawerActions {
    close(): void;
    select(target: Target): void;
    step(by: number): void;
    event(by: number): void;
    focus(from: number, to: number): void;
}

export class Drawer {
    private tab: "changes" | "object" = "changes";
    private asked = 0;

    constructor(
        private readonly root: HTMLElement,
        private readonly timeline: Timeline,
        private readonly objects: Objects,
        private readonly actions: DrawerActions,
    ) {}

    show(target: Target, zone: Zone): void {
        const content = this.content(target, zone);
        this.root.replaceChildren(...content);
        this.root.scrollTop = 0;
    }

    private content(target: Target, zone: Zone): HTMLElement[] {
        switch (target.kind) {
            case "segment": return this.segment(target.row, target.index, zone);
            case "tick": {
                const entry = target.row.trail.tickEntry[target.index]!;
                return this.state(target.row, entry, "Same state, other details", zone, []);
            }
            case "event": return this.event(target.entry, zone);
            case "gap": return this.gap(target.entry, null, zone);
            case "mark": {
                const mark = this.timeline.marks[target.index]!;
                return [this.header("Mark", mark.name, "mark"), list([["At", this.when(mark.entry, zone)]])];
            }
        }
    }

    private header(over: string, title: string, tone: string): HTMLElement {
        return el("header", { class: "sheet-head" },
            el("div", { class: "over" }, el("span", { text: over }), button("Close", () => { this.actions.close(); },
                { class: "quiet", title: "Close (Esc)" })),
            el("h2", {}, el("span", { class: `dot ${tone}`, aria: { hidden: "true" } }), el("span", { text: title, ...scrolled(title) })));
    }

    private when(entry: number, zone: Zone): string {
        const c = this.timeline.columns;
        const { durations, started } = this.timeline.head;
        const since = durations === "unknown" ? "" : ` (${elapsed(c.at[entry]! - started)})`;
        return dateTime(c.at[entry]!, zone, 6) + since;
    }

    private segment(row: Row, index: number, zone: Zone): HTMLElement[] {
        const { trail } = row;
        const entry = trail.entry[index]!;
        const code = trail.state[index]!;
        if (code === GAP) return this.gap(entry, row, zone);
        if (code === VAGUE || code === UNFOLLOWED || code === UNHELD) return this.doubt(row, index, zone);
        const facts: [string, string][] = [];
        const end = trail.end[index]!;
        if (trail.start[index] !== this.timeline.columns.at[entry]) facts.push(["Found again", dateTime(trail.start[index]!, zone, 6)]);
        if (code !== GONE) {
            facts.push(["Until", end < Infinity ? dateTime(end, zone, 6) : this.timeline.live
                ? `still so at ${moment(this.timeline, this.timeline.head.last, zone)}` : "the end of the recording"]);
            const text = stayText(this.timeline, row, index);
            if (text !== "") facts.push(["Lasted", text]);
        }
        const nav = el("div", { class: "nav" },
            button("Previous", () => { this.actions.step(-1); }, { title: "Previous transition (,)" }),
            button("Next", () => { this.actions.step(1); }, { title: "Next transition (.)" }),
            code === GONE ? null : button("Zoom to it", () => {
                this.actions.focus(trail.start[index]!, Math.min(end, this.timeline.head.last));
            }, { title: "Zoom to this state (z)" }));
        const parts = this.state(row, entry, stateName(this.timeline, row, index), zone, facts, nav);
        const changes: HTMLElement[] = [];
        for (let i = row.tickLo; i < row.tickHi; i++) {
            if (trail.tick[i]! < trail.start[index]! || trail.tick[i]! >= end) continue;
            const state = this.timeline.states[this.timeline.columns.to[trail.tickEntry[i]!]!];
            changes.push(el("li", {}, el("time", { text: clockAfter(trail.tick[i]!, trail.start[index]!, zone) }),
                el("span", { text: [state?.reason, state?.message].filter(Boolean).join(": ") || "other details" })));
        }
        if (changes.length > 0) parts.splice(2, 0, el("h3", { text: "Details changed" }), el("ul", { class: "log" }, ...changes.slice(0, 50)));
        const events = this.eventsWithin(row.subject, trail.start[index]!, end, zone);
        if (events) parts.splice(parts.length - 1, 0, ...events);
        return parts;
    }

    private eventsWithin(subject: Subject, from: number, to: number, zone: Zone): HTMLElement[] | null {
        const at = this.timeline.columns.at;
        const found = subject.events.filter((entry) => at[entry]! >= from && at[entry]! < to);
        if (found.length === 0) return null;
        const items = found.slice(0, MOST_EVENTS).map((entry) => {
            const event = this.timeline.events.get(entry);
            return el("li", { class: event?.type === "Warning" ? "warning" : "" }, el("time", { text: clockAfter(at[entry]!, from, zone) }),
                el("span", {}, el("b", { text: event?.reason ?? "" }), ` ${event?.message ?? ""}`));
        });
        const more = found.length - items.length;
        return [el("h3", { text: `Events meanwhile (${found.length})` }),
            el("ul", { class: "log" }, ...items, more > 0 ? el("li", { class: "more", text: `and ${more} more` }) : null)];
    }

    private state(row: Row, entry: number, title: string, zone: Zone, facts: [string, string][], nav?: HTMLElement): HTMLElement[] {
        const { timeline } = this;
        const c = timeline.columns;
        const state = timeline.states[c.to[entry]!];
        const before = timeline.states[c.from[entry]!];
        const version = c.version[entry];
        const more: [string, string][] = [];
        const add = (name: string, value: string | number | undefined): void => {
            if (value !== undefined) more.push([name, typeof value === "number" && /At|Time/.test(name) ? dateTime(value, zone) : String(value)]);
        };
        if (state) {
            add("Reason", state.reason);
            add("Message", state.message);
            add("Exit code", state.exitCode);
            add("Signal", state.signal);
            add("Restarts", state.restartCount);
            add("startedAt", state.startedAt);
            add("finishedAt", state.finishedAt);
            add("lastTransitionTime", state.serverTime);
            add("Instance", state.instance);
        }
        const isDetail = c.type[entry] === Type.detail;
        const deleted = state?.label === "Deleted" && c.track[entry] === timeline.lifecycle;
        return [
            this.header(`${subjectName(row.subject)} · ${timeline.tracks[row.track]!.name}`, title, deleted ? "gone" : state?.tone ?? "plain"),
            list([
                [isDetail ? "At" : "Since", this.when(entry, zone)],
                ...facts,
                ...(isDetail || c.from[entry]! < 0 && !before ? [] : [["Before", before?.text ?? "(absent)"] as [string, string]]),
                ...more,
                ["Seen", seenText(timeline, entry, zone)],
                ...(version === null || version === undefined ? [] : [["resourceVersion", String(version)] as [string, string]]),
                ["uid", printable(row.subject.uid)],
            ]),
            ...(nav ? [nav] : []),
            this.object(row.subject, entry),
        ];
    }

    private doubt(row: Row, index: number, zone: Zone): HTMLElement[] {
        const { trail } = row;
        const until = trail.end[index] === Infinity ? "now" : dateTime(trail.end[index]!, zone, 6);
        return [this.header(`${subjectName(row.subject)} · ${this.timeline.tracks[row.track]!.name}`, stateName(this.timeline, row, index), "gap"),
            el("p", { class: "prose", text: doubt(this.timeline, row, index, zone) }),
            list([["From", dateTime(trail.start[index]!, zone, 6)], ["Until", until]])];
    }

    private gap(entry: number, row: Row | null, zone: Zone): HTMLElement[] {
        const gap = this.timeline.gaps.get(entry);
        if (!gap) return [];
        const over = row ? subjectName(row.subject) : `Watch of ${gap.resource}${gap.namespace ? ` in ${gap.namespace}` : ""}`;
        const facts: [string, string][] = [[isUnpublished(gap) ? "Between" : "Not seen", gapSpan(this.timeline, gap, zone)],
            ["Reason", gap.reason], ["resourceVersion", gapVersions(gap)]];
        if (gap.evidence) facts.push(["Evidence", gap.evidence]);
        return [this.header(over, gapTitle(gap), "gap"), el("p", { class: "prose", text: gapMeaning(gap, row !== null) }), list(facts)];
    }

    private event(entry: number, zone: Zone): HTMLElement[] {
        const { timeline } = this;
        const event = timeline.events.get(entry);
        const subject = timeline.subjects[timeline.columns.subject[entry]!];
        if (!event) return [];
        return [
            this.header(`Event${subject ? ` about ${subjectName(subject)}` : ""}`, event.reason, event.type === "Warning" ? "failing" : "plain"),
            list([["At", this.when(entry, zone)], ["Type", event.type], ["Message", event.message], ["Count", String(event.count)],
                ["Source", event.source], ["Seen", seenText(timeline, entry, zone)]]),
            el("div", { class: "nav" }, button("Previous", () => { this.actions.event(-1); }, { title: "Previous Event (Shift+K)" }),
                button("Next", () => { this.actions.event(1); }, { title: "Next Event (K)" })),
        ];
    }

    private object(subject: Subject, entry: number): HTMLElement {
        const body = el("div", { class: "object-body", id: "object-body" });
        const tab = (kind: "changes" | "object", text: string): HTMLButtonElement => button(text, () => {
            this.tab = kind;
            load();
        });
        const changes = tab("changes", "What changed");
        const whole = tab("object", "Object");
        const load = (): void => {
            changes.setAttribute("aria-pressed", String(this.tab === "changes"));
            whole.setAttribute("aria-pressed", String(this.tab === "object"));
            void this.load(subject, entry, body);
        };
        const root = el("section", { class: "object" }, el("div", { class: "tabs" }, changes, whole), body);
        load();
        return root;
    }

    private async load(subject: Subject, entry: number, body: HTMLElement): Promise<void> {
        const asked = ++this.asked;
        const c = this.timeline.columns;
        const seq = c.seq[entry]!;
        let previous = -1;
        for (const other of subject.entries) if (c.seq[other]! < seq && c.seq[other]! > previous) previous = c.seq[other]!;
        let parts: HTMLElement[];
        try {
            const { now, before } = await this.objects.versions(subject.index, subject.uid, seq, previous);
            parts = this.versions(now, before, seq);
        } catch (error) {
            parts = [el("p", { class: "prose", text: `The object could not be read: ${error instanceof Error ? error.message : String(error)}.` })];
        }
        if (asked === this.asked) body.replaceChildren(...parts);
    }

    private versions(now: { seq: number; json: unknown } | null, before: { seq: number; json: unknown } | null, seq: number): HTMLElement[] {
        const kept = this.timeline.head.objects;
        if (!now) {
            const why = kept ? ` The page has the objects of ${grouped(kept.kept)} of ${grouped(kept.of)} subjects.` : "";
            return [el("p", { class: "prose", text: `The object is not kept here.${why}` })];
        }
        const note = now.seq === seq ? null : el("p", { class: "prose", text: `As of line ${now.seq} of the recording, the last one before.` });
        if (this.tab === "object") return [...(note ? [note] : []), el("pre", { tabIndex: 0, text: lines(now.json).join("\n") })];
        if (!before) return [el("p", { class: "prose", text: "This is the first version of the object that is kept." })];
        const pre = el("pre", { class: "diff", tabIndex: 0 });
        const changed = diff(lines(before.json), lines(now.json));
        if (changed.every((line) => line.kind === "same" || line.kind === "skipped")) {
            return [el("p", { class: "prose", text: "Nothing of what is stored changed since the version before." })];
        }
        for (const line of changed) {
            const sign = line.kind === "added" ? "+ " : line.kind === "removed" ? "- " : "  ";
            pre.append(el("span", { class: line.kind, text: `${line.kind === "skipped" ? "" : sign}${line.text}` }));
        }
        return [...(note ? [note] : []), pre];
    }
}

function list(facts: [string, string][]): HTMLElement {
    return el("dl", {}, ...facts.flatMap(([name, value]) => [el("dt", { text: name }), el("dd", { text: value, ...scrolled(value) })]));
}

/** What may be higher than its room is scrolled with the keyboard, too. */
function scrolled(text: string): { tabIndex?: number } {
    return text.length > LONG || text.split("\n", 13).length > 12 ? { tabIndex: 0 } : {};
}

