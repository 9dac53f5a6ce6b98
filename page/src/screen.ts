// Draws the state of the page: the canvases, the rows, the panels and the header, at most once a frame.

import { App, type Surface } from "./app";
import { AXIS, paintAxis } from "./draw/axis";
import { OVERVIEW, Overview } from "./draw/overview";
import { ROW, Scene, type Target } from "./draw/scene";
import type { Verdicts } from "./data/format";
import type { Connection } from "./data/live";
import type { Objects } from "./data/objects";
import { emptyFilter, isEmpty } from "./model/filter";
import { MainTracks } from "./model/main";
import type { Timeline } from "./model/timeline";
import { printableWithin } from "./model/printable";
import { clockAfter, dateTime } from "./model/times";
import { grouped, plural } from "./model/counts";
import { button, byId, el, hide } from "./parts/element";
import { Drawer } from "./parts/drawer";
import { renderDwell } from "./parts/dwell";
import { Filters } from "./parts/filters";
import { LEGEND, fillHelp } from "./parts/help";
import { listen } from "./parts/keys";
import { Pointer } from "./parts/pointer";
import { paintOverlay } from "./parts/overlay";
import { RowList } from "./parts/rowlist";
import { RowWords } from "./parts/rowwords";
import { Tooltip } from "./parts/tooltip";
import { renderVerdicts } from "./parts/verdicts";
import { Header } from "./parts/header";
import { splitter } from "./parts/splitter";
import { restore, share } from "./sharing";
import { read, write } from "./state/fragment";

interface Canvas {
    element: HTMLCanvasElement;
    context: CanvasRenderingContext2D;
}

function canvas(id: string): Canvas {
    const element = byId<HTMLCanvasElement>(id);
    const context = element.getContext("2d", { alpha: id === "overlay" });
    if (!context) throw new Error("this browser has no canvas");
    return { element, context };
}

export class Screen implements Surface {
    readonly app: App;
    private readonly scene: Scene;
    private readonly overview: Overview;
    private readonly rows: RowList;
    private readonly drawer: Drawer;
    private readonly pointer: Pointer;
    private readonly filters: Filters;
    private readonly header: Header;
    private readonly canvases = { bars: canvas("bars"), overlay: canvas("overlay"), axis: canvas("axis"), overview: canvas("overview") };
    private readonly scroller = byId("scroller");
    private readonly spacer = byId("spacer");
    private readonly side = byId("side");
    private readonly help = byId<HTMLDialogElement>("help");
    private readonly search = byId<HTMLInputElement>("search");
    private readonly openVerdicts = new Set<string>();
    private frame = 0;
    private written = "";
    private shown = "";
    private sharing: ReturnType<typeof setTimeout> | null = null;
    private ratio = 1;

    constructor(private readonly timeline: Timeline, objects: Objects) {
        this.app = new App(timeline, objects, this);
        const { app } = this;
        const main = new MainTracks(timeline);
        this.scene = new Scene(timeline, main);
        this.overview = new Overview(timeline, main);
        this.rows = new RowList(byId("names"), new RowWords(app, main), (node) => {
            if (app.focused !== node.key) app.focusNode(node);
        }, (node) => {
            app.focusNode(node);
            app.toggle(node);
        }, (node, event) => {
            if (event.ctrlKey || event.metaKey) app.toggleRow(node);
            else if (node.type === "expected") app.jump(node.expectation);
        });
        this.drawer = new Drawer(this.side, timeline, objects, {
            close: () => { app.closePanel(); },
            select: (target) => { app.select(target); },
            step: (by) => { app.go.state(by); },
            event: (by) => { app.go.event(by); },
            focus: (from, to) => { app.focusOn(from, to); },
        });
        this.pointer = new Pointer(app, this.scene, new Tooltip(byId("tooltip")), {
            plot: byId("plot"), axis: this.canvases.axis.element, overview: this.canvases.overview.element, names: byId("names"),
            stage: byId("stage"),
        });
        this.filters = new Filters(byId("facets"), timeline, () => app.filter, () => { app.setFilter(app.filter); });
        this.header = new Header(app, {
            verdicts: () => { this.toggleVerdicts(); },
            zone: () => { this.switchZone(); },
            theme: () => { this.switchTheme(); },
            help: () => { this.help.showModal(); },
        });
        fillHelp(this.help);
        byId("legend").replaceChildren(...LEGEND.map(([tone, text]) =>
            el("li", {}, el("span", { class: `sample ${tone}`, aria: { hidden: "true" } }), text)));
        this.controls();
        listen(app, {
            help: () => { this.help.showModal(); },
            search: () => {
                this.search.focus();
                this.search.select();
            },
            verdicts: () => { this.toggleVerdicts(); },
            zone: () => { this.switchZone(); },
            escape: () => this.escape(),
        });
        splitter(byId("splitter"), byId("stage"), () => { this.invalidate(); });
        new ResizeObserver(() => { this.resize(); }).observe(byId("plot"));
        // Asking the media query in every frame would cost a layout.
        const scheme = matchMedia("(prefers-color-scheme: dark)");
        const follow = (): void => {
            app.prefersDark = scheme.matches;
            this.header.update();
            this.invalidate();
        };
        scheme.addEventListener("change", follow);
        follow();
        this.resize();
    }

    /** From the address; also when it changes. */
    restore(): void {
        restore(this.app, read(location.hash));
        this.search.value = this.app.filter.text;
        this.filters.update();
        this.applyTheme();
        this.header.update();
    }

    connection(connection: Connection): void {
        this.header.connection(connection);
        // What still held while it was followed, held until the end.
        if (connection.kind === "ended" && this.app.panel === "details" && this.app.target) this.showDetails(this.app.target);
    }

    /** What was judged anew; it may be the first time, or the last. */
    judged(verdicts: Verdicts | null): void {
        this.app.verdicts = printableWithin(verdicts);
        if (!verdicts && this.app.panel === "verdicts") this.app.closePanel();
        this.app.rebuild();
        this.updated();
    }

    updated(): void {
        this.filters.update();
        this.header.update();
        if (this.app.panel === "verdicts") this.showVerdicts(true);
    }

    // Surface

    invalidate(): void {
        if (this.frame === 0) this.frame = requestAnimationFrame(() => {
            this.frame = 0;
            this.draw();
        });
    }

    announce(text: string): void {
        byId("status").textContent = text;
    }

    showDetails(target: Target | null): void {
        this.side.hidden = target === null;
        this.side.setAttribute("aria-label", "Details");
        if (target) this.drawer.show(target, this.app.zone);
        else this.side.replaceChildren();
        this.header.update();
    }

    showVerdicts(open: boolean): void {
        this.side.hidden = !open;
        const { app } = this;
        if (open && app.verdicts) {
            this.side.setAttribute("aria-label", "Expectations");
            const { scrollTop } = this.side;
            renderVerdicts(this.side, app.verdicts, this.timeline.head.started, app.zone, this.openVerdicts, {
                close: () => { app.closePanel(); },
                jump: (expectation) => { app.jump(expectation); },
                subject: (subject, track) => { app.goToSubject(subject, track); },
            });
            this.side.scrollTop = scrollTop;
        }
        this.header.update();
    }

    showSpan(): void {
        const root = byId("dwell");
        const { app } = this;
        root.hidden = app.span === null;
        if (!app.span) {
            root.replaceChildren();
            return;
        }
        const [from, to] = app.span;
        renderDwell(root, this.timeline, app.tree.lives, app.spanRows(), from, to, app.zone, {
            close: () => { app.setSpan(null); },
            zoom: () => { app.show(from, to); },
        });
    }

    focusRow(key: string): void {
        this.draw();
        this.rows.focus(key);
    }

    /** The address follows, a little later. */
    changed(): void {
        this.header.update();
        if (this.sharing !== null) return;
        this.sharing = setTimeout(() => {
            this.sharing = null;
            const text = write(share(this.app));
            if (text === this.written) return;
            this.written = text;
            history.replaceState(null, "", text === "" ? `${location.pathname}${location.search}` : `#${text}`);
        }, 250);
    }

    // Controls

    private controls(): void {
        const { app } = this;
        let typing: ReturnType<typeof setTimeout> | undefined;
        this.search.addEventListener("input", () => {
            clearTimeout(typing);
            typing = setTimeout(() => {
                app.filter.text = this.search.value.trim();
                app.setFilter(app.filter);
            }, 80);
        });
        this.search.addEventListener("keydown", (event) => {
            if (event.key === "Enter") {
                const node = app.tree.list.find((n) => n.type === "object");
                if (node) app.focusNode(node);
            } else if (event.key === "Escape") {
                event.stopPropagation();
                if (this.search.value === "") this.search.blur();
                else {
                    this.search.value = "";
                    app.filter.text = "";
                    app.setFilter(app.filter);
                }
            }
        });
        byId("clear").addEventListener("click", () => { this.clear(); });
        byId("expand").addEventListener("click", () => { app.setAll(true); });
        byId("collapse").addEventListener("click", () => { app.setAll(false); });
        this.scroller.addEventListener("scroll", () => {
            const top = this.scroller.scrollTop;
            if (Math.abs(top - app.scroll) >= 1) app.scrollBy(top - app.scroll);
        });
        addEventListener("hashchange", () => {
            if (location.hash.replace(/^#/, "") !== this.written) this.restore();
        });
    }

    private clear(): void {
        this.search.value = "";
        this.app.setFilter(emptyFilter());
        this.filters.update();
    }

    private toggleVerdicts(): void {
        const { app } = this;
        if (!app.verdicts) {
            this.announce("There are no expectations in this page.");
            return;
        }
        if (app.panel === "verdicts") {
            app.closePanel();
            return;
        }
        app.panel = "verdicts";
        this.showVerdicts(true);
        this.changed();
    }

    private switchZone(): void {
        const { app } = this;
        app.zone = app.zone === "utc" ? "local" : "utc";
        if (app.panel === "details" && app.target) this.showDetails(app.target);
        if (app.panel === "verdicts") this.showVerdicts(true);
        this.showSpan();
        this.changed();
        this.invalidate();
    }

    private switchTheme(): void {
        this.app.theme = this.app.palette.dark ? "light" : "dark";
        this.applyTheme();
        this.changed();
    }

    private applyTheme(): void {
        if (this.app.theme) document.documentElement.dataset.theme = this.app.theme;
        else delete document.documentElement.dataset.theme;
        this.header.update();
        this.invalidate();
    }

    private escape(): boolean {
        const { app } = this;
        if (app.panel !== null) app.closePanel();
        else if (app.span) app.setSpan(null);
        else if (app.selectedRows.size > 0) {
            app.selectedRows.clear();
            this.invalidate();
        } else return false;
        return true;
    }

    // Drawing

    private resize(): void {
        const plot = byId("plot").getBoundingClientRect();
        const width = Math.max(1, Math.floor(plot.width));
        const height = Math.max(1, Math.floor(plot.height));
        this.ratio = Math.min(3, window.devicePixelRatio || 1);
        const { app } = this;
        const top = app.focused === null ? -1 : app.tree.indexOf(app.focused) * ROW - app.scroll;
        const wasVisible = top >= 0 && top < app.view.height;
        app.view.width = width;
        app.view.height = height;
        const size = ({ element }: Canvas, h: number): void => {
            element.width = Math.ceil(width * this.ratio);
            element.height = Math.ceil(h * this.ratio);
            element.style.width = `${width}px`;
            element.style.height = `${h}px`;
        };
        size(this.canvases.bars, height);
        size(this.canvases.overlay, height);
        size(this.canvases.axis, AXIS);
        size(this.canvases.overview, OVERVIEW);
        if (wasVisible) app.scrollToFocused(); else app.clampScroll();
        this.draw();
    }

    draw(): void {
        if (this.frame !== 0) {
            cancelAnimationFrame(this.frame);
            this.frame = 0;
        }
        const { app, timeline, ratio } = this;
        const { palette, revision } = app;
        const nodes = app.tree.list;
        const height = nodes.length * ROW + 8;
        if (this.spacer.style.height !== `${height}px`) this.spacer.style.height = `${height}px`;
        if (Math.abs(this.scroller.scrollTop - app.scroll) >= 1) this.scroller.scrollTop = app.scroll;
        this.scene.paint(this.canvases.bars.context, { nodes, scroll: app.scroll, view: app.view, palette, focused: app.focusedNode,
            selectedRows: app.selectedRows, ratio }, revision);
        paintAxis(this.canvases.axis.context, timeline, app.view, palette, app.zone, ratio);
        this.overview.paint(this.canvases.overview.context, app.tree.roots, app.view, palette, ratio, revision);
        const { hover } = this.pointer;
        const used = paintOverlay(this.canvases.overlay.context, app, hover, ratio);
        hide(this.canvases.overlay.element, !used);
        // The focused row's text says what is in view.
        const inView = app.focused === null ? "" : ` ${app.view.from.toFixed(0)} ${app.view.to.toFixed(0)} ${app.zone}`;
        this.rows.render(nodes, app.scroll, app.view.height, app.focused, app.selectedRows, revision, inView, (key) => app.tree.indexOf(key));
        this.empty();
    }

    private empty(): void {
        const { app, timeline } = this;
        const root = byId("empty");
        const filtered = !isEmpty(app.filter);
        hide(byId("clear"), !filtered);
        const total = timeline.subjects.length;
        const shown = filtered ? `${grouped(app.tree.shown)} of ${plural(total, "object")}` : plural(total, "object");
        if (this.shown !== shown) byId("shown").textContent = shown;
        this.shown = shown;
        const nothing = app.tree.list.length === 0;
        hide(root, !nothing);
        hide(byId("names"), nothing);
        if (!nothing || root.dataset.filtered === String(filtered)) {
            if (!nothing) delete root.dataset.filtered;
            return;
        }
        root.dataset.filtered = String(filtered);
        if (filtered) {
            root.replaceChildren(el("h2", { text: "Nothing matches" }), el("p", { text: "The filters leave no object to show." }),
                button("Clear filters", () => { this.clear(); }));
        } else if (app.following !== null) {
            root.replaceChildren(el("h2", { text: "Nothing recorded yet" }), el("p", { text: "Objects appear here when the watches see them." }));
        } else {
            const marks = timeline.marks.length;
            const what = marks === 0 ? "no entries" : `only ${plural(marks, "mark")}`;
            const { started, last } = timeline.head;
            root.replaceChildren(el("h2", { text: `The recording has ${what}` }), el("p", { text: `It ran from ` +
                `${dateTime(started, app.zone, 0)} to ${clockAfter(last, started, app.zone, 0)} and saw no object.` }));
        }
    }
}
