// The line between names and canvas, to be moved with the mouse or the arrow keys.

const LEAST = 100;
const MOST = 700;

export function splitter(handle: HTMLElement, stage: HTMLElement, onChange: () => void): void {
    const width = (): number => document.getElementById("names")?.getBoundingClientRect().width ?? 280;
    const set = (pixels: number): void => {
        const most = Math.min(MOST, stage.getBoundingClientRect().width - 120);
        const value = Math.round(Math.max(LEAST, Math.min(most, pixels)));
        stage.style.setProperty("--names", `${value}px`);
        handle.setAttribute("aria-valuenow", String(value));
        onChange();
    };
    handle.addEventListener("pointerdown", (event) => {
        handle.setPointerCapture(event.pointerId);
        event.preventDefault();
    });
    handle.addEventListener("pointermove", (event) => {
        if (handle.hasPointerCapture(event.pointerId)) set(event.clientX - stage.getBoundingClientRect().left);
    });
    handle.addEventListener("keydown", (event) => {
        if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
        event.preventDefault();
        set(width() + (event.key === "ArrowLeft" ? -20 : 20));
    });
}
