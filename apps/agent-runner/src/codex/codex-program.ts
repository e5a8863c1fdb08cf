import { spawn } from "node:child_process";
import { installNewest } from "@gatehouse/provider-facts";
import { fail, ok, type Result } from "@gatehouse/std";
import { untrustedOverride } from "@trust/codex-overrides";
import { cliEnvironment, startLineCli, type CliStart, type LineProgram } from "../cli-program.ts";
import type { ServerState } from "../provider.ts";
import { codexHome, codexTemporary } from "./codex-files.ts";
import { permissionFrame, readFrame, refusalFrame, type CodexFrame } from "./frames.ts";

/** A running `codex app-server`. */
export type CodexProgram = LineProgram & {
  /** Calls a method. The error is a refusal, or the exit of Codex. */
  readonly call: (method: string, params: object) => Promise<Result<unknown, CallError>>;
  /** Replaces the listener of frames. With null, between two turns, every question is denied. */
  readonly listen: (listener: ((frame: CodexFrame) => void) | null) => void;
};

/** Why a call has no result, a sentence. */
export type CallError = { readonly message: string; readonly hasExited: boolean };

type CodexStart = Pick<CliStart, "command" | "cwd" | "env"> & {
  readonly onServer?: (state: ServerState) => void;
};

/** Starts Codex. A program that cannot be started has exited at once. */
export const startCodex = ({ onServer = () => {}, ...start }: CodexStart): CodexProgram => {
  let listener: ((frame: CodexFrame) => void) | null = null;
  let calls = 0;
  const waiting = new Map<number, (reply: Result<unknown, CallError>) => void>();
  const install = installNewest("codex");
  // The `codex` of npm is a script that starts the real program.
  const program = startLineCli({ ...start, name: "Codex", install, hasGroup: true }, (line) => {
    const frame = readFrame(line);
    if (frame.type === "reply") {
      waiting.get(frame.id)?.(frame.error === null ? ok(frame.result) : refused(frame.error));
      waiting.delete(frame.id);
    } else if (frame.type === "server") onServer(frame.state);
    else if (frame.type === "unknown-request") program.send(refusalFrame(frame.requestId));
    else if (listener !== null) listener(frame);
    else if (frame.type === "may-use-tool") program.send(permissionFrame(frame, false));
  });
  const ended = program.exited.then(({ message }) => fail({ message, hasExited: true } as const));
  return {
    ...program,
    listen: (next) => (listener = next),
    call: (method, params) => {
      const id = (calls += 1);
      const reply = new Promise<Result<unknown, CallError>>((resolve) => waiting.set(id, resolve));
      program.send({ id, method, params });
      return Promise.race([reply, ended]);
    },
  };
};

const refused = (message: string): Result<never, CallError> => fail({ message, hasExited: false });

/**
 * The argv of Codex. The trust is launch data: without it Codex writes trust for a repository into config.toml, and a
 * trusted project could bring settings and hooks (0.169.0). `cwd` is the real path.
 */
export const codexCommand = (cwd: string): readonly [string, ...string[]] => [
  "codex",
  ...["app-server", "-c", untrustedOverride([cwd])],
];

/** The argv that tries Codex's own sandbox with a command that does nothing. */
const sandboxCommand = (cwd: string): readonly [string, ...string[]] => [
  "codex",
  ...["sandbox", "-c", untrustedOverride([cwd]), "-c", 'sandbox_mode="workspace-write"', "--", "true"],
];

/** The environment of Codex, for the folder of its workload. */
export const codexEnvironment = (
  env: Readonly<Record<string, string | undefined>>,
  folder: string,
): Readonly<Record<string, string | undefined>> => ({
  ...cliEnvironment(env),
  CODEX_HOME: codexHome(folder),
  TMPDIR: codexTemporary(folder),
});

/** The sandbox that Codex puts around the agent's commands; without one, a command has all rights of its account. */
export type SandboxMode = "workspace-write" | "danger-full-access";

/** Time for the sandbox to run a command that does nothing, ms. It takes about 120 ms. */
const tryMs = 20_000;

/** Two sandboxes that start at once in one folder can make each other fail (bwrap: "Can't remount readonly"). */
const tries = 3;

/**
 * Tries Codex's sandbox on this machine. It needs user namespaces, which many containers do not allow; there every
 * command would fail, and none would be asked for (0.169.0).
 */
export const tryingSandbox = async (
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<SandboxMode> => {
  for (let count = 0; count < tries; count += 1) if (await worksOnce(cwd, env)) return "workspace-write";
  return "danger-full-access";
};

const worksOnce = (cwd: string, env: Readonly<Record<string, string | undefined>>): Promise<boolean> => {
  const [file, ...args] = sandboxCommand(cwd);
  const child = spawn(file, args, { cwd, env, stdio: "ignore", timeout: tryMs, killSignal: "SIGKILL" });
  return new Promise((resolve) => {
    child.once("error", () => resolve(false));
    child.once("exit", (code) => resolve(code === 0));
  });
};
