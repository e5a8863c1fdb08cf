import { renameSync, writeFileSync } from "node:fs";
import { systemCode } from "@gatehouse/std";
import { unfinished } from "../records/held-places.ts";
import type { HeldStatus } from "../records/held-state.ts";

/** What an agent is at, kept in its file. */
export type KeptStatus = {
  readonly now: () => HeldStatus;
  /**
   * Replaces the state. A question counts only for the state that it comes with. `ended` is final: a screen that is
   * read once more at the end must not take the exit code away.
   */
  readonly become: (next: Pick<HeldStatus, "state"> & Partial<HeldStatus>) => void;
};

/** Keeps the status in a file, and tells each new one. */
export const keepStatus = (
  file: string,
  first: HeldStatus,
  tell: (status: HeldStatus) => void,
): KeptStatus => {
  let now = first;
  return {
    now: () => now,
    become: (next) => {
      if (now.state === "ended") return;
      const since = next.state === now.state ? now.since : new Date().toISOString();
      const { id, v, team, member, provider, folder, pid } = now;
      now = { v, id, team, member, provider, folder, pid, ...next, since };
      writeStatus(file, now);
      tell(now);
    },
  };
};

/**
 * A reader finds the old text or the new one. Not synced: after a crash of the machine the agent is gone too. A
 * full disk loses the status, not the agent: those who are connected are told all the same.
 */
const writeStatus = (file: string, status: HeldStatus): void => {
  const beside = unfinished(file, status.id);
  try {
    writeFileSync(beside, JSON.stringify(status), { mode: 0o600 });
    renameSync(beside, file);
  } catch (error) {
    systemCode(error);
  }
};
