import { realpathSync } from "node:fs";
import { type Result, systemCode } from "@gatehouse/std";

/**
 * Looks at the folders are synchronous: each takes 2 µs, through the thread pool 20 to 40, which at ten looks is more than
 * reading a small state file. Claude Code looks the same way when it starts.
 */
export const realPathOf = (path: string): Result<string, string> => {
  try {
    return { ok: true, value: realpathSync.native(path) };
  } catch (error) {
    return { ok: false, error: systemCode(error) };
  }
};
