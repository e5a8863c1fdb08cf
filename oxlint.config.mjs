import { walls } from "./walls.js";

const cores = { files: ["packages/*/src/**/*.ts"], excludeFiles: ["packages/*/src/node/**", "**/*.test.ts"] };

/** oxlint takes its configuration from here. It also runs ESLint's plugin for the walls, and two rules of ours. */
export default {
  plugins: ["typescript", "oxc"],
  jsPlugins: ["eslint-plugin-boundaries", "./tools/settings/lint-rules.mjs"],
  categories: { correctness: "error" },
  options: { reportUnusedDisableDirectives: "error" },
  ignorePatterns: ["**/dist/**", "test-fixtures/**", ".results/**"],
  settings: walls.settings,
  rules: {
    // TypeScript checks optional chains; this rule also refuses those that a test casts.
    "no-unsafe-optional-chaining": "off",
    // ESLint and typescript-eslint recommend these; oxlint has them in other categories.
    "no-case-declarations": "error",
    "no-empty": "error",
    "no-fallthrough": "error",
    "no-prototype-builtins": "error",
    "no-regex-spaces": "error",
    "no-unexpected-multiline": "error",
    "no-useless-assignment": "error",
    "preserve-caught-error": "error",
    "no-var": "error",
    "prefer-const": "error",
    "prefer-rest-params": "error",
    "prefer-spread": "error",
    "typescript/ban-ts-comment": "error",
    "typescript/no-empty-object-type": "error",
    "typescript/no-explicit-any": "error",
    "typescript/no-namespace": "error",
    "typescript/no-require-imports": "error",
    "typescript/no-unnecessary-type-constraint": "error",
    "typescript/no-unsafe-function-type": "error",
    "ours/no-fresh-spread": "error",
  },
  overrides: [
    {
      files: ["{packages,apps}/*/src/**/*.ts", "internal/*/*/src/**/*.ts", "tools/**/*.{ts,mjs}"],
      rules: { "no-restricted-imports": leavesPackage(2) },
    },
    ...walls.overrides,
    {
      // A subfolder of the node layer or of a room is one level deeper.
      files: ["packages/*/src/node/*/**/*.ts", "internal/*/*/src/*/*/**/*.ts"],
      rules: { "no-restricted-imports": leavesPackage(3) },
    },
    { ...cores, rules: { "ours/pure-core": "error" } },
  ],
};

/** Refuses imports that go up as many folders as lead out of the package. */
function leavesPackage(folders) {
  const regex = `^(\\.\\./){${folders}}`;
  return ["error", { patterns: [{ regex, message: "This path leaves the package: import it by name." }] }];
}
