// Rectangles, collected by color and drawn at once: changing the color is what costs. Neighbors of one color become one.

export class Batch {
    private data = new Float32Array(1024);
    private length = 0;

    clear(): void {
        this.length = 0;
    }

    get count(): number {
        return this.length >> 2;
    }

    add(x: number, y: number, width: number, height: number): void {
        const n = this.length;
        const { data } = this;
        if (n >= 4 && data[n - 3] === y && data[n - 1] === height) {
            const right = data[n - 4]! + data[n - 2]!;
            if (x <= right && x >= data[n - 4]!) {
                data[n - 2] = Math.max(right, x + width) - data[n - 4]!;
                return;
            }
        }
        this.push(x, y, width, height);
    }

    push(x: number, y: number, width: number, height: number): void {
        if (this.length + 4 > this.data.length) {
            const larger = new Float32Array(this.data.length * 2);
            larger.set(this.data);
            this.data = larger;
        }
        const n = this.length;
        this.data[n] = x;
        this.data[n + 1] = y;
        this.data[n + 2] = width;
        this.data[n + 3] = height;
        this.length = n + 4;
    }

    fill(context: CanvasRenderingContext2D, color: string | CanvasPattern): void {
        if (this.length === 0) return;
        context.fillStyle = color;
        const { data, length } = this;
        for (let n = 0; n < length; n += 4) context.fillRect(data[n]!, data[n + 1]!, data[n + 2]!, data[n + 3]!);
    }
}
