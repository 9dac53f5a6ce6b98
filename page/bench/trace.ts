// What the browser itself says about frames: the trace that its performance panel reads.

import type { CDPSession, Page } from "playwright-core";

interface TraceEvent {
    name: string;
    ph: string;
    ts: number;
    dur?: number;
    /** What the thread itself computed: on a busy machine less than it took. */
    tdur?: number;
    tid: number;
    pid: number;
    args?: { data?: { type?: string } };
}

export interface Frames {
    count: number;
    /** Milliseconds of main-thread work of each frame: input, scripts, style, layout and paint. */
    median: number;
    p95: number;
    worst: number;
    /** Share of frames whose work took less than 16 ms. */
    within16: number;
    cpuMedian: number;
    cpuWithin16: number;
}

export async function traced(page: Page, action: () => Promise<void>): Promise<TraceEvent[]> {
    const session: CDPSession = await page.context().newCDPSession(page);
    const events: TraceEvent[] = [];
    session.on("Tracing.dataCollected", ({ value }) => {
        events.push(...value as unknown as TraceEvent[]);
    });
    const done = new Promise<void>((resolve) => {
        session.once("Tracing.tracingComplete", () => { resolve(); });
    });
    await session.send("Tracing.start", { transferMode: "ReportEvents",
        traceConfig: { includedCategories: ["devtools.timeline", "disabled-by-default-devtools.timeline", "toplevel"] } });
    await action();
    await session.send("Tracing.end");
    await done;
    await session.detach();
    return events;
}

/** Tasks of the page's main thread, added up from one frame's begin to the next. */
export function frames(events: TraceEvent[]): Frames {
    const fired = events.filter((event) => event.name === "FireAnimationFrame");
    const main = fired[0];
    if (!main) throw new Error("the trace has no frame");
    const tasks = events.filter((event) => event.tid === main.tid && event.pid === main.pid && event.ph === "X" && event.dur !== undefined &&
        event.name === "RunTask").sort((a, b) => a.ts - b.ts);
    const work: number[] = [];
    const cpu: number[] = [];
    let since = 0;
    for (const frame of fired.sort((a, b) => a.ts - b.ts)) {
        // The task in which the frame was made, and the tasks since the one before.
        let sum = 0;
        let computed = 0;
        let end = frame.ts;
        for (const task of tasks) {
            if (task.ts < since || task.ts > frame.ts) continue;
            sum += task.dur!;
            computed += task.tdur ?? task.dur!;
            end = Math.max(end, task.ts + task.dur!);
        }
        if (end <= since) continue;
        since = end;
        work.push(sum / 1000);
        cpu.push(computed / 1000);
    }
    work.sort((a, b) => a - b);
    cpu.sort((a, b) => a - b);
    const at = (share: number): number => work[Math.min(work.length - 1, Math.floor(work.length * share))] ?? NaN;
    return { count: work.length, median: at(0.5), p95: at(0.95), worst: work.at(-1) ?? NaN,
        within16: work.filter((ms) => ms < 16).length / work.length,
        cpuMedian: cpu[cpu.length >> 1] ?? NaN, cpuWithin16: cpu.filter((ms) => ms < 16).length / cpu.length };
}
