import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ask } from "./ask.ts";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** A program that listens on a Unix socket. */
export type Listening = { readonly path: string; readonly dispose: () => Promise<void> };

/** The real host, with one agent group. */
export type RunningHost = Listening & { readonly dataDir: string; readonly groupId: string };

/** A program that has reported that it is ready. `stop` asks it to end, and waits for its end. */
export type Running = { readonly pid: number; readonly stop: () => Promise<void> };

/** Runs Node with these arguments, and waits until the program reports that it is ready. */
export const startListening = async (
  args: readonly string[],
  database = "",
  env: NodeJS.ProcessEnv = process.env,
): Promise<Running> => {
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...env, GATEHOUSE_DATABASE: database },
  });
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  await Promise.race([
    new Promise((resolve) => child.stdout.once("data", resolve)),
    ended.then(() => Promise.reject(new Error(`${args.join(" ")} did not start.`))),
  ]);
  return {
    pid: child.pid ?? 0,
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
};

/** Starts a TypeScript program of this folder, in the same way as this process was started. */
export const startServer = async (program: "echo-server.ts" | "frame-server.ts"): Promise<Listening> => {
  const folder = await mkdtemp(join(tmpdir(), "bench-socket-"));
  const path = join(folder, "it.sock");
  const { stop } = await startListening([...process.execArgv, at(program), path]);
  return { path, dispose: () => stop().then(() => rm(folder, { recursive: true })) };
};

/**
 * Starts the built host, as installed, and creates a group. Its default database is a file in the data
 * folder.
 */
export const startHost = async (gatehouse: string, database?: string): Promise<RunningHost> => {
  const dataDir = await mkdtemp(join(tmpdir(), "bench-host-"));
  const path = join(dataDir, "ncl.sock");
  const { stop } = await startListening([gatehouse, "up", "--yes", "--data", dataDir], database);
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
