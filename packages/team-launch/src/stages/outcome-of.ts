import { codes, type Code } from "@trust/preflight";
import type { Outcome } from "../outcome.ts";
export const outcomeOf = (code: Code): Outcome => {
  const { status, exit } = codes[code];
  if (exit === 0) return "ok";
  return status === "blocked" || code === "trust-wider-than-planned"
    ? "blocked"
    : status === "cancelled"
      ? "cancelled"
      : "soft_failed";
};
