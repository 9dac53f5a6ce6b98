// Text from outside, safe to show: characters that change the direction of writing, are invisible or control something are
// written as code points, as the command does.

// Those of `printable` in the program: control characters, Default_Ignorable_Code_Point, separators of lines, annotations,
// and noncharacters.
const HIDDEN = new RegExp("[\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f" +
    "\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufffb\\u{1bca0}-\\u{1bca3}\\u{1d173}-\\u{1d17a}" +
    "\\u{e0000}-\\u{e0fff}\\ufffe\\uffff" +
    Array.from({ length: 16 }, (_, plane) => `\\u{${(plane + 1).toString(16)}fffe}\\u{${(plane + 1).toString(16)}ffff}`).join("") + "]", "gu");

// Most texts: the search above costs much more.
const PLAIN = /^[ -~]*$/;

/** `rtl-\u{202e}evil`. */
export function printable(text: string): string {
    return PLAIN.test(text) ? text : text.replace(HIDDEN, (found) => `\\u{${found.codePointAt(0)!.toString(16)}}`);
}

/** The same of a message, which may have lines. */
export function printableLines(text: string): string {
    return PLAIN.test(text) ? text : text.replace(HIDDEN, (found) => found === "\n" || found === "\t" ? found : printable(found));
}

/** All strings of a value, with their lines. */
export function printableWithin<T>(value: T): T {
    if (typeof value === "string") return printableLines(value) as T;
    if (Array.isArray(value)) return value.map((item: unknown) => printableWithin(item)) as T;
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, printableWithin<unknown>(item)])) as T;
}
