// Reads state diagrams, the files of the arguments, with Mermaid's own parser, and prints one line of JSON for each: the
// title, states and edges that Mermaid draws. Fails for what it does not take.
import { readFileSync } from "node:fs";
import { JSDOM } from "jsdom";

// Mermaid cleans labels in a document.
const { window } = new JSDOM("");
globalThis.window = window;
globalThis.document = window.document;
const { default: mermaid } = await import("mermaid");

// Entities as they are shown: Mermaid keeps `#35;` in its own notation until it draws.
const shown = (text) => {
  const html = text.replaceAll("ﬂ°°", "&#").replaceAll("ﬂ°", "&").replaceAll("¶ß", ";");
  const field = window.document.createElement("textarea");
  field.innerHTML = html;
  return field.value;
};

for (const file of process.argv.slice(2)) {
  try {
    const text = readFileSync(file, "utf8");
    await mermaid.parse(text);
    const diagram = await mermaid.mermaidAPI.getDiagramFromText(text);
    if (diagram.type !== "stateDiagram") throw new Error(`it is a ${diagram.type}`);
    const drawn = diagram.db.getData();
    const isNamed = ({ shape }) => shape !== "stateStart" && shape !== "stateEnd";
    const states = drawn.nodes.map((node) => ({
      id: node.id,
      lines: isNamed(node) ? [node.label, ...(node.description ?? [])].map(shown) : [],
      classes: node.cssClasses.split(" "),
      within: node.parentId ?? null,
    }));
    const edges = drawn.edges.map((edge) => ({ from: edge.start, to: edge.end, label: edge.label }));
    console.log(JSON.stringify({ title: diagram.db.getDiagramTitle(), states, edges }));
  } catch (error) {
    console.error(`read-mermaid: ${file}: ${error.message}`);
    process.exit(1);
  }
}
