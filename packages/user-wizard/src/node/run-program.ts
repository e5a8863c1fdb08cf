import { spawn } from "node:child_process";
import type { Ran, Run } from "../ports.ts";

/** Milliseconds. A lookup in a directory service that is down takes long; sudo with a broken PAM for ever. */
const longest = 30_000;

/** Where the programs are that come with the system: neither the caller's PATH nor its locale is passed on. */
const env = { LC_ALL: "C", PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" };

/** Runs a program of this machine. With `as`, libuv drops the groups of the caller too (setgroups, then gid, uid). */
export const runProgram: Run = ([program = "", ...args], { as, input = "" } = {}) =>
  new Promise<Ran>((resolve) => {
    const identity = as === undefined ? {} : { uid: as.uid, gid: as.gid };
    const child = spawn(program, args, {
      env,
      cwd: "/",
      timeout: longest,
      killSignal: "SIGKILL",
      ...identity,
    });
    const output = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const)
      child[stream].setEncoding("utf8").on("data", (text: string) => (output[stream] += text));
    // A program that does not read its input closes the pipe: what it did tells its exit code.
    child.stdin.on("error", () => {}).end(input);
    child.on("error", (error) =>
      resolve({ exitCode: null, stdout: "", stderr: `${program}: ${error.message}` }),
    );
    child.on("close", (exitCode, signal) => {
      const why = signal === null ? "" : `${program} was ended by ${signal} (limit ${longest / 1000} s)`;
      resolve({ exitCode, stdout: output.stdout, stderr: output.stderr + why });
    });
  });
