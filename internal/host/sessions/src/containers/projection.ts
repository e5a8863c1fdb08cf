import type { Kysely } from "kysely";
import { toolRulesOf } from "@gatehouse/approvals";
import type { CentralTables } from "@gatehouse/central-database";
import type { Projection } from "@gatehouse/session-rows/messages";
import type { LeasedSession } from "../leased/leased-session.ts";
import { destinationsOf, type SessionFacts } from "../leased/session-facts.ts";

/** The identity, routing, destinations and rules for tools of the container of this incarnation. */
export const projectionOf = async (
  db: Kysely<CentralTables>,
  { id, lease: { token } }: LeasedSession,
  { group, routing }: SessionFacts,
  incarnation: number,
): Promise<Projection> => ({
  identity: { sessionId: id, groupId: group.id, groupName: group.name, incarnation, token },
  routing,
  destinations: await destinationsOf(db, group.id),
  toolRules: await toolRulesOf(db, group.id),
});
