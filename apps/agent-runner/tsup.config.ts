import { library } from "../../tools/settings/tsup.shared.ts";

const shared = library({ main: "src/main.ts" });

/** One file, in CommonJS, which Node starts sooner. The native helpers of `ws` are optional, and left out. */
export default {
  ...shared,
  format: "cjs",
  splitting: false,
  skipNodeModulesBundle: false,
  external: ["bufferutil", "utf-8-validate"],
  noExternal: [/^(?!bufferutil$|utf-8-validate$)/],
  minify: true,
  dts: false,
  esbuildOptions: (options) => {
    options.sourcesContent = false;
    // From the sources, so that no other package has to be built before.
    options.conditions = ["@nc/source"];
  },
} satisfies typeof shared;
