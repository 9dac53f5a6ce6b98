// The mouse, the wheel and fingers on the canvases.

import type { App } from "../app";
import { ROW, type Scene, type Target } from "../draw/scene";
import type { Node } from "../model/tree";
import type { Tooltip } from "./tooltip";
import { tooltipFor } from "./tooltip";

const CLICK = 4;

export interface Hover {
    x: number | null;
    target: Target | null;
    /** A span that is being drawn. */
    drawing: [number, number] | null;
}

export class Pointer {
    readonly hover: Hover = { x: null, target: null, drawing: null };
    private readonly fingers = new Map<number, { x: number; y: number }>();

    constructor(
        private readonly app: App,
        private readonly scene: Scene,
        private readonly tooltip: Tooltip,
        private readonly elements: { plot: HTMLElement; axis: HTMLElement; overview: HTMLElement; names: HTMLElement; stage: HTMLElement },
    ) {
        this.plot();
        this.axis();
        this.overview();
        const wheel = (event: WheelEvent): void => {
            this.wheel(event);
        };
        elements.stage.addEventListener("wheel", wheel, { passive: false });
    }

    /** The pixel within an element. */
    private static place(event: MouseEvent, element: HTMLElement): [number, number] {
        const box = element.getBoundingClientRect();
        return [event.clientX - box.left, event.clientY - box.top];
    }

    private nodeAt(y: number): { node: Node; y: number } | null {
        const { app } = this;
        const index = Math.floor((y + app.scroll) / ROW);
        const node = app.tree.list[index];
        return node ? { node, y: y + app.scroll - index * ROW } : null;
    }

    private wheel(event: WheelEvent): void {
        if ((event.target as HTMLElement).closest("#empty")) return;
        event.preventDefault();
        const { app } = this;
        const unit = event.deltaMode === 1 ? 18 : event.deltaMode === 2 ? app.view.height : 1;
        const dx = event.deltaX * unit;
        const dy = event.deltaY * unit;
        const target = event.target as HTMLElement;
        const onTime = target === this.elements.axis || target === this.elements.overview;
        const [x] = Pointer.place(event, this.elements.plot);
        if (event.ctrlKey || event.metaKey || (onTime && Math.abs(dy) >= Math.abs(dx))) {
            app.zoom(Math.exp(Math.max(-240, Math.min(240, dy)) * (event.ctrlKey && Math.abs(dy) < 40 ? 0.01 : 0.0022)), Math.max(0, x));
        } else if (event.shiftKey && dx === 0) {
            app.pan(dy);
        } else {
            if (Math.abs(dx) > Math.abs(dy)) app.pan(dx); else app.scrollBy(dy);
        }
        this.tooltip.hide();
    }

    private plot(): void {
        const { app, elements: { plot } } = this;
        let pressed: { x: number; y: number; lastX: number; lastY: number; moved: boolean; span: boolean } | null = null;
        plot.addEventListener("pointerdown", (event) => {
            if (event.button !== 0) return;
            const [x, y] = Pointer.place(event, plot);
            plot.setPointerCapture(event.pointerId);
            this.fingers.set(event.pointerId, { x, y });
            pressed = { x, y, lastX: x, lastY: y, moved: false, span: event.shiftKey };
            this.tooltip.hide();
        });
        plot.addEventListener("pointermove", (event) => {
            const [x, y] = Pointer.place(event, plot);
            if (this.fingers.size === 2 && this.fingers.has(event.pointerId)) {
                this.pinch(event.pointerId, x, y);
                if (pressed) pressed.moved = true;
                return;
            }
            if (!pressed) {
                this.hovered(event, x, y);
                return;
            }
            if (!pressed.moved && Math.abs(x - pressed.x) + Math.abs(y - pressed.y) < CLICK) return;
            pressed.moved = true;
            this.hover.x = null;
            this.hover.target = null;
            if (pressed.span) {
                this.draw(pressed.x, x);
            } else {
                if (!plot.classList.contains("panning")) plot.classList.add("panning");
                if (x !== pressed.lastX) app.pan(pressed.lastX - x);
                if (y !== pressed.lastY) app.scrollBy(pressed.lastY - y);
            }
            pressed.lastX = x;
            pressed.lastY = y;
        });
        const release = (event: PointerEvent): void => {
            this.fingers.delete(event.pointerId);
            plot.classList.remove("panning");
            const was = pressed;
            pressed = null;
            if (!was || event.type === "pointercancel") {
                this.hover.drawing = null;
                return;
            }
            const [x, y] = Pointer.place(event, plot);
            if (was.span && was.moved) this.drawn();
            else if (!was.moved) this.click(event, x, y);
        };
        plot.addEventListener("pointerup", release);
        plot.addEventListener("pointercancel", release);
        plot.addEventListener("pointerleave", () => {
            this.hover.x = null;
            this.hover.target = null;
            this.tooltip.hide();
            app.surface.invalidate();
        });
        plot.addEventListener("dblclick", (event) => {
            const [x, y] = Pointer.place(event, plot);
            const at = this.nodeAt(y);
            const target = at ? this.scene.hit(at.node, app.view, x, at.y, app.revision) : null;
            if (target?.kind === "segment") {
                app.focusOn(target.row.trail.start[target.index]!, Math.min(target.row.trail.end[target.index]!, app.timeline.head.last));
            }
        });
    }

    private pinch(id: number, x: number, y: number): void {
        const { app } = this;
        const [a, b] = [...this.fingers.values()];
        if (!a || !b) return;
        const before = Math.max(20, Math.abs(a.x - b.x));
        const middle = (a.x + b.x) / 2;
        this.fingers.set(id, { x, y });
        const [c, d] = [...this.fingers.values()];
        if (!c || !d) return;
        app.zoom(before / Math.max(20, Math.abs(c.x - d.x)), middle);
        app.pan(middle - (c.x + d.x) / 2);
    }

    private hovered(event: PointerEvent, x: number, y: number): void {
        const { app } = this;
        const at = this.nodeAt(y);
        let target = at ? this.scene.hit(at.node, app.view, x, at.y, app.revision) : null;
        if (!target || target.kind === "segment") target = this.markAt(x, 2) ?? target;
        this.hover.x = x;
        this.hover.target = target;
        this.elements.plot.classList.toggle("on", target !== null);
        if (target && event.pointerType !== "touch") {
            this.tooltip.show(tooltipFor(app.timeline, target, app.zone), event.clientX, event.clientY);
        } else {
            this.tooltip.hide();
        }
        app.surface.invalidate();
    }

    private markAt(x: number, within: number): Target | null {
        const { timeline, view } = this.app;
        const index = timeline.marks.findIndex(({ entry }) => Math.abs(view.x(timeline.columns.at[entry]!) - x) <= within);
        return index < 0 ? null : { kind: "mark", index };
    }

    private click(event: PointerEvent, x: number, y: number): void {
        const { app } = this;
        const at = this.nodeAt(y);
        if (!at) {
            if (app.span) app.setSpan(null);
            return;
        }
        if (event.ctrlKey || event.metaKey) {
            app.toggleRow(at.node);
            return;
        }
        app.focusNode(at.node);
        const target = this.scene.hit(at.node, app.view, x, at.y, app.revision) ?? this.markAt(x, 3);
        if (target) app.select(target);
        else if (at.node.type === "expected") app.jump(at.node.expectation);
    }

    private draw(from: number, to: number): void {
        const { app } = this;
        const a = app.view.time(Math.max(0, Math.min(from, to)));
        const b = app.view.time(Math.min(app.view.width, Math.max(from, to)));
        this.hover.drawing = [a, b];
        app.surface.invalidate();
    }

    private drawn(): void {
        const { drawing } = this.hover;
        this.hover.drawing = null;
        if (drawing && drawing[1] > drawing[0]) this.app.setSpan(drawing);
    }

    private axis(): void {
        const { app, elements: { axis } } = this;
        let from: number | null = null;
        let moved = false;
        axis.addEventListener("pointerdown", (event) => {
            axis.setPointerCapture(event.pointerId);
            [from] = Pointer.place(event, axis);
            moved = false;
        });
        axis.addEventListener("pointermove", (event) => {
            const [x] = Pointer.place(event, axis);
            if (from === null) {
                const mark = this.markAt(x, 5);
                if (mark) this.tooltip.show(tooltipFor(app.timeline, mark, app.zone), event.clientX, event.clientY);
                else this.tooltip.hide();
                return;
            }
            if (Math.abs(x - from) >= CLICK) moved = true;
            if (moved) this.draw(from, x);
        });
        axis.addEventListener("pointerleave", () => { this.tooltip.hide(); });
        axis.addEventListener("pointerup", (event) => {
            const [x] = Pointer.place(event, axis);
            const mark = this.markAt(x, 5);
            if (moved) this.drawn();
            else if (mark) app.select(mark);
            else if (app.span) app.setSpan(null);
            from = null;
        });
    }

    private overview(): void {
        const { app, elements: { overview } } = this;
        let grip: { kind: "move" | "left" | "right"; offset: number } | null = null;
        const scale = (): number => {
            const [first, last] = app.view.limits;
            return (last - first) / app.view.width;
        };
        const time = (x: number): number => app.view.limits[0] + x * scale();
        const kindAt = (x: number): "left" | "right" | "move" => {
            const left = (app.view.from - app.view.limits[0]) / scale();
            const right = (app.view.to - app.view.limits[0]) / scale();
            if (right - left > 24 && Math.abs(x - left) <= 6) return "left";
            if (right - left > 24 && Math.abs(x - right) <= 6) return "right";
            return "move";
        };
        overview.addEventListener("pointerdown", (event) => {
            overview.setPointerCapture(event.pointerId);
            const [x] = Pointer.place(event, overview);
            const at = time(x);
            const kind = kindAt(x);
            if (kind === "move" && (at < app.view.from || at > app.view.to)) app.show(at - app.view.span / 2, at + app.view.span / 2);
            grip = { kind, offset: at - app.view.from };
        });
        overview.addEventListener("pointermove", (event) => {
            const [x] = Pointer.place(event, overview);
            if (!grip) {
                overview.style.cursor = kindAt(x) === "move" ? "grab" : "ew-resize";
                return;
            }
            const at = time(x);
            if (grip.kind === "left" && at < app.view.to) app.show(at, app.view.to);
            else if (grip.kind === "right" && at > app.view.from) app.show(app.view.from, at);
            else if (grip.kind === "move") app.show(at - grip.offset, at - grip.offset + app.view.span);
        });
        const release = (): void => {
            grip = null;
        };
        overview.addEventListener("pointerup", release);
        overview.addEventListener("pointercancel", release);
    }
}
