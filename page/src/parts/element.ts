// Elements, made without HTML: text from a recording is only ever text.

type Child = Node | string | null | undefined | false;

interface Properties {
    class?: string;
    text?: string;
    title?: string;
    id?: string;
    role?: string;
    type?: string;
    tabIndex?: number;
    aria?: Record<string, string>;
    on?: Record<string, (event: Event) => void>;
}

export function el<K extends keyof HTMLElementTagNameMap>(tag: K, properties: Properties = {}, ...children: Child[]):
    HTMLElementTagNameMap[K] {
    const element = document.createElement(tag);
    if (properties.class) element.className = properties.class;
    if (properties.text !== undefined) element.textContent = properties.text;
    if (properties.title) element.title = properties.title;
    if (properties.id) element.id = properties.id;
    if (properties.role) element.setAttribute("role", properties.role);
    if (properties.type) element.setAttribute("type", properties.type);
    if (properties.tabIndex !== undefined) element.tabIndex = properties.tabIndex;
    for (const [name, value] of Object.entries(properties.aria ?? {})) element.setAttribute(`aria-${name}`, value);
    for (const [name, listener] of Object.entries(properties.on ?? {})) element.addEventListener(name, listener);
    for (const child of children) if (child !== null && child !== undefined && child !== false) element.append(child);
    return element;
}

export function button(label: string, onClick: () => void, properties: Properties = {}): HTMLButtonElement {
    return el("button", { type: "button", text: label, ...properties, on: { click: onClick, ...properties.on } });
}

/** An element of page.html. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- page.html says which element it is
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
    const element = document.getElementById(id);
    if (!element) throw new Error(`page.html has no #${id}`);
    return element as T;
}

/** Setting what is set already would cost a layout. */
export function hide(element: HTMLElement, hidden: boolean): void {
    if (element.hidden !== hidden) element.hidden = hidden;
}
