import { spawn } from "node:child_process";
import { sandboxCommand } from "./codex-command.ts";

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
