import { spawn, type ChildProcess } from "node:child_process";
import process from "node:process";
import type { Ran, Run } from "../../ports.ts";
import { systemCode, visible } from "@gatehouse/std";

/** Limits for one program. */
export type RunLimits = {
  /** Maximum milliseconds until all its processes have closed their output. */
  readonly longest: number;
  /**
   * Maximum bytes kept of stdout and of stderr each: the owner of a file that is read may make it endless.
   */
  readonly mostBytes: number;
};

/** The directories of the system's programs. The caller's PATH and locale are not passed on. */
const env = { LC_ALL: "C", PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" };

/**
 * Runs programs of this machine. With `as`, libuv drops the groups of the caller too (setgroups, then gid,
 * uid).
 */
export const runWithin =
  ({ longest, mostBytes }: RunLimits): Run =>
  ([program = "", ...args], { as, input = "" } = {}) =>
    new Promise<Ran>((resolve) => {
      const identity = as === undefined ? {} : { uid: as.uid, gid: as.gid };
      // Its own session (setsid): all its processes end with it, because killing sudo alone leaves sudo's
      // command running. And a person's process gets no terminal of root's to type into (TIOCSTI).
      const child = spawn(program, args, { env, cwd: "/", detached: true, ...identity });
      const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
      const said = (name: "stdout" | "stderr"): string => Buffer.concat(output[name]).toString("utf8");
      const settle = (ran: Ran): void => {
        clearTimeout(timer);
        resolve(ran);
      };
      const end = (why: string): void => {
        endGroup(child);
        // A process that left the group may hold the pipes for ever.
        for (const stream of child.stdio) stream?.destroy();
        child.unref();
        settle({
          exitCode: null,
          stdout: said("stdout"),
          stderr: `${program} was ended: ${why}. ${said("stderr")}`,
        });
      };
      const timer = setTimeout(() => end(`it took longer than ${longest / 1000} s`), longest);
      for (const name of ["stdout", "stderr"] as const) {
        let room = mostBytes;
        child[name].on("data", (bytes: Buffer) => {
          if (bytes.length > room) return end(`it wrote more than ${mostBytes} bytes`);
          room -= bytes.length;
          output[name].push(bytes);
        });
      }
      // A program that does not read its input closes the pipe. Its exit code shows the result.
      child.stdin.on("error", () => {}).end(input);
      child.on("error", (error) =>
        settle({ exitCode: null, stdout: "", stderr: `${program}: ${error.message}` }),
      );
      child.on("close", (exitCode, signal) => {
        const why = signal === null ? "" : `${program} was ended by ${signal}`;
        settle({ exitCode, stdout: said("stdout"), stderr: said("stderr") + why });
      });
    });

/** Once the program itself has ended, its number may belong to another group. */
const endGroup = ({ pid, exitCode, signalCode }: ChildProcess): void => {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    // Without root, a program of another account (sudo) cannot be ended here.
    if (systemCode(error) !== "EPERM") throw error;
  }
};

/**
 * Limits for all programs. A directory service that is down takes long to answer, the list of 2,000 accounts
 * has about 200 KB, and sudo with a broken PAM never ends.
 */
export const runProgram: Run = runWithin({ longest: 30_000, mostBytes: 16 * 1024 * 1024 });

/** The output of a failed program, shortened. It may contain text from a hostile file. */
export const outputOf = ({ stdout, stderr, exitCode }: Ran): string =>
  visible((stderr.trim() || stdout.trim() || `exit code ${exitCode}`).slice(0, 500).replaceAll("\n", " "));
