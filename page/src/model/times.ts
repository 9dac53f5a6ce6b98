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

export type Rounding = "nearest" | "down" | "up";

/** As the command writes them: 16ms, 2.84s, 14.0s, 1m45s, 27h02m; what is below a millisecond, exactly. */
export function duration(micros: number, rounding: Rounding = "nearest"): string {
    if (micros === Infinity) return "any time";
    const us = Math.round(Math.abs(micros));
    const sign = micros < 0 ? "-" : "";
    if (us < 1000) return us === 0 ? "0ms" : `${sign}${us}µs`;
    const of = (unit: number): number => {
        const units = us / unit;
        return rounding === "down" ? Math.floor(units) : rounding === "up" ? Math.ceil(units) : Math.floor(units + 0.5);
    };
    if (of(1000) < 100) return `${sign}${of(1000)}ms`;
    const hundredths = of(10_000);
    if (hundredths < 1000) return `${sign}${Math.floor(hundredths / 100)}.${pad(hundredths % 100)}s`;
    const tenths = of(100_000);
    if (tenths < 600) return `${sign}${Math.floor(tenths / 10)}.${tenths % 10}s`;
    const seconds = of(1e6);
    if (seconds < 3600) return `${sign}${Math.floor(seconds / 60)}m${pad(seconds % 60)}s`;
    const minutes = of(60e6);
    return `${sign}${Math.floor(minutes / 60)}h${pad(minutes % 60)}m`;
}

/** +1.796s since the start, as the command writes it. */
export function elapsed(micros: number): string {
    const ms = Math.floor(Math.abs(micros) / 1000);
    return `${micros < 0 ? "-" : "+"}${Math.floor(ms / 1000)}.${pad(ms % 1000, 3)}s`;
}

/** With all that was measured: 0.230512 s. */
export function exactDuration(micros: number): string {
    const s = (Math.abs(micros) / 1e6).toFixed(6).replace(/0{1,3}$/, "");
    return `${micros < 0 ? "-" : ""}${s} s`;
}

/** "0.23s", "0.20s to 1.40s", "at most 0.90s", "at least 5.00s": no bound is closer than it is known. */
export function bounds(min: number, max: number): string {
    if (max === Infinity) return min <= 0 ? "not known" : `at least ${duration(min, "down")}`;
    if (min === max) return duration(min);
    return min <= 0 ? `at most ${duration(max, "up")}` : `${duration(min, "down")} to ${duration(max, "up")}`;
}

/** The time of day, with the date if it is another one than that of `first`. */
export function clockAfter(at: number, first: number, zone: Zone, decimals = 3): string {
    return date(at, zone) === date(first, zone) ? clock(at, zone, decimals) : dateTime(at, zone, decimals);
}

/** Of RFC 3339 with six digits of the second: microseconds. */
export function parse(text: string): number {
    const match = /^(.*:\d\d)(?:\.(\d{1,6})\d*)?Z$/.exec(text);
    if (!match) return NaN;
    return Date.parse(`${match[1]}Z`) * 1000 + Number((match[2] ?? "").padEnd(6, "0"));
}
