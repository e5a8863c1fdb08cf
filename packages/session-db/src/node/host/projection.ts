import type { Projection } from "../../transport.ts";
import type { Connection } from "../files/connection.ts";

/** Replaces who the container is, where it answers, and where it may send to. */
export const writeProjection = (db: Connection, projection: Projection, heartbeat: string | null): void => {
  const { identity, routing, destinations } = projection;
  // A heartbeat of an earlier container is none of this one.
  db.run(
    `insert into identity values (1, ?, ?, ?, ?, ?, ?) on conflict (id) do update set
      session_id = excluded.session_id, group_id = excluded.group_id, group_name = excluded.group_name,
      heartbeat_before = iif(incarnation = excluded.incarnation, heartbeat_before, excluded.heartbeat_before),
      incarnation = excluded.incarnation, token = excluded.token`,
    identity.sessionId,
    identity.groupId,
    identity.groupName,
    identity.incarnation,
    identity.token,
    heartbeat,
  );
  db.run(
    "insert or replace into session_routing (id, channel_type, platform_id, thread_id) values (1, ?, ?, ?)",
    routing.channelType,
    routing.platformId,
    routing.threadId,
  );
  db.run("delete from destinations");
  for (const { name, displayName, type, channelType, platformId, agentGroupId } of destinations)
    db.run(
      `insert into destinations (name, display_name, type, channel_type, platform_id, agent_group_id)
        values (?, ?, ?, ?, ?, ?)`,
      ...[name, displayName, type, channelType, platformId, agentGroupId],
    );
};
