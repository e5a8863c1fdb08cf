import js from "@eslint/js";
import tseslint from "typescript-eslint";
import { walls } from "./walls.js";

/** The globals that a core may not use: it gets the time and random values as arguments. */
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
    message: "A core has no random source: take random values as an argument.",
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
    rules: {
      "no-restricted-imports": [
        "error",
        { patterns: [{ group: ["../../*"], message: "This path leaves the package: import it by name." }] },
      ],
    },
  },
  ...walls,
  {
    // A subfolder of the node layer or of a room is one level deeper.
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
