import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { build } from "tsup";

const at = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

/** Native code cannot be bundled: the package, and whose dependency it is. */
const natives = {
  libsql: "container-config",
  "fs-native-extensions": "preflight",
  "node-pty": "dialog-engine",
};

/** Files that the sources look for in a folder above their own; the version of a program is one of them. */
const shipped = {
  "MEMORY.md.example": "packages/user-wizard/MEMORY.md.example",
  "dist/package.json": "apps/host/package.json",
};

/** Programs of ours, bundled from their sources into a folder for temporary files. */
export type Programs<Name extends string> = {
  /** By name, the file that Node runs. */
  readonly files: Readonly<Record<Name, string>>;
  /** Bundles them again, after their sources have changed. */
  bundle(): Promise<void>;
  /** Deletes the folder. */
  remove(): void;
};

/**
 * Copies a package and its dependencies, since another account may not read this checkout. `name` is the name in its
 * users' node_modules; pnpm keeps the dependencies in the package's own parent folder.
 */
const copyPackage = (name: string, modules: string, into: string): void => {
  if (existsSync(join(into, name))) return;
  const folder = realpathSync(join(modules, name));
  cpSync(folder, join(into, name), { recursive: true });
  const own = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    readonly name: string;
    readonly dependencies?: object;
    readonly optionalDependencies?: object;
  };
  const siblings = join(folder, own.name.includes("/") ? "../.." : "..");
  for (const dependency of Object.keys({ ...own.dependencies, ...own.optionalDependencies }))
    if (existsSync(join(siblings, dependency))) copyPackage(dependency, siblings, into);
};

/**
 * Bundles programs into one folder, each by its source. `gatehouse up` takes 2 to 3.5 seconds of processor time to
 * start from the sources, and 0.7 bundled.
 */
export const bundlePrograms = async <Name extends string>(
  sources: Readonly<Record<Name, URL>>,
): Promise<Programs<Name>> => {
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-programs-"));
  // Some tests run a program as another account.
  chmodSync(folder, 0o755);
  const out = join(folder, "dist", "node");
  mkdirSync(out, { recursive: true });
  mkdirSync(join(folder, "node_modules"));
  for (const [name, user] of Object.entries(natives))
    copyPackage(name, at(`packages/${user}/node_modules`), join(folder, "node_modules"));
  for (const [name, path] of Object.entries(shipped)) copyFileSync(at(path), join(folder, name));
  const entries = Object.entries<URL>(sources);
  const entriesOf = (isSingle: boolean) => entries.filter(([name]) => single.has(name) === isSingle);
  const bundle = async (): Promise<void> => {
    await Promise.all([bundleAs("esm", out, entriesOf(false)), bundleAs("cjs", out, entriesOf(true))]);
    if ("gatehouse" in sources) await compileAhead(join(out, "gatehouse.cjs"));
  };
  await bundle();
  const files = Object.keys(sources).map((name) => [
    name,
    join(out, `${name}.${single.has(name) ? "cjs" : "js"}`),
  ]);
  return {
    files: Object.fromEntries(files) as Record<Name, string>,
    bundle,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};

/** One file in CommonJS: agent-runner as it is shipped, gatehouse so that its compiled code can be kept. */
const single: ReadonlySet<string> = new Set(["agent-runner", "gatehouse"]);

/**
 * Puts a loader in the place of a program in CommonJS, which gives V8 the code that it compiled before. Node 20 keeps none by
 * itself (`module.enableCompileCache` is of 22.1). A start of `gatehouse up` then takes 0.65 s of the processor in place of 1.0,
 * and tests start it some hundred times. V8 compiles the program as usual if the cache is another version's.
 */
const compileAhead = async (file: string): Promise<void> => {
  const [program, data] = [`${file}.program`, mkdtempSync(join(tmpdir(), "gatehouse-warm-"))];
  // esbuild leaves other characters in regular expressions. Text of ASCII alone is read in a fourth of the time.
  const escaped = (other: string): string => `\\u${other.charCodeAt(0).toString(16).padStart(4, "0")}`;
  writeFileSync(program, readFileSync(file, "utf8").replace(/[^\0-\x7f]/g, escaped));
  writeFileSync(file, loader);
  const env = { ...process.env, HOME: data, GATEHOUSE_DATA: join(data, "data"), GATEHOUSE_KEEP_CODE: "1" };
  const start = (...args: readonly string[]): ChildProcess =>
    spawn(process.execPath, [file, ...args], { env, stdio: ["ignore", "pipe", "ignore"] });
  await once(
    start("init", "--name", "A", "--folder", "a", "--owner", "local:a", "--provider", "echo"),
    "close",
  );
  const up = start("up", "--runtime", "process");
  const ended = once(up, "close");
  await Promise.race([once(up.stdout ?? up, "data"), ended]);
  up.kill("SIGTERM");
  await ended;
  rmSync(data, { recursive: true, force: true });
};

/** Runs the program beside it as Node runs a file in CommonJS. */
const loader = `"use strict";
const { existsSync, readFileSync, writeFileSync } = require("node:fs");
const Module = require("node:module");
const { Script } = require("node:vm");
const program = __filename + ".program";
const kept = program + ".code";
const cachedData = existsSync(kept) ? readFileSync(kept) : undefined;
const script = new Script(Module.wrap(readFileSync(program, "latin1")), { filename: program, cachedData });
if (process.env.GATEHOUSE_KEEP_CODE === "1") process.on("exit", () => writeFileSync(kept, script.createCachedData()));
script.runInThisContext().call(exports, exports, require, module, __filename, __dirname);
`;

/** Bundled CommonJS packages load Node's own modules by `require`. */
const requireFrom =
  'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);';

const urlOfFile = 'const __urlOfFile = require("node:url").pathToFileURL(__filename).href;';

const bundleAs = async (
  format: "cjs" | "esm",
  outDir: string,
  entries: readonly (readonly [string, URL])[],
): Promise<void> => {
  if (entries.length === 0) return;
  await build({
    config: false,
    silent: true,
    entry: Object.fromEntries(entries.map(([name, source]) => [name, fileURLToPath(source)])),
    outDir,
    format,
    outExtension: () => ({ js: format === "cjs" ? ".cjs" : ".js" }),
    platform: "node",
    target: "node20",
    splitting: format === "esm",
    external: Object.keys(natives),
    noExternal: [new RegExp(`^(?!(${Object.keys(natives).join("|")})$)`)],
    banner: { js: format === "esm" ? requireFrom : urlOfFile },
    esbuildOptions: (options) => {
      options.conditions = ["@nc/source"];
      if (format === "esm") return;
      // Half of the text, which each start reads.
      options.minifyWhitespace = true;
      options.legalComments = "none";
      // Node 20.20 knows no import() in code that it had compiled in another process.
      options.supported = { "dynamic-import": false };
      options.define = { "import.meta.url": "__urlOfFile", "import.meta.dirname": "__dirname" };
    },
  });
};
