import { existsSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Returns the first of these files that exists, or else the first file, for the error. */
const firstThere = (paths: readonly string[]): string => {
  const files = paths.map(at);
  return files.find((file) => existsSync(file)) ?? files[0] ?? "";
};

/** The bundle of another program, in the folder of the host's bundle. */
export const programBeside = (program: "agent-runner" | "ncl"): readonly [string, string] => {
  return [process.execPath, firstThere([`${program}.cjs`, `${program}.js`])];
};

/** The Containerfile of the agents' image, in the folder of the host's bundle. */
export const containerfileBeside = (): string => firstThere(["./Containerfile", "../image/Containerfile"]);

/** The adapter's bundle, in the folder of the host's bundle; for a host from sources, the built one. */
export const adapterBeside = (): string | null => {
  const beside = ["./orchestrator-adapter.js", "../../orchestrator-adapter/dist/main.js"].map(at);
  return beside.find((file) => existsSync(file)) ?? null;
};
