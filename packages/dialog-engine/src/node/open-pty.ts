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

/** "pty-unavailable": no PTY library, or the system provides no PTY. "spawn-failed": the program did not start. */
export type PtyError = { readonly code: "pty-unavailable" | "spawn-failed"; readonly message: string };

/**
 * Starts a program in a new PTY, as the leader of its own process group. Only this function loads node-pty, so a
 * machine without it gets a result and not a crash.
 */
export const openPty = async (options: PtyOptions): Promise<Result<Terminal, PtyError>> => {
  const library = await loadNodePty();
  if (!library.ok) return library;
  const { file, args, cwd, env, columns = 120, rows = 40 } = options;
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

const loadNodePty = async (): Promise<Result<typeof NodePty, PtyError>> => {
  try {
    return { ok: true, value: await import("node-pty") };
  } catch (error) {
    return failed("pty-unavailable", error);
  }
};

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
 * The child leads its own session, so its group contains the processes it started. It becomes the leader only after
 * `spawn` returns; until then there is no such group, and only the child is ended. Windows has no groups: node-pty
 * ends the process tree.
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
