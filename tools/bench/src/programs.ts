import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Result } from "@gatehouse/std";

const fileOf = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

type Programs = { readonly gatehouse: string; readonly ncl: string; readonly adapter: string };

/** The programs' files, as installed. They need a build. */
const programs: Programs = {
  gatehouse: fileOf("apps/host/bin/gatehouse.js"),
  ncl: fileOf("apps/ncl/bin/ncl.cjs"),
  /** The bundle beside gatehouse that holds agents. */
  adapter: fileOf("apps/host/dist/orchestrator-adapter.js"),
};

/** The files of the built programs; the error says what is not built. */
export const builtPrograms = (): Result<Programs, string> => {
  const unbuilt = ["apps/host/dist", "apps/ncl/dist"].find((folder) => !existsSync(fileOf(folder)));
  return unbuilt === undefined
    ? { ok: true, value: programs }
    : { ok: false, error: `${unbuilt} is not built: npm run build` };
};

/** A program that has reported that it is ready. `stop` asks it to end, and waits for its end. */
export type Running = {
  readonly pid: number;
  /** The first text that it printed. */
  readonly printed: string;
  readonly stop: () => Promise<void>;
};

/** Runs Node with these arguments, and waits until the program has printed something. */
export const startProgram = async (
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Running> => {
  // The stand-in of a cluster ends with its input, so it also ends if this process is killed.
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"], env });
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  const printed = await Promise.race([
    new Promise<string>((resolve) => child.stdout.setEncoding("utf8").once("data", resolve)),
    ended.then(() => Promise.reject(new Error(`${args.join(" ")} did not start.`))),
  ]);
  return {
    pid: child.pid ?? 0,
    printed,
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
};
