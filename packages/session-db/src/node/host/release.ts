import { afterContainerEnded } from "../../decisions/claim.ts";
import type { Acknowledgement, HostEnd } from "../../transport.ts";
import type { Connection } from "../files/connection.ts";

type ReleaseOptions = Parameters<HostEnd["release"]>[0];

/** What the ended container left in work is due again later, or has failed. Gives those that failed. */
export const releaseClaims = (
  db: Connection,
  { now, maxTries, backoffMs, isInterrupted = false }: ReleaseOptions,
): readonly Acknowledgement[] => {
  if (isInterrupted) {
    interrupt(db);
    return [];
  }
  const claimed = db.all<{ id: string; tries: number }>(
    `select m.id, m.tries from claims c cross join messages_in m on m.id = c.message_id
      where m.status = 'pending' order by m.seq`,
  );
  const failed: Acknowledgement[] = [];
  for (const { id, tries } of claimed) {
    const after = afterContainerEnded(tries, maxTries, backoffMs);
    if (after.status === "pending") {
      const due = new Date(Date.parse(now) + after.waitMs).toISOString();
      // A note for the first poll was seen. From now on any poll of the next container may have it.
      db.run(
        "update messages_in set tries = ?, process_after = ?, on_wake = 0 where id = ?",
        ...[after.tries, due, id],
      );
      continue;
    }
    db.run(
      "update messages_in set status = 'failed', tries = ?, reason = ?, told = 0 where id = ?",
      ...[after.tries, after.reason, id],
    );
    failed.push({ id, status: "failed", reason: after.reason });
  }
  db.run("delete from claims");
  return failed;
};

const interrupt = (db: Connection): void => {
  db.run(
    "update messages_in set on_wake = 0 where status = 'pending' and id in (select message_id from claims)",
  );
  db.run("delete from claims");
};
