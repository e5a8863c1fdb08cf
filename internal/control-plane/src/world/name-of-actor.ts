import type { Actor } from "@nc/cli-scope";

/** The actor as one word: `host`, `user:telegram:1`, `agent:<group>/<session>`. */
export const nameOfActor = (actor: Actor): string => {
  switch (actor.type) {
    case "host":
      return "host";
    case "user":
      return `user:${actor.userId}`;
    case "agent":
      return `agent:${actor.groupId}/${actor.sessionId}`;
  }
};
