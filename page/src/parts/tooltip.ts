// What is under the pointer, in a few words.

import type { Target } from "../draw/scene";
import type { Zone } from "../model/times";
import { GAP, GONE, UNFOLLOWED, UNHELD, VAGUE } from "../model/trail";
import type { Timeline } from "../model/timeline";
import { doubt, gapSpan, gapTitle, gapVersions, moment, stateName, stayText } from "../model/words";
import { el, hide } from "./element";

export function tooltipFor(timeline: Timeline, target: Target, zone: Zone): HTMLElement[] {
    const c = timeline.columns;
    const title = (tone: string, text: string): HTMLElement => el("b", {}, el("span", { class: `dot ${tone}` }), text);
    const line = (text: string): HTMLElement => el("div", { text: text.length > 220 ? `${text.slice(0, 220)}…` : text });
    const gap = (entry: number): HTMLElement[] => {
        const found = timeline.gaps.get(entry);
        if (!found) return [];
        return [title("gap", gapTitle(found)), line(gapSpan(timeline, found, zone)), line(`resourceVersion ${gapVersions(found)}`),
            ...(found.evidence ? [line(found.evidence)] : [])];
    };
    switch (target.kind) {
        case "segment": {
            const { row, index } = target;
            const code = row.trail.state[index]!;
            const entry = row.trail.entry[index]!;
            if (code === GAP) return gap(entry);
            if (code === VAGUE || code === UNFOLLOWED || code === UNHELD) return [title("gap", stateName(timeline, row, index)), line(doubt(timeline, row, index, zone))];
            const at = row.trail.start[index]!;
            if (code === GONE) return [title("gone", "Deleted"), line(moment(timeline, at, zone, 6))];
            const state = timeline.states[c.to[entry]!];
            const why = [state?.reason !== state?.label ? state?.reason : undefined, state?.message].filter(Boolean).join(": ");
            return [title(state?.tone ?? "plain", stateName(timeline, row, index)),
                line([`from ${moment(timeline, at, zone)}`, stayText(timeline, row, index)].filter(Boolean).join(", ")),
                ...(why === "" ? [] : [line(why)])];
        }
        case "tick": {
            const entry = target.row.trail.tickEntry[target.index]!;
            const state = timeline.states[c.to[entry]!];
            return [title(state?.tone ?? "plain", `${state?.text ?? ""}: other details`), line(moment(timeline, c.at[entry]!, zone)),
                line([state?.reason, state?.message].filter(Boolean).join(": "))];
        }
        case "event": {
            const event = timeline.events.get(target.entry);
            if (!event) return [];
            return [title(event.type === "Warning" ? "failing" : "plain", `${event.reason}${event.count > 1 ? ` x${event.count}` : ""}`),
                line(`${event.type} Event at ${moment(timeline, c.at[target.entry]!, zone)}`), line(event.message)];
        }
        case "gap": return gap(target.entry);
        case "mark": {
            const mark = timeline.marks[target.index]!;
            return [title("mark", mark.name), line(`mark at ${moment(timeline, c.at[mark.entry]!, zone, 6)}`)];
        }
    }
}

export class Tooltip {
    constructor(private readonly root: HTMLElement) {}

    show(content: HTMLElement[], x: number, y: number): void {
        if (content.length === 0) {
            this.hide();
            return;
        }
        this.root.replaceChildren(...content);
        this.root.hidden = false;
        const { width, height } = this.root.getBoundingClientRect();
        this.root.style.left = `${Math.max(4, Math.min(x + 14, window.innerWidth - width - 6))}px`;
        this.root.style.top = `${y + 18 + height > window.innerHeight ? Math.max(4, y - height - 10) : y + 18}px`;
    }

    hide(): void {
        hide(this.root, true);
    }
}
