import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { inject } from "vitest";

const app = fileURLToPath(new URL("..", import.meta.url));
const host = inject("programs").gatehouse;
const tsup = join(
  dirname(createRequire(import.meta.url).resolve("tsup/package.json")),
  "dist/cli-default.js",
);

/** A newly built bundle of the client, and a running `gatehouse up`. */
export type RealHost = {
  /** The path of the client's bundle. */
  readonly client: string;
  readonly dataDir: string;
  readonly socket: string;
  /** Ends the host, and removes the bundle and the data folder. */
  dispose(): Promise<void>;
};

export const startRealHost = async (): Promise<RealHost> => {
  const folder = mkdtempSync(join(tmpdir(), "ncl-host-"));
  const dataDir = join(folder, "data");
  const built = spawnSync(process.execPath, [tsup, "--out-dir", join(folder, "dist")], {
    cwd: app,
    encoding: "utf8",
  });
  if (built.status !== 0) throw new Error(built.stdout + built.stderr);
  const client = join(folder, "dist/main.cjs");
  writeFileSync(join(folder, "dist/ncl"), `#!/bin/sh\nexec "${process.execPath}" "${client}" "$@"\n`, {
    mode: 0o700,
  });
  const child = spawn(process.execPath, [host, "up", "--yes", "--runtime", "process", "--data", dataDir], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  await Promise.race([
    new Promise((resolve) => child.stdout.once("data", resolve)),
    ended.then(() => Promise.reject(new Error("The host did not start."))),
  ]);
  return {
    client,
    dataDir,
    socket: join(dataDir, "ncl.sock"),
    dispose: async () => {
      child.kill("SIGTERM");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

export type Ran = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** Runs the client in its own process, without the tester's environment variables. */
export const runNcl = ({ client, dataDir }: RealHost, args: readonly string[]): Ran => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [client, ...args], {
    env: { GATEHOUSE_DATA: dataDir, HOME: dataDir },
    encoding: "utf8",
  });
  return { code: status, stdout, stderr };
};

/** Runs a script in bash, in which `ncl` is the client. */
export const runShell = (
  { client, dataDir }: RealHost,
  script: string,
  args: readonly string[] = [],
): Ran => {
  const { status, stdout, stderr } = spawnSync("bash", ["-c", script, "bash", ...args], {
    env: {
      GATEHOUSE_DATA: dataDir,
      HOME: dataDir,
      PATH: [dirname(client), dirname(process.execPath), "/usr/bin", "/bin"].join(":"),
    },
    encoding: "utf8",
  });
  return { code: status, stdout, stderr };
};
