// @module-tag soak
import { spawnSync } from "node:child_process";
import { builtinModules } from "node:module";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

type Manifest = {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
};

const apps = readdirSync(join(import.meta.dirname, "../../apps"));

/** The npm packages that a built file imports. Private packages were bundled into it, so they are not among them. */
const importedIn = (file: string): readonly string[] =>
  [...readFileSync(file, "utf8").matchAll(/(?:^|;)(?:import|export)\b[^"';]*?["']([^"']+)["'](?=;|$)/gm)]
    .map(([, specifier]) => specifier ?? "")
    .filter((specifier) => !specifier.startsWith(".") && !specifier.startsWith("node:"))
    .filter((specifier) => !builtinModules.includes(specifier))
    .map((specifier) =>
      specifier
        .split("/")
        .slice(0, specifier.startsWith("@") ? 2 : 1)
        .join("/"),
    );

// The imports of a private package become imports of the bundle. They resolve in the sources without a dependency of
// the app, and fail in the installed bundle.
test.for(apps)("%s depends on all packages that its built files import", (app, { skip }) => {
  const dist = join(import.meta.dirname, "../../apps", app, "dist");
  skip(!existsSync(dist), "it is not built: npm run build does it");
  const manifest = JSON.parse(readFileSync(join(dist, "../package.json"), "utf8")) as Manifest;
  const known = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies });
  const files = readdirSync(dist).filter((file) => file.endsWith(".js"));
  const missing = files
    .flatMap((file) => importedIn(join(dist, file)))
    .filter((name) => !known.includes(name));
  expect([...new Set(missing)]).toEqual([]);
});

test("a copy of ncl outside of its package does not print another package's version", ({ skip }) => {
  const bundle = join(import.meta.dirname, "../../apps/ncl/dist/main.cjs");
  skip(!existsSync(bundle), "it is not built: npm run build does it");
  const folder = mkdtempSync(join(tmpdir(), "ncl-alone-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  copyFileSync(bundle, join(folder, "ncl.cjs"));
  const { stdout } = spawnSync(process.execPath, [join(folder, "ncl.cjs"), "--version"], {
    encoding: "utf8",
  });
  expect(stdout).toBe("unknown\n");
});

/** The files that are loaded together with this one, without those that a command loads when it runs. */
const loadedWith = (file: string): readonly string[] => {
  const files = [file];
  for (const at of files) {
    const imports = readFileSync(at, "utf8").matchAll(
      /(?:^|;)(?:import|export)\b[^"';]*?["']\.\/([^"']+)["'](?=;|$)/gm,
    );
    const found = [...imports].map(([, name]) => join(file, "..", name ?? ""));
    files.push(...found.filter((it) => !files.includes(it)));
  }
  return files;
};

test("gatehouse ps loads no npm package", ({ skip }) => {
  const dist = join(import.meta.dirname, "../../apps/host/dist");
  skip(!existsSync(dist), "it is not built: npm run build does it");
  const started = readdirSync(dist).filter((file) => /^(?:main|start-process|ps-command)\b/.test(file));
  // The program that holds agents has its own start-process.
  expect(started).toHaveLength(4);
  const packages = started.flatMap((file) => loadedWith(join(dist, file))).flatMap(importedIn);
  expect(packages).toEqual([]);
});

test.for(apps)("%s opens no unused stream of its process", (app, { skip }) => {
  const dist = join(import.meta.dirname, "../../apps", app, "dist");
  skip(!existsSync(dist), "it is not built: npm run build does it");
  // An import of `process` opens all three streams: see tools/settings/tsup.shared.ts.
  const importing = readdirSync(dist)
    .filter((file) => file.endsWith(".js"))
    .filter((file) => /\bfrom\s*["'](?:node:)?process["']/.test(readFileSync(join(dist, file), "utf8")));
  expect(importing).toEqual([]);
});
