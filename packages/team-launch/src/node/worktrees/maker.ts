import { setTimeout as pause } from "node:timers/promises";
import { endMarked, processesWith, signalProcess } from "@gatehouse/processes/records";

/** The variable that a git has while it makes a worktree, and what it starts: the worktree's path. */
export const makerMark = "GATEHOUSE_MAKES_WORKTREE";

/** Time in which git takes back what it began, once it was told to end, ms. */
const graceMs = 5_000;
/** Milliseconds between two looks. */
const lookEvery = 20;

/**
 * Ends the git that still makes a worktree, and what its hooks started: it lives on when its launcher is killed, and
 * would finish a worktree that was taken back. At SIGTERM git 2.39 removes what it has made of it. Where there is no
 * /proc none is found.
 */
export const endMaker = async (path: string): Promise<void> => {
  for (const pid of processesWith(makerMark, path)) signalProcess(pid, "SIGTERM");
  const until = performance.now() + graceMs;
  while (processesWith(makerMark, path).length > 0 && performance.now() < until) await pause(lookEvery);
  await endMarked(makerMark, path);
};
