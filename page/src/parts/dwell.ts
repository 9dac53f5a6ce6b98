// How long each state was held within the chosen span, track by track.

import { totals } from "../model/dwell";
import { bounds, clock, date, duration, type Zone } from "../model/times";
import type { Row } from "../model/trail";
import type { Timeline } from "../model/timeline";
import { subjectName } from "../model/words";
import { button, el } from "./element";

const MOST_ROWS = 100;

export function renderDwell(root: HTMLElement, timeline: Timeline, rows: Row[], from: number, to: number, zone: Zone,
    actions: { close(): void; zoom(): void }): void {
    const length = to - from;
    const days = date(from, zone) === date(to, zone) ? "" : `${date(to, zone)} `;
    const head = el("header", {},
        el("h2", { text: timeline.head.durations === "unknown" ? "Span" : `Span of ${duration(length)}` }),
        el("span", { class: "muted", text: `${date(from, zone)} ${clock(from, zone, 6)} to ${days}${clock(to, zone, 6)}` }),
        el("span", { class: "grow" }),
        button("Zoom to it", () => { actions.zoom(); }),
        button("Close", () => { actions.close(); }, { class: "quiet", title: "Close (Esc)" }));
    if (timeline.head.durations === "unknown") {
        root.replaceChildren(head, el("p", { class: "prose", text: "This recording has no durations: no clock measured them." }));
        return;
    }
    const table = el("table", {}, el("thead", {}, el("tr", {}, ...["Track", "State", "Held", "Share", "Times"].map((text) => {
        const th = el("th", { text });
        th.scope = "col";
        return th;
    }))));
    const body = el("tbody");
    for (const row of rows.slice(0, MOST_ROWS)) {
        const result = totals(timeline, row, from, to);
        if (!result) continue;
        const name = `${subjectName(row.subject)} · ${timeline.tracks[row.track]!.name}`;
        const lines: HTMLTableRowElement[] = result.held.map((held) => el("tr", {},
            el("td", {}), el("td", {}, el("span", { class: `dot ${held.tone}`, aria: { hidden: "true" } }), held.label),
            el("td", { class: "number", text: bounds(held.min, held.max) }),
            el("td", { class: "number", text: share(held.min, held.max, result.length) }),
            el("td", { class: "number", text: String(held.times) })));
        if (result.unseen > 0) {
            lines.push(el("tr", {}, el("td"), el("td", {}, el("span", { class: "dot gap", aria: { hidden: "true" } }), "not seen (gap)"),
                el("td", { class: "number", text: duration(result.unseen) }),
                el("td", { class: "number", text: share(result.unseen, result.unseen, result.length) }), el("td")));
        }
        if (lines.length === 0) lines.push(el("tr", {}, el("td"), el("td", { text: "no state" }), el("td"), el("td"), el("td")));
        lines[0]!.firstElementChild!.replaceWith(el("th", { text: name, title: name }));
        lines[0]!.querySelector("th")!.scope = "row";
        lines[0]!.className = "first";
        body.append(...lines);
    }
    table.append(body);
    const notes: HTMLElement[] = [];
    if (rows.length === 0) notes.push(el("p", { class: "prose", text: "Select an object or a track to see how long its states were held." }));
    if (rows.length > MOST_ROWS) notes.push(el("p", { class: "prose", text: `The first ${MOST_ROWS} of ${rows.length} tracks.` }));
    if (timeline.head.durations === "stamped") {
        notes.push(el("p", { class: "prose", text: "Times are the writers' timestamps in whole seconds, so no length is exact." }));
    }
    root.replaceChildren(head, el("div", { class: "scroll", tabIndex: 0, role: "region", aria: { label: "How long states were held" } },
        ...(rows.length > 0 ? [table] : []), ...notes));
}

function share(min: number, max: number, length: number): string {
    if (length <= 0) return "";
    const percent = (x: number): string => `${(100 * x / length).toFixed(x / length < 0.0995 ? 1 : 0)} %`;
    return percent(min) === percent(max) ? percent(min) : `${percent(min)} to ${percent(max)}`;
}
