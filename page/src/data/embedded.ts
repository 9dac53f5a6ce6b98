// The data that Rust put into this file: base64 of gzip of JSON, in elements that are no scripts.

import type { Document } from "./format";

function unpack(base64: string): Response {
    const quick = (Uint8Array as { fromBase64?: (text: string) => Uint8Array<ArrayBuffer> }).fromBase64;
    if (quick) return gzip(quick(base64.trim()));
    const binary = atob(base64.trim());
    const bytes = new Uint8Array(binary.length);
    for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
    return gzip(bytes);
}

function gzip(bytes: Uint8Array<ArrayBuffer>): Response {
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip")));
}

export async function gunzip(base64: string): Promise<string> {
    return unpack(base64).text();
}

/** Null: the page has no data of its own, and asks its server. */
export async function embedded(): Promise<Document | null> {
    const element = document.getElementById("timeline");
    if (!element) return null;
    const text = element.textContent;
    element.textContent = "";
    return await unpack(text).json() as Document;
}
