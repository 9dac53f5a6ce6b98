// The data that Rust put into this file: base64 of gzip of JSON, in elements that are no scripts.

import type { Document } from "./format";

export async function gunzip(base64: string): Promise<string> {
    const binary = atob(base64.trim());
    const bytes = new Uint8Array(binary.length);
    for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).text();
}

/** Null: the page has no data of its own, and asks its server. */
export async function embedded(): Promise<Document | null> {
    const element = document.getElementById("timeline");
    if (!element) return null;
    const text = element.textContent;
    element.textContent = "";
    return JSON.parse(await gunzip(text)) as Document;
}
