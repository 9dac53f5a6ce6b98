// Times and durations as text. Recordings have microseconds; Date has milliseconds, so the rest is kept apart.

export type Zone = "utc" | "local";

const pad = (n: number, width = 2): string => String(n).padStart(width, "0");

export interface Fields {
    year: number;
    month: number;
    day: number;
    hour: number;
    minute: number;
    second: number;
    micro: number;
}

export function fields(at: number, zone: Zone): Fields {
    const ms = Math.floor(at / 1000);
    const d = new Date(ms);
    const micro = Math.round(at - ms * 1000) + (zone === "utc" ? d.getUTCMilliseconds() : d.getMilliseconds()) * 1000;
    return zone === "utc"
        ? { year: d.getUTCFullYear(), month: d.getUTCMonth() + 1, day: d.getUTCDate(), hour: d.getUTCHours(),
            minute: d.getUTCMinutes(), second: d.getUTCSeconds(), micro }
        : { year: d.getFullYear(), month: d.getMonth() + 1, day: d.getDate(), hour: d.getHours(),
            minute: d.getMinutes(), second: d.getSeconds(), micro };
}

/** Microseconds to add to UTC at that moment. */
export function offset(at: number, zone: Zone): number {
    return zone === "utc" ? 0 : -new Date(at / 1000).getTimezoneOffset() * 60e6;
}

export function date(at: number, zone: Zone): string {
    const f = fields(at, zone);
    return `${pad(f.year, 4)}-${pad(f.month)}-${pad(f.day)}`;
}

/** 18:09:22.759, with as many decimals as asked. */
export function clock(at: number, zone: Zone, decimals = 3): string {
    const f = fields(at, zone);
    const base = `${pad(f.hour)}:${pad(f.minute)}:${pad(f.second)}`;
    return decimals === 0 ? base : `${base}.${pad(f.micro, 6).slice(0, decimals)}`;
}

export function dateTime(at: number, zone: Zone, decimals = 3): string {
    return `${date(at, zone)} ${clock(at, zone, decimals)}`;
}

export function zoneName(at: number, zone: Zone): string {
    if (zone === "utc") return "UTC";
    const minutes = Math.round(offset(at, zone) / 60e6);
    const sign = minutes < 0 ? "-" : "+";
    return `UTC${sign}${pad(Math.floor(Math.abs(minutes) / 60))}:${pad(Math.abs(minutes) % 60)}`;
}

/** As the command writes them: 16ms, 2.84s, 14.0s, 1m45s, 3h02m, 2d04h. */
export function duration(micros: number): string {
    if (micros === Infinity) return "any time";
    const sign = micros < 0 ? "-" : "";
    const us = Math.abs(micros);
    if (us < 1000) return us === 0 ? "0s" : `${sign}${Math.round(us)}µs`;
    if (us < 99_500) return `${sign}${Math.round(us / 1000)}ms`;
    const s = us / 1e6;
    if (s < 9.995) return `${sign}${s.toFixed(2)}s`;
    if (s < 59.95) return `${sign}${s.toFixed(1)}s`;
    const seconds = Math.round(s);
    if (seconds < 3600) return `${sign}${Math.floor(seconds / 60)}m${pad(seconds % 60)}s`;
    const minutes = Math.round(s / 60);
    if (minutes < 1440) return `${sign}${Math.floor(minutes / 60)}h${pad(minutes % 60)}m`;
    const hours = Math.round(s / 3600);
    return `${sign}${Math.floor(hours / 24)}d${pad(hours % 24)}h`;
}

/** With all that was measured: 0.230512 s. */
export function exactDuration(micros: number): string {
    const s = (Math.abs(micros) / 1e6).toFixed(6).replace(/0{1,3}$/, "");
    return `${micros < 0 ? "-" : ""}${s} s`;
}

/** "0.23s", "0.20s to 1.40s", "at least 5.00s". */
export function bounds(min: number, max: number): string {
    if (max === Infinity) return min <= 0 ? "not known" : `at least ${duration(min)}`;
    const from = duration(min);
    const to = duration(max);
    return min === max || from === to ? (min === max ? from : `about ${from}`) : `${from} to ${to}`;
}

/** Of RFC 3339 with six digits of the second: microseconds. */
export function parse(text: string): number {
    const match = /^(.*:\d\d)(?:\.(\d{1,6})\d*)?Z$/.exec(text);
    if (!match) return NaN;
    return Date.parse(`${match[1]}Z`) * 1000 + Number((match[2] ?? "").padEnd(6, "0"));
}
