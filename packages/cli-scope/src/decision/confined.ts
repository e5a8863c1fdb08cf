import type { CommandHost, Reach } from "../dispatch/command-host.ts";
import type { Actor, AgentActor, Authorization, ScopeReach, Scopes } from "./actor.ts";
import { scopesOf } from "./policy.ts";

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

/** The reach of the context that a handler of this host receives for this caller. */
export const reachOf = (
  { actor, authorization }: { readonly actor: Actor; readonly authorization: Authorization | null },
  host: Pick<CommandHost<never>, "policy">,
): Reach => (isConfined(actor, authorization, scopesOf(host)) ? { groupId: actor.groupId } : "all");
