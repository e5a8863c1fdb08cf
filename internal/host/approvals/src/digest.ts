import { createHash } from "node:crypto";
import type { AgentActor } from "@nc/cli-scope";

/** Everything that an approval is bound to. */
export type Bound = {
  /** Command and arguments as one text. */
  readonly canonical: string;
  /** The consequence that the person was shown, as JSON; null for a command without one. */
  readonly consequence: string | null;
  readonly actor: Pick<AgentActor, "groupId" | "sessionId">;
  readonly scope: string;
  readonly expiresAt: string;
};

/** SHA-256 in hex. It differs if the row, the actor or the scope has changed since the request. */
export const digestOf = ({ canonical, consequence, actor, scope, expiresAt }: Bound): string => {
  const bound = [canonical, actor.groupId, actor.sessionId, scope, expiresAt];
  return createHash("sha256")
    .update(JSON.stringify(consequence === null ? bound : [...bound, consequence]))
    .digest("hex");
};
