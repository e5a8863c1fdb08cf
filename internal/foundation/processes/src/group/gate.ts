import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Writable } from "node:stream";
import { asAccount, bareEnv, shell } from "./run-as.ts";

/**
 * A shell that changes to the folder in its first argument, waits for its environment on stdin, then becomes
 * the program. If stdin closes before the last line, the shell ends, so a host that is killed before it has
 * recorded the process leaves no process behind.
 *
 * `=NAME=value` is a variable, `+text` is its next line, and `.` starts the program, which gets the rest of
 * stdin. No value is ever read as code. Variables that the shell and sudo have set are removed first.
 */
const script = `
cd -- "$1" || exit 1
shift
unset PATH PWD OLDPWD SHLVL SUDO_COMMAND SUDO_USER SUDO_UID SUDO_GID SUDO_HOME SUDO_TTY SUDO_PS1 MAIL TERM LC_ALL
__gate_newline='
'
__gate_variable=
while IFS= read -r __gate_line; do
  case $__gate_line in
    =*)
      [ -z "$__gate_variable" ] || export "$__gate_variable"
      __gate_variable=\${__gate_line#=} ;;
    +*)
      __gate_variable=$__gate_variable$__gate_newline\${__gate_line#+} ;;
    .)
      [ -z "$__gate_variable" ] || export "$__gate_variable"
      unset __gate_newline __gate_variable __gate_line
      exec "$@" ;;
  esac
done
`;

export type ChildExit = { readonly code: number | null; readonly signal: string | null };

/** A process that waits to become the program. */
export type Gate = {
  readonly pid: number;
  /** Resolves when the process has ended, before or after `open`. */
  readonly exited: Promise<ChildExit>;
  /** True while its pid cannot be reused, because this process has not reaped it yet. */
  readonly isThere: () => boolean;
  /** Allows this process to exit while the gate runs. */
  readonly unref: () => void;
  /** Starts the program, with exactly these variables, and this text on its stdin. */
  readonly open: (env: Readonly<Record<string, string>>, input: string) => void;
  /** Ends the gate without starting the program. Resolves when it has ended. */
  readonly close: () => Promise<void>;
};

type Waiting = {
  readonly command: readonly [string, ...string[]];
  readonly folder: string;
  /** File descriptor for stdout and stderr. */
  readonly output: number;
  readonly account: string | null;
  /** Folder of the cgroup that it enters, with all its children; null for none. */
  readonly cgroup: string | null;
};

/**
 * Enters a cgroup as this account, which may write there, then becomes the next command. A process that may not
 * enter runs without.
 */
const enterScript = '{ echo 0 >"$1/cgroup.procs"; } 2>/dev/null; shift; exec "$@"';

/**
 * Starts a gate as the leader of its own session and process group. Returns the error's code if it cannot.
 */
export const startGate = async ({
  command,
  folder,
  output,
  account,
  cgroup,
}: Waiting): Promise<Gate | string> => {
  const own = [shell, "-c", script, "gate", folder, ...command] as const;
  const gate = account === null ? own : asAccount(account, own);
  const [program, ...args] =
    cgroup === null ? gate : ([shell, "-c", enterScript, "enter", cgroup, ...gate] as const);
  const child = spawn(program, args, {
    // Only the account itself may enter a folder in its HOME.
    cwd: "/",
    env: bareEnv,
    detached: true,
    stdio: ["pipe", output, output],
  });
  if (child.pid === undefined) {
    const [error] = (await once(child, "error")) as [NodeJS.ErrnoException];
    return error.code ?? error.message;
  }
  const { stdin } = child as ChildProcess & { readonly stdin: Writable };
  // A killed gate closes the pipe; its exit reports that.
  stdin.on("error", () => undefined);
  const exited = new Promise<ChildExit>((resolve) =>
    child.once("exit", (code, signal) => resolve({ code, signal })),
  );
  return {
    pid: child.pid,
    exited,
    isThere: () => child.exitCode === null && child.signalCode === null,
    unref: () => child.unref(),
    open: (env, input) => void stdin.end(linesOf(env) + input),
    close: async () => {
      stdin.destroy();
      await exited;
    },
  };
};

const linesOf = (env: Readonly<Record<string, string>>): string => {
  const variables = Object.entries(env).map(([name, value]) => `=${name}=${value.replaceAll("\n", "\n+")}\n`);
  return `${variables.join("")}.\n`;
};
