import js from "@eslint/js";
import boundaries from "eslint-plugin-boundaries";
import tseslint from "typescript-eslint";

const el = (type, captured) => ({ element: captured ? { type, captured } : { type } });
const samePackage = { pkg: "{{from.element.captured.pkg}}" };
const sameApp = { app: "{{from.element.captured.app}}" };
const outside = (...origin) => ({ module: { origin } });

/** npm packages a core may import: they do no I/O of their own. */
const pureLibraries = ["zod", "@xterm/headless", "toml", "yaml", "js-yaml"];

/** The only imports from one package into another. */
const libraryEdges = [
  ["preflight", "dialog-engine"], // it drives the CLI's dialogs
  ["preflight", "claude-state-probe"], // it proves trust from Claude's own state
  ["preflight", "codex-overrides"], // it hands Codex its trust at launch
];

/** What a core may not reach although it needs no import: time and chance come in as arguments. */
const impureGlobals = [
  {
    selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
    message: "A core has no clock: take the time as an argument.",
  },
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: "A core has no clock: take the time as an argument.",
  },
  {
    selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']",
    message: "A core has no randomness: take it as an argument.",
  },
];

export default tseslint.config(
  { ignores: ["**/dist/**", "**/node_modules/**", "test-fixtures/**", ".results/**"] },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  {
    files: ["packages/*/src/**/*.ts", "internal/*/src/**/*.ts", "apps/*/src/**/*.ts"],
    plugins: { boundaries },
    settings: {
      "import/resolver": { typescript: { conditionNames: ["@nc/source", "import", "default"] } },
      // The first match wins: node and testing stand before core.
      "boundaries/elements": [
        { type: "std", pattern: "internal/std/src" },
        { type: "node", pattern: "packages/*/src/node", capture: ["pkg"] },
        { type: "testing", pattern: "packages/*/src/testing", capture: ["pkg"] },
        { type: "core", pattern: "packages/*/src", capture: ["pkg"] },
        { type: "app", pattern: "apps/*/src", capture: ["app"] },
      ],
      "boundaries/files": [{ category: "test", pattern: "**/*.test.ts" }],
    },
    rules: {
      "boundaries/no-unknown-files": "error",
      "boundaries/no-unknown-dependencies": "error",
      "boundaries/dependencies": [
        "error",
        {
          default: "disallow",
          checkAllOrigins: true,
          policies: [
            // What every package needs: bundled into each, so that nobody installs it.
            { from: { element: { type: ["std", "core", "testing", "node", "app"] } }, allow: { to: el("std") } },
            { from: el("std"), allow: { to: { module: { origin: "external", source: ["fastest-levenshtein"] } } } },
            { from: el("core"), allow: { to: el("core", samePackage) } },
            ...pureLibraries.map((source) => ({
              from: el("core"),
              allow: { to: { module: { origin: "external", source } } },
            })),
            ...libraryEdges.map(([from, to]) => ({
              from: { element: { captured: { pkg: from } } },
              allow: { to: el("core", { pkg: to }) },
            })),
            ...libraryEdges.map(([from, to]) => ({
              from: el("node", { pkg: from }),
              allow: { to: el("node", { pkg: to }) },
            })),
            { from: el("testing"), allow: { to: [el("core", samePackage), el("testing", samePackage)] } },
            {
              from: el("testing"),
              allow: { to: { module: { origin: "external", source: ["vitest", ...pureLibraries] } } },
            },
            { from: el("node"), allow: { to: [el("core", samePackage), el("node", samePackage)] } },
            { from: el("app"), allow: { to: [el("core"), el("node"), el("app", sameApp)] } },
            { from: el("node"), allow: { to: outside("core", "external") } },
            { from: el("app"), allow: { to: outside("core", "external") } },
            {
              from: { file: { categories: "test" } },
              allow: {
                to: [el("node", samePackage), el("testing", samePackage), outside("core", "external")],
              },
            },
            {
              from: { file: { categories: "test" }, element: { captured: { pkg: "preflight" } } },
              allow: { to: el("testing", { pkg: "dialog-engine" }) },
            },
            {
              from: { file: { categories: "test" }, element: { type: "app" } },
              allow: { to: [el("testing", { pkg: "dialog-engine" }), el("testing", { pkg: "cli-scope" })] },
            },
          ],
        },
      ],
      "no-restricted-imports": [
        "error",
        { patterns: [{ group: ["../../*"], message: "This path leaves the package: import it by name." }] },
      ],
    },
  },
  {
    files: ["packages/*/src/**/*.ts"],
    ignores: ["packages/*/src/node/**", "**/*.test.ts"],
    rules: { "no-restricted-syntax": ["error", ...impureGlobals] },
  },
  {
    files: ["**/*.{js,mjs}"],
    languageOptions: {
      globals: {
        process: "readonly",
        console: "readonly",
        URL: "readonly",
        setTimeout: "readonly",
        performance: "readonly",
      },
    },
  },
);
