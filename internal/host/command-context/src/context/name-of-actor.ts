import type { Actor } from "@nc/cli-scope";

/**
 * The actor as one text: `host`, `user:telegram:1`, `agent:<group>/<session>`, or `host as agent:<group>` for
 * the operator's simulated agent.
 */
export const nameOfActor = (actor: Actor): string => {
  switch (actor.type) {
    case "host":
      return "host";
    case "user":
      return `user:${actor.userId}`;
    case "agent":
      return actor.simulatedBy === undefined
        ? `agent:${actor.groupId}/${actor.sessionId}`
        : `${actor.simulatedBy} as agent:${actor.groupId}`;
  }
};
