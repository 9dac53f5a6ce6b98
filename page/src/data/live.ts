// Follows a server: asks page/timeline again and again, each request bounded, with growing pauses after failures.

import type { Page } from "./format";

export type Connection =
    | { kind: "connecting" }
    | { kind: "following" }
    | { kind: "ended" }
    | { kind: "lost"; why: string; seconds: number }
    | { kind: "token"; refused: boolean };

const WAIT_SECONDS = 10;
const PATIENCE_SECONDS = 30;

export class Live {
    private token: string;
    private stopped = false;
    private wake: (() => void) | null = null;

    constructor(
        token: string,
        private readonly onPage: (page: Page) => void,
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
        let failures = 0;
        this.onConnection({ kind: "connecting" });
        while (!this.stopped) {
            try {
                const query: string = after === null ? "" : `?after=${encodeURIComponent(after)}&wait=${WAIT_SECONDS}s`;
                const response = await this.get(`page/timeline${query}`);
                if (response.status === 401) {
                    this.onConnection({ kind: "token", refused: this.token !== "" });
                    await this.pause(null);
                    continue;
                }
                if (!response.ok) throw new Error(`the server answered ${response.status} ${response.statusText}`.trim());
                const page = await response.json() as Page;
                failures = 0;
                this.onPage(page);
                after = page.next;
                if (page.ended && !page.more) {
                    this.onConnection({ kind: "ended" });
                    return;
                }
                this.onConnection({ kind: "following" });
            } catch (error) {
                failures++;
                const seconds = Math.min(30, 2 ** Math.min(failures - 1, 5));
                this.onConnection({ kind: "lost", why: reason(error), seconds });
                await this.pause(seconds * 1000);
            }
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

function reason(error: unknown): string {
    if (error instanceof DOMException && error.name === "TimeoutError") return "the server did not answer in time";
    if (error instanceof TypeError) return "the server cannot be reached";
    return error instanceof Error ? error.message : String(error);
}
