// How long each state was held within the chosen span, track by track.

import { lengthText, totals, type Held } from "../model/dwell";
import type { Lives } from "../model/lives";
import { clockAfter, dateTime, duration, type Rounding, type Zone } from "../model/times";
import type { Row } from "../model/trail";
import type { Timeline } from "../model/timeline";
import { subjectName } from "../model/words";
import { button, el } from "./element";

const MOST_ROWS = 100;

export function renderDwell(root: HTMLElement, timeline: Timeline, lives: Lives, rows: Row[], from: number, to: number, zone: Zone,
    actions: { close(): void; zoom(): void }): void {
    const length = to - from;
    const stamped = timeline.head.durations === "stamped";
    const head = el("header", {},
        el("h2", { text: timeline.head.durations === "unknown" ? "Span" : `Span of ${duration(length)}` }),
        el("span", { class: "muted", text: `${dateTime(from, zone, 6)} to ${clockAfter(to, from, zone, 6)}` }),
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
        const name = `${subjectName(row.subject)}${lives.suffix(row.subject)} · ${timeline.tracks[row.track]!.name}`;
        const lines: HTMLTableRowElement[] = result.held.map((held) => el("tr", {},
            el("td", {}), el("td", {}, el("span", { class: `dot ${held.tone}`, aria: { hidden: "true" } }), held.label),
            el("td", { class: "number", text: lengthText({ ...held, stamped }) }),
            el("td", { class: "number", text: share(held.min, held.max, result.length, stamped) }),
            el("td", { class: "number", text: times(held) })));
        for (const [micros, text] of [[result.unseen, "not seen (gap)"], [result.unpublished, "never published"]] as const) {
            if (micros === 0) continue;
            lines.push(el("tr", {}, el("td"), el("td", {}, el("span", { class: "dot gap", aria: { hidden: "true" } }), text),
                el("td", { class: "number", text: duration(micros) }),
                el("td", { class: "number", text: share(micros, micros, result.length, false) }), el("td")));
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
    if (stamped) {
        notes.push(el("p", { class: "prose", text: "Times are the writers' timestamps in whole seconds, so no length is exact." }));
    }
    root.replaceChildren(head, el("div", { class: "scroll", tabIndex: 0, role: "region", aria: { label: "How long states were held" } },
        ...(rows.length > 0 ? [table] : []), ...notes));
}

/** Bounds of a share are rounded as those of a length. */
function share(min: number, max: number, length: number, stamped: boolean): string {
    if (length <= 0) return "";
    if (stamped && max === 0) return "?";
    const about = stamped ? "~" : "";
    if (min === max) return about + percent(min / length, "nearest");
    return about + (min <= 0 ? `at most ${percent(max / length, "up")}` : `${percent(min / length, "down")} to ${percent(max / length, "up")}`);
}

function percent(part: number, rounding: Rounding): string {
    const round = rounding === "down" ? Math.floor : rounding === "up" ? Math.ceil : Math.round;
    // What is meant as 28 % is not rounded up because of the last bit of a number.
    const tenths = round(Number((part * 1000).toFixed(6)));
    return tenths < 100 ? `${(tenths / 10).toFixed(1)} %` : `${round(Number((part * 100).toFixed(6)))} %`;
}

function times({ times: many, orMore }: Held): string {
    return orMore ? `${many} or more` : String(many);
}
