import { writeFile } from "node:fs/promises";
import type { Options } from "tsup";

/**
 * V8 keeps the text of each module for as long as it is loaded, and in two bytes a character where one of them is not
 * Latin: 160 kB of a held agent's holder. esbuild 0.27 writes strings in ASCII by itself; what is left are literals of
 * regular expressions, and comments.
 */
const inAscii: NonNullable<Options["plugins"]>[number] = {
  name: "in-ascii",
  renderChunk: (code) => ({
    code: code.replace(/[^\t\n\r -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`),
  }),
};

/**
 * From here on esbuild 0.27 ends a line at the next place where it can, so that nearly all lines have at most 120
 * characters. A text or a regular expression goes on.
 */
const lineLimit = 60;

/**
 * White space goes, and syntax is shortened; names stay. Preflight would be over its 60 kB with them. Lines end: Node
 * prints the whole line in which an error was thrown, and one line had 33 kB.
 */
const shortened: NonNullable<Options["esbuildOptions"]> = (options) => {
  options.minifyWhitespace = true;
  options.minifySyntax = true;
  options.lineLimit = lineLimit;
  // What is private goes in from its sources: from what was built of it, each would bring a copy of `std`.
  options.conditions = ["@nc/source"];
};

/**
 * How every package is built: one ES module per entry, with types, dependencies left outside. What is
 * published is that, and neither sources nor maps to them: nothing is renamed, so a stack trace names its
 * functions, and Node loads no map unless told to. Both would more than double a package (dialog-engine: 75
 * kB for 34). The `@nc/source` condition in `exports` leads to the sources of this repository, and nobody
 * else asks for it.
 */
export const library = (entry: Record<string, string>): Options => ({
  entry,
  format: "esm",
  target: "node20",
  platform: "node",
  clean: true,
  splitting: true,
  plugins: [inAscii],
  esbuildOptions: shortened,
  // tsup 8.5.1 leaves dependencies and peers outside by itself, but bundles optional ones: native code that
  // cannot be.
  skipNodeModulesBundle: true,
  // The private packages of internal/ go into what uses them, types included: a packed package needs nothing
  // private.
  noExternal: [/^@gatehouse\//, "fastest-levenshtein"],
  // A set-up that only runs the programs asks for none: they take two thirds of the build.
  // tsup's d.ts step passes `baseUrl`, which TypeScript 6 deprecates (TS5101, seen with tsup 8.5.1).
  dts: process.env["GATEHOUSE_BUILD_TYPES"] !== "0" && {
    resolve: [/^@gatehouse\//],
    compilerOptions: { ignoreDeprecations: "6.0", customConditions: [] },
  },
});

/** Writes `build.json` beside the program: its commit, and the state of its sources. */
export const noteBuild = async (): Promise<void> => {
  const setUp = new URL("../scripts/setup.mjs", import.meta.url).href;
  const { describeBuild } = (await import(setUp)) as { readonly describeBuild: () => object };
  await writeFile("dist/build.json", JSON.stringify(describeBuild()));
};

/**
 * How a program is built: what is private goes in from its sources, so that nothing private has to be built
 * before.
 */
export const program: Options = {
  ...library({ main: "src/main.ts" }),
  noExternal: [
    /^@gatehouse\//,
    "fastest-levenshtein",
    "picocolors",
    "@xterm/addon-serialize",
    "unhomoglyph",
    "node:process",
  ],
  removeNodeProtocol: false,
  dts: false,
  onSuccess: noteBuild,
  esbuildOptions: (options, context) => {
    shortened(options, context);
    // The same object. An import of it makes Node 20 open stdin, stdout and stderr at once, which takes 5 ms.
    options.alias = { "node:process": "data:text/javascript,export default process" };
  },
};

/**
 * What else goes into the host: as files of their own, these take a third of the time of its commands (`gatehouse status`
 * takes 0.75 s of the processor in place of 1.05 s).
 */
export const hostBundles: readonly string[] = ["kysely", "zod", "@nc/container-config"];
