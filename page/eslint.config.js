import tseslint from "typescript-eslint";

export default tseslint.config(
    { ignores: ["node_modules", "dist", ".tests", ".browser", ".bench", "*.js"] },
    ...tseslint.configs.strictTypeChecked,
    ...tseslint.configs.stylisticTypeChecked,
    {
        languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
        rules: {
            // Numbers are what most of the page's texts are made of.
            "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
            // Typed arrays are read inside bounds that the loops keep.
            "@typescript-eslint/no-non-null-assertion": "off",
            "@typescript-eslint/prefer-for-of": "off",
            // test() of node:test returns a promise that the runner awaits.
            "@typescript-eslint/no-floating-promises": ["error", { allowForKnownSafeCalls: [
                { from: "package", package: "node:test", name: ["test", "describe"] }] }],
            eqeqeq: "error",
            "no-eval": "error",
            "no-restricted-properties": ["error",
                { property: "innerHTML", message: "Text of a recording is never HTML." },
                { property: "outerHTML", message: "Text of a recording is never HTML." },
                { property: "insertAdjacentHTML", message: "Text of a recording is never HTML." }],
        },
    },
);
