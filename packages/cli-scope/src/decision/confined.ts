import type { Actor, AgentActor, Authorization } from "./actor.ts";
import type { Reach } from "../dispatch/command-host.ts";

/** Whether this caller is an agent that is kept to its own group: every agent whose scope is not `global`. */
export const isConfined = (actor: Actor, authorization: Authorization | null): actor is AgentActor =>
  actor.type === "agent" && authorization?.scope !== "global";

/** How far the context may reach that a handler is given for this caller. */
export const reachOf = (actor: Actor, authorization: Authorization | null): Reach =>
  isConfined(actor, authorization) ? { groupId: actor.groupId } : "all";
