import { library } from "../../tsup.shared.ts";

const shared = library({ main: "src/main.ts" });

/** One file, in CommonJS, which Node starts sooner. `libsql` is native: it comes from the package beside it. */
export default {
  ...shared,
  format: "cjs",
  splitting: false,
  skipNodeModulesBundle: false,
  external: ["libsql"],
  noExternal: [/^(?!libsql$)/],
  minify: true,
  dts: false,
  esbuildOptions: (options) => {
    options.sourcesContent = false;
    // From the sources, so that no other package has to be built before.
    options.conditions = ["@nc/source"];
  },
} satisfies typeof shared;
