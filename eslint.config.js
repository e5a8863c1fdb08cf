import js from "@eslint/js";
import boundaries from "eslint-plugin-boundaries";
import tseslint from "typescript-eslint";
import { bundledEdges, libraryEdges, privateEdges, pureLibraries, rooms } from "./walls.js";

const el = (type, captured) => ({ element: captured ? { type, captured } : { type } });
const samePackage = { pkg: "{{from.element.captured.pkg}}" };
const sameTool = { tool: "{{from.element.captured.tool}}" };
const sameApp = { app: "{{from.element.captured.app}}" };
const outside = (...origin) => ({ module: { origin } });
const library = (...source) => ({ module: { origin: "external", source } });
const test = { file: { categories: ["test", "fixture"] } };
const published = (pkg) => [el("core", { pkg }), el("packs", { pkg }), el("node", { pkg })];
/** A private package by name: control-plane is entered by its front door, the index of its rooms. */
const inHouse = (pkg) => (pkg === "control-plane" ? el("plane") : el("private", { pkg }));
const isPrivate = (pkg) => pkg === "control-plane" || pkg in privateEdges;
const reached = (pkg) => (isPrivate(pkg) ? [inHouse(pkg)] : published(pkg));

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
    files: ["packages/*/src/**/*.ts", "internal/*/src/**/*.ts", "apps/*/src/**/*.ts", "tools/**/*.{ts,mjs}"],
    plugins: { boundaries },
    settings: {
      "import/resolver": { typescript: { conditionNames: ["@nc/source", "import", "default"] } },
      // The first match wins: a room before its house; node, packs and testing before core.
      "boundaries/elements": [
        { type: "std", pattern: "internal/std/src" },
        { type: "room", pattern: "internal/control-plane/src/*", capture: ["room"] },
        { type: "plane", pattern: "internal/control-plane/src" },
        { type: "private", pattern: "internal/*/src", capture: ["pkg"] },
        { type: "node", pattern: "packages/*/src/node", capture: ["pkg"] },
        { type: "packs", pattern: "packages/*/src/packs", capture: ["pkg"] },
        { type: "testing", pattern: "packages/*/src/testing", capture: ["pkg"] },
        { type: "core", pattern: "packages/*/src", capture: ["pkg"] },
        { type: "app", pattern: "apps/*/src", capture: ["app"] },
        { type: "tool", pattern: "tools/*", capture: ["tool"] },
      ],
      "boundaries/files": [
        { category: "test", pattern: "**/*.test.ts" },
        {
          category: "fixture",
          pattern: ["**/*.fixture.ts", "internal/*/src/testing/*.ts", "apps/*/src/testing/*.ts"],
        },
      ],
    },
    rules: {
      "boundaries/no-unknown-files": "error",
      "boundaries/no-unknown-dependencies": "error",
      "boundaries/dependencies": [
        "error",
        {
          default: "disallow",
          checkAllOrigins: true,
          checkInternals: true,
          policies: [
            {
              from: {
                element: { type: ["core", "packs", "testing", "node", "private", "room", "app", "tool"] },
              },
              allow: { to: el("std") },
            },
            {
              from: el("std"),
              allow: { to: { module: { origin: "external", source: ["fastest-levenshtein"] } } },
            },
            { from: el("std"), allow: { to: el("std") } },
            { from: el("core"), allow: { to: el("core", samePackage) } },
            // A pack is data for its core: it may read the core, and the core never imports a pack.
            { from: el("packs"), allow: { to: [el("core", samePackage), el("packs", samePackage)] } },
            ...pureLibraries.map((source) => ({
              from: el("core"),
              allow: { to: { module: { origin: "external", source } } },
            })),
            ...libraryEdges.map(([from, to]) => ({
              from: { element: { captured: { pkg: from }, type: ["core", "node"] } },
              allow: { to: [el("core", { pkg: to }), el("packs", { pkg: to })] },
            })),
            ...libraryEdges.map(([from, to]) => ({
              from: el("node", { pkg: from }),
              allow: { to: el("node", { pkg: to }) },
            })),
            ...bundledEdges.map(([from, to]) => ({
              from: el("node", { pkg: from }),
              allow: { to: inHouse(to) },
            })),
            { from: el("testing"), allow: { to: [el("core", samePackage), el("testing", samePackage)] } },
            {
              from: el("testing"),
              allow: { to: { module: { origin: "external", source: ["vitest", ...pureLibraries] } } },
            },
            { from: el("node"), allow: { to: [el("core", samePackage), el("node", samePackage)] } },
            { from: el("node"), allow: { to: outside("core", "external") } },
            { from: el("private"), allow: { to: [el("private", samePackage), outside("core", "external")] } },
            ...Object.entries(privateEdges).flatMap(([pkg, all]) =>
              all.map((to) => ({ from: el("private", { pkg }), allow: { to: reached(to) } })),
            ),
            {
              from: el("room"),
              allow: {
                to: [el("room", { room: "{{from.element.captured.room}}" }), outside("core", "external")],
              },
            },
            ...Object.entries(rooms).flatMap(([room, { enters, imports }]) => [
              ...enters.map((to) => ({
                from: el("room", { room }),
                allow: { to: el("room", { room: to }) },
              })),
              ...imports.map((to) => ({ from: el("room", { room }), allow: { to: reached(to) } })),
            ]),
            { from: el("plane"), allow: { to: el("room") } },
            {
              from: el("app"),
              allow: {
                to: [
                  el("core"),
                  el("packs"),
                  el("node"),
                  el("private"),
                  el("plane"),
                  el("app", sameApp),
                  outside("core", "external"),
                ],
              },
            },
            {
              from: el("tool"),
              allow: {
                to: [
                  el("core"),
                  el("packs"),
                  el("node"),
                  el("testing"),
                  el("private"),
                  el("plane"),
                  el("app"),
                  el("tool", sameTool),
                  el("tool", { tool: "programs" }),
                  outside("core", "external"),
                ],
              },
            },
            // A package of ours that is not among its dependencies resolves to nothing, and is no library of
            // others.
            { disallow: { to: library("@trust/**", "@nc/**", "@gatehouse/**") } },
            // No fixture reaches a user: tests are allowed more below, and the last word counts.
            {
              disallow: {
                to: [{ file: { categories: ["test", "fixture"] } }, el("private", { pkg: "test-kit" })],
              },
            },
            { from: el("private", { pkg: "test-kit" }), allow: { to: el("private", { pkg: "test-kit" }) } },
            // A measurement starts what a test starts.
            { from: el("tool"), allow: { to: { file: { categories: "fixture" } } } },
            {
              from: { ...test, element: { type: ["room", "private", "plane"] } },
              allow: { to: [el("core"), el("packs"), el("packs"), el("node")] },
            },
            {
              from: test,
              allow: {
                to: [
                  el("core", samePackage),
                  el("packs", samePackage),
                  el("node", samePackage),
                  el("testing"),
                  el("app", sameApp),
                  el("room"),
                  el("private"),
                  el("plane"),
                  outside("core", "external"),
                ],
              },
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
    // A topic folder of the node layer, or of a room, is one level deeper.
    files: ["packages/*/src/node/*/**/*.ts", "internal/*/src/*/*/**/*.ts"],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [{ group: ["../../../*"], message: "This path leaves the package: import it by name." }],
        },
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
