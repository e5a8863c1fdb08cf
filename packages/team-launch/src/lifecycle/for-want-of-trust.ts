import type { JournalEntry } from "./journal.ts";
import type { LaunchReport } from "./launch-run.ts";

/** A member in one of these has passed its gate: it is trusted, and its end has another reason. */
const passed: ReadonlySet<string> = new Set(["ready", "working"]);
const failed: ReadonlySet<string> = new Set(["ended", "lost", "blocked"]);

/**
 * Whether all members that failed did so for want of trust, and none of them was ready before. Members that are
 * ready do not count: a second attempt leaves them as they run.
 */
export const isForWantOfTrust = (
  { launch, members }: LaunchReport,
  entries: readonly JournalEntry[],
): boolean => {
  if (launch.state === "cancelled") return false;
  const wereReady = new Set(
    entries.flatMap((entry) => (entry.type === "member" && passed.has(entry.state) ? [entry.member] : [])),
  );
  // In a blocked launch those without a code were only not started.
  const faulty = members.filter(({ state, code }) => failed.has(state) && code !== undefined);
  return (
    faulty.length > 0 &&
    faulty.every(({ member, code }) => code === "workspace_trust_required" && !wereReady.has(member))
  );
};
