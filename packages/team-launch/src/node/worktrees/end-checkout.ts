import { setTimeout as pause } from "node:timers/promises";
import { endMarked, processesWith, signalProcess } from "@gatehouse/processes/records";

/** Environment variable of a git that makes a worktree, and of its children. Its value is the worktree's path. */
export const checkoutVariable = "GATEHOUSE_MAKES_WORKTREE";

/** Time in which git may undo its work after SIGTERM, ms. */
const graceMs = 5_000;
/** Interval between two checks, ms. */
const lookEvery = 20;

/**
 * Ends the git that is still making a worktree, and its hooks' processes: it keeps running when its launcher is killed,
 * and would finish a worktree that was already undone. On SIGTERM git 2.39 removes its unfinished worktree. Finds no
 * process on a system without /proc.
 */
export const endCheckout = async (path: string): Promise<void> => {
  for (const pid of processesWith(checkoutVariable, path)) signalProcess(pid, "SIGTERM");
  const until = performance.now() + graceMs;
  while (processesWith(checkoutVariable, path).length > 0 && performance.now() < until)
    await pause(lookEvery);
  await endMarked(checkoutVariable, path);
};
