import process from "node:process";
import { systemCode } from "@gatehouse/std";
import { runAs } from "./account.ts";
import { shell } from "./gate.ts";

/** The shell that sudo allows has `kill` built in, so its rule needs no second program. */
const killScript = 'kill -s "$1" -- "-$2"';

/** A process group, and the account of its processes; null for the host's own. */
export type Group = { readonly id: number; readonly account: string | null };

/** Signals every process of a group, as its own account. Resolves with why it could not; null if it could. */
export const signalGroup = async (
  { id, account }: Group,
  signal: "TERM" | "KILL",
): Promise<string | null> => {
  if (account !== null) return runAs(account, [shell, "-c", killScript, "kill", signal, String(id)]);
  try {
    process.kill(-id, `SIG${signal}`);
    return null;
  } catch (error) {
    return systemCode(error);
  }
};
