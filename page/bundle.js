// Builds dist/page.html from src/, and the tests. `--check` compares instead of writing.
import { build } from "esbuild";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

process.chdir(import.meta.dirname);
const LIMIT = 60 * 1024;

/** Each test file as one module that node runs as it is. */
async function tests(from, into) {
    const entryPoints = readdirSync(from).filter((name) => name.endsWith(".ts")).map((name) => `${from}/${name}`);
    await build({ entryPoints, outdir: into, bundle: true, platform: "node", format: "esm", packages: "external",
        target: "node20", sourcemap: "inline", logLevel: "warning" });
}

async function page() {
    // A file of ASCII alone is decoded several times as fast, and it has megabytes.
    const options = { bundle: true, minify: !process.env.READABLE, write: false, charset: "ascii", logLevel: "warning",
        target: ["chrome110", "firefox113", "safari16.4"] };
    const script = await build({ ...options, entryPoints: ["src/main.ts"], format: "iife" });
    const style = await build({ ...options, entryPoints: ["src/page.css"] });
    const text = (result) => result.outputFiles[0].text.trim();
    const parts = { script: text(script), style: text(style) };
    if (/<\/script|<!--/i.test(parts.script) || /<\/style/i.test(parts.style)) throw new Error("a part would end its element");
    const html = readFileSync("src/page.html", "utf8");
    return html.replace("/* style */", () => parts.style).replace("/* script */", () => parts.script);
}

if (process.argv.includes("--tests")) {
    await tests("test", ".tests");
    await tests("browser", ".browser");
    await tests("bench", ".bench");
} else {
    const html = await page();
    const size = gzipSync(html, { level: 9 }).length;
    if (size > LIMIT) throw new Error(`dist/page.html has ${size} bytes gzipped, more than ${LIMIT}`);
    if (process.argv.includes("--check")) {
        let kept = "";
        try { kept = readFileSync("dist/page.html", "utf8"); } catch { /* told below */ }
        if (kept !== html) {
            console.error("dist/page.html is not what the sources build: run `npm run build` in page/");
            process.exit(1);
        }
    } else {
        mkdirSync("dist", { recursive: true });
        writeFileSync("dist/page.html", html);
    }
    console.log(`dist/page.html: ${html.length} characters, ${size} bytes gzipped`);
}
