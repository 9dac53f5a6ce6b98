// The names of the rows, beside the canvas: a tree grid of which only what is visible is in the document. What the canvas
// shows of the focused row is in its second cell, as text.

import { ROW } from "../draw/scene";
import type { Node } from "../model/tree";
import { el } from "./element";

export interface Chip {
    tone: string;
    text: string;
    title: string;
}

export interface RowTexts {
    chips(node: Node): Chip[];
    /** What its track was, in words. */
    states(node: Node): string;
    title(node: Node): string;
    sub(node: Node): string;
}

interface Item {
    element: HTMLElement;
    cell: HTMLElement;
    node: Node;
    drawn: string;
    top: number;
}

export class RowList {
    private readonly items = new Map<string, Item>();
    /** Has the rows at their places, and is moved as a whole: scrolling neither lays out nor paints them again. */
    private readonly sheet = el("div", { class: "sheet", role: "rowgroup" });
    private scrolled = NaN;
    private order = "";

    constructor(
        private readonly root: HTMLElement,
        private readonly texts: RowTexts,
        private readonly onFocus: (node: Node) => void,
        private readonly onToggle: (node: Node) => void,
        private readonly onClick: (node: Node, event: MouseEvent) => void,
    ) {
        root.append(this.sheet);
        root.addEventListener("scroll", () => {
            root.scrollTop = 0;
            root.scrollLeft = 0;
        });
    }

    render(nodes: Node[], scroll: number, height: number, focused: string | null, selected: Set<string>, revision: string,
        inView: string, indexOf: (key: string) => number): void {
        const count = String(nodes.length);
        if (this.root.getAttribute("aria-rowcount") !== count) this.root.setAttribute("aria-rowcount", count);
        const first = Math.max(0, Math.floor(scroll / ROW));
        const last = Math.min(nodes.length - 1, Math.floor((scroll + height) / ROW));
        if (this.scrolled !== scroll) this.sheet.style.transform = `translateY(${-scroll}px)`;
        this.scrolled = scroll;
        const wanted = new Set<string>();
        const show = (i: number): void => {
            const node = nodes[i]!;
            wanted.add(node.key);
            this.place(node, i, focused, selected, node.key === focused ? revision + inView : revision, nodes);
        };
        for (let i = first; i <= last; i++) show(i);
        const focusedIndex = focused === null ? -1 : indexOf(focused);
        // The focused row stays in the document, so that the focus is not lost by scrolling.
        if (focusedIndex >= 0 && (focusedIndex < first || focusedIndex > last)) show(focusedIndex);
        for (const [key, item] of this.items) {
            if (wanted.has(key)) continue;
            item.element.remove();
            this.items.delete(key);
        }
        // Screen readers read in the document's order.
        const order = `${first} ${last} ${focusedIndex} ${revision} ${nodes.length}`;
        if (order === this.order) return;
        this.order = order;
        const elements = [...this.items.values()].sort((a, b) =>
            Number(a.element.getAttribute("aria-rowindex")) - Number(b.element.getAttribute("aria-rowindex")));
        elements.forEach(({ element }, i) => {
            if (this.sheet.children[i] !== element && document.activeElement !== element) {
                this.sheet.insertBefore(element, this.sheet.children[i] ?? null);
            }
        });
    }

    focus(key: string): void {
        this.items.get(key)?.element.focus({ preventScroll: true });
    }

    private place(node: Node, i: number, focused: string | null, selected: Set<string>, revision: string, nodes: Node[]): void {
        let item = this.items.get(node.key);
        if (!item) {
            item = this.create(node);
            this.items.set(node.key, item);
            this.sheet.append(item.element);
        }
        item.node = node;
        const { element } = item;
        const isFocused = node.key === focused;
        const tabIndex = isFocused || (focused === null && i === 0) ? 0 : -1;
        const drawn = `${revision} ${node.expanded} ${isFocused} ${selected.has(node.key)} ${tabIndex} ${i} ${nodes.length}`;
        const top = i * ROW;
        if (item.top !== top) element.style.transform = `translateY(${top}px)`;
        item.top = top;
        if (item.drawn === drawn) return;
        item.drawn = drawn;
        element.className = `row ${node.type}${isFocused ? " focused" : ""}${selected.has(node.key) ? " selected" : ""}`;
        element.tabIndex = tabIndex;
        element.setAttribute("aria-rowindex", String(i + 1));
        element.setAttribute("aria-level", String(node.level));
        element.setAttribute("aria-posinset", String(node.position));
        element.setAttribute("aria-setsize", String(node.siblings));
        element.setAttribute("aria-selected", String(selected.has(node.key)));
        if (node.expanded === null) element.removeAttribute("aria-expanded");
        else element.setAttribute("aria-expanded", String(node.expanded));
        const chips = this.texts.chips(node).map((chip) =>
            el("span", { class: `chip ${chip.tone}`, text: chip.text, title: chip.title }));
        const sub = this.texts.sub(node);
        const name = el("span", { class: "name" }, el("span", { class: "start", text: node.label }));
        item.cell.replaceChildren(
            el("span", { class: node.expanded === null ? "twisty none" : "twisty", aria: { hidden: "true" } }),
            name,
            ...(sub === "" ? [] : [el("span", { class: "sub", text: sub })]),
            ...(chips.length === 0 ? [] : [el("span", { class: "chips" }, ...chips)]),
            el("span", { class: "unseen", text: isFocused ? this.texts.states(node) : "" }),
        );
        item.cell.title = this.texts.title(node);
    }

    private create(node: Node): Item {
        const cell = el("div", { role: "gridcell" });
        const element = el("div", { role: "row" }, cell);
        const item: Item = { element, cell, node, drawn: "", top: NaN };
        element.addEventListener("focus", () => {
            this.onFocus(item.node);
        });
        element.addEventListener("click", (event) => {
            const target = event.target as HTMLElement;
            if (target.classList.contains("twisty") || item.node.type === "namespace" || item.node.type === "kind") {
                this.onToggle(item.node);
            } else {
                this.onClick(item.node, event);
            }
        });
        element.addEventListener("dblclick", () => {
            if (item.node.type === "object") this.onToggle(item.node);
        });
        return item;
    }
}
