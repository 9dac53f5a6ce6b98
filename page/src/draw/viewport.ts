// Which span of time the canvas shows, and how it moves. Times in microseconds, lengths in CSS pixels.

const MIN_SPAN = 20;

export class Viewport {
    from = 0;
    to = 1;
    width = 1;
    height = 1;
    /** What may be seen. */
    private first = 0;
    private last = 1;

    get span(): number {
        return this.to - this.from;
    }

    /** Microseconds per pixel. */
    get pixel(): number {
        return this.span / this.width;
    }

    x(at: number): number {
        return (at - this.from) / this.span * this.width;
    }

    time(x: number): number {
        return this.from + x / this.width * this.span;
    }

    /** The recording is [started, last]; a little room is left on both sides. */
    setLimits(started: number, last: number): void {
        const length = Math.max(last - started, 1e6);
        this.first = started - length * 0.02;
        this.last = Math.max(last, started + length) + length * 0.03;
    }

    get limits(): [number, number] {
        return [this.first, this.last];
    }

    fit(): void {
        this.from = this.first;
        this.to = this.last;
    }

    show(from: number, to: number): void {
        const most = this.last - this.first;
        const span = Math.min(Math.max(to - from, MIN_SPAN), most);
        const middle = (from + to) / 2;
        let start = middle - span / 2;
        start = Math.max(this.first, Math.min(start, this.last - span));
        this.from = start;
        this.to = start + span;
    }

    pan(pixels: number): void {
        const by = pixels * this.pixel;
        this.show(this.from + by, this.to + by);
    }

    /** The time at `x` stays where it is. */
    zoom(factor: number, x: number): void {
        const at = this.time(x);
        const span = Math.min(Math.max(this.span * factor, MIN_SPAN), this.last - this.first);
        const from = at - x / this.width * span;
        this.show(from, from + span);
    }

    /** Moves, without zooming, until the moment is well inside. */
    reveal(from: number, to = from): void {
        const margin = this.span * 0.12;
        if (from >= this.from + margin && to <= this.to - margin) return;
        if (to - from > this.span * 0.8) {
            if (from > this.to - margin || to < this.from + margin) this.show(from - margin, from - margin + this.span);
            return;
        }
        const middle = (from + to) / 2;
        this.show(middle - this.span / 2, middle + this.span / 2);
    }

    /** So that the span fills about a third. */
    focus(from: number, to: number): void {
        const length = Math.max(to - from, 1000);
        this.show(from - length, to + length);
    }
}
