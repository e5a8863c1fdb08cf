import type { Terminal, TerminalExit } from "@trust/dialog-engine";
import { waitForLockGone } from "@trust/claude-state-probe/node";

/** A process ended while it writes its state leaves a lock that blocks the next ones for 15 s (2.1.328); it holds it some ms. */
const lockMs = 5_000;
/** Time for a clean end after SIGTERM, before SIGKILL; milliseconds. */
const graceMs = 2_000;

/** How a terminal's program ended, once it has. */
export const exitOf = (terminal: Terminal): Promise<TerminalExit> =>
  new Promise((resolve) => terminal.onExit(resolve));

/**
 * Ends an agent and everything in its process group: when the CLI's own lock on its state file is gone, politely, and
 * then for certain. Returns when it is gone.
 */
export const endAgent = async (terminal: Terminal, stateFile: string): Promise<TerminalExit> => {
  const exit = exitOf(terminal);
  await Promise.race([exit, waitForLockGone(stateFile, { timeoutMs: lockMs })]);
  terminal.kill("SIGTERM");
  const timer = setTimeout(() => terminal.kill(), graceMs);
  const ended = await exit;
  clearTimeout(timer);
  killRest(terminal.pid);
  return ended;
};

/** What the agent started and left behind is still in its group. Windows has no groups. */
const killRest = (group: number): void => {
  if (process.platform === "win32") return;
  try {
    process.kill(-group, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
};
