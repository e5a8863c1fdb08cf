import { waitForLockGone } from "./cli-lock.ts";
import { signalGroup } from "./signal.ts";

/** How a program ended: its exit code, or the number of the signal that ended it. */
type Exit = { readonly exitCode: number; readonly signal?: number };

/** An agent that leads a process group; a terminal of `@trust/dialog-engine` is one. */
export type RunningAgent = {
  readonly pid: number;
  /** Signals every process of its group; SIGKILL by default. */
  kill(signal?: "SIGTERM"): void;
  onExit(listener: (exit: Exit) => void): unknown;
};

/**
 * The exit code that a shell reports: the program's own, or 128 plus the number of the signal that ended it.
 */
export const shellCode = ({ exitCode, signal }: Exit): number =>
  signal === undefined ? exitCode : 128 + signal;

/**
 * Timeout for the CLI's own lock, ms. A CLI that is killed while it writes its state leaves the lock behind,
 * and the next CLIs wait 15 s for it (2.1.328). The CLI holds the lock for some milliseconds.
 */
const lockMs = 5_000;
/** Time for a clean end after SIGTERM, before SIGKILL, ms. */
const graceMs = 2_000;
/**
 * A program's last output may arrive after its exit was reported (node-pty 1.1.0 on Linux): time to wait for
 * it, ms.
 */
export const lastOutputMs = 20;

/** Resolves with the agent's exit when it has ended. */
export const exitOf = (agent: RunningAgent): Promise<Exit> => new Promise((resolve) => agent.onExit(resolve));

/**
 * Ends a running agent and its process group: waits for the CLI's lock on `stateFile` (null if it has none),
 * then sends SIGTERM, then SIGKILL. Resolves when the agent has ended.
 */
export const endAgent = async (agent: RunningAgent, stateFile: string | null): Promise<Exit> => {
  const exit = exitOf(agent);
  if (stateFile !== null) await Promise.race([exit, waitForLockGone(stateFile, { timeoutMs: lockMs })]);
  agent.kill("SIGTERM");
  const timer = setTimeout(() => agent.kill(), graceMs);
  const ended = await exit;
  clearTimeout(timer);
  endGroup(agent.pid);
  return ended;
};

/** Kills the processes that an agent left behind in its group. */
export const endGroup = (group: number): void => signalGroup(group, "SIGKILL");
