import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join, resolve } from "node:path";
import process from "node:process";
import type * as NodePty from "node-pty";
import type { Terminal, TerminalExit } from "../ports.ts";
import type { Result } from "@gatehouse/std";

/** The program to start, as an argv. The environment is used as it is; sizes are in cells. */
export type PtyOptions = {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly columns?: number;
  readonly rows?: number;
};

/**
 * "pty-unavailable": no PTY library, or the system provides no PTY. "spawn-failed": the program did not
 * start.
 */
export type PtyError = { readonly code: "pty-unavailable" | "spawn-failed"; readonly message: string };

/**
 * Starts a program in a new PTY, as the leader of its own process group. Only this function loads node-pty,
 * so a machine without it gets a result and not a crash.
 */
export const openPty = async (options: PtyOptions): Promise<Result<Terminal, PtyError>> => {
  const library = await loadNodePty();
  if (!library.ok) return library;
  const { file, args, cwd, env, columns = 120, rows = 40 } = options;
  const problem = startProblem(options);
  if (problem !== null) return failed("spawn-failed", problem);
  try {
    const pty = library.value.spawn(file, [...args], {
      // node-pty 1.1.0 sets TERM to this name, regardless of the environment.
      name: env["TERM"] || "xterm-256color",
      cols: columns,
      rows,
      cwd,
      env: definedOnly(env),
    });
    return { ok: true, value: asTerminal(pty) };
  } catch (error) {
    return failed("spawn-failed", error);
  }
};

/**
 * Why this program cannot be started; null if it can. node-pty 1.1.0 forks first: a missing program or folder
 * then looks like a program that ended with exit code 1.
 */
const startProblem = ({ file, cwd, env }: PtyOptions): string | null => {
  if (process.platform === "win32") return null;
  if (!isThere(cwd, "folder")) return `${cwd} is no folder that can be entered`;
  const paths = file.includes("/") ? [cwd] : env["PATH"]?.split(delimiter);
  if (paths === undefined) return null; // the system's own PATH applies
  const places = paths.map((path) => (isAbsolute(file) ? file : join(resolve(cwd, path), file)));
  if (places.some((place) => isThere(place, "program"))) return null;
  return file.includes("/") ? `${file} is no program that can be started` : `no program "${file}" on PATH`;
};

const isThere = (path: string, what: "folder" | "program"): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isDirectory() === (what === "folder");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (!["ENOENT", "ENOTDIR", "EACCES", "ELOOP", "ENAMETOOLONG"].includes(code ?? "")) throw error;
    return false;
  }
};

/** Bun 1.4 ends node-pty's output after its first chunk, without an error. */
const underBun =
  "Bun loses the output of a program in a PTY (node-pty 1.1.0, Bun 1.4): start yours with Node or Deno.";

const loadNodePty = async (): Promise<Result<typeof NodePty, PtyError>> => {
  if ("Bun" in globalThis) return failed("pty-unavailable", underBun);
  try {
    return { ok: true, value: await import("node-pty") };
  } catch (error) {
    return failed("pty-unavailable", whyNotLoaded(error));
  }
};

/** Node names the alias under which the package is imported, and installing that one compiles it. */
export const whyNotLoaded = (error: unknown): unknown =>
  error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND"
    ? "The optional package @lydell/node-pty is not installed, or without its name here: npm install node-pty@npm:@lydell/node-pty"
    : error;

const failed = (code: PtyError["code"], error: unknown): Result<never, PtyError> => ({
  ok: false,
  error: { code, message: error instanceof Error ? error.message : String(error) },
});

const asTerminal = (pty: NodePty.IPty): Terminal => {
  let exit: TerminalExit | null = null;
  let pauses = 0;
  pty.onExit(({ exitCode, signal }) => {
    exit = signal ? { exitCode, signal } : { exitCode };
  });
  return {
    pid: pty.pid,
    write: (data) => {
      if (exit === null) pty.write(data);
    },
    resize: (columns, rows) => {
      if (exit === null) pty.resize(columns, rows);
    },
    kill: (signal = "SIGKILL") => {
      if (exit === null) killGroup(pty, signal);
    },
    onData: (listener) => {
      const subscription = pty.onData(listener);
      return () => subscription.dispose();
    },
    onExit: (listener) => {
      if (exit !== null) {
        const gone = exit;
        let isStopped = false;
        queueMicrotask(() => isStopped || listener(gone));
        return () => {
          isStopped = true;
        };
      }
      const subscription = pty.onExit(({ exitCode, signal }) =>
        listener(signal ? { exitCode, signal } : { exitCode }),
      );
      return () => subscription.dispose();
    },
    pause: () => {
      let isOver = false;
      pauses += 1;
      pty.pause();
      return () => {
        if (isOver) return;
        isOver = true;
        pauses -= 1;
        if (pauses === 0) pty.resume();
      };
    },
  };
};

/**
 * The child leads its own session, so its group contains the processes it started. It becomes the leader only
 * after `spawn` returns; until then there is no such group, and only the child is ended. Windows has no
 * groups: node-pty ends the process tree.
 */
const killGroup = (pty: NodePty.IPty, signal: NodeJS.Signals): void => {
  if (process.platform === "win32") return pty.kill();
  if (!sent(-pty.pid, signal)) sent(pty.pid, signal);
};

/** False if the process or group does not exist. */
const sent = (pid: number, signal: NodeJS.Signals): boolean => {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    return false;
  }
};

const definedOnly = (env: PtyOptions["env"]): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
