// How fast a large page opens, pans and zooms, without a GPU; and what timelines-chart needs for the same data.
// npm run bench [-- SUBJECTS TRANSITIONS | -- PAGE.html]: of a large cluster that it makes up, or of a page that exists.

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import type { Document } from "../src/data/format";
import { Timeline } from "../src/model/timeline";
import { launch } from "../fixtures/browser";
import { file } from "../fixtures/file";
import { fleet } from "../fixtures/fleet";
import { frames, traced, type Frames } from "./trace";

const existing = process.argv[2]?.endsWith(".html") ? resolve(process.argv[2]) : null;
const [subjects = 5000, transitions = 200_000] = existing ? [] : process.argv.slice(2).map(Number);
const YARDSTICK_SUBJECTS = [50, 500];
const RUNS = 5;

async function open(browser: Browser, url: string, ready: string): Promise<{ page: Page; milliseconds: number }> {
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    page.on("pageerror", (error) => { throw error; });
    await page.goto(url, { waitUntil: "commit" });
    // From the navigation's start to the first frame with the data, on the page's own clock.
    const milliseconds = await page.evaluate(async (selector) => {
        while (!document.querySelector(selector)) await new Promise((resolve) => setTimeout(resolve, 2));
        await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
        return performance.now();
    }, ready);
    return { page, milliseconds };
}

/** Input as the browser gets it from a mouse at 60 Hz, without the driver's own scripts in the page. */
async function input(page: Page, selector: string, kind: "pan" | "zoom"): Promise<void> {
    const box = await page.locator(selector).first().boundingBox();
    if (!box) throw new Error(`nothing at ${selector}`);
    const session = await page.context().newCDPSession(page);
    const x = box.x + box.width / 2;
    const y = box.y + Math.min(260, box.height / 2);
    const mouse = (type: "mousePressed" | "mouseMoved" | "mouseReleased", atX: number, atY: number): Promise<unknown> =>
        session.send("Input.dispatchMouseEvent", { type, x: atX, y: atY, button: "left", buttons: type === "mouseReleased" ? 0 : 1, clickCount: 1 });
    if (kind === "pan") await mouse("mousePressed", x, y);
    for (let i = 1; i <= 150; i++) {
        const next = new Promise((resolve) => setTimeout(resolve, 16));
        if (kind === "pan") await mouse("mouseMoved", x + Math.sin(i / 10) * 300, y + Math.sin(i / 25) * 120);
        else await session.send("Input.dispatchMouseEvent", { type: "mouseWheel", x, y, deltaX: 0, deltaY: i < 75 ? -60 : 60 });
        await next;
    }
    if (kind === "pan") await mouse("mouseReleased", x, y);
    await session.detach();
}

function report(name: string, f: Frames): void {
    console.log(`  ${name}: ${f.count} frames, median ${f.median.toFixed(1)} ms, 95 % ${f.p95.toFixed(1)} ms, worst ${f.worst.toFixed(1)} ms; ` +
        `${(100 * f.within16).toFixed(1)} % under 16 ms; of the processor alone median ${f.cpuMedian.toFixed(1)} ms, ` +
        `${(100 * f.cpuWithin16).toFixed(1)} % under 16 ms`);
}

function yardstick(data: Document): string {
    const timeline = new Timeline(data.head);
    for (const chunk of data.chunks) timeline.append(chunk);
    const groups = timeline.subjects.map((subject) => ({
        group: subject.name,
        data: timeline.trail(subject).rows.map((row) => ({
            label: timeline.tracks[row.track]!.name,
            data: Array.from({ length: row.hi - row.lo }, (_, n) => row.lo + n).map((i) => ({
                timeRange: [row.trail.start[i]! / 1000, Math.min(row.trail.end[i]!, data.head.last) / 1000],
                val: row.trail.state[i]! >= 0 ? timeline.states[row.trail.state[i]!]!.tone : "gap",
            })),
        })),
    }));
    const library = readFileSync(new URL("../node_modules/timelines-chart/dist/timelines-chart.min.js", import.meta.url), "utf8");
    return `<!doctype html><meta charset="utf-8"><body><div id="chart"></div><script>${library.replaceAll("</script", "<\\/script")}</script>
<script>const data = ${JSON.stringify(groups)};
TimelinesChart()(document.getElementById("chart")).width(1380).maxHeight(860).maxLineHeight(20).enableAnimations(false)
  .zScaleLabel("tone").zColorScale(window.scale || undefined).data(data);
document.documentElement.dataset.ready = "true";</script>`.replace(".zColorScale(window.scale || undefined)", "");
}

/** How long a page takes to open, and its frames, in two views of all its objects. */
async function measure(browser: Browser, url: string): Promise<void> {
    const times: number[] = [];
    let facts = "";
    for (let i = 0; i < RUNS; i++) {
        const { page, milliseconds } = await open(browser, url, "html[data-ready]");
        times.push(milliseconds);
        await page.close();
    }
    times.sort((a, b) => a - b);
    console.log(`  open: ${times.map((ms) => ms.toFixed(0)).join(", ")} ms, median ${times[RUNS >> 1]!.toFixed(0)} ms`);
    for (const [name, hash] of [["all objects, the whole time", "#all=1"], ["all objects, 20 min", "#all=1&t=3600000000-4800000000"]] as const) {
        const { page } = await open(browser, url + hash, "html[data-ready]");
        report(`pan (${name})`, frames(await traced(page, () => input(page, "#plot", "pan"))));
        report(`zoom (${name})`, frames(await traced(page, () => input(page, "#axis", "zoom"))));
        facts = await page.locator("#facts").innerText();
        await page.close();
    }
    console.log(`  ${facts.replaceAll("\n", " ")}`);
}

async function main(): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), "page-bench-"));
    const browser = await launch();
    const said = `Chromium ${browser.version()}, no GPU`;
    try {
        if (existing) {
            console.log(`page: ${existing}, ${(statSync(existing).size / 1e6).toFixed(1)} MB; ${said}`);
            await measure(browser, pathToFileURL(existing).href);
            return;
        }
        const data = fleet(subjects, transitions);
        const html = file(data);
        const path = join(folder, "page.html");
        writeFileSync(path, html);
        console.log(`page: ${data.chunks[0]!.subjects.length} subjects, ${data.chunks[0]!.entries.type.length} entries, file of ` +
            `${(html.length / 1e6).toFixed(1)} MB; ${said}`);
        await measure(browser, pathToFileURL(path).href);
        for (const many of YARDSTICK_SUBJECTS) {
            const small = fleet(many, many * Math.floor(transitions / subjects));
            const other = join(folder, `chart-${many}.html`);
            writeFileSync(other, yardstick(small));
            const { page, milliseconds } = await open(browser, pathToFileURL(other).href, "html[data-ready]");
            console.log(`timelines-chart: ${many} subjects, ${small.chunks[0]!.entries.type.length} entries`);
            console.log(`  open: ${milliseconds.toFixed(0)} ms`);
            report("zoom by a drag", frames(await traced(page, () => input(page, "svg", "pan"))));
            await page.close();
            const own = join(folder, `page-${many}.html`);
            writeFileSync(own, file(small));
            const mine = await open(browser, pathToFileURL(own).href, "html[data-ready]");
            console.log(`  this page with the same: ${mine.milliseconds.toFixed(0)} ms`);
            report("pan", frames(await traced(mine.page, () => input(mine.page, "#plot", "pan"))));
            await mine.page.close();
        }
    } finally {
        await browser.close();
        rmSync(folder, { recursive: true, force: true });
    }
}

await main();
