import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "tsup";
import type { ProvidedContext } from "vitest";
import type { TestProject } from "vitest/node";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The programs that tests start, by their sources. */
const sources: Readonly<Record<keyof ProvidedContext["programs"], URL>> = {
  gatehouse: new URL("apps/host/src/main.ts", import.meta.url),
  "workspace-trust": new URL("apps/workspace-trust/src/main.ts", import.meta.url),
  "agent-runner": new URL("apps/agent-runner/src/main.ts", import.meta.url),
  ncl: new URL("apps/ncl/src/main.ts", import.meta.url),
  "orchestrator-adapter": new URL("apps/orchestrator-adapter/src/main.ts", import.meta.url),
  "add-user-child": new URL(
    "packages/user-wizard/src/node/add-user/add-user.child.fixture.ts",
    import.meta.url,
  ),
  approver: new URL("internal/control-plane/src/approvals/approver.fixture.ts", import.meta.url),
  "bring-up": new URL("internal/control-plane/src/database/bring-up.fixture.ts", import.meta.url),
  "limited-open": new URL("internal/control-plane/src/database/limited-open.fixture.ts", import.meta.url),
  "hold-lock": new URL("packages/container-config/src/node/hold-lock.fixture.ts", import.meta.url),
  writer: new URL("packages/container-config/src/node/writer.fixture.ts", import.meta.url),
  "session-writer": new URL("packages/session-db/src/node/session-writer.fixture.ts", import.meta.url),
  "import-once": new URL("apps/host/src/import/import-once.fixture.ts", import.meta.url),
  "intent-killed": new URL("apps/host/src/up/intent-killed.fixture.ts", import.meta.url),
  "container-host": new URL("packages/container-runtime/src/node/host.fixture.ts", import.meta.url),
  "host-child": new URL("apps/host/src/chaos/host-child.fixture.ts", import.meta.url),
  "foreign-child": new URL("internal/sqlite/src/foreign/foreign-child.ts", import.meta.url),
  "foreign-host": new URL("internal/sqlite/src/foreign/foreign-host.fixture.ts", import.meta.url),
};

/** A thread of user-wizard, whose file is looked for beside the program's. */
const threads = {
  "load-users-worker": new URL(
    "packages/user-wizard/src/node/users-file/load-users-worker.ts",
    import.meta.url,
  ),
};

/** Native code cannot be bundled: the package, and whose dependency it is. */
const natives = {
  libsql: "container-config",
  "fs-native-extensions": "preflight",
  "node-pty": "dialog-engine",
};

/** Files that the sources look for in a folder above their own; the version of a program is one of them. */
const shipped = {
  bin: "packages/dialog-engine/bin",
  "MEMORY.md.example": "packages/user-wizard/MEMORY.md.example",
  "dist/package.json": "apps/host/package.json",
};

/** The projects whose tests start one of these. */
const users = new Set([
  ...["agent-runner", "host", "host-on-postgresql", "ncl", "orchestrator-adapter", "workspace-trust"],
  ...["agent-terminal", "control-plane", "control-plane-on-postgresql"],
  ...["container-config", "container-runtime", "preflight", "user-wizard"],
  ...["session-db", "sessions", "sqlite"],
]);

/**
 * Bundles the programs that tests start, once for the whole run. From the sources, `gatehouse up` takes 2 to
 * 3.5 seconds of processor time to start; bundled it takes 0.7.
 */
export default async function bundlePrograms(project: TestProject): Promise<(() => void) | undefined> {
  // Every project inherits this set-up; what the root provides, all of them have.
  if (!project.isRootProject() || !project.vitest.projects.some(({ name }) => users.has(name))) return;
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-programs-"));
  // Some tests run a program as another account.
  chmodSync(folder, 0o755);
  const out = join(folder, "dist", "node");
  mkdirSync(out, { recursive: true });
  mkdirSync(join(folder, "node_modules"));
  for (const [name, user] of Object.entries(natives))
    symlinkSync(at(`packages/${user}/node_modules/${name}`), join(folder, "node_modules", name));
  for (const [name, path] of Object.entries(shipped)) symlinkSync(at(path), join(folder, name));
  await bundle(out);
  project.onTestsRerun(() => bundle(out));
  const files = Object.keys(sources).map((name) => [name, join(out, `${name}.${formatOf(name).extension}`)]);
  project.provide("programs", Object.fromEntries(files) as ProvidedContext["programs"]);
  return () => rmSync(folder, { recursive: true, force: true });
}

/** One file, in CommonJS, as they are shipped: they are started most often, and Node starts such a file sooner. */
const single: ReadonlySet<string> = new Set(["agent-runner"]);

const formatOf = (name: string) =>
  single.has(name)
    ? ({ format: "cjs", extension: "cjs", splitting: false } as const)
    : ({ format: "esm", extension: "js", splitting: true } as const);

const bundle = async (outDir: string): Promise<void> => {
  const entries = Object.entries({ ...sources, ...threads });
  const isSingle = ([name]: readonly [string, URL]): boolean => single.has(name);
  await Promise.all([
    bundleAs(outDir, entries.filter(isSingle)),
    bundleAs(
      outDir,
      entries.filter((entry) => !isSingle(entry)),
    ),
  ]);
};

/** Entries of one format. */
const bundleAs = (outDir: string, entries: readonly (readonly [string, URL])[]): Promise<void> => {
  const entry = Object.fromEntries(entries.map(([name, path]) => [name, fileURLToPath(path)]));
  const { format, extension, splitting } = formatOf(entries[0]?.[0] ?? "");
  return build({
    config: false,
    silent: true,
    entry,
    outDir,
    format,
    outExtension: () => ({ js: `.${extension}` }),
    platform: "node",
    target: "node20",
    splitting,
    external: Object.keys(natives),
    noExternal: [new RegExp(`^(?!(${Object.keys(natives).join("|")})$)`)],
    // What is CommonJS asks for Node's own modules by `require`.
    ...(format === "esm" ? { banner: { js: requireFrom } } : {}),
    esbuildOptions: (options) => {
      options.conditions = ["@nc/source"];
    },
  });
};

const requireFrom =
  'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);';
