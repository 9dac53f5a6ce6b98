// The page at a server: it follows, pauses when one looks elsewhere, asks for a token, and tells when it lost the connection.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { chunk, head, START, type Entry } from "../fixtures/document";
import { browser, pixels, settled, visit } from "../fixtures/opened";
import { PageServer } from "../fixtures/server";

const S = 1e6;
const WEB = "Pod/a/web";

async function server(t: TestContext): Promise<PageServer> {
    const made = await PageServer.start();
    t.after(() => made.stop());
    return made;
}

const answer = (seconds: number, entries: Entry[], more = {}): Parameters<PageServer["push"]>[0] =>
    ({ head: head({ recording: "", last: START + seconds * S, open: true }), chunk: chunk(entries), ...more });

test("it follows the head, pauses while one pans, and resumes", async (t) => {
    const made = await server(t);
    made.push(answer(10, [{ subject: WEB, at: START + S, from: null, to: "Pending", seq: 3 }]));
    const page = await visit(t, await browser(t), made.url);
    await page.waitForSelector("html[data-ready]");
    const live = page.locator("button.live");
    assert.equal(await live.innerText(), "Live");
    made.push(answer(20, [{ subject: WEB, at: START + 12 * S, from: "Pending", to: "Running", seq: 5 }]));
    await page.locator("#facts", { hasText: "2 transitions" }).waitFor();
    await page.keyboard.press("w");
    await page.keyboard.press("a");
    assert.equal(await live.innerText(), "Resume");
    const hash = async (): Promise<string> => {
        await settled(page);
        return page.evaluate(() => new Promise<string>((resolve) => { setTimeout(() => { resolve(new URLSearchParams(location.hash.slice(1)).get("t") ?? ""); }, 300); }));
    };
    const paused = await hash();
    made.push(answer(40, [{ subject: "Pod/a/other", at: START + 30 * S, from: null, to: "Pending", seq: 7 }]));
    await page.locator("#facts", { hasText: "2 subjects" }).waitFor();
    assert.equal(await hash(), paused);
    await live.click();
    assert.equal(await live.innerText(), "Live");
    assert.ok(Number((await hash()).split("-")[1]) > 40 * S);
    const name = /\?follower=([a-z0-9]+)$/.exec(made.asked[0] ?? "")?.[1];
    assert.ok(name);
    assert.ok(made.asked[1]?.startsWith(`?follower=${name}&after=1&wait=10s`), made.asked[1]);
});

test("a reset forgets what was before, and what is missed is said", async (t) => {
    const made = await server(t);
    made.push(answer(10, [{ subject: WEB, at: START + S, from: null, to: "Pending" }]));
    made.push(answer(20, [{ subject: "Pod/a/new", at: START + 12 * S, from: null, to: "Running" }], { reset: true, missed: 1200 }));
    const page = await visit(t, await browser(t), made.url);
    await page.locator(".notice", { hasText: "1,200 entries before these are no longer held" }).waitFor();
    assert.equal(await page.locator(".row.object").allInnerTexts().then((rows) => rows.map((r) => r.trim().split("\n")[0]).join()), "new");
});

test("it asks for a token, which is neither kept in the address nor sent before", async (t) => {
    const made = await server(t);
    made.token = "secret";
    made.push(answer(10, [{ subject: WEB, at: START + S, from: null, to: "Pending" }]));
    const b = await browser(t);
    const page = await visit(t, b, made.url);
    await page.locator("#token-field").fill("wrong");
    await page.keyboard.press("Enter");
    await page.locator("#token", { hasText: "refused" }).waitFor();
    await page.locator("#token-field").fill("secret");
    await page.keyboard.press("Enter");
    await page.waitForSelector("html[data-ready]");
    const second = await visit(t, b, made.url, { hash: "#token=secret&zone=local" });
    await second.waitForSelector("html[data-ready]");
    assert.doesNotMatch(second.url(), /secret/);
    assert.match(second.url(), /zone=local/);
});

test("the end is said, and objects come from the server", async (t) => {
    const made = await server(t);
    made.objects.set("5", { status: { phase: "Running" } });
    made.objects.set("3", { status: { phase: "Pending" } });
    made.push(answer(10, [{ subject: WEB, at: START + S, from: null, to: "Pending", seq: 3 }, { subject: WEB, at: START + 2 * S, from: "Pending", to: "Running", seq: 5 }],
        { ended: true }));
    const page = await visit(t, await browser(t), made.url);
    await page.locator(".notice", { hasText: "The recording has ended" }).waitFor();
    await page.locator(".row.track").first().click();
    await page.keyboard.press(".");
    await page.keyboard.press(".");
    await page.keyboard.press("Enter");
    await page.locator("#side pre.diff", { hasText: "phase: Running" }).waitFor();
    assert.equal(made.asked.length, 1);
});

test("verdicts come while it follows, and the last ones with the end", async (t) => {
    const made = await server(t);
    const verdicts = (verdict: "pending" | "violated"): PageServer["verdicts"] => ({ verdict, expectations: [{ name: "it runs", verdict,
        passLost: false, reason: `it is ${verdict}`, assumptions: [], clauses: [], track: "status",
        subject: { kind: "Pod", namespace: "a", name: "web", uid: `uid-${WEB}` } }] });
    made.verdicts = verdicts("pending");
    made.push(answer(10, [{ subject: WEB, at: START + S, from: null, to: "Pending" }]));
    const page = await visit(t, await browser(t), made.url);
    await page.locator("button.verdict-button", { hasText: "pending" }).waitFor();
    await page.keyboard.press("v");
    await page.locator("#side", { hasText: "it is pending" }).waitFor();
    made.push(answer(20, [], { ended: true, verdicts: verdicts("violated") }));
    await page.locator("#side", { hasText: "it is violated" }).waitFor();
    await page.locator("button.verdict-button", { hasText: "violated" }).waitFor();
    await page.locator(".row.expected", { hasText: "it runs" }).waitFor();
});

test("a server that goes is told, with when it is asked again", async (t) => {
    const made = await server(t);
    made.push(answer(10, [{ subject: WEB, at: START + S, from: null, to: "Pending" }]));
    const page = await (await browser(t)).newPage();
    await page.goto(made.url);
    await page.waitForSelector("html[data-ready]");
    await made.stop();
    await page.locator(".notice", { hasText: /The server cannot be reached. What is shown ends at 18:09:30/ }).waitFor();
});

test("what is not followed is not drawn as a state that goes on, and a banner says what and why until it is followed again", async (t) => {
    const made = await server(t);
    const entries: Entry[] = [{ subject: WEB, at: START, from: null, to: "Running", seq: 3 }];
    const watches = (outage?: { since: number; why: string }): ReturnType<typeof head>["watches"] =>
        [{ resource: "pods", kind: "Pod", ...(outage ? { outage } : {}) }, { resource: "nodes", kind: "Node" }];
    made.push({ head: head({ last: START + 10 * S, open: true, watches: watches() }), chunk: chunk(entries) });
    const page = await visit(t, await browser(t), made.url);
    await page.waitForSelector("html[data-ready]");
    assert.equal(await page.locator(".notice").count(), 0);
    await page.keyboard.press("w");
    made.push({ head: head({ last: START + 60 * S, open: true, watches: watches({ since: START + 20 * S, why: "no answer: connection refused" }) }), chunk: chunk([]) });
    await page.locator(".notice", { hasText: "Not followed since 18:09:40: Pod (no answer: connection refused)." }).waitFor();
    await page.keyboard.press("f");
    await settled(page);
    const row = (await page.locator(".row.track").first().boundingBox())!;
    const plot = (await page.locator("#plot").boundingBox())!;
    const colors = async (seconds: number): Promise<number> =>
        new Set((await pixels(page, (seconds + 1.2) / 63 * plot.width, row.y - plot.y + 5, 30, 1)).map(String)).size;
    assert.equal(await colors(12), 1);
    assert.ok(await colors(50) > 1);
    await page.mouse.move(plot.x + plot.width * 0.8, row.y + 12);
    await page.locator("#tooltip", { hasText: "Not followed since 18:09:40" }).waitFor();
    made.push({ head: head({ last: START + 60 * S, open: true, watches: watches() }), chunk: chunk([]) });
    await page.locator(".notice").waitFor({ state: "detached" });
    await settled(page);
    assert.equal(await colors(50), 1);
});

test("an answer that cannot be read is told as that, and everything is asked for again", async (t) => {
    const made = await server(t);
    made.push(answer(10, [{ subject: WEB, at: START + S, from: null, to: "Pending" }]));
    const page = await visit(t, await browser(t), made.url);
    await page.waitForSelector("html[data-ready]");
    const broken = chunk([{ subject: WEB, at: START + 2 * S, from: "Pending", to: "Running" }]);
    broken.entries.to[0] = 99;
    made.push({ head: head({ last: START + 12 * S, open: true }), chunk: broken });
    await page.locator(".notice", { hasText: "The answer cannot be shown: the data is damaged: entry 0 names to 99" }).waitFor();
    await page.locator("#facts", { hasText: "1 transition" }).waitFor();
    for (let i = 0; made.asked.filter((query) => !query.includes("after=")).length < 2 && i < 300; i++) await page.waitForTimeout(20);
    assert.ok(made.asked.filter((query) => !query.includes("after=")).length >= 2);
});

test("when the server goes, states are not drawn past its last answer", async (t) => {
    const made = await server(t);
    made.push(answer(30, [{ subject: WEB, at: START, from: null, to: "Running" }]));
    const page = await (await browser(t)).newPage();
    await page.goto(made.url);
    await page.waitForSelector("html[data-ready]");
    await made.stop();
    await page.locator(".notice", { hasText: "What is shown ends at 18:09:50" }).waitFor();
    await settled(page);
    const row = (await page.locator(".row.track").first().boundingBox())!;
    const plot = (await page.locator("#plot").boundingBox())!;
    const at = async (seconds: number): Promise<string> => String(await pixels(page, (seconds + 0.6) / 31.5 * plot.width, row.y - plot.y + 5, 1, 1));
    assert.notEqual(await at(15), await at(30.6));
    assert.equal(await at(30.6), "255,255,255");
});

test("a page that lost its server does not say that it is live, and says so of states that still hold", async (t) => {
    const made = await server(t);
    made.push(answer(30, [{ subject: WEB, at: START, from: null, to: "Running" }]));
    const page = await (await browser(t)).newPage();
    await page.goto(made.url);
    await page.waitForSelector("html[data-ready]");
    const live = page.locator("button.live");
    assert.equal(await live.innerText(), "Live");
    assert.equal(await page.title(), "live · statetrail");
    await page.locator(".row.track").first().click();
    await page.keyboard.press("Enter");
    assert.match(await page.locator("#side").innerText(), /Until\s+still so at 18:09:50.000\s+Lasted\s+at least 30.0s so far/);
    await made.stop();
    await page.locator("button.live.lost", { hasText: "Lost" }).waitFor();
});

test("of what the server no longer holds, nothing is claimed", async (t) => {
    const made = await server(t);
    made.push({ ...answer(60, [{ subject: "Pod/a/db", at: START + 20 * S, from: null, to: "Running" },
        { subject: WEB, at: START + 40 * S, from: "Pending", to: "Running" }]), missed: 12 });
    const page = await visit(t, await browser(t), made.url);
    await page.waitForSelector("html[data-ready]");
    await page.locator(".notice", { hasText: "12 entries before these are no longer held by the server." }).waitFor();
    assert.match(await page.locator("#facts").innerText(), /no gap since 18:09:40/);
    await settled(page);
    const row = (await page.locator(".row.object").filter({ hasText: "web" }).boundingBox())!;
    const plot = (await page.locator("#plot").boundingBox())!;
    const colors = async (x: number): Promise<number> => new Set((await pixels(page, x, row.y - plot.y + 8, 20, 1)).map(String)).size;
    assert.ok(await colors(10) > 1);
    assert.ok(await colors(plot.width * 0.3) > 1);
    assert.equal(await colors(plot.width * 0.8), 1);
    await page.mouse.move(plot.x + plot.width * 0.3, row.y + 10);
    await page.locator("#tooltip", { hasText: "It was Pending until 18:10:00.000; since when is no longer held by the server." }).waitFor();
    // What was shown is not continued if something between is missing.
    made.push({ ...answer(90, [{ subject: WEB, at: START + 80 * S, from: "Failed", to: "Succeeded" }]), missed: 5 });
    await page.locator(".notice", { hasText: "19 entries before these are no longer held by the server." }).waitFor();
    assert.match(await page.locator("#facts").innerText(), /1 transition/);
});
