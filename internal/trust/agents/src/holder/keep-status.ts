import { renameSync, writeFileSync } from "node:fs";
import { systemCode } from "@gatehouse/std";
import { unfinished, type HeldNotice, type HeldStatus } from "@gatehouse/held-client/records";

/** The status of an agent, kept in its file. */
export type KeptStatus = {
  readonly now: () => HeldStatus;
  /**
   * Replaces the state. A question belongs only to the state that it comes with. `ended` is final: the screen
   * may be read once more after the end, and must not remove the exit code.
   */
  readonly become: (next: Pick<HeldStatus, "state"> & Partial<HeldStatus>) => void;
  /** Writes the first file, with a notice about the start. A quick agent may be past its start already. */
  readonly begin: (notice: HeldNotice | null) => void;
};

/** Keeps the status in a file, and passes each new one to `tell`. */
export const keepStatus = (
  file: string,
  first: HeldStatus,
  tell: (status: HeldStatus) => void,
): KeptStatus => {
  let now = first;
  const become: KeptStatus["become"] = (next) => {
    if (now.state === "ended") return;
    const since = next.state === now.state ? now.since : new Date().toISOString();
    const { id, v, team, member, provider, folder, pid } = now;
    now = { v, id, team, member, provider, folder, pid, ...next, since };
    writeStatus(file, now);
    tell(now);
  };
  return {
    now: () => now,
    become,
    begin: (notice) => become({ ...now, ...(notice === null ? {} : { notice }) }),
  };
};

/**
 * A reader finds the old text or the new one. Not synced: a crash of the machine ends the agent too. A full
 * disk loses the file's status, not the agent: connected clients still get the status.
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
