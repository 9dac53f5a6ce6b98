// The story of an image pull that fails, as a person looks at it.

import assert from "node:assert/strict";
import { before, test } from "node:test";
import type { Page } from "playwright-core";
import { page as built, withPage } from "../fixtures/file";
import { accessibility, browser, openFile, pixels, settled } from "../fixtures/opened";
import { check, dataOf, scenario, show, STORY } from "../fixtures/recorded";
import type { Document } from "../src/data/format";

let data: Document;
let html: string;

before(() => {
    // The page as statetrail has it must be the one that the sources build, or these tests try another one.
    const own = built();
    html = check(STORY, ["pod/crash-loop status: Pending -> ContainerCreating -> Running -> Completed", "pod/flapping-ready phase: never Failed"]);
    data = dataOf(html);
    html = withPage(own, html);
});

const rowNamed = (page: Page, name: string): ReturnType<Page["locator"]> => page.locator("#names .row").filter({ hasText: name }).first();
const panel = (page: Page): Promise<string> => page.locator("#side").innerText();

test("the ErrImagePull of 0.23 s is found by the keyboard, with its exact length", async (t) => {
    const page = await openFile(t, await browser(t), html);
    await page.keyboard.press("/");
    await page.keyboard.type("virtualmachine/vm-imagepull");
    await page.locator("#shown", { hasText: "1 of 6" }).waitFor();
    await page.locator("#names .row.object").click();
    await page.keyboard.press("Enter");
    const seen: string[] = [];
    for (let i = 0; i < 8; i++) await page.keyboard.press(",");
    for (let i = 0; i < 9; i++) {
        seen.push((await page.locator("#side h2").innerText()) + " " + (await page.locator("#side dl").innerText()).replace(/[^]*Lasted\s+(\S+)[^]*/, "$1"));
        await page.keyboard.press(".");
    }
    assert.ok(seen.includes("ErrImagePull 0.23s"), seen.join("; "));
});

test("a bar opens the drawer, zooming keeps it, and the address brings the view back", async (t) => {
    const made = await browser(t);
    const page = await openFile(t, made, html);
    const name = rowNamed(page, "pull-then-fixed");
    await name.click();
    const box = (await name.boundingBox())!;
    const plot = (await page.locator("#plot").boundingBox())!;
    await page.mouse.click(plot.x + plot.width * 0.5, box.y + 10);
    await page.locator("#side h2").filter({ hasText: "Running" }).waitFor();
    assert.match(await panel(page), /Lasted\s+1m45s/);
    await page.getByRole("button", { name: "Zoom to it" }).click();
    const axis = (await page.locator("#axis").boundingBox())!;
    await page.mouse.move(axis.x + 300, axis.y + 10);
    await page.mouse.wheel(0, -400);
    await page.waitForFunction(() => /t=-?\d+-\d+/.test(location.hash) && location.hash.includes("panel=details"));
    const address = await page.evaluate(() => location.hash);
    const again = await openFile(t, made, html, { hash: address });
    assert.equal(await again.locator("#side h2").innerText(), "Running");
    await again.keyboard.press("f");
    await again.waitForFunction(() => !/[#&]t=/.test(location.hash));
});

test("the stored object, and what changed in it", async (t) => {
    const uid = "5a3054c3-1ef4-4570-b4ab-3c9b04e5f7cb";
    const page = await openFile(t, await browser(t), html, { hash: `#row=o/${uid}&at=950090&panel=details` });
    await page.locator("#side pre.diff .added").first().waitFor();
    assert.match(await page.locator("#side pre").innerText(), /^\s*[+-] /m);
    await page.getByRole("button", { name: "Object", exact: true }).click();
    await page.locator("#side pre:not(.diff)").waitFor();
    assert.match(await page.locator("#side pre").innerText(), /name: pull-then-fixed/);
});

test("filters and search leave what matches; nothing left is said, and can be undone", async (t) => {
    const page = await openFile(t, await browser(t), html);
    await page.locator("#facets summary", { hasText: "Kind" }).click();
    await page.locator(".menu label", { hasText: /^VirtualMachine1/ }).click();
    await page.keyboard.press("Escape");
    assert.equal(await page.locator("#shown").innerText(), "1 of 6 objects");
    await page.keyboard.press("/");
    await page.keyboard.type("nothing like this");
    await page.getByRole("heading", { name: "Nothing matches" }).waitFor();
    await page.locator("#empty").getByRole("button", { name: "Clear filters" }).click();
    await settled(page);
    assert.equal(await page.locator("#shown").innerText(), "6 objects");
});

test("a span across the axis adds up how long states were held", async (t) => {
    const page = await openFile(t, await browser(t), html);
    await rowNamed(page, "pull-then-fixed").click();
    const axis = (await page.locator("#axis").boundingBox())!;
    await page.mouse.move(axis.x + 200, axis.y + 20);
    await page.mouse.down();
    await page.mouse.move(axis.x + 500, axis.y + 20, { steps: 4 });
    await page.mouse.up();
    const told = await page.locator("#dwell").innerText();
    assert.match(told, /Span of \d/);
    assert.match(told, /ImagePullBackOff\s+\S+s/);
    await page.keyboard.press("Escape");
    assert.equal(await page.locator("#dwell").isVisible(), false);
});

test("the focused row is read as text, and the rows are a tree for the keyboard", async (t) => {
    const page = await openFile(t, await browser(t), html);
    await rowNamed(page, "story").focus();
    for (let i = 0; i < 40 && (await page.locator(".row.focused").getAttribute("class"))?.includes("object") !== true; i++) await page.keyboard.press("ArrowDown");
    const focused = page.locator(".row.focused");
    assert.match(await focused.innerText(), /Pending from 18:09:22\.\d+/);
    assert.equal(await focused.getAttribute("aria-level"), "3");
    assert.equal(await focused.evaluate((element) => element === document.activeElement), true);
    const open = await focused.getAttribute("aria-expanded");
    await page.keyboard.press(open === "true" ? "ArrowLeft" : "ArrowRight");
    await settled(page);
    assert.notEqual(await page.locator(".row.focused").getAttribute("aria-expanded"), open);
});

test("verdicts have the document's words, and jump to the departure", async (t) => {
    const page = await openFile(t, await browser(t), html);
    const words = data.verdicts!.expectations.map((e) => e.verdict).sort();
    await page.keyboard.press("v");
    const badges = (await page.locator("#side .verdict > .line .badge").allInnerTexts()).map((text) => text.replace(/^\S\s/, "")).sort();
    assert.deepEqual(badges, words);
    assert.match(await panel(page), /Completed was never entered/);
    await page.locator("#side .jump").first().click();
    const focused = await page.locator(".row.focused").innerText();
    assert.match(focused, /status|crash-loop/);
    assert.equal(await page.locator(".row.expected").count() >= 1, true);
});

for (const [name, options] of [["wide and light", {}], ["wide and dark", { dark: true }], ["narrow and light", { width: 420, height: 800 }],
    ["narrow and dark", { width: 420, height: 800, dark: true }]] as const) {
    test(`axe finds nothing, ${name}`, async (t) => {
        const page = await openFile(t, await browser(t), html, options);
        await page.keyboard.press("v");
        await settled(page);
        assert.deepEqual(await accessibility(page), []);
        await page.keyboard.press("Escape");
        await rowNamed(page, "crash-loop").click();
        await page.keyboard.press("Enter");
        await settled(page);
        assert.deepEqual(await accessibility(page), []);
        await page.keyboard.press("?");
        await settled(page);
        assert.deepEqual(await accessibility(page), []);
    });
}

test("a real gap is striped, has its reason and its versions, and is reached by key", async (t) => {
    const page = await openFile(t, await browser(t), withPage(built(), show(scenario("expired-and-relisted"), "html")));
    await page.keyboard.press("]");
    await page.locator("#side h2").filter({ hasText: "Gap: history expired" }).waitFor();
    assert.match(await panel(page), /resourceVersion\s+\S+ to \S+/);
    await page.locator("#facts .gaps").waitFor();
    // The first is of the whole watch, the next one of a pod.
    await page.keyboard.press("]");
    const focused = (await page.locator(".row.focused").boundingBox())!;
    const plot = (await page.locator("#plot").boundingBox())!;
    const striped = new Set((await pixels(page, 0, focused.y - plot.y + 6, Math.floor(plot.width), 1)).map(String));
    assert.ok(striped.size > 4, `${striped.size} colors`);
});
