import { spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ask } from "./ask.ts";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** A program that listens on a Unix socket. */
export type Listening = { readonly path: string; readonly dispose: () => Promise<void> };

/** The real host, with one agent group. */
export type RunningHost = Listening & { readonly dataDir: string; readonly groupId: string };

/** Runs a TypeScript program in the same way as this one, and waits until it reports that it is ready. */
const start = async (args: readonly string[], database = ""): Promise<() => Promise<void>> => {
  const child = spawn(process.execPath, [...process.execArgv, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, GATEHOUSE_DATABASE: database },
  });
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  await Promise.race([
    new Promise((resolve) => child.stdout.once("data", resolve)),
    ended.then(() => Promise.reject(new Error(`${args[0]} did not start.`))),
  ]);
  return async () => {
    child.kill("SIGTERM");
    await ended;
  };
};

/** Starts a program of this folder. */
export const startServer = async (program: "echo-server.ts" | "frame-server.ts"): Promise<Listening> => {
  const folder = await mkdtemp(join(tmpdir(), "bench-socket-"));
  const path = join(folder, "it.sock");
  const stop = await start([at(program), path]);
  return { path, dispose: () => stop().then(() => rm(folder, { recursive: true })) };
};

/** The default is a file in the data folder. */
export const startHost = async (database?: string): Promise<RunningHost> => {
  const dataDir = await mkdtemp(join(tmpdir(), "bench-host-"));
  const path = join(dataDir, "ncl.sock");
  const stop = await start([at("../../../../apps/host/src/main.ts"), "up", "--data", dataDir], database);
  const made = await ask(path, {
    id: "1",
    command: "groups-create",
    args: { name: "bench", folder: "bench" },
  });
  const { data } = JSON.parse(made) as { data: { id: string } };
  return {
    path,
    dataDir,
    groupId: data.id,
    dispose: () => stop().then(() => rm(dataDir, { recursive: true })),
  };
};

/** The client's single file, bundled as it is installed, in a folder of its own. */
export const buildClient = async (): Promise<{
  readonly file: string;
  readonly dispose: () => Promise<void>;
}> => {
  const folder = await mkdtemp(join(tmpdir(), "bench-ncl-"));
  const tsup = join(
    dirname(createRequire(import.meta.url).resolve("tsup/package.json")),
    "dist/cli-default.js",
  );
  const built = spawnSync(process.execPath, [tsup, "--out-dir", folder], {
    cwd: at("../../../../apps/ncl"),
    encoding: "utf8",
  });
  if (built.status !== 0) throw new Error(built.stdout + built.stderr);
  return { file: join(folder, "main.cjs"), dispose: () => rm(folder, { recursive: true }) };
};
