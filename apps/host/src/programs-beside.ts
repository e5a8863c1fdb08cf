import { existsSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The first of these files that exists, else the first, which an error then names. */
const firstThere = (paths: readonly string[]): string => {
  const files = paths.map(at);
  return files.find((file) => existsSync(file)) ?? files[0] ?? "";
};

/** The bundle of another program, which lies beside the host's own. */
export const programBeside = (program: "agent-runner" | "ncl"): readonly [string, string] => {
  return [process.execPath, firstThere([`${program}.cjs`, `${program}.js`])];
};

/** The Containerfile of the agents' image, which lies beside the host's own program. */
export const containerfileBeside = (): string => firstThere(["./Containerfile", "../image/Containerfile"]);

/** The adapter's bundle, which lies beside the host's own; from the sources, the one that was built. */
export const adapterBeside = (): string | null => {
  const beside = ["./orchestrator-adapter.js", "../../orchestrator-adapter/dist/main.js"].map(at);
  return beside.find((file) => existsSync(file)) ?? null;
};
