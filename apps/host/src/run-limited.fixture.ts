import { spawnSync } from "node:child_process";
import process from "node:process";

export type Limited = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** Runs a TypeScript program that can write no file beyond so many KiB: to it, the disk is full there. */
export const runLimited = (kib: number, program: URL, args: readonly string[]): Limited => {
  const node = ["--conditions=@nc/source", "--import", import.meta.resolve("tsx"), program.pathname];
  const shell = ["-c", `ulimit -f ${kib}; exec "$@"`, "bash", process.execPath, ...node, ...args];
  const { status, stdout, stderr } = spawnSync("bash", shell, { encoding: "utf8", timeout: 60_000 });
  return { code: status, stdout, stderr };
};
