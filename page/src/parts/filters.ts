// The choice of kinds, namespaces, tracks and states.

import { FACETS, choices, type Facet, type Filter } from "../model/filter";
import type { Timeline } from "../model/timeline";
import { grouped } from "../model/counts";
import { button, el } from "./element";

const NAMES: Record<Facet, string> = { kind: "Kind", namespace: "Namespace", track: "Track", state: "State" };
const MOST = 400;

export class Filters {
    private readonly menus = new Map<Facet, { details: HTMLDetailsElement; summary: HTMLElement; body: HTMLElement }>();

    constructor(root: HTMLElement, private readonly timeline: Timeline, private readonly filter: () => Filter,
        private readonly onChange: () => void) {
        for (const facet of FACETS) {
            const summary = el("summary", { class: "button", text: NAMES[facet] });
            const body = el("div", { class: "menu", role: "group", aria: { label: NAMES[facet] } });
            const details = el("details", { class: "facet" }, summary, body);
            details.addEventListener("toggle", () => {
                if (!details.open) return;
                for (const other of this.menus.values()) if (other.details !== details) other.details.open = false;
                this.fill(facet);
                body.classList.toggle("left", details.getBoundingClientRect().left > window.innerWidth / 2);
            });
            details.addEventListener("keydown", (event) => {
                if (event.key !== "Escape" || !details.open) return;
                event.stopPropagation();
                details.open = false;
                summary.focus();
            });
            root.append(details);
            this.menus.set(facet, { details, summary, body });
        }
        document.addEventListener("pointerdown", (event) => {
            for (const { details } of this.menus.values()) {
                if (details.open && !details.contains(event.target as globalThis.Node)) details.open = false;
            }
        });
        this.update();
    }

    update(): void {
        for (const facet of FACETS) {
            const { summary } = this.menus.get(facet)!;
            const chosen = [...this.filter()[facet]];
            const [only] = chosen;
            const text = chosen.length === 0 ? "" : chosen.length === 1 && only !== undefined ? `: ${name(facet, only)}` : `: ${chosen.length}`;
            summary.textContent = NAMES[facet] + text;
            summary.classList.toggle("on", chosen.length > 0);
        }
    }

    private fill(facet: Facet): void {
        const { body } = this.menus.get(facet)!;
        const chosen = this.filter()[facet];
        const list = [...choices(this.timeline)[facet]].sort((a, b) =>
            Number(chosen.has(b[0])) - Number(chosen.has(a[0])) || b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
        const rows = list.slice(0, MOST).map(([value, count]) => {
            const box = el("input", { type: "checkbox" });
            box.checked = chosen.has(value);
            box.addEventListener("change", () => {
                if (box.checked) chosen.add(value); else chosen.delete(value);
                this.update();
                this.onChange();
            });
            return el("label", {}, box, el("span", { class: "value", text: name(facet, value) }),
                el("span", { class: "count", text: grouped(count) }));
        });
        const search = el("input", { type: "search", aria: { label: `Find in ${NAMES[facet]}` } });
        search.placeholder = "Find";
        search.addEventListener("input", () => {
            const text = search.value.toLowerCase();
            for (const row of rows) row.hidden = !(row.textContent.toLowerCase().includes(text));
        });
        body.replaceChildren(
            ...(list.length > 10 ? [search] : []),
            el("div", { class: "options" }, ...rows,
                list.length > MOST ? el("p", { class: "prose", text: `and ${list.length - MOST} more` }) : null,
                list.length === 0 ? el("p", { class: "prose", text: "Nothing to choose." }) : null),
            button("All", () => {
                chosen.clear();
                this.update();
                this.fill(facet);
                this.onChange();
            }, { class: "quiet" }));
    }
}

function name(facet: Facet, value: string): string {
    return value === "" && facet === "namespace" ? "cluster-scoped" : value;
}
