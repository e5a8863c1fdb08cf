import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";

const config = new URL("host-bundle.config.ts", import.meta.url);
const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const tsup = join(
  dirname(createRequire(import.meta.url).resolve("tsup/package.json")),
  "dist/cli-default.js",
);
/** Native code, and the package whose dependency it is. */
const natives = { libsql: "container-config", "fs-native-extensions": "preflight" };

/**
 * Bundles the child's program into a folder and gives its file. A host that is started some hundred times may not take a
 * second of work for its sources each time: bundled it takes a tenth of that.
 */
export const bundleHost = (folder: string): string => {
  const args = ["--config", fileURLToPath(config), "--out-dir", folder];
  const built = spawnSync(process.execPath, [tsup, ...args], { encoding: "utf8" });
  if (built.status !== 0) expect.fail(built.stdout + built.stderr);
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  mkdirSync(join(folder, "node_modules"));
  for (const [name, user] of Object.entries(natives))
    symlinkSync(at(`../../../../packages/${user}/node_modules/${name}`), join(folder, "node_modules", name));
  return join(folder, "host.js");
};
