import { library } from "../../tsup.shared.ts";

const shared = library({ main: "src/main.ts" });

/** One file with all it needs in it; CommonJS, which Node starts sooner. */
export default {
  ...shared,
  format: "cjs",
  splitting: false,
  skipNodeModulesBundle: false,
  noExternal: [/^@(nc|gatehouse)\//, "string-width", "strip-ansi", "ansi-regex", "get-east-asian-width"],
  minify: true,
  dts: false,
  esbuildOptions: (options) => {
    options.sourcesContent = false;
    options.define = { ...options.define, "import.meta.dirname": "__dirname" };
    // From the sources, so that no other package has to be built before.
    options.conditions = ["@nc/source"];
  },
} satisfies typeof shared;
