import type { Reach } from "../dispatch/command-host.ts";
import type { Actor, AgentActor, Authorization, ScopeReach, Scopes } from "./actor.ts";

/**
 * The reach of this caller; null if it is not an agent. An agent whose scope is not in `scopes` reaches its
 * own group.
 */
export const scopeReach = (
  actor: Actor,
  authorization: Authorization | null,
  scopes: Scopes,
): ScopeReach | null => {
  if (actor.type !== "agent") return null;
  if (authorization === null) return "nothing";
  return Object.hasOwn(scopes, authorization.scope) ? (scopes[authorization.scope] ?? "group") : "group";
};

/**
 * True if this caller is an agent limited to its own group: every agent whose scope does not reach
 * everything.
 */
export const isConfined = (
  actor: Actor,
  authorization: Authorization | null,
  scopes: Scopes,
): actor is AgentActor => actor.type === "agent" && scopeReach(actor, authorization, scopes) !== "everything";

/** The reach of the context that a handler receives for this caller. */
export const reachOf = (actor: Actor, authorization: Authorization | null, scopes: Scopes): Reach =>
  isConfined(actor, authorization, scopes) ? { groupId: actor.groupId } : "all";
