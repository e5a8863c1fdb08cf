import type { ReceivedOutbound } from "../../messages.ts";
import type { Delivery } from "../../transport.ts";
import type { Connection } from "../files/connection.ts";

/** A message beyond the cursor, or a row that is none. */
export type Seen = {
  readonly id: string | null;
  readonly seq: number;
  readonly message: ReceivedOutbound | null;
};

/** How the host has ended with these so far, or begun. */
export const statusesOf = (db: Connection, ids: readonly string[]): ReadonlyMap<string, string> => {
  const statuses = new Map<string, string>();
  for (const id of ids) {
    const [row] = db.all<{ status: string }>("select status from delivered where message_out_id = ?", id);
    if (row !== undefined) statuses.set(id, row.status);
  }
  return statuses;
};

/** What is delivered or has failed stays so. */
export const writeDelivery = (db: Connection, { id, status, platformMessageId, at }: Delivery): void => {
  db.run(
    `insert into delivered (message_out_id, platform_message_id, status, delivered_at) values (?, ?, ?, ?)
      on conflict (message_out_id) do update set platform_message_id = excluded.platform_message_id,
        status = excluded.status, delivered_at = excluded.delivered_at where status = 'claimed'`,
    ...[id, platformMessageId, status, at],
  );
  if (status !== "claimed") db.run("delete from outbound_open where message_out_id = ?", id);
};

/** Keeps what has not ended, and moves the cursor past all of it. */
export const keepOpen = (db: Connection, window: readonly Seen[]): void => {
  const last = window.at(-1);
  if (last === undefined) return;
  for (const { id, seq, message } of window) {
    if (message === null) continue;
    db.run(
      `insert into outbound_open select ?, ?, ? where not exists
        (select 1 from delivered where message_out_id = ? and status <> 'claimed')
        on conflict (message_out_id) do nothing`,
      ...[id, seq, message.deliverAfter, id],
    );
  }
  db.run("update host set outbound_cursor = max(outbound_cursor, ?)", last.seq);
};
