import js from "@eslint/js";
import boundaries from "eslint-plugin-boundaries";
import tseslint from "typescript-eslint";
import { dependenciesRule, elements, policies, ruleOfFolder } from "./tools/settings/wall-policies.js";

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
    files: [
      "packages/*/src/**/*.ts",
      "internal/*/*/src/**/*.ts",
      "apps/*/src/**/*.ts",
      "tools/**/*.{ts,mjs}",
    ],
    plugins: { boundaries },
    settings: {
      "import/resolver": { typescript: { conditionNames: ["@nc/source", "import", "default"] } },
      // Otherwise what a selector matches is spelt out for the old templates, on every import and policy.
      "boundaries/legacy-templates": false,
      "boundaries/elements": elements,
      "boundaries/files": [
        { category: "test", pattern: "**/*.test.ts" },
        {
          category: "fixture",
          pattern: ["**/*.fixture.ts", "internal/*/*/src/testing/*.ts", "apps/*/src/testing/*.ts"],
        },
      ],
    },
    rules: {
      "boundaries/no-unknown-files": "error",
      "boundaries/no-unknown-dependencies": "error",
      "boundaries/dependencies": dependenciesRule(policies),
      "no-restricted-imports": [
        "error",
        { patterns: [{ group: ["../../*"], message: "This path leaves the package: import it by name." }] },
      ],
    },
  },
  ...ruleOfFolder,
  {
    // A topic folder of the node layer, or of a room, is one level deeper.
    files: ["packages/*/src/node/*/**/*.ts", "internal/*/*/src/*/*/**/*.ts"],
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
