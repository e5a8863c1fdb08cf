import type { Connection } from "../files/connection.ts";
import { hasTable } from "./read-projection.ts";

/** Acknowledgements that are kept all the same: a host that lost its file may give those messages once more. */
const keptAcks = 10_000;

/**
 * Deletes what the host has read and is done with: messages behind its cursor, unless they are still to be
 * delivered, and old acknowledgements of messages that have ended in its own rows too. All else stays.
 */
export const forgetHistory = (db: Connection): void => {
  if (!hasTable(db, "host") || !hasTable(db, "outbound_open")) return;
  db.run(
    `delete from main.messages_out where seq <= (select outbound_cursor from inbound.host)
      and id not in (select message_out_id from inbound.outbound_open)`,
  );
  db.run(
    `delete from main.processing_ack where status <> 'processing'
      and change <= (select ack_cursor from inbound.host)
      and change <= (select max(change) from main.processing_ack) - ?
      and not exists (select 1 from inbound.messages_in m where m.id = message_id and m.status = 'pending')`,
    keptAcks,
  );
};
