// Bundles the runner of session-db's tests, so that later builds are tested against it: `make.mjs VERSION`.
// A VERSION that is not this build's makes a runner that says it speaks that one.
import { readFileSync } from "node:fs";
import process from "node:process";
import { build } from "tsup";

const [version = ""] = process.argv.slice(2);
const asVersion = {
  name: "as-version",
  setup: ({ onLoad }) =>
    onLoad({ filter: /wire\/frames\.ts$/ }, ({ path }) => ({
      loader: "ts",
      contents: readFileSync(path, "utf8").replace(/wireVersion = \d+;/, `wireVersion = ${version};`),
    })),
};
await build({
  ...{
    config: false,
    silent: true,
    format: "esm",
    platform: "node",
    target: "node20",
    minify: true,
    splitting: false,
  },
  entry: { [`wire-${version}`]: "packages/session-db/src/node/wire/echo-runner.fixture.ts" },
  outDir: "test-fixtures/runners",
  outExtension: () => ({ js: ".mjs" }),
  external: ["bufferutil", "utf-8-validate"],
  noExternal: [/^(?!bufferutil$|utf-8-validate$)/],
  banner: {
    js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
  },
  esbuildPlugins: [asVersion],
  esbuildOptions: (options) => {
    options.conditions = ["@nc/source"];
  },
});
