import type { Actor, AgentActor, Standing } from "./actor.ts";
import type { Reach } from "./dispatcher.ts";

/** Whether this caller is an agent that is kept to its own group: every agent whose scope is not `global`. */
export const isConfined = (actor: Actor, standing: Standing | null): actor is AgentActor =>
  actor.type === "agent" && standing?.scope !== "global";

/** How far the world may reach that a handler is given for this caller. */
export const reachOf = (actor: Actor, standing: Standing | null): Reach =>
  isConfined(actor, standing) ? { groupId: actor.groupId } : "all";
