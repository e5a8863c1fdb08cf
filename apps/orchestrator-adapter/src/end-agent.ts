import process from "node:process";
import type { Terminal, TerminalExit } from "@trust/dialog-engine";

/** Time for a clean end after SIGTERM, before SIGKILL; milliseconds. */
const graceMs = 2_000;

/** How a terminal's program ended, once it has. */
export const exitOf = (terminal: Terminal): Promise<TerminalExit> =>
  new Promise((resolve) => terminal.onExit(resolve));

/** Ends an agent once `mayEnd` allows it, politely and then for certain. Returns when it is gone, with its group. */
export const endAgent = async (terminal: Terminal, mayEnd: Promise<unknown>): Promise<TerminalExit> => {
  const exit = exitOf(terminal);
  await Promise.race([exit, mayEnd]);
  terminal.kill("SIGTERM");
  const timer = setTimeout(() => terminal.kill(), graceMs);
  const ended = await exit;
  clearTimeout(timer);
  endGroup(terminal.pid);
  return ended;
};

/** Ends what an agent started and left behind: it is still in its group. Windows has no groups. */
export const endGroup = (group: number): void => {
  if (process.platform === "win32") return;
  try {
    process.kill(-group, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
};
