// The top line: which recording this is, what is in it, and the buttons; and below it what must be known about it.

import type { App } from "../app";
import type { Connection } from "../data/live";
import { Type, type Watch } from "../data/format";
import { clock, dateTime, duration, zoneName, type Zone } from "../model/times";
import { KEPT } from "../model/timeline";
import { grouped, plural } from "../model/words";
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
        const key = [app.live, app.following, app.verdicts?.verdict, app.verdicts?.expectations.length, app.panel, app.zone, app.palette.dark,
            app.timeline.revision].join();
        if (key === this.shown) return;
        this.shown = key;
        this.live.hidden = app.following === null;
        this.live.textContent = app.following ? "Live" : "Resume";
        this.live.setAttribute("aria-pressed", String(app.following === true));
        this.verdicts.hidden = app.verdicts === null;
        if (app.verdicts) {
            const many = app.verdicts.expectations.length;
            this.verdicts.replaceChildren(el("span", { class: "wide", text: `${plural(many, "expectation")}: ` }), app.verdicts.verdict);
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
        const key = `${app.timeline.revision} ${app.zone} ${app.live}`;
        if (key === this.counted) return;
        this.counted = key;
        let transitions = 0;
        let gaps = 0;
        for (let i = 0; i < columns.length; i++) {
            if (columns.type[i] === Type.transition) transitions++;
            else if (columns.type[i] === Type.gap) gaps++;
        }
        document.title = `${head.recording ?? "live"} · statetrail`;
        byId("recording").textContent = head.recording ?? "";
        byId("recording").title = [head.recording, head.kubernetes && `Kubernetes ${head.kubernetes}`, head.kubevirt && `KubeVirt ${head.kubevirt}`,
            head.cluster && `cluster ${head.cluster}`, `statetrail ${head.version}`].filter(Boolean).join("\n");
        const parts = [dateTime(head.started, app.zone, 0), duration(Math.max(0, head.last - head.started)),
            plural(app.timeline.subjects.length, "subject"), plural(transitions, "transition"), gaps === 0 ? "no gap" : plural(gaps, "gap")];
        if (head.selection) parts.push(`selected: ${head.selection}`);
        byId("facts").replaceChildren(...parts.map((text, i) => el("span", { text, class: i === 4 && gaps > 0 ? "gaps" : "" })));
        const notices: string[] = [];
        if (head.incomplete) notices.push("This recording is incomplete: only what is before the damage is shown.");
        if (head.open && !app.live) notices.push("The recorder was still running, or was killed: this recording has no end.");
        if (head.stepped) notices.push("The recorder's wall clock was set during the recording; how long states were held was measured with another clock.");
        if (head.durations === "stamped") notices.push("Times are timestamps in whole seconds: no stay is exact.");
        for (const text of outages(head.watches, app.zone)) notices.push(text);
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
                `What is shown ends at ${clock(this.app.timeline.head.last, this.app.zone, 0)}. Next attempt in ${plural(connection.seconds, "second")}.`);
        }
        if (connection.kind === "ended") texts.push("The recording has ended.");
        if (connection.kind === "ended") this.app.following = null;
        this.notices("connection", texts);
        this.update();
    }

    missed(count: number): void {
        if (count > 0) this.notices("missed", [`${plural(count, "entry", "entries")} before these are no longer held by the server.`]);
    }
}

/** Which kinds are not followed, and why: those with the same trouble together. */
export function outages(watches: Watch[], zone: Zone): string[] {
    const byTrouble = new Map<string, { since: number; why: string; what: string[] }>();
    for (const { resource, kind, namespace, outage } of watches) {
        if (!outage) continue;
        const found = byTrouble.get(outage.why) ?? { since: outage.since, why: outage.why, what: [] };
        found.since = Math.min(found.since, outage.since);
        found.what.push(`${kind ?? resource}${namespace ? ` in ${namespace}` : ""}`);
        byTrouble.set(outage.why, found);
    }
    return [...byTrouble.values()].map(({ since, why, what }) => {
        const named = what.length > 6 ? [...what.slice(0, 5), `${what.length - 5} more`] : what;
        return `Not followed since ${clock(since, zone, 0)}: ${named.join(", ")} (${why}).`;
    });
}
