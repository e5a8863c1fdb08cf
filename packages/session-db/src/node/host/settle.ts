import type { Ack } from "../../decisions/decode-outbound.ts";
import type { Acknowledgement, SessionState } from "../../transport.ts";
import type { Connection } from "../files/connection.ts";

/** A message that ended, and how often it was tried before. */
export type Ended = SessionState["ended"][number];

/**
 * Takes acknowledgements into the host's rows. A message that has ended stays as it ended. Gives those that
 * ended by this.
 */
export const settle = (db: Connection, acks: readonly Ack[], upTo: number, now: string): readonly Ended[] => {
  const ended: Ended[] = [];
  for (const { id, status, reason, since, incarnation } of acks) {
    if (status === "processing") {
      db.run(
        `insert into claims select id, ?, ? from messages_in where id = ? and status = 'pending'
          on conflict (message_id) do update set since = excluded.since, incarnation = excluded.incarnation`,
        since ?? now,
        incarnation,
        id,
      );
      continue;
    }
    const [row] = db.all<{ tries: number }>(
      "update messages_in set status = ?, reason = ?, told = ? where id = ? and status = 'pending' returning tries",
      ...[status, reason, status === "failed" ? 0 : 1, id],
    );
    db.run("delete from claims where message_id = ?", id);
    if (row !== undefined) ended.push({ id, status, reason, tries: row.tries });
  }
  db.run("update host set ack_cursor = max(ack_cursor, ?)", upTo);
  return ended;
};

/** Failed messages that the host has not heard of: it ended before it could. */
export const untold = (db: Connection): readonly Ended[] =>
  db.all<Ended>(
    "select id, status, reason, tries from messages_in where told = 0 order by seq",
  ) satisfies readonly Acknowledgement[];

export const markTold = (db: Connection, ids: readonly string[]): void => {
  for (const id of ids) db.run("update messages_in set told = 1 where id = ?", id);
};
