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
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

/** One file in CommonJS, as it is shipped: it is started most often, and Node starts such a file sooner. */
const single: ReadonlySet<string> = new Set(["agent-runner"]);

/** Bundled CommonJS packages load Node's own modules by `require`. */
const requireFrom =
  'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);';

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
    ...(format === "esm" ? { banner: { js: requireFrom } } : {}),
    esbuildOptions: (options) => {
      options.conditions = ["@nc/source"];
    },
  });
};
