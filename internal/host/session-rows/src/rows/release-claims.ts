import { afterContainerEnded } from "./claim.ts";
import type { Acknowledgement, HostSide } from "../messages/transport.ts";
import { pending, type SessionTransaction } from "./session-transaction.ts";

type ReleaseOptions = Parameters<HostSide["release"]>[0];

/**
 * Releases the messages that an exited agent had in work: each is due later with one more try, or has failed.
 * Returns those that failed.
 */
export const releaseClaims = async (
  db: SessionTransaction,
  sessionId: string,
  { now, maxTries, backoffMs, isInterrupted = false }: ReleaseOptions,
): Promise<readonly Acknowledgement[]> => {
  const unclaimed = { claimed_at: null, claimed_by: null };
  const claimed = await db
    .selectFrom("session_messages_in")
    .select(["id", "tries"])
    .where("session_id", "=", sessionId)
    .where("status", "=", pending)
    .where("claimed_at", "is not", null)
    .orderBy("seq")
    .execute();
  const failed: Acknowledgement[] = [];
  for (const { id, tries } of claimed) {
    const after = afterContainerEnded(tries, maxTries, backoffMs);
    const update = db
      .updateTable("session_messages_in")
      .where("session_id", "=", sessionId)
      .where("id", "=", id);
    // The interrupted agent has seen this note of the first poll. From now on any poll of the next
    // incarnation returns it.
    if (isInterrupted) await update.set({ ...unclaimed, on_wake: 0 }).execute();
    else if (after.status === "pending") {
      const due = new Date(Date.parse(now) + after.waitMs).toISOString();
      await update.set({ ...unclaimed, on_wake: 0, tries: after.tries, process_after: due }).execute();
    } else {
      const { tries: most, reason } = after;
      await update.set({ ...unclaimed, status: "failed", tries: most, reason, told: 0 }).execute();
      failed.push({ id, status: "failed", reason });
    }
  }
  return failed;
};
