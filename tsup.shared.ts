import type { Options } from "tsup";

/** How every package is built: one ES module per entry, with types and source maps, dependencies left outside. */
export const library = (entry: Record<string, string>): Options => ({
  entry,
  format: "esm",
  target: "node20",
  platform: "node",
  clean: true,
  sourcemap: true,
  // The sources are in the package: the maps need not hold them a second time.
  esbuildOptions: (options) => {
    options.sourcesContent = false;
  },
  splitting: true,
  // tsup 8.5.1 leaves dependencies and peers outside by itself, but bundles optional ones: native code that cannot be.
  skipNodeModulesBundle: true,
  // tsup's d.ts step passes `baseUrl`, which TypeScript 6 deprecates (TS5101, seen with tsup 8.5.1).
  dts: { compilerOptions: { ignoreDeprecations: "6.0", customConditions: [] } },
});
