// Follows a server: asks page/timeline again and again, each request bounded, with growing pauses after failures.

import type { Page, Verdicts } from "./format";

export type Connection =
    | { kind: "connecting" }
    | { kind: "following" }
    | { kind: "ended" }
    | { kind: "lost"; why: string; seconds: number }
    | { kind: "token"; refused: boolean };

const WAIT_SECONDS = 10;
const PATIENCE_SECONDS = 30;
/** So often verdicts are asked for at most, while entries come. */
const VERDICTS_MS = 2000;

export class Live {
    private token: string;
    private stopped = false;
    private wake: (() => void) | null = null;
    private judgedAt = -Infinity;
    private judged = "null";
    /** By its name the server knows that it asks again, and waits with its end for that. */
    private readonly name = Math.random().toString(36).slice(2);

    constructor(
        token: string,
        private readonly onPage: (page: Page) => void,
        private readonly onVerdicts: (verdicts: Verdicts | null) => void,
        private readonly onConnection: (connection: Connection) => void,
    ) {
        this.token = token;
    }

    get = (path: string): Promise<Response> => fetch(path, {
        headers: this.token === "" ? {} : { Authorization: `Bearer ${this.token}` },
        signal: AbortSignal.timeout(PATIENCE_SECONDS * 1000),
        cache: "no-store",
    });

    useToken(token: string): void {
        this.token = token;
        this.wake?.();
    }

    retry(): void {
        this.wake?.();
    }

    stop(): void {
        this.stopped = true;
        this.wake?.();
    }

    async follow(): Promise<void> {
        let after: string | null = null;
        let outages: string | null = null;
        let failures = 0;
        let began = false;
        this.onConnection({ kind: "connecting" });
        while (!this.stopped) {
            let page: Page;
            try {
                const query = new URLSearchParams({ follower: this.name });
                if (after !== null) {
                    query.set("after", after);
                    query.set("wait", `${WAIT_SECONDS}s`);
                    if (outages !== null) query.set("outages", outages);
                }
                const response = await this.reach(`page/timeline?${query.toString()}`);
                if (response.status === 401) {
                    this.onConnection({ kind: "token", refused: this.token !== "" });
                    await this.pause(null);
                    continue;
                }
                if (!response.ok) throw new Trouble(`the server answered ${`${response.status} ${response.statusText}`.trim()}`);
                page = await read(response);
                // After an answer that could not be used, everything comes again.
                if (after === null && began) page.reset = true;
                began = true;
                after = null;
                this.onPage(page);
                after = page.next;
                outages = page.outages ?? null;
                if (page.verdicts) this.onVerdicts(page.verdicts);
                else if (!page.more && !page.ended) await this.judge();
            } catch (error) {
                failures++;
                const seconds = Math.min(30, 2 ** Math.min(failures - 1, 5));
                const why = error instanceof Trouble ? error.message
                    : `the answer cannot be shown: ${error instanceof Error ? error.message : String(error)}`;
                this.onConnection({ kind: "lost", why, seconds });
                await this.pause(seconds * 1000);
                continue;
            }
            failures = 0;
            if (page.ended && !page.more) {
                this.onConnection({ kind: "ended" });
                return;
            }
            this.onConnection({ kind: "following" });
        }
    }

    /** Asks for the verdicts, unless that was done just now. What is shown stays if there is no answer. */
    private async judge(): Promise<void> {
        const now = performance.now();
        if (now - this.judgedAt < VERDICTS_MS) return;
        this.judgedAt = now;
        const response = await this.get("page/verdicts").catch(() => null);
        const text = response?.ok ? await response.text().catch(() => this.judged) : this.judged;
        if (text === this.judged) return;
        this.judged = text;
        this.onVerdicts(JSON.parse(text) as Verdicts | null);
    }

    /** A request; what goes wrong before the answer begins is the connection's. */
    private async reach(path: string): Promise<Response> {
        try {
            return await this.get(path);
        } catch (error) {
            throw new Trouble(isLate(error) ? "the server did not answer in time" : "the server cannot be reached");
        }
    }

    private async pause(milliseconds: number | null): Promise<void> {
        await new Promise<void>((resolve) => {
            const timer = milliseconds === null ? undefined : setTimeout(resolve, milliseconds);
            this.wake = () => {
                clearTimeout(timer);
                resolve();
            };
        });
        this.wake = null;
    }
}

/** What is told as it is. */
class Trouble extends Error {}

async function read(response: Response): Promise<Page> {
    let text: string;
    try {
        text = await response.text();
    } catch (error) {
        throw new Trouble(isLate(error) ? "the answer did not come in time" : "the connection broke within an answer");
    }
    try {
        return JSON.parse(text) as Page;
    } catch {
        throw new Trouble("the answer is not JSON: is this the address of a statetrail server?");
    }
}

function isLate(error: unknown): boolean {
    return error instanceof DOMException && error.name === "TimeoutError";
}
