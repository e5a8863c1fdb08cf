import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** The oldest supported Node, and the newest of each later line, with the version of @types/node for a consumer. */
export const supported = [
  { version: "20.19.0", types: "20.19.25" },
  { version: "22.23.3", types: "22.20.5" },
  { version: "24.21.0", types: "24.19.2" },
];

/** Returns the path of `node` in this version. If our cache has none, fetches it from npm into the cache. */
export function obtainNode(version) {
  const cache = process.env.GATEHOUSE_CACHE || join(homedir(), ".cache", "gatehouse");
  const { platform, arch } = process;
  // The npm package `node` fetches one of these packages by a script, and scripts may be disabled.
  const name = `${platform === "darwin" && arch === "arm64" ? "node-bin" : "node"}-${platform}-${arch}`;
  const target = join(cache, `node-${version}`);
  const program = join(target, "node_modules", name, "bin", "node");
  if (existsSync(program)) return program;
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, `.installing-${version}-`));
  try {
    const flags = [
      "--ignore-scripts",
      "--engine-strict=false",
      "--no-audit",
      "--no-fund",
      "--loglevel=error",
    ];
    const args = ["install", "--prefix", folder, ...flags, `${name}@${version}`];
    const child = spawnSync("npm", args, { cwd: folder, encoding: "utf8" });
    if (child.status !== 0)
      throw new Error(`Node ${version} cannot be fetched:\n${child.stdout}${child.stderr}`);
    publish(folder, target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return program;
}

/** Renames a finished install to its final name. Does nothing if another process has installed this version meanwhile. */
function publish(from, to) {
  try {
    renameSync(from, to);
  } catch (error) {
    if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
  }
}
