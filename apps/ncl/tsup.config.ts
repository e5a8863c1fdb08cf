import { library } from "../../tools/settings/tsup.shared.ts";

const shared = library({ main: "src/main.ts" });

/** One file without dependencies. It is CommonJS, which Node starts sooner. */
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
    // Resolves packages to their sources, so that none has to be built first.
    options.conditions = ["@nc/source"];
  },
} satisfies typeof shared;
