// Where the time axis has its ticks: at round times of the zone, from a microsecond to years.

import { clock, date, fields, offset, type Zone } from "./times";

const SECOND = 1e6;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS = [
    1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5,
    SECOND, 2 * SECOND, 5 * SECOND, 10 * SECOND, 15 * SECOND, 30 * SECOND,
    MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE,
    HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR,
    DAY, 2 * DAY, 7 * DAY, 14 * DAY, 28 * DAY, 91 * DAY, 182 * DAY, 364 * DAY,
];

export interface Tick {
    at: number;
    label: string;
    /** It begins a minute, an hour or a day, whichever is next above the step. */
    major: boolean;
}

export function stepFor(span: number, width: number, gap = 92): number {
    const wanted = span * gap / Math.max(1, width);
    return STEPS.find((step) => step >= wanted) ?? STEPS.at(-1)! * Math.ceil(wanted / STEPS.at(-1)!);
}

export function ticks(from: number, to: number, width: number, zone: Zone): Tick[] {
    const step = stepFor(to - from, width);
    const list: Tick[] = [];
    const shift = offset(from, zone);
    const larger = step < SECOND ? SECOND : step < MINUTE ? MINUTE : step < HOUR ? HOUR : DAY;
    for (let at = Math.ceil((from + shift) / step) * step; at - shift <= to && list.length < 500; at += step) {
        const moment = at - shift;
        list.push({ at: moment, label: tickLabel(moment, step, zone), major: at % larger === 0 });
    }
    return list;
}

export function tickLabel(at: number, step: number, zone: Zone): string {
    if (step >= DAY) return date(at, zone);
    const f = fields(at, zone);
    if (f.hour === 0 && f.minute === 0 && f.second === 0 && f.micro === 0) return date(at, zone);
    if (step >= MINUTE) return clock(at, zone, 0).slice(0, 5);
    if (step >= SECOND) return clock(at, zone, 0);
    const decimals = Math.max(1, 6 - Math.floor(Math.log10(step) + 1e-9));
    return f.micro === 0 ? clock(at, zone, 0) : `.${clock(at, zone, 6).slice(9, 9 + decimals)}`;
}
