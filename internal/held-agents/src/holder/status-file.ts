import { renameSync, writeFileSync } from "node:fs";
import { systemCode } from "@gatehouse/std";
import type { HeldStatus } from "../records/held-state.ts";

/**
 * Replaces the file with what the agent is at: a reader finds the old text or the new one. Not synced: after a
 * crash of the machine the agent is gone too. A full disk loses the status, not the agent.
 */
export const writeStatus = (file: string, status: HeldStatus): string | null => {
  const beside = `${file}.${status.id}.new`;
  try {
    writeFileSync(beside, JSON.stringify(status), { mode: 0o600 });
    renameSync(beside, file);
    return null;
  } catch (error) {
    return systemCode(error);
  }
};
