import { toolRulesOf } from "@gatehouse/approvals";
import { project } from "@gatehouse/session-rows";
import type { TransportResult } from "@gatehouse/session-rows/messages";
import type { LoopContext } from "../context.ts";
import type { LeasedSession } from "../leased/leased-session.ts";
import { destinationsOf, type SessionFacts } from "../leased/session-facts.ts";

/** Writes the identity, routing, destinations and rules for tools of the container of this incarnation into its session. */
export const projectTo = async (
  { central: { loop: db } }: Pick<LoopContext, "central">,
  { id, lease: { token }, side }: LeasedSession,
  { group, routing }: SessionFacts,
  incarnation: number,
): Promise<TransportResult<void>> =>
  side.transact(
    project({
      identity: { sessionId: id, groupId: group.id, groupName: group.name, incarnation, token },
      routing,
      destinations: await destinationsOf(db, group.id),
      toolRules: await toolRulesOf(db, group.id),
    }),
  );
