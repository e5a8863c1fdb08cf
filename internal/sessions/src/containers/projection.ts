import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/control-plane";
import type { Projection } from "@nc/session-db";
import type { HeldSession } from "../held/held-session.ts";
import { destinationsOf, type SessionFacts } from "../held/session-rows.ts";

/** Who the container of this incarnation is, where it answers, and where it may send to. */
export const projectionOf = async (
  db: Kysely<CentralTables>,
  { id, lease: { token } }: HeldSession,
  { group, routing }: SessionFacts,
  incarnation: number,
): Promise<Projection> => ({
  identity: { sessionId: id, groupId: group.id, groupName: group.name, incarnation, token },
  routing,
  destinations: await destinationsOf(db, group.id),
});
