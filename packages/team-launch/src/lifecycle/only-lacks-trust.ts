import type { JournalEntry } from "./journal.ts";
import type { LaunchReport } from "./launch-run.ts";

/** A member in one of these states has passed its gate, so it is trusted: its end has another reason. */
const passed: ReadonlySet<string> = new Set(["ready", "working"]);
const failed: ReadonlySet<string> = new Set(["ended", "lost", "blocked"]);

/**
 * True if every failed member failed because trust was missing, and none of them was ready before. Ready members do not
 * count: a second attempt keeps them running.
 */
export const onlyLacksTrust = (
  { launch, members }: LaunchReport,
  entries: readonly JournalEntry[],
): boolean => {
  if (launch.state === "cancelled") return false;
  const wereReady = new Set(
    entries.flatMap((entry) => (entry.type === "member" && passed.has(entry.state) ? [entry.member] : [])),
  );
  // In a blocked launch a member without a code has no failure of its own.
  const faulty = members.filter(({ state, code }) => failed.has(state) && code !== undefined);
  return (
    faulty.length > 0 &&
    faulty.every(({ member, code }) => code === "workspace_trust_required" && !wereReady.has(member))
  );
};
