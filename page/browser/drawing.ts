// What the canvas shows, pixel by pixel; and pages with little, nothing, or odd things in them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { document as made, START, type Entry } from "../fixtures/document";
import { file } from "../fixtures/file";
import { fleet } from "../fixtures/fleet";
import { browser, openFile, pixels, settled } from "../fixtures/opened";
import { accessibility } from "../fixtures/opened";

const S = 1e6;
const WEB = "Pod/a/web";

test("a gap is striped, and a state is not", async (t) => {
    const entries: Entry[] = [{ subject: WEB, at: START, from: null, to: "Running" },
        { subject: WEB, at: START + 40 * S, gap: { from: START + 20 * S, to: START + 40 * S, fromResourceVersion: "100", toResourceVersion: "200" } },
        { subject: WEB, at: START + 60 * S, from: "Running", to: "Error" }];
    const page = await openFile(t, await browser(t), file(made(entries, { last: START + 80 * S })));
    const row = (await page.locator(".row.track").filter({ hasText: "status" }).boundingBox())!;
    const plot = (await page.locator("#plot").boundingBox())!;
    const x = (seconds: number): number => (seconds + 1.6) / 84 * plot.width;
    const colors = async (seconds: number): Promise<number> =>
        new Set((await pixels(page, x(seconds), row.y - plot.y + 5, 30, 1)).map(String)).size;
    assert.equal(await colors(15), 1);
    assert.ok(await colors(37) > 2);
    await page.mouse.move(plot.x + x(37), row.y + 12);
    await page.locator("#tooltip").waitFor();
    const told = await page.locator("#tooltip").innerText();
    assert.match(told, /Gap: history expired/);
    assert.match(told, /resourceVersion 100 to 200/);
    await page.keyboard.press("]");
    await page.locator("#side h2").filter({ hasText: "Gap: history expired" }).waitFor();
    await page.keyboard.press("e");
    await page.locator("#side h2").filter({ hasText: "Error" }).waitFor();
});

test("a recording without entries says so", async (t) => {
    const page = await openFile(t, await browser(t), file(made([])));
    await page.getByRole("heading", { name: "The recording has no entries" }).waitFor();
    assert.deepEqual(await accessibility(page), []);
});

test("one entry, no length, a name of 253 characters, and text that looks like HTML", async (t) => {
    const name = `${"very-long-name-".repeat(17).slice(0, 252)}x`;
    const page = await openFile(t, await browser(t), file(made([{ subject: `Pod/a/${name}`, at: START, from: null, to: "<img src=x onerror=alert(1)>",
        details: { message: "<script>alert(1)</script>" } }])));
    await page.locator(".row.track").first().click();
    await page.keyboard.press("Enter");
    assert.match(await page.locator("#side").innerText(), /<script>alert\(1\)<\/script>/);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), true);
    assert.deepEqual(await accessibility(page), []);
});

test("several days have dates on the axis, and marks are reached by key", async (t) => {
    const day = 86400 * S;
    const page = await openFile(t, await browser(t), file(made([{ subject: WEB, at: START, from: null, to: "Running" },
        { at: START + 2 * day, mark: "upgrade started" }, { subject: WEB, at: START + 5 * day, from: "Running", to: "Error" }])));
    await page.keyboard.press("m");
    await page.locator("#side h2").filter({ hasText: "upgrade started" }).waitFor();
    await page.keyboard.press("u");
    assert.match(await page.locator("#actions").innerText(), /UTC\+01:00/);
});

test("of thousands of rows only those in view are in the document", async (t) => {
    const page = await openFile(t, await browser(t), file(fleet(2000, 20_000)), { hash: "#all=1" });
    assert.ok(Number(await page.locator("#names").getAttribute("aria-rowcount")) > 2000);
    assert.ok(await page.locator(".row").count() < 60);
    await page.locator(".row").first().click();
    await page.keyboard.press("End");
    await settled(page);
    assert.ok(await page.locator(".row").count() < 60);
    assert.equal(await page.locator(".row.focused").evaluate((element) => element === document.activeElement), true);
});

test("a verdict that is not satisfied is never called so", async (t) => {
    const doubt = { name: "pod/web status: never Error", verdict: "inconclusive" as const, passLost: false, reason: "a gap may hide it", assumptions: [],
        subject: { kind: "Pod", namespace: "a", name: "web", uid: "uid-Pod/a/web" }, track: "status",
        clauses: [{ statement: "pod/web status: never Error", verdict: "inconclusive" as const, passLost: false, subjects: [] }] };
    const page = await openFile(t, await browser(t), file(made([{ subject: WEB, at: START, from: null, to: "Running" }], {},
        { verdict: "inconclusive", expectations: [doubt] })));
    await page.keyboard.press("v");
    const all = await page.locator("body").innerText();
    assert.match(all, /inconclusive/);
    assert.doesNotMatch(all, /satisfied/);
});

test("a state of thousands of characters leaves room for its details", async (t) => {
    const long = "S".repeat(5000);
    const page = await openFile(t, await browser(t), file(made([{ subject: WEB, at: START, from: null, to: long, details: { message: "m\n".repeat(999) } }])));
    await page.locator(".row.track").first().click();
    await page.keyboard.press("Enter");
    const heights = await page.locator("#side h2 span:last-child, #side dd").evaluateAll((all) => all.map((element) => element.clientHeight));
    assert.ok(heights.every((height) => height <= 400), heights.join());
    assert.deepEqual(await accessibility(page), []);
});

test("where the time is local, the panel of expectations says that times within sentences are not", async (t) => {
    const page = await openFile(t, await browser(t), file(made([{ subject: WEB, at: START, from: null, to: "Running" }], {},
        { verdict: "violated", expectations: [{ name: "never Running", verdict: "violated", passLost: true, reason: "entered Running at 18:09:20.000",
            assumptions: [], clauses: [] }] })));
    assert.match(await page.locator(".verdict-button").innerText(), /^1 expectation: violated$/);
    await page.keyboard.press("v");
    assert.doesNotMatch(await page.locator("#side").innerText(), /UTC/);
    await page.keyboard.press("u");
    assert.match(await page.locator("#side").innerText(), /Times within sentences are UTC\./);
});

test("what may have changed already is striped lightly in groups as in the rows", async (t) => {
    const page = await openFile(t, await browser(t), file(made([{ subject: WEB, at: START, from: null, to: "Running" },
        { subject: WEB, at: START + 40 * S, from: "Running", to: "Ready", seen: 2, since: 20 * S }], { last: START + 60 * S })));
    await page.keyboard.press("Escape");
    const plot = (await page.locator("#plot").boundingBox())!;
    const dark = async (selector: string, dy: number): Promise<number> => {
        const row = (await page.locator(selector).first().boundingBox())!;
        const list = await pixels(page, plot.width * 31 / 63, row.y - plot.y + dy, 40, 1);
        const background = list.filter((color) => color.every((part) => part > 240)).length;
        return background / list.length;
    };
    // The stripes of a gap have a ground of their own, and are twice as wide.
    assert.ok(await dark(".row.kind", 12) > 0.4);
    assert.ok(await dark(".row.track", 12) > 0.4);
    await page.locator("#legend li", { hasText: "not known" }).waitFor();
});
