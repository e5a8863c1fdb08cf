import type { Kysely } from "kysely";
import type { ApprovalRow, CentralTables } from "@gatehouse/central-database";
import { harmless } from "./approval-row.ts";

/**
 * The chats in which approvals were asked, by their sessions, by one query: `Family`, `the direct chat of Ana`,
 * `telegram:-100`. A session of several chats has none.
 */
export const chatsOf = async (
  db: Kysely<CentralTables>,
  approvals: readonly Pick<ApprovalRow, "session_id">[],
): Promise<ReadonlyMap<string, string>> => {
  const ids = [...new Set(approvals.flatMap(({ session_id: id }) => id ?? []))];
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom("sessions")
    .innerJoin("messaging_groups", "messaging_groups.id", "sessions.messaging_group_id")
    .leftJoin("users", "users.id", "messaging_groups.user_id")
    .select(["sessions.id", "messaging_groups.name", "channel_type", "platform_id"])
    .select(["messaging_groups.user_id as person", "users.display_name as personName"])
    .where("sessions.id", "in", ids)
    .execute();
  return new Map(
    rows.map(({ id, name, channel_type: channel, platform_id: platformId, person, personName }) => {
      const direct = person === null ? null : `the direct chat of ${personName ?? person}`;
      const place = platformId.startsWith(`${channel}:`) ? platformId : `${channel} ${platformId}`;
      return [id, harmless(name ?? direct ?? place)];
    }),
  );
};
