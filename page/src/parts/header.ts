// The top line: which recording this is, what is in it, and the buttons; and below it what must be known about it.

import type { App } from "../app";
import type { Connection } from "../data/live";
import { Type, type Head } from "../data/format";
import { countGaps, gapsText } from "../model/gaps";
import { dateTime, duration, zoneName, type Zone } from "../model/times";
import { badgeText } from "../model/steps";
import { KEPT, type Timeline } from "../model/timeline";
import { grouped, plural } from "../model/counts";
import { moment } from "../model/words";
import { button, byId, el } from "./element";

export interface HeaderActions {
    verdicts: () => void;
    zone: () => void;
    theme: () => void;
    help: () => void;
}

export class Header {
    private readonly live: HTMLButtonElement;
    private readonly verdicts: HTMLButtonElement;
    private readonly zone: HTMLButtonElement;
    private readonly theme: HTMLButtonElement;
    /** The server does not answer. */
    private lost = false;
    private shown = "";
    private counted = "";

    constructor(private readonly app: App, actions: HeaderActions) {
        this.live = button("", () => { app.follow(); }, { class: "live", title: "Follow the recording (L)" });
        this.verdicts = button("", actions.verdicts, { class: "verdict-button", title: "Expectations (V)" });
        this.zone = button("", actions.zone, { title: "UTC, or local time (U)" });
        this.theme = button("", actions.theme, { title: "Light, or dark" });
        byId("actions").replaceChildren(this.live, this.verdicts, button("Fit", () => { app.fit(); }, { title: "Show the whole recording (F)" }),
            this.zone, this.theme, button("?", actions.help, { title: "Help (?)", aria: { label: "Help" }, class: "round" }));
        this.update();
    }

    update(): void {
        const { app } = this;
        // Called for every frame while something moves: the document is touched only when a text changes.
        const key = [app.live, this.lost, app.following, app.verdicts?.verdict, app.verdicts?.expectations.map((e) => e.verdict).join(" "), app.panel, app.zone, app.palette.dark,
            app.timeline.revision, app.timeline.live, app.timeline.head.last].join();
        if (key === this.shown) return;
        this.shown = key;
        this.live.hidden = app.following === null;
        this.live.textContent = this.lost ? "Lost" : app.following ? "Live" : "Resume";
        this.live.classList.toggle("lost", this.lost);
        this.live.setAttribute("aria-pressed", String(app.following === true));
        this.verdicts.hidden = app.verdicts === null;
        if (app.verdicts) {
            const [many, text] = badgeText(app.verdicts.verdict, app.verdicts.expectations.map((e) => e.verdict));
            this.verdicts.replaceChildren(el("span", { class: "wide", text: many }), text);
            this.verdicts.className = `verdict-button badge ${app.verdicts.verdict}`;
            this.verdicts.setAttribute("aria-pressed", String(app.panel === "verdicts"));
        }
        this.zone.textContent = app.zone === "utc" ? "UTC" : zoneName(app.timeline.head.last, "local").replace(/^UTC$/, "Local");
        this.theme.textContent = app.palette.dark ? "Light" : "Dark";
        this.facts();
    }

    private facts(): void {
        const { app } = this;
        const { timeline } = app;
        const { head, columns } = timeline;
        const key = `${timeline.revision} ${app.zone} ${app.live} ${timeline.live} ${head.last}`;
        if (key === this.counted) return;
        this.counted = key;
        let transitions = 0;
        const [from, to] = timeline.shown;
        for (let i = 0; i < columns.length; i++) {
            if (columns.type[i] === Type.transition && columns.at[i]! >= from && columns.at[i]! <= to) transitions++;
        }
        const gaps = countGaps(timeline);
        const name = head.recording ?? "";
        const title = name === "" && timeline.live ? "live" : name;
        document.title = title === "" ? "statetrail" : `${title} · statetrail`;
        byId("recording").textContent = head.recording ?? "";
        byId("recording").title = [head.recording, head.kubernetes && `Kubernetes ${head.kubernetes}`, head.kubevirt && `KubeVirt ${head.kubevirt}`,
            head.cluster && `cluster ${head.cluster}`, `statetrail ${head.version}`].filter(Boolean).join("\n");
        const isWhole = gaps.lost === 0 && !head.incomplete;
        const parts = [dateTime(head.since ?? head.started, app.zone, 0), lengthOf({ ...head, started: head.since ?? head.started, last: to }), plural(timeline.subjects.length, "subject"),
            plural(transitions, "transition"), gapsText(gaps) +
                (timeline.began > head.started ? ` since ${moment(timeline, timeline.began, app.zone, 0)}` : "") +
                (head.incomplete ? ", lines of the recording are missing" : "")];
        if (head.selection) parts.push(`selected: ${head.selection}`);
        byId("facts").title = parts.join("\n");
        byId("facts").replaceChildren(...parts.map((text, i) => el("span", { text, class: i === 4 && !isWhole ? "gaps" : "" })));
        const notices: string[] = [];
        if (head.notices) notices.push(...head.notices);
        else {
            if (head.incomplete) notices.push("Lines of the recording are missing: that no gap is shown means nothing.");
            if (head.open && !app.live) notices.push("The recorder was still running, or was killed: this recording has no end.");
        }
        if (head.stepped) notices.push("The recorder's wall clock was set during the recording; how long states were held was measured with another clock.");
        if (head.durations === "stamped") notices.push("Times are timestamps in whole seconds: no stay is exact.");
        for (const text of outages(timeline, app.zone)) notices.push(text);
        if (timeline.missed > 0) notices.push(`${plural(timeline.missed, "entry", "entries")} before these are no longer held by the server.`);
        if (timeline.dropped > 0) {
            notices.push(`${plural(timeline.dropped, "older entry was", "older entries were")} dropped: this page keeps about the newest ${grouped(KEPT)}.`);
        }
        if (head.durations === "unknown") notices.push("No clock measured durations in this recording.");
        this.notices("head", notices);
    }

    private notices(kind: string, texts: string[]): void {
        const root = byId("notices");
        for (const old of root.querySelectorAll(`.${kind}`)) old.remove();
        for (const text of texts) root.append(el("p", { class: `notice ${kind}`, text }));
    }

    connection(connection: Connection): void {
        const texts: string[] = [];
        if (connection.kind === "lost") {
            texts.push(`${connection.why.replace(/^./, (first) => first.toUpperCase())}. ` +
                `What is shown ends at ${moment(this.app.timeline, this.app.timeline.head.last, this.app.zone, 0)}. Next attempt in ${plural(connection.seconds, "second")}.`);
        }
        if (connection.kind === "ended") texts.push("The recording has ended.");
        if (connection.kind === "ended") {
            this.app.following = null;
            this.app.timeline.live = false;
        }
        this.lost = connection.kind === "lost";
        this.notices("connection", texts);
        this.update();
    }
}

/** How long it is, in the words of the command: "2m12s", "~2m12s" by the writers' clocks, "(?)" if no clock measured it. */
export function lengthOf({ durations, started, last }: Head): string {
    if (durations === "unknown") return "(?)";
    return `${durations === "stamped" ? "~" : ""}${duration(Math.max(0, last - started))}`;
}

/** Which kinds are not followed, and why: those with the same trouble together. */
export function outages(timeline: Timeline, zone: Zone): string[] {
    const byTrouble = new Map<string, { since: number; why: string; what: string[] }>();
    for (const { resource, kind, namespace, outage } of timeline.head.watches) {
        if (!outage) continue;
        const found = byTrouble.get(outage.why) ?? { since: outage.since, why: outage.why, what: [] };
        found.since = Math.min(found.since, outage.since);
        found.what.push(`${kind ?? resource}${namespace ? ` in ${namespace}` : ""}`);
        byTrouble.set(outage.why, found);
    }
    return [...byTrouble.values()].map(({ since, why, what }) => {
        const named = what.length > 6 ? [...what.slice(0, 5), `${what.length - 5} more`] : what;
        return `Not followed since ${moment(timeline, since, zone, 0)}: ${named.join(", ")} (${why}).`;
    });
}
