import { afterContainerEnded } from "../../decisions/claim.ts";
import type { Acknowledgement, HostEnd } from "../../transport.ts";
import { pending, type SessionTransaction } from "./session-transaction.ts";

type ReleaseOptions = Parameters<HostEnd["release"]>[0];

/** Makes due again what an ended agent left in work, later and with one more try, or failed. Returns the failed. */
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
    // A note for the first poll was seen. From now on any poll of the next incarnation may have it.
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
