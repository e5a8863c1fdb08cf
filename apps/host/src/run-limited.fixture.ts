import { spawnSync } from "node:child_process";
import process from "node:process";

export type Limited = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** Runs a program whose files cannot grow beyond `kib` KiB: for the program the disk is full at that size. */
export const runLimited = (kib: number, program: string, args: readonly string[]): Limited => {
  const shell = ["-c", `ulimit -f ${kib}; exec "$@"`, "bash", process.execPath, program, ...args];
  const { status, stdout, stderr } = spawnSync("bash", shell, {
    // Bash warns of a locale that the machine does not have.
    env: { ...process.env, LC_ALL: "C" },
    encoding: "utf8",
    timeout: 240_000,
  });
  return { code: status, stdout, stderr };
};
