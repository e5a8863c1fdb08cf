import type { Destination } from "../../messages.ts";
import type { Projection, TransportResult } from "../../transport.ts";
import type { Connection } from "../files/connection.ts";

/** What the host gave the container, from its attached file. */
export const readProjection = (db: Connection): TransportResult<Projection> => {
  if (!hasTable(db, "identity")) return notProjected;
  const [identity] = db.all<Projection["identity"]>(
    `select session_id as sessionId, group_id as groupId, group_name as groupName, incarnation, token
      from inbound.identity`,
  );
  const [routing] = db.all<Projection["routing"]>(
    `select channel_type as channelType, platform_id as platformId, thread_id as threadId
      from inbound.session_routing`,
  );
  if (identity === undefined || routing === undefined) return notProjected;
  const destinations = db.all<Destination>(
    `select name, display_name as displayName, type, channel_type as channelType, platform_id as platformId,
      agent_group_id as agentGroupId from inbound.destinations order by name`,
  );
  return { ok: true, value: { identity, routing, destinations } };
};

const notProjected: TransportResult<never> = {
  ok: false,
  error: { code: "unreadable", message: "The host has not said who this container is." },
};

/** A file of an earlier version has fewer tables. */
export const hasTable = (db: Connection, table: string): boolean =>
  db.all("select 1 from inbound.sqlite_schema where type = 'table' and name = ?", table).length > 0;
