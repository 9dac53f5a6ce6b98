// Typed arrays that grow: the entries of the timeline, column by column.

import type { Version } from "../data/format";

export class Columns {
    length = 0;
    type = new Uint8Array(0);
    seen = new Uint8Array(0);
    seq = new Float64Array(0);
    at = new Float64Array(0);
    since = new Float64Array(0);
    subject = new Int32Array(0);
    track = new Int32Array(0);
    from = new Int32Array(0);
    to = new Int32Array(0);
    version: Version[] = [];

    reserve(more: number): void {
        const wanted = this.length + more;
        if (wanted <= this.type.length) return;
        const size = this.length === 0 ? wanted : Math.max(wanted, this.type.length * 2);
        const grow = <T extends Uint8Array | Float64Array | Int32Array>(old: T, empty: T): T => {
            empty.set(old);
            return empty;
        };
        this.type = grow(this.type, new Uint8Array(size));
        this.seen = grow(this.seen, new Uint8Array(size));
        this.seq = grow(this.seq, new Float64Array(size));
        this.at = grow(this.at, new Float64Array(size));
        this.since = grow(this.since, new Float64Array(size));
        this.subject = grow(this.subject, new Int32Array(size));
        this.track = grow(this.track, new Int32Array(size));
        this.from = grow(this.from, new Int32Array(size));
        this.to = grow(this.to, new Int32Array(size));
    }
}
